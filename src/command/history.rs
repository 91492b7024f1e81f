//! `history`: every run, newest last.

use anyhow::Result;

use super::DryRun;
use crate::context::Context;
use crate::error::opsctl;
use crate::journal::{self, Target};
use crate::ui::{data_width, fit, table};

/// The flags of `history`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Set a damaged journal aside and keep its readable lines
    #[arg(long)]
    pub repair: bool,
}

impl Args {
    /// It changes nothing, but for `--repair`, which acts at once.
    pub fn dry_run(self) -> DryRun {
        if self.repair { DryRun::Refuses } else { DryRun::Reads }
    }
}

/// Shows them, or mends the journal.
pub fn run(cx: &Context, args: Args) -> Result<()> {
    if args.repair {
        match journal::repair(&cx.paths.state)? {
            Some((aside, dropped)) => cx.ui.note(format!(
                "{dropped} unreadable lines dropped; the damaged journal is kept as {}",
                aside.display()
            )),
            None => cx.ui.note("The journal is intact; nothing was touched."),
        }
        return Ok(());
    }
    let history = journal::read(&cx.paths.state)?;
    let runs: Vec<_> = history.runs().cloned().collect();
    if runs.is_empty() {
        cx.ui.note("No runs yet: opsctl has changed nothing here.");
        cx.ui.next(opsctl("up"), None);
    }
    let header = ["RUN", "WHEN", "COMMAND", "CHANGES", "ENDED", "TARGET"];
    cx.ui.report(
        &runs,
        || {
            let mut rows: Vec<_> = runs
                .iter()
                .map(|r| {
                    let ended = match r.ok {
                        Some(true) => "ok",
                        Some(false) => "failed",
                        None => "interrupted",
                    };
                    let target = short(&r.target);
                    let command = without_target(&r.command, &target);
                    vec![
                        r.run.to_string(),
                        r.at.strftime("%Y-%m-%d %H:%M").to_string(),
                        r.reverses.map_or_else(|| command.clone(), |run| format!("{command} (run {run})")),
                        r.changes.to_string(),
                        ended.to_owned(),
                        target,
                    ]
                })
                .collect();
            if let Some(width) = data_width() {
                fit(&mut rows, &header, COMMAND, width);
            }
            if rows.is_empty() { String::new() } else { table(&header, &rows) }
        },
        || runs.iter().map(|r| r.run.to_string()).collect(),
    )
}

/// The column that gives way on a narrow terminal.
const COMMAND: usize = 2;

/// A profile's name alone: the column says already what it is.
fn short(target: &Target) -> String {
    match target {
        Target::Profile(profile) => profile.name.clone(),
        Target::Context(name) => format!("context {name}"),
    }
}

/// The command without the profile that it named: it has a column of its own, and what was done needs the room.
fn without_target(command: &str, target: &str) -> String {
    ["-p ", "--profile ", "--profile="].iter().fold(command.to_owned(), |line, option| {
        let words = format!(" {option}{target} ");
        if line.contains(&words) { line.replacen(&words, " ", 1) } else { line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_without_the_profile_that_has_a_column() {
        for line in ["opsctl -p dev redis up", "opsctl --profile=dev redis up", "opsctl redis up"] {
            assert_eq!(without_target(line, "dev"), "opsctl redis up");
        }
        assert_eq!(without_target("opsctl -p device redis up", "dev"), "opsctl -p device redis up");
        assert_eq!(without_target("opsctl redis up -p dev", "dev"), "opsctl redis up -p dev");
    }

    #[test]
    fn a_target_is_told_by_its_name() {
        let profile = journal::Profile { name: "work".into(), home: None };
        assert_eq!(short(&Target::Profile(profile)), "work");
        assert_eq!(short(&Target::Context("prod".into())), "context prod");
    }
}
