//! Changes of a cluster that need no journal entry, each with the reason why.

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::{Map, Value, json};

use super::manifest;

/// Deletes a pod: its owner makes another one, so nothing is left to take back. Whether there was one.
pub async fn delete_pod(client: &Client, namespace: &str, name: &str) -> Result<bool> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    match pods.delete(name, &DeleteParams::default()).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Kills a pod, without a word to what runs in it: its owner makes another one.
pub async fn kill_pod(client: &Client, namespace: &str, name: &str) -> Result<()> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let at_once = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
    pods.delete(name, &at_once).await?;
    Ok(())
}

/// Changes the number of a Deployment's pods for the time of a test, which changes it back.
pub async fn scale(client: &Client, namespace: &str, deployment: &str, replicas: u16) -> Result<()> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let number = Patch::Merge(json!({"spec": {"replicas": replicas}}));
    api.patch_scale(deployment, &PatchParams::default(), &number).await?;
    Ok(())
}

/// Makes a Job that an object of opsctl's owns: it goes with its owner.
pub async fn create_owned_job(client: &Client, namespace: &str, job: &Job) -> Result<()> {
    let owners = job.metadata.owner_references.as_ref();
    anyhow::ensure!(owners.is_some_and(|o| !o.is_empty()), "a job without an owner needs a journal entry");
    let jobs: Api<Job> = Api::namespaced(client.clone(), namespace);
    match jobs.create(&PostParams::default(), job).await {
        // Asked for twice, because the first answer was lost: its name has the time in it.
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        made => Ok(made.map(drop)?),
    }
}

/// Gives a Secret of opsctl's other values: its entry stands, whose undo removes it whatever is in it. Fails if
/// somebody else changed it since it was read.
pub async fn set_values(client: &Client, live: &Value, values: &Map<String, Value>) -> Result<Value> {
    anyhow::ensure!(manifest::made_by(live).is_some(), "a Secret of somebody else's needs a journal entry");
    let place = manifest::namespace(live).unwrap_or_default();
    let secrets: Api<Secret> = Api::namespaced(client.clone(), place);
    let version = &live["metadata"]["resourceVersion"];
    let change = json!({"metadata": {"resourceVersion": version}, "stringData": values});
    let changed = secrets.patch(manifest::name(live), &PatchParams::default(), &Patch::Merge(change)).await;
    // The request's own words could be in what a client reports of it.
    let changed = changed.map_err(|error| match error {
        kube::Error::Api(status) => anyhow::anyhow!("the API server refused new values: {}", status.reason),
        _ => anyhow::anyhow!("the API server did not answer"),
    })?;
    Ok(serde_json::to_value(changed)?)
}

/// Notes on a pod what brings its kubelet to look at its Secrets at once and not within a minute. It goes with the
/// pod.
pub async fn hurry(client: &Client, namespace: &str, pod: &str, why: &str) -> Result<()> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let note = json!({"metadata": {"annotations": {"opsctl.dev/hurry": why}}});
    pods.patch(pod, &PatchParams::default(), &Patch::Merge(note)).await?;
    Ok(())
}
