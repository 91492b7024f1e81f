//! `redis …`.

pub mod clean;
pub mod cli;
pub mod down;
pub mod import;
pub mod rescue;
pub mod status;
pub mod up;
pub mod verify;

use std::process::ExitCode;

use anyhow::Result;

use super::{DryRun, EXAMPLES_FIRST};
use crate::context::Context;
use crate::stack::Stack;

/// `redis …`.
#[derive(Debug, clap::Subcommand)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl redis up
  opsctl redis import data.txt    a redis command on each line
  opsctl redis cli -- get greeting
  opsctl redis verify             writes to the master, reads it on the replica")]
pub enum Redis {
    /// Master and replica, on separate nodes
    Up,
    /// Remove both, the data too; a snapshot is saved for `undo`
    Down(super::down::Args),
    /// Roles, link and lag, endpoints
    Status,
    /// Prove that writes on the master reach the replica
    Verify(verify::Args),
    /// Load files of redis commands
    Import(import::Args),
    /// Delete all data; a snapshot is saved for `undo`
    Clean,
    /// Run redis-cli in the master's pod
    Cli(cli::Args),
}

impl Redis {
    /// What the verb does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::Up => up::DRY_RUN,
            Self::Down(_) => down::DRY_RUN,
            Self::Status => status::DRY_RUN,
            Self::Verify(_) => verify::DRY_RUN,
            Self::Import(_) => import::DRY_RUN,
            Self::Clean => clean::DRY_RUN,
            Self::Cli(_) => cli::DRY_RUN,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
        match self {
            Self::Up => up::run(cx, stacks).await?,
            Self::Down(args) => down::run(cx, stacks, args).await?,
            Self::Status => return status::run(cx).await,
            Self::Verify(args) => verify::run(cx, args).await?,
            Self::Import(args) => import::run(cx, &args).await?,
            Self::Clean => clean::run(cx).await?,
            Self::Cli(args) => return cli::run(cx, &args).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
