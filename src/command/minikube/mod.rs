//! `minikube …`.

pub mod down;
pub mod status;
pub mod up;

use super::DryRun::{Reads, Shows};
use super::Verb;
use crate::context::Context;
use crate::stack::Stack;

/// `minikube …`.
#[derive(Debug, clap::Subcommand)]
pub enum Minikube {
    /// Start or repair the cluster
    Up(up::Args),
    /// Delete the cluster; the kubeconfig's former context becomes current again
    Down(super::down::Args),
    /// Show the nodes
    Status,
}

impl Minikube {
    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Up(args) => Shows.verb(up::run(cx, args)),
            Self::Down(args) => Shows.verb(down::run(cx, stacks, args)),
            Self::Status => Reads.verb(status::run(cx)),
        }
    }
}
