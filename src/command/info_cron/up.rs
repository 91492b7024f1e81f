//! `info-cron up`: INFO replication, printed every minute.

use anyhow::Result;

use crate::check::{self, Needs};
use crate::command::{DryRun, lifecycle};
use crate::context::Context;
use crate::error::opsctl;
use crate::stack;

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Puts it up, beside a redis that stands.
pub async fn run(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    let findings = check::look(cx, &Needs::Redis).await;
    check::demand(cx, &findings, opsctl("info-cron up"))?;
    if let Some(summary) = lifecycle::up(cx, &[stack::info_cron::plan()?]).await? {
        lifecycle::ready(cx, &summary, 1, "INFO replication, every minute", opsctl("info-cron logs -f"));
    }
    Ok(())
}
