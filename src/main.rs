//! Parses, runs, maps the end to an exit code. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use opsctl::cli;
use opsctl::error;

fn main() -> ExitCode {
    // Before any thread and any output: it answers the shell's question and ends.
    clap_complete::CompleteEnv::with_factory(cli::command_line).completer("opsctl").complete();
    let line = cli::Cli::parse_from(cli::words(std::env::args_os()));
    let ui = cli::terminal(&line.global);
    match cli::run(line, &ui) {
        Ok(code) => code,
        Err(error) => {
            ui.restore();
            ui.error(&error);
            ExitCode::from(error::class_of(&error).code())
        }
    }
}
