use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::*;
use crate::redis::digest::digest;
use crate::redis::snapshot::{restore, take};
use crate::redis::testing::RedisServer;

fn filled(keys: std::ops::Range<u32>, value: &str) -> RedisServer {
    let server = RedisServer::start(&[]);
    server.cli(lines(keys, value).as_bytes());
    server
}

fn lines(keys: std::ops::Range<u32>, value: &str) -> String {
    keys.fold(String::new(), |mut lines, n| {
        let _ = writeln!(lines, "SET k:{n} {value}:{n}");
        lines
    })
}

async fn of(server: &RedisServer) -> String {
    digest(&server.addr(), |_, _| {}).await.unwrap().digest
}

/// All of it, with what gave way saved and away.
async fn done(server: &RedisServer, wanted: Option<&Snapshot>, dir: &Path) -> (Replaced, Option<Snapshot>) {
    let addr = server.addr();
    let aside = Aside::choose(&addr, wanted).await.unwrap();
    let replaced = replace(&addr, wanted, &aside, |_, _| {}).await.unwrap();
    (replaced, finished(server, wanted, &aside, dir).await)
}

async fn finished(
    server: &RedisServer,
    wanted: Option<&Snapshot>,
    aside: &Aside,
    dir: &Path,
) -> Option<Snapshot> {
    let saved = save_aside(dir, &server.addr(), wanted, aside, Origin::default(), |_| {}).await.unwrap();
    if let Some(wanted) = wanted {
        load_functions(&server.addr(), wanted).await.unwrap();
    }
    aside.drop(&server.addr()).await.unwrap();
    saved
}

/// A redis that holds just what is in the snapshot.
async fn holding(snapshot: &Snapshot) -> RedisServer {
    let server = RedisServer::start(&[]);
    restore(snapshot, &server.addr(), |_, _| {}).await.unwrap();
    server
}

#[tokio::test]
async fn all_data_gives_way_to_the_snapshot_and_is_in_another_one() {
    let dir = tempfile::tempdir().unwrap();
    let wanted = filled(0..1500, "wanted");
    wanted.cli(b"SELECT 3\nHSET h f 1\nEXPIRE h 1000\nSELECT 0\nHSET opsctl:imports a b\n");
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let server = filled(1000..3000, "former");
    server.cli(b"SELECT 5\nSADD s x y\nSELECT 0\nHSET opsctl:imports c d\nSET late 1 EX 1000\n");
    let former = of(&server).await;

    let (replaced, saved) = done(&server, Some(&snapshot), dir.path()).await;
    assert_eq!((replaced.restored, replaced.stayed, replaced.moved), (1501, 0, 2002));
    assert_eq!(of(&server).await, of(&wanted).await);
    assert_eq!(server.ask::<String>(&["HGET", "opsctl:imports", "a"]), "b");
    let saved = saved.unwrap();
    assert_eq!(saved.meta.holds.keys, 2002);
    assert_eq!(saved.meta.holds.databases.keys().copied().collect::<Vec<_>>(), [0, 5]);
    let back = holding(&saved).await;
    assert_eq!(of(&back).await, former);
    assert_eq!(back.ask::<String>(&["HGET", "opsctl:imports", "c"]), "d");
    // The way back is the same thing.
    let (_, again) = done(&server, Some(&saved), dir.path()).await;
    assert_eq!(of(&server).await, former);
    assert_eq!(of(&holding(&again.unwrap()).await).await, of(&wanted).await);
}

#[tokio::test]
async fn everything_gives_way_to_nothing_and_functions_stay() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(0..2500, "v");
    server.cli(b"SELECT 9\nSET other 1\n");
    let replica = server.replica(&[]);
    let former = of(&server).await;
    server
        .cli(b"FUNCTION LOAD \"#!lua name=mine\\nredis.register_function('f', function() return 1 end)\"\n");
    let (replaced, saved) = done(&server, None, dir.path()).await;
    assert_eq!(replaced.moved, 2501);
    // The replica has acknowledged all of it.
    for server in [&server, &replica] {
        assert_eq!(server.cli(b"INFO keyspace\n").trim(), "# Keyspace");
    }
    assert!(server.cli(b"FUNCTION LIST\n").contains("mine"));
    let back = holding(&saved.unwrap()).await;
    back.cli(b"FUNCTION DELETE mine\n");
    assert_eq!(of(&back).await, former);
}

#[tokio::test]
async fn a_function_that_another_one_of_its_name_replaces_is_kept_even_without_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let library = |n: u8| {
        let code = format!("#!lua name=mine\nredis.register_function('f', function() return {n} end)");
        let server = RedisServer::start(&[]);
        server.ask::<String>(&["FUNCTION", "LOAD", &code]);
        server
    };
    let (server, wanted) = (library(1), library(2));
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let (_, saved) = done(&server, Some(&snapshot), dir.path()).await;
    assert_eq!(server.ask::<u8>(&["FCALL", "f", "0"]), 2);
    let saved = saved.unwrap();
    assert_eq!(holding(&saved).await.ask::<u8>(&["FCALL", "f", "0"]), 1);
    let (_, again) = done(&server, Some(&saved), dir.path()).await;
    assert_eq!((server.ask::<u8>(&["FCALL", "f", "0"]), again.is_some()), (1, true));
}

#[tokio::test]
async fn an_empty_redis_has_nothing_that_gives_way() {
    let dir = tempfile::tempdir().unwrap();
    let wanted = filled(0..10, "v");
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let server = RedisServer::start(&[]);
    let (replaced, saved) = done(&server, Some(&snapshot), dir.path()).await;
    assert_eq!((replaced.restored, replaced.moved, saved), (10, 0, None));
    assert_eq!(of(&server).await, of(&wanted).await);
}

#[tokio::test]
async fn where_no_database_is_free_nothing_is_touched() {
    let server = RedisServer::start(&["--databases", "2"]);
    server.cli(b"SET a 1\nSELECT 1\nSET b 1\n");
    let error = Aside::choose(&server.addr(), None).await.unwrap_err();
    assert!(error.to_string().contains("has 2 databases and uses 2 of them"), "{error}");
    let one = RedisServer::start(&["--databases", "1"]);
    one.cli(b"SET a 1\n");
    Aside::choose(&one.addr(), None).await.unwrap_err();
}

#[tokio::test]
async fn what_does_not_fit_beside_what_is_there_is_refused_before_anything_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let wanted = RedisServer::start(&["--rdbcompression", "no"]);
    wanted.cli(format!("SET big {}\n", "x".repeat(8 << 20)).as_bytes());
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let server = RedisServer::start(&["--maxmemory", "12mb", "--maxmemory-policy", "noeviction"]);
    server.cli(format!("SET other {}\n", "y".repeat(4 << 20)).as_bytes());
    let error = Aside::choose(&server.addr(), Some(&snapshot)).await.unwrap_err();
    assert!(error.to_string().contains("do not fit beside what is there"), "{error}");
}

#[tokio::test]
async fn a_refused_transaction_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let wanted = filled(0..3000, "wanted");
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let server = filled(0..3000, "former");
    let former = of(&server).await;
    let addr = server.addr();
    let aside = Aside::choose(&addr, Some(&snapshot)).await.unwrap();
    server.cli(b"CONFIG SET maxmemory 1\n");
    let error = replace(&addr, Some(&snapshot), &aside, |_, _| {}).await.unwrap_err();
    assert!(error.to_string().contains("command not allowed when used memory"), "{error}");
    assert_eq!(of(&server).await, former);
}

#[tokio::test]
async fn a_replica_is_refused_and_keeps_its_data() {
    let server = filled(0..1, "v");
    let replica = server.replica(&[]);
    let aside = Aside::choose(&replica.addr(), None).await.unwrap();
    let error = replace(&replica.addr(), None, &aside, |_, _| {}).await.unwrap_err();
    assert_eq!(crate::error::class_of(&error), crate::error::Class::Usage);
    assert_eq!(replica.ask::<u64>(&["DBSIZE"]), 1);
}

/// Stops after so many steps by being dropped in the middle, as by a kill; whether it ended before that.
async fn killed_after(steps: usize, addr: &str, wanted: Option<&Snapshot>, aside: &Aside) -> bool {
    let (sender, mut reached) = mpsc::unbounded_channel();
    let mut seen = 0;
    let work = replace(addr, wanted, aside, |_, _| {
        seen += 1;
        if seen == steps {
            let _ = sender.send(());
        }
    });
    tokio::select! {
        biased;
        _ = reached.recv() => false,
        ended = work => { ended.unwrap(); true }
    }
}

#[tokio::test]
async fn killed_after_any_step_it_goes_on_to_the_very_same_end() {
    let dir = tempfile::tempdir().unwrap();
    let wanted = filled(0..3500, "wanted");
    let snapshot = take(dir.path(), &wanted.addr(), Origin::default(), |_| {}).await.unwrap();
    let mut deaths = 0;
    for steps in 1.. {
        // Keys of both, of the wanted alone, and of the former alone.
        let server = filled(2000..5500, "former");
        let (addr, former) = (server.addr(), of(&server).await);
        let aside = Aside::choose(&addr, Some(&snapshot)).await.unwrap();
        if killed_after(steps, &addr, Some(&snapshot), &aside).await {
            break;
        }
        deaths += 1;
        // Who goes on knows what was noted alone.
        let noted: Aside = serde_json::from_value(serde_json::to_value(&aside).unwrap()).unwrap();
        replace(&addr, Some(&snapshot), &noted, |_, _| {}).await.unwrap();
        let saved = finished(&server, Some(&snapshot), &noted, dir.path()).await.unwrap();
        assert_eq!(of(&server).await, of(&wanted).await, "after {steps} steps");
        assert_eq!(of(&holding(&saved).await).await, former, "after {steps} steps");
    }
    assert!(deaths >= 8, "{deaths}");
}

/// Writes the same keys over and over; keeps the last value of each that was acknowledged.
struct Writer {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeMap<String, u64>>>,
    thread: JoinHandle<u64>,
}

impl Writer {
    fn start(server: &RedisServer, who: u64, keys: &'static [&'static str], pause: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
        let (ended, told, url) =
            (Arc::clone(&stop), Arc::clone(&acknowledged), format!("redis://{}", server.addr()));
        let thread = std::thread::spawn(move || {
            let mut link = ::redis::Client::open(url).unwrap().get_connection().unwrap();
            let mut written = 0;
            while !ended.load(Ordering::Relaxed) {
                for key in keys {
                    written += 1;
                    let (key, value) = (format!("{key}:{who}"), written);
                    ::redis::cmd("SET").arg(&key).arg(value).query::<()>(&mut link).unwrap();
                    told.lock()
                        .map(|mut told: std::sync::MutexGuard<'_, BTreeMap<String, u64>>| {
                            told.insert(key, value)
                        })
                        .unwrap();
                }
                std::thread::sleep(std::time::Duration::from_millis(pause));
            }
            written
        });
        Self { stop, acknowledged, thread }
    }

    fn end(self) -> BTreeMap<String, u64> {
        self.stop.store(true, Ordering::Relaxed);
        assert!(self.thread.join().unwrap() > 0);
        self.acknowledged.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_writers_and_a_reader_nothing_that_was_acknowledged_is_lost_and_nobody_misses_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(0..20_000, "former");
    server.cli(b"SET constant here\n");
    let snapshot = take(dir.path(), &server.addr(), Origin::default(), |_| {}).await.unwrap();
    server.cli(lines(10_000..30_000, "later").as_bytes());
    let addr = server.addr();
    for wanted in [Some(&snapshot), None] {
        let writers: Vec<_> = [(1, 0), (2, 1), (3, 2)]
            .map(|(who, pause)| Writer::start(&server, who, &["k", "w", "x"], pause))
            .into();
        let (stop, missed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let reader = {
            let (stop, missed, url) = (Arc::clone(&stop), Arc::clone(&missed), format!("redis://{addr}"));
            std::thread::spawn(move || {
                let mut link = ::redis::Client::open(url).unwrap().get_connection().unwrap();
                let mut reads = 0;
                while !stop.load(Ordering::Relaxed) {
                    let there: Option<String> = ::redis::cmd("GET").arg("constant").query(&mut link).unwrap();
                    missed.fetch_add(u64::from(there.is_none()), Ordering::Relaxed);
                    reads += 1;
                }
                reads
            })
        };
        let aside = Aside::choose(&addr, wanted).await.unwrap();
        replace(&addr, wanted, &aside, |_, _| {}).await.unwrap();
        let saved = finished(&server, wanted, &aside, dir.path()).await.unwrap();
        stop.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 10);
        if wanted.is_some() {
            assert_eq!(missed.load(Ordering::Relaxed), 0, "a reader missed a key");
        }
        let in_snapshot = holding(&saved).await;
        for (key, value) in writers.into_iter().flat_map(Writer::end) {
            let here: Option<u64> = server.ask(&["GET", &key]);
            let kept: Option<u64> = in_snapshot.ask(&["GET", &key]);
            assert!([here, kept].contains(&Some(value)), "{key}: {value} is lost: {here:?}, {kept:?}");
        }
        assert_eq!(server.ask::<u64>(&["EXISTS", "k:15000"]), u64::from(wanted.is_some()));
    }
}
