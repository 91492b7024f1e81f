//! The pod that inherits next, by what its deletion costs; what somebody else had written there comes back.

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};

/// Of two pods that could inherit, the one whose deletion costs more does.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
/// What the cost was before; empty where there was none.
const FORMER: &str = "opsctl.dev/former-pod-deletion-cost";

fn note<'a>(pod: &'a Pod, name: &str) -> Option<&'a str> {
    pod.metadata.annotations.as_ref()?.get(name).map(String::as_str)
}

async fn annotate(pods: &Api<Pod>, name: &str, annotations: Value) -> Result<()> {
    let patch = Patch::Merge(json!({"metadata": {"annotations": annotations}}));
    match pods.patch(name, &PatchParams::default(), &patch).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        Err(error) => Err(error).with_context(|| format!("could not annotate pod {name}")),
    }
}

/// Makes a pod the one that inherits; [`take_back`] ends that.
pub async fn prefer(pods: &Api<Pod>, name: &str) -> Result<()> {
    let Some(pod) = pods.get_opt(name).await? else { return Ok(()) };
    let former = note(&pod, FORMER).or_else(|| note(&pod, COST)).unwrap_or_default();
    annotate(pods, name, json!({COST: "1000", FORMER: former})).await
}

/// Gives every preferred pod the cost that it had, also what a drill that was cut off has left; their names.
pub async fn take_back(pods: &Api<Pod>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for pod in pods.list(&ListParams::default()).await? {
        let (Some(name), Some(former)) = (&pod.metadata.name, note(&pod, FORMER)) else { continue };
        let former = Some(former).filter(|cost| !cost.is_empty());
        annotate(pods, name, json!({COST: former, FORMER: null})).await?;
        names.push(name.clone());
    }
    Ok(names)
}
