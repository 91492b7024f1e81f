//! `check`: what is missing, and with `--fix` its mending.

use std::process::ExitCode;

use anyhow::Result;

use crate::check;
use crate::cli::{self, MinikubeUp, Stack};
use crate::context::Context;
use crate::error::Class;
use crate::ui::table;

/// Runs `check`.
pub async fn run(cx: &Context, args: &cli::Check) -> Result<ExitCode> {
    let stack = args.stack.unwrap_or(Stack::Minikube);
    let wish = MinikubeUp::default();
    let findings = check::look(cx, stack, &wish).await;
    let missing = findings.iter().any(|f| !f.ok && !f.optional);
    cx.ui.report(
        &findings,
        || {
            let rows: Vec<_> = findings
                .iter()
                .map(|f| {
                    let state = match (f.ok, f.optional) {
                        (true, _) => "ok",
                        (false, true) => "missing (optional)",
                        (false, false) => "MISSING",
                    };
                    vec![f.code.to_owned(), f.name.to_owned(), state.to_owned(), f.fact.clone()]
                })
                .collect();
            table(&["CODE", "WHAT", "STATE", "FOUND"], &rows)
        },
        || findings.iter().map(|f| f.code.to_owned()).collect(),
    )?;
    for finding in findings.iter().filter(|f| !f.ok) {
        if let Some(fix) = &finding.fix {
            cx.ui.note(format!("{}: {fix}", finding.name));
        }
    }
    Ok(if missing { ExitCode::from(Class::Missing.code()) } else { ExitCode::SUCCESS })
}
