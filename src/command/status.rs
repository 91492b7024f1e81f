//! `status`: a line a part, endpoints included.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use super::{DryRun, lifecycle};
use crate::command::minikube::status::{NodeLine, node_lines};
use crate::context::{Context, Profile, Target};
use crate::error::opsctl;
use crate::stack::{self, report};
use crate::ui::{data_width, fit, table};

#[derive(Serialize)]
struct Whole {
    target: String,
    /// Whether there is such a profile or context, answering or not.
    there: bool,
    cluster: Option<String>,
    nodes: Vec<NodeLine>,
    redis: Option<stack::redis::status::Report>,
    info_cron: Option<String>,
    redis_single: Option<String>,
    election: Option<stack::election::status::Report>,
}

/// It changes nothing.
pub const DRY_RUN: DryRun = DryRun::Reads;

/// Shows them; exit 1 when something is not as it should be.
pub async fn run(cx: &Context) -> Result<ExitCode> {
    let there = match &cx.target {
        Target::Profile(name) => Profile::read(&cx.paths, name)?.is_some(),
        Target::Context(_) => true,
    };
    let nodes = if there { node_lines(cx).await.unwrap_or_default() } else { Vec::new() };
    let uid = cx.cluster().await.ok().map(|c| c.uid);
    let (redis, cron, single, election) = if uid.is_some() {
        let (redis, election) =
            tokio::join!(stack::redis::status::report(cx), stack::election::status::report(cx));
        (redis.ok(), info_cron(cx).await, redis_single(cx).await, election.ok())
    } else {
        (None, None, None, None)
    };
    let whole = Whole {
        target: cx.target.to_string(),
        there,
        cluster: uid,
        nodes,
        redis,
        info_cron: cron,
        redis_single: single,
        election,
    };
    let healthy = whole.cluster.is_some()
        && whole.nodes.iter().all(|n| n.ready)
        && whole.redis.as_ref().is_none_or(|r| r.faults.is_empty())
        && whole.election.as_ref().is_none_or(|e| e.master.is_some());
    cx.ui.report(&whole, || drawn(&whole), || names(&whole))?;
    if whole.cluster.is_none() {
        cx.ui.next(opsctl("up"), None);
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The column that gives way on a narrow terminal.
const STATE: usize = 1;

fn names(whole: &Whole) -> Vec<String> {
    let parts = [
        (whole.cluster.is_some(), stack::minikube::PART),
        (whole.redis.is_some(), stack::redis::PART),
        (whole.info_cron.is_some(), stack::info_cron::PART),
        (whole.redis_single.is_some(), stack::redis_single::PART),
        (whole.election.is_some(), stack::election::PART),
    ];
    parts.iter().filter(|(up, _)| *up).map(|(_, part)| (*part).to_owned()).collect()
}

fn drawn(whole: &Whole) -> String {
    let mut rows = Vec::new();
    let cluster = match &whole.cluster {
        Some(uid) => {
            let ready = whole.nodes.iter().filter(|n| n.ready).count();
            format!("{ready} of {} nodes ready, cluster {}", whole.nodes.len(), lifecycle::short(uid))
        }
        None if whole.there => "does not answer".to_owned(),
        None => "not there".to_owned(),
    };
    let address = whole.nodes.first().map(|n| n.address.clone()).unwrap_or_default();
    rows.push(vec!["minikube".into(), cluster, address]);
    match &whole.redis {
        Some(r) => {
            let (master, replica) = match r.faults.first() {
                None => ("master ready".into(), format!("replica ready, lag {}", r.servers.lag.unwrap_or(0))),
                Some(fault) => (fault.what.clone(), "see opsctl redis status".into()),
            };
            rows.push(vec!["redis".into(), master, r.master_endpoint.clone()]);
            rows.push(vec![String::new(), replica, r.replica_endpoint.clone()]);
        }
        None => rows.push(vec!["redis".into(), "not up".into(), String::new()]),
    }
    let plain = |part: &str, state: &Option<String>| {
        vec![part.to_owned(), state.clone().unwrap_or_else(|| "not up".into()), String::new()]
    };
    rows.push(plain("info-cron", &whole.info_cron));
    rows.push(plain("redis-single", &whole.redis_single));
    rows.push(match &whole.election {
        Some(e) => {
            let state = match (&e.master, e.reasons.first()) {
                (Some(m), _) => format!("{} pods agree on {}, epoch {}", e.replicas, m.ip, m.epoch),
                (None, why) => format!("NOT AGREED: {}", why.cloned().unwrap_or_default()),
            };
            vec![stack::election::PART.into(), state, e.endpoints.master.clone().unwrap_or_default()]
        }
        None => vec![stack::election::PART.into(), "not up".into(), String::new()],
    });
    if let Some(e) = &whole.election {
        rows.push(vec![String::new(), "page that names the master".into(), e.endpoints.page.clone()]);
    }
    let header = ["PART", "STATE", "ENDPOINT"];
    if let Some(width) = data_width() {
        fit(&mut rows, &header, STATE, width);
    }
    table(&header, &rows)
}

async fn info_cron(cx: &Context) -> Option<String> {
    use k8s_openapi::api::batch::v1::CronJob;
    let api: kube::Api<CronJob> = kube::Api::namespaced(cx.client().await.ok()?, stack::redis::PART);
    let cron = api.get_opt(stack::info_cron::CRON_JOB).await.ok()??;
    let last = cron.status.and_then(|s| s.last_successful_time);
    Some(match last {
        Some(at) => format!("last run {}, ok", at.0.strftime("%H:%M:%S UTC")),
        None => "no run has ended yet".to_owned(),
    })
}

async fn redis_single(cx: &Context) -> Option<String> {
    let pods = report::pods(cx, stack::redis_single::PART, "redis").await.ok()?;
    let pod = pods.first()?;
    let address = crate::context::node_address(&cx.profile().ok()?).ok()?.to_owned();
    let state = if pod.ready { "ready".to_owned() } else { pod.why.join("; ") };
    Some(format!("{state} at {address}:{}", cx.ports.redis_single))
}
