//! `redis up`: master and replica, on separate nodes.

use anyhow::Result;

use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::{eval_dev_vars, opsctl};
use crate::stack::redis::status;
use crate::stack::{self, Stack};

/// Puts both up; what a lost volume held comes back from the replica.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<()> {
    let stack = stack::redis::stack();
    demand(cx, stacks, &stack).await?;
    if let Some(summary) = lifecycle::up(cx, &[stack.plan(cx)?]).await? {
        // Where all stood already, so does the data, as a rule.
        let next = if summary.changed > 0 { opsctl("redis import") } else { eval_dev_vars() };
        lifecycle::ready(cx, &summary, 1, &endpoints(cx)?, next);
    }
    Ok(())
}

/// `master HOST:PORT   replica HOST:PORT`.
pub fn endpoints(cx: &Context) -> Result<String> {
    let (master, replica) = status::endpoints(cx)?;
    Ok(format!("master {master}   replica {replica}"))
}
