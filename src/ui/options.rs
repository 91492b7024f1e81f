//! What the flags and the environment want of the terminal.

use crate::error::Typed;

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// Steps, hints, warnings.
    #[default]
    Normal,
    /// Also each step's shell command and the tools' own output.
    Verbose,
}

/// How a report is written on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON document; `up` and `down` write one event a line.
    Json,
    /// The same document as YAML.
    Yaml,
    /// Names only, one a line.
    Name,
    /// `NAME=value` lines, for `dev-vars` only.
    #[value(hide = true)]
    Dotenv,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a line's fact came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Done now, and proven.
    Done,
    /// Was so already.
    Same,
    /// Did not work.
    Fail,
    /// Not begun, or left alone.
    Skip,
}

/// What the environment says about the terminal; read once, in `context`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much to say.
    pub level: Level,
    /// Form of the reports.
    pub format: Format,
    /// Colours.
    pub color: Color,
    /// Answer every question with yes.
    pub yes: bool,
    /// Never ask.
    pub no_input: bool,
    /// ✓ and = instead of `ok` and `same`.
    pub emoji: bool,
    /// What was typed: suggested commands repeat it, or the flag that named the cluster.
    pub typed: Typed,
}
