//! Output for programs: JSON, closed pipes, no terminal.

use std::time::Instant;

use serde_json::Value;

use crate::rig::{Ran, Rig, run, secs, until};

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

/// Runs a report that must end well. `status` of all tells what other lanes break: then it is asked again.
fn well(args: &[&str], mut once: impl FnMut() -> Ran) -> Ran {
    if args[0] == "status" {
        return until("all is well in every lane", || Some(once()).filter(|ran| ran.code == Some(0)));
    }
    once().ok()
}

pub fn every_report_is_json_when_asked(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["info-cron"]).ok();
    // A run of the job takes its time: once is enough.
    for report in REPORTS.iter().chain(&[["info-cron", "run"].as_slice()]) {
        let args = [*report, &["-o", "json"]].concat();
        let value = well(&args, || rig.opsctl(&args)).json();
        assert!(value.is_object() || value.is_array(), "{args:?}: {value}");
    }
    facts.push(format!("{} reports parse", REPORTS.len() + 1));
}

pub fn a_closed_pipe_ends_quietly(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    for report in REPORTS {
        let line = format!("opsctl {} | head -1; exit ${{PIPESTATUS[0]}}", report.join(" "));
        let ran = well(report, || rig.bash(&line));
        assert!(ran.out.lines().count() <= 1, "{line}: {}", ran.out);
        assert!(!ran.err.contains("roken pipe"), "{line}: {}", ran.err);
    }
    let line = "opsctl redis up -o json | true; exit ${PIPESTATUS[0]}";
    rig.bash(line).ok();
    facts.push(format!("{} commands", REPORTS.len() + 1));
}

pub fn without_a_terminal_or_with_no_color_there_are_no_escape_codes(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let mut lines = 0;
    for args in REPORTS.iter().chain(&[["redis", "up"].as_slice(), &["redis", "import"]]) {
        for variable in ["NO_COLOR", "OPSCTL_NOTHING"] {
            let ran = well(args, || run(rig.command(args).env(variable, "1")));
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
}

pub fn the_recurring_task_ran_by_itself(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["info-cron"]).ok();
    rig.opsctl(&["info-cron", "run"]).ok();
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
        let runs = rig.opsctl(&["info-cron", "logs", "-o", "json"]).ok().json();
        let runs = runs.as_array().expect("a list").clone();
        let of_schedule = |r: &&Value| r["pod"].as_str().is_some_and(|p| p.starts_with(&scheduled));
        let said = runs.iter().find(of_schedule)?["output"].as_str()?.contains("role:master");
        said.then_some(runs)
    });
    let logs = rig.opsctl(&["info-cron", "logs"]).ok();
    assert!(logs.out.matches("INFO replication").count() >= 2, "{}", logs.out);

    facts.push(format!(
        "{scheduled} (waited {} here); {} runs in `logs`",
        secs(waited.elapsed()),
        runs.len()
    ));
}
