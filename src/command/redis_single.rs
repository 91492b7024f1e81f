//! `redis-single …`.

use std::process::ExitCode;

use anyhow::Result;

use super::{DryRun, down, lifecycle};
use crate::check::{self, Needs};
use crate::context::{Context, node_address};
use crate::engine::Reach;
use crate::error::{opsctl, shell};
use crate::stack;

/// `redis-single …`.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum RedisSingle {
    /// One redis pod on one volume
    Up,
    /// Remove it, the data too; a snapshot is kept for `undo`
    Down(down::Args),
}

impl RedisSingle {
    /// What the verb does under `--dry-run`.
    pub fn dry_run(self) -> DryRun {
        match self {
            Self::Up | Self::Down(_) => DryRun::Shows,
        }
    }

    /// Runs the verb.
    pub async fn run(self, cx: &Context) -> Result<ExitCode> {
        lifecycle::target_line(cx).await;
        let plans = [stack::redis_single::plan(cx)?];
        match self {
            Self::Up => {
                let findings = check::look(cx, &Needs::Nodes(1)).await;
                check::demand(cx, &findings, opsctl("redis-single up"))?;
                if let Some(summary) = lifecycle::up(cx, &plans).await? {
                    let addr = format!("{}:{}", node_address(&cx.profile()?)?, cx.ports.redis_single);
                    let next = shell(format!(
                        "redis-cli -h {} -p {}",
                        addr.split(':').next().unwrap_or_default(),
                        cx.ports.redis_single
                    ));
                    lifecycle::ready(cx, &summary, 1, &format!("redis {addr}"), next);
                }
            }
            Self::Down(args) => {
                let reach = Reach::Parts(vec![stack::redis_single::PART]);
                lifecycle::down(cx, &reach, &plans, args.discard_data).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
