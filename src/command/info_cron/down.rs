//! `info-cron down`.

use anyhow::Result;

use crate::command::{DryRun, lifecycle};
use crate::context::Context;
use crate::engine::Reach;
use crate::stack::info_cron::{PART, plan};

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Removes it.
pub async fn run(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    lifecycle::down(cx, &Reach::Parts(vec![PART]), &[plan()?], false).await
}
