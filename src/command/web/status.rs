//! `web status`: who is connected, as every balancer and every nginx says it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::serve::web::listing::State;
use crate::stack::web::status::{Report, Said, report, versions};
use crate::ui::{Format, table};

/// The flags of `web status`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Print each change as it happens; Ctrl-C ends
    #[arg(short, long)]
    pub watch: bool,
}

/// From one look to the next.
const EVERY: Duration = Duration::from_millis(300);

/// Asks once, or with `--watch` without end.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    if args.watch {
        return watch(cx).await;
    }
    let report = report(cx).await?;
    cx.ui.report(
        &report,
        || drawn(&report),
        || report.servers.iter().map(|s| format!("pod/{}", s.pod)).collect(),
    )?;
    Ok(if report.agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drawn(report: &Report) -> String {
    let mut rows = Vec::new();
    for server in &report.servers {
        let lists = match &server.answer {
            Some(page) => format!("lists {}", page.ips.len()),
            None => "does not answer".into(),
        };
        let mut row = pod(server);
        row.extend([by_balancers(report, server.ip), lists]);
        rows.push(row);
    }
    for balancer in &report.balancers {
        let lists = match &balancer.answer {
            Some(listing) => format!("lists {}", listing.connected().len()),
            None => "does not answer".into(),
        };
        let more = balancer.answer.as_ref().map_or_else(String::new, |listing| {
            format!("{} slots, {} reloads", listing.slots, listing.reloads)
        });
        let mut row = pod(balancer);
        row.extend([if balancer.ending { "ending".into() } else { more }, lists]);
        rows.push(row);
    }
    let table = table(&["POD", "NODE", "IP", "STATE", "ITS LIST"], &rows);
    format!("{table}\n\n{}\n{}", verdict(report), listed(report))
}

fn pod<T>(said: &Said<T>) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    vec![said.pod.clone(), or_dash(said.node.clone()), or_dash(said.ip.map(|ip| ip.to_string()))]
}

/// How a server stands with the balancers: in a word where they are of one mind.
fn by_balancers(report: &Report, ip: Option<IpAddr>) -> String {
    let word = |state: State| match state {
        State::Connected => "connected",
        State::Coming => "coming",
        State::Failing => "fails the check",
        State::Leaving => "leaving",
    };
    let listings = report.balancers.iter().filter(|b| !b.ending).filter_map(|b| b.answer.as_ref());
    let told = listings.map(|listing| {
        listing
            .servers
            .iter()
            .find(|server| Some(server.ip) == ip)
            .map_or("unknown", |server| word(server.state))
    });
    let told: BTreeSet<_> = told.collect();
    told.into_iter().collect::<Vec<_>>().join(" / ")
}

fn verdict(report: &Report) -> String {
    if !report.agreed {
        return format!("NOT AGREED\n  {}", report.reasons.join("\n  "));
    }
    let addresses = report.connected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let balancers = report.balancers.iter().filter(|b| !b.ending).count();
    format!(
        "{} connected{}{addresses}\n{balancers} balancers and every nginx agree; {}",
        report.connected.len(),
        if addresses.is_empty() { "" } else { ": " },
        versions(report)
    )
}

/// Where the host reaches it, a line each.
pub fn listed(report: &Report) -> String {
    let line = |name: &str, all: &[String]| format!("  {name:<11} {}", all.join("  "));
    [line("page", &report.pages), line("statistics", &report.statistics)].join("\n")
}

/// What a look saw, for comparison with the next one.
#[derive(Default, PartialEq, Eq)]
struct Seen {
    connected: BTreeSet<IpAddr>,
    reasons: Vec<String>,
}

/// Prints each change until Ctrl-C, or until nobody reads any more.
async fn watch(cx: &Context) -> Result<ExitCode> {
    let mut last: Option<Seen> = None;
    // Without anything to watch it says so, and ends.
    let mut next = Ok(report(cx).await?);
    loop {
        let seen = match &next {
            Ok(report) => Seen {
                connected: report.connected.iter().copied().collect(),
                reasons: report.reasons.clone(),
            },
            Err(error) => Seen {
                connected: last.as_ref().map(|seen| seen.connected.clone()).unwrap_or_default(),
                reasons: vec![crate::error::said(error)],
            },
        };
        if last.as_ref() != Some(&seen) {
            say(cx, last.as_ref(), &seen);
            last = Some(seen);
        }
        tokio::time::sleep(EVERY).await;
        if cx.ui.nobody_reads() {
            return Ok(ExitCode::SUCCESS);
        }
        next = report(cx).await;
    }
}

fn say(cx: &Context, last: Option<&Seen>, seen: &Seen) {
    let at = jiff::Timestamp::now();
    if cx.ui.format() == Format::Json {
        let event = json!({"at": at, "connected": seen.connected, "agreed": seen.reasons.is_empty(), "reasons": seen.reasons});
        cx.ui.data(event.to_string());
        return;
    }
    let none = BTreeSet::new();
    let before = last.map_or(&none, |last| &last.connected);
    let come = seen.connected.difference(before).map(|ip| format!("+{ip}"));
    let gone = before.difference(&seen.connected).map(|ip| format!("-{ip}"));
    let changes = come.chain(gone).collect::<Vec<_>>().join(" ");
    let verdict = match seen.reasons.first() {
        None => "all agree".to_owned(),
        Some(why) if seen.reasons.len() == 1 => why.clone(),
        Some(why) => format!("{why} (and {} more)", seen.reasons.len() - 1),
    };
    let line =
        format!("{}  {} connected  {changes}  {verdict}", at.strftime("%H:%M:%S%.3f"), seen.connected.len());
    cx.ui.data(line.replace("    ", "  "));
}
