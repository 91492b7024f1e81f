//! Calls each peer on a schedule of its own.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::Me;
use super::book::{Entry, Pong};
use super::metrics::Metrics;
use crate::peering::report::Seen;
use crate::peering::{Config, GENERATION_HEADER, ID_HEADER, NAME_HEADER, PONG, Peer, time};
use crate::serve::{http_call, log};

/// Calls that are under way at once, at most.
const AT_ONCE: usize = 32;

/// How a peer is called: its pong, or why there is none.
type Ask = dyn Fn(Peer, Duration) -> BoxFuture<'static, Result<Pong, String>> + Send + Sync;
/// Where the lines go.
type Tell = dyn Fn(&str) + Send + Sync;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Timing {
    interval: Duration,
    timeout: Duration,
}

type Entries = Arc<Mutex<BTreeMap<Peer, Arc<Mutex<Entry>>>>>;

/// Sees how all peers appear.
#[derive(Clone)]
pub struct Seer(Entries);

impl Seer {
    /// All of them.
    pub fn all(&self) -> Vec<Seen> {
        locked(&self.0).values().map(|entry| locked(entry).seen()).collect()
    }
}

/// Calls the peers of a configuration; dropped, it calls nobody.
pub struct Caller {
    entries: Entries,
    tasks: BTreeMap<Peer, Task>,
    timing: watch::Sender<Timing>,
    work: Arc<Work>,
}

struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What all calls share.
struct Work {
    me: Me,
    ask: Box<Ask>,
    tell: Box<Tell>,
    at_once: Semaphore,
    metrics: Metrics,
}

impl Caller {
    /// Calls nobody yet.
    pub fn new(me: Me, metrics: Metrics) -> (Self, Seer) {
        Self::with(me, metrics, Box::new(|peer, limit| Box::pin(ping(peer, limit))), Box::new(log))
    }

    fn with(me: Me, metrics: Metrics, ask: Box<Ask>, tell: Box<Tell>) -> (Self, Seer) {
        let entries = Entries::default();
        let none = Timing { interval: Duration::from_mins(1), timeout: Duration::from_secs(2) };
        let work = Arc::new(Work { me, ask, tell, at_once: Semaphore::new(AT_ONCE), metrics });
        let seer = Seer(entries.clone());
        (Self { entries, tasks: BTreeMap::new(), timing: watch::Sender::new(none), work }, seer)
    }

    /// Follows a configuration: whoever is new is called at once, whoever is not named any more is dropped in the
    /// middle of a call, and the others keep their schedule. Returns what changed, in words.
    pub fn follow(&mut self, config: &Config) -> String {
        let timing = Timing { interval: config.interval, timeout: config.timeout };
        let before = self.tasks.len();
        self.tasks.retain(|peer, _| config.peers.contains(peer));
        let dropped = before - self.tasks.len();
        locked(&self.entries).retain(|peer, _| {
            let stays = config.peers.contains(peer);
            if !stays {
                self.work.metrics.forget(peer);
            }
            stays
        });
        // Before the new ones begin: they would be woken by it.
        self.timing.send_if_modified(|now| {
            let differs = *now != timing;
            *now = timing;
            differs
        });
        for peer in &config.peers {
            if let Place::Vacant(place) = self.tasks.entry(peer.clone()) {
                let entry = Arc::new(Mutex::new(Entry::new(peer.clone(), Instant::now())));
                locked(&self.entries).insert(peer.clone(), entry.clone());
                let calls = call(self.work.clone(), peer.clone(), entry, self.timing.subscribe());
                place.insert(Task(tokio::spawn(calls).abort_handle()));
            }
        }
        let added = self.tasks.len() + dropped - before;
        let (interval, timeout) = (time::written(timing.interval), time::written(timing.timeout));
        let all = config.peers.len();
        let peers = if all == 1 { "peer" } else { "peers" };
        format!("{all} {peers}, {added} new, {dropped} dropped; every {interval}, timeout {timeout}")
    }
}

/// Calls one peer for ever.
async fn call(work: Arc<Work>, peer: Peer, entry: Arc<Mutex<Entry>>, mut timing: watch::Receiver<Timing>) {
    loop {
        let due = locked(&entry).due(timing.borrow_and_update().interval);
        tokio::select! {
            () = tokio::time::sleep_until(due) => {}
            changed = timing.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        let Ok(turn) = work.at_once.acquire().await else { return };
        let limit = timing.borrow().timeout;
        locked(&entry).begin(Instant::now(), chance());
        let answer = (work.ask)(peer.clone(), limit).await;
        drop(turn);
        let now = jiff::Timestamp::now();
        work.metrics.called(&peer, answer.as_ref().ok().map(|pong| pong.took));
        let line = match answer {
            Ok(pong) => locked(&entry).answered(pong, &work.me.id, now),
            Err(why) => locked(&entry).failed(why, Instant::now(), now),
        };
        if let Some(line) = line {
            (work.tell)(&line);
        }
    }
}

/// One call: the pong, or why it is none.
async fn ping(peer: Peer, limit: Duration) -> Result<Pong, String> {
    let began = Instant::now();
    let reply = http_call::get(&peer.to_string(), "/ping", limit).await.map_err(|e| cause(&e))?;
    let took = began.elapsed();
    if reply.status != 200 {
        return Err(format!("it answered with status {}", reply.status));
    }
    if reply.body != PONG {
        let said: String = reply.body.chars().take(40).collect();
        return Err(format!("it answered {said:?} and not {PONG:?}"));
    }
    let (Some(name), Some(id)) = (reply.header(NAME_HEADER), reply.header(ID_HEADER)) else {
        return Err(format!("it answered without the headers {NAME_HEADER} and {ID_HEADER}"));
    };
    let generation = reply.header(GENERATION_HEADER).and_then(|text| text.parse().ok());
    Ok(Pong { name: name.into(), id: id.into(), generation, took })
}

/// The innermost reason, without the operating system's number.
fn cause(error: &anyhow::Error) -> String {
    if error.chain().any(<dyn std::error::Error>::is::<Elapsed>) {
        // The outermost words say how long was waited.
        let words = error.to_string();
        return words.split_once(" did not ").map_or(words.clone(), |(_, rest)| format!("it did not {rest}"));
    }
    let text = error.root_cause().to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A random number from 0 to 1.
fn chance() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(0);
    f64::from(bits) / f64::from(u32::MAX)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Calls that a test counts, by host; lines; and the most calls that were under way at once.
    #[derive(Clone, Default)]
    struct Record {
        calls: Arc<Mutex<Vec<(String, Instant)>>>,
        lines: Arc<Mutex<Vec<String>>>,
        now: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl Record {
        fn of(&self, host: &str) -> Vec<Instant> {
            locked(&self.calls).iter().filter(|(h, _)| h == host).map(|(_, at)| *at).collect()
        }
    }

    /// A caller whose peers take that long to answer; hosts that begin with `away` never do.
    fn caller(takes: Duration) -> (Caller, Seer, Record) {
        let record = Record::default();
        let (asked, told) = (record.clone(), record.lines.clone());
        let ask = move |peer: Peer, _: Duration| -> BoxFuture<'static, Result<Pong, String>> {
            let record = asked.clone();
            Box::pin(async move {
                locked(&record.calls).push((peer.host.clone(), Instant::now()));
                let now = record.now.fetch_add(1, Ordering::Relaxed) + 1;
                record.most.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(takes).await;
                record.now.fetch_sub(1, Ordering::Relaxed);
                if peer.host.starts_with("away") {
                    return Err("refused".into());
                }
                let id = peer.host.clone();
                Ok(Pong { name: peer.host, id, generation: Some(1), took: takes })
            })
        };
        let tell = move |line: &str| locked(&told).push(line.to_owned());
        let me = Me { name: "me".into(), id: "me".into() };
        let (caller, seer) = Caller::with(me, Metrics::new(), Box::new(ask), Box::new(tell));
        (caller, seer, record)
    }

    fn config(interval: &str, hosts: &[&str]) -> Config {
        let peers: Vec<_> = hosts.iter().map(|h| format!("{{host: {h}}}")).collect();
        let text = format!("{{interval: {interval}, timeout: 1s, peers: [{}]}}", peers.join(", "));
        Config::parse(&text).unwrap()
    }

    async fn seconds(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn peers_come_and_go_and_the_others_keep_their_schedule() {
        let (mut caller, seer, record) = caller(Duration::from_millis(1));
        caller.follow(&config("60s", &["a", "b"]));
        seconds(30).await;
        assert_eq!((record.of("a").len(), record.of("b").len()), (1, 1));
        let said = caller.follow(&config("60s", &["a", "c"]));
        assert_eq!(said, "2 peers, 1 new, 1 dropped; every 1m, timeout 1s");
        seconds(1).await;
        assert_eq!(record.of("c").len(), 1, "a new one at once");
        assert_eq!(record.of("a").len(), 1, "what stays is not called for that");
        seconds(40).await;
        let a = record.of("a");
        assert_eq!(a.len(), 2);
        let pause = (a[1] - a[0]).as_secs_f64();
        assert!((53.9..66.1).contains(&pause), "{pause}");
        assert_eq!(record.of("b").len(), 1, "what went is not called");
        let hosts: Vec<_> = seer.all().into_iter().map(|seen| seen.host).collect();
        assert_eq!(hosts, ["a", "c"]);
        drop(caller);
        let before = locked(&record.calls).len();
        seconds(600).await;
        assert_eq!(locked(&record.calls).len(), before, "an ended one calls nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn another_interval_takes_effect_at_once() {
        let (mut caller, _, record) = caller(Duration::from_millis(1));
        caller.follow(&config("1h", &["a"]));
        seconds(100).await;
        assert_eq!(record.of("a").len(), 1);
        caller.follow(&config("2s", &["a"]));
        seconds(20).await;
        let calls = record.of("a").len();
        assert!((10..=12).contains(&calls), "{calls}");
        caller.follow(&config("1h", &["a"]));
        seconds(100).await;
        assert_eq!(record.of("a").len(), calls);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_in_the_middle_of_a_call_leaves_no_line() {
        let (mut caller, _, record) = caller(Duration::from_millis(500));
        caller.follow(&config("2s", &["away", "b"]));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(record.of("away").len(), 1);
        caller.follow(&config("2s", &["b"]));
        seconds(60).await;
        let lines = locked(&record.lines).clone();
        assert!(lines.len() > 20 && lines.iter().all(|l| l.starts_with("pong from b")), "{lines:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_away_is_asked_every_second_for_half_a_minute_and_then_once_in_an_interval() {
        let (mut caller, _, record) = caller(Duration::from_millis(1));
        caller.follow(&config("60s", &["away"]));
        seconds(31).await;
        let eager = record.of("away").len();
        assert!((27..=34).contains(&eager), "{eager}");
        seconds(600).await;
        let after = record.of("away").len() - eager;
        assert!((9..=11).contains(&after), "{after}");
        let lines = locked(&record.lines).clone();
        assert_eq!(lines.iter().filter(|l| l.starts_with("waiting for")).count(), 1);
        assert_eq!(lines.iter().filter(|l| l.starts_with("no pong from")).count(), lines.len() - 1);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_many_peers_are_bounded_and_none_is_left_out() {
        let (mut caller, _, record) = caller(Duration::from_millis(200));
        let hosts: Vec<_> = (0..100).map(|i| format!("p{i}")).collect();
        let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
        caller.follow(&config("60s", &hosts));
        seconds(2).await;
        assert_eq!(locked(&record.calls).len(), 100);
        assert_eq!(record.most.load(Ordering::Relaxed), AT_ONCE);
    }
}
