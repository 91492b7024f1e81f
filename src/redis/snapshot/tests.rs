//! Snapshots of a redis that holds every type, taken and put back.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::error::{Class, class_of};
use crate::redis::testing::RedisServer;

fn origin() -> Origin {
    Origin { cluster: Some("7c1e04".into()), source: "test".into(), reason: "a test".into() }
}

/// A redis with every type in every encoding that data can bring about, in two databases.
fn full() -> RedisServer {
    filled(5000)
}

/// The same with collections of about so many elements.
fn filled(size: usize) -> RedisServer {
    let server = RedisServer::start(&[
        "--hash-max-listpack-entries",
        "4",
        "--zset-max-listpack-entries",
        "4",
        "--list-max-listpack-size",
        "8",
    ]);
    let mut script = String::new();
    let many = |n: usize, each: &dyn Fn(usize) -> String| (0..n).map(each).collect::<Vec<_>>().join(" ");
    let _ = writeln!(script, "SET string plain");
    let _ = writeln!(script, "SET number 12345");
    let _ = writeln!(script, "SET small -7");
    let _ = writeln!(script, "SET \"bin\\x00\\xff\\r\\nkey\" \"\\x00\\x01\\xfe\\xff\\r\\n\"");
    let _ = writeln!(script, "SET 12345678 \"a key that is a number\"");
    let _ = writeln!(script, "SET 300 int16");
    let _ = writeln!(script, "SET {} long-key-that-packs", "abcdefgh".repeat(20));
    let _ = writeln!(script, "SET packs {}", "0123456789".repeat(size));
    let _ = writeln!(script, "SET empty \"\"");
    let _ = writeln!(script, "RPUSH list:small a b \"\\x00c\"");
    let _ = writeln!(script, "RPUSH list:large {}", many(size, &|n| format!("element-{n}")));
    let _ = writeln!(script, "RPUSH list:plain {} b", "y".repeat(size * 14));
    let _ = writeln!(script, "SADD set:numbers 1 2 300 70000 5000000000");
    let _ = writeln!(script, "SADD set:small a b c");
    let _ = writeln!(script, "SADD set:large {}", many(size / 5, &|n| format!("member-{n}")));
    let _ = writeln!(script, "HSET hash:small f v g w");
    let _ = writeln!(script, "HSET hash:large {}", many(size / 15, &|n| format!("f{n} {}", n * n)));
    let _ = writeln!(script, "ZADD zset:small 1 a 2.5 b -inf c +inf d");
    let _ = writeln!(script, "ZADD zset:large {}", many(size / 10, &|n| format!("{}.125 m{n}", n * 3)));
    let _ = writeln!(script, "GEOADD geo 13.361389 38.115556 Palermo");
    let _ = writeln!(script, "PFADD hll:sparse a b c");
    let _ = writeln!(script, "PFADD hll:dense {}", many(size, &|n| format!("v{n}")));
    let _ = writeln!(script, "SETBIT bits {} 1", size * 8);
    for n in 1..=size / 10 {
        let _ = writeln!(script, "XADD stream {n}-1 f v{n} g w");
    }
    let _ = writeln!(script, "XDEL stream 5-1 9-1");
    let _ = writeln!(script, "XGROUP CREATE stream workers 0");
    let _ = writeln!(script, "XGROUP CREATE stream idle $");
    let _ = writeln!(script, "XREADGROUP GROUP workers alice COUNT 7 STREAMS stream >");
    let _ = writeln!(script, "XREADGROUP GROUP workers bob COUNT 2 STREAMS stream >");
    let _ = writeln!(script, "XACK stream workers 2-1");
    let _ = writeln!(script, "XADD stream:empty 1-1 f v");
    let _ = writeln!(script, "XDEL stream:empty 1-1");
    let _ = writeln!(script, "SET ttl:long v EX 1000000");
    let _ = writeln!(script, "HSET ttl:hash f v");
    let _ = writeln!(script, "PEXPIREAT ttl:hash 4102444800123");
    let _ = writeln!(script, "HSET opsctl:imports abc {{}}");
    let _ = writeln!(script, "SELECT 9");
    let _ = writeln!(script, "SET other \"in database 9\"");
    let _ = writeln!(script, "SADD other:set a");
    let out = server.cli(script.as_bytes());
    assert!(!out.contains("ERR") && !out.contains("WRONGTYPE"), "{out}");
    let code = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";
    server.ask::<String>(&["FUNCTION", "LOAD", code]);
    server
}

const KEYS: u64 = 29;

async fn taken(server: &RedisServer) -> (tempfile::TempDir, Snapshot) {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = take(dir.path(), &server.addr(), origin(), |_| {}).await.unwrap();
    (dir, snapshot)
}

/// Everything there is, by redis' own reckoning: a digest of all data, and each time to live.
fn everything(server: &RedisServer) -> (String, BTreeMap<Vec<u8>, i64>) {
    let digest = server.cli(b"DEBUG DIGEST\n");
    assert_eq!(digest.trim().len(), 40);
    let mut link =
        redis::Client::open(format!("redis://{}", server.addr())).unwrap().get_connection().unwrap();
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query(&mut link).unwrap();
    let times = keys.into_iter().map(|k| {
        let at: i64 = redis::cmd("PEXPIRETIME").arg(&k).query(&mut link).unwrap();
        (k, at)
    });
    (digest, times.collect())
}

#[tokio::test]
async fn every_type_time_to_live_database_and_function_comes_back() {
    let server = full();
    let (dir, snapshot) = taken(&server).await;
    let holds = &snapshot.meta.holds;
    assert_eq!((holds.keys, holds.expiring, holds.functions), (KEYS, 2, 1));
    assert_eq!(holds.databases.keys().copied().collect::<Vec<_>>(), [0, 9]);
    assert_eq!(
        holds.types.keys().map(String::as_str).collect::<Vec<_>>(),
        ["hash", "list", "set", "stream", "string", "zset"]
    );
    assert!(holds.checksum);
    assert_eq!(list(dir.path()).unwrap().snapshots, std::slice::from_ref(&snapshot));

    let target = RedisServer::start(&["--appendonly", "yes"]);
    let replica = target.replica(&[]);
    let mut last = (0, 0);
    let restored = restore(&snapshot, &target.addr(), |n, of| last = (n, of)).await.unwrap();
    assert_eq!(restored, KEYS);
    assert_eq!(last, (KEYS, KEYS));
    let before = everything(&server);
    assert_eq!(before.1[&b"ttl:hash"[..].to_vec()], 4_102_444_800_123);
    assert_eq!(everything(&target), before);
    assert_eq!(everything(&replica), before);
    assert_eq!(target.ask::<i64>(&["FCALL", "f", "0"]), 1);
    let groups = |s: &RedisServer| s.cli(b"XINFO STREAM stream FULL\n");
    let (theirs, ours) = (groups(&server), groups(&target));
    assert!(theirs.contains("alice"));
    assert_eq!(theirs.lines().count(), ours.lines().count());
}

#[tokio::test]
async fn what_was_put_back_survives_a_restart_with_an_append_only_file() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let mut target = RedisServer::start_in(dir, &["--appendonly", "yes", "--appendfsync", "always"]);
    restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    target.kill();
    let copy = tempfile::tempdir().unwrap();
    let copied =
        std::process::Command::new("cp").arg("-a").arg(path.join(".")).arg(copy.path()).status().unwrap();
    assert!(copied.success());
    let again = RedisServer::start_in(copy, &["--appendonly", "yes"]);
    assert_eq!(everything(&again), everything(&server));
}

#[tokio::test]
async fn the_file_is_one_that_any_redis_loads() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let checked = std::process::Command::new("redis-check-rdb").arg(&snapshot.path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(&snapshot.path, dir.path().join("dump.rdb")).unwrap();
    let other = RedisServer::start_in(dir, &[]);
    assert_eq!(everything(&other), everything(&server));
}

#[tokio::test]
async fn a_snapshot_by_way_of_a_file_on_the_server_is_the_same() {
    let server = full();
    server.ask::<()>(&["CONFIG", "SET", "repl-diskless-sync", "no"]);
    let (_dir, snapshot) = taken(&server).await;
    assert_eq!(snapshot.meta.holds.keys, KEYS);
}

#[tokio::test]
async fn an_empty_redis_has_a_snapshot_too() {
    let (server, target) = (RedisServer::start(&[]), RedisServer::start(&[]));
    let (_dir, snapshot) = taken(&server).await;
    assert_eq!(snapshot.meta.holds.keys, 0);
    let restored = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    assert_eq!(restored, 0);
}

#[tokio::test]
async fn it_is_one_moment_of_a_redis_that_is_being_written_to() {
    let server = RedisServer::start(&[]);
    let addr = server.addr();
    let mut script = String::new();
    for n in 0..3000 {
        let _ = writeln!(script, "SET filler:{n} {}", "x".repeat(100));
    }
    server.cli(script.as_bytes());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (flag, to) = (stop.clone(), addr.clone());
    let (begun, begins) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || {
        let mut link = redis::Client::open(format!("redis://{to}")).unwrap().get_connection().unwrap();
        let mut n = 0_u64;
        while !flag.load(std::sync::atomic::Ordering::Relaxed) {
            n += 1;
            // Both or neither: at no moment do they differ.
            let () = redis::pipe()
                .atomic()
                .set("first", n)
                .set(format!("z:{n}"), n)
                .set("last", n)
                .query(&mut link)
                .unwrap();
            let _ = begun.send(());
        }
    });
    begins.recv().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut snapshots = Vec::new();
    for _ in 0..2 {
        snapshots.push(take(dir.path(), &addr, origin(), |_| {}).await.unwrap());
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
    for snapshot in snapshots {
        let target = RedisServer::start(&[]);
        restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
        let (first, last): (u64, u64) = (target.ask(&["GET", "first"]), target.ask(&["GET", "last"]));
        assert_eq!(first, last);
        assert_eq!(snapshot.meta.holds.keys, 3000 + 2 + first);
    }
}

#[tokio::test]
async fn a_file_cut_short_anywhere_or_with_any_byte_changed_is_refused_before_a_write() {
    let server = filled(100);
    let (_dir, snapshot) = taken(&server).await;
    let whole = std::fs::read(&snapshot.path).unwrap();
    // Every position at both ends, where the structure is dense, and a spread in between.
    let n = whole.len();
    let positions: Vec<usize> = (0..250).chain((250..n - 250).step_by(13)).chain(n - 250..n).collect();
    for &at in &positions {
        assert!(summarise(&whole[..at]).is_err(), "cut short at {at} of {n}");
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        assert!(summarise(&changed[..]).is_err(), "changed at {at} of {n}");
    }
    let longer = [&whole[..], b"x"].concat();
    assert!(summarise(&longer[..]).is_err());
    assert_eq!(summarise(&whole[..]).unwrap(), snapshot.meta.holds);

    // Without a checksum of redis' own the structure alone has to notice a cut.
    let mut bare = whole.clone();
    bare[n - 8..].fill(0);
    assert!(!summarise(&bare[..]).unwrap().checksum);
    for &at in &positions {
        assert!(summarise(&bare[..at]).is_err(), "cut short at {at} of {n}");
    }

    let target = RedisServer::start(&[]);
    for damaged in [&whole[..n / 2], &longer, &bare, &{
        let mut changed = whole.clone();
        changed[n / 2] ^= 1;
        changed
    }] {
        std::fs::write(&snapshot.path, damaged).unwrap();
        let error = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap_err();
        assert!(format!("{error:#}").contains("the snapshot"), "{error:#}");
    }
    assert_eq!(target.ask::<u64>(&["DBSIZE"]), 0);
    std::fs::write(&snapshot.path, &whole).unwrap();
    restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
}

#[tokio::test]
async fn keys_whose_time_is_over_are_left_out_and_counted() {
    let server = RedisServer::start(&[]);
    server.cli(
        b"SET stays 1\nSET goes 1 PX 1\nSET lives 1 EX 1000\nDEBUG SET-ACTIVE-EXPIRE 0\nSET goes 1 PX 300\n",
    );
    let (_dir, snapshot) = taken(&server).await;
    assert_eq!(snapshot.meta.holds.keys, 3);
    // The time to live itself is what is tested.
    tokio::time::sleep(Duration::from_millis(350)).await;
    let target = RedisServer::start(&[]);
    let mut last = (0, 0);
    let restored = restore(&snapshot, &target.addr(), |n, of| last = (n, of)).await.unwrap();
    assert_eq!((restored, last), (2, (3, 3)));
    assert_eq!(target.ask::<Option<String>>(&["GET", "goes"]), None);
    assert!(target.ask::<i64>(&["TTL", "lives"]) > 900);
}

#[tokio::test]
async fn a_replica_that_does_not_acknowledge_is_an_error_and_a_second_try_goes_on() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let target = RedisServer::start(&[]);
    let replica = target.replica(&[]);
    let signal = |what: &str| {
        let said = std::process::Command::new("kill").args([what, &replica.pid().to_string()]).status();
        assert!(said.unwrap().success());
    };
    signal("-STOP");
    let brief = Duration::from_millis(300);
    let error = restore::acknowledged_within(brief, &snapshot, &target.addr(), |_, _| {}).await.unwrap_err();
    signal("-CONT");
    assert!(error.to_string().contains("only 0 of 1 replicas acknowledged"), "{error}");
    restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    assert_eq!(everything(&target), everything(&server));
}

#[tokio::test]
async fn a_replica_that_leaves_meanwhile_is_not_waited_for_as_long_as_another_has_it() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let target = RedisServer::start(&[]);
    let (_stays, leaves) = (target.replica(&[]), target.replica(&[]));
    let pid = leaves.pid().to_string();
    let kill = move |what: &str| std::process::Command::new("kill").args([what, &pid]).status().unwrap();
    assert!(kill("-STOP").success());
    let (limit, addr) = (Duration::from_secs(2), target.addr());
    let restoring = restore::acknowledged_within(limit, &snapshot, &addr, |_, _| {});
    let leaving = async {
        tokio::time::sleep(limit / 2).await;
        kill("-KILL")
    };
    let (restored, killed) = tokio::join!(restoring, leaving);
    assert!(killed.success());
    assert_eq!(restored.unwrap(), KEYS);
}

#[tokio::test]
async fn a_replica_gives_a_snapshot_but_takes_none() {
    let server = full();
    let replica = server.replica(&[]);
    let (_dir, snapshot) = taken(&replica).await;
    assert_eq!(snapshot.meta.holds.keys, KEYS);
    let error = restore(&snapshot, &replica.addr(), |_, _| {}).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Usage);
}

#[tokio::test]
async fn a_snapshot_of_a_newer_redis_is_refused_before_a_write() {
    let server = RedisServer::start(&[]);
    server.cli(b"SET a 1\n");
    let (_dir, mut snapshot) = taken(&server).await;
    // As a redis of the future would have written it.
    let mut bytes = std::fs::read(&snapshot.path).unwrap();
    bytes[5..9].copy_from_slice(b"0099");
    let n = bytes.len();
    let sum = super::super::crc64::update(0, &bytes[..n - 8]);
    bytes[n - 8..].copy_from_slice(&sum.to_le_bytes());
    std::fs::write(&snapshot.path, &bytes).unwrap();
    snapshot.meta.holds.rdb_version = 99;
    snapshot.meta.sha256 = format!("{:x}", Sha256::digest(&bytes));
    let target = RedisServer::start(&[]);
    let error = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap_err();
    assert!(error.to_string().contains("is older and reads version"), "{error}");
    assert_eq!(target.ask::<u64>(&["DBSIZE"]), 0);
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_leaves_no_snapshot() {
    for sends in [
        &b"+OK\r\n+OK\r\n$1000\r\nREDIS0010"[..],
        b"+OK\r\n+OK\r\n\n\n$EOF:0123456789012345678901234567890123456789\r\nREDIS0010\xfa\x00\x00\xff",
        b"+OK\r\n+OK\r\n-NOMASTERLINK Can't SYNC while not connected with my master\r\n",
        b"+OK\r\n-ERR Unrecognized\r\n",
        b"+OK\r\n+OK\r\n$EOF:short\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 18];
            stream.read_exact(&mut asked).await.unwrap();
            stream.write_all(sends).await.unwrap();
            stream.shutdown().await.unwrap();
            // Until the client closes too: a reset would discard what was sent.
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        });
        let dir = tempfile::tempdir().unwrap();
        assert!(take(dir.path(), &addr, origin(), |_| {}).await.is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_replica_without_its_master_gives_a_copy_and_keeps_what_it_has() {
    let mut master = RedisServer::start(&[]);
    master.cli(b"MSET a 1 b 2\n");
    let replica = master.replica(&[]);
    master.kill();
    let dir = tempfile::tempdir().unwrap();
    // It notices a moment later.
    let began = Instant::now();
    while take(dir.path(), &replica.addr(), origin(), |_| {}).await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(30), "it gives copies without a master");
    }
    let snapshot = take_orphaned(dir.path(), &replica.addr(), origin(), |_| {}).await.unwrap();
    assert_eq!(snapshot.meta.holds.keys, 2);
    assert_eq!(replica.ask::<u64>(&["DBSIZE"]), 2);
}

#[tokio::test]
async fn a_server_that_says_nothing_of_rdb_only_still_gives_its_data() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let rdb = std::fs::read(&snapshot.path).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let bytes = rdb.clone();
    let old = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mark = "0123456789abcdef0123456789abcdef01234567";
        stream.write_all(b"+OK\r\n-ERR Unrecognized REPLCONF option: rdb-only\r\n\n\n").await.unwrap();
        stream.write_all(format!("$EOF:{mark}\r\n").as_bytes()).await.unwrap();
        // The mark comes in two pieces.
        stream.write_all(&bytes).await.unwrap();
        stream.write_all(&mark.as_bytes()[..17]).await.unwrap();
        stream.flush().await.unwrap();
        stream.write_all(&mark.as_bytes()[17..]).await.unwrap();
        stream
    });
    let dir = tempfile::tempdir().unwrap();
    let copy = take(dir.path(), &addr, origin(), |_| {}).await.unwrap();
    assert_eq!(std::fs::read(&copy.path).unwrap(), rdb);
    drop(old.await);
}

fn kept(dir: &Path, second: i64, bytes: u64) -> Snapshot {
    let at = Timestamp::from_second(1_790_000_000 + second).unwrap();
    let path = dir.join(format!("redis-{second}.rdb"));
    let file = File::create(&path).unwrap();
    file.set_len(bytes).unwrap();
    let holds = Summary { bytes, ..Summary::default() };
    let meta = Meta { schema: 1, at, origin: origin(), addr: "a:1".into(), sha256: String::new(), holds };
    std::fs::write(path.with_extension("json"), serde_json::to_string(&meta).unwrap()).unwrap();
    Snapshot { path, meta }
}

#[test]
fn the_newest_are_kept_within_count_and_size() {
    let dir = tempfile::tempdir().unwrap();
    let all: Vec<_> = (0..7).map(|n| kept(dir.path(), n, 100)).collect();
    let listed = list(dir.path()).unwrap().snapshots;
    assert_eq!(
        listed.iter().map(|s| s.meta.at).collect::<Vec<_>>(),
        all.iter().rev().map(|s| s.meta.at).collect::<Vec<_>>()
    );
    let removed = prune(dir.path(), 5, 1000, &[]).unwrap();
    assert_eq!(removed, [all[1].clone(), all[0].clone()]);
    assert_eq!(prune(dir.path(), 5, 250, &[]).unwrap().len(), 3);
    assert_eq!(prune(dir.path(), 5, 10, &[]).unwrap().len(), 1);
    // The newest stays, whatever its size.
    assert_eq!(list(dir.path()).unwrap().snapshots, [all[6].clone()]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn damaged_descriptions_are_listed_as_such_and_hide_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let good = kept(dir.path(), 1, 10);
    let torn = kept(dir.path(), 2, 10).path.with_extension("json");
    std::fs::write(&torn, "{\"schema\":1,").unwrap();
    let gone = kept(dir.path(), 3, 10);
    std::fs::remove_file(&gone.path).unwrap();
    let short = kept(dir.path(), 4, 10);
    std::fs::write(&short.path, b"x").unwrap();
    let newer = kept(dir.path(), 5, 10);
    let text = std::fs::read_to_string(newer.path.with_extension("json")).unwrap();
    std::fs::write(newer.path.with_extension("json"), text.replace("\"schema\":1", "\"schema\":2")).unwrap();
    let listing = list(dir.path()).unwrap();
    assert_eq!(listing.snapshots, [good]);
    assert_eq!(listing.damaged.len(), 4);
    assert!(list(&dir.path().join("none")).unwrap().snapshots.is_empty());
}

#[test]
fn leftovers_of_a_killed_run_go_after_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let names = [".part-old", ".part-new", "orphan-old.rdb", "orphan-new.rdb"];
    for name in names {
        let file = File::create(dir.path().join(name)).unwrap();
        if name.contains("old") {
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(100_000)).unwrap();
        }
    }
    prune(dir.path(), 5, 10, &[]).unwrap();
    let left: Vec<_> = names.iter().filter(|n| dir.path().join(n).exists()).collect();
    assert_eq!(left, [&".part-new", &"orphan-new.rdb"]);
}

#[tokio::test]
async fn what_is_newer_stays_and_what_is_missing_comes_back() {
    let server = full();
    let (_dir, snapshot) = taken(&server).await;
    let target = RedisServer::start(&[]);
    target.cli(b"SET string newer\nSET added 1\nSELECT 9\nSET other newer\n");
    let restored = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    assert_eq!(restored, KEYS - 2);
    let get = |key: &str| target.ask::<String>(&["GET", key]);
    assert_eq!((get("string"), get("number"), get("added")), ("newer".into(), "12345".into(), "1".into()));
    assert_eq!(target.cli(b"SELECT 9\nGET other\n"), "OK\nnewer\n");
    assert_eq!(target.ask::<i64>(&["FCALL", "f", "0"]), 1);
    // A second try has nothing left to do, and says nothing else than that.
    let code = "#!lua name=lib\nredis.register_function('f', function() return 2 end)";
    target.ask::<String>(&["FUNCTION", "LOAD", "REPLACE", code]);
    let again = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    assert_eq!(again, 0);
    assert_eq!(target.ask::<i64>(&["FCALL", "f", "0"]), 2);
}
