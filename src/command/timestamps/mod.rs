//! `timestamps …`.

pub mod rotate;
pub mod smoke;
pub mod up;

use super::DryRun::{Refuses, Shows};
use super::{EXAMPLES_FIRST, Verb, down, stack};
use crate::context::Context;
use crate::stack::{Stack, timestamps};

/// `timestamps …`.
#[derive(Debug, clap::Subcommand)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl timestamps up
  eval \"$(opsctl dev-vars)\"
  curl -X PUT \"$TIMESTAMPS_URL/timestamps/deployed\"
  opsctl timestamps smoke            sets, reads and resets a timestamp of its own
  opsctl timestamps rotate           new passwords, while it serves")]
pub enum Timestamps {
    /// The API, with a redis on a volume
    Up(up::Args),
    /// Remove both, the data too; no snapshot is kept
    Down,
    /// Its state, environment and address
    Status,
    /// New passwords of redis, without a restart or a failed request
    Rotate,
    /// Test a running API; exit 1 if an answer is not as it should be
    Smoke(smoke::Args),
}

impl Timestamps {
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up(args) => Shows.verb(up::run(cx, stacks, args)),
            Self::Down => Shows.verb(stack::down(cx, stacks, timestamps::stack(), down::Args::default())),
            Self::Status => stack::Verb::Status.verb(cx, stacks, timestamps::stack()),
            Self::Rotate => Refuses.verb(rotate::run(cx)),
            Self::Smoke(args) => Refuses.verb(smoke::run(cx, args)),
        }
    }
}
