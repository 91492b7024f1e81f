//! `web up`: the fleet and its balancers, in the number that there is.

use anyhow::Result;

use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::opsctl;
use crate::stack::Stack;
use crate::stack::web::{plan, stack, status};

/// How many nginx, where there are none.
const REPLICAS: u16 = 3;

/// Puts them up. A number that somebody chose since stays.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<()> {
    demand(cx, stacks, &stack()).await?;
    let fleet = status::fleet(&cx.client().await?).await?;
    let replicas = fleet.as_ref().map_or(REPLICAS, status::replicas);
    if let Some(summary) = lifecycle::up(cx, &[plan(cx, replicas)?]).await? {
        let report = status::report(cx).await?;
        let pages = format!("\n{}", super::status::listed(&report));
        lifecycle::ready(cx, &summary, 1, &pages, opsctl("web status --watch"));
    }
    Ok(())
}
