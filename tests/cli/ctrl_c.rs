//! Ctrl-C, and the end of a terminal: what goes on, what stops, and that no tool outlives opsctl.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use opsctl::bundle::recipe::PIECES;
use opsctl::host::arch;
use rustix::process::{Pid, Signal, kill_process};

use crate::sandbox::Sandbox;
use crate::world::{DOCKER_RUNS, GO};

/// Longer than any step takes on a busy machine, and shorter than a tool hangs.
const LIMIT: Duration = Duration::from_mins(2);

/// A tool that does not end, nor does what it has started; it tells both numbers.
const HANGS: &str = r#"sleep 300 & echo "$$ $!" >"$HERE/hang"; mv "$HERE/hang" "$HERE/hangs"; wait"#;

/// What `found` finds, once it does.
#[track_caller]
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An opsctl whose tool hangs.
struct Hanging<'a> {
    sandbox: &'a Sandbox,
    opsctl: Child,
    /// The tool, and what it has started.
    tools: Vec<String>,
}

impl<'a> Hanging<'a> {
    fn new(sandbox: &'a Sandbox, args: &[&str]) -> Self {
        Self::started(sandbox, sandbox.command(env!("CARGO_BIN_EXE_opsctl")), args)
    }

    /// By this command, which passes its arguments on to opsctl.
    fn started(sandbox: &'a Sandbox, mut command: Command, args: &[&str]) -> Self {
        let _ = std::fs::remove_file(sandbox.home().join("../hangs"));
        let stderr = std::fs::File::create(sandbox.home().join("stderr")).unwrap();
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let mut hanging = Self { sandbox, opsctl: command.spawn().unwrap(), tools: Vec::new() };
        hanging.tools = until("a tool that hangs", || {
            let ended = hanging.opsctl.try_wait().unwrap();
            assert!(ended.is_none(), "{args:?} ended: {ended:?}\n{}", hanging.said());
            let told = std::fs::read_to_string(sandbox.home().join("../hangs")).ok()?;
            Some(told.split_whitespace().map(str::to_owned).collect())
        });
        assert!(hanging.tools.iter().all(|pid| runs(pid)), "{:?}", hanging.tools);
        hanging
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.sandbox.home().join("stderr")).unwrap()
    }

    fn ctrl_c(&self) {
        self.sent(Signal::INT);
    }

    fn sent(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.opsctl), signal).unwrap();
    }

    /// Waits for its end, and for that of its tools; its exit code and what it said.
    #[track_caller]
    fn ends(mut self) -> (Option<i32>, String) {
        let status = until("the end of opsctl", || self.opsctl.try_wait().unwrap());
        // What was killed takes its moment to go.
        until("the end of its tools", || (!self.tools.iter().any(|pid| runs(pid))).then_some(()));
        (status.code(), self.said())
    }
}

fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Where nobody waits for orphans, a dead one stays as a zombie.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// A minikube that has all it needs, and whose start hangs.
fn minikube(start: &str) -> Sandbox {
    let tarball = format!("preloaded-images-k8s-v18-v1.33.1-docker-overlay2-{}.tar.lz4", arch());
    let mut sandbox = Sandbox::new()
        .tool("docker", &format!("{DOCKER_RUNS}\n[ \"$1\" != image ] || echo sha256:1"))
        .tool("minikube", &format!("[ \"$1\" = start ] || {{ echo v1.38.1; exit; }}\n{start}"))
        .file(&format!(".minikube/cache/preloaded-tarball/{tarball}"), "");
    for program in ["kubeadm", "kubelet", "kubectl"] {
        sandbox = sandbox.file(&format!(".minikube/cache/linux/{}/v1.33.1/{program}", arch()), "");
    }
    sandbox
}

/// All that a build of the bundle needs, and a Go that hangs as soon as it builds.
fn builder() -> Sandbox {
    let go = format!("[ \"$1\" = build ] || {{ {GO}; echo local; exit; }}\n{HANGS}");
    // With the base image in its Docker: nothing else is to be had first.
    let docker = format!("{DOCKER_RUNS}\n[ \"$1\" != image ] || echo sha256:1");
    Sandbox::new().tool("docker", &docker).tool("gcc", "").tool("go", &go)
}

#[test]
fn a_second_ctrl_c_ends_the_tool_in_hand_with_what_it_has_started() {
    for start in [HANGS.to_owned(), format!("trap '' TERM; {HANGS}")] {
        let sandbox = minikube(&start);
        let hanging = Hanging::new(&sandbox, &["minikube", "up", "--memory", "1m"]);
        hanging.ctrl_c();
        until("an answer", || hanging.said().contains("Finishing the current step").then_some(()));
        assert!(hanging.tools.iter().all(|pid| runs(pid)), "the first one lets it finish");
        hanging.ctrl_c();
        let (code, said) = hanging.ends();
        assert_eq!(code, Some(130), "{said}");
        assert!(!said.contains("failed"), "that it was ended is no failure of its own: {said}");
    }
}

#[test]
fn a_ctrl_c_outside_of_any_step_ends_its_tools_too() {
    let docker = format!("{DOCKER_RUNS}\n[ \"$1\" != ps ] || {{ {HANGS}; }}");
    let sandbox = Sandbox::new().tool("docker", &docker).file(".cache/opsctl/bundle/bin/minikube", "");
    let hanging = Hanging::new(&sandbox, &["bundle", "remove", "--yes"]);
    hanging.ctrl_c();
    let (code, said) = hanging.ends();
    assert_eq!(code, Some(130), "{said}");
}

#[test]
fn one_ctrl_c_stops_the_build_of_the_bundle_and_the_same_command_goes_on() {
    let sandbox = builder();
    for args in [&["bundle", "build"][..], &["minikube", "up", "--memory", "1m"]] {
        for _ in 0..2 {
            let builds = || sandbox.calls().iter().filter(|c| c.starts_with("go build")).count();
            let before = builds();
            let hanging = Hanging::new(&sandbox, args);
            hanging.ctrl_c();
            let (code, said) = hanging.ends();
            assert_eq!(code, Some(130), "{said}");
            assert_eq!(builds(), before + 1, "something else was begun: {said}");
            let next = format!("opsctl {}  # to resume", args.join(" "));
            let made = format!("0 of {} pieces are built", PIECES.len());
            assert!(said.contains(&made) && said.contains(&next), "{said}");
            let parts = sandbox.home().join(".cache/opsctl/bundle/parts");
            assert!(!parts.exists(), "{parts:?} is left: {said}");
        }
    }
}

#[test]
fn a_terminal_that_is_closed_ends_opsctl_and_its_tools_and_nohup_keeps_both() {
    let sandbox = minikube(HANGS);
    let args = ["minikube", "up", "--memory", "1m"];
    // These tests may run under nohup themselves, and what is ignored is inherited.
    let mut env = sandbox.command("/usr/bin/env");
    env.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_opsctl")]);
    let hanging = Hanging::started(&sandbox, env, &args);
    hanging.sent(Signal::HUP);
    assert_eq!(hanging.ends().0, Some(130));

    // As nohup does it.
    let mut shell = sandbox.command("/bin/sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_opsctl")]);
    let hanging = Hanging::started(&sandbox, shell, &args);
    hanging.sent(Signal::HUP);
    hanging.ctrl_c();
    until("an answer", || hanging.said().contains("Finishing the current step").then_some(()));
    assert!(hanging.tools.iter().all(|pid| runs(pid)), "it was ended");
    hanging.ctrl_c();
    hanging.ends();
}
