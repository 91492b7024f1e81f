//! `uninstall` names all that goes before it asks, and takes away just what opsctl put onto this machine.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use opsctl::journal::{Journal, Profile, Scope, Subject, Target, Verb};
use serde_json::{Value, json};

use crate::sandbox::{NOBODY, Sandbox};
use crate::world::{DOCKER_RUNS, GO, registry};

/// Two packages are installed; purging them would remove these as well.
fn debian(also: &str) -> Sandbox {
    let simulated = format!(
        r#"case "$*" in
            *-s*) printf 'Reading package lists...\nPurg docker.io [26]\nPurg containerd [1.7]\n{also}' ;;
            purge*) touch "$HERE/purged" ;;
        esac"#
    );
    let docker = format!(r#"{DOCKER_RUNS}; [ "$1 $2" != "image ls" ] || echo "opsctl/redis:8.0 sha256:1""#);
    Sandbox::new().tool("docker", &docker).tool("apt-get", &simulated).tool(
        "dpkg-query",
        r#"printf 'ii  libc6\n'; [ -e "$HERE/purged" ] || printf 'ii  docker.io\nii  containerd\n'"#,
    )
}

/// A journal with one run of these steps: its target, and of each step its scope, itself and what it made.
fn record(sandbox: &Sandbox, target: Target, steps: Vec<(Scope, Value, Value)>) {
    let steps = steps.into_iter().map(|(scope, step, made)| (scope, step, Value::Null, made));
    record_with(sandbox, target, steps.collect());
}

/// The same, with what was there before.
fn record_with(sandbox: &Sandbox, target: Target, steps: Vec<(Scope, Value, Value, Value)>) {
    let mut journal = Journal::open(&sandbox.state(), "opsctl check --fix", None).unwrap();
    journal.begin_run(Verb::Up, "opsctl check --fix", target, None).unwrap();
    for (scope, step, before, made) in steps {
        let read: opsctl::step::Step = serde_json::from_value(step.clone()).unwrap();
        let subject = Subject { scope, part: "host".into(), key: read.key(), step, before };
        let tokens = journal.begin(vec![subject]).unwrap();
        journal.done(&tokens[0], made, 12).unwrap();
    }
    journal.end(true).unwrap();
}

fn profile(sandbox: &Sandbox) -> Target {
    let home = Some(sandbox.home().join(".minikube"));
    Target::Profile(Profile { name: "minikube".into(), home })
}

/// Docker's packages, its daemon and the link, as `check --fix` records them where nothing was before.
fn with_docker(sandbox: &Sandbox, folders: &[&str]) {
    let link = sandbox.home().join(".local/bin/kubectl");
    let steps = vec![
        (
            Scope::Host,
            json!({"packages": {"names": ["docker.io"]}}),
            json!({"folders": folders}),
            json!({"new": ["containerd", "docker.io"]}),
        ),
        (Scope::Host, json!({"daemon": {}}), Value::Null, json!({"started": {"processes": []}})),
        (Scope::Host, json!({"kubectl": {"link": link}}), json!([]), Value::Null),
    ];
    record_with(sandbox, profile(sandbox), steps);
}

/// Docker's own: what was there before stays, and is not counted.
const FOLDERS: [&str; 2] = ["/var/lib/docker", "/var/lib/containerd"];

fn changes(sandbox: &Sandbox) -> Vec<String> {
    let looks = ["docker info", "docker image ls", "docker ps", "dpkg-query", "apt-get -s"];
    sandbox.calls().into_iter().filter(|call| !looks.iter().any(|look| call.starts_with(look))).collect()
}

#[test]
fn a_dry_run_names_each_package_daemon_folder_and_size_and_touches_nothing() {
    let sandbox = debian("").file(".cache/opsctl/big", &"x".repeat(3 << 20));
    with_docker(&sandbox, &[]);
    let journal = sandbox.state().join("journal.jsonl");
    let before = std::fs::read(&journal).unwrap();
    let ran = sandbox.opsctl(&["uninstall", "--dry-run"]).ends(0);
    let names =
        ["docker.io", "containerd", "Docker daemon", ".local/bin/kubectl", "3.0 MiB", "opsctl/redis:8.0"];
    for named in names {
        assert!(ran.stderr.contains(named), "{named} is not in:\n{}", ran.stderr);
    }
    for folder in FOLDERS {
        assert_eq!(ran.stderr.contains(folder), Path::new(folder).exists(), "{folder}: {}", ran.stderr);
    }
    assert_eq!(changes(&sandbox), Vec::<String>::new());
    assert_eq!(std::fs::read(&journal).unwrap(), before);
    assert_eq!(std::fs::read_dir(sandbox.state()).unwrap().count(), 2, "the journal and its lock");
    // The question has the same before it.
    let asked = sandbox.opsctl(&["uninstall"]);
    assert!(names.iter().all(|named| asked.stderr.contains(named)), "{}", asked.stderr);
    let data = sandbox.opsctl(&["uninstall", "--dry-run", "-o", "json"]).ends(0).stdout;
    let events: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = |e: &Value| e["bytes"].as_u64().unwrap_or(0);
    assert!(events.iter().any(|e| e["event"] == "preview" && bytes(e) >= 3 << 20), "{data}");
}

#[test]
fn what_others_installed_since_is_not_purged_along_and_nothing_is_touched() {
    for also in ["Purg build-essential [12]\\n", "Remv gcc-12 [12]\\n", "Inst podman [4] (4 Debian)\\n"] {
        let sandbox = debian(also);
        with_docker(&sandbox, &FOLDERS);
        for args in [&["uninstall", "--yes"][..], &["uninstall", "--dry-run"]] {
            let ran = sandbox.opsctl(args).ends(5).guides("apt-get -s purge");
            assert!(ran.stderr.contains(also.split(' ').nth(1).unwrap()), "{}", ran.stderr);
            assert!(ran.stderr.contains("Nothing was touched"), "{}", ran.stderr);
        }
        assert_eq!(changes(&sandbox), Vec::<String>::new());
        assert!(sandbox.state().join("journal.jsonl").exists());
    }
}

#[test]
fn what_remains_in_the_cluster_of_a_context_keeps_the_journal() {
    let sandbox = debian("");
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}});
    let step = json!({"object": {"part": "redis", "manifest": namespace}});
    record(&sandbox, Target::Context("far".into()), vec![(Scope::Cluster("u".into()), step, Value::Null)]);
    let ran = sandbox.opsctl(&["uninstall", "--yes"]).ends(5).guides("--context far undo --all");
    assert!(ran.stderr.contains("context \"far\""), "{}", ran.stderr);
    assert!(sandbox.state().join("journal.jsonl").exists());
}

#[test]
fn a_record_that_names_no_home_of_minikubes_keeps_the_journal_under_any() {
    let fixture = "tests/fixtures/journal/v1-redis-up/journal.jsonl";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap();
    let sandbox = debian("").file(".local/state/opsctl/journal.jsonl", &text);
    let ran = sandbox.opsctl(&["uninstall", "--yes"]).ends(5);
    assert!(ran.stderr.contains("minikube profile"), "{}", ran.stderr);
    assert!(sandbox.state().join("journal.jsonl").exists());
}

#[test]
fn nobody_else_begins_until_the_state_folder_is_gone() {
    let opsctl = env!("CARGO_BIN_EXE_opsctl");
    let docker = format!(
        r#"{DOCKER_RUNS}; case "$1 $2" in "image ls"|info*) ;; *) "{opsctl}" undo --yes; echo $? >"$HERE/other" ;; esac
        [ "$1 $2" != "image ls" ] || echo "opsctl/redis:8.0 sha256:1""#
    );
    let sandbox = Sandbox::new().tool("docker", &docker);
    record(&sandbox, profile(&sandbox), Vec::new());
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    let other = std::fs::read_to_string(sandbox.home().join("../other")).expect("an image was removed");
    assert_eq!(other.trim(), "5", "another opsctl ran while its journal was about to go");
    assert!(!sandbox.state().exists());
}

fn owner(path: &Path) -> (u32, u32) {
    let meta = std::fs::symlink_metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (meta.uid(), meta.gid())
}

/// Everything in a folder, itself included.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            all.extend(below(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all
}

/// root's environment as sudo leaves it, typed by somebody whose home is `user` beside root's.
fn sudo(sandbox: Sandbox) -> (Sandbox, PathBuf) {
    let user = sandbox.home().join("../user");
    std::fs::create_dir(&user).unwrap();
    let user = user.canonicalize().unwrap();
    chown(&user, Some(NOBODY), Some(NOBODY)).unwrap();
    let (id, home) = (NOBODY.to_string(), user.to_str().unwrap());
    let sandbox = sandbox.env("SUDO_UID", &id).env("SUDO_GID", &id).env("SUDO_USER", "nobody");
    let sandbox = sandbox.env("SUDO_HOME", home).env("KUBECONFIG", "").env("MINIKUBE_HOME", "");
    let folders = ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"];
    (folders.iter().fold(sandbox, |sandbox, name| sandbox.env(name, "")), user)
}

#[test]
#[ignore = "only root can act for somebody else"]
fn sudo_keeps_record_and_link_with_the_user_who_typed_it() {
    let sandbox = Sandbox::new()
        .env("HTTPS_PROXY", &registry())
        .tool("docker", DOCKER_RUNS)
        .tool("go", GO)
        .tool("gcc", "")
        .tool("apt-get", "");
    let (sandbox, user) = sudo(sandbox);
    let _ = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
    assert!(user.join(".local/state/opsctl/journal.jsonl").is_file());
    let link = user.join(".local/bin/kubectl");
    assert_eq!(std::fs::read_link(&link).unwrap(), user.join(".cache/opsctl/bundle/bin/kubectl"));
    for path in below(&user) {
        assert_eq!(owner(&path), (NOBODY, NOBODY), "{}", path.display());
    }
    let roots: Vec<_> = std::fs::read_dir(sandbox.home()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(roots.is_empty(), "in root's home: {roots:?}");
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    let left = ["state/opsctl", "bin/kubectl"].map(|path| user.join(".local").join(path).exists());
    assert_eq!(left, [false, false], "{:?}", below(&user));
}

#[test]
#[ignore = "only root can act for somebody else"]
fn sudo_by_somebody_without_a_home_is_refused() {
    let (sandbox, user) = sudo(Sandbox::new().tool("apt-get", ""));
    let sandbox = sandbox.env("SUDO_HOME", "").env("SUDO_UID", "4123123123");
    let ran = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(2).guides("HOME=");
    assert!(ran.stderr.contains("4123123123"), "{}", ran.stderr);
    assert_eq!(below(&user).len(), 1);
    assert_eq!(std::fs::read_dir(sandbox.home()).unwrap().count(), 0);
}

#[test]
#[ignore = "only root can run a program as somebody else"]
fn who_may_not_remove_the_packages_is_told_so_and_keeps_the_record_of_them() {
    let sandbox = debian("");
    with_docker(&sandbox, &FOLDERS);
    let program = sandbox.everybodys(env!("CARGO_BIN_EXE_opsctl"));
    let ran = sandbox.as_nobody(&program, &["uninstall", "--yes"]).ends(3);
    assert!(ran.stderr.contains("sudo opsctl uninstall"), "{}", ran.stderr);
    assert_eq!(changes(&sandbox), Vec::<String>::new());
    assert!(sandbox.state().join("journal.jsonl").exists());
}
