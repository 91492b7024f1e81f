//! `info-cron run`: once, now.

use anyhow::{Context as _, Result};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DynamicObject, ListParams, LogParams, ObjectMeta};

use super::NAMESPACE;
use super::finished::Finished;
use crate::context::Context;
use crate::error::{Problem, kubectl, opsctl, problem, said};
use crate::journal;
use crate::k8s::{self, kind, unrecorded, watch};
use crate::stack::info_cron::{CRON_JOB, PART};

/// Runs it once, now, as a Job of the `CronJob`, and prints what it said.
pub async fn run(cx: &Context) -> Result<()> {
    let _lock = journal::lock(&cx.paths.state, &cx.command)?;
    let client = cx.client().await?;
    let crons: Api<CronJob> = Api::namespaced(client.clone(), NAMESPACE);
    let Some(cron) = crons.get_opt(CRON_JOB).await? else {
        return Err(problem!(NotUp, "info-cron is not up").next(opsctl("info-cron up")).into());
    };
    let template = cron.spec.context("the CronJob has no spec")?.job_template;
    let mut annotations = template.metadata.clone().and_then(|m| m.annotations).unwrap_or_default();
    annotations.insert("cronjob.kubernetes.io/instantiate".into(), "manual".into());
    let name = format!("{CRON_JOB}-now-{}", jiff::Timestamp::now().as_second());
    let job = Job {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            labels: template.metadata.and_then(|m| m.labels),
            annotations: Some(annotations),
            // It goes with its CronJob, so that `down` leaves nothing.
            owner_references: Some(vec![k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference {
                api_version: "batch/v1".into(),
                kind: "CronJob".into(),
                name: CRON_JOB.into(),
                uid: cron.metadata.uid.unwrap_or_default(),
                controller: Some(true),
                block_owner_deletion: Some(true),
            }]),
            ..ObjectMeta::default()
        },
        spec: template.spec,
        ..Job::default()
    };
    let kind = kind::known("batch/v1", "Job").context("a Job is no known kind")?;
    let jobs = k8s::api(&client, &kind, Some(NAMESPACE));
    unrecorded::create_owned_job(&client, NAMESPACE, &job).await?;
    let row = cx.ui.row(PART, &format!("job {name}"));
    let number = |job: &DynamicObject, of: &str| job.data["status"][of].as_i64().unwrap_or(0);
    let ended = watch::until(&jobs, &name, |job| {
        job.is_some_and(|job| number(job, "succeeded") + number(job, "failed") > 0)
    });
    let describe = kubectl(format!("-n redis describe job/{name}"));
    if tokio::time::timeout(cx.timeout, ended).await.is_err() {
        let problem = problem!(NotReady, "job {name} did not end").next(describe);
        let away =
            jobs.get(&name).await.err().map(|e| format!("the API server is away: {}", said(&e.into())));
        return Err(away.into_iter().fold(problem, Problem::found).into());
    }
    row.drop_quietly();
    let pods: Api<Pod> = Api::namespaced(client, NAMESPACE);
    let list = pods.list(&ListParams::default().labels(&format!("job-name={name}"))).await?;
    let Some(pod) = list.items.into_iter().next() else {
        // Kubernetes removes the pod of a job whose time is over.
        return Err(problem!(Failure, "job {name} ended, and its pod is gone").next(describe).into());
    };
    let pod_name = pod.metadata.name.clone().unwrap_or_default();
    let output = pods.logs(&pod_name, &LogParams::default()).await?;
    let run = Finished::of(pod, output);
    cx.ui.report(&run, || run.said(), || vec![run.name()])?;
    if run.phase == "Failed" {
        return Err(problem!(Failure, "the run failed").next(opsctl("redis status")).into());
    }
    Ok(())
}
