//! `info-cron logs`: the output of past runs.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, LogParams};

use super::NAMESPACE;
use super::finished::Finished;
use crate::context::Context;
use crate::error::{opsctl, problem};
use crate::k8s::has_ended;
use crate::stack::info_cron::CRON_JOB;

/// The flags of `info-cron logs`.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Args {
    /// Follow: print each new run as it ends
    #[arg(short, long)]
    pub follow: bool,
}

/// Shows it, oldest first; with `--follow` until the reader goes.
pub async fn run(cx: &Context, Args { follow }: Args) -> Result<()> {
    let runs = finished(cx).await?;
    if runs.is_empty() && !follow {
        let api: Api<CronJob> = Api::namespaced(cx.client().await?, NAMESPACE);
        if api.get_opt(CRON_JOB).await?.is_none() {
            return Err(problem!(NotUp, "info-cron is not up").next(opsctl("info-cron up")).into());
        }
        cx.ui.note("No run has ended yet; the first comes within a minute.");
        cx.ui.next(opsctl("info-cron run"), None);
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

/// The runs whose output can still be read, oldest first.
async fn finished(cx: &Context) -> Result<Vec<Finished>> {
    let api: Api<Pod> = Api::namespaced(cx.client().await?, NAMESPACE);
    let params = ListParams::default().labels(&format!("app.kubernetes.io/name={CRON_JOB}"));
    let mut runs = Vec::new();
    for pod in api.list(&params).await? {
        if !has_ended(&pod) {
            continue;
        }
        let name = pod.metadata.name.clone().unwrap_or_default();
        // A pod that is tidied away in between has no log any more.
        let output = api.logs(&name, &LogParams::default()).await.unwrap_or_default();
        runs.push(Finished::of(pod, output));
    }
    runs.sort_by(|a, b| a.started.cmp(&b.started));
    Ok(runs)
}
