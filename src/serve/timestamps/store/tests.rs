use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::settings::PREFIX;
use super::super::stamp::{Moment, Name};
use super::*;
use crate::redis::testing::RedisServer;
use crate::serve::election::redis::EPOCH;

fn settings(redis: &str, more: &[(&str, &str)]) -> Arc<Settings> {
    let own = [("REDIS", redis), ("REDIS_TIMEOUT", "500ms")];
    let all = own.iter().chain(more).map(|(name, value)| (format!("{PREFIX}{name}"), (*value).to_owned()));
    Arc::new(Settings::of(all).unwrap())
}

fn started(redis: &str, more: &[(&str, &str)]) -> Store {
    Store::start(&settings(redis, more), &Arc::new(Metrics::default()))
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn entry(name: &str, time: &str) -> Entry {
    Entry { name: name.into(), time: time.into() }
}

const T1: &str = "2026-01-01T00:00:00Z";
const T2: &str = "2026-01-02T00:00:00Z";

/// Asks until there is an answer.
async fn at_last(store: &Store, ask: Ask) -> Answer {
    let began = Instant::now();
    loop {
        if let Ok(answer) = store.ask(ask.clone()).await {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no answer to {ask:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_is_set_is_read_listed_and_reset() {
    let server = RedisServer::start(&[]);
    let store = started(&server.addr(), &[]);
    let set = |n: &str, t: &str| Ask::Set(name(n), moment(t));
    assert_eq!(store.ask(set("a", T1)).await, Ok(Answer::Set { created: true }));
    assert_eq!(store.ask(set("a", T2)).await, Ok(Answer::Set { created: false }));
    // Names of which one begins with the other.
    for other in ["a-b", "a.b", "aa", "A", "a_b", "b"] {
        store.ask(set(other, T1)).await.unwrap();
    }
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Ok(Answer::Entry(Some(entry("a", T2)))));
    assert_eq!(store.ask(Ask::Get(name("c"))).await, Ok(Answer::Entry(None)));
    let names =
        async |after: Option<&str>, limit| match store.ask(Ask::Page { after: after.map(name), limit }).await
        {
            Ok(Answer::Page(page)) => page.into_iter().map(|e| e.name).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
    assert_eq!(names(None, 100).await, ["A", "a", "a-b", "a.b", "a_b", "aa", "b"]);
    assert_eq!(names(Some("a"), 2).await, ["a-b", "a.b"]);
    assert_eq!(names(Some("a0"), 100).await, ["a_b", "aa", "b"], "a name that is not there");
    assert_eq!(store.ask(Ask::Reset(name("a"))).await, Ok(Answer::Entry(Some(entry("a", T2)))));
    assert_eq!(store.ask(Ask::Reset(name("a"))).await, Ok(Answer::Entry(None)));
    assert_eq!(names(None, 100).await.len(), 6);
}

#[tokio::test]
async fn of_many_resets_at_once_one_gets_what_was_there() {
    let server = RedisServer::start(&[]);
    let stores = [started(&server.addr(), &[]), started(&server.addr(), &[])];
    for round in 0..20 {
        let key = format!("r{round}");
        stores[0].ask(Ask::Set(name(&key), moment(T1))).await.unwrap();
        let resets = (0..16).map(|i| stores[i % 2].ask(Ask::Reset(name(&key))));
        let answers = futures::future::join_all(resets).await;
        let found = answers.iter().filter(|a| matches!(a, Ok(Answer::Entry(Some(_))))).count();
        assert_eq!(found, 1, "{answers:?}");
    }
}

#[tokio::test]
async fn many_share_a_group_and_none_gets_anothers_answer() {
    let server = RedisServer::start(&[]);
    let store = started(&server.addr(), &[]);
    at_last(&store, Ask::Get(name("x"))).await;
    let packets = || {
        let stats = server.cli(b"INFO commandstats\n");
        let line = stats.lines().find_map(|l| l.strip_prefix("cmdstat_multi:calls="));
        line.and_then(|l| l.split(',').next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    let before = packets();
    let time = |i: u32| format!("2026-01-01T00:00:00.{:09}Z", i + 1_000_001);
    let sets = (0..2000_u32).map(|i| store.ask(Ask::Set(name(&format!("n{i}")), moment(&time(i)))));
    assert!(futures::future::join_all(sets).await.iter().all(Result::is_ok));
    assert!(packets() - before < 500, "{} transactions for 2000 changes", packets() - before);
    let gets = (0..2000_u32).map(|i| store.ask(Ask::Get(name(&format!("n{i}")))));
    for (i, answer) in futures::future::join_all(gets).await.into_iter().enumerate() {
        let wanted = moment(&time(u32::try_from(i).unwrap())).to_string();
        assert_eq!(answer, Ok(Answer::Entry(Some(entry(&format!("n{i}"), &wanted)))));
    }
}

#[tokio::test]
async fn a_redis_that_is_away_is_an_answer_soon_and_one_that_is_back_serves() {
    let store = started("127.0.0.1:1", &[]);
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
    assert!(!store.is_ready());

    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let port = server.addr().rsplit_once(':').unwrap().1.to_owned();
    let store = started(&server.addr(), &[]);
    at_last(&store, Ask::Set(name("a"), moment(T1))).await;
    at_last(&store, Ask::Get(name("a"))).await;
    assert!(store.is_ready());
    server.kill();
    let began = Instant::now();
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
    assert_eq!(store.ask(Ask::Set(name("a"), moment(T2))).await, Err(Away));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(store.is_ready(), "readiness does not follow an outage");

    // The same port and folder, as a new pod behind the same Service.
    let dir = server.dir().display().to_string();
    let mut again = std::process::Command::new("redis-server")
        .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", &dir])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let answer = at_last(&store, Ask::Get(name("a"))).await;
    let _ = again.kill();
    let _ = again.wait();
    assert_eq!(answer, Answer::Entry(Some(entry("a", T1))), "what was acknowledged is there");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_frozen_redis_is_given_up_on_and_its_late_answers_are_nobodys() {
    let server = RedisServer::start(&[]);
    let store = started(&server.addr(), &[]);
    at_last(&store, Ask::Set(name("a"), moment(T1))).await;
    at_last(&store, Ask::Set(name("b"), moment(T2))).await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    let signal = |signal| rustix::process::kill_process(pid, signal).unwrap();
    signal(rustix::process::Signal::STOP);
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
    signal(rustix::process::Signal::CONT);
    assert_eq!(at_last(&store, Ask::Get(name("b"))).await, Answer::Entry(Some(entry("b", T2))));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_frozen_redis_costs_nobody_more_than_its_limit() {
    let server = RedisServer::start(&[]);
    let store = started(&server.addr(), &[("REDIS_TIMEOUT", "1s")]);
    at_last(&store, Ask::Set(name("a"), moment(T1))).await;
    at_last(&store, Ask::Get(name("a"))).await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    // Also who asks while others' questions hang, or the next connection does.
    let asked = async |after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        let began = Instant::now();
        assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
        began.elapsed()
    };
    let all = [0, 100, 200, 500, 900, 1200, 1300, 1600, 1900].map(asked);
    let waited = futures::future::join_all(all).await;
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    assert!(waited.iter().all(|time| *time < Duration::from_millis(1500)), "{waited:?}");
}

#[tokio::test]
async fn a_password_that_changes_in_its_file_opens_a_new_connection() {
    let server = RedisServer::start(&[]);
    let user = |rule: &str| server.cli(format!("ACL SETUSER api {rule}\n").as_bytes());
    user("on >first ~timestamps +multi +exec +ping +zadd +zrange +zremrangebylex");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "first\n").unwrap();
    std::fs::write(dir.path().join("version"), "1").unwrap();
    let path = file.display().to_string();
    let store = started(&server.addr(), &[("REDIS_USER", "api"), ("REDIS_PASSWORD_FILE", &path)]);
    at_last(&store, Ask::Set(name("a"), moment(T1))).await;
    user(">second");
    std::fs::write(&file, "second").unwrap();
    std::fs::write(dir.path().join("version"), "2").unwrap();
    let began = Instant::now();
    while store.reached().iter().any(|r| r.password_version != "2") {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", store.reached());
        assert!(store.ask(Ask::Get(name("a"))).await.is_ok(), "a request failed on the way");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    user("<first");
    assert!(store.ask(Ask::Set(name("a"), moment(T2))).await.is_ok());
    let listed: Vec<String> = server.ask(&["ACL", "LIST"]);
    assert!(
        listed.iter().any(|line| line.contains("user api on #") && line.matches('#').count() == 1),
        "{listed:?}"
    );
}

#[tokio::test]
async fn a_wrong_password_never_makes_it_ready() {
    let server = RedisServer::start(&[]);
    server.cli(b"ACL SETUSER api on >right ~* +@all\n");
    let store = started(&server.addr(), &[("REDIS_USER", "api"), ("REDIS_PASSWORD", "wrong")]);
    for _ in 0..5 {
        assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    assert!(!store.is_ready());
}

#[tokio::test]
async fn on_an_elected_redis_only_the_newest_epoch_with_enough_replicas_counts() {
    let server = RedisServer::start(&[]);
    let elected = [("REDIS_MODE", "elected"), ("REDIS_CONFIRMATIONS", "1")];
    let store = started(&server.addr(), &elected);
    let set = || Ask::Set(name("a"), moment(T1));
    server.cli(format!("SET {EPOCH} 7\n").as_bytes());
    assert_eq!(store.ask(set()).await, Err(Away), "no replica has it");
    let replica = server.replica(&[]);
    assert_eq!(at_last(&store, set()).await, Answer::Set { created: false }, "it had happened all the same");
    assert_eq!(at_last(&store, Ask::Get(name("a"))).await, Answer::Entry(Some(entry("a", T1))));
    // An older epoch is a master that is none any more.
    server.cli(format!("SET {EPOCH} 6\n").as_bytes());
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away));
    assert_eq!(store.ask(set()).await, Err(Away));
    server.cli(format!("SET {EPOCH} 8\n").as_bytes());
    at_last(&store, set()).await;
    // Demoted, it still has the API as its client, and may not answer.
    let (host, port) = ("127.0.0.1", replica.addr().rsplit_once(':').unwrap().1.to_owned());
    replica.cli(b"REPLICAOF NO ONE\n");
    server.cli(format!("REPLICAOF {host} {port}\n").as_bytes());
    assert_eq!(store.ask(Ask::Get(name("a"))).await, Err(Away), "a replica answered a read");
    assert_eq!(store.ask(set()).await, Err(Away));
}

#[derive(Clone, Debug)]
enum Deed {
    Set(usize, i64),
    Reset(usize),
    Get(usize),
    Page(Option<usize>, usize),
}

const NAMES: [&str; 8] = ["a", "a-", "a.", "a_", "aa", "A", "0", "a-b"];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let which = 0..NAMES.len();
    let deed = prop_oneof![
        (which.clone(), -1_000_000_000_i64..4_000_000_000).prop_map(|(n, s)| Deed::Set(n, s)),
        which.clone().prop_map(Deed::Reset),
        which.clone().prop_map(Deed::Get),
        (proptest::option::of(which), 1_usize..10).prop_map(|(n, l)| Deed::Page(n, l)),
    ];
    prop::collection::vec(deed, 1..40)
}

#[test]
fn it_does_what_a_map_in_memory_does() {
    let server = RedisServer::start(&[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let checked = runner.run(&deeds(), |deeds| {
        server.cli(b"DEL timestamps\n");
        runtime.block_on(as_a_map_does(&started_in(&runtime, &server), deeds));
        Ok(())
    });
    checked.unwrap();
}

fn started_in(runtime: &tokio::runtime::Runtime, server: &RedisServer) -> Store {
    let _inside = runtime.enter();
    started(&server.addr(), &[])
}

async fn as_a_map_does(store: &Store, deeds: Vec<Deed>) {
    let mut map = std::collections::BTreeMap::<String, String>::new();
    for deed in deeds {
        match deed {
            Deed::Set(n, second) => {
                let time = jiff::Timestamp::from_second(second).unwrap().to_string();
                let created = map.insert(NAMES[n].into(), time.clone()).is_none();
                let answer = store.ask(Ask::Set(name(NAMES[n]), moment(&time))).await;
                assert_eq!(answer, Ok(Answer::Set { created }));
            }
            Deed::Reset(n) => {
                let was = map.remove(NAMES[n]).map(|time| entry(NAMES[n], &time));
                assert_eq!(store.ask(Ask::Reset(name(NAMES[n]))).await, Ok(Answer::Entry(was)));
            }
            Deed::Get(n) => {
                let is = map.get(NAMES[n]).map(|time| entry(NAMES[n], time));
                assert_eq!(store.ask(Ask::Get(name(NAMES[n]))).await, Ok(Answer::Entry(is)));
            }
            Deed::Page(n, limit) => {
                let after = n.map(|n| NAMES[n]);
                let later = map.iter().filter(|(k, _)| after.is_none_or(|after| k.as_str() > after));
                let page: Vec<_> = later.take(limit).map(|(k, v)| entry(k, v)).collect();
                let answer = store.ask(Ask::Page { after: after.map(name), limit }).await;
                assert_eq!(answer, Ok(Answer::Page(page)));
            }
        }
    }
}
