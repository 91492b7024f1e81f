//! `bundle …`: a minikube made from package registries.

pub mod build;
pub mod remove;
pub mod status;

use anyhow::Result;

use super::DryRun;
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
    /// What the verb does under `--dry-run`.
    pub fn dry_run(self) -> DryRun {
        match self {
            Self::Build => build::DRY_RUN,
            Self::Status => status::DRY_RUN,
            Self::Remove => remove::DRY_RUN,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context) -> Result<()> {
        match self {
            Self::Build => build::run(cx).await,
            Self::Status => status::run(cx).await,
            Self::Remove => remove::run(cx).await,
        }
    }
}
