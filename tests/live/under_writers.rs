//! Whoever writes while data is replaced, deleted or brought back loses nothing, and whoever reads misses nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use opsctl::redis::rdb::{Item, Walk};

use crate::api_server::{self, Away};
use crate::rig::{MASTER_PORT, Ran, Rig, ask, connect, secs};

/// Each writer has its own keys, which every run touches: so many that in the moments after a run it comes round to few
/// of them. What it wrote to the others before or during the run must have stayed without its help.
const KEYS: [u64; 3] = [20_000, 2_000, 1_000];
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_mins(3);
/// From one write to the next, in milliseconds; the first goes as fast as it can.
const PAUSES: [u64; 3] = [0, 1, 3];
/// Numbers below this are of earlier writers: what one wrote before a run is never taken for what it wrote during it.
const GENERATION: u64 = 1_000_000_000;
/// The data beside them: 200 MB.
const VALUES: usize = 20_000;
const VALUE: usize = 10_000;

/// The last value of each key that redis acknowledged: each writer counts up.
type Acknowledged = BTreeMap<String, u64>;
/// What an import writes, which no writer does.
const IMPORTED: u64 = 0;

/// Clients at work while a command runs.
struct Clients {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Acknowledged>>,
    /// The last number of each writer that was acknowledged.
    last: Vec<Arc<AtomicU64>>,
    missed: Arc<AtomicU64>,
    reader: JoinHandle<u64>,
}

impl Clients {
    /// They begin as soon as there is a redis.
    fn start(rig: &Rig) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(1);
        let first = GENERATIONS.fetch_add(1, Ordering::Relaxed) * GENERATION;
        let stop = Arc::new(AtomicBool::new(false));
        let url = format!("redis://{}:{MASTER_PORT}/", rig.address());
        let (mut writers, mut last) = (Vec::new(), Vec::new());
        for who in 0..PAUSES.len() {
            let (stop, url) = (Arc::clone(&stop), url.clone());
            let told = Arc::new(AtomicU64::new(0));
            last.push(Arc::clone(&told));
            writers.push(std::thread::spawn(move || write(&url, who, first, &told, &stop)));
        }
        let missed = Arc::new(AtomicU64::new(0));
        let (told, counted, at) = (Arc::clone(&stop), Arc::clone(&missed), url.clone());
        let reader = std::thread::spawn(move || read(&at, &told, &counted));
        Self { stop, writers, last, missed, reader }
    }

    /// How far each writer has come.
    fn now(&self) -> Vec<u64> {
        self.last.iter().map(|last| last.load(Ordering::Relaxed)).collect()
    }

    /// What the writers were told is written, and how often the reader missed the key that is always there.
    fn end(self) -> (Acknowledged, u64) {
        self.stop.store(true, Ordering::Relaxed);
        let all: Acknowledged =
            self.writers.into_iter().flat_map(|writer| writer.join().expect("the writer ends")).collect();
        let reads = self.reader.join().expect("the reader ends");
        assert!(all.len() > 10 && reads > 10, "{} keys were written, {reads} reads", all.len());
        (all, self.missed.load(Ordering::Relaxed))
    }
}

/// A connection as soon as one is to be had; none once it is to stop.
fn first_link(url: &str, stop: &AtomicBool) -> Option<redis::Connection> {
    while !stop.load(Ordering::Relaxed) {
        // A redis that goes, or loads its file, may still take a connection.
        if let Ok(mut link) = connect(url, PATIENCE)
            && redis::cmd("PING").query::<()>(&mut link).is_ok()
        {
            return Some(link);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// A key of a writer, from its number.
fn key(who: usize, n: u64) -> String {
    format!("touched:{who}:{}", n % KEYS[who])
}

fn write(url: &str, who: usize, first: u64, last: &AtomicU64, stop: &AtomicBool) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let Some(mut link) = first_link(url, stop) else { return acknowledged };
    for n in first.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = key(who, n);
        // Once its redis goes away it was told no more.
        if redis::cmd("SET").arg(&key).arg(format!("v:{n}")).query::<()>(&mut link).is_err() {
            break;
        }
        acknowledged.insert(key, n);
        last.store(n, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(PAUSES[who]));
    }
    acknowledged
}

fn read(url: &str, stop: &AtomicBool, missed: &AtomicU64) -> u64 {
    let Some(mut link) = first_link(url, stop) else { return 0 };
    let mut reads = 0;
    while !stop.load(Ordering::Relaxed) {
        let Ok(there) = redis::cmd("EXISTS").arg("constant").query::<u64>(&mut link) else { break };
        missed.fetch_add(1 - there, Ordering::Relaxed);
        reads += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
    reads
}

/// The snapshots that a command named.
pub fn named(ran: &Ran) -> Vec<PathBuf> {
    let lines = ran.err.lines().map(str::trim);
    let paths = lines.filter(|line| line.starts_with('/')).map(PathBuf::from);
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rdb")).collect()
}

fn number(value: &str) -> u64 {
    value.strip_prefix("v:").map_or(IMPORTED, |n| n.parse().expect("a number"))
}

/// The writers' keys in a snapshot.
fn held(snapshot: &PathBuf) -> Acknowledged {
    let file = File::open(snapshot).unwrap_or_else(|e| panic!("{}: {e}", snapshot.display()));
    let mut walk = Walk::new(BufReader::new(file), true).expect("an RDB file");
    let mut held = Acknowledged::new();
    while let Some(item) = walk.step().expect("a whole RDB file") {
        let Item::Entry(entry) = item else { continue };
        if entry.key.starts_with(b"touched:") && entry.db == 0 {
            // A short text: its type, its length in six bits, itself.
            let [0, length, text @ ..] = &entry.payload[..] else { panic!("{:?}", entry.payload) };
            let text = String::from_utf8_lossy(&text[..usize::from(*length)]).into_owned();
            held.insert(String::from_utf8_lossy(&entry.key).into_owned(), number(&text));
        }
    }
    held
}

/// Runs a command while clients are at work; each key's last acknowledged value is in redis afterwards, or in a
/// snapshot that the command named.
fn loses_nothing(rig: &Rig, args: &[&str], reads: bool) -> (Ran, usize) {
    let clients = Clients::start(rig);
    std::thread::sleep(Duration::from_millis(300));
    let ran = rig.opsctl(args);
    let ended = clients.now();
    std::thread::sleep(Duration::from_millis(100));
    let (acknowledged, missed) = clients.end();
    let ran = ran.ok();
    let snapshots: Vec<_> = named(&ran).iter().map(held).collect();
    let mut redis = Acknowledged::new();
    if let Ok(mut link) =
        connect(&format!("redis://{}:{MASTER_PORT}/", rig.address()), Duration::from_secs(5))
    {
        for keys in acknowledged.keys().collect::<Vec<_>>().chunks(1000) {
            let values: Vec<Option<String>> = redis::cmd("MGET").arg(keys).query(&mut link).expect("MGET");
            let found =
                keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).clone(), number(&value?))));
            redis.extend(found);
        }
    }
    // What was written but not acknowledged any more is newer. An import may have written last, but not what was
    // acknowledged after its end.
    let imports = args.contains(&"import");
    let by_then = |key: &str, value: u64| {
        let who: usize = key.split(':').nth(1).and_then(|who| who.parse().ok()).expect("whose it is");
        value <= ended[who]
    };
    let kept = |held: &Acknowledged, key: &String, value: u64| {
        held.get(key)
            .is_some_and(|held| *held >= value || (imports && by_then(key, value) && *held == IMPORTED))
    };
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|(key, value)| !snapshots.iter().chain([&redis]).any(|held| kept(held, key, **value)))
        .map(|(key, value)| format!("{key} = v:{value}: redis has {:?}", redis.get(key)))
        .collect();
    assert!(lost.is_empty(), "`{}` lost what was acknowledged:\n{}", args.join(" "), lost.join("\n"));
    if reads {
        assert_eq!(missed, 0, "`{}`: a reader missed a key that is always there", args.join(" "));
    }
    (ran, acknowledged.len())
}

pub fn nothing_that_was_acknowledged_is_lost_while_data_is_replaced(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
    let value = "x".repeat(VALUE);
    let mut link = rig.redis(MASTER_PORT);
    for chunk in (0..VALUES).collect::<Vec<_>>().chunks(500) {
        let mut fill = redis::pipe();
        for n in chunk {
            // Such that it does not shrink to nothing in a snapshot.
            fill.cmd("SET").arg(format!("fill:{n}")).arg(format!("{n}{value}")).ignore();
        }
        fill.query::<()>(&mut link).expect("filled");
    }
    let () = ask(&mut link, "SET constant here");
    let file = rig.root.join("touches.txt");
    let mut lines = String::from("SET constant here\n");
    for (who, count) in KEYS.into_iter().enumerate() {
        for n in 0..count {
            let _ = writeln!(lines, "SET {} imported", key(who, n));
        }
    }
    std::fs::write(&file, lines).expect("a file");
    let file = file.display().to_string();
    let rounds = if rig.soak { 20 } else { 1 };
    let began = Instant::now();
    let mut keys = 0;
    for _ in 0..rounds {
        let (cleaned, _) = loses_nothing(rig, &["redis", "clean", "--yes"], false);
        let whole = named(&cleaned).pop().expect("the snapshot of what was deleted").display().to_string();
        loses_nothing(rig, &["undo", "--yes"], false);
        let restore: &[&str] = &["snapshots", "restore", &whole, "--yes"];
        for (args, reads) in [
            (restore, true),
            (&["undo", "--yes"], true),
            (&["redis", "import", "--again", &file], true),
            (&["undo", "--yes"], true),
            (&["redis", "down", "--yes"], false),
            // They begin before all is back.
            (&["undo", "--yes"], false),
        ] {
            keys = loses_nothing(rig, args, reads).1;
        }
        rig.redis_is_well();
        assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "EXISTS constant fill:0"), 2);
    }
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
    facts.push(format!(
        "200 MB, {} writers, {keys} keys, {rounds} rounds of clean, restore, import and down, each undone, in {}: \
         every last acknowledged value in redis or in the snapshot that was named; a reader missed nothing",
        PAUSES.len(),
        secs(began.elapsed())
    ));
}

/// What to do while the API server dies three times, one after the other.
fn dying<T>(rig: &Rig, what: impl FnOnce() -> T) -> (T, usize) {
    let [node, _] = rig.nodes();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let killing = scope.spawn(|| {
            let mut deaths = 0;
            // The command has begun by then.
            std::thread::sleep(Duration::from_millis(600));
            while deaths < 3 && !ended.load(Ordering::Relaxed) {
                let away = Away::new(&node);
                deaths += 1;
                std::thread::sleep(Duration::from_secs(1));
                drop(away);
                api_server::answers(rig);
                // Time to send something, and to be broken off in the middle of it.
                std::thread::sleep(Duration::from_millis(100));
            }
            deaths
        });
        let done = what();
        ended.store(true, Ordering::Relaxed);
        (done, killing.join().expect("the API server is back"))
    })
}

pub fn an_api_server_that_dies_three_times_in_up_down_and_undo_costs_nothing(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    rig.redis_stands();
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET constant here");
    // So that `up` has something to make, of which the data is there.
    rig.asked(&["-n", "redis", "delete", "deployments,services,networkpolicies", "--all"]);
    for args in [&["redis", "up"][..], &["redis", "down", "--yes"], &["undo", "--yes"]] {
        let ((ran, keys), deaths) = dying(rig, || loses_nothing(rig, args, false));
        assert_eq!(
            deaths,
            3,
            "`{}` took {}, which is less than three deaths",
            args.join(" "),
            secs(ran.took)
        );
        facts.push(format!("`{}` in {}, {keys} keys written meanwhile", args.join(" "), secs(ran.took)));
    }
    rig.redis_is_well();
    assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "EXISTS constant"), 1);
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
}
