//! The resource: N peers that call one another.
//!
//! `manifests/peering/0-definition.yaml` is generated from these types; a test holds it to them. Each string and
//! list has a maximum: without one the API server takes its rules for too expensive.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most replicas of one resource.
pub const MOST_REPLICAS: i32 = 100;

/// N peers that call one another, and what else they call.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "peering.opsctl.dev",
    version = "v1alpha1",
    kind = "Peering",
    plural = "peerings",
    shortname = "pg",
    namespaced,
    status = "PeeringStatus",
    derive = "PartialEq",
    doc = "N peers that call one another: GET /ping, at an interval.",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Peers", type_ = "integer", json_path = ".spec.replicas"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.readyReplicas"),
    printcolumn(
        name = "Converged",
        type_ = "integer",
        json_path = ".status.convergedReplicas",
        description = "Peers that use the newest configuration"
    ),
    printcolumn(name = "Interval", type_ = "string", json_path = ".spec.interval"),
    printcolumn(
        name = "State",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].reason"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("size(self.metadata.name) <= 50 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')")
        .message("metadata.name must be at most 50 lower-case letters, digits and dashes, and begin with a letter: the peers' names begin with it")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!self.timeout.matches('^[0-9]{1,8}(ms|s|m|h)$') || !self.interval.matches('^[0-9]{1,8}(ms|s|m|h)$') || duration(self.timeout) <= duration(self.interval)")
    .message("timeout must not be longer than interval").field_path(".timeout"))]
pub struct PeeringSpec {
    /// How many peers. Another number starts or ends pods; those that stay are told, not restarted.
    #[serde(default = "replicas")]
    #[schemars(range(min = 0, max = 100))]
    pub replicas: i32,
    /// From one call of a peer to the next, such as 30s or 1m. Changes without a restart.
    #[serde(default = "interval")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,8}(ms|s|m|h)$') && duration(self) >= duration('100ms') && duration(self) <= duration('24h')")
        .message("interval must be a time from 100ms to 24h, such as 30s or 1m"))]
    pub interval: String,
    /// How long an answer may take, such as 500ms or 2s. Changes without a restart.
    #[serde(default = "timeout")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,8}(ms|s|m|h)$') && duration(self) >= duration('10ms') && duration(self) <= duration('1m')")
        .message("timeout must be a time from 10ms to 1m, such as 500ms or 2s"))]
    pub timeout: String,
    /// The port that each peer serves. A change rolls the pods.
    #[serde(default = "port")]
    #[schemars(range(min = 1024, max = 65535))]
    pub port: i32,
    /// Peers elsewhere, which run the same server. Changes without a restart.
    #[serde(default)]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["host".into(), "port".into()]))]
    pub external_peers: Vec<ExternalPeer>,
    /// The image of the peers; without one, the operator's own. A change rolls the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = Rule::new("self.matches('^[^\\\\s]+$')").message("image must be the name of an image, without spaces"))]
    pub image: Option<String>,
    /// What each peer gets. A change rolls the pods.
    #[serde(default)]
    pub resources: Resources,
}

/// A peer that no pod of this resource is.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalPeer {
    /// Its name or address.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9._:-]+$')").message("host must be a name or an address, without a port"))]
    pub host: String,
    /// Its port.
    #[serde(default = "port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
}

/// What a peer gets: equal requests and limits make it Guaranteed.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new("!has(self.requests) || !has(self.limits) || !has(self.requests.cpu) || !has(self.limits.cpu) || !isQuantity(self.requests.cpu) || !isQuantity(self.limits.cpu) || quantity(self.requests.cpu).compareTo(quantity(self.limits.cpu)) <= 0")
        .message("requests.cpu must not exceed limits.cpu").field_path(".requests"),
    validation = Rule::new("!has(self.requests) || !has(self.limits) || !has(self.requests.memory) || !has(self.limits.memory) || !isQuantity(self.requests.memory) || !isQuantity(self.limits.memory) || quantity(self.requests.memory).compareTo(quantity(self.limits.memory)) <= 0")
        .message("requests.memory must not exceed limits.memory").field_path(".requests")
)]
pub struct Resources {
    /// What is reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Amounts>,
    /// What it cannot exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Amounts>,
}

/// Amounts of what a node has.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Processor time, such as 100m or "1".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    #[x_kube(validation = Rule::new("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))").message("cpu must be a quantity above 0, such as 100m"))]
    pub cpu: Option<String>,
    /// Memory, such as 32Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    #[x_kube(validation = Rule::new("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))").message("memory must be a quantity above 0, such as 32Mi"))]
    pub memory: Option<String>,
}

/// What the operator saw last.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PeeringStatus {
    /// The generation that this status is about.
    #[serde(default)]
    pub observed_generation: i64,
    /// Pods that exist.
    #[serde(default)]
    pub replicas: i32,
    /// Pods that are ready.
    #[serde(default)]
    pub ready_replicas: i32,
    /// Pods that were asked, and use the configuration of this generation.
    #[serde(default)]
    pub converged_replicas: i32,
    /// Selects the pods, for what scales by itself.
    #[serde(default)]
    #[schemars(length(max = 512))]
    pub selector: String,
    /// Ready, Available, Progressing, Degraded.
    #[serde(default)]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// One aspect of how the peers are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which one.
    #[serde(rename = "type")]
    #[schemars(length(max = 64))]
    pub kind: String,
    /// True or False.
    #[schemars(length(max = 16))]
    pub status: String,
    /// Why, in one word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// Why, in a sentence.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// The generation that it is about.
    #[serde(default)]
    pub observed_generation: i64,
    /// Since when the status is so, as RFC 3339.
    #[schemars(length(max = 40))]
    pub last_transition_time: String,
}

fn replicas() -> i32 {
    5
}

fn interval() -> String {
    "1m".into()
}

fn timeout() -> String {
    "2s".into()
}

fn port() -> i32 {
    8080
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::CustomResourceExt as _;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests/peering/0-definition.yaml");

    fn generated() -> String {
        let yaml = serde_yaml::to_string(&Peering::crd()).unwrap();
        format!(
            "# Generated from src/peering/definition.rs: OPSCTL_WRITE_CRD=1 cargo test --release --locked --lib definition\n{yaml}"
        )
    }

    #[test]
    fn the_committed_definition_is_that_of_the_types() {
        let generated = generated();
        if std::env::var_os("OPSCTL_WRITE_CRD").is_some() {
            std::fs::write(COMMITTED, &generated).unwrap();
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap();
        assert!(committed == generated, "OPSCTL_WRITE_CRD=1 writes it anew");
    }

    /// Without a maximum the API server assumes the longest possible value, and refuses the rules as too expensive.
    #[test]
    fn every_string_and_every_list_has_a_maximum() {
        let crd = serde_json::to_value(Peering::crd()).unwrap();
        let mut unbounded = Vec::new();
        bounded(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"], "", &mut unbounded);
        assert!(unbounded.is_empty(), "{unbounded:?}");
    }

    fn bounded(properties: &serde_json::Value, path: &str, unbounded: &mut Vec<String>) {
        for (name, schema) in properties.as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let limit = match schema["type"].as_str() {
                Some("string") => "maxLength",
                Some("array") => "maxItems",
                _ => "type",
            };
            if schema[limit].is_null() {
                unbounded.push(path.clone());
            }
            bounded(&schema["properties"], &path, unbounded);
            bounded(&schema["items"]["properties"], &path, unbounded);
        }
    }
}
