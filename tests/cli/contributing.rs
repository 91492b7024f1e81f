//! CONTRIBUTING.md does what it says: its blocks marked `run`, line by line; and CI runs what it names.

use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../../CONTRIBUTING.md");
const WORKFLOW: &str = include_str!("../../.github/workflows/ci.yml");

/// The commands of the blocks that are marked so.
fn commands() -> Vec<&'static str> {
    let mut lines = PAGE.lines().map(str::trim);
    let mut found = Vec::new();
    while lines.any(|line| line == "```sh run") {
        found.extend(lines.by_ref().take_while(|line| *line != "```"));
    }
    found
}

/// In the project's folder, as on a developer's own terminal: without what cargo and make set for this test.
fn shell(line: &str) -> (bool, String) {
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let of_cargo = name.starts_with("CARGO_") && !["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&&*name);
        if of_cargo || ["CARGO", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "LD_LIBRARY_PATH"].contains(&&*name) {
            command.env_remove(name);
        }
    }
    let output = command.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
fn each_command_of_contributing_that_is_marked_so_runs_and_does_something() {
    let commands = commands();
    assert!(commands.len() >= 4, "{commands:?}");
    for line in commands {
        // This very test would run itself without end, and a build without the profile fill a second folder.
        let itself = ["--test cli", "--tests", "make test", "make soak"].iter().any(|all| line.contains(all));
        assert!(!itself, "not a quick one: {line}");
        assert!(!line.contains("cargo test") || line.contains("--release --locked"), "{line}");
        let (passed, said) = shell(line);
        assert!(passed, "`{line}` of CONTRIBUTING.md fails:\n{said}");
        assert!(!said.contains("running 0 tests"), "`{line}` runs no test:\n{said}");
    }
}

#[test]
fn each_target_that_contributing_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let targets = std::fs::read_to_string(root.join("Makefile")).unwrap();
    for line in PAGE.split(['`', '\n']).filter_map(|text| text.trim().strip_prefix("make ")) {
        let goals = line.split('#').next().unwrap().split_whitespace();
        for goal in goals.filter(|goal| goal.starts_with(|c: char| c.is_ascii_lowercase())) {
            assert!(targets.lines().any(|l| l.starts_with(&format!("{goal}:"))), "make {goal}");
        }
    }
}

#[test]
fn the_workflow_runs_what_a_developer_runs_and_may_only_read() {
    let workflow: serde_json::Value = serde_yaml::from_str(WORKFLOW).unwrap();
    assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs.len(), 1);
    let job = &jobs["test"];
    assert!(job["permissions"].is_null(), "a job may not ask for more");
    let steps = job["steps"].as_array().unwrap();
    let run: Vec<_> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(run, [".ci/run"]);
    assert!(!WORKFLOW.contains("secrets."), "nothing to publish with");
}
