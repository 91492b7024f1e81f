//! `bundle …`: a minikube made from package registries.

pub mod remove;
pub mod status;

use super::DryRun::{Reads, Refuses};
use super::Verb;
use crate::bundle;
use crate::context::Context;

/// `bundle …`.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum Bundle {
    /// Build what is missing or outdated
    Build,
    /// Show the pieces
    Status,
    /// Remove it
    Remove,
}

impl Bundle {
    /// The verb, ready to run.
    pub fn verb(self, cx: &Context) -> Verb<'_> {
        match self {
            Self::Build => Refuses.verb(async { bundle::build(cx).await.map(drop) }),
            Self::Status => Reads.verb(status::run(cx)),
            Self::Remove => Refuses.verb(remove::run(cx)),
        }
    }
}
