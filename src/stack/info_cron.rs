//! INFO replication of the master, printed every minute by a `CronJob` in the namespace of redis.

use anyhow::Result;
use k8s_openapi::api::batch::v1::CronJob;
use kube::Api;
use serde_json::json;

use super::status::{Row, Status};
use super::{Needs, Stack, manifests, redis};
use crate::context::Context;

/// The stack's name.
pub const PART: &str = "info-cron";
/// The `CronJob`'s name.
pub const CRON_JOB: &str = "redis-info";

/// The stack.
pub fn stack() -> Stack {
    Stack {
        needs: Needs { nodes: 1, after: vec![redis::PART.into()] },
        status: |_, cx| Box::pin(status(cx)),
        ..Stack::new(
            PART,
            "Print INFO replication every minute",
            manifests!("info-cron": "0-network-policy", "1-cronjob"),
        )
    }
}

async fn status(cx: &Context) -> Result<Option<Status>> {
    let api: Api<CronJob> = Api::namespaced(cx.client().await?, redis::PART);
    let Some(cron) = api.get_opt(CRON_JOB).await? else { return Ok(None) };
    let state = match cron.status.and_then(|s| s.last_successful_time) {
        Some(at) => format!("last run {}, ok", at.0.strftime("%H:%M:%S UTC")),
        None => "no run has ended yet".to_owned(),
    };
    Ok(Some(Status { report: json!(state), rows: vec![Row::new(state, "")], faults: Vec::new() }))
}
