//! The command line as a whole: the settings of all commands, and the list of the commands.

mod run;
mod spelling;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::candidates;
use crate::command::{
    EXAMPLES_FIRST, bundle, check, completions, dev_vars, down, duration, election, history, info_cron,
    minikube, peering, redis, snapshots, stack, timestamps, undo, up, web,
};
use crate::context::PROFILE;
use crate::serve::cli::Serve;
use crate::stack::Stack;
use crate::ui::{Color, Format};

pub use run::start;
pub use spelling::words;

const EXAMPLES: &str = "\
Examples:
  opsctl check                    what is missing here, and how to fix it
  opsctl up                       everything: cluster, redis, sample data
  eval \"$(opsctl dev-vars)\"       its addresses for this terminal
  opsctl redis status             the master, its replica, and the lag
  opsctl undo                     undoes the last run";

const EXIT_CODES: &str = "\
Exit codes:
  0 done   1 failure   2 usage   3 prerequisite missing   4 timeout
  5 conflict (not ours, lock held)   6 partly done   130 interrupted

Variables that set an option: OPSCTL_PROFILE, OPSCTL_CONTEXT, OPSCTL_TIMEOUT,
OPSCTL_YES. NO_COLOR and OPSCTL_EMOJI=0 make the output plain.";

/// Brings up a development environment on a local Kubernetes, proves that it works, and removes it.
#[derive(Debug, Parser)]
#[command(name = "opsctl", version, about, max_term_width = 100,
          help_template = EXAMPLES_FIRST, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct Cli {
    /// Settings that every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that every command understands.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Global {
    /// minikube profile to act on
    #[arg(short, long, global = true, env = "OPSCTL_PROFILE", hide_env = true, default_value = PROFILE, value_name = "NAME",
          add = clap_complete::ArgValueCandidates::new(candidates::profiles))]
    pub profile: String,
    /// Act on this context of the kubeconfig instead; hidden while every stack refuses it
    #[arg(long, global = true, env = "OPSCTL_CONTEXT", hide = true, value_name = "NAME")]
    pub context: Option<String>,
    /// kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// table, json, yaml or name
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORM",
        // Their descriptions would stretch the help of every command to twice its length.
        hide_possible_values = true
    )]
    pub output: Format,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print each step's command and the tools' output
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show what would be done, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true, env = "OPSCTL_YES", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), num_args = 0)]
    pub yes: bool,
    /// Never ask; a question is an error
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Do not wait for what was applied
    #[arg(long, global = true)]
    pub no_wait: bool,
    /// Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m
    #[arg(long, global = true, env = "OPSCTL_TIMEOUT", hide_env = true, default_value = "5m", value_parser = duration, value_name = "TIME")]
    pub timeout: Duration,
    /// Colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: Color,
}

/// What to do. In the order of the scripts that opsctl replaces.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all missing prerequisites, and the command that fixes each
    Check(check::Args),
    /// Bring everything up: cluster, redis, info-cron, sample data
    Up(up::Args),
    /// Remove everything again
    Down(down::Args),
    /// Show all parts and their endpoints
    Status,
    /// The two-node cluster
    #[command(subcommand)]
    Minikube(minikube::Minikube),
    /// A redis master and its replica
    #[command(subcommand)]
    Redis(redis::Redis),
    /// Print INFO replication every minute (alone: `up`)
    InfoCron(info_cron::Args),
    /// Print the variables for this terminal: eval "$(opsctl dev-vars)"
    DevVars(dev_vars::Args),
    /// One master among identical pods
    #[command(subcommand)]
    Election(election::Election),
    /// A fleet of nginx behind a load balancer
    #[command(subcommand)]
    Web(web::Web),
    /// Peers that call one another, made by an operator
    #[command(subcommand)]
    Peering(peering::Peering),
    /// An HTTP API that keeps timestamps in redis
    #[command(subcommand)]
    Timestamps(timestamps::Timestamps),
    /// Undo the last run
    Undo(undo::Args),
    /// List the runs
    History(history::Args),
    /// Data saved before it was deleted or replaced
    #[command(subcommand)]
    Snapshots(snapshots::Snapshots),
    /// Print the completion script of a shell
    Completions(completions::Args),
    /// Remove what `check --fix` installed, state and caches
    Uninstall,
    /// Advanced: a minikube built from package registries
    #[command(subcommand, hide = true)]
    Bundle(bundle::Bundle),
    /// Advanced: what runs in pods
    #[command(subcommand, hide = true)]
    Serve(Serve),
}

/// What the command line says.
pub struct Line {
    /// Settings that every command understands.
    pub global: Global,
    /// What to do.
    pub todo: Todo,
}

/// What to do.
pub enum Todo {
    /// One of opsctl's own commands.
    Command(Box<Command>),
    /// A verb of a stack that has no commands of its own.
    Stack(Box<Stack>, stack::Verb),
}

/// The command line with the commands of these stacks, in the place of the stacks.
pub fn command(stacks: &[Stack]) -> clap::Command {
    let line = Cli::command();
    let place = line.find_subcommand("dev-vars").map_or(0, clap::Command::get_display_order);
    let own: Vec<_> = stacks.iter().filter(|stack| line.find_subcommand(&*stack.name).is_none()).collect();
    let line = own
        .into_iter()
        .fold(line, |line, stack| line.subcommand(stack::Verb::command(stack).display_order(place)));
    line.mut_subcommand("check", |check| check::Args::of_stacks(check, stacks))
}

impl Line {
    /// Reads what was typed.
    pub fn of(stacks: &[Stack], typed: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = command(stacks).try_get_matches_from(words(typed))?;
        let global = Global::from_arg_matches(&matches)?;
        let todo = match matches.subcommand() {
            Some((name, verb)) if !Command::has_subcommand(name) => {
                let unknown = || clap::Error::new(clap::error::ErrorKind::InvalidSubcommand);
                let stack = stacks.iter().find(|stack| stack.name == name).ok_or_else(unknown)?;
                Todo::Stack(Box::new(stack.clone()), stack::Verb::of(verb)?)
            }
            _ => Todo::Command(Box::new(Command::from_arg_matches(&matches)?)),
        };
        Ok(Self { global, todo })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command(&crate::stack::all()).debug_assert();
    }

    #[test]
    fn a_stack_of_the_list_is_a_command_and_something_to_check() {
        let mut stacks = crate::stack::all();
        stacks.push(Stack::new("team", "What the team runs", Vec::new()));
        let line = |words: &str| Line::of(&stacks, format!("opsctl {words}").split(' ').map(OsString::from));
        for verb in ["up", "down --discard-data", "status"] {
            let todo = line(&format!("team {verb}")).unwrap_or_else(|e| panic!("{e}")).todo;
            assert!(matches!(todo, Todo::Stack(stack, _) if stack.name == "team"));
        }
        assert!(line("check team").is_ok() && line("check another").is_err());
        let help = command(&stacks).render_long_help().to_string();
        assert!(help.contains("What the team runs"), "{help}");
    }

    #[test]
    fn every_fault_can_be_asked_for() {
        for fault in crate::drill::fault::Fault::all() {
            let line = ["opsctl", "election", "drill", "--fault", &fault.to_string()];
            Cli::try_parse_from(line).unwrap_or_else(|e| panic!("{fault}: {e}"));
        }
    }

    #[test]
    fn both_spellings_of_each_script_are_accepted() {
        for line in [
            "minikube-up",
            "minikube up",
            "redis-import f",
            "redis import f",
            "info-cron",
            "info-cron-down",
            "redis-down",
        ] {
            let words = std::iter::once("opsctl").chain(line.split(' '));
            Cli::try_parse_from(super::words(words.map(Into::into)))
                .unwrap_or_else(|e| panic!("{line}: {e}"));
        }
    }
}
