//! From the parsed command line to the verb, and from its end to the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use super::{Command, Global, Line, Todo, spelling};
use crate::command::{DryRun, check, completions, dev_vars, down, history, status, undo, uninstall, up};
use crate::context::{Context, PROFILE, Paths, Ports, Target, variable};
use crate::error::{self, Problem, Typed};
use crate::exec::quoted;
use crate::interrupt;
use crate::serve;
use crate::stack::{self, Stack};
use crate::ui::{Level, Options, Ui};

/// The terminal as the flags and the environment want it.
pub fn terminal(global: &Global) -> Ui {
    let level = match (global.quiet, global.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ => Level::Normal,
    };
    let plain = std::env::var("OPSCTL_EMOJI").is_ok_and(|v| v == "0");
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name))
        .is_none_or(|v| v.to_uppercase().replace('-', "").contains("UTF8"));
    let terminal = console::Term::stderr().is_term();
    // What the environment names, it names for the next command as well.
    let from_environment = |name: &str, value: &str| variable(name).is_some_and(|v| v == value);
    let elsewhere = match &global.context {
        Some(name) if from_environment("OPSCTL_CONTEXT", name) => None,
        Some(name) => Some(("--context", name)),
        None if global.profile == PROFILE || from_environment("OPSCTL_PROFILE", &global.profile) => None,
        None => Some(("-p", &global.profile)),
    };
    let naming = |flag: &str, name: &str| format!("{flag} {}", quoted(name));
    let typed = Typed {
        words: words(),
        opsctl: elsewhere.map(|(flag, name)| naming(flag, name)),
        // A profile's context has its name.
        kubectl: elsewhere.map(|(_, name)| naming("--context", name)),
    };
    Ui::new(Options {
        level,
        format: global.output,
        color: global.color,
        yes: global.yes,
        no_input: global.no_input,
        emoji: terminal && utf8 && !plain && variable("TERM").as_deref() != Some("dumb"),
        typed,
    })
}

/// What was typed, ready for a shell.
fn words() -> Vec<String> {
    std::iter::once("opsctl".to_owned()).chain(std::env::args().skip(1).map(|a| quoted(&a))).collect()
}

fn context_of(global: &Global, ui: &Ui, stacks: &[Stack]) -> Result<Context> {
    let paths = Paths::from_environment(global.kubeconfig.clone())?;
    let target = match &global.context {
        Some(name) => Target::Context(name.clone()),
        None => Target::Profile(global.profile.clone()),
    };
    let mut cx = Context::new(ui.clone(), paths, target, global.timeout);
    cx.wait = !global.no_wait;
    cx.dry_run = global.dry_run;
    cx.ports = Ports::of(&cx.paths, &cx.target, stack::ports(stacks)?)?;
    cx.command = words().join(" ");
    Ok(cx)
}

/// Reads what was typed, runs it, tells its error, and returns the exit code. These are the stacks there are.
pub fn start(stacks: &[Stack], typed: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Before any thread and any output: it answers the shell's question and ends.
    clap_complete::CompleteEnv::with_factory(|| spelling::command_line(stacks))
        .completer("opsctl")
        .complete();
    let line = Line::of(stacks, typed).unwrap_or_else(|e| e.exit());
    let ui = terminal(&line.global);
    // A shell or a program that takes variables: it gets all of them, or nothing.
    let answers = matches!(&line.todo, Todo::Command(c) if matches!(**c, Command::DevVars(_)));
    match run(stacks, line, &ui) {
        Ok(code) => code,
        Err(error) => {
            ui.restore();
            ui.error(&error);
            if !answers {
                ui.error_as_data(&error);
            }
            ExitCode::from(error::class_of(&error).code())
        }
    }
}

fn run(stacks: &[Stack], line: Line, ui: &Ui) -> Result<ExitCode> {
    let Line { global, todo } = line;
    // In a pod there is no home, no journal, no terminal: only the service.
    let todo = match todo {
        Todo::Command(command) => match *command {
            Command::Serve(service) => {
                let runtime =
                    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
                return Ok(ExitCode::from(runtime.block_on(serve::run(service))?));
            }
            other => Todo::Command(Box::new(other)),
        },
        of_stack @ Todo::Stack(..) => of_stack,
    };
    let cx = context_of(&global, ui, stacks)?;
    if cx.dry_run && todo.dry_run() == DryRun::Refuses {
        return Err(Problem::usage("this command has no dry run; nothing was touched").into());
    }
    // These two answer a shell: no runtime, no cluster.
    if let Todo::Command(command) = &todo {
        match &**command {
            Command::Completions(args) => {
                completions::run(ui, *args, spelling::command_line(stacks));
                return Ok(ExitCode::SUCCESS);
            }
            Command::DevVars(args) => return dev_vars::run(&cx, args),
            _ => {}
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let end = runtime.block_on(async {
        interrupt::listen(ui.clone());
        let run = async {
            match todo {
                Todo::Command(command) => Box::pin(command.run(&cx, stacks)).await,
                Todo::Stack(stack, verb) => verb.run(&cx, stacks, &stack).await,
            }
        };
        interrupt::until_ended(Box::pin(run)).await
    });
    // A tool that was given up on must not hold the exit.
    runtime.shutdown_background();
    end
}

impl Todo {
    /// What it does under `--dry-run`.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::Command(command) => command.dry_run(),
            Self::Stack(_, verb) => verb.dry_run(),
        }
    }
}

impl Command {
    /// What the command does under `--dry-run`. Every verb says so itself: a new one has no arm here yet.
    pub fn dry_run(&self) -> DryRun {
        match self {
            Self::Check(_) => check::DRY_RUN,
            Self::Up(_) => up::DRY_RUN,
            Self::Down(_) => down::DRY_RUN,
            Self::Status => status::DRY_RUN,
            Self::Minikube(verb) => verb.dry_run(),
            Self::Redis(verb) => verb.dry_run(),
            Self::InfoCron(args) => args.dry_run(),
            Self::DevVars(args) => args.dry_run(),
            Self::Election(verb) => verb.dry_run(),
            Self::Undo(_) => undo::DRY_RUN,
            Self::History(args) => args.dry_run(),
            Self::Snapshots(verb) => verb.dry_run(),
            Self::Completions(_) => completions::DRY_RUN,
            Self::Uninstall => uninstall::DRY_RUN,
            Self::Bundle(verb) => verb.dry_run(),
            Self::Serve(_) => DryRun::Acts,
        }
    }

    async fn run(self, cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
        match self {
            Self::Check(args) => return check::run(cx, stacks, &args).await,
            Self::Up(args) => up::run(cx, &args).await?,
            Self::Down(args) => down::run(cx, stacks, args).await?,
            Self::Status => return status::run(cx, stacks).await,
            Self::Minikube(verb) => return verb.run(cx, stacks).await,
            Self::Redis(verb) => return verb.run(cx, stacks).await,
            Self::InfoCron(args) => return Box::pin(args.run(cx, stacks)).await,
            Self::Election(verb) => return Box::pin(verb.run(cx, stacks)).await,
            Self::Undo(args) => undo::run(cx, stacks, args).await?,
            Self::History(args) => history::run(cx, args)?,
            Self::Snapshots(verb) => Box::pin(verb.run(cx)).await?,
            Self::Uninstall => uninstall::run(cx).await?,
            Self::Bundle(verb) => verb.run(cx).await?,
            // Answered before the runtime was made.
            Self::DevVars(_) | Self::Completions(_) | Self::Serve(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_at_once_refuses_a_dry_run() {
        let says = |line: &str| {
            let words = format!("opsctl {line}");
            let line = Line::of(&stack::all(), words.split(' ').map(OsString::from));
            line.unwrap_or_else(|e| panic!("{words}: {e}")).todo.dry_run()
        };
        for line in [
            "bundle build",
            "bundle remove",
            "snapshots prune",
            "history --repair",
            "redis cli -- get a",
            "redis verify",
            "info-cron run",
            "election drill --restore",
            "dev-vars -- printenv",
        ] {
            assert_eq!(says(line), DryRun::Refuses, "{line}");
        }
        for line in [
            "up",
            "down",
            "undo",
            "uninstall",
            "check --fix",
            "redis import",
            "info-cron",
            "redis-single up",
            "election drill",
        ] {
            assert_eq!(says(line), DryRun::Shows, "{line}");
        }
        for line in ["status", "history", "dev-vars", "snapshots list", "info-cron logs", "completions bash"]
        {
            assert_eq!(says(line), DryRun::Reads, "{line}");
        }
    }
}
