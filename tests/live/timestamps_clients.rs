//! Clients of the timestamp API that write and read at a fixed rate, and know what each answer has to be.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use opsctl::load::{Answer, Ask, Judge, Load, Report, Running};

use crate::rig::{Rig, locked, until};

/// The `NodePort` of the API, as the documentation names it.
pub const PORT: u16 = 32450;

/// Long enough for some writes and reads.
const MOMENT: Duration = Duration::from_millis(300);

/// What is acknowledged, and what was answered otherwise.
#[derive(Default)]
struct Seen {
    /// Numbers of the names that were acknowledged, in the order of their answers.
    acknowledged: Vec<u64>,
    /// When right answers came that were no 503.
    served: Vec<Instant>,
    /// Answers that were 503.
    unavailable: u64,
}

/// A load of writers, each of a name of its own, and of readers of what was acknowledged before they asked.
pub struct Clients {
    seen: Arc<Mutex<Seen>>,
    /// Tells the names of this load from those of another.
    prefix: String,
    rate: u32,
    /// Whether 503 is a right answer.
    outage: bool,
    /// What is not answered by then is asked again.
    patience: Option<Duration>,
}

/// The time that a number is set to: each another, and without a zero at the end, which no answer would have.
fn time_of(number: u64) -> String {
    format!("2026-01-01T00:00:00.{:08}1Z", number % 100_000_000)
}

impl Clients {
    /// So many requests a second; names that begin so; 503 is a right answer during an outage.
    pub fn new(prefix: &str, rate: u32, outage: bool) -> Self {
        Self { seen: Arc::default(), prefix: prefix.to_owned(), rate, outage, patience: None }
    }

    /// Gives up what is not answered by then, and asks again.
    pub fn asking_again_after(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    /// Runs while `what` does, and a moment before and after.
    pub fn during(&self, rig: &Rig, what: impl FnOnce(&Running)) -> Report {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let target = format!("{}:{PORT}", rig.address()).parse().expect("an address");
        let load = Load {
            targets: vec![target],
            rate: self.rate,
            kept: 90,
            // Longer than the server takes for any answer, and than a busy machine lets it wait.
            limit: Duration::from_secs(30),
            lasts: None,
        };
        let (asking, prefix) = (Arc::clone(&self.seen), self.prefix.clone());
        let ask = move |number: u64| {
            // Every other request reads: half of them what was acknowledged just now.
            let read = if number.is_multiple_of(2) {
                None
            } else {
                let known = &locked(&asking).acknowledged;
                let any = usize::try_from(number * 7919).unwrap_or(0) % known.len().max(1);
                if number % 4 == 1 { known.last().copied() } else { known.get(any).copied() }
            };
            let (method, of) = read.map_or(("PUT", number), |of| ("GET", of));
            let body =
                if read.is_some() { String::new() } else { format!(r#"{{"time":"{}"}}"#, time_of(of)) };
            Request::builder()
                .method(method)
                .uri(format!("/timestamps/{prefix}{of}"))
                .header("host", "timestamps")
                .header("content-type", "application/json")
                .header("x-request-id", format!("{method}-{of}"))
                .body(Full::new(Bytes::from(body)))
                .expect("a request")
        };
        let (judging, prefix, outage) = (Arc::clone(&self.seen), self.prefix.clone(), self.outage);
        let judge = move |answer: &Answer| judged(&judging, &prefix, outage, answer);
        runtime.block_on(async {
            let (ask, judge): (Arc<Ask>, Arc<Judge>) = (Arc::new(ask), Arc::new(judge));
            let running = match self.patience {
                Some(patience) => load.start_asking_again(patience, ask, judge),
                None => load.start(ask, judge),
            };
            tokio::time::sleep(MOMENT).await;
            tokio::task::block_in_place(|| what(&running));
            tokio::time::sleep(MOMENT).await;
            running.stop().await
        })
    }

    /// Reads all that was acknowledged; how many names.
    pub fn read_back(&self, rig: &Rig) -> usize {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let url = format!("http://{}:{PORT}/timestamps?limit=1000{after}", rig.address());
            let page = until("a page", || {
                let ran = rig.bash(&format!("curl -sf '{url}'"));
                (ran.code == Some(0)).then(|| ran.json())
            });
            for entry in page["timestamps"].as_array().expect("timestamps") {
                let text = |field: &str| entry[field].as_str().expect("a text").to_owned();
                found.insert(text("name"), text("time"));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let seen = locked(&self.seen);
        for number in &seen.acknowledged {
            let name = format!("{}{number}", self.prefix);
            assert_eq!(found.get(&name), Some(&time_of(*number)), "{name} was acknowledged");
        }
        seen.acknowledged.len()
    }

    /// Waits until for a second nobody got a 503 or had to ask again; when that second began.
    pub fn recover(&self, running: &Running) -> Instant {
        let missed = || (locked(&self.seen).unavailable, running.so_far().resent);
        let (mut last, mut since) = (missed(), Instant::now());
        until("a second of right answers", || {
            let now = missed();
            if now != last {
                (last, since) = (now, Instant::now());
            }
            (since.elapsed() >= Duration::from_secs(1)).then_some(since)
        })
    }

    /// The longest time in which nobody got another answer than 503.
    pub fn longest_outage(&self) -> Duration {
        let mut served = locked(&self.seen).served.clone();
        served.sort();
        served.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

/// None failed; so many were 503, of those that were sent.
#[track_caller]
pub fn none_failed(report: &Report) -> String {
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    let unavailable = report.shares.get("503").copied().unwrap_or(0);
    format!("{unavailable} answers of {} were 503", report.sent)
}

/// Whether an answer is right: it has what was acknowledged before it was asked for, or is a 503 during an outage.
fn judged(seen: &Mutex<Seen>, prefix: &str, outage: bool, answer: &Answer) -> Result<String, String> {
    let header =
        |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let id = header("x-request-id");
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status == 503 {
        locked(seen).unavailable += 1;
        return if outage && header("retry-after") == "1" {
            Ok("503".into())
        } else {
            Err(format!("503 {said}"))
        };
    }
    let (method, number) = id.split_once('-').ok_or_else(|| format!("no id: {said}"))?;
    let number: u64 = number.parse().map_err(|_| format!("another id: {id}"))?;
    let wanted = format!(r#"{{"name":"{prefix}{number}","time":"{}"}}"#, time_of(number));
    // Of one that is sent twice, the first may have counted.
    let fits = if method == "PUT" { matches!(answer.status, 200 | 201) } else { answer.status == 200 };
    if !fits || said != wanted {
        return Err(format!("{method} {number}: {} {said}", answer.status));
    }
    let mut seen = locked(seen);
    seen.served.push(answer.came);
    if method == "PUT" {
        seen.acknowledged.push(number);
    }
    Ok(method.to_owned())
}
