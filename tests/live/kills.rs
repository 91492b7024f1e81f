//! Ended at any moment, the next run goes on.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::rig::{Rig, secs};

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

/// What is killed on its way.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Up,
    Down,
    Undo,
}

impl Verb {
    const ALL: [Self; 3] = [Self::Up, Self::Down, Self::Undo];

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Up => &["redis", "up"],
            Self::Down => &["redis", "down", "--yes"],
            Self::Undo => &["undo", "--yes"],
        }
    }

    /// How long it takes where nothing else runs: a kill after the end would show nothing.
    fn usual(self) -> Duration {
        Duration::from_secs(match self {
            Self::Up => 4,
            Self::Down | Self::Undo => 9,
        })
    }

    /// From where it starts: nothing there, or all of it.
    fn begin(self, rig: &Rig) {
        // A `down` goes by what stands; what `undo` takes back must be the last run, and all of it.
        if !matches!(self, Self::Down) {
            rig.opsctl(&["undo", "--all", "--yes"]).ok();
        }
        if !matches!(self, Self::Up) {
            rig.opsctl(&["redis", "up"]).ok();
        }
    }
}

pub fn killed_at_any_moment_the_next_up_converges_and_undo_all_leaves_nothing(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    let mut moments = Moments::new();
    let seed = moments.0;
    rig.redis_is_down();
    let rounds = if rig.soak { 6 } else { 3 };
    let mut told = Vec::new();
    for round in 0..rounds {
        let verb = Verb::ALL[round % Verb::ALL.len()];
        verb.begin(rig);
        let moment = moments.below(verb.usual());
        let mut command = rig.command(verb.words());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("opsctl");
        let began = Instant::now();
        while began.elapsed() < moment && child.try_wait().expect("its state").is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("kill -9");
        let _ = child.wait();
        // Every second time straight back instead of on.
        let then = if round % 2 == 0 {
            rig.opsctl(&["redis", "up"]).ok();
            rig.redis_is_well();
            "up"
        } else {
            rig.opsctl(&["undo", "--all", "--yes"]).ok();
            rig.nothing_is_left();
            "undo --all"
        };
        told.push(format!("{verb:?} at {} then {then}", secs(moment)));
    }
    let undo = rig.opsctl(&["undo", "--all", "--yes"]).ok();
    let objects = rig.nothing_is_left();
    facts.push(format!(
        "seed {seed}: killed {}; undo --all ({}): {objects} objects as before",
        told.join(", "),
        secs(undo.took)
    ));
}

pub fn ctrl_c_lets_the_step_in_hand_finish_and_the_next_up_goes_on(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    let mut command = rig.command(&["redis", "up"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("opsctl");
    let mut talk = BufReader::new(child.stderr.take().expect("its stderr"));
    let mut said = String::new();
    // From the first object on the pods are still to come: it is in the middle of its work.
    while !said.contains("applied") {
        assert!(talk.read_line(&mut said).expect("a line") > 0, "ended before anything was applied: {said}");
    }
    let began = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    talk.read_to_string(&mut said).expect("the rest");
    let code = child.wait().expect("its end").code();
    let took = began.elapsed();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("Finishing the current step") && said.contains("interrupted"), "{said}");
    assert!(
        said.contains("redis up  # to resume") && said.contains("undo  # to undo it"),
        "no way on is named: {said}"
    );
    rig.opsctl(&["redis", "up"]).ok();
    rig.redis_is_well();
    rig.opsctl(&["redis", "down", "--yes"]).ok();
    let objects = rig.is_as_before();
    facts.push(format!("exit 130 after {}; up goes on; down: {objects} objects as before", secs(took)));
}
