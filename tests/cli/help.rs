//! The help screens at 80 columns, as they are read.

use std::fmt::Write as _;

use opsctl::stack;

use crate::sandbox::Sandbox;

fn help(args: &[&str]) -> String {
    let sandbox = Sandbox::new().env("COLUMNS", "80");
    let long = sandbox.opsctl(&[args, &["--help"]].concat()).ends(0);
    let short = sandbox.opsctl(&[args, &["-h"]].concat()).ends(0);
    assert_eq!(long.stdout, short.stdout, "two forms of one help");
    assert_eq!(long.stderr, "");
    for line in long.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    long.stdout
}

/// Without what is the same everywhere.
fn own(args: &[&str]) -> String {
    let text = help(args);
    let (own, global) = text.split_once("Global options:").expect("the settings of every command");
    let (_, shared) = HELP_OF_ALL.get_or_init(|| help(&[])).split_once("Global options:").unwrap();
    assert!(shared.starts_with(global.trim_end()), "{global}");
    own.trim_end().to_owned()
}

static HELP_OF_ALL: std::sync::OnceLock<String> = std::sync::OnceLock::new();

#[test]
fn the_first_screen() {
    let text = help(&[]);
    insta::assert_snapshot!(text);
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} is not in it"));
    assert!(at("Examples:") < at("Commands:") && at("Options:") < at("Global options:"));
    assert!(!text.contains("bundle") && !text.contains("redis-up"), "what is not for everybody is in it");
}

/// The screens of opsctl's own commands; those of stacks that have no others stand for the `…`.
const SCREENS: &[&str] = &[
    "check",
    "up",
    "down",
    "status",
    "minikube",
    "minikube up",
    "minikube down",
    "minikube status",
    "redis",
    "redis up",
    "redis down",
    "redis status",
    "redis verify",
    "redis import",
    "redis clean",
    "redis cli",
    "info-cron",
    "info-cron up",
    "info-cron down",
    "info-cron logs",
    "info-cron run",
    "dev-vars",
    "…",
    "election",
    "election up",
    "election down",
    "election status",
    "election drill",
    "web",
    "web up",
    "web down",
    "web status",
    "web scale",
    "web build",
    "undo",
    "history",
    "snapshots",
    "snapshots list",
    "snapshots restore",
    "snapshots prune",
    "completions",
    "uninstall",
    "bundle",
];

fn screens() -> Vec<String> {
    let of_stacks = stack::all()
        .into_iter()
        .filter(|stack| !SCREENS.contains(&&*stack.name))
        .flat_map(|stack| ["", " up", " down", " status"].map(|verb| format!("{}{verb}", stack.name)));
    let of_stacks: Vec<String> = of_stacks.collect();
    let screen = |line: &&str| if *line == "…" { of_stacks.clone() } else { vec![(*line).to_owned()] };
    SCREENS.iter().flat_map(screen).collect()
}

#[test]
fn the_screen_of_each_command() {
    let mut all = String::new();
    for line in screens() {
        let args: Vec<_> = line.split(' ').collect();
        writeln!(all, "===== opsctl {line}\n{}\n", own(&args)).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_exit_codes_of_the_help_are_those_of_the_code() {
    use opsctl::error::Class;
    let text = help(&[]);
    for (class, words) in [
        (Class::Failure, "failure"),
        (Class::Usage, "usage"),
        (Class::Missing, "prerequisite missing"),
        (Class::Timeout, "timeout"),
        (Class::Conflict, "conflict"),
        (Class::Partial, "partly done"),
        (Class::Interrupted, "interrupted"),
    ] {
        assert!(text.contains(&format!("{} {words}", class.code())), "{class:?} is not in:\n{text}");
    }
}
