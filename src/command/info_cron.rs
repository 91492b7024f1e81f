//! `info-cron …`.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, LogParams, ObjectMeta};
use serde::Serialize;

use super::lifecycle;
use crate::check::{self, Needs};
use crate::cli;
use crate::context::Context;
use crate::engine::Reach;
use crate::error::Problem;
use crate::k8s::unrecorded;
use crate::stack;
use crate::stack::info_cron::{CRON_JOB, PART};
use crate::ui::Format;

const NAMESPACE: &str = stack::redis::PART;

/// One finished run.
#[derive(Clone, Debug, Serialize)]
struct Finished {
    pod: String,
    started: String,
    phase: String,
    output: String,
}

impl Finished {
    fn of(pod: Pod, output: String) -> Self {
        Self {
            pod: pod.metadata.name.unwrap_or_default(),
            started: pod.metadata.creation_timestamp.map(|t| t.0.to_string()).unwrap_or_default(),
            phase: pod.status.and_then(|s| s.phase).unwrap_or_default(),
            output,
        }
    }

    /// What it printed, for people.
    fn said(&self) -> String {
        self.output.replace('\r', "").trim_end().to_owned()
    }

    fn name(&self) -> String {
        format!("pod/{}", self.pod)
    }

    /// It alone, as one of many that come one by one.
    fn alone(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Json => serde_json::to_string(self)?,
            Format::Yaml => format!("---\n{}", serde_yaml::to_string(self)?.trim_end()),
            Format::Name => self.name(),
            Format::Table => format!("{}\n", self.said()),
            Format::Dotenv => return Err(Problem::usage("-o dotenv is for dev-vars only").into()),
        })
    }
}

/// Runs the verb.
pub async fn run(cx: &Context, verb: cli::InfoCron) -> Result<ExitCode> {
    match verb {
        cli::InfoCron::Up => up(cx).await?,
        cli::InfoCron::Down => {
            lifecycle::target_line(cx).await;
            lifecycle::down(cx, &Reach::Parts(vec![PART]), &[stack::info_cron::plan()?], false).await?;
        }
        cli::InfoCron::Logs { follow } => logs(cx, follow).await?,
        cli::InfoCron::Run => Box::pin(now(cx)).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn up(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    let findings = check::look(cx, &Needs::Redis).await;
    check::demand(cx, &findings, "opsctl info-cron up")?;
    if let Some(summary) = lifecycle::up(cx, &[stack::info_cron::plan()?]).await? {
        lifecycle::ready(cx, &summary, 1, "INFO replication, every minute", "opsctl info-cron logs -f");
    }
    Ok(())
}

/// The runs whose output can still be read, oldest first.
async fn finished(cx: &Context) -> Result<Vec<Finished>> {
    let api: Api<Pod> = Api::namespaced(cx.client().await?, NAMESPACE);
    let params = ListParams::default().labels(&format!("app.kubernetes.io/name={CRON_JOB}"));
    let mut runs = Vec::new();
    for pod in api.list(&params).await? {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let phase = pod.status.as_ref().and_then(|s| s.phase.clone()).unwrap_or_default();
        if phase != "Succeeded" && phase != "Failed" {
            continue;
        }
        // A pod that is tidied away in between has no log any more.
        let output = api.logs(&name, &LogParams::default()).await.unwrap_or_default();
        runs.push(Finished::of(pod, output));
    }
    runs.sort_by(|a, b| a.started.cmp(&b.started));
    Ok(runs)
}

async fn logs(cx: &Context, follow: bool) -> Result<()> {
    let runs = finished(cx).await?;
    if runs.is_empty() && !follow {
        let api: Api<CronJob> = Api::namespaced(cx.client().await?, NAMESPACE);
        if api.get_opt(CRON_JOB).await?.is_none() {
            return Err(Problem::failure("info-cron is not up").next("opsctl info-cron up").into());
        }
        cx.ui.note("No run has ended yet; the first comes within a minute.");
        cx.ui.next("opsctl info-cron run", None);
    }
    if !follow {
        return cx.ui.report(
            &runs,
            || runs.iter().map(Finished::said).collect::<Vec<_>>().join("\n\n"),
            || runs.iter().map(Finished::name).collect(),
        );
    }
    // No end is known, so no list of all can be closed: each run is written by itself.
    let mut shown = BTreeSet::new();
    let mut fresh = runs;
    while !cx.ui.closed() {
        for run in fresh {
            if shown.insert(run.pod.clone()) {
                cx.ui.data(run.alone(cx.ui.format())?);
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        fresh = finished(cx).await?;
    }
    Ok(())
}

/// Runs it once, now, as a Job of the `CronJob`, and prints what it said.
async fn now(cx: &Context) -> Result<()> {
    let client = cx.client().await?;
    let crons: Api<CronJob> = Api::namespaced(client.clone(), NAMESPACE);
    let Some(cron) = crons.get_opt(CRON_JOB).await? else {
        return Err(Problem::failure("info-cron is not up").next("opsctl info-cron up").into());
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
    let jobs: Api<Job> = Api::namespaced(client.clone(), NAMESPACE);
    unrecorded::create_owned_job(&client, NAMESPACE, &job).await?;
    let row = cx.ui.row(PART, &format!("job {name}"));
    let ended = kube::runtime::wait::await_condition(jobs, &name, |job: Option<&Job>| {
        let status = job.and_then(|j| j.status.as_ref());
        status.is_some_and(|s| s.succeeded.unwrap_or(0) + s.failed.unwrap_or(0) > 0)
    });
    let describe = format!("kubectl -n redis describe job/{name}");
    match tokio::time::timeout(cx.timeout, ended).await {
        Ok(ended) => drop(ended.with_context(|| format!("could not watch job {name}"))?),
        Err(_) => return Err(Problem::timeout(format!("job {name} did not end")).next(describe).into()),
    }
    row.drop_quietly();
    let pods: Api<Pod> = Api::namespaced(client, NAMESPACE);
    let list = pods.list(&ListParams::default().labels(&format!("job-name={name}"))).await?;
    let Some(pod) = list.items.into_iter().next() else {
        // Kubernetes removes the pod of a job whose time is over.
        return Err(Problem::failure(format!("job {name} ended, and its pod is gone")).next(describe).into());
    };
    let pod_name = pod.metadata.name.clone().unwrap_or_default();
    let output = pods.logs(&pod_name, &LogParams::default()).await?;
    let run = Finished::of(pod, output);
    cx.ui.report(&run, || run.said(), || vec![run.name()])?;
    if run.phase == "Failed" {
        return Err(Problem::failure("the run failed").next("opsctl redis status").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_followed_is_one_line_of_json_or_the_text_alone() {
        let run = Finished {
            pod: "redis-info-1".into(),
            started: "2026-11-20T18:32:00Z".into(),
            phase: "Succeeded".into(),
            output: "# Replication\r\nrole:master\r\n\r\n".into(),
        };
        let json = run.alone(Format::Json).unwrap();
        assert_eq!(json.lines().count(), 1, "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&read["pod"], &read["phase"]), (&"redis-info-1".into(), &"Succeeded".into()));
        assert_eq!(run.alone(Format::Table).unwrap(), "# Replication\nrole:master\n");
        assert_eq!(run.alone(Format::Name).unwrap(), "pod/redis-info-1");
        assert!(run.alone(Format::Yaml).unwrap().starts_with("---\npod: redis-info-1\n"));
    }
}
