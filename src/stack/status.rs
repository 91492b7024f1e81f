//! How a stack is: its rows in `opsctl status`, and what is wrong with it.

use anyhow::Result;
use serde_json::{Value, json};

use super::model::Stack;
use super::report::Fault;
use crate::context::{Context, node_address};
use crate::error::opsctl;
use crate::k8s::ready::{self, State};
use crate::k8s::{apply, diagnose, manifest};

/// How a stack is.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its rows: the first one bears its name.
    pub rows: Vec<Row>,
    /// What is not as it should be; empty when all is well.
    pub faults: Vec<Fault>,
    /// All of it, as `-o json` prints it.
    pub report: Value,
}

/// A row of `opsctl status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How it is, in a few words.
    pub state: String,
    /// Where the host reaches it; empty where it has no address.
    pub endpoint: String,
}

impl Row {
    /// A state at an address.
    pub fn new(state: impl Into<String>, endpoint: impl Into<String>) -> Self {
        Self { state: state.into(), endpoint: endpoint.into() }
    }
}

/// The status of whatever pods run or an operator looks after: each by its own state. None: nothing of it is there.
pub async fn of_workloads(stack: &Stack, cx: &Context) -> Result<Option<Status>> {
    let client = cx.client().await?;
    let plan = stack.plan(cx)?;
    let wanted = plan.waves.iter().flatten().filter(|step| step.nature().runs());
    let (mut rows, mut faults, mut objects) = (Vec::new(), Vec::new(), Vec::new());
    let mut there = false;
    for object in wanted.filter_map(|step| step.manifest()) {
        let live = apply::get(&client, object).await?.filter(|live| manifest::made_by(live).is_some());
        there = there || live.is_some();
        let state = match &live {
            Some(live) => why(&client, live).await,
            None => Some("is not there".into()),
        };
        let title = manifest::title(object);
        objects.push(json!({"object": title, "ready": state.is_none(), "why": state}));
        if let Some(why) = &state {
            faults
                .push(Fault { what: format!("{title}: {why}"), next: opsctl(format!("{} up", stack.name)) });
        }
        rows.push(Row::new(state.unwrap_or_else(|| "ready".into()), ""));
    }
    if !there {
        return Ok(None);
    }
    // Of many that are ready one row is enough.
    rows.sort_by_key(|row| row.state == "ready");
    rows.dedup_by(|a, b| a.state == b.state);
    let endpoints = endpoints(stack, cx);
    for (i, (about, address)) in endpoints.iter().enumerate() {
        match rows.get_mut(i) {
            Some(row) => row.endpoint.clone_from(address),
            None => rows.push(Row::new(about, address)),
        }
    }
    let addresses: Vec<_> = endpoints.into_iter().map(|(_, address)| address).collect();
    let report = json!({"ready": faults.is_empty(), "objects": objects, "endpoints": addresses});
    Ok(Some(Status { rows, faults, report }))
}

/// Why a live object is not ready, in one line; none where it is.
async fn why(client: &kube::Client, live: &Value) -> Option<String> {
    let (State::Waits(why) | State::Failed(why)) = ready::state(live) else { return None };
    let reasons = diagnose::waiting(client, live).await.unwrap_or_default();
    Some(reasons.into_iter().next().unwrap_or(why))
}

/// What is reached at a stack's ports, and where.
pub fn endpoints(stack: &Stack, cx: &Context) -> Vec<(String, String)> {
    let Ok(profile) = cx.profile() else { return Vec::new() };
    let Ok(host) = node_address(&profile) else { return Vec::new() };
    let at = |service: &str| format!("{host}:{}", cx.ports.get(service));
    stack.ports.iter().map(|port| (port.about.to_string(), at(&port.service))).collect()
}
