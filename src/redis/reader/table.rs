//! CSV: a record a row, its fields named by the first one.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::command::{Command, Fault, Place};
use super::form::{Form, Step, judged};
use super::lines::LONGEST;
use super::template::{Kind, Template};

/// Counts the double quotes that go by: the library takes an open one at the end for closed. One that is open all the way
/// would be a row of the whole file, so a row may be as long as a value.
struct Quotes<R> {
    input: R,
    count: Rc<Cell<u64>>,
    /// Bytes read for the row in hand.
    row: Rc<Cell<u64>>,
    longest: u64,
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row.get() > self.longest {
            return Err(io::Error::other("a row that is too long"));
        }
        let n = self.input.read(buffer)?;
        self.row.set(self.row.get() + n as u64);
        let quotes = memchr::memchr_iter(b'"', buffer.get(..n).unwrap_or_default()).count() as u64;
        self.count.set(self.count.get() + quotes);
        Ok(n)
    }
}

/// Reads rows one by one.
pub(super) struct Table<R> {
    rows: Reader<Quotes<R>>,
    quotes: Rc<Cell<u64>>,
    taken: Rc<Cell<u64>>,
    longest: u64,
    names: Option<Vec<Vec<u8>>>,
    row: ByteRecord,
    line: u64,
    raw: Vec<u8>,
    key: Template,
    kind: Kind,
    over: bool,
}

impl<R: BufRead> Table<R> {
    pub(super) fn new(input: R, key: Template, kind: Kind) -> io::Result<Self> {
        Self::with_rows_up_to(LONGEST as u64, input, key, kind)
    }

    fn with_rows_up_to(longest: u64, mut input: R, key: Template, kind: Kind) -> io::Result<Self> {
        // What separates fields, seen in the first line.
        let begin = input.fill_buf()?;
        let first = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = [b',', b';', b'\t'].into_iter().find(|byte| first.contains(byte)).unwrap_or(b',');
        let (quotes, taken) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let input = Quotes { input, count: Rc::clone(&quotes), row: Rc::clone(&taken), longest };
        let rows =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        let (row, raw) = (ByteRecord::new(), Vec::new());
        Ok(Self { rows, quotes, taken, longest, names: None, row, line: 1, raw, key, kind, over: false })
    }

    fn read(&mut self) -> io::Result<bool> {
        self.taken.set(0);
        // Where it begins, should it not end.
        let next = self.rows.position().line();
        match self.rows.read_byte_record(&mut self.row) {
            Ok(there) => {
                if there {
                    self.line = self.row.position().map_or(self.line, csv::Position::line);
                }
                Ok(there)
            }
            Err(error) => {
                self.line = next;
                Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) => error,
                    other => io::Error::other(format!("{other:?}")),
                })
            }
        }
    }

    /// What an error while reading means: a row that is longer than any value may be, or what it says.
    fn unread(&mut self, error: io::Error) -> io::Result<Step> {
        if self.taken.get() <= self.longest {
            return Err(error);
        }
        self.over = true;
        let what = format!("a row of more than {} MiB; redis takes no longer value", self.longest >> 20);
        Ok(Step::Fault(Fault::last(Place::line(self.line), what)))
    }

    /// The names of the fields.
    fn names(&mut self) -> io::Result<Result<Vec<Vec<u8>>, Fault>> {
        self.read()?;
        let names: Vec<_> = self.row.iter().map(<[u8]>::to_vec).collect();
        let place = Place::line(self.line);
        let shown = |name: &[u8]| super::commands::shown(name);
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Ok(Err(Fault::last(place, format!("column {} has no name", i + 1))));
            }
            if names[..i].contains(name) {
                return Ok(Err(Fault::last(place, format!("two columns are called {}", shown(name)))));
            }
        }
        for field in self.key.fields() {
            if !names.iter().any(|name| name == field.as_bytes()) {
                let what = format!("the key {} needs a column \"{field}\", and there is none", self.key);
                return Ok(Err(Fault::last(place, what)));
            }
        }
        Ok(Ok(names))
    }
}

impl<R: BufRead> Form for Table<R> {
    fn next(&mut self, command: &mut Command) -> io::Result<Step> {
        if self.over {
            return Ok(Step::End);
        }
        let names = match self.names.take() {
            Some(names) => names,
            None => match self.names() {
                Ok(Ok(names)) => names,
                Ok(Err(fault)) => return Ok(Step::Fault(fault)),
                Err(error) => return self.unread(error),
            },
        };
        let before = self.line;
        let there = match self.read() {
            Ok(there) => there,
            Err(error) => return self.unread(error),
        };
        if self.rows.is_done() && !self.quotes.get().is_multiple_of(2) {
            // The row that swallowed the rest of the file.
            self.over = true;
            let line = if there { self.line } else { before };
            return Ok(Step::Fault(Fault::last(
                Place::line(line),
                "a double quote in this row is never closed",
            )));
        }
        if !there {
            self.over = true;
            return Ok(Step::End);
        }
        command.words.clear();
        command.place = Place::line(self.line);
        let step = match write(&names, &self.row, &self.key, self.kind, command) {
            Ok(()) => judged(command),
            Err(what) => Step::Fault(Fault::new(command.place, what)),
        };
        self.names = Some(names);
        if matches!(step, Step::Fault(_)) {
            self.raw = self.row.iter().collect::<Vec<_>>().join(&b',');
        }
        Ok(step)
    }

    fn raw(&self) -> Option<&[u8]> {
        Some(&self.raw)
    }
}

fn write(
    names: &[Vec<u8>],
    row: &ByteRecord,
    key: &Template,
    kind: Kind,
    command: &mut Command,
) -> Result<(), String> {
    if row.len() != names.len() {
        return Err(format!("{} fields where {} columns are named", row.len(), names.len()));
    }
    let field = |name: &str| {
        let at = names.iter().position(|n| n == name.as_bytes())?;
        row.get(at)
    };
    let key = key.key(field)?;
    let words = &mut command.words;
    match kind {
        Kind::Hash => {
            words.push(b"HSET");
            words.push(&key);
            for (name, value) in names.iter().zip(row) {
                words.push(name);
                words.push(value);
            }
        }
        Kind::String => {
            let text = |bytes: &[u8]| {
                String::from_utf8(bytes.to_vec()).map_err(|_| "JSON is UTF-8, and this row is not".to_owned())
            };
            let mut record = serde_json::Map::new();
            for (name, value) in names.iter().zip(row) {
                record.insert(text(name)?, text(value)?.into());
            }
            words.push(b"SET");
            words.push(&key);
            words.push(serde_json::Value::Object(record).to_string().as_bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_that_is_open_all_the_way_is_a_row_that_is_too_long_and_not_held() {
        let endless = [b"id,n\n1,2\n3,\"".to_vec(), vec![b'x'; 3 << 20]].concat();
        let key = "u:{id}".parse().unwrap();
        let mut rows = Table::with_rows_up_to(1 << 20, &endless[..], key, Kind::Hash).unwrap();
        let mut command = Command::default();
        assert!(matches!(rows.next(&mut command).unwrap(), Step::Command));
        let Step::Fault(fault) = rows.next(&mut command).unwrap() else { panic!("no fault") };
        assert_eq!((fault.place, fault.last), (Place::line(3), true));
        assert!(fault.what.contains("a row of more than 1 MiB"), "{}", fault.what);
        assert!(rows.row.as_slice().len() < 2 << 20);
        assert!(matches!(rows.next(&mut command).unwrap(), Step::End));
    }
}
