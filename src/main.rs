//! Parses, runs, maps the end to an exit code. Everything else is in the library.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use opsctl::cli::Cli;
use opsctl::command;
use opsctl::error;

fn main() -> ExitCode {
    // Before any thread and any output: it answers the shell's question and ends.
    clap_complete::CompleteEnv::with_factory(Cli::command).completer("opsctl").complete();
    let cli = Cli::parse();
    let ui = command::terminal(&cli.global);
    match command::run(cli, &ui) {
        Ok(code) => code,
        Err(error) => {
            ui.restore();
            ui.error(&error);
            ExitCode::from(error::class_of(&error).code())
        }
    }
}
