//! `election …`.

pub mod drill;
pub mod status;
mod table;
pub mod up;
mod watch;

use super::DryRun::{Reads, Shows};
use super::{EXAMPLES_FIRST, Verb, down, stack};
use crate::context::Context;
use crate::stack::{Stack, election};

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
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up(args) => Shows.verb(up::run(cx, stacks, args)),
            Self::Down => Shows.verb(stack::down(cx, stacks, election::stack(), down::Args::default())),
            Self::Status(args) => Reads.verb(status::run(cx, args)),
            Self::Drill(args) => args.dry_run().verb(drill::run(cx, args)),
        }
    }
}
