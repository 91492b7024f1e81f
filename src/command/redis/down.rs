//! `redis down`: master and replica, with what depends on them.

use anyhow::Result;

use crate::command::down::Args;
use crate::command::{DryRun, stack};
use crate::context::Context;
use crate::stack::{Stack, redis};

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Removes them, the data too.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    stack::down(cx, stacks, &redis::stack(), args).await
}
