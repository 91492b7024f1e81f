//! `snapshots …`: the data kept by clean, down and import.

pub mod list;
pub mod prune;
pub mod restore;

use super::DryRun::{Reads, Refuses, Shows};
use super::Verb;
use crate::context::Context;
use crate::redis::snapshot::Snapshot;

/// `snapshots …`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Snapshots {
    /// List them
    List,
    /// Replace the master's data with a snapshot; the old data is saved
    Restore(restore::Args),
    /// Keep the 5 newest, at most 2 GB
    Prune,
}

impl Snapshots {
    /// The verb, ready to run.
    pub fn verb(self, cx: &Context) -> Verb<'_> {
        match self {
            Self::List => Reads.verb(async { list::run(cx) }),
            Self::Restore(args) => Shows.verb(restore::run(cx, args)),
            Self::Prune => Refuses.verb(async { prune::run(cx) }),
        }
    }
}

fn name(snapshot: &Snapshot) -> String {
    snapshot.path.display().to_string()
}
