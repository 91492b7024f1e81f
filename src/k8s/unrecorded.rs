//! Changes of a cluster that need no journal entry, each with the reason why.

use anyhow::Result;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};

/// Deletes a pod: its owner makes another one, so nothing is left to take back. Whether there was one.
pub async fn delete_pod(client: &Client, namespace: &str, name: &str) -> Result<bool> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    match pods.delete(name, &DeleteParams::default()).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Makes a Job that an object of opsctl's owns: it goes with its owner.
pub async fn create_owned_job(client: &Client, namespace: &str, job: &Job) -> Result<()> {
    let owners = job.metadata.owner_references.as_ref();
    anyhow::ensure!(owners.is_some_and(|o| !o.is_empty()), "a job without an owner needs a journal entry");
    let jobs: Api<Job> = Api::namespaced(client.clone(), namespace);
    jobs.create(&PostParams::default(), job).await?;
    Ok(())
}
