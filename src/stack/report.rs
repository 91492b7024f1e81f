//! What the statuses of several stacks have in common.

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use crate::context::Context;
use crate::error::Next;
use crate::k8s::diagnose;

/// A pod as far as a person cares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodLine {
    /// Its name.
    pub name: String,
    /// The node it runs on; none while it is not scheduled.
    pub node: Option<String>,
    /// Whether it is ready.
    pub ready: bool,
    /// Restarts of its containers.
    pub restarts: i32,
    /// How the life before a restart ended, such as `OOMKilled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Why it is not ready.
    pub why: Vec<String>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What.
    pub what: String,
    /// What mends it.
    pub next: Next,
}

impl PodLine {
    /// Whether the kernel ended it because it had too little memory.
    pub fn out_of_memory(&self) -> bool {
        self.ended.as_deref() == Some(OUT_OF_MEMORY)
    }
}

/// The kubelet's word for an end by the kernel.
const OUT_OF_MEMORY: &str = "OOMKilled";

/// Why a container of a pod was started again: the reason, where it says more than the exit code.
fn last_end(pod: &Pod) -> Option<String> {
    let containers = pod.status.iter().flat_map(|s| s.container_statuses.iter().flatten());
    let ends = containers.filter_map(|c| c.last_state.as_ref()?.terminated.as_ref());
    let end = ends.max_by_key(|end| end.finished_at.as_ref().map(|at| at.0))?;
    Some(match end.reason.as_deref() {
        Some(reason) if !matches!(reason, "Error" | "Completed" | "") => reason.to_owned(),
        _ => format!("it ended with {}", end.exit_code),
    })
}

/// Pods of a Deployment, oldest first.
pub async fn pods(cx: &Context, namespace: &str, deployment: &str) -> Result<Vec<PodLine>> {
    let api: Api<Pod> = Api::namespaced(cx.client().await?, namespace);
    let list = api.list(&ListParams::default()).await?;
    Ok(list
        .items
        .into_iter()
        .filter(|p| diagnose::belongs(p.metadata.name.as_deref().unwrap_or_default(), deployment))
        .map(|p| PodLine {
            ready: diagnose::is_ready(&p),
            why: if p.metadata.deletion_timestamp.is_some() {
                vec!["is ending".into()]
            } else if diagnose::is_ready(&p) {
                Vec::new()
            } else {
                diagnose::pod_reasons(&p)
            },
            restarts: p
                .status
                .iter()
                .flat_map(|s| s.container_statuses.iter().flatten())
                .map(|c| c.restart_count)
                .sum(),
            ended: last_end(&p),
            name: p.metadata.name.unwrap_or_default(),
            node: p.spec.and_then(|s| s.node_name),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reason_of_a_restart_is_that_of_the_last_one() {
        let pod = |ends: &[(&str, i32, &str)]| -> Pod {
            let of = |(reason, code, at): &(&str, i32, &str)| {
                json!({"name": "c", "image": "i", "imageID": "", "ready": true, "restartCount": 1,
                    "lastState": {"terminated": {"reason": reason, "exitCode": code, "finishedAt": at}}})
            };
            let all: Vec<_> = ends.iter().map(of).collect();
            serde_json::from_value(json!({"status": {"containerStatuses": all}})).unwrap()
        };
        let (early, late) = ("2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z");
        assert_eq!(last_end(&pod(&[("OOMKilled", 137, early)])).as_deref(), Some("OOMKilled"));
        assert_eq!(
            last_end(&pod(&[("Error", 66, late), ("OOMKilled", 137, early)])).as_deref(),
            Some("it ended with 66")
        );
        assert_eq!(last_end(&pod(&[])), None);
    }
}
