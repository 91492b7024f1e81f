//! `minikube status`: the nodes.

use std::process::ExitCode;

use anyhow::Result;
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use crate::context::Context;
use crate::k8s::is_ready;

/// Shows them; exit 1 unless every node is ready.
pub async fn run(cx: &Context) -> Result<ExitCode> {
    let lines = node_lines(cx).await?;
    let row = |l: &NodeLine| {
        let state = match (l.ready, l.schedulable) {
            (true, true) => "ready",
            (true, false) => "ready, cordoned",
            (false, _) => "NOT READY",
        };
        vec![l.name.clone(), state.to_owned(), l.address.clone(), l.version.clone()]
    };
    cx.ui.list(&lines, &["NODE", "STATE", "ADDRESS", "KUBELET"], row, |l| format!("node/{}", l.name))?;
    Ok(if lines.iter().all(|l| l.ready) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A node as `status` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct NodeLine {
    /// Its name.
    pub name: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether new pods may go there.
    pub schedulable: bool,
    /// Its address on the driver's network.
    pub address: String,
    /// The kubelet's version.
    pub version: String,
}

/// The nodes, the control plane first.
pub async fn node_lines(cx: &Context) -> Result<Vec<NodeLine>> {
    let api: Api<Node> = Api::all(cx.client().await?);
    let mut lines = Vec::new();
    for node in api.list(&ListParams::default()).await? {
        let ready = is_ready(&node);
        let status = node.status.unwrap_or_default();
        let address = status.addresses.iter().flatten().find(|a| a.type_ == "InternalIP");
        lines.push(NodeLine {
            name: node.metadata.name.unwrap_or_default(),
            ready,
            schedulable: !node.spec.and_then(|s| s.unschedulable).unwrap_or(false),
            address: address.map(|a| a.address.clone()).unwrap_or_default(),
            version: status.node_info.map(|i| i.kubelet_version).unwrap_or_default(),
        });
    }
    lines.sort_by_key(|l| (l.name.len(), l.name.clone()));
    Ok(lines)
}
