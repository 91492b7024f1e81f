//! The order of the house: an import leads down, or stays on its own floor.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use opsctl::error::Code;

/// The top-level modules of `src`, from the roof to the cellar.
const FLOORS: &[&str] = &[
    "main",
    "cli",
    "command",
    "drill",
    "stack",
    "check",
    "engine",
    "step",
    "minikube",
    "bundle",
    "image",
    "node",
    "host",
    "candidates",
    "dev_vars",
    "k8s",
    "journal",
    "context",
    "interrupt",
    "ui",
    "exec",
    "serve",
    "redis",
    "load",
    "fs",
    "election",
    "peering",
    "error",
];

#[test]
fn every_import_leads_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    let (mut upward, mut seen) = (Vec::new(), 0);
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some(floor) = floor(module).or((module == "lib").then_some(0)) else {
            panic!("src/{}: the module {module} has no floor in tests/house.rs", inside.display());
        };
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for name in imported(line) {
                seen += 1;
                if floor_of(&name) < floor {
                    upward.push(format!("src/{}:{}: {}", inside.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(seen > 500, "only {seen} imports were found");
    assert!(upward.is_empty(), "these imports lead upwards:\n{}", upward.join("\n"));
}

#[test]
fn the_tests_have_no_dependency_built_a_second_time() {
    let tree = |edges: &str| -> BTreeSet<String> {
        let args = ["tree", "--locked", "--offline", "--prefix=none", "--format={p} {f}", "--edges", edges];
        let cargo =
            Command::new(env!("CARGO")).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
        let text = String::from_utf8(cargo.stdout).unwrap();
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let (without, with) = (tree("normal,build"), tree("normal,build,dev"));
    let twice: Vec<_> = without.difference(&with).collect();
    assert!(without.len() > 200 && with.len() > without.len(), "{} and {}", without.len(), with.len());
    assert!(twice.is_empty(), "with other features: {twice:#?}");
}

#[test]
fn the_table_of_codes_is_that_of_the_program() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let rows = Code::ALL.iter().map(|c| format!("| `{c}` | {} | {} |\n", c.class().code(), c.meaning()));
    let table = format!("| code | exit | what it stands for |\n|---|---|---|\n{}", rows.collect::<String>());
    let text = std::fs::read_to_string(page).unwrap();
    assert!(text.contains(&table), "docs/operations.md must have this table:\n{table}");
}

/// What to type next fits a stack, and below these folders nobody knows which one it is.
#[test]
fn no_file_of_redis_and_k8s_names_a_command_of_opsctl() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src.join("redis"), &mut files);
    collect(&src.join("k8s"), &mut files);
    assert!(files.len() > 20, "{files:?}");
    let verbs = ["up", "down", "status", "check", "undo", "redis", "minikube", "election", "snapshots list"];
    let typed: Vec<String> = verbs.iter().map(|verb| format!("opsctl {verb}")).collect();
    let mut named = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if line.contains("opsctl(") || typed.iter().any(|command| line.contains(command)) {
                named.push(format!("{}: {}", file.display(), line.trim()));
            }
        }
    }
    assert!(named.is_empty(), "these name a command:\n{}", named.join("\n"));
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|name| *name == module)
}

fn floor_of(module: &str) -> usize {
    floor(module).unwrap_or_else(|| panic!("the module {module} has no floor in tests/house.rs"))
}

/// The top-level modules that a line names.
fn imported(line: &str) -> Vec<String> {
    let from = |root: &str| {
        let paths = line.match_indices(root).map(|(at, _)| &line[at + root.len()..]);
        let name = |path: &str| path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        paths.map(name).collect::<Vec<String>>()
    };
    [from("crate::"), from("opsctl::")].concat()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
