//! How long to wait after a failure, for each resource by itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The pause after a first failure, and the longest one.
const BOUNDS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_mins(1));

/// Failures in a row, by resource.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<String, u32>>);

impl Backoff {
    /// Notes a failure; returns how long to wait.
    pub fn failed(&self, resource: &str) -> Duration {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(resource.to_owned()).or_default();
        let pause = BOUNDS.0.saturating_mul(1 << (*count).min(16)).min(BOUNDS.1);
        *count += 1;
        pause
    }

    /// Forgets the failures of a resource.
    pub fn succeeded(&self, resource: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_waits_for_itself_longer_and_longer_and_begins_anew_after_a_success() {
        let backoff = Backoff::default();
        let millis = |resource| u64::try_from(backoff.failed(resource).as_millis()).unwrap();
        assert_eq!([millis("a"), millis("a"), millis("a"), millis("b")], [200, 400, 800, 200]);
        for _ in 0..40 {
            backoff.failed("a");
        }
        assert_eq!(millis("a"), 60_000);
        backoff.succeeded("a");
        assert_eq!(millis("a"), 200);
    }
}
