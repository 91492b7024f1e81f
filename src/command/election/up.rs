//! `election up`: N identical pods, and a master that all of them agree on.

use anyhow::Result;

use super::status::listed;
use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::opsctl;
use crate::stack::Stack;
use crate::stack::election::{Asked, Sample, Wish, plan, stack, status};

/// The flags of `election up`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Number of pods [default: the present number, else 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub replicas: Option<u16>,
    /// What they run: redis (default) or web, a page that names the master
    #[arg(long, value_enum, value_name = "SAMPLE", hide_possible_values = true)]
    pub sample: Option<Sample>,
    /// Replicas that must have a write before it counts [default: half of the pods]
    #[arg(long, value_name = "K")]
    pub confirmations: Option<u16>,
}

impl Args {
    /// What that asks for.
    pub fn asked(&self) -> Asked {
        Asked { sample: self.sample, replicas: self.replicas, confirmations: self.confirmations }
    }
}

/// Puts them up, or changes their number.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    demand(cx, stacks, &stack()).await?;
    let wish = Wish::of(&args.asked(), status::standing(&cx.client().await?).await?)?;
    let pods = lifecycle::plural(usize::from(wish.replicas), "pod");
    cx.ui.note(format!("{pods} of {}: {}", wish.sample.name(), wish.promise()));
    if let Some(summary) = lifecycle::up(cx, &[plan(cx, &wish)?]).await? {
        let endpoints = listed(&status::endpoints(cx, &wish)?);
        lifecycle::ready(cx, &summary, 1, &format!("\n{endpoints}"), opsctl("election status --watch"));
    }
    Ok(())
}
