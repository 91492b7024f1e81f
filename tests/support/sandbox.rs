//! The `opsctl` binary in a home of its own, with fake tools as its whole PATH and a log of their calls.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Ends a call in the log: arguments may hold line ends.
const END: char = '\u{1e}';

/// The user and the group of that name.
pub const NOBODY: u32 = 65534;

/// A home, folders and tools of its own; nothing of the machine's shines through.
#[must_use = "a sandbox does nothing until something runs in it"]
pub struct Sandbox {
    dir: TempDir,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
}

/// How a run in the sandbox ended.
#[must_use = "a run whose end nobody looks at proves nothing"]
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
}

impl Sandbox {
    /// An empty home and no tools at all.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("opsctl-sandbox-").tempdir().expect("a temporary folder");
        for folder in ["bin", "home", "run"] {
            std::fs::create_dir(dir.path().join(folder)).expect("a folder in it");
        }
        Self { dir, env: Vec::new(), stdin: Vec::new() }
    }

    /// Adds a fake tool. Each call is logged before the body, `sh` script text, runs; the body has
    /// the machine's own PATH, `$HERE` for the sandbox's folder, and `$CALLS` for how many calls of
    /// this tool there were, this one included.
    pub fn tool(self, name: &str, body: &str) -> Self {
        let (log, here) = (quoted(self.log()), quoted(self.dir.path()));
        let path = quoted(std::env::var_os("PATH").unwrap_or_default());
        let script = format!(
            "#!/bin/sh\n\
             line={name}; for a; do line=\"$line $a\"; done\n\
             printf '%s\\036' \"$line\" >>{log}\n\
             PATH={path}; HERE={here}; export PATH HERE\n\
             echo >>\"$HERE/{name}.calls\"; CALLS=$(wc -l <\"$HERE/{name}.calls\"); CALLS=$((CALLS))\n\
             {body}\n"
        );
        let file = self.bin().join(name);
        std::fs::write(&file, script).expect("a file in the sandbox");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("its mode");
        self
    }

    /// Adds a file, by its path in the home folder.
    pub fn file(self, path: &str, text: &str) -> Self {
        let file = self.home().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder in the home");
        std::fs::write(file, text).expect("a file in the home");
        self
    }

    /// Sets the kubeconfig.
    pub fn kubeconfig(self, text: &str) -> Self {
        self.file(".kube/config", text)
    }

    /// Adds a minikube profile with nodes of these addresses, the control plane first.
    pub fn profile(self, name: &str, addresses: &[&str]) -> Self {
        let nodes: Vec<_> = addresses
            .iter()
            .enumerate()
            .map(|(i, ip)| {
                let node = if i == 0 { String::new() } else { format!("m{:02}", i + 1) };
                serde_json::json!({"Name": node, "IP": ip, "Port": 8443, "ControlPlane": i == 0, "Worker": true})
            })
            .collect();
        let text = serde_json::json!({"Name": name, "Driver": "docker", "Nodes": nodes,
            "KicBaseImage": "node:1", "KubernetesConfig": {"KubernetesVersion": "v1.34.4", "ContainerRuntime": "containerd"}});
        self.file(&format!(".minikube/profiles/{name}/config.json"), &text.to_string())
    }

    /// Sets a variable for what runs.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What runs reads this on its input; without it, nothing.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs opsctl.
    pub fn opsctl(&self, args: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_opsctl"), args)
    }

    /// Runs any program the same way.
    pub fn run(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Ran {
        let mut child = self
            .command(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut input = child.stdin.take().expect("its input");
        let bytes = self.stdin.clone();
        let feeder = std::thread::spawn(move || {
            let _ = input.write_all(&bytes); // it may end without reading
        });
        let output = child.wait_with_output().expect("it ends");
        feeder.join().expect("its input was written");
        Ran::of(&output)
    }

    /// Gives all of it to `nobody`, with a copy of a program that everybody may run. Only root can.
    pub fn everybodys(&self, program: impl AsRef<Path>) -> PathBuf {
        let copy = self.dir.path().join("program");
        std::fs::copy(program, &copy).expect("a copy of it");
        let mut rest = vec![self.dir.path().to_owned()];
        while let Some(path) = rest.pop() {
            std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY)).expect("another owner");
            if path.is_dir() {
                rest.extend(std::fs::read_dir(&path).expect("what is in it").flatten().map(|e| e.path()));
            }
        }
        copy
    }

    /// Runs a program as `nobody`. Only root can.
    pub fn as_nobody(&self, program: &Path, args: &[&str]) -> Ran {
        let mut command = self.command(program);
        let output = command.args(args).stdin(Stdio::null()).uid(NOBODY).gid(NOBODY).output();
        Ran::of(&output.expect("it starts"))
    }

    /// A command with the sandbox's environment and nothing else, for tests that need a terminal or a pipe.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let home = self.home();
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(&home)
            .env("PATH", self.bin())
            // Only the fakes answer: not the engine that this machine may have.
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .env("HOME", &home)
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_RUNTIME_DIR", self.dir.path().join("run"))
            .env("KUBECONFIG", home.join(".kube/config"))
            .env("MINIKUBE_HOME", home.join(".minikube"))
            .env("LANG", "C.UTF-8")
            .envs(self.env.iter().map(|(k, v)| (k, v)));
        command
    }

    /// The calls of fake tools so far, in order: the tool's name and its arguments.
    pub fn calls(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        log.split_terminator(END).map(str::to_owned).collect()
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The state folder of opsctl.
    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/opsctl")
    }

    /// The folder of the fake tools.
    pub fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("calls")
    }
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails, with all it said, unless it ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// One word for `sh`.
fn quoted(text: impl AsRef<OsStr>) -> String {
    let text = Path::new(text.as_ref()).to_string_lossy().into_owned();
    format!("'{}'", text.replace('\'', r"'\''"))
}
