//! A stand-in for the controller of `StatefulSets` and for the peers: pods that are ready at once, and answer
//! `GET /ping` with the generation of the `ConfigMap`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use opsctl::peering::{Config, KEY};
use serde_json::json;

/// The stand-in of one namespace.
pub struct Pods {
    /// Where all its peers listen.
    pub port: u16,
    /// The generation that its peers say instead of the newest one, unless it is negative.
    pub stale: Arc<AtomicI64>,
}

impl Pods {
    /// Begins; ends with the runtime of the test.
    pub async fn start(client: Client, namespace: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stale = Arc::new(AtomicI64::new(-1));
        let (maps, says) = (Api::<ConfigMap>::namespaced(client.clone(), namespace), stale.clone());
        let ping = move || {
            let (maps, says) = (maps.clone(), says.clone());
            async move {
                let map = maps.get("ring").await.ok();
                let text = map.and_then(|map| map.data?.get(KEY).cloned()).unwrap_or_default();
                let newest = Config::parse(&text).map_or(-1, |config| config.generation);
                let stale = says.load(Ordering::Relaxed);
                let generation = if stale < 0 { newest } else { stale };
                ([("peer-generation", generation.to_string())], "pong\n")
            }
        };
        let app = Router::new().route("/ping", get(ping));
        tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        let namespace = namespace.to_owned();
        tokio::spawn(async move {
            loop {
                follow(&client, &namespace).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { port, stale }
    }
}

/// Makes the pods that the one set wants. What is refused is tried again.
async fn follow(client: &Client, namespace: &str) {
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let Ok(Some(set)) = sets.get_opt("ring").await else { return };
    if set.metadata.deletion_timestamp.is_some() {
        return;
    }
    let spec = set.spec.clone().unwrap();
    let wanted = spec.replicas.unwrap_or(1);
    let Ok(list) = pods.list(&ListParams::default()).await else { return };
    for i in 0..wanted {
        let name = format!("ring-{i}");
        if list.iter().any(|pod| pod.name_any() == name) {
            continue;
        }
        let mut pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": name, "labels": spec.template.metadata.as_ref().unwrap().labels,
                "ownerReferences": [set.controller_owner_ref(&())]},
            "spec": spec.template.spec,
        }))
        .unwrap();
        // No node runs them, so nobody would end them gracefully.
        pod.spec.as_mut().unwrap().termination_grace_period_seconds = Some(0);
        let _ = pods.create(&PostParams::default(), &pod).await;
        let ready = json!({"status": {"phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}]}});
        let _ = pods.patch_status(&name, &PatchParams::default(), &Patch::Merge(ready)).await;
    }
    for pod in &list {
        let ordinal = pod.name_any().rsplit_once('-').and_then(|(_, n)| n.parse::<i32>().ok());
        if ordinal.is_none_or(|ordinal| ordinal >= wanted) {
            let _ = pods.delete(&pod.name_any(), &DeleteParams::default()).await;
        }
    }
    let status = json!({"observedGeneration": set.metadata.generation, "replicas": wanted, "readyReplicas": wanted,
        "availableReplicas": wanted, "updatedReplicas": wanted, "currentReplicas": wanted,
        "currentRevision": "one", "updateRevision": "one", "collisionCount": 0});
    let live = serde_json::to_value(set.status.unwrap_or_default()).unwrap();
    let differs = status.as_object().unwrap().iter().any(|(key, value)| {
        let is_nothing = value == &json!(0) && live.get(key).is_none();
        live.get(key) != Some(value) && !is_nothing
    });
    if differs {
        let patch = Patch::Merge(json!({"status": status}));
        let _ = sets.patch_status("ring", &PatchParams::default(), &patch).await;
    }
}
