//! A load of HTTP requests at a fixed rate, and what became of each of them.
//!
//! The rate is held whatever the servers do: a request is due at its time, and its latency counts from then. A driver
//! that waits for answers before it asks again would hide every pause (the *coordinated omission* of latency tests).

mod connection;
mod report;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::HeaderMap;
use hyper::Request;
use hyper::body::Bytes;
use tokio::task::JoinSet;

use connection::{Broken, Over, Pool};
use report::Tally;
pub use report::{Failure, Latency, Report};

/// What is asked for, of whom, how often.
#[derive(Clone, Debug)]
pub struct Load {
    /// The servers, in turns.
    pub targets: Vec<SocketAddr>,
    /// Requests per second, all targets together.
    pub rate: u32,
    /// Percent of the requests that reuse a connection; the others open one of their own.
    pub kept: u8,
    /// A request without its whole answer by then has failed.
    pub limit: Duration,
    /// Ends by itself after so long; else when it is told to.
    pub lasts: Option<Duration>,
}

/// The whole answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Who was asked.
    pub target: SocketAddr,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// When the request was sent.
    pub sent: Instant,
    /// When the last byte of the answer was there.
    pub came: Instant,
}

/// Writes the request of this number, from 0. It must be one that may be sent twice.
pub type Ask = dyn Fn(u64) -> Request<Full<Bytes>> + Send + Sync;
/// Who answered, by its own words; or what is wrong with the answer.
pub type Judge = dyn Fn(&Answer) -> Result<String, String> + Send + Sync;

/// Between a connection that broke and the next try, where there is one.
const PAUSE: Duration = Duration::from_millis(20);

/// A load under way.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    driver: tokio::task::JoinHandle<()>,
    began: Instant,
}

impl Load {
    /// Begins; `judge` sees each answer as it comes, so it can also note what the answers say.
    pub fn start(self, ask: Arc<Ask>, judge: Arc<Judge>) -> Running {
        self.begin(None, ask, judge)
    }

    /// Begins, with clients that give up what is not answered after `patience` and ask again, over a new connection,
    /// until the limit. Such a request counts as sent again.
    pub fn start_asking_again(self, patience: Duration, ask: Arc<Ask>, judge: Arc<Judge>) -> Running {
        self.begin(Some(patience), ask, judge)
    }

    fn begin(self, patience: Option<Duration>, ask: Arc<Ask>, judge: Arc<Judge>) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let tally = Arc::new(Mutex::new(Tally::default()));
        let began = Instant::now();
        let client = Client { patience, ask, judge };
        let driver = tokio::spawn(drive(self, client, Arc::clone(&stop), Arc::clone(&tally), began));
        Running { stop, tally, driver, began }
    }
}

impl Running {
    /// What became of the requests so far.
    pub fn so_far(&self) -> Report {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).report(self.began.elapsed())
    }

    /// Sends no more, and waits for the answers that are outstanding.
    pub async fn stop(self) -> Report {
        self.stop.store(true, Ordering::Relaxed);
        self.end().await
    }

    /// Waits until the time is over, and for the answers that are outstanding.
    pub async fn end(self) -> Report {
        let Self { tally, driver, began, .. } = self;
        // A driver that panicked has lost requests: its tally, which counts them as sent, tells.
        let _ = driver.await;
        let took = began.elapsed();
        tally.lock().unwrap_or_else(PoisonError::into_inner).report(took)
    }
}

/// What each request is made by.
#[derive(Clone)]
struct Client {
    /// A try without its answer by then is given up for another.
    patience: Option<Duration>,
    ask: Arc<Ask>,
    judge: Arc<Judge>,
}

async fn drive(load: Load, client: Client, stop: Arc<AtomicBool>, tally: Arc<Mutex<Tally>>, began: Instant) {
    let rate = load.rate.max(1);
    let pools: Vec<_> = load.targets.iter().map(|target| Arc::new(Pool::new(*target))).collect();
    if pools.is_empty() {
        return;
    }
    let mut under_way = JoinSet::new();
    // No more than what the rate makes of the limit: more are outstanding only where this machine is too slow.
    let most = (u64::from(rate) * u64::try_from(load.limit.as_millis()).unwrap_or(u64::MAX) / 1000) * 2 + 64;
    for number in 0.. {
        let due = began + Duration::from_nanos(number * 1_000_000_000 / u64::from(rate));
        if load.lasts.is_some_and(|lasts| due - began >= lasts) {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        while under_way.try_join_next().is_some() {}
        let turn = usize::try_from(number).unwrap_or(0);
        let pool = Arc::clone(&pools[turn % pools.len()]);
        locked(&tally).sent += 1;
        if under_way.len() as u64 >= most {
            locked(&tally).failed(Failure {
                after: due - began,
                target: pool.target,
                from: None,
                why: "too many requests are outstanding".into(),
            });
            continue;
        }
        // Spread evenly over the targets' turns, not in blocks of a hundred.
        let kept = (number / pools.len() as u64) * u64::from(load.kept) % 100 + u64::from(load.kept) >= 100;
        let (client, tally) = (client.clone(), Arc::clone(&tally));
        under_way.spawn(async move {
            let until = due + load.limit;
            let over = Over::default();
            let exchange = client.exchange(&pool, kept, number, &over);
            let outcome = tokio::time::timeout_at(until.into(), exchange).await;
            let (after, from) = (due - began, over.get());
            let failed = |why: String| {
                locked(&tally).failed(Failure { after, target: pool.target, from, why });
            };
            match outcome {
                Err(_) => {
                    let what = if from.is_some() { "whole answer" } else { "connection" };
                    failed(format!("no {what} within {} s", load.limit.as_secs_f64()));
                }
                Ok(Err(broken)) => failed(broken.to_string()),
                Ok(Ok((answer, again))) => match (client.judge)(&answer) {
                    Err(why) => failed(why),
                    Ok(who) => locked(&tally).answered(who, answer.came - due, again),
                },
            }
        });
    }
    while under_way.join_next().await.is_some() {}
}

impl Client {
    /// One request and its answer, and whether it was sent again.
    async fn exchange(
        &self,
        pool: &Pool,
        kept: bool,
        number: u64,
        over: &Over,
    ) -> Result<(Answer, bool), Broken> {
        let ask = || (self.ask)(number);
        let Some(patience) = self.patience else { return exchange(pool, kept, over, ask).await };
        let mut again = false;
        loop {
            let tried = exchange(pool, kept && !again, over, ask);
            match tokio::time::timeout(patience, tried).await {
                Ok(Ok((answer, twice))) => return Ok((answer, again || twice)),
                // Whoever hangs up at once is not asked without a pause.
                Ok(Err(_)) => tokio::time::sleep(PAUSE).await,
                Err(_) => {}
            }
            again = true;
        }
    }
}

/// One request and its answer, and whether it was sent twice.
///
/// A connection that was kept open may be closed by the server just as the request leaves: then it is sent once more,
/// over a new one, as browsers do.
async fn exchange(
    pool: &Pool,
    kept: bool,
    over: &Over,
    ask: impl Fn() -> Request<Full<Bytes>>,
) -> Result<(Answer, bool), Broken> {
    if kept && let Some(idle) = pool.idle() {
        match pool.exchange(idle, ask(), true, over).await {
            Err(broken) if broken.before_the_answer() => {}
            other => return other.map(|answer| (answer, false)),
        }
        let fresh = pool.open(over).await?;
        return pool.exchange(fresh, ask(), true, over).await.map(|answer| (answer, true));
    }
    let fresh = pool.open(over).await?;
    pool.exchange(fresh, ask(), kept, over).await.map(|answer| (answer, false))
}

fn locked(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
