//! `check`: what is missing, and with `--fix` its mending.

use std::process::ExitCode;

use anyhow::Result;
use clap::error::{ContextKind, ContextValue};
use clap::{Args as _, FromArgMatches as _};

use super::{EXAMPLES_FIRST, minikube};
use crate::check::{self, Finding, Needs};
use crate::context::Context;
use crate::error::{Class, Problem, opsctl, shell};
use crate::minikube::Wish;
use crate::stack::{self, Stack};

/// The flags of `check`.
#[derive(clap::Args, Debug, Default)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl check                    what a cluster needs
  opsctl check redis              what redis needs: two ready nodes
  opsctl check --fix              installs and starts what is missing")]
pub struct Args {
    /// Check only what this needs
    #[arg(hide_possible_values = true)]
    pub stack: Option<String>,
    /// Fix what is safe to fix, after asking
    #[arg(long)]
    pub fix: bool,
}

impl Args {
    /// The command with the names of these stacks for its argument.
    pub fn of_stacks(command: clap::Command, stacks: &[Stack]) -> clap::Command {
        let names: Vec<String> =
            [MINIKUBE.to_owned()].into_iter().chain(stacks.iter().map(|s| s.name.to_string())).collect();
        let (last, others) = names.split_last().map_or(("", &names[..]), |(last, others)| (last, others));
        let listed = format!("{} or {last}", others.join(", ")).replacen(MINIKUBE, "minikube (default)", 1);
        command.mut_arg("stack", |arg| {
            arg.help(format!("Check only what this needs: {listed}"))
                .value_parser(clap::builder::PossibleValuesParser::new(names))
        })
    }
}

/// What is checked where no stack is named.
const MINIKUBE: &str = stack::minikube::PART;

/// Runs `check`.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<ExitCode> {
    let stack = stacks.iter().find(|stack| args.stack.as_deref() == Some(&stack.name));
    let needs = match stack {
        Some(stack) => super::stack::needs(stacks, stack),
        None => Needs::Cluster(wish()?),
    };
    let findings = check::look(cx, &needs).await;
    let missing = findings.iter().any(|f| !f.ok && !f.optional);
    let row = |f: &Finding| {
        let state = match (f.ok, f.optional) {
            (true, _) => "ok",
            (false, true) => "missing (optional)",
            (false, false) => "MISSING",
        };
        vec![f.code.to_owned(), f.name.to_string(), state.to_owned(), f.fact.clone()]
    };
    cx.ui.list(&findings, &["CODE", "WHAT", "STATE", "FOUND"], row, |f| f.code.to_owned())?;
    if args.fix {
        return fix(cx, &needs, &findings).await;
    }
    for finding in findings.iter().filter(|f| !f.ok) {
        if let Some(fix) = &finding.fix {
            cx.ui.note(format!("fix {:<9} {}", format!("{}:", finding.name), cx.ui.addressed(fix)));
        }
    }
    if findings.iter().any(|f| !f.ok && f.mend.is_some()) {
        cx.ui.next(opsctl("check --fix"), None);
    } else if !missing {
        cx.ui.next(opsctl(stack.map_or("up".into(), |stack| format!("{} up", stack.name))), None);
    }
    Ok(if missing { ExitCode::from(Class::Missing.code()) } else { ExitCode::SUCCESS })
}

/// The cluster that an `up` without options would make: the environment has a say, and is read as there.
fn wish() -> Result<Wish> {
    let command = minikube::up::Args::augment_args(clap::Command::new("up").no_binary_name(true));
    let read = command
        .try_get_matches_from(std::iter::empty::<&str>())
        .and_then(|matches| minikube::up::Args::from_arg_matches(&matches))
        .map(|up| up.wish());
    read.map_err(|error| {
        let said = error.to_string();
        let problem = Problem::usage(said.lines().next().unwrap_or_default().trim_start_matches("error: "));
        // It names the option as `--nodes <NODES>`, which nobody has typed.
        match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(option)) => {
                let name = option.trim_start_matches('-').split(' ').next().unwrap_or_default();
                problem.next(shell(format!("unset OPSCTL_{}", name.to_uppercase()))).into()
            }
            _ => problem.into(),
        }
    })
}

/// Mends what can be mended, after asking, and looks again.
async fn fix(cx: &Context, needs: &Needs, findings: &[Finding]) -> Result<ExitCode> {
    let Some(plan) = stack::host::plan(&cx.paths, findings) else {
        check::demand(cx, findings, opsctl("check"))?;
        cx.ui.note("Nothing to fix.");
        return Ok(ExitCode::SUCCESS);
    };
    for step in plan.waves.iter().flatten() {
        cx.ui.note(format!("Will run: {}", step.command()));
    }
    if cx.dry_run {
        cx.ui.note("Nothing was touched.");
        return Ok(ExitCode::SUCCESS);
    }
    cx.ui.confirm("Change this machine? `opsctl uninstall` undoes it")?;
    crate::engine::up(cx, &[plan]).await?;
    let again = check::look(cx, needs).await;
    check::demand(cx, &again, opsctl("check"))?;
    cx.ui.note("All prerequisites are met.");
    cx.ui.next(opsctl("up"), Some(opsctl("uninstall")));
    Ok(ExitCode::SUCCESS)
}
