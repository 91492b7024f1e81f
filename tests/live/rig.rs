//! What a test has in hand: the shared cluster, the binary under test, and its lane.

use std::ffi::{OsStr, OsString};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dump::Dump;
use crate::tier::{Lane, Stack, say};

/// A wait that is longer than this has failed; far above what is usual, since machines are shared.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// The binary under test.
pub const OPSCTL: &str = env!("CARGO_BIN_EXE_opsctl");

/// Node ports as the documentation names them.
pub const MASTER_PORT: u16 = 32400;
/// The replica's.
pub const REPLICA_PORT: u16 = 32401;
/// The single redis's.
pub const SINGLE_PORT: u16 = 32410;

/// The shared cluster and the folders of this run.
pub struct Cluster {
    /// The tests' own minikube profile.
    pub profile: String,
    /// For development: the cluster was there before and stays.
    pub keep: bool,
    /// The full counts.
    pub soak: bool,
    /// This run's folder.
    pub root: PathBuf,
    /// Its kubeconfig.
    pub kubeconfig: PathBuf,
    /// What the kubeconfig held before the cluster was made.
    pub kubeconfig_before: Value,
    /// Where kubectl is.
    pub kubectl: PathBuf,
    /// Where minikube is.
    pub minikube: PathBuf,
    /// How long the cluster took, from nothing.
    pub took: Option<Duration>,
    /// The cluster before any stack was put up.
    before: Option<Dump>,
}

/// The cluster in the hands of a lane: its own state folder, and what is left alone as others have it.
pub struct Rig<'a> {
    cluster: &'a Cluster,
    lane: &'static Lane,
    /// The namespaces of other lanes.
    others: Vec<&'static str>,
}

impl Deref for Rig<'_> {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster
    }
}

/// Whose journal knows who made the profile.
pub const ENVIRONMENT: &str = "environment";

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    line: String,
    /// Its exit code; none: ended by a signal.
    pub code: Option<i32>,
    /// Its stdout.
    pub out: String,
    /// Its stderr.
    pub err: String,
    /// How long it took.
    pub took: Duration,
}

impl Ran {
    /// It must have ended with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "`{}`\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            self.out,
            self.err
        );
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// It must have ended well.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.code(0)
    }

    /// Its stderr must hold each of these.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "`{}` does not say {word:?}:\n{}", self.line, self.err);
        }
        self
    }

    /// Its stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("`{}` printed no JSON: {e}\n{}", self.line, self.out))
    }

    /// Its stdout as JSON, one value a line.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("`{}`: {e}: {line}", self.line))
        };
        self.out.lines().map(read).collect()
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ran {
    let line = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ");
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("`{line}`: {e}"));
    ended(line, &output, began.elapsed())
}

/// What a child did that was started before.
pub fn ended(line: impl Into<String>, output: &Output, took: Duration) -> Ran {
    Ran {
        line: line.into(),
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        took,
    }
}

/// Asks until there is an answer, or fails naming what was waited for.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    patiently(ask).unwrap_or_else(|| panic!("waited {} s for: {what}", PATIENCE.as_secs()))
}

/// Asks until there is an answer; none within [`PATIENCE`].
fn patiently<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if began.elapsed() >= PATIENCE {
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The lock, whatever became of its last holder.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A node that stands still until this is dropped.
pub struct Paused(String);

impl Paused {
    /// Freezes all of the machine's processes.
    pub fn new(machine: &str) -> Self {
        run(Command::new("docker").args(["pause", machine])).ok();
        Self(machine.to_owned())
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        run(Command::new("docker").args(["unpause", &self.0]));
    }
}

/// Seconds with one digit.
pub fn secs(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn on_path(name: &str) -> Option<PathBuf> {
    which::which(name).ok()
}

impl Cluster {
    /// The cluster of the tests' own profile, made from nothing, or kept from before for development: then without
    /// these stacks, while somebody may work on others in those namespaces.
    pub fn new(stacks: &[Stack], others: &[&str]) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let profile = variable("OPSCTL_TEST_PROFILE").unwrap_or_else(|| "opsctl-test".into());
        let keep = variable("OPSCTL_TEST_KEEP").is_some();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live");
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).expect("a folder for the run");
        let cache = variable("XDG_CACHE_HOME").map_or_else(
            || PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache"),
            PathBuf::from,
        );
        let tool = |name: &str| on_path(name).unwrap_or_else(|| cache.join("opsctl/bundle/bin").join(name));
        let mut cluster = Self {
            kubeconfig: root.join("kubeconfig"),
            kubectl: tool("kubectl"),
            minikube: tool("minikube"),
            soak: variable("OPSCTL_SOAK").is_some(),
            kubeconfig_before: Value::Null,
            took: None,
            before: None,
            profile,
            keep,
            root,
        };
        if cluster.keep {
            cluster.borrow();
            cluster.kubectl(&["uncordon", &cluster.profile]);
            for stack in stacks {
                cluster.clear(ENVIRONMENT, stack);
            }
        } else {
            cluster.make();
        }
        cluster.before = Some(settled(&cluster, if cluster.keep { others } else { &[] }));
        cluster
    }

    /// For development: the running cluster, and its context from the user's kubeconfig.
    fn borrow(&self) {
        let mut view = Command::new(&self.kubectl);
        let context = format!("--context={}", self.profile);
        let view = run(view.args(["config", "view", "--minify", "--flatten", "--raw", &context])).ok();
        std::fs::write(&self.kubeconfig, view.out).expect("a kubeconfig");
        self.kubectl(&["config", "use-context", &self.profile]).ok();
    }

    /// From nothing: what a killed run left is removed, only under the tests' own name.
    fn make(&mut self) {
        assert_ne!(self.profile, "minikube", "the tests never touch the user's profile");
        if self.profile_folder().exists() || !self.containers().is_empty() {
            say(&format!("a left-over of an earlier run: minikube delete -p {}", self.profile));
            run(self.minikube_command().args(["delete", "-p", &self.profile]));
        }
        let former = "apiVersion: v1\nkind: Config\ncurrent-context: work\n\
            clusters:\n- {name: work, cluster: {server: 'https://192.0.2.1:6443'}}\n\
            users:\n- {name: work, user: {token: none}}\n\
            contexts:\n- {name: work, context: {cluster: work, user: work, namespace: team}}\n";
        std::fs::write(&self.kubeconfig, former).expect("a kubeconfig");
        self.kubeconfig_before = self.kubeconfig_now();
        let ran = self.opsctl_in(ENVIRONMENT, &["minikube", "up", "--yes"]).ok();
        self.took = Some(ran.took);
        // That journal knows who made the profile. Without the profile's mark no other one does, and its
        // `undo --all` is about what is in the cluster.
        let _ = std::fs::remove_file(self.profile_folder().join("opsctl.json"));
    }

    /// Removes a stack, whatever became of it.
    fn clear(&self, state: &str, stack: &Stack) {
        if !stack.down.is_empty() {
            self.opsctl_in(state, stack.down).ok();
        }
        // What opsctl left alone because it did not make it.
        self.kubectl(&["delete", "namespace", stack.namespace, "--ignore-not-found"]).ok();
    }

    /// Whether the full counts are wanted.
    pub fn is_soaked(&self) -> bool {
        self.soak
    }

    /// Whether the profile is the tests' own, and goes with them.
    pub fn is_own(&self) -> bool {
        !self.keep
    }

    /// The profile's folder.
    pub fn profile_folder(&self) -> PathBuf {
        let home = PathBuf::from(std::env::var_os("HOME").expect("HOME"));
        let minikube = match std::env::var_os("MINIKUBE_HOME").map(PathBuf::from) {
            Some(dir) if dir.file_name() == Some(OsStr::new(".minikube")) => dir,
            Some(dir) => dir.join(".minikube"),
            None => home.join(".minikube"),
        };
        minikube.join("profiles").join(&self.profile)
    }

    /// Containers, volumes and networks of the profile that Docker still has.
    pub fn containers(&self) -> Vec<String> {
        // By name: minikube's labels name the machine, and the worker's is another than the profile.
        let worker = format!("{}-m", self.profile);
        let belongs = |name: &&str| *name == self.profile || name.starts_with(&worker);
        let mut found = Vec::new();
        for args in [
            ["ps", "-a", "--format", "{{.Names}}"].as_slice(),
            &["volume", "ls", "--format", "{{.Name}}"],
            &["network", "ls", "--format", "{{.Name}}"],
        ] {
            let ran = run(Command::new("docker").args(args));
            found.extend(ran.out.lines().filter(belongs).map(|name| format!("{} {name}", args[0])));
        }
        found
    }

    /// The kubeconfig, parsed.
    pub fn kubeconfig_now(&self) -> Value {
        let text = std::fs::read_to_string(&self.kubeconfig).unwrap_or_default();
        serde_yaml::from_str(&text).unwrap_or(Value::Null)
    }

    /// opsctl with the state folder of that name; journals of different names know nothing of one another.
    pub fn opsctl_command(&self, state: &str, args: &[&str]) -> Command {
        let mut command = Command::new(OPSCTL);
        for name in ["OPSCTL_CONTEXT", "OPSCTL_YES", "OPSCTL_TIMEOUT", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
            .current_dir(&self.root)
            .env("XDG_STATE_HOME", self.state(state))
            .env("KUBECONFIG", &self.kubeconfig)
            // By the environment: then the commands that it suggests need not repeat it.
            .env("OPSCTL_PROFILE", &self.profile)
            .args(args);
        command
    }

    /// The state home of that name.
    pub fn state(&self, name: &str) -> PathBuf {
        self.root.join("state").join(name)
    }

    /// Runs opsctl with the state folder of that name.
    pub fn opsctl_in(&self, state: &str, args: &[&str]) -> Ran {
        run(&mut self.opsctl_command(state, args))
    }

    /// kubectl, on this cluster.
    pub fn kubectl(&self, args: &[&str]) -> Ran {
        run(Command::new(&self.kubectl).env("KUBECONFIG", &self.kubeconfig).args(args))
    }

    /// What kubectl prints, trimmed; it must succeed.
    #[track_caller]
    pub fn asked(&self, args: &[&str]) -> String {
        self.kubectl(args).ok().out.trim().to_owned()
    }

    /// What kubectl prints as JSON.
    #[track_caller]
    pub fn get(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = ["get", "-o", "json"].iter().chain(args).copied().collect();
        self.kubectl(&args).ok().json()
    }

    /// minikube as opsctl uses it.
    pub fn minikube_command(&self) -> Command {
        let mut command = Command::new(&self.minikube);
        command.env("KUBECONFIG", &self.kubeconfig).env("PATH", self.path());
        command
    }

    /// A PATH with opsctl and kubectl in front.
    pub fn path(&self) -> OsString {
        let own = Path::new(OPSCTL).parent().map(Path::to_path_buf);
        let tools = self.kubectl.parent().map(Path::to_path_buf);
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(tools).chain(std::env::split_paths(&rest));
        std::env::join_paths(all).expect("a PATH")
    }

    /// The names of the nodes: the profile's own holds the volume.
    pub fn nodes(&self) -> [String; 2] {
        [self.profile.clone(), format!("{}-m02", self.profile)]
    }

    /// The address at which the host reaches node ports.
    pub fn address(&self) -> String {
        let path = "jsonpath={.status.addresses[?(@.type==\"InternalIP\")].address}";
        self.asked(&["get", "node", &self.profile, "-o", path])
    }

    /// The addresses of all nodes.
    pub fn addresses(&self) -> Vec<String> {
        let path =
            "jsonpath={range .items[*]}{.status.addresses[?(@.type==\"InternalIP\")].address}{'\\n'}{end}";
        self.asked(&["get", "nodes", "-o", path]).lines().map(str::to_owned).collect()
    }

    /// A connection from this host to a node port.
    pub fn redis(&self, port: u16) -> redis::Connection {
        let url = format!("redis://{}:{port}/", self.address());
        until(&format!("an answer at {url}"), || connect(&url, Duration::from_mins(1)).ok())
    }

    /// The first dump.
    pub fn before(&self) -> &Dump {
        self.before.as_ref().expect("taken when the cluster was there")
    }
}

impl<'a> Rig<'a> {
    /// The cluster for tests of that lane.
    pub fn new(cluster: &'a Cluster, lane: &'static Lane, lanes: &[&'static Lane]) -> Self {
        let own = |other: &&'static str| lane.stacks.iter().any(|stack| stack.namespace == *other);
        let all = lanes.iter().flat_map(|lane| lane.stacks).map(|stack| stack.namespace);
        Self { cluster, lane, others: all.filter(|other| !own(other)).collect() }
    }

    /// Removes what a test of this lane left.
    pub fn clear(&self) {
        self.kubectl(&["uncordon", &self.profile]);
        self.lane.stacks.iter().for_each(|stack| self.cluster.clear(self.lane.name, stack));
    }

    /// The state folder of this lane.
    pub fn own_state(&self) -> PathBuf {
        self.state(self.lane.name)
    }

    /// opsctl with the state folder of this lane.
    pub fn command(&self, args: &[&str]) -> Command {
        self.opsctl_command(self.lane.name, args)
    }

    /// Runs opsctl with the state folder of this lane.
    pub fn opsctl(&self, args: &[&str]) -> Ran {
        run(&mut self.command(args))
    }

    /// A line of bash as a developer would type it, opsctl meaning the tests' profile.
    pub fn bash_command(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        command
            .args(["-c", line])
            .current_dir(&self.root)
            .env("PATH", self.path())
            .env("XDG_STATE_HOME", self.own_state())
            .env("KUBECONFIG", &self.kubeconfig)
            .env("OPSCTL_PROFILE", &self.profile);
        command
    }

    /// Runs a line of bash.
    pub fn bash(&self, line: &str) -> Ran {
        run(&mut self.bash_command(line))
    }

    /// Master and replica stand.
    pub fn redis_stands(&self) {
        let deployments = self.kubectl(&["-n", "redis", "get", "deploy", "redis", "redis-replica"]);
        if deployments.code != Some(0) {
            self.opsctl(&["redis", "up"]).ok();
        }
        self.redis_is_well();
    }

    /// Nothing of redis stands.
    pub fn redis_is_down(&self) {
        if self.kubectl(&["get", "namespace/redis"]).code == Some(0) {
            self.opsctl(&["redis", "down", "--yes"]).ok();
        }
    }

    /// Waits until `redis status` finds no fault, and returns it.
    #[track_caller]
    pub fn redis_is_well(&self) -> Value {
        until("redis status without a fault", || {
            let ran = self.opsctl(&["redis", "status", "-o", "json"]);
            (ran.code == Some(0)).then(|| ran.json())
        })
    }

    /// Name and node of the pods of a component that are not on their way out.
    pub fn pods(&self, component: &str) -> Vec<(String, Option<String>)> {
        let label = format!("app.kubernetes.io/name=redis,app.kubernetes.io/component={component}");
        let list = self.get(&["-n", "redis", "pods", "-l", &label]);
        let pods = list["items"].as_array().cloned().unwrap_or_default();
        pods.iter()
            .filter(|p| p["metadata"]["deletionTimestamp"].is_null())
            .map(|p| {
                let name = p["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                (name, p["spec"]["nodeName"].as_str().map(str::to_owned))
            })
            .collect()
    }

    /// The only pod of a component.
    #[track_caller]
    pub fn pod(&self, component: &str) -> String {
        let pods = self.pods(component);
        assert_eq!(pods.len(), 1, "{component}: {pods:?}");
        pods[0].0.clone()
    }

    /// What stood before stands again, and nothing else, but for what other lanes have.
    #[track_caller]
    pub fn is_as_before(&self) -> usize {
        self.is_whole_but(&self.others)
    }

    /// What stood before any stack stands again, and nothing else.
    #[track_caller]
    pub fn nothing_is_left(&self) -> usize {
        for (node, images) in crate::images::on_nodes(self) {
            assert!(images.is_empty(), "{node} has {images:?}");
        }
        self.is_whole_but(&[])
    }

    #[track_caller]
    fn is_whole_but(&self, others: &[&str]) -> usize {
        let before = self.before().but(others);
        let differences = self.until_same(&before, others);
        assert!(differences.is_empty(), "not as before:\n{}", differences.join("\n"));
        for node in self.nodes() {
            let list = "find /var/lib/opsctl* -maxdepth 1 2>/dev/null || :";
            let left = on_node(&node, &["sh", "-c", list]).ok();
            // A folder that holds what another lane has.
            let theirs =
                |path: &str| others.iter().any(|o| path.starts_with(&format!("/var/lib/opsctl/{o}")));
            let held = left.out.lines().any(theirs);
            let ours = |path: &&str| !(theirs(path) || held && *path == "/var/lib/opsctl");
            assert_eq!(left.out.lines().find(ours), None, "left on {node}");
        }
        before.len()
    }

    /// The lines in which the cluster differs from what it was, but for what other lanes have. What the
    /// cluster's own controllers tidy takes a moment (endpoints, replica sets).
    pub fn differences(&self, before: &Dump) -> Vec<String> {
        self.until_same(&before.but(&self.others), &self.others)
    }

    fn until_same(&self, before: &Dump, others: &[&str]) -> Vec<String> {
        let began = Instant::now();
        loop {
            let differences = before.differences(&Dump::take(self).but(others));
            if differences.is_empty() || began.elapsed() > PATIENCE {
                return differences;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

/// The cluster once nothing changes in it any more, but for what others have: a fresh one still gets its DNS ready.
fn settled(cluster: &Cluster, others: &[&str]) -> Dump {
    let mut dump = Dump::take(cluster);
    patiently(|| {
        std::thread::sleep(Duration::from_secs(2));
        let before = std::mem::replace(&mut dump, Dump::take(cluster));
        before.but(others).differences(&dump.but(others)).is_empty().then_some(())
    });
    dump
}

/// Runs a command on a node.
pub fn on_node(node: &str, words: &[&str]) -> Ran {
    run(Command::new("docker").args(["exec", node]).args(words))
}

/// A connection, and how long each answer may take.
pub fn connect(url: &str, limit: Duration) -> redis::RedisResult<redis::Connection> {
    let connection = redis::Client::open(url)?.get_connection_with_timeout(Duration::from_secs(3))?;
    connection.set_read_timeout(Some(limit))?;
    connection.set_write_timeout(Some(limit))?;
    Ok(connection)
}

/// A redis command in words.
pub fn ask<T: redis::FromRedisValue>(link: &mut redis::Connection, words: &str) -> T {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap_or_default());
    for word in words {
        command.arg(word);
    }
    command.query(link).unwrap_or_else(|e| panic!("redis: {e}"))
}
