//! Redis as the manifests have it, in as much memory as they allow: filled to `maxmemory` and written to all the while
//! that it rewrites its file, or that all its replicas begin anew. It says `OOM`; nobody kills it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use opsctl::k8s::manifest;
use redis::{Connection, FromRedisValue, RedisResult};

use crate::{Owned, Redis, docker, on, text, unique, volume};

const MASTER: &str = include_str!("../../manifests/redis/4-master.yaml");
const REPLICA: &str = include_str!("../../manifests/redis/5-replica.yaml");
const SINGLE: &str = include_str!("../../manifests/redis-single/4-redis.yaml");
const TIMESTAMPS: &str = include_str!("../../manifests/timestamps/4-redis.yaml");
const ELECTION: &str = include_str!("../../manifests/election/4-redis.yaml");

/// Beside redis in an election's container: the elector. It used 24 MB at most.
const ELECTOR: u64 = 32 << 20;
const WRITERS: usize = 3;
/// Such that neither the commands nor the network are what takes long.
const VALUE: usize = 30_000;

/// How a manifest runs redis.
struct Pod {
    limit: u64,
    cpus: Option<String>,
    variables: Vec<String>,
    /// What it runs instead of the image's own command.
    words: Vec<String>,
}

impl Pod {
    fn of(manifest: &str) -> Self {
        let object = manifest::documents(manifest).unwrap().remove(0);
        let container = object.pointer("/spec/template/spec/containers/0").unwrap();
        let texts = |name: &str| -> Vec<String> {
            container.get(name).map(|all| serde_json::from_value(all.clone()).unwrap()).unwrap_or_default()
        };
        let limits = container.pointer("/resources/limits").unwrap();
        let limit = limits["memory"].as_str().unwrap();
        let (number, unit) = limit.split_at(limit.len() - 2);
        let shift = match unit {
            "Gi" => 30,
            "Mi" => 20,
            other => panic!("{other}"),
        };
        let variables = container["env"].as_array().unwrap().iter();
        Self {
            limit: number.parse::<u64>().unwrap() << shift,
            cpus: limits["cpu"].as_str().map(ToOwned::to_owned),
            variables: variables
                .filter_map(|v| Some((v["name"].as_str()?, v["value"].as_str()?)))
                // Users come from a Secret, which is not there.
                .filter(|(name, _)| !["REDIS_CONF_ACLFILE", "REDIS_PROBE_ARGS"].contains(name))
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
            // After the elector's own.
            words: texts("args").into_iter().skip_while(|word| word != "--").skip(1).collect(),
        }
    }

    /// Starts it, with a volume of its own, in a network, where it has a name.
    fn start(&self, network: &Owned, name: &str) -> Running {
        let volume = volume();
        on(&volume, "echo empty > /data/.redis-volume");
        let mount = format!("{}:/data", volume.1);
        let limit = self.limit.to_string();
        let mut options = vec!["--network", &network.1, "--network-alias", name, "-p", "127.0.0.1::6379"];
        options.extend(["-v", &mount, "--memory", &limit, "--memory-swap", &limit]);
        if let Some(cpus) = &self.cpus {
            options.extend(["--cpus", cpus]);
        }
        for variable in &self.variables {
            options.extend(["-e", variable]);
        }
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let redis = Redis::begin_as(&options, &words);
        redis.until("an answer", || redis.cli(&["PING"]) == "PONG");
        let port = docker(&["port", redis.name(), "6379/tcp"]);
        let url = format!("redis://{}/", text(&port).lines().next().unwrap());
        Running { redis, url, _volume: volume }
    }
}

struct Running {
    redis: Redis,
    url: String,
    // After the container.
    _volume: Owned,
}

impl Running {
    /// `REPLICAOF`, as soon as it has loaded what it was sent before.
    fn follows(&self, master: &str, port: &str) {
        self.redis.until("not loading", || self.redis.cli(&["REPLICAOF", master, port]).starts_with("OK"));
    }

    /// Neither it nor a child of it was killed.
    fn lives(&self) {
        let name = self.redis.name();
        let state = docker(&["inspect", "-f", "{{.State.Running}} {{.State.OOMKilled}}", name]);
        let logs = self.redis.logs();
        assert_eq!(text(&state).trim(), "true false", "runs, killed for want of memory:\n{logs}");
        assert!(!logs.contains("terminated by signal"), "a child of redis was killed:\n{logs}");
    }
}

fn connect(url: &str) -> Connection {
    let client = redis::Client::open(url).unwrap();
    let link = client.get_connection_with_timeout(Duration::from_secs(10)).unwrap();
    link.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    link
}

fn ask<T: FromRedisValue>(link: &mut Connection, words: &[&str]) -> RedisResult<T> {
    redis::cmd(words[0]).arg(&words[1..]).query(link)
}

/// A field of `INFO`, as a number.
fn field(info: &str, name: &str) -> u64 {
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {name} in {info}")).trim().parse().unwrap()
}

/// What a writer was told: the last value of each key, none where it was deleted.
type Told = BTreeMap<String, Option<u64>>;

/// What the writers do.
#[derive(Default)]
struct Work {
    /// How many keys each has.
    keys: AtomicU64,
    stop: AtomicBool,
    /// Writes that redis refused, being full.
    refused: AtomicU64,
}

/// Overwrites its keys, one after the other; where redis is full it deletes one.
fn write(url: &str, who: usize, work: &Work) -> Told {
    let mut link = connect(url);
    let mut told = Told::new();
    // Does not shrink when it is compressed.
    let mut random = 0x9E37_79B9_7F4A_7C15_u64 ^ (who as u64 + 1);
    let noise: Vec<u8> = (0..=VALUE / 8)
        .flat_map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random.to_le_bytes()
        })
        .collect();
    for n in 1.. {
        if work.stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("{who}:{}", n % work.keys.load(Ordering::Relaxed));
        let mut value = format!("{n};").into_bytes();
        value.extend(&noise[value.len()..VALUE]);
        match redis::cmd("SET").arg(&key).arg(&value).query::<()>(&mut link) {
            Ok(()) => drop(told.insert(key, Some(n))),
            Err(e) if e.code() == Some("OOM") => {
                work.refused.fetch_add(1, Ordering::Relaxed);
                if let Some(former) = told.range(key..).find_map(|(k, n)| n.map(|_| k.clone())) {
                    ask::<u64>(&mut link, &["DEL", &former]).unwrap();
                    told.insert(former, None);
                }
            }
            // It has died: the test says so.
            Err(_) => break,
        }
    }
    told
}

/// What happened meanwhile.
#[derive(Default)]
struct Seen {
    refused: u64,
    /// The most memory that redis had, with the pages that were copied for its child.
    most: u64,
    /// The most pages that were copied for a child.
    copied: u64,
}

impl Seen {
    fn looks(&mut self, info: &str) {
        let now = field(info, "current_cow_size");
        for name in ["current_cow_peak", "rdb_last_cow_size", "aof_last_cow_size"] {
            self.copied = self.copied.max(field(info, name));
        }
        self.most = self.most.max(field(info, "used_memory_rss") + now);
    }
}

/// Writes to the master without a pause while `what` is done: first to what it has room for, then to more. Each value
/// that was acknowledged is there afterwards, and each redis runs still.
fn full(
    master: &Running,
    replicas: &[Running],
    mut what: impl FnMut(&mut Connection, &mut Seen) -> RedisResult<()>,
) -> Seen {
    let mut link = connect(&master.url);
    let before: String = ask(&mut link, &["INFO"]).unwrap();
    // A disk that is slower than the writers: what a child has still to write is overwritten meanwhile.
    let room = field(&before, "maxmemory") / VALUE as u64 / WRITERS as u64;
    let delay = (4_000_000 / room / WRITERS as u64).to_string();
    let _: String = ask(&mut link, &["CONFIG", "SET", "rdb-key-save-delay", &delay]).unwrap();
    let work = Arc::new(Work { keys: (room * 8 / 10).into(), ..Work::default() });
    let writers: Vec<_> = (0..WRITERS)
        .map(|who| {
            let (url, work) = (master.url.clone(), Arc::clone(&work));
            std::thread::spawn(move || write(&url, who, &work))
        })
        .collect();
    let until = |what: &str, link: &mut Connection, holds: &dyn Fn(&str) -> bool| -> RedisResult<()> {
        let began = Instant::now();
        while !holds(&ask::<String>(link, &["INFO"])?) {
            assert!(began.elapsed() < Duration::from_mins(2), "{what}: not within two minutes");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    let mut seen = Seen::default();
    let mut both = || {
        until("data", &mut link, &|info| field(info, "used_memory") > field(info, "maxmemory") * 7 / 10)?;
        what(&mut link, &mut seen)?;
        work.keys.store(room * 11 / 10, Ordering::Relaxed);
        until("full", &mut link, &|_| work.refused.load(Ordering::Relaxed) > 0)?;
        what(&mut link, &mut seen)
    };
    let done = both();
    work.stop.store(true, Ordering::Relaxed);
    let told: Vec<Told> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    seen.refused = work.refused.load(Ordering::Relaxed);
    for one in replicas.iter().chain([master]) {
        one.lives();
    }
    done.unwrap();
    for (key, value) in told.iter().flatten() {
        let there: Vec<u8> = ask(&mut link, &["GETRANGE", key, "0", "20"]).unwrap();
        let wanted = value.map(|n| format!("{n};")).unwrap_or_default();
        let found = String::from_utf8_lossy(&there);
        let holds = if wanted.is_empty() { found.is_empty() } else { found.starts_with(&wanted) };
        assert!(holds, "{key}: redis has {found:?}, and acknowledged {wanted:?}");
    }
    let there = told.iter().flatten().filter(|(_, value)| value.is_some()).count();
    assert_eq!(ask::<usize>(&mut link, &["DBSIZE"]).unwrap(), there, "nothing else");
    let acknowledged: usize = ask(&mut link, &["WAIT", &replicas.len().to_string(), "60000"]).unwrap();
    assert_eq!(acknowledged, replicas.len(), "replicas in step");
    for one in replicas {
        // It may be loading its last copy.
        one.redis.until("all keys", || one.redis.cli(&["DBSIZE"]) == there.to_string());
    }
    let after: String = ask(&mut link, &["INFO"]).unwrap();
    assert_eq!(field(&before, "process_id"), field(&after, "process_id"), "the very same redis");
    seen
}

/// How often it is done.
fn rounds() -> usize {
    if std::env::var_os("OPSCTL_SOAK").is_some() { 10 } else { 1 }
}

/// Lets redis rewrite its file again and again.
fn rewrites(link: &mut Connection, seen: &mut Seen) -> RedisResult<()> {
    for _ in 0..rounds() {
        match ask::<String>(link, &["BGREWRITEAOF"]) {
            // It has begun one by itself.
            Err(e) if e.to_string().contains("already in progress") => {}
            other => drop(other?),
        }
        loop {
            std::thread::sleep(Duration::from_millis(50));
            let info: String = ask(link, &["INFO"])?;
            seen.looks(&info);
            if field(&info, "aof_rewrite_in_progress") + field(&info, "aof_rewrite_scheduled") == 0 {
                assert!(info.contains("aof_last_bgrewrite_status:ok"), "{info}");
                break;
            }
        }
    }
    Ok(())
}

/// Lets all replicas begin anew, at once.
fn begin_anew(link: &mut Connection, seen: &mut Seen, replicas: &[Running], master: &str) -> RedisResult<()> {
    for _ in 0..rounds() {
        let before = field(&ask::<String>(link, &["INFO"])?, "sync_full");
        for replica in replicas {
            replica.follows("NO", "ONE");
            // Its history is another one now: all has to be sent.
            replica.follows(master, "6379");
        }
        let began = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(50));
            let info: String = ask(link, &["INFO"])?;
            seen.looks(&info);
            if field(&info, "sync_full") >= before + replicas.len() as u64
                && field(&info, "rdb_bgsave_in_progress") == 0
            {
                break;
            }
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "no full copy to each within a minute:\n{info}"
            );
        }
    }
    Ok(())
}

fn network() -> Owned {
    let network = Owned(&["network", "rm"], unique("network"));
    assert!(docker(&["network", "create", &network.1]).status.success());
    network
}

fn tell(what: &str, pod: &Pod, seen: &Seen) {
    let mut line = format!("{what}: {} MiB of {} at most", seen.most >> 20, pod.limit >> 20);
    let _ = write!(line, ", {} of them copied for a child", seen.copied >> 20);
    println!("{line}; {} writes refused with OOM", seen.refused);
    assert!(seen.copied > 0, "nothing was written while a child ran");
}

#[test]
#[ignore = "make soak: a full redis with replicas takes two processors for minutes"]
fn a_full_master_rewrites_its_file_under_writers_and_nobody_kills_it() {
    let (network, pod) = (network(), Pod::of(MASTER));
    let master = pod.start(&network, "redis");
    let replicas = [Pod::of(REPLICA).start(&network, "redis-replica")];
    let seen = full(&master, &replicas, |link, seen| {
        rewrites(link, seen)?;
        begin_anew(link, seen, &replicas, "redis")
    });
    tell("redis", &pod, &seen);
}

#[test]
fn so_does_one_redis_by_itself() {
    for (name, manifest) in [("redis-single", SINGLE), ("timestamps", TIMESTAMPS)] {
        let (network, pod) = (network(), Pod::of(manifest));
        let seen = full(&pod.start(&network, "redis"), &[], rewrites);
        tell(name, &pod, &seen);
    }
}

#[test]
#[ignore = "make soak: a full redis with replicas takes two processors for minutes"]
fn a_full_master_of_an_election_has_four_replicas_begin_anew_at_once() {
    let network = network();
    let mut pod = Pod::of(ELECTION);
    pod.limit -= ELECTOR;
    let master = pod.start(&network, "master");
    master.follows("NO", "ONE");
    let replicas: Vec<_> = (0..4)
        .map(|n| {
            let replica = pod.start(&network, &format!("replica-{n}"));
            replica.follows("master", "6379");
            replica
        })
        .collect();
    let seen = full(&master, &replicas, |link, seen| begin_anew(link, seen, &replicas, "master"));
    tell("election", &pod, &seen);
}
