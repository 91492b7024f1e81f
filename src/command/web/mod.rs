//! `web …`.

mod build;
pub mod scale;
pub mod status;
pub mod test;
mod up;

use super::DryRun::{Reads, Refuses, Shows};
use super::{EXAMPLES_FIRST, Verb, down, stack};
use crate::context::Context;
use crate::stack::{Stack, web};

/// `web …`.
#[derive(Debug, clap::Subcommand)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl web up                  3 nginx, and a balancer on every node
  opsctl web scale 10            7 more; undo takes them back
  opsctl web status --watch      who comes and who goes, as it happens
  opsctl web test                load it while it is scaled and killed")]
pub enum Web {
    /// A fleet of nginx behind a load balancer
    Up,
    /// Remove it
    Down,
    /// Ask every balancer and every nginx who is connected; exit 1 unless all agree
    Status(status::Args),
    /// Change the number of nginx
    Scale(scale::Args),
    /// Load it while it is scaled and its pods die; exit 1 unless every request is answered
    Test(test::Args),
    /// Build both images in Docker, for Docker alone
    Build,
}

impl Web {
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up => Shows.verb(up::run(cx, stacks)),
            Self::Down => Shows.verb(stack::down(cx, stacks, web::stack(), down::Args::default())),
            Self::Status(args) => Reads.verb(status::run(cx, args)),
            Self::Scale(args) => Shows.verb(scale::run(cx, stacks, args)),
            Self::Test(args) => Shows.verb(test::run(cx, args)),
            Self::Build => Refuses.verb(build::run(cx)),
        }
    }
}
