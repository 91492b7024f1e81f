//! The Kubernetes API as opsctl uses it: any object by its manifest, readiness, reasons for delay.

pub mod apply;
pub mod diagnose;
pub mod manifest;
pub mod ready;

use anyhow::Result;
use kube::api::{ApiResource, DynamicObject};
use kube::{Api, Client};

use crate::error::Problem;

/// The kinds that opsctl makes: group, version, kind, plural, namespaced.
///
/// A table, not discovery: the API server is asked nothing that is known.
const KINDS: &[(&str, &str, &str, &str, bool)] = &[
    ("", "v1", "Namespace", "namespaces", false),
    ("", "v1", "PersistentVolume", "persistentvolumes", false),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("", "v1", "ConfigMap", "configmaps", true),
    ("", "v1", "Secret", "secrets", true),
    ("", "v1", "Service", "services", true),
    ("", "v1", "ServiceAccount", "serviceaccounts", true),
    ("", "v1", "Endpoints", "endpoints", true),
    ("", "v1", "Pod", "pods", true),
    ("", "v1", "Event", "events", true),
    ("apps", "v1", "Deployment", "deployments", true),
    ("apps", "v1", "DaemonSet", "daemonsets", true),
    ("apps", "v1", "ReplicaSet", "replicasets", true),
    ("apps", "v1", "StatefulSet", "statefulsets", true),
    ("batch", "v1", "CronJob", "cronjobs", true),
    ("batch", "v1", "Job", "jobs", true),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true),
    ("coordination.k8s.io", "v1", "Lease", "leases", true),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", true),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses", false),
];

/// How the API names a kind, and whether it lives in a namespace.
pub fn resource(api_version: &str, kind: &str) -> Result<(ApiResource, bool)> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    KINDS
        .iter()
        .find(|(g, v, k, ..)| (*g, *v, *k) == (group, version, kind))
        .map(|(_, _, _, plural, namespaced)| {
            let resource = ApiResource {
                group: group.to_owned(),
                version: version.to_owned(),
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                plural: (*plural).to_owned(),
            };
            (resource, *namespaced)
        })
        .ok_or_else(|| Problem::failure(format!("opsctl does not know the kind {api_version} {kind}")).into())
}

/// An API for a kind, in a namespace where it has one.
pub fn api(
    client: &Client,
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
) -> Result<Api<DynamicObject>> {
    let (resource, namespaced) = resource(api_version, kind)?;
    Ok(match (namespaced, namespace) {
        (true, Some(ns)) => Api::namespaced_with(client.clone(), ns, &resource),
        (true, None) => Api::default_namespaced_with(client.clone(), &resource),
        (false, _) => Api::all_with(client.clone(), &resource),
    })
}
