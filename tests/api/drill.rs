//! What a drill changes in the cluster, and gives back.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::PostParams;
use opsctl::drill::preference;
use serde_json::{Value, json};

use crate::world::World;

const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

async fn annotations(pods: &Api<Pod>, name: &str) -> Value {
    json!(pods.get(name).await.unwrap().metadata.annotations.unwrap_or_default())
}

#[tokio::test]
async fn a_preferred_pod_gets_back_what_its_deletion_cost_however_often_it_was_preferred() {
    let w = World::new("preference", 31790);
    w.foreign_namespace(&w.ns).await;
    let pods: Api<Pod> = Api::namespaced(w.client().await, &w.ns);
    for (name, notes) in
        [("bare", json!({"mine": "1"})), ("dear", json!({COST: "7"})), ("other", json!({COST: "8"}))]
    {
        let pod = json!({"metadata": {"name": name, "annotations": notes},
            "spec": {"automountServiceAccountToken": false, "containers": [{"name": "c", "image": "i:1"}]}});
        pods.create(&PostParams::default(), &serde_json::from_value(pod).unwrap()).await.unwrap();
    }
    for name in ["bare", "dear", "dear", "gone"] {
        preference::prefer(&pods, name).await.unwrap();
    }
    assert_eq!(annotations(&pods, "dear").await[COST], "1000");
    assert_eq!(annotations(&pods, "other").await, json!({COST: "8"}));
    assert_eq!(preference::take_back(&pods).await.unwrap(), ["bare", "dear"]);
    assert_eq!(annotations(&pods, "bare").await, json!({"mine": "1"}));
    assert_eq!(annotations(&pods, "dear").await, json!({COST: "7"}));
    assert_eq!(preference::take_back(&pods).await.unwrap(), Vec::<String>::new());
}
