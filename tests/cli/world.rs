//! Fakes and fixtures that several rules share.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use opsctl::journal::{Journal, Profile, Scope, Subject, Target, Verb};
use opsctl::minikube::Settings;
use opsctl::redis::rdb::Summary;
use opsctl::redis::reader::Reading;
use opsctl::redis::snapshot::{Meta, Origin};
use opsctl::step::Step;
use opsctl::step::clean::Clean;
use opsctl::step::cluster::Cluster;
use opsctl::step::dataset::Dataset;
use opsctl::step::import::Import;

use crate::sandbox::{Ran, Sandbox};

/// The body of a Docker client whose daemon answers.
pub const DOCKER_RUNS: &str =
    r#"[ "$1" != info ] || echo '{"ServerVersion":"29.0.1","Driver":"overlay2","NCPU":4}'"#;

/// The body of a Docker client that may not talk to the daemon.
pub const DOCKER_FORBIDDEN: &str =
    "echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1";

/// The body of a Docker client without a daemon.
pub const DOCKER_SILENT: &str = "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1";

/// The body of a Go that is new enough.
pub const GO: &str = r#"case "$2" in CC) echo gcc ;; *) echo go1.26.0 ;; esac"#;

/// The address of a proxy through which every registry answers, for `HTTPS_PROXY`.
pub fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        }
    });
    format!("http://{address}")
}

/// A proxy that is not there: no registry answers.
pub const NO_REGISTRY: &str = "http://127.0.0.1:1";

impl Ran {
    /// Fails unless it printed no data, and told what to type next.
    #[track_caller]
    pub fn guides(self, next: &str) -> Self {
        assert_eq!(self.stdout, "", "a failure's stdout may be evaluated: {}", self.stderr);
        assert!(self.stderr.contains(next), "{next:?} is not in:\n{}", self.stderr);
        self
    }
}

/// The text with what differs from machine to machine replaced.
pub fn portable(sandbox: &Sandbox, text: &str) -> String {
    let home = sandbox.home().display().to_string();
    let bin = sandbox.bin().display().to_string();
    text.replace(&home, "[HOME]").replace(&bin, "[BIN]")
}

fn profile(sandbox: &Sandbox) -> Profile {
    Profile { name: "minikube".into(), home: Some(sandbox.home().join(".minikube")) }
}

/// A journal with one run in it: a clean of the profile's data, as `redis clean` records it.
pub fn with_a_clean(sandbox: &Sandbox) {
    let mut journal = Journal::open(&sandbox.state(), "opsctl redis clean", None).unwrap();
    let profile = profile(sandbox);
    journal.begin_run(Verb::Up, "opsctl redis clean", Target::Profile(profile.clone()), None).unwrap();
    let step: Step = Clean::new(Dataset::new("redis", "redis", 32400), 32401).into();
    let subject = Subject {
        scope: Scope::Profile(profile),
        part: "data".into(),
        key: step.key(),
        step: serde_json::to_value(&step).unwrap(),
        before: serde_json::Value::Null,
    };
    let tokens = journal.begin(vec![subject]).unwrap();
    journal.done(&tokens[0], serde_json::Value::Null, 12).unwrap();
    journal.end(true).unwrap();
}

/// A journal with one run in it: a profile that was made, whose cluster was this one.
pub fn with_a_cluster(sandbox: &Sandbox, uid: &str) {
    let mut journal = Journal::open(&sandbox.state(), "opsctl minikube up", None).unwrap();
    let profile = profile(sandbox);
    journal.begin_run(Verb::Up, "opsctl minikube up", Target::Profile(profile.clone()), None).unwrap();
    let step: Step = Cluster::new("minikube", Settings::default()).into();
    let subject = Subject {
        scope: Scope::Profile(profile),
        part: "minikube".into(),
        key: step.key(),
        step: serde_json::to_value(&step).unwrap(),
        before: serde_json::json!({"profile": "absent", "kubeconfig": {"existed": true, "context": "work"}}),
    };
    let tokens = journal.begin(vec![subject]).unwrap();
    journal.done(&tokens[0], serde_json::json!({"uid": uid}), 12).unwrap();
    journal.end(true).unwrap();
}

/// A journal with an import of this file in it, whose undo was cut short.
pub fn with_an_undo_cut_short(sandbox: &Sandbox, file: &str) -> Journal {
    let begin = |verb, command: &str, reverses| {
        let mut journal = Journal::open(&sandbox.state(), command, None).unwrap();
        journal.begin_run(verb, command, Target::Profile(profile(sandbox)), reverses).unwrap();
        journal
    };
    let step: Step =
        Import::new(&[file.into()], Reading::default(), Dataset::new("redis", "redis", 32400), false).into();
    let subject = Subject {
        scope: Scope::Cluster("c".into()),
        part: "data".into(),
        key: step.key(),
        step: serde_json::to_value(&step).unwrap(),
        before: serde_json::Value::Null,
    };
    let mut journal = begin(Verb::Up, "opsctl redis import", None);
    let token = journal.begin(vec![subject]).unwrap().remove(0);
    journal.done(&token, serde_json::json!({"former": null, "commands": 1}), 12).unwrap();
    journal.end(true).unwrap();
    drop(journal);
    let mut journal = begin(Verb::Undo, "opsctl undo --yes", Some(1));
    let token = journal.begin_down(&[token.entry()]).unwrap().remove(0);
    journal.note(&token, serde_json::json!({"former": []})).unwrap();
    journal
}

/// So many kept snapshots, the newest of the most keys. Their files are of the right size and nothing more.
pub fn with_snapshots(sandbox: &Sandbox, count: u64) {
    let folder = sandbox.state().join("snapshots");
    std::fs::create_dir_all(&folder).unwrap();
    for keys in 1..=count {
        let meta = Meta {
            schema: 1,
            at: format!("2026-11-{:02}T10:00:00Z", 10 + keys).parse().unwrap(),
            origin: Origin { cluster: None, source: "redis/redis".into(), reason: "clean".into() },
            addr: "127.0.0.1:32400".into(),
            sha256: "0".repeat(64),
            holds: Summary { keys, bytes: 4, ..Summary::default() },
        };
        let path = folder.join(format!("redis-{keys}.rdb"));
        std::fs::write(&path, "data").unwrap();
        std::fs::write(path.with_extension("json"), serde_json::to_vec(&meta).unwrap()).unwrap();
    }
}
