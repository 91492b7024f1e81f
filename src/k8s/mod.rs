//! The Kubernetes API as opsctl uses it: any object by its manifest, readiness, reasons for delay.

pub mod apply;
pub mod diagnose;
pub mod inside;
pub mod kind;
pub mod manifest;
pub mod owned;
pub mod ready;
pub mod refused;
pub mod unrecorded;
pub mod values;
pub mod watch;

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{ApiResource, DynamicObject};
use kube::{Api, Client};

/// An API for a kind whose name and scope are known, in a namespace where it has one.
pub fn api(
    client: &Client,
    (resource, namespaced): &(ApiResource, bool),
    namespace: Option<&str>,
) -> Api<DynamicObject> {
    match (namespaced, namespace) {
        (true, Some(ns)) => Api::namespaced_with(client.clone(), ns, resource),
        (true, None) => Api::default_namespaced_with(client.clone(), resource),
        (false, _) => Api::all_with(client.clone(), resource),
    }
}

/// Whether a node is ready.
pub fn is_ready(node: &Node) -> bool {
    let conditions = node.status.iter().flat_map(|s| s.conditions.iter().flatten());
    conditions.into_iter().any(|c| c.type_ == "Ready" && c.status == "True")
}

/// Whether a pod has ended, well or not: it does nothing more.
pub fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"))
}
