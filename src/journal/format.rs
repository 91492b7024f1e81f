//! The journal's lines: JSON, each with the format's version, the time and a checksum.

use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::history::{EntryId, History, Phase, Scope, Subject, Verb};
use crate::error::Problem;

/// The format that is written. Every older one stays readable.
const VERSION: u32 = 1;

/// What a line says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    Run {
        run: u64,
        verb: Verb,
        command: String,
        target: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reverses: Option<u64>,
    },
    Entry {
        entry: EntryId,
        by: u64,
        phase: Phase,
        /// With the first record of an entry only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<Subject>,
        /// With `Done`: what was made. With `Undone`: what was kept, to put it up again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
        /// With `Begun` of a change that returns in another cluster: where it lives from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Scope>,
    },
    End {
        run: u64,
        ok: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    t: Timestamp,
    sum: String,
    record: Value,
}

/// Parses all lines; also tells how many bytes are whole lines (a torn last one is dropped).
pub fn parse(path: &Path, bytes: &[u8]) -> Result<(History, u64)> {
    let mut history = History::default();
    let mut whole = 0;
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        if line.last() != Some(&b'\n') {
            break; // torn by a crash: that append never counted
        }
        let result = decode(line).and_then(|(at, record)| history.apply(at, record));
        if let Err(why) = result {
            return Err(damaged(path, i + 1, &why));
        }
        whole += line.len() as u64;
    }
    Ok((history, whole))
}

pub fn damaged(path: &Path, line: usize, why: &str) -> anyhow::Error {
    Problem::conflict(format!("the journal is damaged: {}:{line}: {why}", path.display()))
        .found("Nothing was touched. `down` still works from the cluster's own labels.")
        .next("opsctl down")
        .next("opsctl history --repair")
        .into()
}

pub fn decode(line: &[u8]) -> Result<(Timestamp, Record), String> {
    let line: Line = serde_json::from_slice(line).map_err(|e| format!("not a journal line: {e}"))?;
    if line.v > VERSION {
        return Err(format!("written by a newer opsctl (format {}, this one knows {VERSION})", line.v));
    }
    if line.sum != sum(&line.record) {
        return Err("its checksum does not match".into());
    }
    let record = serde_json::from_value(line.record).map_err(|e| format!("unknown record: {e}"))?;
    Ok((line.t, record))
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
