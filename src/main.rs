//! The program: opsctl with the stacks that it has itself. Everything else is in the library.

use std::process::ExitCode;

use opsctl::cli;
use opsctl::stack;

fn main() -> ExitCode {
    cli::start(&stack::all(), std::env::args_os())
}
