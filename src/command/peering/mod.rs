//! `peering …`.

mod scale;
mod status;
mod table;
mod up;
mod watch;

use super::DryRun::{Reads, Shows};
use super::{EXAMPLES_FIRST, Verb, down, stack};
use crate::context::Context;
use crate::stack::{Stack, peering};

/// `peering …`.
#[derive(Debug, clap::Subcommand)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl peering up                  five peers, and the operator that makes them
  opsctl peering scale 8             three more; the others are told, not restarted
  opsctl peering up --interval 2s    call more often; likewise
  opsctl peering status --watch      who has a pong of whom, as it changes")]
pub enum Peering {
    /// The definition, its operator, and a sample of peers
    Up(up::Args),
    /// Another number of peers
    Scale(scale::Args),
    /// Remove all of it
    Down,
    /// Ask every peer whom it has a pong of; exit 1 unless of all
    Status(status::Args),
}

impl Peering {
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up(args) => Shows.verb(up::run(cx, stacks, args)),
            Self::Scale(args) => Shows.verb(scale::run(cx, stacks, args)),
            Self::Down => Shows.verb(stack::down(cx, stacks, peering::stack(), down::Args::default())),
            Self::Status(args) => Reads.verb(status::run(cx, args)),
        }
    }
}
