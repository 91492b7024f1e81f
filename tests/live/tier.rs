//! How the tier runs: stage after stage; in a stage its lanes one by one or side by side; in a lane its tests in
//! order. Each has its line when it has ended; at the end come the table, what was skipped and why, and the sum.

use std::fmt::Write as _;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::rig::{self, Cluster, Rig, locked, secs};

/// A rule, and the function that shows it.
pub struct Test {
    /// `module::function`, which is what a filter is held against.
    name: &'static str,
    body: Body,
    conditions: Vec<Condition>,
}

/// What shows a rule.
#[derive(Clone, Copy)]
pub enum Body {
    /// On the cluster; it notes what it measured.
    Live(fn(&Rig, &mut Vec<String>)),
    /// On nothing.
    Pure(fn()),
}

/// What must hold, and why the test is skipped where it does not.
type Condition = (fn(&Cluster) -> bool, &'static str);

impl Test {
    /// A test that always runs.
    pub fn new(name: &'static str, body: Body) -> Self {
        Self { name, body, conditions: Vec::new() }
    }

    /// It is skipped, counted and named with this reason where the condition does not hold.
    pub fn only(mut self, holds: fn(&Cluster) -> bool, otherwise: &'static str) -> Self {
        self.conditions.push((holds, otherwise));
        self
    }
}

/// A test by its path, `test!(durability::verify_proves_it_by_itself)`: the name that a filter finds.
macro_rules! test {
    ($module:ident :: $name:ident) => {
        test!($module::$name, Live)
    };
    ($module:ident :: $name:ident, $body:ident) => {
        $crate::tier::Test::new(
            concat!(stringify!($module), "::", stringify!($name)),
            $crate::tier::Body::$body($crate::$module::$name),
        )
    };
}

/// A row of tests that stands on its own: stacks that no other lane touches meanwhile, and a state folder, since
/// opsctl has one journal and one lock a folder.
pub struct Lane {
    /// Its name, which is its state folder's.
    pub name: &'static str,
    /// Its stacks.
    pub stacks: &'static [Stack],
    /// What all its tests together may take on two quiet cores.
    pub minutes: u64,
}

/// What a lane puts up.
#[derive(Clone, Copy)]
pub struct Stack {
    /// The namespace that holds it.
    pub namespace: &'static str,
    /// The words that take it down whatever became of it; none where its namespace is all there is.
    pub down: &'static [&'static str],
}

/// Some tests of a lane.
pub struct Part {
    lane: &'static Lane,
    tests: Vec<Test>,
}

impl Part {
    fn needs_cluster(&self) -> bool {
        self.tests.iter().any(|test| matches!(test.body, Body::Live(_)))
    }
}

/// Some tests of a lane.
pub fn lane(lane: &'static Lane, tests: impl Into<Vec<Test>>) -> Part {
    Part { lane, tests: tests.into() }
}

/// Whether the lanes of a stage wait for one another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OneByOne,
    SideBySide,
}

/// What runs before the next stage begins.
pub struct Stage {
    title: &'static str,
    order: Order,
    parts: Vec<Part>,
    /// Whether it waits until the tiers have ended that run beside this one.
    alone: bool,
}

impl Stage {
    /// Nothing else runs beside any of its tests.
    pub fn one_by_one(title: &'static str, parts: impl Into<Vec<Part>>) -> Self {
        Self { title, order: Order::OneByOne, parts: parts.into(), alone: false }
    }

    /// Each lane goes its own way.
    pub fn side_by_side(title: &'static str, parts: impl Into<Vec<Part>>) -> Self {
        Self { title, order: Order::SideBySide, parts: parts.into(), alone: false }
    }

    /// It begins once no other tier runs: some of its tests judge what a starved machine cannot keep.
    pub fn once_alone(self) -> Self {
        Self { alone: true, ..self }
    }

    fn needs_cluster(&self) -> bool {
        self.parts.iter().any(Part::needs_cluster)
    }
}

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    Skipped,
}

struct Entry {
    lane: &'static str,
    name: &'static str,
    /// What was measured, or why it was skipped.
    facts: String,
    took: Duration,
    end: End,
}

impl Entry {
    fn told(&self) -> String {
        if self.facts.is_empty() { self.name.to_owned() } else { format!("{}: {}", self.name, self.facts) }
    }

    /// Appends what was measured to the file that `OPSCTL_FIGURES` names.
    fn append(&self) {
        let mut figure = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/bench/figure"));
        if !self.facts.is_empty() {
            rig::run(figure.args(["soak", self.name, &self.facts])).ok();
        }
    }
}

/// What came of it.
struct Book {
    began: Instant,
    stages: Mutex<Vec<(&'static str, Duration, Vec<Entry>)>>,
}

/// Runs what the arguments choose of it; `budget` is for the whole on two quiet cores.
pub fn run(tier: Vec<Stage>, budget: Duration) -> ExitCode {
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(unknown) => {
            say(&format!("{unknown}: known are --list, --exact, --skip NAME and names, or parts of them"));
            return ExitCode::from(2);
        }
    };
    let mut lanes: Vec<&'static Lane> = Vec::new();
    for part in tier.iter().flat_map(|s| &s.parts) {
        if lanes.iter().all(|lane| lane.name != part.lane.name) {
            lanes.push(part.lane);
        }
    }
    let chosen = args.choose(tier);
    if args.list {
        let names = chosen.iter().flat_map(|s| &s.parts).flat_map(|p| &p.tests).map(|t| t.name);
        names.clone().for_each(|name| say(&format!("{name}: test")));
        say(&format!("\n{} tests, 0 benchmarks", names.count()));
        return ExitCode::SUCCESS;
    }
    let book = Book { began: Instant::now(), stages: Mutex::default() };
    let mut cluster: Option<Cluster> = None;
    let mut none = false;
    for stage in &chosen {
        locked(&book.stages).push((stage.title, Duration::ZERO, Vec::new()));
        if stage.alone {
            book.wait_for_other_tiers();
        }
        if stage.needs_cluster() && cluster.is_none() && !none {
            let parts = chosen.iter().flat_map(|s| &s.parts).filter(|part| part.needs_cluster());
            let stacks: Vec<Stack> = parts.flat_map(|part| part.lane.stacks).copied().collect();
            let is_ours = |name: &str| stacks.iter().any(|stack| stack.namespace == name);
            let all = lanes.iter().flat_map(|lane| lane.stacks).map(|stack| stack.namespace);
            let others: Vec<_> = all.filter(|name| !is_ours(name)).collect();
            cluster = book.make_cluster(&stacks, &others);
            none = cluster.is_none();
        }
        let began = Instant::now();
        let run = |part: &Part| {
            for test in &part.tests {
                book.run(part.lane, test, cluster.as_ref(), &lanes);
            }
        };
        // The figures of a soak go into the docs.
        let order = if cluster.as_ref().is_some_and(|c| c.soak) { Order::OneByOne } else { stage.order };
        match order {
            Order::OneByOne => stage.parts.iter().for_each(run),
            Order::SideBySide => thread::scope(|scope| {
                for part in &stage.parts {
                    scope.spawn(|| run(part));
                }
            }),
        }
        if let Some(last) = locked(&book.stages).last_mut() {
            last.1 = began.elapsed();
        }
    }
    book.close(cluster.as_ref(), &lanes, budget)
}

/// Whether the tiers still run that `make test` runs beside this one: until then there is a file with make's process.
fn others_run() -> bool {
    let pid = std::env::var_os("OPSCTL_TEST_BESIDE").and_then(|file| std::fs::read_to_string(file).ok());
    let pid = pid.and_then(|text| rustix::process::Pid::from_raw(text.trim().parse().ok()?));
    // Who was killed removed nothing.
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

impl Book {
    fn wait_for_other_tiers(&self) {
        let began = Instant::now();
        if others_run() {
            while others_run() {
                thread::sleep(Duration::from_millis(100));
            }
            let took = began.elapsed();
            let facts = "have ended; what follows is alone".to_owned();
            // No lane's time.
            self.enter(Entry { lane: "", name: "the_other_tiers", facts, took, end: End::Passed });
        }
    }

    /// The cluster that all tests share; a line of its own.
    fn make_cluster(&self, stacks: &[Stack], others: &[&str]) -> Option<Cluster> {
        let began = Instant::now();
        let made = named("the cluster", || Cluster::new(stacks, others));
        let (end, facts) = match &made {
            Ok(cluster) if cluster.keep => (End::Passed, "kept, as OPSCTL_TEST_KEEP says".to_owned()),
            Ok(_) => (End::Passed, "two nodes, from nothing".to_owned()),
            Err(why) => (End::Failed, why.clone()),
        };
        self.enter(Entry { lane: "environment", name: "the_cluster", facts, took: began.elapsed(), end });
        made.ok()
    }

    /// A test, its line, and what it left where it failed.
    fn run(&self, lane: &'static Lane, test: &Test, cluster: Option<&Cluster>, lanes: &[&'static Lane]) {
        let mut entry = Entry {
            lane: lane.name,
            name: test.name,
            facts: String::new(),
            took: Duration::ZERO,
            end: End::Skipped,
        };
        let rig = cluster.map(|cluster| Rig::new(cluster, lane, lanes));
        let missed = |(holds, _): &&Condition| cluster.is_some_and(|c| !holds(c));
        if let Some((_, why)) = test.conditions.iter().find(missed) {
            (*why).clone_into(&mut entry.facts);
            return self.enter(entry);
        }
        let began = Instant::now();
        let mut facts = Vec::new();
        let passed = match (test.body, &rig) {
            (Body::Pure(body), _) => named(test.name, body),
            (Body::Live(body), Some(rig)) => named(test.name, || body(rig, &mut facts)),
            (Body::Live(_), None) => {
                "there is no cluster".clone_into(&mut entry.facts);
                return self.enter(entry);
            }
        };
        entry.took = began.elapsed();
        entry.end = if passed.is_ok() { End::Passed } else { End::Failed };
        facts.extend(passed.as_ref().err().cloned());
        entry.facts = facts.join("; ");
        self.enter(entry);
        // The next ones are not to fail for what this one left; other lanes have nothing to do with it.
        if let (Err(_), Some(rig)) = (passed, &rig)
            && named(test.name, || rig.clear()).is_err()
        {
            say(&format!("what {} left could not be removed", test.name));
        }
    }

    fn enter(&self, entry: Entry) {
        let mark = match entry.end {
            End::Passed => "ok  ",
            End::Failed => "FAIL",
            End::Skipped => "skip",
        };
        say(&format!("{mark} {:>8}  {:<12} {}", secs(entry.took), entry.lane, entry.told()));
        if let Some(stage) = locked(&self.stages).last_mut() {
            stage.2.push(entry);
        }
    }

    /// The table; whether all is well.
    fn close(self, cluster: Option<&Cluster>, lanes: &[&'static Lane], budget: Duration) -> ExitCode {
        let total = self.began.elapsed();
        let stages = self.stages.into_inner().unwrap_or_default();
        let all = || stages.iter().flat_map(|(_, _, entries)| entries);
        let mut text = String::from("\nLive tier\n");
        for (title, took, entries) in &stages {
            let _ = writeln!(text, "\n{:>8}  {title}", secs(*took));
            for lane in std::iter::once("").chain(lanes.iter().map(|lane| lane.name)) {
                for e in entries.iter().filter(|e| e.lane == lane) {
                    let mark = match e.end {
                        End::Passed => "",
                        End::Failed => "FAILED ",
                        End::Skipped => "skipped ",
                    };
                    let _ = writeln!(text, "{:>10}  {lane:<12} {mark}{}", secs(e.took), e.told());
                }
            }
        }
        let soak = cluster.is_some_and(|c| c.soak);
        let within = |took: Duration, budget: Duration| match (soak, took > budget) {
            (true, _) => "no budget: soak".to_owned(),
            (false, over) => format!("budget {}{}", secs(budget), if over { ", OVER" } else { "" }),
        };
        text.push('\n');
        for lane in lanes {
            let took: Duration = all().filter(|e| e.lane == lane.name).map(|e| e.took).sum();
            let minutes = Duration::from_mins(lane.minutes);
            let _ = writeln!(text, "{:>8}  lane {} ({})", secs(took), lane.name, within(took, minutes));
        }
        let _ = writeln!(text, "{:>8}  in all ({})", secs(total), within(total, budget));
        let count = |end: End| all().filter(|e| e.end == end).count();
        for (end, word) in [(End::Skipped, "skipped"), (End::Failed, "failed")] {
            for e in all().filter(|e| e.end == end) {
                let _ = write!(text, "\n{word}: {}", e.told());
            }
        }
        if soak {
            all().filter(|e| e.end == End::Passed).for_each(Entry::append);
        }
        // A loaded machine is late; one that is three times late hides what is wrong with the tests.
        let late = !soak && total > budget * 3;
        if late {
            let _ = write!(text, "\nfailed: {} is more than three times the budget", secs(total));
        }
        let failed = count(End::Failed) + usize::from(late);
        let _ = write!(
            text,
            "\n\n{} passed, {failed} failed, {} skipped",
            count(End::Passed),
            count(End::Skipped)
        );
        say(&text);
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs that in a thread of that name, by which a panic calls itself; the error is its first line.
fn named<T: Send>(name: &str, body: impl FnOnce() -> T + Send) -> Result<T, String> {
    let ended = thread::scope(|scope| {
        thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, body).expect("a thread").join()
    });
    ended.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        // In one line, with both sides of a comparison: the table may be all that a reader has.
        let words: Vec<_> = text.split_whitespace().collect();
        words.join(" ").chars().take(1000).collect()
    })
}

/// A line for the reader of the run.
pub fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// What was asked for, in the words of every other tier.
#[derive(Default)]
struct Args {
    list: bool,
    exact: bool,
    names: Vec<String>,
    skip: Vec<String>,
}

impl Args {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--list" => args.list = true,
                "--exact" => args.exact = true,
                "--skip" => args.skip.extend(words.next()),
                // Nothing is caught here, and the lanes are the threads.
                "--nocapture" | "--no-capture" | "--show-output" => {}
                _ if word.starts_with("--test-threads=") => {}
                _ if word.starts_with('-') => return Err(word),
                _ => args.names.push(word),
            }
        }
        Ok(args)
    }

    /// The stages with the tests that are meant.
    fn choose(&self, tier: Vec<Stage>) -> Vec<Stage> {
        let is = |name: &str, word: &String| if self.exact { name == word } else { name.contains(word) };
        let meant = |test: &Test| {
            let named = self.names.is_empty() || self.names.iter().any(|word| is(test.name, word));
            named && !self.skip.iter().any(|word| is(test.name, word))
        };
        let mut chosen = tier;
        for stage in &mut chosen {
            stage.parts.iter_mut().for_each(|part| part.tests.retain(meant));
            stage.parts.retain(|part| !part.tests.is_empty());
        }
        chosen.retain(|stage| !stage.parts.is_empty());
        chosen
    }
}
