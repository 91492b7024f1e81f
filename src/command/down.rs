//! `down`: everything that opsctl has standing in the cluster, and the cluster if it made it.

use anyhow::Result;

use super::lifecycle;
use crate::context::Context;
use crate::engine::Reach;
use crate::stack::{self, Stack};

/// The flags of every `down` of what holds data.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Delete data even if it could not be saved as a snapshot
    #[arg(long)]
    pub discard_data: bool,
}

/// Takes all of it down.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    everything(cx, stacks, args).await
}

/// Everything that opsctl made, in the cluster and around it.
pub async fn everything(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    let plans = stack::plans(cx, stacks)?;
    let parts = plans.iter().map(|p| p.part.clone()).chain([stack::minikube::PART.to_owned()]).collect();
    lifecycle::down(cx, &Reach::Parts(parts), &plans, args.discard_data).await
}
