use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::redis::digest::digest;
use crate::redis::snapshot::{Snapshot, list, read, restore};
use crate::redis::testing::RedisServer;
use crate::step::testing::{World, killed_after};

/// A few chunks: keys that come once, keys that come in each chunk, one that is deleted, a type that does not fit.
fn text(rounds: usize) -> String {
    let filler = "x".repeat(250_000);
    (0..rounds).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "INCR count\nRPUSH list:{} {n}\nSET once:{n} {n}\nAPPEND there {n}", n % 2);
        let _ = writeln!(text, "HSET hash f{n} {n}\nDEL gone:{n}\nSADD new {n}\nSET filler {filler}");
        text
    })
}

/// Some of its keys, of all types and with expiries, and others.
const FORMER: &str = "SET there old PXAT 4102444800000\nRPUSH list:1 mine\nHSET hash own 1\nSET once:3 mine\nSET gone:5 here\n\
    ZADD gone:6 1 m\nXADD once:7 1-1 f v\nXGROUP CREATE once:7 g $\nSADD once:4 a b\nPEXPIREAT once:4 4102444800000\n\
    SET other mine\nHSET opsctl:imports f 1\n";

fn import_of(w: &World, text: &str) -> Import {
    let file = w.cx.paths.state.join("data.txt");
    std::fs::write(&file, text).unwrap();
    Import::new(&[file], Reading::default(), w.data(), false)
}

async fn up(w: &World, import: &Import, kept: Option<&Kept>) -> Result<Made> {
    let row = w.row();
    Box::pin(import.up(&w.cx, w.act(&row), &(), kept, Seen::default())).await
}

async fn undo(w: &World, made: Option<&Made>) -> Result<(String, Kept)> {
    let (row, addr, data) = (w.row(), w.server.addr(), w.data());
    let change = Replacement {
        cx: &w.cx,
        act: w.act(&row),
        data: &data,
        addr: &addr,
        spared: Vec::new(),
        touched: None,
    };
    Box::pin(take_back(change, made)).await
}

fn record(w: &World) -> BTreeMap<String, String> {
    w.server.ask(&["HGETALL", "opsctl:imports"])
}

fn snapshots(w: &World) -> Vec<Snapshot> {
    list(&w.cx.paths.snapshots()).unwrap().snapshots
}

#[tokio::test]
async fn the_undo_restores_what_its_keys_held_and_touches_no_other() {
    let w = World::new();
    let replica = w.server.replica(&[]);
    w.server.cli(FORMER.as_bytes());
    let before = w.digest().await;
    let import = import_of(&w, &text(12));
    let made = up(&w, &import, None).await.unwrap();
    w.done();
    assert_eq!(w.databases(), "db0", "what was kept is in a file");
    assert_eq!(w.server.ask::<u64>(&["GET", "count"]), 12);
    // 8 keys of the file were there; that one is the whole of the snapshot.
    assert_eq!(read(made.former.as_ref().unwrap()).unwrap().meta.holds.keys, 8);
    let imported = w.digest().await;
    assert_eq!(record(&w).len(), 2);

    w.server.cli(b"SET other changed\nSET foreign 1\nSET once:2 changed\n");
    let (fact, kept) = undo(&w, Some(&made)).await.unwrap();
    w.done();
    assert_eq!(fact, "its keys are as before, 8 with a former value");
    assert_eq!(w.server.ask::<String>(&["GET", "other"]), "changed");
    assert_eq!(record(&w), BTreeMap::from([("f".to_owned(), "1".to_owned())]));
    w.server.cli(b"SET other mine\nDEL foreign\n");
    assert_eq!((w.digest().await, w.databases()), (before.clone(), "db0".into()));
    assert_eq!(digest(&replica.addr(), |_, _| {}).await.unwrap().digest, before);

    // Once more forward, with what was changed since, and back.
    w.server.cli(b"SET foreign 2\n");
    let again = up(&w, &import, Some(&kept)).await.unwrap();
    w.done();
    assert_eq!(w.server.ask::<String>(&["GET", "once:2"]), "changed");
    assert_eq!(record(&w).len(), 2);
    w.server.cli(b"SET once:2 2\nDEL foreign\n");
    assert_eq!(w.digest().await, imported);
    undo(&w, Some(&again)).await.unwrap();
    assert_eq!((w.digest().await, w.databases()), (before, "db0".into()));
}

#[tokio::test]
async fn into_an_empty_redis_names_alone_are_kept() {
    let w = World::new();
    let made = up(&w, &import_of(&w, &text(8)), None).await.unwrap();
    w.done();
    assert_eq!((made.former.clone(), snapshots(&w).len()), (None, 0));
    w.server.cli(b"SET foreign 1\n");
    let (_, kept) = undo(&w, Some(&made)).await.unwrap();
    assert_eq!(w.keys(), ["foreign"]);
    assert_eq!(read(&kept.snapshot.unwrap()).unwrap().meta.holds.keys, 15);
}

#[tokio::test]
async fn keys_that_are_only_set_and_are_new_go_as_one_command() {
    let w = World::new();
    let calls = |name: &str| {
        let stats = w.server.cli(b"INFO commandstats\n");
        let of = |line: &str| {
            line.strip_prefix(&format!("cmdstat_{name}:calls="))?.split(',').next()?.parse().ok()
        };
        stats.lines().find_map(of).unwrap_or(0_u64)
    };
    let lines = |from: usize, to: usize| {
        (from..to).fold(String::new(), |mut lines, n| {
            let _ = writeln!(lines, "SET key:{n} {n}");
            lines
        })
    };
    // Keys that come in two chunks are the import's own the second time.
    let text = lines(0, 45_000) + &lines(0, 10) + &lines(45_000, 60_000);
    let made = up(&w, &import_of(&w, &text), None).await.unwrap();
    w.done();
    assert_eq!((made.former.clone(), w.databases().as_str()), (None, "db0"));
    assert_eq!(w.server.ask::<u64>(&["DBSIZE"]), 60_001);
    let (new, set) = (calls("msetnx"), calls("mset"));
    assert!(new >= 3 && set > 0, "{new} chunks were new, and {set} times keys may have been there");
    undo(&w, Some(&made)).await.unwrap();
    w.done();
    assert_eq!(w.keys(), Vec::<String>::new());

    // One that is there is enough to ask for all of its chunk.
    w.server.cli(b"SET key:7 mine\nSET opsctl:new somebody\n");
    let made = up(&w, &import_of(&w, &text), None).await.unwrap();
    w.done();
    assert_eq!(w.server.ask::<String>(&["GET", "opsctl:new"]), "somebody");
    assert_eq!(read(made.former.as_ref().unwrap()).unwrap().meta.holds.keys, 1);
    undo(&w, Some(&made)).await.unwrap();
    assert_eq!(w.server.ask::<String>(&["GET", "key:7"]), "mine");
    assert_eq!(w.keys(), ["key:7", "opsctl:new"]);
}

#[tokio::test]
async fn without_msetnx_the_keys_are_asked_for() {
    let mut w = World::new();
    w.server = RedisServer::start(&["--rename-command", "MSETNX", ""]);
    w.server.cli(b"SET there mine\n");
    let before = w.digest().await;
    let made = up(&w, &import_of(&w, "SET there 1\nSET new 1\n"), None).await.unwrap();
    w.done();
    assert_eq!(w.keys(), ["new", "opsctl:imports", "there"]);
    undo(&w, Some(&made)).await.unwrap();
    assert_eq!((w.digest().await, w.databases()), (before, "db0".into()));
}

#[tokio::test]
async fn what_an_import_has_kept_stays_while_its_entry_waits_for_it_and_goes_when_none_does() {
    let w = World::new();
    w.server.cli(FORMER.as_bytes());
    let import = import_of(&w, &text(12));
    let mut waits = 1;
    while w.databases() == "db0" {
        let end = killed_after(waits, up(&w, &import, None)).await;
        assert!(end.is_none(), "it came to its end");
        waits += 1;
    }
    let whole = w.databases();
    assert!(whole.len() > 3, "{whole}");
    replacement::drop_forgotten(&w.cx, &w.server.addr()).await.unwrap();
    assert_eq!(w.databases(), whole);
    // As if it were gone.
    w.done();
    replacement::drop_forgotten(&w.cx, &w.server.addr()).await.unwrap();
    assert_eq!(w.databases(), "db0");
}

/// A redis with keys of the import and others; its digest.
async fn begun(w: &mut World) -> String {
    w.anew();
    w.server.cli(FORMER.as_bytes());
    w.digest().await
}

#[tokio::test]
async fn killed_after_any_round_trip_it_goes_on_or_back_and_all_is_as_before_the_first_try() {
    let mut w = World::new();
    let import = import_of(&w, &text(12));
    begun(&mut w).await;
    up(&w, &import, None).await.unwrap();
    let imported = w.digest().await;
    for back in [false, true] {
        let mut deaths = 0;
        for waits in (1..).step_by(if back { 1 } else { 2 }) {
            let before = begun(&mut w).await;
            if killed_after(waits, up(&w, &import, None)).await.is_some() {
                break;
            }
            deaths += 1;
            // Somebody else changes what it has not touched.
            w.server.cli(b"SET other changed\n");
            let made = if back {
                None
            } else {
                let made = up(&w, &import, None).await.unwrap();
                assert_eq!(w.server.ask::<u64>(&["GET", "count"]), 12);
                w.done();
                Some(made)
            };
            w.server.cli(b"SET other mine\n");
            if !back {
                assert_eq!((w.digest().await, w.databases()), (imported.clone(), "db0".into()), "{waits}");
            }
            if made.is_some() || w.note::<Note>().is_some() {
                undo(&w, made.as_ref()).await.unwrap();
            }
            assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}, {back}");
            assert_eq!(record(&w).len(), 1);
        }
        assert!(deaths >= 10, "{deaths}");
    }
}

#[tokio::test]
async fn of_sets_alone_it_goes_on_or_back_after_any_death_as_well() {
    let mut w = World::new();
    let filler = "x".repeat(300_000);
    // The first chunks are new, others have a key that is there: one of an earlier chunk, or one from before.
    let text = (0..16).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "SET once:{n} {n}\nSET twice:{} {n}\nSET filler:{n} {filler}", n % 9);
        text
    });
    let import = import_of(&w, &text);
    begun(&mut w).await;
    up(&w, &import, None).await.unwrap();
    let imported = w.digest().await;
    for back in [false, true] {
        let mut deaths = 0;
        for waits in (1 + usize::from(back)..).step_by(2) {
            let before = begun(&mut w).await;
            if killed_after(waits, up(&w, &import, None)).await.is_some() {
                break;
            }
            deaths += 1;
            let made = if back { None } else { Some(up(&w, &import, None).await.unwrap()) };
            if made.is_some() {
                w.done();
                assert_eq!((w.digest().await, w.databases()), (imported.clone(), "db0".into()), "{waits}");
            }
            if made.is_some() || w.note::<Note>().is_some() {
                undo(&w, made.as_ref()).await.unwrap();
            }
            assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}, {back}");
            assert_eq!(w.server.ask::<u64>(&["EXISTS", "opsctl:new"]), 0);
        }
        assert!(deaths >= 10, "{deaths}");
    }
}

#[tokio::test]
async fn an_undo_killed_after_any_round_trip_goes_on_back_or_forward() {
    let mut w = World::new();
    let import = import_of(&w, &text(6));
    for forward in [false, true] {
        let mut deaths = 0;
        for waits in (1..).step_by(2) {
            let before = begun(&mut w).await;
            // An undo of one that is recorded, and of one that was cut short.
            let made = up(&w, &import, None).await.unwrap();
            let imported = w.digest().await;
            let made = (waits % 4 == 1).then_some(made);
            if made.is_some() {
                w.done();
            }
            w.server.cli(b"SET once:2 later\n");
            let later = w.digest().await;
            if killed_after(waits, undo(&w, made.as_ref())).await.is_some() {
                break;
            }
            deaths += 1;
            if forward {
                up(&w, &import, None).await.unwrap();
                // Where the undo had not come to the data, nothing is imported again.
                assert!([imported, later].contains(&w.digest().await), "{waits}");
                assert_eq!(w.databases(), "db0", "{waits}");
                assert_eq!(w.server.ask::<u64>(&["GET", "count"]), 6);
            } else {
                let (_, kept) = undo(&w, made.as_ref()).await.unwrap();
                assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}");
                w.done();
                up(&w, &import, Some(&kept)).await.unwrap();
                assert_eq!(w.server.ask::<String>(&["GET", "once:2"]), "later", "{waits}");
                w.server.cli(b"SET once:2 2\n");
                assert_eq!((w.digest().await, w.databases()), (imported, "db0".into()), "{waits}");
            }
        }
        assert!(deaths >= 5, "{deaths}");
    }
}

#[tokio::test]
async fn what_is_undone_and_made_again_and_killed_goes_back_all_the_same() {
    let mut w = World::new();
    let import = import_of(&w, &text(6));
    let mut deaths = 0;
    for waits in (1..).step_by(2) {
        begun(&mut w).await;
        let made = up(&w, &import, None).await.unwrap();
        w.done();
        let (_, kept) = undo(&w, Some(&made)).await.unwrap();
        w.done();
        // Newer than what the first import overwrote.
        w.server.cli(b"SET there newer\n");
        let before = w.digest().await;
        if killed_after(waits, up(&w, &import, Some(&kept))).await.is_some() {
            break;
        }
        deaths += 1;
        if w.note::<Note>().is_some() {
            // Its undo is killed, too.
            if killed_after(waits, undo(&w, Some(&made))).await.is_none() {
                undo(&w, Some(&made)).await.unwrap();
            }
        }
        assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}");
    }
    assert!(deaths >= 5, "{deaths}");
}

#[tokio::test]
async fn a_file_that_is_mended_between_two_tries_goes_back_as_a_whole() {
    let w = World::new();
    w.server.cli(FORMER.as_bytes());
    w.server.cli(b"SET wrong text\n");
    let before = w.digest().await;
    let wrong = text(6) + "SADD wrong 1\nSET late 1\n";
    let error = up(&w, &import_of(&w, &wrong), None).await.unwrap_err();
    assert!(error.to_string().contains("redis refused 1 of 50 commands"), "{error}");
    // The same once more, and then another one: what the first has written counts as its own.
    up(&w, &import_of(&w, &wrong), None).await.unwrap_err();
    assert_eq!(w.server.ask::<u64>(&["GET", "count"]), 12);
    let made = up(&w, &import_of(&w, &(text(8) + "SET once:9 1\n")), None).await.unwrap();
    assert_eq!(w.server.ask::<u64>(&["GET", "count"]), 20);
    w.done();
    w.server.cli(b"SET foreign 1\n");
    undo(&w, Some(&made)).await.unwrap();
    w.server.cli(b"DEL foreign\n");
    assert_eq!((w.digest().await, w.databases()), (before, "db0".into()));
    assert_eq!(record(&w).len(), 1);
}

#[tokio::test]
async fn where_nothing_can_be_kept_beside_all_data_is_saved_first() {
    for args in [&["--databases", "1"][..], &["--rename-command", "EVAL", ""], &["--databases", "9"]] {
        let mut w = World::new();
        w.server = RedisServer::start(args);
        w.server.cli(FORMER.as_bytes());
        w.server.cli(format!("SET there {}\n", "y".repeat(5 << 20)).as_bytes());
        if args[1] == "9" {
            w.server.cli(b"CONFIG SET maxmemory 9mb\n");
        }
        let before = w.digest().await;
        let made = up(&w, &import_of(&w, "SET once:1 1\nAPPEND there x\n"), None).await.unwrap();
        assert_eq!((made.touched.clone(), w.databases()), (None, "db0".into()), "{args:?}");
        assert_eq!(read(made.former.as_ref().unwrap()).unwrap().meta.holds.keys, 9, "{args:?}");
        w.done();
        w.server.cli(b"CONFIG SET maxmemory 0\n");
        if args[1] != "1" {
            undo(&w, Some(&made)).await.unwrap();
            assert_eq!(w.digest().await, before, "{args:?}");
        }
    }
}

#[tokio::test]
async fn an_import_of_an_earlier_version_is_undone_as_a_whole() {
    let w = World::new();
    w.server.cli(b"SET a 1\n");
    let former = w.taken().await.path;
    w.server.cli(b"SET a 2\nSET b 2\n");
    let made: Made = serde_json::from_value(serde_json::json!({"former": former, "commands": 2})).unwrap();
    let (fact, _) = undo(&w, Some(&made)).await.unwrap();
    assert_eq!((w.keys(), fact.as_str()), (vec!["a".to_owned()], "1 keys, as before"));
}

#[tokio::test]
async fn without_the_list_of_its_keys_no_data_is_touched() {
    let w = World::new();
    let made = up(&w, &import_of(&w, "SET a 1\n"), None).await.unwrap();
    w.done();
    let file = &made.touched.as_ref().unwrap().names[0].file;
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[1..]).unwrap();
    let error = undo(&w, Some(&made)).await.unwrap_err();
    assert!(format!("{error:#}").contains("no data was touched"), "{error:#}");
    assert_eq!(w.server.ask::<u64>(&["GET", "a"]), 1);
    std::fs::write(file, whole).unwrap();
    undo(&w, Some(&made)).await.unwrap();
    assert_eq!(w.keys(), Vec::<String>::new());
}

/// Writes keys over and over; the last value of each that was acknowledged.
fn writer(
    server: &RedisServer,
    keys: &'static [&'static str],
    stop: Arc<AtomicBool>,
) -> std::thread::JoinHandle<BTreeMap<String, u64>> {
    let url = format!("redis://{}", server.addr());
    std::thread::spawn(move || {
        let mut link = ::redis::Client::open(url).unwrap().get_connection().unwrap();
        let (mut told, mut value) = (BTreeMap::new(), 1_000_000);
        while !stop.load(Ordering::Relaxed) {
            for key in keys {
                value += 1;
                ::redis::cmd("SET").arg(key).arg(value).query::<()>(&mut link).unwrap();
                told.insert((*key).to_owned(), value);
            }
        }
        told
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_writers_each_last_acknowledged_value_is_in_redis_or_in_a_snapshot() {
    let w = World::new();
    w.server.cli(b"SET k:5 former\nSET constant here\n");
    let lines = (0..60_000).fold(String::from("SET constant here\n"), |mut lines, n| {
        let _ = writeln!(lines, "SET k:{n} imported");
        lines
    });
    let import = import_of(&w, &lines);
    let mut made = None;
    for forward in [true, false] {
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = [&["k:5", "k:30000", "k:59999"][..], &["foreign:1", "foreign:2"]]
            .map(|keys| writer(&w.server, keys, Arc::clone(&stop)))
            .into();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let kept = if forward {
            let done = up(&w, &import, None).await.unwrap();
            w.done();
            made.insert(done).former.clone()
        } else {
            undo(&w, made.as_ref()).await.unwrap().1.snapshot
        };
        stop.store(true, Ordering::Relaxed);
        let told: BTreeMap<_, _> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        let aside = RedisServer::start(&[]);
        restore(&read(&kept.unwrap()).unwrap(), &aside.addr(), |_, _| {}).await.unwrap();
        for (key, value) in told {
            let here: Option<String> = w.server.ask(&["GET", &key]);
            let saved: Option<String> = aside.ask(&["GET", &key]);
            let value = Some(value.to_string());
            // What is imported takes the place of what is there, which is saved, unless it is written again.
            let found = here == value || saved == value;
            assert!(found, "{key}: {value:?} is lost: {here:?}, {saved:?}");
            assert!(!key.starts_with("foreign") || (here == value && saved.is_none()), "{key}");
        }
        assert_eq!(w.server.ask::<u64>(&["EXISTS", "k:100"]), u64::from(forward));
    }
    assert_eq!(w.server.ask::<String>(&["GET", "constant"]), "here");
    assert_eq!(w.databases(), "db0");
}

#[test]
fn what_the_journal_has_of_it_keeps_its_words() {
    let touched = serde_json::json!({
        "names": [{"file": "/state/touched/a.names", "of": "abc", "until": 7}],
        "record": {"abc": null, "abc.part": "{}"}
    });
    let made = serde_json::json!({"former": "/state/a.rdb", "commands": 7, "touched": touched});
    let kept = serde_json::json!({"snapshot": null, "touched": touched});
    let note = serde_json::json!({
        "former": [],
        "under_way": {"way": "back", "wanted": "/state/a.rdb", "aside": {"0": 15}, "touched": touched, "said": {"abc": "{}"}},
        "keeping": {"touched": touched, "aside": {"0": 14}, "saved": {"snapshot": null}}
    });
    let done = serde_json::json!({"former": [], "in_place": "forward", "touched": touched});
    assert_eq!(serde_json::to_value(Made::deserialize(&made).unwrap()).unwrap(), made);
    assert_eq!(serde_json::to_value(Kept::deserialize(&kept).unwrap()).unwrap(), kept);
    for note in [note, done] {
        assert_eq!(serde_json::to_value(Note::deserialize(&note).unwrap()).unwrap(), note);
    }
}
