//! Ended at any moment, the next run goes on.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::rig::{MASTER_PORT, Rig, ask, secs};
use crate::under_writers::named;

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

/// What changes data, and what takes each of that back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Up,
    Import,
    Clean,
    Restore,
    Down,
    /// The undo of one of the others.
    Undo(&'static Self),
}

impl Deed {
    const ALL: [Self; 10] = [
        Self::Up,
        Self::Import,
        Self::Clean,
        Self::Restore,
        Self::Down,
        Self::Undo(&Self::Up),
        Self::Undo(&Self::Import),
        Self::Undo(&Self::Clean),
        Self::Undo(&Self::Restore),
        Self::Undo(&Self::Down),
    ];

    fn words(self, files: &Files) -> Vec<&str> {
        match self {
            Self::Up => vec!["redis", "up"],
            Self::Import => vec!["redis", "import", "--again", &files.import],
            Self::Clean => vec!["redis", "clean", "--yes"],
            Self::Restore => vec!["snapshots", "restore", &files.snapshot, "--yes"],
            Self::Down => vec!["redis", "down", "--yes"],
            Self::Undo(_) => vec!["undo", "--yes"],
        }
    }
}

/// What the deeds need.
struct Files {
    import: String,
    snapshot: String,
}

/// Keys that are there before.
const KEYS: usize = 20_000;

fn fill(rig: &Rig) {
    let mut link = rig.redis(MASTER_PORT);
    for chunk in (0..KEYS).collect::<Vec<_>>().chunks(1000) {
        let mut fill = redis::pipe();
        for n in chunk {
            // Such that it does not shrink to nothing in a snapshot.
            fill.cmd("SET").arg(format!("k:{n}")).arg(format!("{n}{}", "x".repeat(1000))).ignore();
            fill.cmd("RPUSH").arg(format!("list:{}", n % 50)).arg(*n).ignore();
        }
        fill.query::<()>(&mut link).expect("filled");
    }
}

/// What redis holds; none where nothing stands.
fn digest(rig: &Rig) -> Option<String> {
    (rig.kubectl(&["get", "namespace/redis"]).code == Some(0))
        .then(|| rig.opsctl(&["redis", "digest"]).ok().out)
}

/// The last run that is recorded: its number, whether it has ended, and how much it has begun to change.
fn last_run(rig: &Rig) -> (u64, bool, u64) {
    let runs = rig.opsctl(&["history", "-o", "json"]).ok().json();
    let last = runs.as_array().and_then(|runs| runs.last()).cloned().unwrap_or_default();
    let number = |of: &str| last[of].as_u64().unwrap_or(0);
    (number("run"), !last["ok"].is_null(), number("changes"))
}

/// From nothing to where a deed begins.
fn set_out(rig: &Rig, deed: Deed, files: &Files) {
    let done = match deed {
        Deed::Up => return,
        Deed::Undo(done) => Some(*done),
        _ => None,
    };
    rig.opsctl(&["redis", "up"]).ok();
    fill(rig);
    if let Some(done) = done.filter(|done| *done != Deed::Up) {
        rig.opsctl(&done.words(files)).ok();
    }
}

pub fn killed_in_any_deed_with_data_it_goes_on_and_undo_all_leaves_nothing(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    let mut moments = Moments::new();
    let seed = moments.0;
    rig.opsctl(&["undo", "--all", "--yes"]).ok();
    rig.redis_is_down();
    let import = rig.root.join("deeds.txt");
    let lines = (0..100_000).fold(String::new(), |mut lines, n| {
        let _ = writeln!(lines, "SET k:{} imported\nINCR count\nSET new:{n} {n}", n % (2 * KEYS));
        lines
    });
    std::fs::write(&import, lines).expect("a file");
    let mut files = Files { import: import.display().to_string(), snapshot: String::new() };
    // The data of a restore: what a `clean` kept.
    rig.opsctl(&["redis", "up"]).ok();
    let _: () = ask(&mut rig.redis(MASTER_PORT), "SET kept here");
    let cleaned = rig.opsctl(&["redis", "clean", "--yes"]).ok();
    let kept = named(&cleaned).pop().expect("the snapshot of what was deleted");
    let copy = rig.root.join("kept.rdb");
    for extension in ["rdb", "json"] {
        std::fs::copy(kept.with_extension(extension), copy.with_extension(extension)).expect("a copy");
    }
    files.snapshot = copy.display().to_string();
    rig.opsctl(&["undo", "--all", "--yes"]).ok();

    let rounds = if rig.soak { 2 } else { 1 };
    let mut told = Vec::new();
    for deed in Deed::ALL {
        // Once to its end: how long it takes, and what is to be there then.
        set_out(rig, deed, &files);
        let whole = rig.opsctl(&deed.words(&files)).ok();
        let wanted = digest(rig);
        rig.opsctl(&["undo", "--all", "--yes"]).ok();
        rig.is_as_before();
        for round in 0..rounds {
            set_out(rig, deed, &files);
            let before = digest(rig);
            let (earlier, ..) = last_run(rig);
            let moment = moments.below(whole.took);
            let mut command = rig.command(&deed.words(&files));
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("opsctl");
            let began = Instant::now();
            while began.elapsed() < moment && child.try_wait().expect("its state").is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            child.kill().expect("kill -9");
            let died = !child.wait().expect("its end").success();
            let (run, ended, changes) = last_run(rig);
            let when = format!("{deed:?} killed after {} (seed {seed})", secs(moment));
            if round % 2 == 0 {
                // A run that was recorded to its end is not done a second time.
                if died && (run == earlier || !ended) {
                    rig.opsctl(&deed.words(&files)).ok();
                }
                if wanted.is_some() && deed != Deed::Up {
                    rig.redis_is_well();
                }
                assert_eq!(digest(rig), wanted, "{when}, then again");
            } else if run > earlier && changes > 0 && deed != Deed::Up && !matches!(deed, Deed::Undo(_)) {
                rig.opsctl(&["undo", "--yes"]).ok();
                rig.redis_is_well();
                assert_eq!(digest(rig), before, "{when}, then undone");
            }
            rig.opsctl(&["undo", "--all", "--yes"]).ok();
            rig.is_as_before();
            rig.opsctl(&["undo", "--all", "--yes"]).ok().says(&["Nothing to do"]);
            told.push(when);
        }
    }
    facts.push(format!("{} kills with data, each deed once to its end before (seed {seed})", told.len()));
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
