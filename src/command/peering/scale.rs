//! `peering scale`: another number of peers.

use anyhow::Result;

use super::up::change;
use crate::command::stack::demand;
use crate::context::Context;
use crate::stack::Stack;
use crate::stack::peering::{Asked, stack, status};

/// What `peering scale` takes.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Args {
    /// Number of peers
    #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub replicas: u16,
}

/// Changes their number; all else stays.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    demand(cx, stacks, &stack()).await?;
    if status::standing(&cx.client().await?).await?.is_none() {
        return Err(status::not_up().into());
    }
    change(cx, &Asked { replicas: Some(args.replicas), interval: None }).await
}
