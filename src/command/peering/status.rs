//! `peering status`: whom each peer has a pong of.

use std::process::ExitCode;

use anyhow::Result;

use super::{table, watch};
use crate::context::Context;
use crate::stack::peering::status::{Report, report, summary};

/// More reasons than so many are counted.
const MOST: usize = 12;

/// The flags of `peering status`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Print each change as it happens; Ctrl-C ends
    #[arg(short, long)]
    pub watch: bool,
}

/// Asks once, or with `--watch` without end.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    if args.watch {
        return watch::run(cx).await;
    }
    let report = report(cx).await?;
    cx.ui.report(
        &report,
        || drawn(&report),
        || report.peers.iter().map(|said| format!("pod/{}", said.place.pod)).collect(),
    )?;
    Ok(if report.reasons.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drawn(report: &Report) -> String {
    format!("{}\n{}\n  one of them  {}", table::table(&report.peers), verdict(report), report.endpoint)
}

/// The verdict in words.
pub fn verdict(report: &Report) -> String {
    if report.reasons.is_empty() {
        let words = summary(report);
        let first = words.chars().take(1).flat_map(char::to_uppercase);
        return first.chain(words.chars().skip(1)).collect();
    }
    let mut lines: Vec<_> = report.reasons.iter().take(MOST).cloned().collect();
    if report.reasons.len() > MOST {
        lines.push(format!("… and {} more", report.reasons.len() - MOST));
    }
    format!("NOT CONVERGED\n  {}", lines.join("\n  "))
}
