//! What a peer knows of one other: when it is to be called, how it appears, and what of that is worth a line.

use std::time::Duration;

use tokio::time::Instant;

use crate::peering::Peer;
use crate::peering::report::{Seen, State};

/// How long a peer that never answered is given.
pub const STARTING: Duration = Duration::from_secs(30);
/// From one call to the next meanwhile.
const EAGER: Duration = Duration::from_secs(1);
/// The schedule differs from the interval by up to this part of it, so that calls do not come in bursts.
const JITTER: f64 = 0.1;

/// A pong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pong {
    /// The name of who answered.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The generation of its configuration.
    pub generation: Option<i64>,
    /// How long it took.
    pub took: Duration,
}

/// One other peer.
#[derive(Debug)]
pub struct Entry {
    peer: Peer,
    since: Instant,
    called: Option<Instant>,
    /// What the jitter makes of an interval, drawn anew with each call.
    factor: f64,
    seen: Seen,
}

impl Entry {
    /// A peer that was not called yet.
    pub fn new(peer: Peer, now: Instant) -> Self {
        let seen = Seen {
            host: peer.host.clone(),
            port: peer.port,
            state: State::Starting,
            name: None,
            last_success: None,
            latency_micros: None,
            generation: None,
            failures: 0,
            cause: None,
        };
        Self { peer, since: now, called: None, factor: 1.0, seen }
    }

    /// How it appears.
    pub fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// When it is to be called next: a new one at once, one that may still be starting every second.
    pub fn due(&self, interval: Duration) -> Instant {
        let Some(called) = self.called else { return self.since };
        let pause = if self.seen.state == State::Starting { EAGER.min(interval) } else { interval };
        called + pause.mul_f64(self.factor)
    }

    /// Begins a call. `chance` is a random number from 0 to 1.
    pub fn begin(&mut self, now: Instant, chance: f64) {
        self.called = Some(now);
        self.factor = 1.0 + JITTER * (2.0 * chance - 1.0);
    }

    /// Notes an answer; returns the line that tells of it.
    pub fn answered(&mut self, pong: Pong, own_id: &str, at: jiff::Timestamp) -> Option<String> {
        let Self { peer, seen, .. } = self;
        let was = seen.state;
        seen.state = if pong.id == own_id { State::Me } else { State::Up };
        let line = match (seen.state, was) {
            (State::Me, State::Me) => None,
            (State::Me, _) => Some(format!("{peer} is this very peer")),
            _ => Some(format!("pong from {} at {peer} in {}", pong.name, millis(pong.took))),
        };
        seen.name = Some(pong.name);
        seen.last_success = Some(format!("{at:.3}"));
        seen.latency_micros = u64::try_from(pong.took.as_micros()).ok();
        seen.generation = pong.generation;
        (seen.failures, seen.cause) = (0, None);
        line
    }

    /// Notes that there was no pong; returns the line that tells of it.
    pub fn failed(&mut self, why: String, now: Instant, at: jiff::Timestamp) -> Option<String> {
        let Self { peer, seen, .. } = self;
        seen.failures += 1;
        let first = seen.failures == 1;
        let line = if seen.last_success.is_none() && now - self.since < STARTING {
            first.then(|| format!("waiting for {peer}, which has not answered yet: {why}"))
        } else {
            seen.state = State::Down;
            let last = match &seen.last_success {
                Some(last) => format!("last pong {} ago", ago(last, at)),
                None => "it never answered".into(),
            };
            Some(format!("no pong from {peer}: {why} ({} in a row, {last})", seen.failures))
        };
        seen.cause = Some(why);
        line
    }
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn ago(then: &str, now: jiff::Timestamp) -> String {
    let then: jiff::Timestamp = then.parse().unwrap_or(now);
    format!("{:.0} s", now.duration_since(then).as_secs_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn entry() -> (Entry, Instant) {
        let now = Instant::now();
        (Entry::new(Peer { host: "b".into(), port: 1 }, now), now)
    }

    fn pong(id: &str) -> Pong {
        Pong { name: "b".into(), id: id.into(), generation: Some(2), took: Duration::from_micros(1260) }
    }

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn a_new_one_is_called_at_once_and_then_once_in_an_interval_give_or_take_a_tenth() {
        let (mut entry, now) = entry();
        assert_eq!(entry.due(MINUTE), now);
        for (chance, seconds) in [(0.0, 54), (0.5, 60), (1.0, 66)] {
            entry.begin(now, chance);
            entry.answered(pong("b"), "a", at(0));
            let off = (entry.due(MINUTE) - now).abs_diff(Duration::from_secs(seconds));
            assert!(off < Duration::from_millis(1), "{off:?}");
        }
        let soon = entry.due(Duration::from_secs(10));
        assert!(
            (soon - now).abs_diff(Duration::from_secs(11)) < Duration::from_millis(1),
            "another interval counts from the last call"
        );
    }

    #[test]
    fn who_never_answered_is_starting_for_half_a_minute_and_asked_every_second() {
        let (mut entry, now) = entry();
        entry.begin(now, 0.5);
        let line = entry.failed("refused".into(), now, at(0)).unwrap();
        assert_eq!(line, "waiting for b:1, which has not answered yet: refused");
        assert_eq!(entry.due(MINUTE) - now, Duration::from_secs(1));
        assert_eq!(entry.failed("refused".into(), now + Duration::from_secs(29), at(29)), None);
        assert_eq!(entry.seen().state, State::Starting);
        let late = now + STARTING;
        let line = entry.failed("refused".into(), late, at(30)).unwrap();
        assert_eq!(line, "no pong from b:1: refused (3 in a row, it never answered)");
        assert_eq!(entry.seen().state, State::Down);
        entry.begin(late, 0.5);
        assert_eq!(entry.due(MINUTE) - late, MINUTE);
    }

    #[test]
    fn who_answered_before_is_down_with_its_first_failure() {
        let (mut entry, now) = entry();
        entry.begin(now, 0.5);
        assert_eq!(entry.answered(pong("b"), "a", at(0)).unwrap(), "pong from b at b:1 in 1.3 ms");
        let line = entry.failed("no answer within 2 s".into(), now, at(61)).unwrap();
        assert_eq!(line, "no pong from b:1: no answer within 2 s (1 in a row, last pong 61 s ago)");
        let seen = entry.seen();
        assert_eq!((seen.state, seen.failures, seen.generation), (State::Down, 1, Some(2)));
        entry.answered(pong("b"), "a", at(62));
        assert_eq!((entry.seen().state, entry.seen().cause), (State::Up, None));
    }

    #[test]
    fn an_answer_with_its_own_id_is_itself_and_told_once() {
        let (mut entry, _) = entry();
        assert_eq!(entry.answered(pong("a"), "a", at(0)).unwrap(), "b:1 is this very peer");
        assert_eq!(entry.answered(pong("a"), "a", at(1)), None);
        assert_eq!(entry.seen().state, State::Me);
        // Another process has its port by now.
        assert!(entry.answered(pong("b"), "a", at(2)).unwrap().starts_with("pong from b"));
    }
}
