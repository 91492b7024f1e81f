//! A file as a whole, before the first write.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::command::{Command, Fault, Place};
use super::commands;
use super::foreign::Foreign;
use super::form::LeftOut;
use super::known;
use super::source::{Opened, Source, Unfit};
use super::template::Reading;
use super::types::Types;
use super::words;
use crate::error::{Places, Problem, problem};

/// Faults that are shown; the rest is counted.
const SHOWN: usize = 10;

/// Who gets each fault that is left out, with its text where it is one.
pub type Reject<'a> = dyn FnMut(&Fault, Option<&[u8]>) -> Result<()> + 'a;

/// A source that passed the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// As messages call it.
    pub file: String,
    /// Its commands; of an RDB file, its keys.
    pub commands: u64,
    /// What is left out on purpose.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Wrong lines or records that are left out because that was allowed.
    pub bad: u64,
    /// The version of the format where it is an RDB file: an older redis does not read it.
    pub rdb_version: Option<u16>,
    /// Its commands by the type of what they write; of an RDB file, its keys.
    pub types: BTreeMap<&'static str, u64>,
    /// Its bytes.
    pub bytes: u64,
    /// The sha256 of its bytes, in hex.
    pub sha256: String,
}

/// Who gets each command, and how many items of the file are read with it.
pub(crate) type Each<'a> = dyn FnMut(&Command, u64) -> Result<()> + 'a;

/// Reads all of a source and checks every command; nothing is sent anywhere. Once is enough for a file that stays as it is.
///
/// The error lists the first faults with file, line and column, and counts the rest.
pub fn check(source: &Source, reading: &Reading) -> Result<Checked> {
    let mut opened = source.open(reading)?;
    match opened.looked().and_then(|looked| known::recall(&looked)) {
        Some(checked) => Ok(checked),
        None => check_opened(&mut opened, &mut |_, _| Ok(()), &mut |_, _| Ok(())),
    }
}

/// The same, and always read; each fault that is left out is handed over.
pub fn check_and_reject(source: &Source, reading: &Reading, reject: &mut Reject<'_>) -> Result<Checked> {
    let mut opened = source.open(reading)?;
    // Before it is read: what changes meanwhile is another one.
    let looked = opened.looked();
    let checked = check_opened(&mut opened, reject, &mut |_, _| Ok(()))?;
    if let Some(looked) = looked {
        known::remember(looked, &checked);
    }
    Ok(checked)
}

pub(crate) fn check_opened(
    opened: &mut Opened,
    reject: &mut Reject<'_>,
    each: &mut Each<'_>,
) -> Result<Checked> {
    let file = opened.name.clone();
    let allowed = opened.reading.skip_bad;
    let mut commands = opened.commands()?;
    let mut command = Command::default();
    let mut count = 0;
    let mut wrong = Wrong::default();
    let mut types = Types::default();
    while let Some(next) = commands.next(&mut command).with_context(|| format!("could not read {file}"))? {
        match next {
            Ok(()) => {
                count += 1;
                types.count(&command);
                each(&command, commands.items())?;
            }
            Err(fault) => {
                if wrong.bad < allowed && !fault.last {
                    reject(&fault, commands.raw())?;
                }
                let first = command.words().get(0).unwrap_or_default();
                wrong.deletes_all |= commands::deletes_all_data(first);
                wrong.add(fault, commands.raw().unwrap_or_default());
            }
        }
    }
    if wrong.bad > allowed || wrong.last {
        return Err(wrong.problem(&file, allowed).into());
    }
    let left_out = std::mem::take(&mut commands.left_out);
    if count == 0 {
        let mut problem = problem!(Input, "{file} holds no command that writes: there is nothing to import");
        for (what, count) in &left_out {
            problem = problem.found(format!("left out: {}", what.told(*count)));
        }
        return Err(problem.into());
    }
    Ok(Checked {
        file,
        commands: count,
        left_out,
        bad: wrong.bad,
        rdb_version: commands.rdb_version(),
        types: types.by_name(),
        bytes: commands.bytes(),
        sha256: commands.sha256(),
    })
}

/// What is wrong with a file.
#[derive(Default)]
struct Wrong {
    shown: Vec<Fault>,
    /// Faults; a value over several lines is one.
    count: u64,
    /// Lines or records that are wrong.
    bad: u64,
    /// Nothing behind one of them can be read.
    last: bool,
    deletes_all: bool,
    foreign: Option<Foreign>,
    /// A quote that was opened, in the line before, and that no line has closed yet.
    open: Option<u8>,
    /// The last line of the newest fault.
    line: u64,
}

impl Wrong {
    fn add(&mut self, fault: Fault, text: &[u8]) {
        self.bad += 1;
        self.last |= fault.last;
        self.foreign = self.foreign.or(fault.foreign);
        let line = fault.place.line_number().unwrap_or(0);
        let follows = self.count > 0 && self.line + 1 == line;
        self.line = line;
        let word = text.split(|b| words::is_space(*b)).next().unwrap_or_default();
        let command = commands::is_known(&String::from_utf8_lossy(word).to_ascii_uppercase());
        // The rest of a value over several lines is no fault of its own.
        if let Some(quote) = self.open.filter(|_| follows && !command) {
            if let Some(last) = self.shown.last_mut()
                && !last.what.contains(OVER_LINES)
            {
                last.what.push_str(OVER_LINES);
            }
            self.open = memchr::memchr_iter(quote, text).count().is_multiple_of(2).then_some(quote);
            return;
        }
        self.open = [b'"', b'\''].into_iter().find(|quote| fault.what == words::never_closed(*quote));
        self.count += 1;
        if self.shown.len() < SHOWN || self.open.is_some() {
            self.shown.push(fault);
        }
    }

    fn problem(mut self, file: &str, allowed: u64) -> Problem {
        self.shown.truncate(SHOWN);
        let (one, many) = match self.shown.first().map(|fault| fault.place) {
            Some(Place::Record { .. }) => ("record is", "records are"),
            _ => ("line is", "lines are"),
        };
        let wrong = format!("{} {} wrong", self.count, if self.count == 1 { one } else { many });
        let mut problem = match (self.foreign, allowed) {
            (Some(foreign), _) => {
                problem!(Input, "{file} cannot be imported; nothing was written").caused_by(foreign)
            }
            (None, 0) => problem!(Input, "{file}: {wrong}; nothing was written"),
            (None, n) if self.bad > n => {
                problem!(Input, "{file}: {wrong}, more than the {n} of --skip-bad; nothing was written")
            }
            _ => problem!(Input, "{file}: {wrong}, and what follows cannot be read; nothing was written"),
        };
        for fault in &self.shown {
            problem = problem.found(fault.told(file));
        }
        if self.deletes_all {
            problem = problem.caused_by(Unfit::DeletesAll);
        }
        let shown = self.shown.len() as u64;
        if self.count > shown {
            problem = problem.found(format!("and {} more", self.count - shown));
        }
        problem.caused_by(Places(self.shown.iter().map(|fault| as_data(fault, file)).collect()))
    }
}

/// A fault for whoever reads documents.
fn as_data(fault: &Fault, file: &str) -> Value {
    match fault.place {
        Place::Line { line, column } => {
            json!({"file": file, "line": line, "column": column, "what": fault.what})
        }
        Place::Record { record, byte } => {
            json!({"file": file, "record": record, "byte": byte, "what": fault.what})
        }
    }
}

/// What is said of a value that goes on in the next line.
const OVER_LINES: &str = "; a value of several lines is one line with \"\\n\" in it";
