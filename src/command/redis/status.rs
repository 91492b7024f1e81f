//! `redis status`: ten lines of roles, link and lag, endpoints.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::lifecycle::plural;
use crate::context::Context;
use crate::redis;
use crate::stack::redis::status::{Report, report};
use crate::stack::report::PodLine;
use crate::ui::{Ui, bytes, wrap};

/// Shows them; exit 1 when something is not as it should be.
pub async fn run(cx: &Context) -> Result<ExitCode> {
    let report = report(cx).await?;
    cx.ui.report(&report, || drawn(&report, &cx.ui), || names(&report))?;
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn names(report: &Report) -> Vec<String> {
    report.master_pods.iter().chain(&report.replica_pods).map(|p| format!("pod/{}", p.name)).collect()
}

/// Two boxes side by side, the link between them, the faults below.
fn drawn(report: &Report, ui: &Ui) -> String {
    let master = report.servers.master.as_ref();
    let replica = report.servers.replica.as_ref();
    let describe = |server: Result<&redis::status::Server, &String>| match server {
        Ok(s) => format!("{}, {}", plural(s.keys, "key"), bytes(s.memory)),
        Err(e) => e.clone(),
    };
    let persistence = match master {
        Ok(s) if s.persistence.aof && s.persistence.aof_ok => "append-only file, last write ok",
        Ok(s) if s.persistence.aof => "append-only file, LAST WRITE FAILED",
        Ok(_) => "NOT PERSISTENT",
        Err(_) => "",
    };
    let link = match replica.ok().and_then(|s| s.link.as_ref()) {
        Some(l) if l.up => format!(
            "link up, {} bytes behind, last heard {} s ago",
            report.servers.lag.map_or("?".to_owned(), |n| n.to_string()),
            l.seconds_since_io.unwrap_or(0)
        ),
        Some(l) => format!("LINK DOWN for {} s", l.seconds_down.unwrap_or(0)),
        None => "no link".to_owned(),
    };
    let width = crate::ui::data_width();
    let wrapped = |text: &str| width.map_or_else(|| text.to_owned(), |w| wrap(text, 9, w));
    let mut lines = vec![
        format!("MASTER   {:<21}  node {}", report.master_endpoint, nodes(&report.master_pods)),
        format!("         {}", pods(&report.master_pods)),
        format!("         {}", wrapped(&describe(master))),
    ];
    if !persistence.is_empty() {
        lines.push(format!("         {persistence}"));
    }
    lines.extend([
        format!("  |      {link}"),
        format!("REPLICA  {:<21}  node {}", report.replica_endpoint, nodes(&report.replica_pods)),
        format!("         {}", pods(&report.replica_pods)),
        format!("         {}", wrapped(&describe(replica))),
    ]);
    for fault in &report.faults {
        lines.push(format!("FAULT    {}", wrapped(&fault.what)));
        lines.push(format!("         next: {}", ui.addressed(&fault.next)));
    }
    for note in &report.notes {
        lines.push(format!("NOTE     {}", wrapped(&note.what)));
        lines.push(format!("         next: {}", ui.addressed(&note.next)));
    }
    lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The nodes that these pods run on.
pub fn nodes(pods: &[PodLine]) -> String {
    let list: Vec<_> = pods.iter().map(|p| p.node.clone().unwrap_or_else(|| "none".into())).collect();
    if list.is_empty() { "none".into() } else { list.join(", ") }
}

fn pods(pods: &[PodLine]) -> String {
    pods.iter()
        .map(|p| {
            let state = if p.ready { "ready" } else { "NOT READY" };
            match (p.restarts, &p.ended) {
                (0, _) => format!("{} {state}", p.name),
                (n, None) => format!("{} {state}, {}", p.name, plural(i64::from(n), "restart")),
                (n, Some(why)) => format!("{} {state}, {} ({why})", p.name, plural(i64::from(n), "restart")),
            }
        })
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_restart_is_one_and_has_its_reason() {
        let pod = |restarts, ended: Option<&str>| PodLine {
            name: "p".into(),
            node: None,
            ready: true,
            restarts,
            ended: ended.map(str::to_owned),
            why: Vec::new(),
        };
        assert_eq!(pods(&[pod(0, None)]), "p ready");
        assert_eq!(pods(&[pod(1, Some("OOMKilled"))]), "p ready, 1 restart (OOMKilled)");
        assert_eq!(pods(&[pod(2, None)]), "p ready, 2 restarts");
    }
}
