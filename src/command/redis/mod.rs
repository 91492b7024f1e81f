//! `redis …`.

pub mod clean;
pub mod cli;
pub mod digest;
pub mod import;
mod rejects;
mod spool;
pub mod status;
pub mod up;
pub mod verify;

use super::DryRun::{Reads, Refuses, Shows};
use super::{EXAMPLES_FIRST, Verb, stack};
use crate::context::Context;
use crate::stack::{Stack, redis};

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
    /// Load data files
    Import(import::Args),
    /// One figure for all data: equal where the data is equal
    Digest(digest::Args),
    /// Delete all data; a snapshot is saved for `undo`
    Clean,
    /// Run redis-cli in the master's pod
    Cli(cli::Args),
}

impl Redis {
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up => Shows.verb(up::run(cx, stacks)),
            Self::Down(args) => Shows.verb(stack::down(cx, stacks, redis::stack(), args)),
            Self::Status => Reads.verb(status::run(cx)),
            Self::Verify(args) => Refuses.verb(verify::run(cx, args)),
            Self::Import(args) => Shows.verb(import::run(cx, args)),
            Self::Digest(args) => Reads.verb(digest::run(cx, args)),
            Self::Clean => Shows.verb(clean::run(cx)),
            Self::Cli(args) => Refuses.verb(cli::run(cx, args)),
        }
    }
}
