//! Waiting until what was applied also holds.

use std::time::Duration;

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};

use super::diagnose;
use crate::error::Problem;
use crate::ui::Row;

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
pub async fn deployment(client: &Client, namespace: &str, name: &str, limit: Duration, row: &Row) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
