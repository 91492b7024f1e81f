//! What all ways to write data down have in common.

use std::io;

use super::command::{Command, Fault};
use super::commands::{Effect, check};

/// What a read came to.
pub(super) enum Step {
    /// A command that passed the check.
    Command,
    /// Something that is left out on purpose, and what it is.
    LeftOut(LeftOut),
    /// Something wrong.
    Fault(Fault),
    /// Nothing is left.
    End,
}

/// What an import leaves out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// A command such as `GET` or `PING`.
    ChangesNothing,
    /// A key whose time is over.
    Expired,
    /// A library of functions.
    Functions,
}

impl LeftOut {
    /// As a document names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangesNothing => "changes_nothing",
            Self::Expired => "expired",
            Self::Functions => "functions",
        }
    }

    /// So many of them, in words.
    pub fn told(self, count: u64) -> String {
        let (one, many) = match self {
            Self::ChangesNothing => ("command that changes nothing", "commands that change nothing"),
            Self::Expired => ("key that has expired", "keys that have expired"),
            Self::Functions => ("library of functions", "libraries of functions"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// A way to write data down.
pub(super) trait Form {
    /// Reads the next command.
    fn next(&mut self, command: &mut Command) -> io::Result<Step>;

    /// The text of what was read last, for whoever mends it; none where it is no text.
    fn raw(&self) -> Option<&[u8]> {
        None
    }

    /// The version of the RDB format; none where it is no RDB file.
    fn rdb_version(&self) -> Option<u16> {
        None
    }
}

/// A command as it was read, judged by the check that all share.
pub(super) fn judged(command: &Command) -> Step {
    match command.words.with_slices(check) {
        Ok(Effect::Writes) => Step::Command,
        Ok(Effect::Nothing) => Step::LeftOut(LeftOut::ChangesNothing),
        Err(what) => Step::Fault(Fault::new(command.place, what)),
    }
}
