//! INFO replication of the master, printed every minute by a `CronJob`.

use anyhow::Result;

use crate::engine::{Place, Plan};

/// The part's name.
pub const PART: &str = "info-cron";
/// The `CronJob`'s name.
pub const CRON_JOB: &str = "redis-info";

/// The plan: one `CronJob` in the namespace of the redis stack.
pub fn plan() -> Result<Plan> {
    let objects = super::documents(&[
        include_str!("../../manifests/info-cron/0-network-policy.yaml"),
        include_str!("../../manifests/info-cron/1-cronjob.yaml"),
    ])?;
    Ok(Plan {
        part: PART,
        place: Place::Cluster,
        waves: super::waves(PART, Vec::new(), objects),
        proof: None,
    })
}
