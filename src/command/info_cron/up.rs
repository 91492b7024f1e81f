//! `info-cron up`: INFO replication, printed every minute.

use anyhow::Result;

use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::opsctl;
use crate::stack::{Stack, info_cron};

/// Puts it up, beside a redis that stands.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<()> {
    let stack = info_cron::stack();
    demand(cx, stacks, &stack).await?;
    if let Some(summary) = lifecycle::up(cx, &[stack.plan(cx)?]).await? {
        lifecycle::ready(cx, &summary, 1, "INFO replication, every minute", opsctl("info-cron logs -f"));
    }
    Ok(())
}
