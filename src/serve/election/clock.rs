//! The clock that rights are judged by.

use rustix::time::{ClockId, clock_gettime};

use crate::election::protocol::Time;

/// Milliseconds since boot. Counts suspend, which `std::time::Instant` does not: a lease goes on
/// running out while a laptop sleeps.
pub fn now() -> Time {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = Time::try_from(time.tv_sec).unwrap_or(0);
    let millis = Time::try_from(time.tv_nsec / 1_000_000).unwrap_or(0);
    seconds * 1000 + millis
}
