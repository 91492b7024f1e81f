//! From the parsed command line to the verb, and from its end to the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use super::{Command, Global, Line, Todo, spelling};
use crate::command::DryRun::{Reads, Refuses, Shows};
use crate::command::{Verb, check, completions, dev_vars, down, hint, history, status, undo, uninstall, up};
use crate::context::{Context, PROFILE, Paths, Ports, Target, variable};
use crate::error::{self, Typed, problem};
use crate::exec::quoted;
use crate::fs::give_all_to_owner_of;
use crate::interrupt;
use crate::serve;
use crate::stack::{self, Stack};
use crate::ui::{Level, Options, Ui};

/// The terminal as the flags and the environment want it.
fn terminal(global: &Global, typed: &[String]) -> Ui {
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
        words: typed.to_vec(),
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

/// What was typed, ready for a shell. The program's name is what a person types, not a path.
fn words(typed: &[OsString]) -> Vec<String> {
    let words = typed.iter().skip(1).map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("opsctl".to_owned()).chain(words).collect()
}

fn context_of(
    global: &Global,
    of_this_machine: bool,
    ui: &Ui,
    stacks: &[Stack],
    words: &[String],
) -> Result<Context> {
    let kubeconfig = global.kubeconfig.clone();
    let paths =
        if of_this_machine { Paths::of_who_typed(kubeconfig)? } else { Paths::from_environment(kubeconfig)? };
    let target = match &global.context {
        Some(name) => Target::Context(name.clone()),
        None => Target::Profile(global.profile.clone()),
    };
    let mut cx = Context::new(ui.clone(), paths, target, global.timeout);
    cx.wait = !global.no_wait;
    cx.dry_run = global.dry_run;
    cx.ports = Ports::of(&cx.paths, &cx.target, stack::ports(stacks)?)?;
    cx.command = words.join(" ");
    Ok(cx)
}

/// Reads what was typed, runs it, tells its error, and returns the exit code. These are the stacks there are.
pub fn start(stacks: &[Stack], typed: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Before any thread and any output: it answers the shell's question and ends.
    clap_complete::CompleteEnv::with_factory(|| spelling::command_line(stacks))
        .completer("opsctl")
        .complete();
    let typed: Vec<OsString> = typed.into_iter().collect();
    let words = words(&typed);
    let line = Line::of(stacks, typed).unwrap_or_else(|e| e.exit());
    let ui = terminal(&line.global, &words);
    // A shell or a program that takes variables: it gets all of them, or nothing.
    let answers = matches!(&line.todo, Todo::Command(c) if matches!(**c, Command::DevVars(_)));
    let about = line.todo.stack();
    match run(stacks, line, &words, &ui) {
        Ok(code) => code,
        Err(error) => {
            let error = hint::hinted(error, stacks, about.as_deref());
            ui.restore();
            ui.error(&error);
            if !answers {
                ui.error_as_data(&error);
            }
            ExitCode::from(error::class_of(&error).code())
        }
    }
}

fn run(stacks: &[Stack], line: Line, words: &[String], ui: &Ui) -> Result<ExitCode> {
    let Line { global, todo } = line;
    let of_this_machine = todo.is_of_this_machine();
    let at_once =
        matches!(&todo, Todo::Command(c) if matches!(**c, Command::DevVars(_) | Command::Completions(_)));
    // In a pod there is no home, no journal, no terminal: only the service.
    let todo = match todo {
        Todo::Command(command) => match *command {
            Command::Serve(service) => {
                return Ok(ExitCode::from(runtime()?.block_on(serve::run(service))?));
            }
            other => Todo::Command(Box::new(other)),
        },
        of_stack @ Todo::Stack(..) => of_stack,
    };
    let cx = context_of(&global, of_this_machine, ui, stacks, words)?;
    let verb = todo.verb(&cx, stacks);
    if cx.dry_run && verb.dry_run == Refuses {
        return Err(problem!(Usage, "this command has no dry run; nothing was touched").into());
    }
    // Who answers a shell needs no runtime, nor a cluster.
    if at_once {
        return futures::executor::block_on(verb.work);
    }
    let runtime = runtime()?;
    let end = runtime.block_on(async {
        interrupt::listen(ui.clone());
        interrupt::until_ended(verb.work).await
    });
    // A tool that was given up on must not hold the exit.
    runtime.shutdown_background();
    if of_this_machine {
        // What tools of root's wrote there is the user's, too.
        for folder in [&cx.paths.state, &cx.paths.cache].into_iter().filter(|folder| folder.exists()) {
            give_all_to_owner_of(&cx.paths.home, folder)
                .with_context(|| format!("could not give {} to its user", folder.display()))?;
        }
    }
    end
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

impl Todo {
    /// Whether it is about this machine alone, so that `sudo` before it means: for me.
    fn is_of_this_machine(&self) -> bool {
        let Self::Command(command) = self else { return false };
        matches!(**command, Command::Check(_) | Command::Uninstall | Command::Bundle(_))
    }

    /// The stack that it is about.
    fn stack(&self) -> Option<String> {
        let Self::Command(command) = self else {
            let Self::Stack(stack, _) = self else { return None };
            return Some(stack.name.to_string());
        };
        match **command {
            // What a cron job tells is how redis is.
            Command::Redis(_) | Command::Snapshots(_) | Command::InfoCron(_) | Command::Up(_) => {
                Some(stack::redis::PART.into())
            }
            Command::Election(_) => Some(stack::election::PART.into()),
            Command::Web(_) => Some(stack::web::PART.into()),
            Command::Peering(_) => Some(stack::peering::PART.into()),
            Command::Timestamps(_) => Some(stack::timestamps::PART.into()),
            _ => None,
        }
    }

    /// The verb, ready to run.
    fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Command(command) => command.verb(cx, stacks),
            Self::Stack(stack, verb) => verb.verb(cx, stacks, *stack),
        }
    }
}

impl Command {
    /// The verb, ready to run. Each says what it does under `--dry-run`: else it would not be one.
    fn verb<'a>(self, cx: &'a Context, stacks: &'a [Stack]) -> Verb<'a> {
        match self {
            Self::Check(args) => Shows.verb(check::run(cx, stacks, args)),
            Self::Up(args) => Shows.verb(up::run(cx, args)),
            Self::Down(args) => Shows.verb(down::run(cx, stacks, args)),
            Self::Status => Reads.verb(status::run(cx, stacks)),
            Self::Minikube(noun) => noun.verb(cx, stacks),
            Self::Redis(noun) => noun.verb(cx, stacks),
            Self::InfoCron(noun) => noun.verb(cx, stacks),
            Self::DevVars(args) => args.dry_run().verb(async move { dev_vars::run(cx, &args) }),
            Self::Election(noun) => noun.verb(cx, stacks),
            Self::Web(noun) => noun.verb(cx, stacks),
            Self::Peering(noun) => noun.verb(cx, stacks),
            Self::Timestamps(noun) => noun.verb(cx, stacks),
            Self::Undo(args) => Shows.verb(undo::run(cx, stacks, args)),
            Self::History(args) => args.dry_run().verb(async move { history::run(cx, args) }),
            Self::Snapshots(noun) => noun.verb(cx),
            Self::Completions(args) => Reads.verb(async move {
                completions::run(&cx.ui, args, spelling::command_line(stacks));
                Ok(())
            }),
            Self::Uninstall => Shows.verb(uninstall::run(cx)),
            Self::Bundle(noun) => noun.verb(cx),
            Self::Serve(service) => Refuses.verb(async { serve::run(service).await.map(ExitCode::from) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_acts_at_once_refuses_a_dry_run() {
        let (stacks, paths) = (stack::all(), Paths::below(std::path::Path::new("/nowhere")));
        let cx =
            Context::new(Ui::new(Options::default()), paths, Target::Profile("p".into()), Duration::ZERO);
        let says = |line: &str| {
            let words = format!("opsctl {line}");
            let line = Line::of(&stacks, words.split(' ').map(OsString::from));
            line.unwrap_or_else(|e| panic!("{words}: {e}")).todo.verb(&cx, &stacks).dry_run
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
            "web build",
            "timestamps rotate",
            "timestamps smoke",
            "dev-vars -- printenv",
        ] {
            assert_eq!(says(line), Refuses, "{line}");
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
            "web scale 2",
            "timestamps up",
            "timestamps down",
        ] {
            assert_eq!(says(line), Shows, "{line}");
        }
        for line in ["status", "history", "dev-vars", "snapshots list", "info-cron logs", "completions bash"]
        {
            assert_eq!(says(line), Reads, "{line}");
        }
    }
}
