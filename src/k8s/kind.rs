//! What opsctl knows of each kind of object: one row a kind.
//!
//! A table, not discovery: the API server is asked nothing that is known. Kinds without a row, such as those
//! that a definition brings, are discovered when an object of theirs is asked for.

use anyhow::{Context as _, Result};
use kube::Client;
use kube::api::ApiResource;
use serde_json::Value;

use super::manifest;

/// The order in which objects are applied; they are removed in the other order, but for [`Rank::Custom`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Brings kinds of its own: established before anything else is applied.
    Definition,
    /// Holds other objects.
    Namespace,
    /// Is claimed by others, so it exists before its claim does.
    Volume,
    /// Pods or operators depend on it.
    Support,
    /// Runs pods.
    Workload,
    /// Of a kind that a definition brought: applied last, and removed first, while its operator runs.
    Custom,
}

/// When an object that was applied is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// As soon as it is applied.
    Applied,
    /// Once the API server serves the kinds that it defines.
    Established,
    /// Once its newest generation is rolled out whole and available.
    Deployment,
    /// The same, in the order of its ordinals.
    StatefulSet,
    /// The same, on every node that it selects.
    DaemonSet,
    /// Once it has completed; one that is suspended is ready as it is.
    Job,
    /// By the conditions that kstatus reads: observed generation, Reconciling, Stalled, Ready.
    Conditions,
}

/// What opsctl knows of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its API group; empty for the core group.
    pub group: &'static str,
    /// The version that opsctl speaks.
    pub version: &'static str,
    /// Its name, as a manifest has it.
    pub kind: &'static str,
    /// Its name in the API's paths.
    pub plural: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// When it is applied.
    pub rank: Rank,
    /// When it is ready.
    pub ready: Ready,
    /// Whether data goes with it: the pods that hold it, their volume, the namespace of both.
    pub data: bool,
}

/// What decides order, waiting and care for data; of any kind, also of one without a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// When it is applied.
    pub rank: Rank,
    /// When it is ready.
    pub ready: Ready,
    /// Whether data goes with it.
    pub data: bool,
}

macro_rules! kinds {
    ($($group:literal $version:literal $kind:literal $plural:literal $scope:ident $rank:ident $ready:ident $data:ident;)*) => {
        &[$(Kind {
            group: $group, version: $version, kind: $kind, plural: $plural,
            namespaced: kinds!(@scope $scope), rank: Rank::$rank, ready: Ready::$ready, data: kinds!(@data $data),
        }),*]
    };
    (@scope inside) => { true };
    (@scope cluster) => { false };
    (@data data) => { true };
    (@data none) => { false };
}

/// The kinds that opsctl knows.
#[rustfmt::skip]
pub const KINDS: &[Kind] = kinds! {
    "apiextensions.k8s.io" "v1" "CustomResourceDefinition" "customresourcedefinitions" cluster Definition Established none;
    "" "v1" "Namespace" "namespaces" cluster Namespace Applied data;
    "" "v1" "PersistentVolume" "persistentvolumes" cluster Volume Applied data;
    "storage.k8s.io" "v1" "StorageClass" "storageclasses" cluster Volume Applied none;
    "" "v1" "PersistentVolumeClaim" "persistentvolumeclaims" inside Support Applied data;
    "" "v1" "ConfigMap" "configmaps" inside Support Applied none;
    "" "v1" "Secret" "secrets" inside Support Applied none;
    "" "v1" "Service" "services" inside Support Applied none;
    "" "v1" "ServiceAccount" "serviceaccounts" inside Support Applied none;
    "" "v1" "Endpoints" "endpoints" inside Support Applied none;
    "" "v1" "Event" "events" inside Support Applied none;
    "" "v1" "LimitRange" "limitranges" inside Support Applied none;
    "" "v1" "ResourceQuota" "resourcequotas" inside Support Applied none;
    "networking.k8s.io" "v1" "NetworkPolicy" "networkpolicies" inside Support Applied none;
    "networking.k8s.io" "v1" "Ingress" "ingresses" inside Support Applied none;
    "policy" "v1" "PodDisruptionBudget" "poddisruptionbudgets" inside Support Applied none;
    "discovery.k8s.io" "v1" "EndpointSlice" "endpointslices" inside Support Applied none;
    "coordination.k8s.io" "v1" "Lease" "leases" inside Support Applied none;
    "scheduling.k8s.io" "v1" "PriorityClass" "priorityclasses" cluster Support Applied none;
    "rbac.authorization.k8s.io" "v1" "Role" "roles" inside Support Applied none;
    "rbac.authorization.k8s.io" "v1" "RoleBinding" "rolebindings" inside Support Applied none;
    "rbac.authorization.k8s.io" "v1" "ClusterRole" "clusterroles" cluster Support Applied none;
    "rbac.authorization.k8s.io" "v1" "ClusterRoleBinding" "clusterrolebindings" cluster Support Applied none;
    "autoscaling" "v2" "HorizontalPodAutoscaler" "horizontalpodautoscalers" inside Support Applied none;
    "apps" "v1" "Deployment" "deployments" inside Workload Deployment data;
    "apps" "v1" "StatefulSet" "statefulsets" inside Workload StatefulSet data;
    "apps" "v1" "DaemonSet" "daemonsets" inside Workload DaemonSet data;
    "apps" "v1" "ReplicaSet" "replicasets" inside Workload Conditions data;
    "" "v1" "Pod" "pods" inside Workload Conditions data;
    "batch" "v1" "Job" "jobs" inside Workload Job none;
    "batch" "v1" "CronJob" "cronjobs" inside Workload Applied none;
    // What calls an operator comes after the operator, and goes before it.
    "admissionregistration.k8s.io" "v1" "ValidatingWebhookConfiguration" "validatingwebhookconfigurations" cluster Custom Applied none;
    "admissionregistration.k8s.io" "v1" "MutatingWebhookConfiguration" "mutatingwebhookconfigurations" cluster Custom Applied none;
};

/// The groups with a dot that Kubernetes itself serves; any other such group comes by a definition.
const BUILT_IN: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Group and version of an `apiVersion`.
fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// The row of a kind; none where opsctl has to discover it.
pub fn row(api_version: &str, kind: &str) -> Option<&'static Kind> {
    let (group, version) = group_and_version(api_version);
    KINDS.iter().find(|k| (k.group, k.version, k.kind) == (group, version, kind))
}

/// Order, readiness and care for data of an object, whatever its kind.
pub fn of(object: &Value) -> Traits {
    let (group, _) = group_and_version(object["apiVersion"].as_str().unwrap_or_default());
    // Whatever its version: an older one is of the same nature.
    if let Some(k) = KINDS.iter().find(|k| (k.group, k.kind) == (group, manifest::kind(object))) {
        return Traits { rank: k.rank, ready: k.ready, data: k.data };
    }
    if !group.contains('.') || BUILT_IN.contains(&group) {
        Traits { rank: Rank::Support, ready: Ready::Conditions, data: false }
    } else {
        // What an operator made of it may hold data, and goes with it.
        Traits { rank: Rank::Custom, ready: Ready::Conditions, data: true }
    }
}

/// How the API names an object's kind, and whether its objects live in a namespace.
///
/// None: this API server does not know the kind, or does not know it yet.
pub async fn resource(client: &Client, api_version: &str, kind: &str) -> Result<Option<(ApiResource, bool)>> {
    if let Some(known) = known(api_version, kind) {
        return Ok(Some(known));
    }
    let (group, version) = group_and_version(api_version);
    let list = if group.is_empty() {
        client.list_core_api_resources(version).await
    } else {
        client.list_api_group_resources(api_version).await
    };
    let list = match list {
        Ok(list) => list,
        Err(kube::Error::Api(status)) if status.code == 404 => return Ok(None),
        Err(e) => return Err(e).with_context(|| format!("could not ask for the kinds of {api_version}")),
    };
    // A subresource, such as `peerings/status`, has its owner's kind.
    let found = list.resources.into_iter().find(|r| r.kind == kind && !r.name.contains('/'));
    Ok(found.map(|r| {
        let resource = ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            plural: r.name,
        };
        (resource, r.namespaced)
    }))
}

/// Whether an object's kind has a status that its operator writes apart from the rest.
pub async fn has_status(client: &Client, object: &Value) -> Result<bool> {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let list = client.list_api_group_resources(version).await;
    let list = list.with_context(|| format!("could not ask for the kinds of {version}"))?;
    Ok(list.resources.iter().any(|r| r.kind == manifest::kind(object) && r.name.ends_with("/status")))
}

/// What [`resource`] returns, by the table alone.
pub fn known(api_version: &str, kind: &str) -> Option<(ApiResource, bool)> {
    row(api_version, kind).map(|k| {
        let resource = ApiResource {
            group: k.group.to_owned(),
            version: k.version.to_owned(),
            api_version: api_version.to_owned(),
            kind: k.kind.to_owned(),
            plural: k.plural.to_owned(),
        };
        (resource, k.namespaced)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_definition_comes_first_and_what_it_defines_last() {
        let of = |version: &str, kind: &str| of(&json!({"apiVersion": version, "kind": kind})).rank;
        let order = [
            of("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            of("v1", "Namespace"),
            of("v1", "PersistentVolume"),
            of("v1", "ConfigMap"),
            of("apps/v1", "StatefulSet"),
            of("example.dev/v1", "Whatever"),
        ];
        assert!(order.is_sorted() && order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
    }

    #[test]
    fn a_kind_of_kubernetes_without_a_row_supports_and_one_of_anybody_else_is_custom() {
        let of = |version: &str| of(&json!({"apiVersion": version, "kind": "Thing"}));
        assert_eq!(of("batch/v9").rank, Rank::Support);
        assert_eq!(of("node.k8s.io/v9").rank, Rank::Support);
        assert_eq!(of("gateway.networking.k8s.io/v1").rank, Rank::Custom);
        let custom = of("cache.example.com/v1alpha1");
        assert_eq!((custom.rank, custom.ready, custom.data), (Rank::Custom, Ready::Conditions, true));
    }

    #[test]
    fn no_kind_has_two_rows_and_every_plural_is_in_lower_case() {
        for (i, k) in KINDS.iter().enumerate() {
            assert!(KINDS[i + 1..].iter().all(|o| (o.group, o.kind) != (k.group, k.kind)), "{}", k.kind);
            assert_eq!(k.plural, k.plural.to_lowercase());
        }
    }
}
