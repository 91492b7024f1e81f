//! `dev-vars`: the addresses for this terminal.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use super::{DryRun, EXAMPLES_FIRST};
use crate::context::Context;
use crate::dev_vars::{self, Form, Ports, Shell};
use crate::error::problem;
use crate::stack;
use crate::ui::Format;

/// The flags of `dev-vars`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  eval \"$(opsctl dev-vars)\"                      bash, zsh, sh
  opsctl dev-vars --shell fish | source          fish
  opsctl dev-vars -- printenv                    for one command only
  opsctl dev-vars -o dotenv > .env
  eval \"$(opsctl dev-vars --unset)\"              removes them again")]
pub struct Args {
    /// bash, zsh, sh, fish or powershell [default: detected]
    #[arg(long, value_enum, value_name = "SHELL", hide_possible_values = true)]
    pub shell: Option<Shell>,
    /// Print the commands that unset them
    #[arg(long)]
    pub unset: bool,
    /// Run a command with the variables set
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

impl Args {
    /// It prints, but for a command that it would run.
    pub fn dry_run(&self) -> DryRun {
        if self.command.is_empty() { DryRun::Reads } else { DryRun::Refuses }
    }
}

/// Prints assignments, or runs a command with the variables set.
pub fn run(cx: &Context, args: &Args) -> Result<ExitCode> {
    let shell = args.shell.unwrap_or_else(Shell::detect);
    if args.unset {
        cx.ui.data(dev_vars::render_unset(shell).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let ports = Ports {
        master: cx.ports.get(stack::redis::MASTER_SERVICE),
        slave: cx.ports.get(stack::redis::REPLICA_SERVICE),
        timestamps: cx.ports.get(stack::timestamps::SERVICE),
    };
    let profile = cx.profile_name()?;
    if !args.command.is_empty() {
        let words = args
            .command
            .iter()
            .map(|w| {
                w.to_str().map(str::to_owned).ok_or_else(|| problem!(Usage, "the command is not valid UTF-8"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let vars = dev_vars::collect(&cx.paths, profile, ports)?;
        return Ok(ExitCode::from(dev_vars::run(&vars, &words)?));
    }
    let form = match cx.ui.format() {
        Format::Table => Form::Shell(shell),
        Format::Json => Form::Json,
        Format::Dotenv => Form::Dotenv,
        Format::Yaml | Format::Name => {
            return Err(
                problem!(Usage, "dev-vars prints shell code; other forms: -o dotenv or -o json").into()
            );
        }
    };
    cx.ui.data(dev_vars::output(&cx.paths, profile, ports, form)?.trim_end());
    Ok(ExitCode::SUCCESS)
}
