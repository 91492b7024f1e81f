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
        if let Err(fault) = fold(&mut history, line) {
            return Err(fault.at(path, i + 1));
        }
        whole += line.len() as u64;
    }
    Ok((history, whole))
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
            Self::Damaged(why) => Problem::conflict(format!("the journal is damaged: {place}: {why}"))
                .found("Nothing was touched. `down` still works: from the sound lines and the cluster's own labels.")
                .next("opsctl down")
                .next("opsctl history --repair"),
            Self::Newer(format) => Problem::conflict(format!("the journal is of a newer opsctl: {place}"))
                .found(format!("It is of format {format}, this one knows {VERSION}. Nothing was touched."))
                .next("the same command with the newer opsctl"),
        }
        .into()
    }
}

/// What a journal's sound lines say, and what is wrong with the others.
pub struct Sound {
    /// What they mean.
    pub history: History,
    /// The lines themselves.
    pub bytes: Vec<u8>,
    /// How many are left out.
    pub dropped: usize,
}

/// Picks out the sound lines. A newer format is not damage, and leaving such lines out would lose them.
pub fn sound(path: &Path, bytes: &[u8]) -> Result<Sound> {
    let mut sound = Sound { history: History::default(), bytes: Vec::new(), dropped: 0 };
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        if line.last() != Some(&b'\n') {
            sound.dropped += 1; // torn by a crash: that append never counted
            break;
        }
        match fold(&mut sound.history, line) {
            Ok(()) => sound.bytes.extend_from_slice(line),
            Err(Fault::Damaged(_)) => sound.dropped += 1,
            Err(fault @ Fault::Newer(_)) => return Err(fault.at(path, i + 1)),
        }
    }
    Ok(sound)
}

fn fold(history: &mut History, line: &[u8]) -> Result<(), Fault> {
    let (at, record) = decode(line)?;
    history.apply(at, record).map_err(Fault::Damaged)
}

pub fn decode(line: &[u8]) -> Result<(Timestamp, Record), Fault> {
    let no_line = |e| Fault::Damaged(format!("not a journal line: {e}"));
    let value: Value = serde_json::from_slice(line).map_err(no_line)?;
    // Before all else: a newer line may be of another shape.
    if let Some(format) = value["v"].as_u64().filter(|v| *v > u64::from(VERSION)) {
        return Err(Fault::Newer(format));
    }
    let line = Line::deserialize(value).map_err(no_line)?;
    if line.sum != sum(&line.record) {
        return Err(Fault::Damaged("its checksum does not match".into()));
    }
    let unknown = |e| Fault::Damaged(format!("unknown record: {e}"));
    Ok((line.t, serde_json::from_value(line.record).map_err(unknown)?))
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
