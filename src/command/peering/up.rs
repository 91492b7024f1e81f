//! `peering up`: the definition, its operator, and a sample of peers.

use anyhow::Result;

use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::opsctl;
use crate::peering::time;
use crate::stack::Stack;
use crate::stack::peering::{Asked, plan, stack, status};
use crate::stack::status::endpoints;

/// The flags of `peering up`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Args {
    /// Number of peers [default: the present number, else 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub replicas: Option<u16>,
    /// Time from one call of a peer to the next [default: the present one, else 10s]
    #[arg(long, value_name = "TIME", value_parser = interval)]
    pub interval: Option<String>,
}

fn interval(text: &str) -> Result<String, String> {
    time::within("interval", text, time::INTERVAL).map(|_| text.to_owned())
}

/// Puts them up, or changes what was asked for; what is not said stays.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    demand(cx, stacks, &stack()).await?;
    change(cx, &Asked { replicas: args.replicas, interval: args.interval }).await
}

/// Makes the sample what was asked for, and says where it is.
pub async fn change(cx: &Context, asked: &Asked) -> Result<()> {
    let live = status::live(&cx.client().await?).await?;
    if let Some(summary) = lifecycle::up(cx, &[plan(cx, asked, live.as_ref())?]).await? {
        let reached = endpoints(&stack(), cx);
        let reached: Vec<_> = reached.iter().map(|(about, at)| format!("{about} http://{at}/ping")).collect();
        lifecycle::ready(cx, &summary, 1, &reached.join("   "), opsctl("peering status --watch"));
    }
    Ok(())
}
