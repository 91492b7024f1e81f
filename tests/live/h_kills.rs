//! Ended at any moment, the next run goes on.

use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use super::harness::{secs, test};

/// Moments that differ from run to run; the seed is printed, `OPSCTL_TEST_SEED` repeats it.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let given = std::env::var("OPSCTL_TEST_SEED").ok().and_then(|s| s.parse().ok());
        let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(given.unwrap_or(u64::from(clock.subsec_nanos())) | 1)
    }

    /// A moment below a limit (xorshift).
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(self.0 % limit)
    }
}

#[test]
fn h01_killed_at_any_moment_of_up_the_next_up_converges() {
    test("kill -9 during redis up", |rig, facts| {
        let mut moments = Moments::new();
        let seed = moments.0;
        rig.redis_is_down();
        // How long an `up` takes here, now.
        let usual = rig.opsctl(&["redis", "up"]).ok().took;
        let rounds = if rig.soak { 5 } else { 2 };
        let mut told = Vec::new();
        for round in 0..rounds {
            rig.opsctl(&["undo", "--all", "--yes"]).ok();
            let moment = moments.below(usual);
            let mut command = rig.opsctl_command("stacks", &["redis", "up"]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("opsctl");
            let began = Instant::now();
            while began.elapsed() < moment && child.try_wait().expect("its state").is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            child.kill().expect("kill -9");
            let _ = child.wait();
            // Every second time straight back instead of on.
            if round % 2 == 0 {
                rig.opsctl(&["redis", "up"]).ok();
                rig.redis_is_well();
                told.push(format!("{} then up", secs(moment)));
            } else {
                told.push(format!("{} then undo --all", secs(moment)));
            }
        }
        let undo = rig.opsctl(&["undo", "--all", "--yes"]).ok();
        let objects = rig.is_as_before();
        facts.push(format!(
            "seed {seed}: killed at {} of {}; undo --all ({}): {objects} objects as before",
            told.join(", "),
            secs(usual),
            secs(undo.took)
        ));
    });
}
