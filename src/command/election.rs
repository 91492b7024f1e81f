//! `election …`.

mod drill;
mod table;
mod watch;

use std::process::ExitCode;

use anyhow::Result;

use super::lifecycle;
use crate::check::{self, Needs};
use crate::cli;
use crate::context::Context;
use crate::engine::Reach;
use crate::stack::election::status::{self, Agreed, Endpoints, Report};
use crate::stack::election::{self as stack, PART, Wish};

/// Runs the verb.
pub async fn run(cx: &Context, verb: cli::Election) -> Result<ExitCode> {
    match verb {
        cli::Election::Up(args) => up(cx, &args).await?,
        cli::Election::Down => {
            lifecycle::target_line(cx).await;
            lifecycle::down(cx, &Reach::Parts(vec![PART]), &[stack::everything(cx)?], false).await?;
        }
        cli::Election::Status(args) if args.watch => return watch::run(cx).await,
        cli::Election::Status(_) => return ask(cx).await,
        cli::Election::Drill(args) => return Box::pin(drill::run(cx, &args)).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn up(cx: &Context, args: &cli::ElectionUp) -> Result<()> {
    lifecycle::target_line(cx).await;
    let findings = check::look(cx, &Needs::Nodes(1)).await;
    check::demand(cx, &findings, "opsctl election up")?;
    let wish = Wish::of(&args.asked(), status::standing(&cx.client().await?).await?)?;
    let pods = lifecycle::plural(usize::from(wish.replicas), "pod");
    cx.ui.note(format!("{pods} of {}: {}", wish.sample.name(), wish.promise()));
    if let Some(summary) = lifecycle::up(cx, &[stack::plan(cx, &wish)?]).await? {
        let endpoints = listed(&status::endpoints(cx, &wish)?);
        lifecycle::ready(cx, &summary, 1, &format!("\n{endpoints}"), "opsctl election status --watch");
    }
    Ok(())
}

/// Asks every pod once; exit 1 unless all agree.
async fn ask(cx: &Context) -> Result<ExitCode> {
    let report = status::report(cx).await?;
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
fn listed(endpoints: &Endpoints) -> String {
    let rows = [
        ("master", endpoints.master.as_ref()),
        ("replicas", endpoints.replicas.as_ref()),
        ("page", Some(&endpoints.page)),
    ];
    let lines = rows.iter().filter_map(|(name, address)| Some(format!("  {name:<9} {}", (*address)?)));
    lines.collect::<Vec<_>>().join("\n")
}
