//! `redis verify`: proves that writes on the master reach the replica.

use std::time::{Duration, Instant};

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use serde_json::json;

use super::status::nodes;
use crate::command::lifecycle;
use crate::context::Context;
use crate::error::{opsctl, problem};
use crate::journal;
use crate::k8s::unrecorded;
use crate::redis;
use crate::stack::redis::PART;
use crate::stack::redis::status::{self, Report};
use crate::step::dataset::master_answers;
use crate::ui::Mark;

/// The flags of `redis verify`.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Args {
    /// Also delete both pods and prove that the data survived
    #[arg(long)]
    pub disruptive: bool,
}

/// Proves it; with `--disruptive` also that the data outlives the pods.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    let _lock = if args.disruptive { Some(journal::lock(&cx.paths.state, &cx.command)?) } else { None };
    lifecycle::target_line(cx).await;
    let report = status::report(cx).await?;
    if let Some(node) = status::shared_node(&report.master_pods, &report.replica_pods) {
        return Err(problem!(Unwell, "master and replica share the node {node}")
            .next(opsctl("redis status"))
            .into());
    }
    if !report.faults.is_empty() {
        let problem = problem!(Unwell, "redis is unhealthy, so there is nothing to verify");
        return Err(report.faults.into_iter().fold(problem, |p, f| p.found(f.what).next(f.next)).into());
    }
    cx.ui.fact(
        Mark::Done,
        "nodes",
        &format!("master on {}, replica on {}", nodes(&report.master_pods), nodes(&report.replica_pods)),
        None,
    );
    let (master, replica) = (&report.master_endpoint, &report.replica_endpoint);
    let proven = redis::verify::verify(master, replica).await?;
    cx.ui.fact(
        Mark::Done,
        "endpoints",
        &format!("{master} is master, {replica} is replica, both from this host"),
        Some(proven.roles),
    );
    let fact = format!(
        "a write was acknowledged by the replica after {} ms and read there",
        proven.acknowledged.as_millis()
    );
    cx.ui.fact(Mark::Done, "write", &fact, None);
    let mut result = json!({"nodes_differ": true, "master": master, "replica": replica, "write": proven});
    if args.disruptive {
        result["disruptive"] = disrupt(cx, &report).await?;
    }
    cx.ui.report(&result, String::new, Vec::new)
}

/// Deletes both pods together and proves that the data survived and the replica followed again.
async fn disrupt(cx: &Context, report: &Report) -> Result<serde_json::Value> {
    cx.ui.confirm("Delete the pods of master and replica together?")?;
    let key = format!("opsctl:verify:{}", std::process::id());
    let mut link = redis::connect(&report.master_endpoint).await?;
    let value = jiff::Timestamp::now().to_string();
    let () = ::redis::cmd("SET").arg(&key).arg(&value).arg("EX").arg(3600).query_async(&mut link).await?;
    let _: i64 = ::redis::cmd("WAIT").arg(1).arg(5000).query_async(&mut link).await?;
    drop(link);
    let api: Api<Pod> = Api::namespaced(cx.client().await?, PART);
    let began = Instant::now();
    let names: Vec<_> =
        report.master_pods.iter().chain(&report.replica_pods).map(|p| p.name.clone()).collect();
    let row = cx.ui.row("pods", "deleting both");
    let client = cx.client().await?;
    let deleted = names.iter().map(|name| unrecorded::delete_pod(&client, PART, name));
    futures::future::try_join_all(deleted).await?;
    for name in &names {
        while api.get_opt(name).await?.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let gone = began.elapsed();
    row.end(Mark::Done, "both gone");
    let row = cx.ui.row("master", "coming back");
    master_answers(&report.master_endpoint, cx.timeout).await?;
    let mut link = redis::connect(&report.master_endpoint).await?;
    let survived: Option<String> = ::redis::cmd("GET").arg(&key).query_async(&mut link).await?;
    if survived.as_deref() != Some(value.as_str()) {
        return Err(problem!(Unwell, "the data did not survive")
            .found(format!("{key}: wrote {value}, found {survived:?}"))
            .into());
    }
    let master_back = began.elapsed();
    row.end(Mark::Done, format!("answers; the data survived ({key})"));
    let row = cx.ui.row("replica", "following again");
    let fact = status::prove(cx).await?;
    let replica_back = began.elapsed();
    row.end(Mark::Done, fact);
    let _: i64 = ::redis::cmd("DEL").arg(&key).query_async(&mut link).await?;
    let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    Ok(
        json!({"pods_gone_ms": ms(gone), "master_back_ms": ms(master_back), "replica_back_ms": ms(replica_back)}),
    )
}
