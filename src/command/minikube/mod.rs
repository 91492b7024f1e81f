//! `minikube …`.

pub mod down;
pub mod status;
pub mod up;

use std::process::ExitCode;

use anyhow::Result;

use super::DryRun;
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
    /// What the verb does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::Up(_) => up::DRY_RUN,
            Self::Down(_) => down::DRY_RUN,
            Self::Status => status::DRY_RUN,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
        match self {
            Self::Up(args) => up::run(cx, &args).await?,
            Self::Down(args) => down::run(cx, stacks, args).await?,
            Self::Status => return status::run(cx).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
