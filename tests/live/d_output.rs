//! Output for programs: JSON, closed pipes, no terminal.

use std::time::Instant;

use serde_json::Value;

use super::harness::{run, secs, test, until};

const REPORTS: &[&[&str]] = &[
    &["check"],
    &["status"],
    &["minikube", "status"],
    &["redis", "status"],
    &["redis", "verify"],
    &["info-cron", "logs"],
    &["dev-vars"],
    &["history"],
    &["snapshots", "list"],
    &["snapshots", "prune"],
    &["bundle", "status"],
];

#[test]
fn d01_every_report_is_json_when_asked() {
    test("output: -o json", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["info-cron"]).ok();
        // A run of the job takes its time: once is enough.
        for report in REPORTS.iter().chain(&[["info-cron", "run"].as_slice()]) {
            let args = [*report, &["-o", "json"]].concat();
            let value = rig.looks(&args).json();
            assert!(value.is_object() || value.is_array(), "{args:?}: {value}");
        }
        facts.push(format!("{} reports parse", REPORTS.len() + 1));
    });
}

#[test]
fn d02_a_closed_pipe_ends_quietly() {
    test("output: | head -1", |rig, facts| {
        rig.redis_stands();
        for report in REPORTS {
            let line = format!("opsctl {} | head -1; exit ${{PIPESTATUS[0]}}", report.join(" "));
            let ran = until("all is well", || Some(rig.bash(&line)).filter(|ran| ran.code == Some(0)));
            assert!(ran.out.lines().count() <= 1, "{line}: {}", ran.out);
            assert!(!ran.err.contains("roken pipe"), "{line}: {}", ran.err);
        }
        let line = "opsctl redis up -o json | true; exit ${PIPESTATUS[0]}";
        rig.bash(line).ok();
        facts.push(format!("{} commands", REPORTS.len() + 1));
    });
}

#[test]
fn d03_without_a_terminal_or_with_no_color_there_are_no_escape_codes() {
    test("output: no terminal, NO_COLOR", |rig, facts| {
        rig.redis_stands();
        let mut lines = 0;
        for args in REPORTS.iter().chain(&[["redis", "up"].as_slice(), &["redis", "import"]]) {
            for variable in ["NO_COLOR", "OPSCTL_NOTHING"] {
                let once = || run(rig.opsctl_command("stacks", args).env(variable, "1"));
                let ran = until("all is well", || Some(once()).filter(|ran| ran.code == Some(0)));
                let all = format!("{}{}", ran.out, ran.err);
                assert!(!all.contains('\u{1b}'), "{args:?}: {all:?}");
                assert!(!all.contains('\r'), "{args:?}: {all:?}");
                lines += all.lines().count();
            }
        }
        // In a terminal, NO_COLOR still means none.
        let mut command = rig.bash_command("opsctl redis status");
        command.env("NO_COLOR", "1").env("TERM", "xterm-256color");
        let mut session = rexpect::session::spawn_command(command, Some(60_000)).expect("a terminal");
        let said = session.exp_eof().expect("its end");
        assert!(said.contains("MASTER"), "{said}");
        assert!(!said.contains("\u{1b}[3"), "a colour: {said:?}");
        facts.push(format!("{lines} lines, no escape code"));
    });
}

/// Here, because a minute has gone by in which the task stood and the master was not disturbed.
#[test]
fn d04_the_recurring_task_ran_by_itself() {
    test("A.11 info-cron, by itself", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["info-cron"]).ok();
        rig.looks(&["info-cron", "run"]);
        let waited = Instant::now();
        let scheduled = until("a run of the schedule", || {
            let jobs = rig.get(&["-n", "redis", "jobs"]);
            let jobs = jobs["items"].as_array().cloned().unwrap_or_default();
            let ours = |j: &&Value| {
                !j["metadata"]["name"].as_str().unwrap_or_default().contains("-now-")
                    && j["status"]["succeeded"] == 1
            };
            jobs.iter().rev().find(ours).and_then(|j| j["metadata"]["name"].as_str()).map(str::to_owned)
        });
        let runs = until("what it said", || {
            let runs = rig.looks(&["info-cron", "logs", "-o", "json"]).json();
            let runs = runs.as_array().expect("a list").clone();
            let of_schedule = |r: &&Value| r["pod"].as_str().is_some_and(|p| p.starts_with(&scheduled));
            let said = runs.iter().find(of_schedule)?["output"].as_str()?.contains("role:master");
            said.then_some(runs)
        });
        let logs = rig.looks(&["info-cron", "logs"]);
        assert!(logs.out.matches("INFO replication").count() >= 2, "{}", logs.out);

        facts.push(format!(
            "{scheduled} (waited {} here); {} runs in `logs`",
            secs(waited.elapsed()),
            runs.len()
        ));
    });
}
