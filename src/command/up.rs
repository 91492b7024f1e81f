//! `up`: cluster, redis, info-cron, sample data.

use anyhow::Result;

use super::{EXAMPLES_FIRST, lifecycle, minikube, redis};
use crate::context::Context;
use crate::error::{eval_dev_vars, opsctl};
use crate::redis::reader::Reading;
use crate::stack;

/// The flags of `up`: those of the cluster.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl up                       safe to repeat: changes only what differs
  opsctl up --dry-run             what it would do
  opsctl up --memory 2g -- --wait=all")]
pub struct Args {
    #[command(flatten)]
    cluster: minikube::up::Args,
}

/// Puts them up, in this order.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let cluster = minikube::up::prepared(cx, args.cluster.wish(), opsctl("up")).await?;
    let (files, name) = stack::data::sample(&std::env::current_dir()?);
    cx.ui.detail(format!("sample data: {name}"));
    let files = files.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
    let plans = [
        cluster,
        stack::redis::stack().plan(cx)?,
        stack::info_cron::stack().plan(cx)?,
        stack::data::plan(cx, &files, &Reading::default(), false),
    ];
    if let Some(summary) = lifecycle::up(cx, &plans).await? {
        lifecycle::ready(cx, &summary, plans.len(), &redis::up::endpoints(cx)?, eval_dev_vars());
    }
    Ok(())
}
