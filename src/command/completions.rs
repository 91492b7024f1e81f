//! Completion: static scripts.

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::ui::Ui;

/// The static completion script of a shell.
pub fn script(shell: clap_complete::Shell) -> Vec<u8> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "opsctl", &mut bytes);
    bytes
}

/// Prints the static script.
pub fn print(ui: &Ui, shell: clap_complete::Shell) {
    ui.data(String::from_utf8_lossy(&script(shell)).trim_end());
}
