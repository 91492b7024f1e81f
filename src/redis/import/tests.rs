use super::*;
use crate::error::{Class, class_of};
use crate::redis::link::RECORD;
use crate::redis::testing::RedisServer;
use std::fmt::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.txt");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

async fn load(path: &Path, addr: &str) -> Result<Imported> {
    import(&[Source::File(path.to_owned())], addr, &Options::default(), |_| {}).await
}

fn details(error: &anyhow::Error) -> String {
    error.downcast_ref::<Problem>().unwrap().found.join("\n")
}

#[tokio::test]
async fn the_sample_arrives_whole_at_master_and_replica_and_is_not_repeated() {
    let master = RedisServer::start(&[]);
    let replica = master.replica(&[]);
    let mut last = Progress::default();
    let sources = [Source::Embedded];
    let imported = import(&sources, &master.addr(), &Options::default(), |p| last = p).await.unwrap();
    assert_eq!(imported.problem().map(|p| p.found), None);
    assert_eq!((imported.commands, imported.errors), (1024, 0));
    assert_eq!((imported.replicas, imported.replicas_acked), (1, 1));
    let size = crate::redis::reader::SAMPLE.len() as u64;
    assert_eq!(last, Progress { done: 1024, total: 1024, bytes: size, bytes_total: size });
    let mut link = link::connect(&master.addr()).await.unwrap();
    let keys = link::count_keys(&mut link, &master.addr()).await.unwrap();
    // The record is one key more than is counted.
    assert_eq!(keys + 1, master.ask::<u64>(&["DBSIZE"]));
    assert_eq!(keys + 1, replica.ask::<u64>(&["DBSIZE"]));
    for kind in ["string", "hash", "list", "set", "zset", "stream"] {
        let found: (String, Vec<String>) = master.ask(&["SCAN", "0", "COUNT", "100000", "TYPE", kind]);
        assert!(!found.1.is_empty(), "{kind}");
    }
    let banner: String = replica.ask(&["GET", "setting:banner"]);
    assert_eq!(banner, "Open day on Saturday:\n\t10:00 roasting,\n\t14:00 tasting \"Éthiopie\"\n");

    let sha256 = crate::redis::reader::check(&Source::Embedded, &Reading::default()).unwrap().sha256;
    let record = already(&master.addr(), &sha256, &Reading::default()).await.unwrap().unwrap();
    assert_eq!(record.commands, 1024);
    let again = import(&sources, &master.addr(), &Options::default(), |_| {}).await.unwrap();
    assert_eq!(again.commands, 0);
    assert_eq!(link::count_keys(&mut link, &master.addr()).await.unwrap(), keys);
    assert_eq!(already(&master.addr(), &sha256, &Reading::default()).await.unwrap(), Some(record));
}

#[tokio::test]
async fn what_redis_cli_makes_of_the_sample_is_the_same_data() {
    let (ours, theirs) = (RedisServer::start(&[]), RedisServer::start(&[]));
    import(&[Source::Embedded], &ours.addr(), &Options::default(), |_| {}).await.unwrap();
    ours.ask::<()>(&["DEL", RECORD]);
    let lines = crate::redis::reader::SAMPLE.split(|b| *b == b'\n');
    let commands: Vec<_> = lines.filter(|l| !l.is_empty() && l[0] != b'#').collect();
    theirs.cli(&commands.join(&b'\n'));
    let digest = |s: &RedisServer| s.cli(b"DEBUG DIGEST\n");
    for server in [&ours, &theirs] {
        // Times to live are counted from the command's arrival.
        for pattern in ["session:*", "cart:*", "coupon:*"] {
            let keys: Vec<String> = server.ask(&["KEYS", pattern]);
            for key in keys {
                server.ask::<()>(&["PERSIST", &key]);
            }
        }
    }
    assert_eq!(digest(&ours).trim().len(), 40);
    assert_eq!(digest(&ours), digest(&theirs));
}

#[tokio::test]
async fn nothing_is_written_when_one_line_is_wrong() {
    let server = RedisServer::start(&[]);
    let mut text = String::new();
    for n in 0..30_000 {
        let _ = writeln!(text, "SET k:{n} v");
    }
    text.push_str("FLUSHALL\n");
    let (_dir, path) = file(text);
    let error = load(&path, &server.addr()).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Usage);
    assert!(details(&error).contains("data.txt:30001: FLUSHALL is refused"));
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), 0);
}

#[tokio::test]
async fn error_replies_are_counted_and_named_with_their_line() {
    let server = RedisServer::start(&[]);
    let mut text = String::from("# a string\nSET s text\n");
    for _ in 0..15 {
        text.push_str("LPUSH s x\n");
    }
    text.push_str("INCR s\nSET t 1\n");
    let (_dir, path) = file(text);
    let imported = load(&path, &server.addr()).await.unwrap();
    assert_eq!((imported.commands, imported.errors, imported.rejected.len()), (18, 16, 10));
    let problem = imported.problem().unwrap();
    assert_eq!(problem.code.class(), Class::Partial);
    assert!(problem.found[0].contains("data.txt:3: LPUSH \"s\": WRONGTYPE"), "{:?}", problem.found);
    assert_eq!(problem.found[10], "and 6 more");
    assert_eq!(server.ask::<i64>(&["GET", "t"]), 1);
    // Not recorded as imported.
    let sha256 = crate::redis::reader::check(&Source::File(path), &Reading::default()).unwrap().sha256;
    assert_eq!(already(&server.addr(), &sha256, &Reading::default()).await.unwrap(), None);
}

#[tokio::test]
async fn a_server_that_dies_during_the_import_is_an_error_that_counts() {
    let mut server = RedisServer::start(&[]);
    let mut text = String::new();
    for n in 0..120_000 {
        let _ = writeln!(text, "SET k:{n} v");
    }
    let (_dir, path) = file(text);
    let addr = server.addr();
    let mut answered = 0;
    let error = import(&[Source::File(path)], &addr, &Options::default(), |p| {
        if p.done > 0 && answered == 0 {
            answered = p.done;
            server.kill();
        }
    })
    .await
    .unwrap_err();
    assert_eq!(class_of(&error), Class::Partial);
    assert!(error.to_string().contains("was cut off"), "{error}");
    let said = details(&error);
    assert!(said.contains(&format!("data.txt:{} to ", answered + 1)) && said.contains("or none"), "{said}");
    assert!(said.contains(&format!("{answered} of 120000 commands were answered")), "{said}");
}

/// Counters that tell how often each command was carried out.
fn counters(commands: usize) -> String {
    (0..commands).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "INCRBY total 1\nRPUSH l:{} {n}\nGET total\nSET s:{n} {n}", n % 7);
        text
    })
}

#[tokio::test]
async fn an_import_that_was_cut_off_goes_on_exactly_there() {
    let server = RedisServer::start(&[]);
    let (_dir, path) = file(counters(20_000));
    let mut killer = std::process::Command::new("redis-cli");
    killer.args(["-p", &server.port().to_string(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let sources = [Source::File(path)];
    let mut tries = 0;
    let imported = loop {
        tries += 1;
        let mut before = None;
        let ended = import(&sources, &server.addr(), &Options::default(), |p| {
            let before = *before.get_or_insert(p.done);
            // Once a try, while the next chunk is on its way.
            if p.done > before && tries < 4 {
                killer.output().unwrap();
            }
        })
        .await;
        match ended {
            Ok(imported) => break imported,
            Err(error) => {
                assert_eq!(class_of(&error), Class::Partial, "{error:#}");
                assert!(tries < 4, "{error:#}");
            }
        }
    };
    assert_eq!(tries, 4);
    assert!(imported.resumed > 0 && imported.commands == 60_000, "{imported:?}");
    assert_eq!(server.ask::<u64>(&["GET", "total"]), 20_000);
    for n in 0..7 {
        let list: Vec<usize> = server.ask(&["LRANGE", &format!("l:{n}"), "0", "-1"]);
        assert_eq!(list, (0..20_000).filter(|i| i % 7 == n).collect::<Vec<_>>(), "l:{n}");
    }
    // Of the record only that of the whole is left, and it says so.
    assert_eq!(server.ask::<u64>(&["HLEN", RECORD]), 1);
    assert_eq!(import(&sources, &server.addr(), &Options::default(), |_| {}).await.unwrap().commands, 0);
}

#[tokio::test]
async fn a_command_that_this_redis_does_not_know_is_told_and_the_others_of_its_chunk_are_written() {
    let server = RedisServer::start(&["--rename-command", "ZADD", ""]);
    let (_dir, path) = file("SET a 1\nSET b 2\nZADD z 1 m\nINCR a\n");
    let imported = load(&path, &server.addr()).await.unwrap();
    assert_eq!((imported.commands, imported.errors), (4, 1));
    assert!(imported.rejected[0].told().contains("data.txt:3: ZADD \"z\": ERR unknown command"));
    assert_eq!(server.ask::<u64>(&["GET", "a"]), 2);
    assert_eq!(server.ask::<u64>(&["HLEN", RECORD]), 0);
}

#[tokio::test]
async fn what_one_chunk_is_refused_sends_nothing_of_the_next_one_twice() {
    // With a small backlog the replica is waited for after each chunk.
    let options = ["--rename-command", "PFADD", "", "--repl-backlog-size", "16384"];
    let server = RedisServer::start(&options);
    let replica = server.replica(&options);
    let text = (0..90_000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "INCR count");
        if n % 20_000 == 9 {
            // Refused as it comes, and as it is carried out.
            let _ = writeln!(text, "PFADD unknown 1\nSADD count 1");
        }
        text
    });
    let (_dir, path) = file(text);
    let imported = load(&path, &server.addr()).await.unwrap();
    assert_eq!((imported.commands, imported.errors, imported.replicas_acked), (90_010, 10, 1));
    let lines: Vec<_> = imported.rejected.iter().map(|r| r.place.rsplit(':').next().unwrap()).collect();
    assert_eq!(lines[..4], ["11", "12", "20013", "20014"]);
    for server in [&server, &replica] {
        assert_eq!(server.ask::<u64>(&["GET", "count"]), 90_000);
    }
}

#[tokio::test]
async fn who_may_set_but_not_mset_imports_all_the_same() {
    let server = RedisServer::start(&[]);
    server.ask::<()>(&["ACL", "SETUSER", "default", "-mset"]);
    let (_dir, path) = file("SET a 1\nSET b 2\nINCR a\n");
    let imported = load(&path, &server.addr()).await.unwrap();
    assert_eq!((imported.commands, imported.errors), (3, 0));
    assert_eq!(server.ask::<u64>(&["GET", "a"]), 2);
    // Of one that it may not send at all nothing can be written.
    server.ask::<()>(&["ACL", "SETUSER", "default", "-incr"]);
    let (_dir, path) = file("SET c 1\nINCR c\n");
    let error = load(&path, &server.addr()).await.unwrap_err();
    assert!(details(&error).contains("data.txt:2: INCR \"c\": NOPERM"), "{}", details(&error));
    assert_eq!(server.ask::<u64>(&["EXISTS", "c"]), 0);
}

#[tokio::test]
async fn an_import_goes_on_where_memory_ended_it() {
    let server = RedisServer::start(&["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]);
    let text = (0..30_000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "INCR n\nSET k:{n} {}", "v".repeat(200));
        text
    });
    let (_dir, path) = file(text);
    let error = load(&path, &server.addr()).await.unwrap_err();
    assert!(error.to_string().contains("redis takes no more data: OOM"), "{error}");
    server.ask::<()>(&["CONFIG", "SET", "maxmemory", "100mb"]);
    let imported = load(&path, &server.addr()).await.unwrap();
    assert!(imported.resumed > 0, "{imported:?}");
    assert_eq!(server.ask::<u64>(&["GET", "n"]), 30_000);
}

#[tokio::test]
async fn a_dump_of_another_redis_arrives_whole_and_one_of_a_newer_redis_is_refused_up_front() {
    let (theirs, ours) = (RedisServer::start(&[]), RedisServer::start(&[]));
    import(&[Source::Embedded], &theirs.addr(), &Options::default(), |_| {}).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump.rdb");
    let mut cli = std::process::Command::new("redis-cli");
    let saved = cli.args(["-p", &theirs.port().to_string(), "--rdb"]).arg(&path).output().unwrap();
    assert!(saved.status.success(), "{saved:?}");
    let imported = load(&path, &ours.addr()).await.unwrap();
    assert_eq!((imported.commands, imported.errors), (870, 0));
    for server in [&theirs, &ours] {
        server.ask::<()>(&["DEL", RECORD]);
    }
    let digest = |s: &RedisServer| s.cli(b"DEBUG DIGEST\n");
    assert_eq!(digest(&theirs), digest(&ours));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[5..9].copy_from_slice(b"0099");
    let end = bytes.len() - 8;
    bytes[end..].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let error = load(&path, &ours.addr()).await.unwrap_err();
    assert!(error.to_string().contains("(RDB version 99)"), "{error}");
}

#[tokio::test]
async fn a_replica_that_is_slow_or_stopped_is_waited_for_and_need_not_begin_anew() {
    let limits = ["--client-output-buffer-limit", "replica 4mb 4mb 60", "--repl-backlog-size", "2mb"];
    let master = RedisServer::start(&limits);
    let replica = master.replica(&[]);
    let full = || -> u64 {
        let info: String = master.ask(&["INFO", "stats"]);
        info.lines().find_map(|l| l.strip_prefix("sync_full:")).unwrap().trim().parse().unwrap()
    };
    let before = full();
    let text = (0..40_000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "SET k:{n} {}", "v".repeat(400));
        text
    });
    let (_dir, path) = file(text);
    let pid = replica.pid().to_string();
    let stop = |signal: &str| {
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
    };
    let mut resumes = None;
    let imported = import(&[Source::File(path)], &master.addr(), &Options::default(), |p| {
        if p.done > 0 && resumes.is_none() {
            stop("-STOP");
            let pid = pid.clone();
            resumes = Some(std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(3));
                std::process::Command::new("kill").args(["-CONT", &pid]).status().unwrap();
            }));
        }
    })
    .await
    .unwrap();
    resumes.unwrap().join().unwrap();
    assert_eq!((imported.replicas_acked, imported.errors), (1, 0));
    assert_eq!(full(), before, "the replica had to begin anew");
    assert_eq!(replica.ask::<u64>(&["DBSIZE"]), 40_001);
}

#[tokio::test]
async fn a_full_redis_ends_the_import_at_once() {
    let server = RedisServer::start(&["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
    let mut text = String::new();
    for n in 0..100_000 {
        let _ = writeln!(text, "SET k:{n} {}", "v".repeat(90));
    }
    let (_dir, path) = file(text);
    let error = load(&path, &server.addr()).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Partial);
    assert!(error.to_string().contains("OOM command not allowed"), "{error}");
    let said = details(&error);
    let answered: u64 = said.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(answered < 100_000, "{said}");
}

#[tokio::test]
async fn a_file_that_changes_during_the_import_is_noticed() {
    let server = RedisServer::start(&[]);
    let mut text = String::new();
    for n in 0..200_000 {
        let _ = writeln!(text, "SET k:{n:06} v");
    }
    let (_dir, path) = file(&text);
    let (mut changed, target) = (false, path.clone());
    let error = import(&[Source::File(path)], &server.addr(), &Options::default(), |p| {
        if p.done > 0 && !changed {
            changed = true;
            // In place, near the end, the same size: only the content tells.
            let file = std::fs::OpenOptions::new().write(true).open(&target).unwrap();
            file.write_all_at(b"w", text.len() as u64 - 2).unwrap();
        }
    })
    .await
    .unwrap_err();
    assert_eq!(class_of(&error), Class::Partial);
    assert!(error.to_string().contains("changed during the import"), "{error}");
}

#[tokio::test]
async fn a_line_that_turns_dangerous_after_the_check_is_never_sent() {
    let server = RedisServer::start(&[]);
    let mut text = String::new();
    for n in 0..200_000 {
        let _ = writeln!(text, "SET k:{n:06} v");
    }
    let (_dir, path) = file(&text);
    let (mut changed, target) = (false, path.clone());
    let error = import(&[Source::File(path)], &server.addr(), &Options::default(), |p| {
        if p.done > 0 && !changed {
            changed = true;
            let file = std::fs::OpenOptions::new().write(true).open(&target).unwrap();
            file.write_all_at(b"FLUSHALL ASYNC\n", text.len() as u64 - 15).unwrap();
        }
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains("changed during the import"), "{error}");
    assert!(server.ask::<u64>(&["DBSIZE"]) >= 190_000);
}

#[tokio::test]
async fn a_replica_is_refused_and_so_is_an_address_where_nothing_listens() {
    let mut master = RedisServer::start(&[]);
    let replica = master.replica(&[]);
    let (_dir, path) = file("SET a 1\n");
    let error = load(&path, &replica.addr()).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Usage);
    assert!(error.to_string().contains("is a replica of"), "{error}");
    master.kill();
    let error = load(&path, &master.addr()).await.unwrap_err();
    assert!(error.to_string().contains("no redis answers"), "{error}");
}

#[tokio::test]
async fn a_replica_that_does_not_acknowledge_is_reported() {
    let master = RedisServer::start(&[]);
    let replica = master.replica(&[]);
    let pid = replica.pid().to_string();
    let stop = |signal: &str| {
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
    };
    stop("-STOP");
    let (_dir, path) = file("SET a 1\n");
    let options = Options { wait: Duration::from_millis(300), ..Options::default() };
    let imported = import(&[Source::File(path)], &master.addr(), &options, |_| {}).await;
    stop("-CONT");
    let imported = imported.unwrap();
    assert_eq!((imported.replicas, imported.replicas_acked), (1, 0));
    assert_eq!(imported.problem().unwrap().code.class(), Class::Timeout);
}

#[tokio::test]
async fn several_files_are_all_checked_before_the_first_is_sent() {
    let server = RedisServer::start(&[]);
    let ((_a, good), (_b, bad)) = (file("SET a 1\n"), file("SET b\n"));
    let sources = [Source::File(good.clone()), Source::File(bad.clone())];
    let error = import(&sources, &server.addr(), &Options::default(), |_| {}).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Usage);
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), 0);
    std::fs::write(&bad, "SET b 2\n").unwrap();
    let imported = import(&sources, &server.addr(), &Options::default(), |_| {}).await.unwrap();
    assert_eq!(imported.commands, 2);
    // Both values, and the record of both files.
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), 3);
    assert_eq!(server.ask::<u64>(&["HLEN", RECORD]), 2);
}

#[tokio::test]
async fn a_value_larger_than_a_chunk_and_than_the_library_s_patience_arrives() {
    let server = RedisServer::start(&[]);
    let (_dir, path) = file(format!("SET big {}\nSET small 1\n", "x".repeat(20_000_000)));
    let imported = load(&path, &server.addr()).await.unwrap();
    assert_eq!(imported.commands, 2);
    assert_eq!(server.ask::<u64>(&["STRLEN", "big"]), 20_000_000);
}
