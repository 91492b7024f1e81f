//! An RDB file of any redis: each key becomes a `RESTORE`.

use std::io::{self, BufRead};

use super::command::{Command, Fault, Place};
use super::form::{Form, LeftOut, Step};
use crate::redis::link::RECORD;
use crate::redis::rdb::{Item, LONGEST, Walk};

/// Reads keys one by one.
pub(super) struct Dump<R> {
    walk: Option<Walk<R>>,
    /// Until the walk has begun.
    input: Option<R>,
    version: Option<u16>,
    record: u64,
    now: u64,
}

impl<R: BufRead> Dump<R> {
    /// Keys that have expired at that time, in milliseconds since 1970, are left out.
    pub(super) fn new(input: R, now: u64) -> Self {
        Self { walk: None, input: Some(input), version: None, record: 0, now }
    }
}

impl<R: BufRead> Form for Dump<R> {
    fn next(&mut self, command: &mut Command) -> io::Result<Step> {
        if let Some(input) = self.input.take() {
            match Walk::new(input, true) {
                Ok(walk) => {
                    self.version = Some(walk.version());
                    self.walk = Some(walk);
                }
                Err(error) => return Ok(Step::Fault(Fault::last(command.place, format!("{error:#}")))),
            }
        }
        let Some(walk) = self.walk.as_mut() else { return Ok(Step::End) };
        loop {
            command.words.clear();
            command.place = Place::Record { record: self.record + 1, byte: walk.at() };
            let entry = match walk.step() {
                Err(error) => {
                    self.walk = None;
                    return Ok(Step::Fault(Fault::last(command.place, format!("{error:#}"))));
                }
                Ok(None) => return Ok(Step::End),
                Ok(Some(Item::Aux(..))) => continue,
                Ok(Some(Item::Function(_))) => return Ok(Step::LeftOut(LeftOut::Functions)),
                Ok(Some(Item::Entry(entry))) => entry,
            };
            self.record += 1;
            let name = super::commands::shown(&entry.key);
            let fault = |what: String| Ok(Step::Fault(Fault::new(command.place, what)));
            if entry.db != 0 {
                return fault(format!("{name} is in database {}; a data file is for database 0", entry.db));
            }
            // The file of a redis that opsctl imported into: its record is of that one.
            if entry.key == RECORD.as_bytes() {
                continue;
            }
            if entry.expires.is_some_and(|time| time <= self.now) {
                return Ok(Step::LeftOut(LeftOut::Expired));
            }
            if entry.payload.is_empty() || entry.payload.len() as u64 > LONGEST {
                return fault(format!("{name} takes {} bytes; redis takes {LONGEST} at most", entry.bytes));
            }
            let words = &mut command.words;
            words.push(b"RESTORE");
            words.push(&entry.key);
            words.push(entry.expires.unwrap_or(0).to_string().as_bytes());
            words.push(&entry.payload);
            words.push(b"REPLACE");
            words.push(b"ABSTTL");
            return Ok(Step::Command);
        }
    }

    fn rdb_version(&self) -> Option<u16> {
        self.version
    }
}
