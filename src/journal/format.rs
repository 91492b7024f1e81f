//! The journal's lines: JSON, each with the format's version, the time and a checksum.

use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::record::Record;
use super::v1;
use crate::error::{opsctl, problem};

/// The format that is written. Every older one stays readable.
pub const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    v: u32,
    t: Timestamp,
    sum: String,
    record: Value,
}

/// Why a line says nothing to this opsctl.
#[derive(Debug)]
pub enum Fault {
    /// It is no line of a journal, or not the one that was written.
    Damaged(String),
    /// It is of this newer format: nothing is wrong with it.
    Newer(u64),
}

impl Fault {
    /// The error of such a line.
    pub fn at(&self, path: &Path, line: usize) -> anyhow::Error {
        let place = format!("{}:{line}", path.display());
        match self {
            Self::Damaged(why) => problem!(JournalDamaged, "the journal is damaged: {place}: {why}")
            .found(
                "Nothing was touched. `down` still works: it uses the intact lines and the cluster's labels.",
            )
            .next(opsctl("down"))
            .next(opsctl("history --repair")),
            Self::Newer(format) => problem!(JournalNewer, "the journal was written by a newer opsctl: {place}")
            .found(format!("Its format is {format}; this opsctl reads up to {VERSION}. Nothing was touched."))
            .advice("type the same command with the newer opsctl"),
        }
        .into()
    }
}

/// A line that was read.
#[derive(Debug)]
pub struct Read {
    /// The format that it was written in.
    pub format: u32,
    pub at: Timestamp,
    pub record: Record,
}

pub fn decode(line: &[u8]) -> Result<Read, Fault> {
    let no_line = |e| Fault::Damaged(format!("not a journal line: {e}"));
    let value: Value = serde_json::from_slice(line).map_err(no_line)?;
    // Before all else: a newer line may be of another shape.
    if let Some(format) = value["v"].as_u64().filter(|v| *v > u64::from(VERSION)) {
        return Err(Fault::Newer(format));
    }
    let Line { v: format, t: at, sum: said, record } = Line::deserialize(value).map_err(no_line)?;
    if said != sum(&record) {
        return Err(Fault::Damaged("its checksum does not match".into()));
    }
    let record = match format {
        v1::FORMAT => v1::record(record),
        VERSION => serde_json::from_value(record).map_err(|e| e.to_string()),
        _ => Err(format!("there is no format {format}")),
    };
    let record = record.map_err(|why| Fault::Damaged(format!("unknown record: {why}")))?;
    Ok(Read { format, at, record })
}

pub fn sum(record: &Value) -> String {
    let digest = Sha256::digest(record.to_string().as_bytes());
    let head = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{head:016x}")
}

pub fn encode(at: Timestamp, record: &Record) -> Result<Vec<u8>> {
    let record = serde_json::to_value(record)?;
    let mut line = serde_json::to_vec(&Line { v: VERSION, t: at, sum: sum(&record), record })?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fixture() -> Vec<Vec<u8>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal/v2/journal.jsonl");
        std::fs::read(file).unwrap().split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
    }

    /// A line that is what was written, whatever it says.
    fn line(format: u32, record: &Value) -> Vec<u8> {
        json!({"v": format, "t": "2026-11-27T09:00:00Z", "sum": sum(record), "record": record})
            .to_string()
            .into()
    }

    fn damage(line: &[u8]) -> String {
        match decode(line) {
            Err(Fault::Damaged(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_that_was_kept_is_written_again_byte_for_byte() {
        let lines = fixture();
        assert_eq!(lines.len(), 65);
        for line in lines {
            let Read { at, record, .. } = decode(&line).unwrap();
            assert_eq!(
                String::from_utf8(encode(at, &record).unwrap()).unwrap(),
                String::from_utf8(line).unwrap()
            );
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_damage() {
        for bytes in fixture() {
            let Line { record, .. } = serde_json::from_slice(&bytes).unwrap();
            decode(&line(VERSION, &record)).unwrap();
            let mut more = record.clone();
            more["later"] = json!(1);
            assert!(damage(&line(VERSION, &more)).contains("unknown field `later`"));
            let mut other = record;
            other["kind"] = json!("later");
            assert!(damage(&line(VERSION, &other)).contains("unknown variant `later`"));
        }
        let phase = json!({"kind": "entry", "entry": "1.0", "by": 1, "phase": "later"});
        assert!(damage(&line(VERSION, &phase)).contains("unknown variant `later`"));
        let around =
            json!({"v": VERSION, "t": "2026-11-27T09:00:00Z", "sum": sum(&phase), "record": phase, "of": 1});
        assert!(damage(around.to_string().as_bytes()).contains("unknown field `of`"));
    }

    #[test]
    fn a_format_before_the_first_is_damage() {
        let end = json!({"kind": "end", "run": 1, "ok": true});
        for format in [v1::FORMAT, VERSION] {
            assert_eq!(decode(&line(format, &end)).unwrap().format, format);
        }
        assert_eq!(damage(&line(0, &end)), "unknown record: there is no format 0");
        assert!(
            matches!(decode(&line(VERSION + 1, &end)), Err(Fault::Newer(n)) if n == u64::from(VERSION) + 1)
        );
    }
}
