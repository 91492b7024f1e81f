//! Waiting until what was applied also holds.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::runtime::wait::await_condition;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::{apply, diagnose, manifest};
use crate::error::Problem;
use crate::ui::Row;

/// How long the controller of volumes is waited for; it takes milliseconds.
const VOLUME: Duration = Duration::from_secs(3);
/// A claim that is not bound for so long is shown to the controller again.
const NUDGE: Duration = Duration::from_millis(700);
/// What a claim bears for a moment, so that the controller sees it changed.
const NUDGED: &str = "opsctl.dev/nudged";

/// Whether a Deployment's newest generation is rolled out whole and available.
///
/// kube's own condition ignores `observedGeneration`, and so can pass right after an apply.
pub fn rolled_out(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let wanted = deployment.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
    status.observed_generation >= deployment.metadata.generation
        && status.updated_replicas.unwrap_or(0) == wanted
        && status.replicas.unwrap_or(0) == wanted
        && status.available_replicas.unwrap_or(0) == wanted
}

/// Waits until a Deployment is rolled out; on the way the row shows why it is not yet.
pub async fn deployment(
    client: &Client,
    namespace: &str,
    name: &str,
    limit: Duration,
    row: &Row,
) -> Result<()> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let rolled = async {
        let mut states = watcher(api, config).default_backoff().applied_objects().boxed();
        while let Some(state) = states.try_next().await? {
            if rolled_out(&state) {
                return Ok(());
            }
        }
        anyhow::bail!("the watch of deployment {name} ended")
    };
    let reasons = async {
        let mut said = String::new();
        loop {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            if let Ok(why) = diagnose::waiting(client, namespace, name).await
                && let Some(first) = why.first()
                && *first != said
            {
                first.clone_into(&mut said);
                row.doing(format!("{name}: {first}"));
            }
        }
    };
    tokio::select! {
        end = rolled => end,
        () = reasons => Ok(()),
        () = tokio::time::sleep(limit) => {
            let why = diagnose::waiting(client, namespace, name).await.unwrap_or_default();
            Err(Problem::timeout(format!("deployment {namespace}/{name} was not ready within {} s", limit.as_secs()))
                .found(why.join("\n"))
                .next(format!("kubectl -n {namespace} describe deploy/{name}"))
                .next(format!("kubectl -n {namespace} logs deploy/{name} --all-containers"))
                .into())
        }
    }
}

/// Waits, for seconds at most, until a volume can be claimed and until a claim that only takes a volume made
/// for it is bound.
///
/// A claim that the controller sees before its volume is looked at again only after up to 15 s, unless it
/// changes; and a pod that the scheduler sees before its claim is bound after a second or more. Where nobody
/// binds, there is nothing to wait for: the pods tell what is wrong.
pub async fn volume(client: &Client, object: &Value) -> Result<()> {
    let wanted: &[&str] = match manifest::kind(object) {
        "PersistentVolume" => &["Available", "Bound"],
        "PersistentVolumeClaim" if object["spec"]["storageClassName"] == "" => &["Bound"],
        _ => return Ok(()),
    };
    let is_so = |live: Option<&DynamicObject>| {
        live.and_then(|o| o.data["status"]["phase"].as_str()).is_some_and(|phase| wanted.contains(&phase))
    };
    let api = apply::api_of(client, object)?;
    let mut wait = std::pin::pin!(await_condition(api.clone(), manifest::name(object), is_so));
    let began = Instant::now();
    loop {
        if let Ok(end) = tokio::time::timeout(NUDGE, &mut wait).await {
            return end.map(drop).with_context(|| format!("could not watch {}", manifest::title(object)));
        }
        if began.elapsed() >= VOLUME {
            return Ok(());
        }
        if manifest::kind(object) == "PersistentVolumeClaim" {
            nudge(&api, manifest::name(object)).await;
        }
    }
}

/// Changes an object, and changes it back. Where that is refused, nothing is lost but time.
async fn nudge(api: &Api<DynamicObject>, name: &str) {
    for value in [json!("yes"), Value::Null] {
        let patch = Patch::Merge(json!({"metadata": {"annotations": {NUDGED: value}}}));
        let _ = api.patch(name, &PatchParams::default(), &patch).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_status(observed: i64, updated: i32, all: i32, available: i32) -> Deployment {
        serde_json::from_value(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "d", "generation": 2},
            "spec": {"replicas": 1, "selector": {}, "template": {}},
            "status": {"observedGeneration": observed, "updatedReplicas": updated, "replicas": all, "availableReplicas": available},
        }))
        .unwrap()
    }

    #[test]
    fn a_rollout_of_an_older_generation_does_not_count() {
        assert!(rolled_out(&with_status(2, 1, 1, 1)));
        assert!(!rolled_out(&with_status(1, 1, 1, 1)));
    }

    #[test]
    fn neither_a_surplus_nor_an_unavailable_pod_counts() {
        assert!(!rolled_out(&with_status(2, 1, 2, 1)));
        assert!(!rolled_out(&with_status(2, 1, 1, 0)));
    }
}
