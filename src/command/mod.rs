//! The commands: each verb's file says what it does in terms of stacks, engine and reports.

pub mod bundle;
pub mod check;
pub mod completions;
pub mod dev_vars;
pub mod election;
pub mod environment;
pub mod history;
pub mod info_cron;
pub mod lifecycle;
pub mod minikube;
pub mod redis;
pub mod snapshots;
pub mod uninstall;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{self, Cli, Command, Global};
use crate::context::{self, Context, Paths, Ports, Target, variable};
use crate::error::Problem;
use crate::ui::{ClusterFlag, Level, Options, Ui};

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
    let cluster = match &global.context {
        Some(name) if from_environment("OPSCTL_CONTEXT", name) => None,
        Some(name) => Some(ClusterFlag::Context(name.clone())),
        None if global.profile == context::PROFILE || from_environment("OPSCTL_PROFILE", &global.profile) => {
            None
        }
        None => Some(ClusterFlag::Profile(global.profile.clone())),
    };
    Ui::new(Options {
        level,
        format: global.output,
        color: global.color,
        yes: global.yes,
        no_input: global.no_input,
        emoji: terminal && utf8 && !plain && variable("TERM").as_deref() != Some("dumb"),
        cluster,
    })
}

fn context(global: &Global, ui: &Ui) -> Result<Context> {
    let paths = Paths::from_environment(global.kubeconfig.clone())?;
    let target = match &global.context {
        Some(name) => Target::Context(name.clone()),
        None => Target::Profile(global.profile.clone()),
    };
    let mut cx = Context::new(ui.clone(), paths, target, global.timeout);
    cx.wait = !global.no_wait;
    cx.dry_run = global.dry_run;
    cx.ports = Ports::of(&cx.paths, &cx.target)?;
    cx.command = std::iter::once("opsctl".to_owned())
        .chain(std::env::args().skip(1).map(|a| crate::exec::quoted(&a)))
        .collect::<Vec<_>>()
        .join(" ");
    Ok(cx)
}

/// Runs what the command line says, and returns the exit code.
pub fn run(cli: Cli, ui: &Ui) -> Result<ExitCode> {
    // In a pod there is no home, no journal, no terminal: only the service.
    if let Command::Serve(service) = cli.command {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        return Ok(ExitCode::from(runtime.block_on(crate::serve::run(service))?));
    }
    let cx = context(&cli.global, ui)?;
    // These two answer a shell: no runtime, no cluster.
    match &cli.command {
        Command::Completions(args) => {
            completions::print(ui, args.shell);
            return Ok(ExitCode::SUCCESS);
        }
        Command::DevVars(args) if !cx.dry_run || args.command.is_empty() => return dev_vars::run(&cx, args),
        Command::DevVars(_) => return Err(no_dry_run()),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let end = runtime.block_on(async {
        crate::interrupt::listen(ui.clone());
        crate::interrupt::until_ended(Box::pin(dispatch(&cx, cli.command))).await
    });
    // A tool that was given up on must not hold the exit.
    runtime.shutdown_background();
    end
}

/// Commands that act at once: with `--dry-run` they refuse rather than ignore it.
fn has_no_dry_run(command: &Command) -> bool {
    matches!(
        command,
        Command::Bundle(cli::Bundle::Build | cli::Bundle::Remove)
            | Command::Snapshots(cli::Snapshots::Prune)
            | Command::History(cli::History { repair: true })
            | Command::Redis(cli::Redis::Cli(_) | cli::Redis::Verify(_))
            | Command::InfoCron(cli::InfoCronArgs { verb: Some(cli::InfoCron::Run) })
            | Command::Election(cli::Election::Drill(cli::Drill { restore: true, .. }))
    )
}

fn no_dry_run() -> anyhow::Error {
    Problem::usage("this command has no dry run; nothing was touched").into()
}

async fn dispatch(cx: &Context, command: Command) -> Result<ExitCode> {
    if cx.dry_run && has_no_dry_run(&command) {
        return Err(no_dry_run());
    }
    match command {
        Command::Check(args) => return check::run(cx, &args).await,
        Command::Up(args) => environment::up(cx, &args).await?,
        Command::Down(args) => environment::down(cx, args).await?,
        Command::Status => return environment::status(cx).await,
        Command::Minikube(cli::Minikube::Up(args)) | Command::MinikubeUp(args) => {
            minikube::up(cx, &args).await?;
        }
        Command::Minikube(cli::Minikube::Down(args)) | Command::MinikubeDown(args) => {
            minikube::down(cx, args).await?;
        }
        Command::Minikube(cli::Minikube::Status) => return minikube::status(cx).await,
        Command::Redis(cli::Redis::Up) | Command::RedisUp => redis::up(cx).await?,
        Command::Redis(cli::Redis::Down(args)) | Command::RedisDown(args) => redis::down(cx, args).await?,
        Command::Redis(cli::Redis::Status) => return redis::status(cx).await,
        Command::Redis(cli::Redis::Verify(args)) => redis::verify(cx, args).await?,
        Command::Redis(cli::Redis::Import(args)) | Command::RedisImport(args) => {
            redis::import(cx, &args).await?;
        }
        Command::Redis(cli::Redis::Clean) | Command::RedisClean => redis::clean(cx).await?,
        Command::Redis(cli::Redis::Cli(args)) => return redis::cli(cx, &args).await,
        Command::InfoCron(args) => {
            return Box::pin(info_cron::run(cx, args.verb.unwrap_or(cli::InfoCron::Up))).await;
        }
        Command::InfoCronUp => return Box::pin(info_cron::run(cx, cli::InfoCron::Up)).await,
        Command::InfoCronDown => return Box::pin(info_cron::run(cx, cli::InfoCron::Down)).await,
        Command::RedisSingle(verb) => redis::single(cx, verb).await?,
        Command::Election(verb) => return Box::pin(election::run(cx, verb)).await,
        Command::Undo(args) => history::undo(cx, args).await?,
        Command::History(args) => history::run(cx, args)?,
        Command::Snapshots(verb) => Box::pin(snapshots::run(cx, verb)).await?,
        Command::Uninstall => uninstall::run(cx).await?,
        Command::Bundle(verb) => bundle::run(cx, verb).await?,
        // Answered before the runtime was made.
        Command::DevVars(_) | Command::Completions(_) | Command::Serve(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}
