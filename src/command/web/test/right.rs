//! How long a list was wrong after each change of the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use serde::Serialize;

/// What Kubernetes says, from then on.
#[derive(Clone, Debug)]
pub struct Change {
    /// When it was heard.
    pub at: Instant,
    /// Who is ready.
    pub ready: BTreeSet<IpAddr>,
}

/// A list as a client got it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was asked for.
    pub sent: Instant,
    /// The addresses.
    pub list: BTreeSet<IpAddr>,
    /// Who gave it.
    pub by: Option<IpAddr>,
}

/// From a change until what clients of a balancer get is right for good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Changes, of every balancer.
    pub changes: usize,
    /// Half of them took no longer.
    pub median_ms: Option<u64>,
    /// None took longer.
    pub longest_ms: Option<u64>,
    /// Changes after which the next one came before the list was right; not in the figures.
    pub overtaken: usize,
}

/// The addresses of a list, one a line.
pub fn parsed(body: &[u8]) -> BTreeSet<IpAddr> {
    String::from_utf8_lossy(body).lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// The times of all changes but the first, which is how it began. A sample belongs to the change that was the newest
/// when it was asked for.
pub fn times(changes: &[Change], samples: &BTreeMap<SocketAddr, Vec<Sample>>) -> Times {
    let mut found = Vec::new();
    let mut times = Times::default();
    for samples in samples.values() {
        for (n, change) in changes.iter().enumerate().skip(1) {
            let end = changes.get(n + 1).map(|next| next.at);
            let within = |s: &&Sample| s.sent >= change.at && end.is_none_or(|end| s.sent < end);
            let mine: Vec<_> = samples.iter().filter(within).collect();
            let Some(last) = mine.iter().max_by_key(|s| s.sent) else { continue };
            if last.list != change.ready {
                times.overtaken += usize::from(end.is_some());
                // Nothing came after it: it never was right.
                if end.is_none() {
                    found.push(last.sent - change.at);
                }
                continue;
            }
            let wrong = mine.iter().filter(|s| s.list != change.ready).map(|s| s.sent).max();
            found.push(wrong.map_or(Duration::ZERO, |at| at - change.at));
        }
    }
    times.of(found)
}

/// For each server that came: how long until it first answered; for each that went: until it last did. One that came
/// and went without an answer has no time.
pub fn answers(changes: &[Change], samples: &BTreeMap<SocketAddr, Vec<Sample>>) -> Times {
    let mut found = Vec::new();
    let mut times = Times::default();
    for samples in samples.values() {
        for (n, change) in changes.iter().enumerate().skip(1) {
            let before = &changes[n - 1].ready;
            for server in change.ready.symmetric_difference(before) {
                let is_there = change.ready.contains(server);
                let mut later = changes[n + 1..].iter();
                let end = later.find(|next| next.ready.contains(server) != is_there).map(|next| next.at);
                let within = |s: &&Sample| s.sent >= change.at && end.is_none_or(|end| s.sent < end);
                let mine = samples.iter().filter(within);
                let by = mine.filter(|s| s.by.as_ref() == Some(server)).map(|s| s.sent - change.at);
                let last_asked = samples.iter().map(|s| s.sent).max();
                match (is_there, end) {
                    (true, None) => found.extend(by.min().or_else(|| Some(last_asked? - change.at))),
                    (true, Some(_)) => match by.min() {
                        Some(first) => found.push(first),
                        None => times.overtaken += 1,
                    },
                    (false, _) => found.push(by.max().unwrap_or_default()),
                }
            }
        }
    }
    times.of(found)
}

impl Times {
    fn of(self, mut found: Vec<Duration>) -> Self {
        found.sort_unstable();
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            changes: found.len(),
            median_ms: found.get(found.len() / 2).copied().map(ms),
            longest_ms: found.last().copied().map(ms),
            overtaken: self.overtaken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(n: &[u8]) -> BTreeSet<IpAddr> {
        n.iter().map(|n| IpAddr::from([10, 0, 0, *n])).collect()
    }

    fn found(changes: &[(u64, &[u8])], samples: &[(u64, &[u8])]) -> Times {
        let began = Instant::now();
        let at = |ms: &u64| began + Duration::from_millis(*ms);
        let changes: Vec<_> =
            changes.iter().map(|(ms, ready)| Change { at: at(ms), ready: list(ready) }).collect();
        let sample = |(ms, got): &(u64, &[u8])| Sample { sent: at(ms), list: list(got), by: None };
        let samples = samples.iter().map(sample).collect();
        times(&changes, &BTreeMap::from([(SocketAddr::from(([10, 0, 0, 1], 80)), samples)]))
    }

    #[test]
    fn a_list_is_right_after_the_last_wrong_answer() {
        let changes: &[(u64, &[u8])] = &[(0, &[1]), (100, &[1, 2]), (500, &[2])];
        // Right for a moment is not right: another nginx still had the old list at 130.
        let samples: &[(u64, &[u8])] =
            &[(50, &[1]), (110, &[1]), (120, &[1, 2]), (130, &[1]), (140, &[1, 2]), (510, &[2])];
        let times = found(changes, samples);
        assert_eq!((times.changes, times.median_ms, times.longest_ms), (2, Some(30), Some(30)));
        assert_eq!(times.overtaken, 0);
    }

    #[test]
    fn a_change_that_the_next_one_overtakes_is_counted_apart_and_one_that_was_never_followed_is_not_forgiven()
    {
        let overtaken =
            found(&[(0, &[1]), (100, &[1, 2]), (120, &[1, 2, 3])], &[(110, &[1]), (130, &[1, 2, 3])]);
        assert_eq!((overtaken.changes, overtaken.overtaken, overtaken.longest_ms), (1, 1, Some(0)));
        let never = found(&[(0, &[1]), (100, &[1, 2])], &[(150, &[1]), (900, &[1])]);
        assert_eq!((never.changes, never.longest_ms), (1, Some(800)));
    }

    /// The same with who answered when.
    fn answered(changes: &[(u64, &[u8])], samples: &[(u64, u8)]) -> Times {
        let began = Instant::now();
        let at = |ms: u64| began + Duration::from_millis(ms);
        let changes: Vec<_> =
            changes.iter().map(|(ms, ready)| Change { at: at(*ms), ready: list(ready) }).collect();
        let by = |n: u8| list(&[n]).into_iter().next();
        let sample = |(ms, n): &(u64, u8)| Sample { sent: at(*ms), list: BTreeSet::new(), by: by(*n) };
        let samples = samples.iter().map(sample).collect();
        answers(&changes, &BTreeMap::from([(SocketAddr::from(([10, 0, 0, 1], 80)), samples)]))
    }

    #[test]
    fn who_came_is_there_from_its_first_answer_and_who_went_until_its_last() {
        let changes: &[(u64, &[u8])] = &[(0, &[1]), (100, &[1, 2]), (500, &[2])];
        let times = answered(changes, &[(50, 1), (110, 1), (140, 2), (150, 2), (510, 1), (520, 2)]);
        assert_eq!((times.changes, times.median_ms, times.longest_ms), (2, Some(40), Some(40)));
        // It never answered, though it stayed; and one that was gone before anybody noticed.
        let never = answered(&[(0, &[1]), (100, &[1, 2])], &[(150, 1), (900, 1)]);
        assert_eq!((never.changes, never.longest_ms), (1, Some(800)));
        let passing = answered(&[(0, &[1]), (100, &[1, 2]), (120, &[1])], &[(110, 1), (130, 1)]);
        assert_eq!((passing.changes, passing.longest_ms, passing.overtaken), (1, Some(0), 1));
    }

    #[test]
    fn without_a_change_there_is_no_figure() {
        assert_eq!(found(&[(0, &[1])], &[(10, &[1])]), Times::default());
        assert_eq!(parsed(b"10.0.0.1\n10.0.0.2\n\n"), list(&[1, 2]));
    }
}
