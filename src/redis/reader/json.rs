//! JSON Lines: a record a line.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::value::RawValue;

use super::command::{Command, Fault, Place};
use super::form::{Form, Step, judged};
use super::lines::Numbered;
use super::template::{Kind, Template};

/// Reads records one by one.
pub(super) struct Json<R> {
    lines: Numbered<R>,
    key: Template,
    kind: Kind,
}

impl<R: BufRead> Json<R> {
    pub(super) fn new(input: R, key: Template, kind: Kind) -> Self {
        Self { lines: Numbered::new(input), key, kind }
    }
}

impl<R: BufRead> Form for Json<R> {
    fn next(&mut self, command: &mut Command) -> io::Result<Step> {
        loop {
            let Some(fits) = self.lines.fill()? else { return Ok(Step::End) };
            if !fits {
                return Ok(Step::Fault(self.lines.too_long()));
            }
            if self.lines.text.trim_ascii().is_empty() {
                continue;
            }
            command.words.clear();
            command.place = self.lines.place();
            return Ok(match write(&self.lines.text, &self.key, self.kind, command) {
                Ok(()) => judged(command),
                Err((column, what)) => {
                    Step::Fault(Fault::new(Place::Line { line: self.lines.line, column }, what))
                }
            });
        }
    }

    fn raw(&self) -> Option<&[u8]> {
        Some(&self.lines.text)
    }
}

/// The command of a record; else what is wrong, and at which character.
fn write(
    text: &[u8],
    key: &Template,
    kind: Kind,
    command: &mut Command,
) -> Result<(), (Option<usize>, String)> {
    // Raw, so that numbers keep all their digits.
    let record: BTreeMap<String, &RawValue> = serde_json::from_slice(text).map_err(|error| {
        let said = error.to_string();
        let what = said.split(" at line ").next().unwrap_or_default();
        let column = Some(error.column()).filter(|column| *column > 0);
        match text.trim_ascii_start().first() {
            Some(b'{') => (column, format!("this is no JSON object: {what}")),
            _ => (None, "a record is a JSON object, such as {\"id\": 7}".to_owned()),
        }
    })?;
    let mut fields = BTreeMap::new();
    for (name, value) in &record {
        if let Some(value) = plain(value.get()) {
            fields.insert(name.as_str(), value);
        }
    }
    let field = |name: &str| fields.get(name).map(Vec::as_slice);
    for name in key.fields() {
        if record.get(name).is_some_and(|value| value.get().starts_with(['{', '['])) {
            return Err((
                None,
                format!("the key {key} needs the field \"{name}\", which is no single value here"),
            ));
        }
    }
    let key = key.key(field).map_err(|what| (None, what))?;
    let words = &mut command.words;
    match kind {
        Kind::String => {
            words.push(b"SET");
            words.push(&key);
            words.push(text.trim_ascii());
        }
        Kind::Hash => {
            words.push(b"HSET");
            words.push(&key);
            for (name, value) in &fields {
                words.push(name.as_bytes());
                words.push(value);
            }
        }
    }
    Ok(())
}

/// A value as redis gets it: text without its quotes, a number as it is written, what has parts as JSON; none for null.
fn plain(raw: &str) -> Option<Vec<u8>> {
    match raw.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => serde_json::from_str::<String>(raw).ok().map(String::into_bytes),
        _ => Some(raw.as_bytes().to_vec()),
    }
}
