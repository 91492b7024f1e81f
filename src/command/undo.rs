//! `undo`: takes back the newest run, or with `--all` everything.

use anyhow::Result;

use super::{EXAMPLES_FIRST, lifecycle};
use crate::context::Context;
use crate::engine::Reach;
use crate::stack::{self, Stack};

/// The flags of `undo`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl undo                     shows what it would undo, and asks
  opsctl undo --dry-run           only shows it
  opsctl undo --all               all that opsctl created, the cluster too")]
pub struct Args {
    /// Undo everything that opsctl created here
    #[arg(long)]
    pub all: bool,
    /// Delete data even if it could not be saved as a snapshot
    #[arg(long)]
    pub discard_data: bool,
}

/// Shows what goes, asks, and takes it back.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let reach = if args.all { Reach::All } else { Reach::LastRun };
    lifecycle::down(cx, &reach, &stack::plans(cx, stacks)?, args.discard_data).await
}
