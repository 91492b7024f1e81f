//! JSON Lines: a record a line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::command::{Command, Fault, Place};
use super::form::{Form, Step, judged};
use super::lines::Numbered;
use super::template::{Kind, Template};
use super::words;

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

/// The fields of a record, raw so that numbers keep all their digits, and a name that two of them have.
#[derive(Default)]
struct Record<'a> {
    fields: BTreeMap<String, &'a RawValue>,
    twice: Option<String>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Record<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<'de>, A::Error> {
        let mut record = Record::default();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if record.fields.contains_key(&name) {
                record.twice.get_or_insert_with(|| name.clone());
            }
            record.fields.insert(name, value);
        }
        Ok(record)
    }
}

/// The command of a record; else what is wrong, and at which character.
fn write(
    text: &[u8],
    key: &Template,
    kind: Kind,
    command: &mut Command,
) -> Result<(), (Option<usize>, String)> {
    let record: Record<'_> = serde_json::from_slice(text).map_err(|error| {
        let what = said(&error);
        // The library counts bytes, and of a control character those before it.
        let before = what.starts_with("control character");
        let at = error.column().checked_sub(1).map(|at| at + usize::from(before));
        let column = at.map(|at| words::column(text, at.min(text.len())));
        match text.trim_ascii_start().first() {
            Some(b'{') => (column, format!("this is no JSON object: {what}")),
            _ => (None, "a record is a JSON object, such as {\"id\": 7}".to_owned()),
        }
    })?;
    if let Some(name) = &record.twice {
        return Err((None, format!("two fields are called \"{name}\"")));
    }
    let record = record.fields;
    let mut fields = BTreeMap::new();
    for (name, value) in &record {
        let value = plain(value.get()).map_err(|what| (None, format!("the text of \"{name}\": {what}")))?;
        if let Some(value) = value {
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
fn plain(raw: &str) -> Result<Option<Vec<u8>>, String> {
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        // What is no text was passed over as it was read.
        Some(b'"') => match serde_json::from_str::<String>(raw) {
            Ok(text) => Ok(Some(text.into_bytes())),
            Err(error) => Err(said(&error)),
        },
        _ => Ok(Some(raw.as_bytes().to_vec())),
    }
}

/// The library's words, without the place, which is that within the line.
fn said(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
}
