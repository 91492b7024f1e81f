//! `make demo` and `make test` with fake tools: whom they ask, and what they do where nobody can answer.

use std::path::PathBuf;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::sandbox::{Ran, Sandbox};

/// All that the recipes call besides make and bash themselves; redis-server is not there.
fn sandbox() -> Sandbox {
    let fakes = ["apt-get", "systemctl", "cargo", "opsctl", "docker-compose"];
    let sandbox = fakes.iter().fold(Sandbox::new(), |sandbox, name| sandbox.tool(name, ""));
    let sandbox =
        ["mktemp", "rm"].iter().fold(sandbox, |sandbox, name| sandbox.tool(name, &format!(r#"{name} "$@""#)));
    sandbox.tool("sudo", r#""$HERE/bin/$@""#).tool("id", "echo 1000")
}

fn make() -> PathBuf {
    which::which("make").expect("make")
}

fn line<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["--no-print-directory", "-C", env!("CARGO_MANIFEST_DIR"), "OPSCTL=opsctl"], args].concat()
}

/// Without a terminal: both stdin and stderr are pipes.
fn piped(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(make(), &line(args))
}

fn on_a_terminal(sandbox: &Sandbox, args: &[&str]) -> PtySession {
    let mut command = sandbox.command(make());
    command.args(line(args)).env("TERM", "xterm-256color");
    spawn_command(command, Some(60_000)).unwrap()
}

/// The rest of what it wrote, and its exit code.
fn ended(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (rest, code),
        other => panic!("{other:?}: {rest}"),
    }
}

/// The calls of one fake.
fn calls(sandbox: &Sandbox, tool: &str) -> Vec<String> {
    sandbox.calls().into_iter().filter(|call| call.starts_with(tool)).collect()
}

const APT: &str = "apt-get install --no-install-recommends redis-server";

#[test]
fn a_demo_without_a_terminal_asks_nobody() {
    let sandbox = sandbox();
    let _ = piped(&sandbox, &["demo"]).ends(0);
    assert_eq!(calls(&sandbox, "opsctl"), ["opsctl check minikube --fix --yes", "opsctl up --yes"]);
}

#[test]
fn a_demo_on_a_terminal_lets_opsctl_ask() {
    let sandbox = sandbox();
    let (said, code) = ended(on_a_terminal(&sandbox, &["demo"]));
    assert_eq!(code, 0, "{said}");
    assert_eq!(calls(&sandbox, "opsctl"), ["opsctl check minikube --fix", "opsctl up"]);
}

#[test]
fn who_answers_beforehand_is_not_asked_on_a_terminal() {
    for sandbox in [sandbox().env("YES", "--yes"), sandbox().env("CI", "1")] {
        let (said, code) = ended(on_a_terminal(&sandbox, &["demo", "redis-server"]));
        assert_eq!(code, 0, "{said}");
        assert_eq!(calls(&sandbox, "opsctl"), ["opsctl check minikube --fix --yes", "opsctl up --yes"]);
        assert_eq!(calls(&sandbox, "apt-get"), [format!("{APT} -y -qq")]);
    }
}

#[test]
fn the_tests_without_a_terminal_say_what_they_install_and_go_on() {
    let sandbox = sandbox();
    let ran = piped(&sandbox, &["test"]).ends(0);
    assert!(ran.stdout.contains(&format!("The tests need redis-server: sudo {APT}\n")), "{}", ran.stdout);
    assert_eq!(calls(&sandbox, "apt-get"), [format!("{APT} -y -qq")]);
    assert_eq!(calls(&sandbox, "opsctl"), ["opsctl check minikube --fix --yes", "opsctl bundle build"]);
    let tiers = calls(&sandbox, "cargo test");
    assert!(tiers.iter().any(|call| call.contains("--test live")), "{tiers:?}");
}

#[test]
fn a_soak_and_the_benchmarks_append_their_figures_to_the_page() {
    let sandbox = sandbox().tool("redis-server", "").tool("cargo", r#"echo "$1 $OPSCTL_FIGURES""#);
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/figures.md");
    let ran = piped(&sandbox, &["soak"]).ends(0);
    assert!(ran.stdout.ends_with(&format!("test {page}\n")), "{}", ran.stdout);
    // There is no python3: that is said, and no reason to stop.
    assert!(ran.stdout.contains("Not judged by schemathesis"), "{}", ran.stdout);
    for (target, scripts) in [
        ("bench", &["bench/run", "bench/web", "bench/import"][..]),
        ("bench-election", &["bench/election"]),
        ("bench-timestamps", &["bench/timestamps"]),
    ] {
        let ran = piped(&sandbox, &["-n", target]).ends(0);
        let lines: Vec<_> =
            scripts.iter().map(|script| format!("OPSCTL_FIGURES='{page}' {script}\n")).collect();
        assert!(ran.stdout.ends_with(&lines.concat()), "{}", ran.stdout);
    }
    assert!(std::fs::read_to_string(page).unwrap().contains(HEAD), "rows are appended to this table");
}

/// The columns that bench/figure fills.
const HEAD: &str = "\n| date | commit | machine | tool | what | figure |\n|---|---|---|---|---|---|\n";

#[test]
fn what_is_not_checked_is_called_skipped_and_fails_where_it_is_required() {
    let lint = |sandbox: &Sandbox, more: &[&str]| piped(sandbox, &[&["lint"], more].concat());
    let without = sandbox();
    assert!(lint(&without, &[]).ends(0).stdout.contains("SKIPPED: bans, licences, sources and advisories"));
    assert!(lint(&without, &["DENY=required"]).ends(2).stdout.contains("cargo install --locked cargo-deny"));
    let deny = |fetch: &str, advisories: &str| {
        let cargo = format!(r#"case "$*" in *advisories*) {advisories} ;; *fetch*) {fetch} ;; esac"#);
        sandbox().tool("cargo-deny", "").tool("cargo", &cargo)
    };
    let fetched = deny("exit 0", "exit 0");
    assert!(!lint(&fetched, &["DENY=required"]).ends(0).stdout.contains("SKIPPED: a"));
    let checked = calls(&fetched, "cargo deny");
    assert!(checked.iter().any(|call| call.ends_with("check --disable-fetch advisories")), "{checked:?}");
    let offline = lint(&deny("exit 1", "exit 0"), &["DENY=required"]).ends(0);
    assert!(offline.stdout.contains("SKIPPED: advisories"), "{}", offline.stdout);
    let _ = lint(&deny("exit 0", "exit 1"), &[]).ends(2);
}

#[test]
fn docker_compose_is_installed_only_where_there_is_neither_version() {
    let install = "apt-get install --no-install-recommends docker-compose -y -qq";
    let second = r#"[ "$1" != compose ] || [ "$2" = version ]"#;
    for (docker, first, installed) in [(None, false, true), (None, true, false), (Some(second), false, false)]
    {
        let fakes = ["apt-get", "systemctl", "cargo", "opsctl", "redis-server"];
        let mut sandbox = fakes.iter().fold(Sandbox::new(), |sandbox, name| sandbox.tool(name, ""));
        sandbox = sandbox.tool("sudo", r#""$HERE/bin/$@""#).tool("id", "echo 1000");
        sandbox = sandbox.tool("docker", docker.unwrap_or("exit 1"));
        if first {
            sandbox = sandbox.tool("docker-compose", "");
        }
        let _ = piped(&sandbox, &["prepare"]).ends(0);
        assert_eq!(calls(&sandbox, "apt-get").contains(&install.to_owned()), installed, "{docker:?} {first}");
    }
}

#[test]
fn redis_server_on_the_path_is_left_as_it_is() {
    let sandbox = sandbox().tool("redis-server", "");
    let _ = piped(&sandbox, &["prepare"]).ends(0);
    assert_eq!(calls(&sandbox, "apt-get"), Vec::<String>::new());
}

#[test]
fn on_a_terminal_the_tests_ask_before_they_install() {
    for (answer, code) in [("n", 2), ("", 2), ("y", 0)] {
        let sandbox = sandbox();
        let mut session = on_a_terminal(&sandbox, &["redis-server"]);
        session.exp_string(&format!("The tests need redis-server: sudo {APT}? [y/N]")).unwrap();
        assert_eq!(calls(&sandbox, "apt-get"), Vec::<String>::new(), "before the answer");
        session.send_line(answer).unwrap();
        let (said, ended) = ended(session);
        assert_eq!(ended, code, "{answer:?}: {said}");
        assert_eq!(calls(&sandbox, "apt-get").len(), usize::from(code == 0), "{answer:?}");
        assert_eq!(said.contains("Not installed"), code != 0, "{answer:?}: {said}");
    }
}

/// setsid: a developer who runs the tests has a terminal of their own.
#[cfg(target_os = "linux")]
#[test]
fn an_empty_answer_given_beforehand_installs_nothing_without_a_terminal() {
    let sandbox = sandbox();
    let ran = sandbox.run(
        which::which("setsid").expect("setsid"),
        &[&["-w", make().to_str().unwrap()], &line(&["redis-server", "YES="])[..]].concat(),
    );
    assert!(ran.stderr.contains("there is no terminal to ask") && ran.code == Some(2), "{ran:?}");
    assert_eq!(calls(&sandbox, "apt-get"), Vec::<String>::new());
}
