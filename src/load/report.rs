//! What became of the requests of a load.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Failures that are told one by one.
const TOLD: usize = 20;
/// The longest latency that is told apart, in microseconds: what takes longer has failed anyway.
const LONGEST: u64 = 60_000_000;

/// A request without a right answer.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// When it was due, from the beginning.
    #[serde(serialize_with = "seconds")]
    pub after: Duration,
    /// Who was asked.
    pub target: SocketAddr,
    /// From where: the end here of the connection that it went over last, if one was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SocketAddr>,
    /// Why it counts as failed.
    pub why: String,
}

/// Latencies in milliseconds, from the time when the request was due to the last byte of its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// Half of the answers came within this time.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p999: f64,
    /// All of them.
    pub max: f64,
}

/// What became of the requests of a load.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// From the first request to the last answer.
    #[serde(serialize_with = "seconds")]
    pub took: Duration,
    /// Requests sent.
    pub sent: u64,
    /// Answered rightly.
    pub answered: u64,
    /// Not answered, wrongly, or too late.
    pub failed: u64,
    /// Sent a second time because a kept connection was closed before the answer began; not counted as failed.
    pub resent: u64,
    /// How often each reason of a failure was met.
    pub reasons: BTreeMap<String, u64>,
    /// The first failures, one by one.
    pub first: Vec<Failure>,
    /// The failure that was due last.
    pub last: Option<Failure>,
    /// Who answered how many.
    pub shares: BTreeMap<String, u64>,
    /// How long the right answers took.
    pub latency: Latency,
}

#[derive(Debug)]
pub(super) struct Tally {
    pub(super) sent: u64,
    answered: u64,
    resent: u64,
    reasons: BTreeMap<String, u64>,
    first: Vec<Failure>,
    last: Option<Failure>,
    shares: BTreeMap<String, u64>,
    micros: Option<Histogram<u64>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            sent: 0,
            answered: 0,
            resent: 0,
            reasons: BTreeMap::new(),
            first: Vec::new(),
            last: None,
            shares: BTreeMap::new(),
            // Three digits of 60 s are within what a histogram can hold.
            micros: Histogram::new_with_bounds(1, LONGEST, 3).ok(),
        }
    }
}

impl Tally {
    pub(super) fn failed(&mut self, failure: Failure) {
        *self.reasons.entry(failure.why.clone()).or_default() += 1;
        if self.last.as_ref().is_none_or(|last| last.after <= failure.after) {
            self.last = Some(failure.clone());
        }
        if self.first.len() < TOLD {
            self.first.push(failure);
        }
    }

    pub(super) fn answered(&mut self, who: String, latency: Duration, again: bool) {
        self.answered += 1;
        self.resent += u64::from(again);
        *self.shares.entry(who).or_default() += 1;
        if let Some(micros) = &mut self.micros {
            micros.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(LONGEST));
        }
    }

    pub(super) fn report(&self, took: Duration) -> Report {
        let at =
            |percent: f64| self.micros.as_ref().map_or(0.0, |m| millis(m.value_at_quantile(percent / 100.0)));
        Report {
            took,
            sent: self.sent,
            answered: self.answered,
            failed: self.reasons.values().sum(),
            resent: self.resent,
            reasons: self.reasons.clone(),
            first: self.first.clone(),
            last: self.last.clone(),
            shares: self.shares.clone(),
            latency: Latency {
                p50: at(50.0),
                p90: at(90.0),
                p99: at(99.0),
                p999: at(99.9),
                max: self.micros.as_ref().map_or(0.0, |m| millis(m.max())),
            },
        }
    }
}

fn millis(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1000.0
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
