//! `election status`: what every pod says, and the verdict.

use std::process::ExitCode;

use anyhow::Result;

use super::{table, watch};
use crate::context::Context;
use crate::stack::election::status::{Agreed, Endpoints, Report, report};

/// The flags of `election status`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Print each change as it happens; Ctrl-C ends
    #[arg(short, long)]
    pub watch: bool,
}

/// Asks once, or with `--watch` without end.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    if args.watch { watch::run(cx).await } else { ask(cx).await }
}

/// Asks every pod once; exit 1 unless all agree.
async fn ask(cx: &Context) -> Result<ExitCode> {
    let report = report(cx).await?;
    let agreed = report.master.is_some();
    cx.ui.report(
        &report,
        || drawn(&report),
        || report.pods.iter().map(|p| format!("pod/{}", p.elector.pod)).collect(),
    )?;
    Ok(if agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drawn(report: &Report) -> String {
    let mut text = format!(
        "{}\n\n{}\n{}",
        table::table(&report.pods, table::room()),
        verdict(report),
        listed(&report.endpoints)
    );
    for risk in &report.risks {
        text.push_str("\n  ");
        text.push_str(risk);
    }
    text
}

/// The verdict in words.
fn verdict(report: &Report) -> String {
    match &report.master {
        Some(Agreed { pod, ip, epoch }) => {
            format!(
                "All {} agree on {pod}, {ip}, epoch {epoch}",
                report.pods.iter().filter(|p| !p.elector.ending).count()
            )
        }
        None => format!("NOT AGREED\n  {}", report.reasons.join("\n  ")),
    }
}

/// The addresses, one a line.
pub fn listed(endpoints: &Endpoints) -> String {
    let rows = [
        ("master", endpoints.master.as_ref()),
        ("replicas", endpoints.replicas.as_ref()),
        ("page", Some(&endpoints.page)),
    ];
    let lines = rows.iter().filter_map(|(name, address)| Some(format!("  {name:<9} {}", (*address)?)));
    lines.collect::<Vec<_>>().join("\n")
}
