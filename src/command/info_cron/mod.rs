//! `info-cron …`.

pub mod down;
mod finished;
pub mod logs;
pub mod run;
pub mod up;

use std::process::ExitCode;

use anyhow::Result;

use super::{DryRun, EXAMPLES_FIRST};
use crate::context::Context;
use crate::stack::{self, Stack};

/// The namespace in which it runs.
const NAMESPACE: &str = stack::redis::PART;

/// `info-cron`, alone or with a verb.
#[derive(clap::Args, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl info-cron                the same as `opsctl info-cron up`
  opsctl info-cron run            once, now
  opsctl info-cron logs -f        what each run printed")]
pub struct Args {
    /// What to do; nothing means `up`.
    #[command(subcommand)]
    pub verb: Option<InfoCron>,
}

/// `info-cron …`.
#[derive(Clone, Copy, Debug, Default, clap::Subcommand)]
pub enum InfoCron {
    /// Print INFO replication every minute, in the cluster
    #[default]
    Up,
    /// Remove it
    Down,
    /// Show the output of past runs
    Logs(logs::Args),
    /// Run it once, now
    Run,
}

impl Args {
    /// What the verb does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self.verb.unwrap_or_default() {
            InfoCron::Up => up::DRY_RUN,
            InfoCron::Down => down::DRY_RUN,
            InfoCron::Logs(_) => logs::DRY_RUN,
            InfoCron::Run => run::DRY_RUN,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
        match self.verb.unwrap_or_default() {
            InfoCron::Up => up::run(cx, stacks).await?,
            InfoCron::Down => down::run(cx, stacks).await?,
            InfoCron::Logs(args) => logs::run(cx, args).await?,
            InfoCron::Run => Box::pin(run::run(cx)).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
