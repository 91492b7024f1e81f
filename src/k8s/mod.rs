//! The Kubernetes API as opsctl uses it: any object by its manifest, readiness, reasons for delay.

pub mod apply;
pub mod diagnose;
pub mod kind;
pub mod manifest;
pub mod ready;
pub mod refused;
pub mod unrecorded;
mod watch;

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
