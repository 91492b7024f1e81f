//! `undo`: takes back the newest run, or with `--all` everything.

use anyhow::Result;

use super::{DryRun, EXAMPLES_FIRST, lifecycle};
use crate::context::Context;
use crate::engine::Reach;
use crate::stack::{self, Stack};

/// The flags of `undo`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl undo                     shows what it takes back, and asks
  opsctl undo --dry-run           shows it only
  opsctl undo --all               all that opsctl made, the cluster too")]
pub struct Args {
    /// Everything that opsctl made here
    #[arg(long)]
    pub all: bool,
    /// Let data go that could not be kept as a snapshot
    #[arg(long)]
    pub discard_data: bool,
}

/// It shows what it would do.
pub const DRY_RUN: DryRun = DryRun::Shows;

/// Shows what goes, asks, and takes it back.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let reach = if args.all { Reach::All } else { Reach::LastRun };
    lifecycle::down(cx, &reach, &stack::plans(cx, stacks)?, args.discard_data).await
}
