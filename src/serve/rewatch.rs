//! How long a broken watch waits until it begins anew.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use kube::runtime::utils::Backoff;

/// The first pause.
const FIRST: Duration = Duration::from_millis(100);

/// Pauses that grow to a longest one, with chance in each, so that not all who watch come back at once.
///
/// That of the library grows to half a minute. A controller has one for all its watches together: when the API
/// server comes back, each of their failures would make all of them wait for longer.
#[derive(Debug)]
pub struct Rewatch {
    next: Duration,
    longest: Duration,
}

impl Rewatch {
    /// Pauses of at most this.
    pub fn within(longest: Duration) -> Self {
        Self { next: FIRST, longest }
    }
}

impl Iterator for Rewatch {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        let part = u8::try_from(RandomState::new().hash_one(()) & 0xff).unwrap_or_default();
        Some(pause.mul_f64(0.5 + f64::from(part) / 512.0))
    }
}

impl Backoff for Rewatch {
    fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_one_and_begin_anew_once_it_went_well() {
        let mut all = Rewatch::within(Duration::from_secs(1));
        for most in [100, 200, 400, 800, 1000, 1000, 1000] {
            let pause = all.next().unwrap();
            let most = Duration::from_millis(most);
            assert!(pause >= most / 2 && pause <= most, "{pause:?} of {most:?}");
        }
        all.reset();
        assert!(all.next().unwrap() <= FIRST);
    }
}
