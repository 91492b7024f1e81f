//! `web test`: loads the fleet while it is scaled and its pods are killed, and accounts for every request.

mod course;
mod right;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::Request;
use serde::Serialize;

use crate::command::{duration, lifecycle};
use crate::context::Context;
use crate::error::{Problem, kubectl, opsctl, problem};
use crate::interrupt::{Busy, interruption};
use crate::journal;
use crate::load::{Answer, Load, Report as Requests};
use crate::stack::web::status;
use crate::ui::{Mark, table};
use course::Course;
use right::{Change, Sample, Times};

/// What the list of those connected is served as, an address a line.
const LIST: &str = "/ips.txt";
/// Who answered.
const BY: &str = "x-served-by";

/// The flags of `web test`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Requests per second, both nodes together
    #[arg(long, default_value_t = 200, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// How long
    #[arg(long = "for", default_value = "20s", value_parser = duration, value_name = "TIME")]
    pub lasts: Duration,
    /// Percent of the requests over connections that are kept open; the others open one each
    #[arg(long, default_value_t = 50, value_name = "P", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub kept: u8,
    /// Neither scale nor kill: the load alone
    #[arg(long)]
    pub calm: bool,
    /// A request without its whole answer by then has failed
    #[arg(long, default_value = "2s", value_parser = duration, value_name = "TIME")]
    pub limit: Duration,
    /// Ask there instead of the page on every node, such as an address in front of them; may be repeated
    #[arg(long, value_name = "IP:PORT")]
    pub at: Vec<SocketAddr>,
}

/// What a test found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What became of the requests.
    pub requests: Requests,
    /// How long the list that a balancer's clients got was not the one of Kubernetes, after each change.
    pub lists: Times,
    /// How long until a server that came first answered, and one that went last did.
    pub answers: Times,
    /// What was done to the fleet meanwhile.
    pub course: Vec<String>,
}

/// Runs it; exit 1 unless every request was answered rightly.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    lifecycle::target_line(cx).await;
    let client = cx.client().await?;
    let Some(fleet) = status::fleet(&client).await? else {
        return Err(problem!(NotUp, "web is not up").next(opsctl("web up")).into());
    };
    let before = status::replicas(&fleet);
    let course = if args.calm { Course::calm(&client) } else { Course::of(&client, before, args.lasts) };
    cx.ui.note(format!(
        "{} requests/s for {} s to {}, {} % over kept connections{}",
        args.rate,
        args.lasts.as_secs(),
        if args.at.is_empty() { "every node" } else { "the addresses that --at names" },
        args.kept,
        course.told()
    ));
    if cx.dry_run {
        cx.ui.note("Nothing was touched.");
        return Ok(ExitCode::SUCCESS);
    }
    if !args.calm {
        cx.ui.confirm("Scale the fleet and kill pods of it?")?;
    }
    // Whoever else changes something would be taken for a fault of the fleet.
    let _lock = journal::lock(&cx.paths.state, "web test")?;
    let report = tested(cx, &args, &course).await?;
    cx.ui.report(&report, || drawn(&report), || report.requests.shares.keys().cloned().collect())?;
    if report.requests.failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let Requests { failed, sent, .. } = report.requests;
    let mut problem: Problem = problem!(Promise, "{failed} of {sent} requests failed");
    for failure in report.requests.first.iter().take(5) {
        let after = failure.after.as_secs_f64();
        problem = problem.found(format!("after {after:.2} s at {}: {}", failure.target, failure.why));
    }
    Err(problem
        .next(opsctl("web status"))
        .next(kubectl("-n web logs -l app.kubernetes.io/name=balancer --tail 50"))
        .into())
}

async fn tested(cx: &Context, args: &Args, course: &Course) -> Result<Report> {
    let _busy = Busy::new();
    let targets = if args.at.is_empty() { pages(cx).await? } else { args.at.clone() };
    let row = cx.ui.row("load", "watching the endpoints");
    let truth = course::Truth::watch(course.client()).await?;
    let seen: Arc<Mutex<BTreeMap<SocketAddr, Vec<Sample>>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let load = Load { targets, rate: args.rate, kept: args.kept, limit: args.limit, lasts: Some(args.lasts) };
    let running = load.start(
        Arc::new(|_| {
            let mut request = Request::new(Full::default());
            *request.uri_mut() = LIST.parse().unwrap_or_default();
            request
        }),
        Arc::new(move |answer| {
            let who = judged(answer)?;
            let list = right::parsed(&answer.body);
            let sample = Sample { sent: answer.sent, list, by: who.parse().ok() };
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.entry(answer.target).or_default().push(sample);
            Ok(who)
        }),
    );
    let told = |what: &str| row.doing(what);
    let followed = tokio::select! {
        followed = course.follow(told) => followed,
        () = interruption() => Err(problem!(Interrupted, "interrupted; the fleet has its number again").into()),
    };
    // Whatever ended it, the fleet gets its number back.
    let restored = course.restore().await;
    let requests = if followed.is_ok() { running.end().await } else { running.stop().await };
    let changes: Vec<Change> = truth.end().await;
    row.end(Mark::Done, format!("{} of {} answered", requests.answered, requests.sent));
    let done = followed?;
    restored?;
    let samples = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    let (lists, answers) = (right::times(&changes, &samples), right::answers(&changes, &samples));
    Ok(Report { lists, answers, requests, course: done })
}

/// Where the host reaches the page on every node.
async fn pages(cx: &Context) -> Result<Vec<SocketAddr>> {
    let pages = status::report(cx).await?.pages;
    let address = |page: &String| page.trim_start_matches("http://").trim_end_matches('/').parse();
    pages.iter().map(address).collect::<Result<_, _>>().context("a node's address is no IP address")
}

/// Who answered, by its own word; an error where the answer is not the list.
fn judged(answer: &Answer) -> Result<String, String> {
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    let by = answer.headers.get(BY).and_then(|by| by.to_str().ok());
    by.map(str::to_owned).ok_or_else(|| "no nginx of the fleet answered".into())
}

fn drawn(report: &Report) -> String {
    let Requests { took, sent, answered, failed, resent, reasons, shares, latency, .. } = &report.requests;
    let mut lines = vec![format!(
        "{sent} requests in {:.1} s: {answered} answered, {failed} failed, {resent} sent again",
        took.as_secs_f64()
    )];
    lines.extend(reasons.iter().map(|(why, n)| format!("  {n:>6}  {why}")));
    lines.push(format!(
        "milliseconds: {:.1} median, {:.1} of 90 %, {:.1} of 99 %, {:.1} of 99.9 %, {:.1} longest",
        latency.p50, latency.p90, latency.p99, latency.p999, latency.max
    ));
    let Times { changes, median_ms, longest_ms, overtaken } = &report.lists;
    let overtaken =
        if *overtaken > 0 { format!(" ({overtaken} overtaken by the next)") } else { String::new() };
    lines.push(match (median_ms, longest_ms) {
        (Some(median), Some(longest)) => format!(
            "the list was right {median} ms (median), {longest} ms (longest) after each of {changes} changes{overtaken}"
        ),
        _ => "the fleet did not change".into(),
    });
    if let (Some(median), Some(longest)) = (report.answers.median_ms, report.answers.longest_ms) {
        lines.push(format!(
            "{median} ms (median), {longest} ms (longest) until a server that came first answered, or one that went last did"
        ));
    }
    let all: u64 = shares.values().sum();
    let rows: Vec<_> = shares
        .iter()
        .map(|(who, n)| {
            let percent = (n * 1000 + all / 2).checked_div(all).unwrap_or(0);
            vec![who.clone(), n.to_string(), format!("{}.{} %", percent / 10, percent % 10)]
        })
        .collect();
    format!("{}\n\n{}", lines.join("\n"), table(&["ANSWERED BY", "REQUESTS", "SHARE"], &rows))
}
