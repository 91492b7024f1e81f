//! `election …`.

pub mod down;
pub mod drill;
pub mod status;
mod table;
pub mod up;
mod watch;

use std::process::ExitCode;

use anyhow::Result;

use super::{DryRun, EXAMPLES_FIRST};
use crate::context::Context;
use crate::stack::Stack;

/// `election …`.
#[derive(Debug, clap::Subcommand)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl election up --replicas 10
  opsctl election up --sample web    no redis: a page that names the master
  opsctl election status --watch     each change, as it happens
  opsctl election drill              break the master on purpose, and measure")]
pub enum Election {
    /// N identical pods, and a master that all of them agree on
    Up(up::Args),
    /// Remove them, the data too; no snapshot is kept
    Down,
    /// Ask every pod who the master is; exit 1 unless all agree
    Status(status::Args),
    /// Break the master while clients write, and measure the effect
    Drill(drill::Args),
}

impl Election {
    /// What the verb does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::Up(_) => up::DRY_RUN,
            Self::Down => down::DRY_RUN,
            Self::Status(_) => status::DRY_RUN,
            Self::Drill(args) => args.dry_run(),
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
        match self {
            Self::Up(args) => up::run(cx, stacks, &args).await?,
            Self::Down => down::run(cx, stacks).await?,
            Self::Status(args) => return status::run(cx, args).await,
            Self::Drill(args) => return Box::pin(drill::run(cx, &args)).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
