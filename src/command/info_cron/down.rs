//! `info-cron down`: no more INFO replication.

use anyhow::Result;

use crate::command::down::Args;
use crate::command::{DryRun, stack};
use crate::context::Context;
use crate::stack::{Stack, info_cron};

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Removes it.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<()> {
    stack::down(cx, stacks, &info_cron::stack(), Args::default()).await
}
