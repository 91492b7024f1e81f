//! `completions`: the static script of a shell.

use clap_complete::Shell;

use super::EXAMPLES_FIRST;
use crate::ui::Ui;

/// The argument of `completions`.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  source <(opsctl completions bash)              a fixed script
  source <(COMPLETE=bash opsctl)                 also knows the profiles here
  opsctl completions fish > ~/.config/fish/completions/opsctl.fish")]
pub struct Args {
    /// The shell
    pub shell: Shell,
}

/// Prints the script, for the command line that this is.
pub fn run(ui: &Ui, args: Args, mut line: clap::Command) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut line, "opsctl", &mut script);
    ui.data(String::from_utf8_lossy(&script).trim_end());
}
