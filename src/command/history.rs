//! `history` and `undo`.

use anyhow::Result;

use super::lifecycle;
use crate::cli;
use crate::context::Context;
use crate::engine::Reach;
use crate::journal;
use crate::stack;
use crate::ui::{data_width, fit, table};

/// `history`: every run, newest last.
pub fn run(cx: &Context, args: cli::History) -> Result<()> {
    if args.repair {
        match journal::repair(&cx.paths.state)? {
            Some((aside, dropped)) => cx.ui.note(format!(
                "{dropped} unreadable lines dropped; the damaged journal is kept as {}",
                aside.display()
            )),
            None => cx.ui.note("The journal is sound; nothing was touched."),
        }
        return Ok(());
    }
    let history = journal::read(&cx.paths.state)?;
    let runs: Vec<_> = history.runs().cloned().collect();
    if runs.is_empty() {
        cx.ui.note("No run yet: opsctl has changed nothing here.");
        cx.ui.next("opsctl up", None);
    }
    let header = ["RUN", "WHEN", "COMMAND", "CHANGES", "ENDED", "TARGET"];
    cx.ui.report(
        &runs,
        || {
            let mut rows: Vec<_> = runs
                .iter()
                .map(|r| {
                    let ended = match r.ok {
                        Some(true) => "well",
                        Some(false) => "failed",
                        None => "cut short",
                    };
                    vec![
                        r.run.to_string(),
                        r.at.strftime("%Y-%m-%d %H:%M").to_string(),
                        r.reverses
                            .map_or_else(|| r.command.clone(), |run| format!("{} (run {run})", r.command)),
                        r.changes.to_string(),
                        ended.to_owned(),
                        short(&r.target),
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

/// `minikube` of `minikube profile "minikube"`: the column says already what it is.
fn short(target: &str) -> String {
    let name = target.strip_prefix("minikube profile ").unwrap_or(target);
    name.replace('"', "")
}

/// `undo`: the newest run, or with `--all` everything.
pub async fn undo(cx: &Context, args: cli::Undo) -> Result<()> {
    lifecycle::target_line(cx).await;
    let reach = if args.all { Reach::All } else { Reach::LastRun };
    lifecycle::down(cx, &reach, &stack::all(cx)?, args.discard_data).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_told_by_its_name() {
        assert_eq!(short("minikube profile \"work\""), "work");
        assert_eq!(short("context \"prod\""), "context prod");
    }
}
