//! `election down`: whichever sample is up.

use anyhow::Result;

use crate::command::down::Args;
use crate::command::{DryRun, stack};
use crate::context::Context;
use crate::stack::{Stack, election};

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Removes it, the data too.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<()> {
    stack::down(cx, stacks, &election::stack(), Args::default()).await
}
