//! `info-cron …`.

mod finished;
pub mod logs;
pub mod run;
pub mod up;

use super::DryRun::{Reads, Refuses, Shows};
use super::{EXAMPLES_FIRST, Verb, down, stack};
use crate::context::Context;
use crate::stack::{Stack, info_cron, redis};

/// The namespace in which it runs.
const NAMESPACE: &str = redis::PART;

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
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self.verb.unwrap_or_default() {
            InfoCron::Up => Shows.verb(up::run(cx, stacks)),
            InfoCron::Down => Shows.verb(stack::down(cx, stacks, info_cron::stack(), down::Args::default())),
            InfoCron::Logs(args) => Reads.verb(logs::run(cx, args)),
            InfoCron::Run => Refuses.verb(run::run(cx)),
        }
    }
}
