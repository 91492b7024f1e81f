//! The timestamp API on the cluster: as its page says, and under load while passwords change and pods are replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::demo;
use crate::rig::{Rig, on_node, secs, until};
use crate::timestamps_clients::{Clients, PORT};

/// The API's namespace.
pub const NS: &str = "timestamps";
const PAGE: &str = include_str!("../../docs/timestamps.md");
const README: &str = include_str!("../../README.md");

/// The API stands, on a redis of its own.
pub fn stands(rig: &Rig) {
    rig.opsctl(&["timestamps", "up"]).ok();
}

/// The pods of the API, but for those that are ending: they do so for seconds, and still are ready.
pub fn pods(rig: &Rig) -> Vec<Value> {
    let list = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=api"]);
    let mut pods = list["items"].as_array().expect("pods").clone();
    pods.retain(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    pods
}

/// No container of the API was restarted.
pub fn was_not_restarted(rig: &Rig) {
    for pod in pods(rig) {
        assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0, "{pod}");
    }
}

/// The command lines of all processes that there are while it watches; those of the nodes, which are containers, too.
struct CommandLines {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<BTreeSet<String>>,
}

impl CommandLines {
    fn watch() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !told.load(Ordering::Relaxed) {
                for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                    seen.insert(String::from_utf8_lossy(&line).replace('\0', " "));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            seen
        });
        Self { stop, thread }
    }

    fn all(self) -> BTreeSet<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the watch of command lines")
    }
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
    assert_eq!(PAGE.matches("curl -").count(), examples.len(), "a line of curl is not run");
    for example in &examples {
        assert!(example.command.contains("\"$TIMESTAMPS_URL"), "{}", example.command);
        demo::goes(rig, "docs/timestamps.md", &format!("export TIMESTAMPS_URL={url}"), example);
    }
    // And the one of the README.
    let line = README.split('`').find(|code| code.starts_with("curl ")).expect("a line of curl");
    assert!(line.contains("\"$TIMESTAMPS_URL/"), "{line}");
    let said = rig.bash(&format!("export TIMESTAMPS_URL={url}; {line}")).ok().json();
    assert_eq!(said["name"], "deployed", "{said}");
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
    // Each with how often its containers were started again.
    let pods = || {
        let each = "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].restartCount}{'\\n'}{end}";
        rig.asked(&["-n", NS, "get", "pods", "-o", each])
    };
    let (before, old) = (pods(), secrets(rig));
    let clients = Clients::new("rotate", 200, false);
    let mut took = Duration::ZERO;
    let mut said = String::new();
    let lines = CommandLines::watch();
    let report = clients.during(rig, |_| {
        let ran = rig.opsctl(&["-v", "timestamps", "rotate"]).ok();
        took = ran.took;
        said = ran.err + &ran.out;
    });
    let lines = lines.all();
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    assert_eq!(before.lines().count(), 3, "{before}");
    assert_eq!(pods(), before, "a pod was replaced or restarted");
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
    // Where the nodes are containers on this machine.
    assert!(cfg!(not(target_os = "linux")) || lines.iter().any(|line| line.contains("kubelet")));
    let count = lines.len();
    places.push((format!("{count} command lines meanwhile"), Vec::from_iter(lines).join("\n")));
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
        "rotated in {} under {} requests, none failed, p99 {:.0} ms; 4 passwords in none of {searched} places, {count} command lines among them",
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
    // What the pods were started with.
    let environments = || {
        let named = |pod: &Value| {
            let env = pod["spec"]["containers"][0]["env"].as_array().cloned().unwrap_or_default();
            let of = env.iter().find(|variable| variable["name"] == "TIMESTAMPS_ENVIRONMENT");
            of.and_then(|variable| variable["value"].as_str()).unwrap_or_default().to_owned()
        };
        pods(rig).iter().map(named).collect::<Vec<_>>()
    };
    let clients = Clients::new("roll", 500, false);
    let (mut up, mut back) = (Duration::ZERO, Duration::ZERO);
    let report = clients.during(rig, |_| {
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

pub fn a_version_with_a_wrong_password_never_replaces_the_old_one(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let name = |pod: &Value| pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let old: BTreeSet<_> = pods(rig).iter().map(name).collect();
    // Another file of the Secret: what is in it is no password.
    rig.asked(&["-n", NS, "set", "env", "deploy/api", "TIMESTAMPS_REDIS_PASSWORD_FILE=/secrets/version"]);
    let container = |pod: &Value| pod["status"]["containerStatuses"][0].clone();
    let new = until("a new pod that runs", || {
        let new = pods(rig).into_iter().find(|pod| !old.contains(&name(pod)))?;
        (container(&new)["started"] == true).then(|| name(&new))
    });
    let clients = Clients::new("wrong", 200, false);
    let report = clients.during(rig, |_| {
        until("the new pod says why", || {
            rig.asked(&["-n", NS, "logs", &new]).contains("Password authentication failed").then_some(())
        });
        // Longer than a new pod has to be ready for.
        std::thread::sleep(Duration::from_secs(3));
    });
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
    let ready = || -> BTreeSet<_> {
        pods(rig).iter().filter(|pod| container(pod)["ready"] == true).map(name).collect()
    };
    assert_eq!(ready(), old);
    // `up` brings back what somebody changed by hand.
    rig.opsctl(&["timestamps", "up"]).ok();
    assert_eq!(ready().len(), 2, "{:?}", ready());
    facts.push(format!("{} requests to the old ones, none failed", report.sent));
}

pub fn its_undo_leaves_nothing(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let down = rig.opsctl(&["timestamps", "down", "--yes"]).ok();
    let objects = rig.is_as_before();
    facts.push(format!("down in {}, {objects} objects as before", secs(down.took)));
}
