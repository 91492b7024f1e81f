//! `snapshots …`: the data kept by clean, down and import.

pub mod list;
pub mod prune;
pub mod restore;

use anyhow::Result;

use super::DryRun;
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
    /// What the verb does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::List => list::DRY_RUN,
            Self::Restore(_) => restore::DRY_RUN,
            Self::Prune => prune::DRY_RUN,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context) -> Result<()> {
        match self {
            Self::List => list::run(cx),
            Self::Restore(args) => restore::run(cx, &args).await,
            Self::Prune => prune::run(cx),
        }
    }
}

fn names(snapshots: &[Snapshot]) -> Vec<String> {
    snapshots.iter().map(|s| s.path.display().to_string()).collect()
}
