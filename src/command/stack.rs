//! The commands that every stack has: `up`, `down`, `status`.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args as _, FromArgMatches as _};

use super::{DryRun, down, lifecycle};
use crate::check::{self, Needed, Needs};
use crate::context::Context;
use crate::engine::Reach;
use crate::error::{opsctl, problem, shell};
use crate::k8s::{kind, manifest};
use crate::stack::Stack;
use crate::stack::status::{Status, endpoints};
use crate::ui::table;

/// A verb of a stack that has no others.
#[derive(Clone, Copy, Debug)]
pub enum Verb {
    /// Puts it up.
    Up,
    /// Removes it.
    Down(down::Args),
    /// Shows how it is.
    Status,
}

impl Verb {
    /// The command of a stack, as clap takes it.
    pub fn command(stack: &Stack) -> clap::Command {
        let kept = if stack.data.is_some() { ", the data too; a snapshot is saved for `undo`" } else { "" };
        clap::Command::new(stack.name.to_string())
            .about(stack.about.to_string())
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(clap::Command::new("up").about(stack.about.to_string()))
            .subcommand(
                down::Args::augment_args(clap::Command::new("down")).about(format!("Remove it{kept}")),
            )
            .subcommand(clap::Command::new("status").about("Its state and endpoints"))
    }

    /// The verb that was typed.
    pub fn of(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Ok(match matches.subcommand() {
            Some(("down", down)) => Self::Down(down::Args::from_arg_matches(down)?),
            Some(("status", _)) => Self::Status,
            _ => Self::Up,
        })
    }

    /// The verb, ready to run.
    pub fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack], stack: Stack) -> super::Verb<'a> {
        match self {
            Self::Up => DryRun::Shows.verb(up(cx, stacks, stack)),
            Self::Down(args) => DryRun::Shows.verb(down(cx, stacks, stack, args)),
            Self::Status => DryRun::Reads.verb(status(cx, stack)),
        }
    }
}

/// What a stack needs, as `check` looks for it.
pub fn needs(stacks: &[Stack], stack: &Stack) -> Needs {
    let named = |name: &str| stacks.iter().find(|s| s.name == name);
    let after = stack.needs.after.iter().filter_map(|name| named(name));
    let after: Vec<_> = after
        .map(|other| Needed {
            stack: other.name.to_string(),
            namespace: namespaces(other).into_iter().next().unwrap_or_default(),
            by: stack.name.to_string(),
        })
        .collect();
    if after.is_empty() { Needs::Nodes(stack.needs.nodes) } else { Needs::Stacks(after) }
}

/// The namespaces that a stack brings.
pub(super) fn namespaces(stack: &Stack) -> Vec<String> {
    let objects = stack.objects().unwrap_or_default();
    let brought = objects.iter().filter(|o| kind::of(o).rank == kind::Rank::Namespace);
    brought.map(|o| manifest::name(o).to_owned()).collect()
}

/// Says which cluster is meant; an error where it lacks what the stack needs.
pub async fn demand(cx: &Context, stacks: &[Stack], stack: &Stack) -> Result<()> {
    lifecycle::target_line(cx).await;
    let findings = check::look(cx, &needs(stacks, stack)).await;
    check::demand(cx, &findings, opsctl(format!("{} up", stack.name)))
}

async fn up(cx: &Context, stacks: &[Stack], stack: Stack) -> Result<()> {
    demand(cx, stacks, &stack).await?;
    if let Some(summary) = lifecycle::up(cx, &[stack.plan(cx)?]).await? {
        let endpoints = endpoints(&stack, cx);
        let reached: Vec<_> = endpoints.iter().map(|(about, at)| format!("{about} {at}")).collect();
        let address = endpoints.first().and_then(|(_, at)| at.rsplit_once(':'));
        let next = match address.filter(|_| stack.data.is_some()) {
            Some((host, port)) => shell(format!("redis-cli -h {host} -p {port}")),
            None => opsctl(format!("{} status", stack.name)),
        };
        lifecycle::ready(cx, &summary, 1, &reached.join("   "), next);
    }
    Ok(())
}

/// Removes a stack, and before it those that need it.
pub async fn down(cx: &Context, stacks: &[Stack], stack: Stack, args: down::Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let goes = |other: &&Stack| other.name == stack.name || other.needs.after.contains(&stack.name);
    let going: Vec<&Stack> = stacks.iter().filter(goes).collect();
    let plans = going.iter().map(|stack| stack.plan(cx)).collect::<Result<Vec<_>>>()?;
    let reach = Reach::Parts(going.iter().map(|stack| stack.name.to_string()).collect());
    lifecycle::down(cx, &reach, &plans, args.discard_data).await
}

/// Shows a stack; exit 1 where it is not up, or not as it should be.
async fn status(cx: &Context, stack: Stack) -> Result<ExitCode> {
    let Some(status) = (stack.status)(&stack, cx).await? else {
        return Err(problem!(NotUp, "{} is not up", stack.name)
            .next(opsctl(format!("{} up", stack.name)))
            .into());
    };
    cx.ui.report(&status.report, || drawn(cx, &status), || vec![stack.name.to_string()])?;
    Ok(if status.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drawn(cx: &Context, status: &Status) -> String {
    let rows: Vec<_> = status.rows.iter().map(|row| vec![row.state.clone(), row.endpoint.clone()]).collect();
    let mut text = table(&["STATE", "ENDPOINT"], &rows);
    for fault in &status.faults {
        let _ = write!(text, "\n{}\n  {}", fault.what, cx.ui.addressed(&fault.next));
    }
    text
}
