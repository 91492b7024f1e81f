//! `timestamps up`: the API, with a redis on a volume.

use anyhow::Result;

use crate::command::lifecycle;
use crate::command::stack::demand;
use crate::context::Context;
use crate::error::{eval_dev_vars, opsctl};
use crate::stack::Stack;
use crate::stack::timestamps::{Environment, authority, plan, stack, standing};

/// The flags of `timestamps up`.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Args {
    /// Whose settings: development, ci, production or elected [default: the present one, else development]
    #[arg(long, value_enum, value_name = "NAME", hide_possible_values = true)]
    pub environment: Option<Environment>,
}

/// Puts it up, or gives it the settings of another environment.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    demand(cx, stacks, &stack()).await?;
    let environment = match args.environment {
        Some(environment) => environment,
        None => standing(&cx.client().await?).await?.unwrap_or(Environment::Development),
    };
    if let Some(summary) = lifecycle::up(cx, &[plan(cx, environment)?]).await? {
        let reached = format!("http://{}   environment {}", authority(cx)?, environment.name());
        let next = if summary.changed > 0 { eval_dev_vars() } else { opsctl("timestamps smoke") };
        lifecycle::ready(cx, &summary, 1, &reached, next);
    }
    Ok(())
}
