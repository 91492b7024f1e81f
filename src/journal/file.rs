//! A journal's bytes as a whole: what all its lines mean together.

use std::path::Path;

use anyhow::Result;

use super::format::{Fault, decode};
use super::history::History;

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
