//! The timestamp API on the cluster: as its page says, and under load while redis dies, passwords change and pods
//! are replaced.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use opsctl::load::{Answer, Load, Report};
use serde_json::Value;

use crate::demo;
use crate::rig::{Rig, locked, on_node, secs, until};

const NS: &str = "timestamps";
const PAGE: &str = include_str!("../../docs/timestamps.md");
/// The `NodePort` of the API, as the documentation names it.
const PORT: u16 = 32450;

fn stands(rig: &Rig) {
    rig.opsctl(&["timestamps", "up"]).ok();
}

/// What is acknowledged, and what was answered otherwise.
#[derive(Default)]
struct Seen {
    /// Numbers of the names that were acknowledged, in the order of their answers.
    acknowledged: Vec<u64>,
    /// When a 503 came, and when anything else did.
    answers: Vec<(Instant, bool)>,
}

/// A load of writers, each of a name of its own, and of readers of what was acknowledged before they asked.
struct Clients {
    seen: Arc<Mutex<Seen>>,
    /// Tells the names of this load from those of another.
    prefix: String,
    rate: u32,
    /// Whether 503 is a right answer.
    outage: bool,
}

/// The time that a number is set to: each another, and without a zero at the end, which no answer would have.
fn time_of(number: u64) -> String {
    format!("2026-01-01T00:00:00.{:08}1Z", number % 100_000_000)
}

impl Clients {
    fn new(prefix: &str, rate: u32, outage: bool) -> Self {
        Self { seen: Arc::default(), prefix: prefix.to_owned(), rate, outage }
    }

    /// Runs while `what` does, and a moment longer.
    fn during(&self, rig: &Rig, what: impl FnOnce()) -> Report {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let target = format!("{}:{PORT}", rig.address()).parse().expect("an address");
        let load = Load {
            targets: vec![target],
            rate: self.rate,
            kept: 90,
            limit: Duration::from_secs(10),
            lasts: None,
        };
        let (asking, prefix) = (Arc::clone(&self.seen), self.prefix.clone());
        let ask = move |number: u64| {
            // Every other request reads: half of them what was acknowledged just now.
            let read = if number.is_multiple_of(2) {
                None
            } else {
                let known = &locked(&asking).acknowledged;
                let any = usize::try_from(number * 7919).unwrap_or(0) % known.len().max(1);
                if number % 4 == 1 { known.last().copied() } else { known.get(any).copied() }
            };
            let (method, of) = read.map_or(("PUT", number), |of| ("GET", of));
            let body =
                if read.is_some() { String::new() } else { format!(r#"{{"time":"{}"}}"#, time_of(of)) };
            Request::builder()
                .method(method)
                .uri(format!("/timestamps/{prefix}{of}"))
                .header("host", "timestamps")
                .header("content-type", "application/json")
                .header("x-request-id", format!("{method}-{of}"))
                .body(Full::new(Bytes::from(body)))
                .expect("a request")
        };
        let (judging, prefix, outage) = (Arc::clone(&self.seen), self.prefix.clone(), self.outage);
        let judge = move |answer: &Answer| judged(&judging, &prefix, outage, answer);
        runtime.block_on(async {
            let running = load_started(load, ask, judge);
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokio::task::block_in_place(what);
            tokio::time::sleep(Duration::from_secs(1)).await;
            running.stop().await
        })
    }

    /// Reads all that was acknowledged; how many names.
    fn read_back(&self, rig: &Rig) -> usize {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let url = format!("http://{}:{PORT}/timestamps?limit=1000{after}", rig.address());
            let page = until("a page", || {
                let ran = rig.bash(&format!("curl -sf '{url}'"));
                (ran.code == Some(0)).then(|| ran.json())
            });
            for entry in page["timestamps"].as_array().expect("timestamps") {
                let text = |field: &str| entry[field].as_str().expect("a text").to_owned();
                found.insert(text("name"), text("time"));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let seen = locked(&self.seen);
        for number in &seen.acknowledged {
            let name = format!("{}{number}", self.prefix);
            assert_eq!(found.get(&name), Some(&time_of(*number)), "{name} was acknowledged");
        }
        seen.acknowledged.len()
    }

    /// The longest time from a 503 to the next answer that is none.
    fn longest_outage(&self) -> Duration {
        let mut answers = locked(&self.seen).answers.clone();
        answers.sort();
        let (mut since, mut longest) = (None, Duration::ZERO);
        for (at, unavailable) in answers {
            match (unavailable, since) {
                (true, None) => since = Some(at),
                (false, Some(began)) => {
                    longest = longest.max(at - began);
                    since = None;
                }
                _ => {}
            }
        }
        longest
    }
}

fn load_started(
    load: Load,
    ask: impl Fn(u64) -> Request<Full<Bytes>> + Send + Sync + 'static,
    judge: impl Fn(&Answer) -> Result<String, String> + Send + Sync + 'static,
) -> opsctl::load::Running {
    load.start(Arc::new(ask), Arc::new(judge))
}

/// Whether an answer is right: it has what was acknowledged before it was asked for, or is a 503 during an outage.
fn judged(seen: &Mutex<Seen>, prefix: &str, outage: bool, answer: &Answer) -> Result<String, String> {
    let header =
        |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let id = header("x-request-id");
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    let unavailable = answer.status == 503;
    locked(seen).answers.push((answer.came, unavailable));
    if unavailable {
        return if outage && header("retry-after") == "1" {
            Ok("503".into())
        } else {
            Err(format!("503 {said}"))
        };
    }
    let (method, number) = id.split_once('-').ok_or_else(|| format!("no id: {said}"))?;
    let number: u64 = number.parse().map_err(|_| format!("another id: {id}"))?;
    let wanted = format!(r#"{{"name":"{prefix}{number}","time":"{}"}}"#, time_of(number));
    // Of one that is sent twice, the first may have counted.
    let fits = if method == "PUT" { matches!(answer.status, 200 | 201) } else { answer.status == 200 };
    if !fits || said != wanted {
        return Err(format!("{method} {number}: {} {said}", answer.status));
    }
    if method == "PUT" {
        locked(seen).acknowledged.push(number);
    }
    Ok(method.to_owned())
}

pub fn every_line_of_its_page_goes_as_written(rig: &Rig, facts: &mut Vec<String>) {
    let up = rig.opsctl(&["timestamps", "up"]).ok();
    let url = format!("http://{}:{PORT}", rig.address());
    let from_dev_vars = until("TIMESTAMPS_URL from dev-vars", || {
        // Another lane's redis comes and goes meanwhile.
        let ran = rig.bash("eval \"$(opsctl dev-vars 2>/dev/null)\"; echo \"$TIMESTAMPS_URL\"");
        (!ran.out.trim().is_empty()).then(|| ran.out.trim().to_owned())
    });
    assert_eq!(from_dev_vars, url);
    let examples = demo::examples(PAGE);
    assert!(examples.len() >= 9, "{} lines", examples.len());
    for example in &examples {
        assert!(example.command.contains("\"$TIMESTAMPS_URL"), "{}", example.command);
        demo::goes(rig, "docs/timestamps.md", &format!("export TIMESTAMPS_URL={url}"), example);
    }
    let smoke = rig.opsctl(&["timestamps", "smoke", "-o", "json"]).ok().json();
    assert_eq!(smoke["failed"], 0, "{smoke}");
    rig.opsctl(&["timestamps", "status"]).ok();
    facts.push(format!(
        "up in {}, {} lines of the page, {} of smoke",
        secs(up.took),
        examples.len(),
        smoke["checks"].as_array().map_or(0, Vec::len)
    ));
}

/// The process of redis on its node: the one in the control group of its pod.
fn pid_of_redis(rig: &Rig) -> String {
    let pods = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=redis"]);
    let uid = pods["items"][0]["metadata"]["uid"].as_str().expect("a pod of redis").to_owned();
    let other = uid.replace('-', "_");
    let find = format!(
        "for pid in $(pgrep -x redis-server); do if grep -q -e {uid} -e {other} /proc/$pid/cgroup; then echo $pid; fi; done"
    );
    let found = on_node(&rig.profile, &["sh", "-c", &find]).ok().out;
    assert_eq!(found.lines().count(), 1, "{found}");
    found.trim().to_owned()
}

pub fn no_acknowledged_write_is_lost_and_none_is_read_late_when_redis_dies(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig);
    let clients = Clients::new("kill", 200, true);
    let report = clients.during(rig, || {
        let pid = pid_of_redis(rig);
        on_node(&rig.profile, &["kill", "-9", &pid]).ok();
        std::thread::sleep(Duration::from_secs(8));
        rig.asked(&["-n", NS, "delete", "pod", "-l", "app.kubernetes.io/name=redis"]);
        until("an answer", || (rig.opsctl(&["timestamps", "smoke"]).code == Some(0)).then_some(()));
    });
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    let unavailable = report.shares.get("503").copied().unwrap_or(0);
    assert!(unavailable > 0, "redis was never away: {:?}", report.shares);
    let kept = clients.read_back(rig);
    assert!(kept > 500, "{kept}");
    let ready = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=api"]);
    for pod in ready["items"].as_array().expect("pods") {
        assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0, "{pod}");
    }
    facts.push(format!(
        "redis killed, its pod deleted: {kept} acknowledged writes kept, {unavailable} answers of {} were 503, the longest outage {}",
        report.sent,
        secs(clients.longest_outage())
    ));
}

/// The values of the Secret that nobody may see.
fn secrets(rig: &Rig) -> Vec<String> {
    let secret = rig.get(&["-n", NS, "secret", "redis"]);
    ["password", "operator"]
        .iter()
        .map(|name| {
            let encoded = secret["data"][*name].as_str().expect("a value");
            rig.bash(&format!("base64 -d <<< {encoded}")).ok().out
        })
        .collect()
}

pub fn passwords_change_without_a_failed_request_and_are_nowhere(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let pods = || rig.asked(&["-n", NS, "get", "pods", "-o", "name"]);
    let (before, old) = (pods(), secrets(rig));
    let clients = Clients::new("rotate", 200, false);
    let mut took = Duration::ZERO;
    let mut said = String::new();
    let report = clients.during(rig, || {
        let ran = rig.opsctl(&["-v", "timestamps", "rotate"]).ok();
        took = ran.took;
        said = ran.err + &ran.out;
    });
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    assert_eq!(pods(), before, "a pod was replaced");
    let new = secrets(rig);
    assert!(old.iter().zip(&new).all(|(old, new)| old != new && new.len() == 64));
    clients.read_back(rig);
    // The old password opens nothing any more, the new one does.
    let opens = |password: &str| {
        let script = format!("echo AUTH timestamps {password} | redis-cli");
        rig.asked(&["-n", NS, "exec", "deploy/redis", "--", "sh", "-c", &script])
    };
    assert!(opens(&old[0]).contains("WRONGPASS"));
    assert_eq!(opens(&new[0]), "OK");

    let mut places = vec![("rotate's output".to_owned(), said)];
    for entry in walk(&rig.own_state()) {
        let text = String::from_utf8_lossy(&std::fs::read(&entry).expect("a file")).into_owned();
        places.push((entry.display().to_string(), text));
    }
    assert!(places.iter().any(|(place, _)| place.ends_with("journal.jsonl")));
    let logs = rig.asked(&[
        "-n",
        NS,
        "logs",
        "--all-containers",
        "--prefix",
        "--tail=-1",
        "-l",
        "app.kubernetes.io/part-of=timestamps",
    ]);
    assert!(logs.contains("connected to redis"), "{logs:.300}");
    places.push(("the pods' logs".into(), logs));
    for node in rig.nodes() {
        let all = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || :";
        let words = on_node(&node, &["sh", "-c", all]).ok().out;
        assert!(words.contains("kubelet"), "{node}");
        places.push((format!("processes of {node}"), words));
    }
    let searched = places.len();
    for (place, text) in places {
        for secret in old.iter().chain(&new) {
            assert!(!text.contains(secret.as_str()), "a password is in {place}");
        }
    }
    facts.push(format!(
        "rotated in {} under {} requests, none failed, p99 {:.0} ms; 4 passwords in none of {searched} places",
        secs(took),
        report.sent,
        report.latency.p99
    ));
}

/// All files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

pub fn another_version_comes_and_goes_at_500_requests_a_second_and_none_fails(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig);
    // What the pods were started with, but for those that are ending.
    let environments = || {
        let pods = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=api"]);
        let stays = |pod: &&Value| pod["metadata"]["deletionTimestamp"].is_null();
        let named = |pod: &Value| {
            let env = pod["spec"]["containers"][0]["env"].as_array().cloned().unwrap_or_default();
            let of = env.iter().find(|variable| variable["name"] == "TIMESTAMPS_ENVIRONMENT");
            of.and_then(|variable| variable["value"].as_str()).unwrap_or_default().to_owned()
        };
        let pods = pods["items"].as_array().expect("pods");
        pods.iter().filter(stays).map(named).collect::<Vec<_>>()
    };
    let clients = Clients::new("roll", 500, false);
    let (mut up, mut back) = (Duration::ZERO, Duration::ZERO);
    let report = clients.during(rig, || {
        up = rig.opsctl(&["timestamps", "up", "--environment", "ci"]).ok().took;
        assert_eq!(environments(), ["ci", "ci"]);
        back = rig.opsctl(&["undo", "--yes"]).ok().took;
        assert_eq!(environments(), ["development", "development"]);
    });
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    facts.push(format!(
        "rolled in {}, undone in {}: {} requests at 500 a second, none failed, p99 {:.0} ms",
        secs(up),
        secs(back),
        report.sent,
        report.latency.p99
    ));
}

pub fn a_version_with_a_wrong_password_never_replaces_the_old_one(rig: &Rig, _: &mut Vec<String>) {
    stands(rig);
    rig.asked(&["-n", NS, "set", "env", "deploy/api", "TIMESTAMPS_REDIS_USER=nobody"]);
    let pods =
        || rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=api"])["items"].as_array().cloned();
    let ready = |pod: &Value| pod["status"]["containerStatuses"][0]["ready"] == true;
    until("a new pod that runs", || {
        let pods = pods()?;
        let started = |pod: &&Value| pod["status"]["containerStatuses"][0]["started"] == true;
        (pods.len() == 3 && pods.iter().filter(started).count() == 3).then_some(())
    });
    std::thread::sleep(Duration::from_secs(4));
    let now = pods().expect("pods");
    assert_eq!(now.iter().filter(|pod| ready(pod)).count(), 2, "{now:?}");
    rig.opsctl(&["timestamps", "smoke"]).ok();
    // `up` brings back what somebody changed by hand.
    rig.opsctl(&["timestamps", "up"]).ok();
    assert_eq!(pods().expect("pods").iter().filter(|pod| ready(pod)).count(), 2);
}

pub fn its_undo_leaves_nothing(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let down = rig.opsctl(&["timestamps", "down", "--yes"]).ok();
    let objects = rig.is_as_before();
    facts.push(format!("down in {}, {objects} objects as before", secs(down.took)));
}
