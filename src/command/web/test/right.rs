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
}

/// From a change until a balancer's clients got the right list for good.
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
    found.sort_unstable();
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    times.changes = found.len();
    times.median_ms = found.get(found.len() / 2).copied().map(ms);
    times.longest_ms = found.last().copied().map(ms);
    times
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
        let samples = samples.iter().map(|(ms, got)| Sample { sent: at(ms), list: list(got) }).collect();
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

    #[test]
    fn without_a_change_there_is_no_figure() {
        assert_eq!(found(&[(0, &[1])], &[(10, &[1])]), Times::default());
        assert_eq!(parsed(b"10.0.0.1\n10.0.0.2\n\n"), list(&[1, 2]));
    }
}
