//! What the definition refuses, and in which words.

use kube::Client;
use serde_json::{Value, json};

use super::world::server;

/// Specs that cannot be, and what the refusal says: the field, and where it is not plain, why.
fn bad() -> Vec<(Value, &'static [&'static str])> {
    let many: Vec<_> = (0..33).map(|i| json!({"host": format!("h{i}")})).collect();
    vec![
        (json!({"replicas": -1}), &["spec.replicas", "greater than or equal to 0"]),
        (json!({"replicas": 1_000_000}), &["spec.replicas", "less than or equal to 100"]),
        (json!({"replicas": 101}), &["spec.replicas"]),
        (json!({"replicas": 1.5}), &["spec.replicas"]),
        (json!({"replicas": "five"}), &["spec.replicas"]),
        (json!({"replicas": null, "interval": 5}), &["spec.interval"]),
        (json!({"interval": "0s"}), &["spec.interval", "interval must be a time from 100ms to 24h"]),
        (json!({"interval": "abc"}), &["spec.interval", "such as 30s or 1m"]),
        (json!({"interval": ""}), &["spec.interval", "such as 30s or 1m"]),
        (json!({"interval": "-5s"}), &["spec.interval", "such as 30s or 1m"]),
        (json!({"interval": "1.5s"}), &["spec.interval", "such as 30s or 1m"]),
        (json!({"interval": "25h"}), &["spec.interval", "100ms to 24h"]),
        (json!({"interval": "99999999999999999999h"}), &["spec.interval", "16"]),
        (json!({"timeout": "0s"}), &["spec.timeout", "timeout must be a time from 10ms to 1m"]),
        (json!({"timeout": "2m"}), &["spec.timeout", "10ms to 1m"]),
        (json!({"timeout": "soon"}), &["spec.timeout", "such as 500ms or 2s"]),
        (json!({"interval": "1s", "timeout": "2s"}), &["spec.timeout", "must not be longer than interval"]),
        (json!({"port": 80}), &["spec.port", "1024"]),
        (json!({"port": 70000}), &["spec.port", "65535"]),
        (json!({"port": "http"}), &["spec.port"]),
        (
            json!({"externalPeers": [{"host": "a", "port": 1}, {"host": "a", "port": 1}]}),
            &["spec.externalPeers[1]", "Duplicate"],
        ),
        (json!({"externalPeers": [{"host": "a"}, {"host": "a"}]}), &["spec.externalPeers[1]", "Duplicate"]),
        (json!({"externalPeers": [{"host": "a b"}]}), &["spec.externalPeers[0].host", "name or an address"]),
        (json!({"externalPeers": [{"host": ""}]}), &["spec.externalPeers[0].host"]),
        (json!({"externalPeers": [{"port": 1}]}), &["spec.externalPeers[0].host", "Required"]),
        (json!({"externalPeers": [{"host": "a", "port": 0}]}), &["spec.externalPeers[0].port"]),
        (json!({"externalPeers": many}), &["spec.externalPeers", "32"]),
        (json!({"image": "an image"}), &["spec.image", "without spaces"]),
        (json!({"image": ""}), &["spec.image"]),
        (json!({"resources": {"limits": {"cpu": "much"}}}), &["spec.resources.limits.cpu", "such as 100m"]),
        (
            json!({"resources": {"requests": {"memory": "-1Mi"}}}),
            &["spec.resources.requests.memory", "above 0"],
        ),
        (
            json!({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}),
            &["spec.resources.requests", "must not exceed limits.cpu"],
        ),
        (
            json!({"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1G"}}}),
            &["spec.resources.requests", "must not exceed limits.memory"],
        ),
        (json!({"colour": "red"}), &["spec.colour", "unknown field"]),
        (json!({"externalPeers": [{"host": "a", "weight": 2}]}), &["weight", "unknown field"]),
    ]
}

/// What the server says to who would make it, as kubectl asks for it: with strict fields.
async fn refusal(client: &Client, name: &str, spec: Value) -> Option<String> {
    let object = json!({"apiVersion": "peering.opsctl.dev/v1alpha1", "kind": "Peering",
        "metadata": {"name": name}, "spec": spec});
    let path = "/apis/peering.opsctl.dev/v1alpha1/namespaces/default/peerings";
    let request = axum::http::Request::post(format!("{path}?dryRun=All&fieldValidation=Strict"))
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&object).unwrap())
        .unwrap();
    match client.request::<Value>(request).await {
        Ok(_) => None,
        Err(kube::Error::Api(status)) => Some(status.message.clone()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn bad_resources_are_refused_with_a_message_that_names_the_field() {
    let client = server().await;
    let all = bad();
    assert!(all.len() >= 30, "{}", all.len());
    let mut wrong = Vec::new();
    for (spec, words) in all {
        match refusal(&client, "ring", spec.clone()).await {
            Some(said) if words.iter().all(|word| said.contains(word)) => {}
            Some(said) => wrong.push(format!("{spec}: {said}\n  without {words:?}")),
            None => wrong.push(format!("{spec}: accepted")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_name_that_no_pod_could_have_is_refused() {
    let client = server().await;
    for name in ["1ring", "ring.one", &"r".repeat(51)] {
        let said = refusal(&client, name, json!({})).await.unwrap_or_default();
        assert!(said.contains("metadata.name must be at most 50"), "{name}: {said}");
    }
    for (name, spec) in [
        ("ring", json!({})),
        (&*"r".repeat(50), json!({"replicas": 100, "interval": "24h", "timeout": "1m", "port": 65535})),
        ("ring", json!({"replicas": 0, "interval": "100ms", "timeout": "100ms"})),
        ("ring", json!({"externalPeers": [{"host": "::1", "port": 1}, {"host": "::1", "port": 2}]})),
        ("ring", json!({"resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "0.1"}}})),
    ] {
        assert_eq!(refusal(&client, name, spec.clone()).await, None, "{spec}");
    }
}
