//! `redis down`: master and replica, with what leans on them.

use anyhow::Result;

use crate::command::down::Args;
use crate::command::{DryRun, lifecycle};
use crate::context::Context;
use crate::engine::Reach;
use crate::stack;

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Removes them, the data too.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let plans = [stack::redis::plan(cx)?, stack::info_cron::plan()?];
    let reach = Reach::Parts(vec![stack::redis::PART, stack::info_cron::PART]);
    lifecycle::down(cx, &reach, &plans, args.discard_data).await
}
