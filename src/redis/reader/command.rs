//! A command, and where it stands in its file.

use std::fmt;

use super::foreign::Foreign;

/// Words one after the other in one piece of memory, which the next command uses again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Words {
    /// Forgets all of them, and keeps the memory unless that was for something unusually large.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(1 << 20);
        self.ends.clear();
    }

    /// Adds to the word that is being written.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends the word that is being written.
    pub fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Adds a whole word.
    pub fn push(&mut self, word: &[u8]) {
        self.add(word);
        self.end();
    }

    /// Where the bytes that are being written go.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// One of them, from 0.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        self.bytes.get(begin..end)
    }

    /// Each in turn.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// All at once; the few words of most commands need no memory of their own.
    pub fn with_slices<T>(&self, ask: impl FnOnce(&[&[u8]]) -> T) -> T {
        let mut few: [&[u8]; 16] = [&[]; 16];
        if self.len() > few.len() {
            return ask(&self.iter().collect::<Vec<_>>());
        }
        for (slot, word) in few.iter_mut().zip(self.iter()) {
            *slot = word;
        }
        ask(&few[..self.len()])
    }
}

/// Where in its file something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a text.
    Line {
        /// From 1.
        line: u64,
        /// The character, from 1, where it is known.
        column: Option<usize>,
    },
    /// In a file that has no lines.
    Record {
        /// From 1.
        record: u64,
        /// Where it begins, from 0.
        byte: u64,
    },
}

impl Default for Place {
    fn default() -> Self {
        Self::line(1)
    }
}

impl Place {
    /// The line; none where there are none.
    pub fn line_number(&self) -> Option<u64> {
        match self {
            Self::Line { line, .. } => Some(*line),
            Self::Record { .. } => None,
        }
    }

    /// A line as a whole.
    pub fn line(line: u64) -> Self {
        Self::Line { line, column: None }
    }
}

/// As it follows a file's name: `:3`, `:3:7`, `: record 3 at byte 90`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, column: Some(column) } => write!(f, ":{line}:{column}"),
            Self::Line { line, column: None } => write!(f, ":{line}"),
            Self::Record { record, byte } => write!(f, ": record {record} at byte {byte}"),
        }
    }
}

/// A command that passed the check. Only the reader fills one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    pub(super) place: Place,
    pub(super) words: Words,
}

impl Command {
    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The name and the arguments.
    pub fn words(&self) -> &Words {
        &self.words
    }
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// Nothing behind it can be read.
    pub last: bool,
    /// The file is of a kind that is not read.
    pub foreign: Option<Foreign>,
}

impl Fault {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), last: false, foreign: None }
    }

    pub(super) fn last(place: Place, what: impl Into<String>) -> Self {
        Self { last: true, ..Self::new(place, what) }
    }

    pub(super) fn foreign(place: Place, foreign: Foreign) -> Self {
        Self { foreign: Some(foreign), ..Self::last(place, format!("this is {}", foreign.name())) }
    }

    /// `file:line:column: what`.
    pub fn told(&self, file: &str) -> String {
        format!("{file}{}: {}", self.place, self.what)
    }
}
