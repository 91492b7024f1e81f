//! What the statuses of several stacks have in common.

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use crate::context::Context;
use crate::error::Next;
use crate::k8s::diagnose;

/// A pod as far as a person cares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodLine {
    /// Its name.
    pub name: String,
    /// The node it runs on; none while it is not scheduled.
    pub node: Option<String>,
    /// Whether it is ready.
    pub ready: bool,
    /// Restarts of its containers.
    pub restarts: i32,
    /// Why it is not ready.
    pub why: Vec<String>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What.
    pub what: String,
    /// What mends it.
    pub next: Next,
}

/// Pods of a Deployment, oldest first.
pub async fn pods(cx: &Context, namespace: &str, deployment: &str) -> Result<Vec<PodLine>> {
    let api: Api<Pod> = Api::namespaced(cx.client().await?, namespace);
    let list = api.list(&ListParams::default()).await?;
    Ok(list
        .items
        .into_iter()
        .filter(|p| diagnose::belongs(p.metadata.name.as_deref().unwrap_or_default(), deployment))
        .map(|p| PodLine {
            ready: diagnose::is_ready(&p),
            why: if p.metadata.deletion_timestamp.is_some() {
                vec!["is ending".into()]
            } else if diagnose::is_ready(&p) {
                Vec::new()
            } else {
                diagnose::pod_reasons(&p)
            },
            restarts: p
                .status
                .iter()
                .flat_map(|s| s.container_statuses.iter().flatten())
                .map(|c| c.restart_count)
                .sum(),
            name: p.metadata.name.unwrap_or_default(),
            node: p.spec.and_then(|s| s.node_name),
        })
        .collect())
}
