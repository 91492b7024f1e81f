//! Why something is not ready: the pod's own words, its newest event, its last log lines.

use anyhow::Result;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::{ListParams, LogParams};
use kube::{Api, Client};
use serde_json::Value;

use super::manifest;

/// Whether an object runs pods that it selects by labels.
pub fn has_pods(object: &Value) -> bool {
    matches!(manifest::kind(object), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job")
}

/// The reasons why the pods of a live object are not ready, most telling first; empty when all are.
pub async fn waiting(client: &Client, object: &Value) -> Result<Vec<String>> {
    let (Some(namespace), Some(labels)) =
        (manifest::namespace(object), object["spec"]["selector"]["matchLabels"].as_object())
    else {
        return Ok(Vec::new());
    };
    let selector = labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    let selector = selector.collect::<Vec<_>>().join(",");
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let mut reasons = Vec::new();
    for pod in pods.list(&ListParams::default().labels(&selector)).await? {
        let name = pod.metadata.name.clone().unwrap_or_default();
        if is_ready(&pod) || has_completed(&pod) {
            continue;
        }
        let mut found = pod_reasons(&pod);
        if found.is_empty()
            && let Some(event) = newest_event(client, namespace, &name).await
        {
            found.push(event);
        }
        reasons.extend(found.into_iter().map(|r| format!("{name}: {r}")));
        if has_run(&pod) {
            let params = LogParams { tail_lines: Some(3), ..LogParams::default() };
            if let Ok(text) = pods.logs(&name, &params).await {
                reasons.extend(text.lines().map(|l| format!("{name} log: {l}")));
            }
        }
    }
    Ok(reasons)
}

/// Whether a pod has ended well, as a Job's does.
fn has_completed(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Succeeded")
}

/// Whether a pod's name is that of a Deployment's pod: `<deployment>-<hash>-<suffix>`.
pub fn belongs(pod: &str, deployment: &str) -> bool {
    pod.strip_prefix(deployment)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| rest.split('-').count() == 2)
}

/// Whether a pod is ready and not on its way out.
pub fn is_ready(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none()
        && pod
            .status
            .as_ref()
            .and_then(|s| s.conditions.as_ref())
            .is_some_and(|c| c.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}

fn has_run(pod: &Pod) -> bool {
    let statuses = pod.status.as_ref().and_then(|s| s.container_statuses.as_ref());
    statuses.is_some_and(|all| all.iter().any(|c| c.restart_count > 0 || c.started == Some(true)))
}

/// What a pod's status says of why it is not ready.
pub fn pod_reasons(pod: &Pod) -> Vec<String> {
    let Some(status) = &pod.status else { return Vec::new() };
    let mut reasons = Vec::new();
    for condition in status.conditions.iter().flatten() {
        if condition.type_ == "PodScheduled" && condition.status == "False" {
            reasons.push(format!("not scheduled: {}", condition.message.clone().unwrap_or_default()));
        }
    }
    for container in status.container_statuses.iter().flatten() {
        let Some(state) = &container.state else { continue };
        if let Some(waiting) = &state.waiting {
            let reason = waiting.reason.clone().unwrap_or_default();
            let message = waiting.message.clone().unwrap_or_default();
            reasons.push(format!("{reason} {message}").trim().to_owned());
        } else if let Some(end) = &state.terminated {
            reasons.push(format!("ended with {}: {}", end.exit_code, end.reason.clone().unwrap_or_default()));
        }
        // Its own words, of this run or of the one before.
        let mut ends = [Some(state), container.last_state.as_ref()].into_iter().flatten();
        let said = ends.find_map(|s| s.terminated.as_ref()?.message.as_deref());
        reasons.extend(said.and_then(|text| text.lines().next()).map(str::to_owned));
    }
    reasons
}

async fn newest_event(client: &Client, namespace: &str, pod: &str) -> Option<String> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let params = ListParams::default().fields(&format!("involvedObject.name={pod}"));
    let list = events.list(&params).await.ok()?;
    let newest = list.into_iter().max_by_key(|e| e.last_timestamp.clone().map(|t| t.0))?;
    Some(format!("{}: {}", newest.reason.unwrap_or_default(), newest.message.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_that_refuses_to_start_is_quoted_also_while_it_waits_for_its_next_try() {
        let ended =
            json!({"terminated": {"exitCode": 66, "reason": "Error", "message": "refused: no\nand more\n"}});
        let waits = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        for (state, last) in [(ended.clone(), json!({})), (waits, ended)] {
            let status = json!({"name": "c", "image": "", "imageID": "", "ready": false, "restartCount": 1,
                "state": state, "lastState": last});
            let pod = json!({"metadata": {}, "status": {"containerStatuses": [status]}});
            let reasons = pod_reasons(&serde_json::from_value(pod).unwrap());
            assert_eq!((reasons.len(), reasons[1].as_str()), (2, "refused: no"), "{reasons:?}");
        }
    }

    #[test]
    fn a_deployments_pods_are_told_from_those_of_one_with_a_longer_name() {
        assert!(belongs("redis-6f7c9d-abcde", "redis"));
        assert!(!belongs("redis-replica-6f7c9d-abcde", "redis"));
        assert!(belongs("redis-replica-6f7c9d-abcde", "redis-replica"));
    }
}
