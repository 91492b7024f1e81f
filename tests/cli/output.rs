//! Talk on stderr, data on stdout; plain where no terminal is; quiet when the reader has gone.

use std::process::Stdio;

use crate::sandbox::{Ran, Sandbox};
use crate::world::{DOCKER_FORBIDDEN, DOCKER_RUNS, with_a_clean, with_snapshots};

fn plain(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
    }
}

#[test]
fn without_a_terminal_no_escape_sequence_is_written() {
    let variables = [
        ("LANG", "C.UTF-8"),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("OPSCTL_EMOJI", "0"),
        ("TERM", "xterm-256color"),
    ];
    for (name, value) in variables {
        let sandbox = Sandbox::new().tool("docker", DOCKER_FORBIDDEN).env(name, value);
        for args in
            [&["check"][..], &["up"], &["redis", "status"], &["--help"], &["nonsense"], &["-v", "undo"]]
        {
            plain(&sandbox.opsctl(args));
        }
    }
}

#[test]
fn colours_are_there_when_they_are_asked_for() {
    let ran = Sandbox::new().opsctl(&["redis", "status", "--color", "always"]).ends(1);
    assert!(ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    let ran = Sandbox::new().env("TERM", "xterm-256color").opsctl(&["redis", "status", "--color", "never"]);
    plain(&ran);
}

#[test]
fn without_a_terminal_marks_are_words() {
    let sandbox = Sandbox::new().tool("docker", DOCKER_FORBIDDEN);
    let ran = sandbox.opsctl(&["minikube", "up"]).ends(3);
    assert!(ran.stderr.contains(" FAIL docker "), "{}", ran.stderr);
    assert!(!ran.stderr.contains(['✗', '✓']), "{}", ran.stderr);
}

#[test]
fn an_error_is_a_document_with_its_code_when_json_is_asked_for() {
    let sandbox = Sandbox::new();
    let ran = sandbox.opsctl(&["-p", "work", "redis", "status", "-o", "json"]).ends(1);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&said["event"], &said["code"], &said["exit"]), (&"error".into(), &"OP102".into(), &1.into()));
    assert_eq!(said["next"][0], "opsctl -p work minikube up");
    assert!(ran.stderr.contains("there is no minikube profile \"work\"  OP102"), "{}", ran.stderr);
    let ran = sandbox.opsctl(&["-p", "work", "redis", "status", "-o", "yaml"]).ends(1);
    assert!(ran.stdout.contains("code: OP102"), "{}", ran.stdout);
}

#[test]
fn quiet_keeps_errors_and_what_to_type_next() {
    let sandbox = Sandbox::new();
    let ran = sandbox.opsctl(&["-q", "redis", "status"]).ends(1).guides("next: opsctl minikube up");
    assert!(ran.stderr.starts_with("error:"), "{}", ran.stderr);
    assert_eq!(sandbox.opsctl(&["-q", "undo"]).ends(0).stderr, "");
    assert_eq!(sandbox.opsctl(&["-q", "history"]).ends(0).stderr, "");
    let both = sandbox.opsctl(&["-q", "-v", "undo"]).ends(2);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn wrong_usage_ends_with_2_and_prints_no_data() {
    let sandbox = Sandbox::new();
    for (args, word) in [
        (&["nonsense"][..], "nonsense"),
        (&["redis"], "Usage"),
        (&["redis", "upp"], "up"),
        (&["--timeout", "5x", "redis", "up"], "90s or 5m"),
        (&["--timeout", "0", "redis", "up"], "90s or 5m"),
        (&["--output", "xml", "status"], "json"),
        (&["minikube", "up", "--nodes", "1"], "2..=9"),
        (&["completions", "tcsh"], "bash"),
        (&["check", "nothing"], "redis-single"),
        (&["--context", "other", "dev-vars"], "--profile"),
    ] {
        let _ = sandbox.opsctl(args).ends(2).guides(word);
    }
    let port = Sandbox::new().env("OPSCTL_PORT_REDIS_MASTER", "many").opsctl(&["dev-vars"]).ends(2);
    let _ = port.guides("unset OPSCTL_PORT_REDIS_MASTER");
    let timeout = Sandbox::new().env("OPSCTL_TIMEOUT", "soon").opsctl(&["undo"]).ends(2);
    let _ = timeout.guides("90s or 5m");
}

/// What reports without a cluster.
const REPORTS: &[&[&str]] =
    &[&["check"], &["status"], &["history"], &["snapshots", "list"], &["snapshots", "prune"]];

#[test]
fn every_report_is_one_document_when_json_is_asked_for() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    with_snapshots(&sandbox, 2);
    for report in REPORTS {
        let ran = sandbox.opsctl(&[*report, &["-o", "json"]].concat());
        let read: Result<serde_json::Value, _> = serde_json::from_str(&ran.stdout);
        assert!(read.is_ok_and(|v| v.is_object() || v.is_array()), "{report:?}: {ran:?}");
    }
}

#[test]
fn a_prune_tells_what_it_removed() {
    let sandbox = Sandbox::new();
    with_snapshots(&sandbox, 7);
    let ran = sandbox.opsctl(&["snapshots", "prune", "-o", "json"]).ends(0);
    let removed: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(removed.len(), 2, "{ran:?}");
    let keys: Vec<_> = removed.iter().map(|r| r["meta"]["holds"]["keys"].as_u64()).collect();
    assert_eq!(keys, [Some(2), Some(1)], "the newest stay");
    assert_eq!(sandbox.opsctl(&["snapshots", "prune", "-o", "json"]).ends(0).stdout, "[]\n");
    let left = sandbox.opsctl(&["snapshots", "list", "-o", "name"]).ends(0).stdout;
    assert_eq!(left.lines().count(), 5, "{left}");
}

#[test]
fn a_dry_run_is_an_event_a_line_when_json_is_asked_for() {
    let sandbox = Sandbox::new().tool("docker", DOCKER_RUNS).tool("minikube", "echo v1.38.1");
    with_a_clean(&sandbox);
    for (args, would, step) in [
        (&["minikube", "up", "--dry-run", "--memory", "1m"][..], "make", "profile/minikube"),
        (&["undo", "--dry-run"], "make", "redis/clean"),
    ] {
        let ran = sandbox.opsctl(&[args, &["-o", "json"]].concat()).ends(0);
        let events: Vec<serde_json::Value> = ran
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{args:?}: {e}: {line}")))
            .collect();
        assert_eq!(events[0]["event"], "preview", "{ran:?}");
        assert_eq!((&events[0]["would"], &events[0]["step"]), (&would.into(), &step.into()), "{ran:?}");
        let end = events.last().unwrap();
        assert_eq!((&end["event"], &end["dry_run"]), (&"end".into(), &true.into()), "{ran:?}");
        assert_eq!(sandbox.opsctl(&[args, &["-o", "name"]].concat()).ends(0).stdout, format!("{step}\n"));
    }
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    for args in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["history"],
        &["history", "-o", "json"],
        &["status"],
        &["check"],
        &["--help"],
    ] {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_opsctl"));
        let mut child = command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        for word in ["panic", "broken pipe", "os error"] {
            assert!(!said.contains(word), "{args:?}: {said}");
        }
        assert!(
            output.status.code().is_some_and(|c| c == 0 || c == 1 || c == 3),
            "{args:?}: {:?}",
            output.status
        );
    }
}
