//! The journal's file: all its lines together, the damage in it, and its repair.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::format::{Fault, decode};
use super::history::History;
use super::lock::lock;
use crate::fs::{private_file, write_whole};

/// Where the journal lies in the state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join("journal.jsonl")
}

/// Reads the journal without the lock, for reports.
pub fn read(state: &Path) -> Result<History> {
    parse(&path(state), &load(&path(state))?).map(|(history, _)| history)
}

/// The same by the sound lines alone, where others are damaged.
pub fn read_sound(state: &Path) -> Result<History> {
    sound(&path(state), &load(&path(state))?).map(|s| s.history)
}

pub(super) fn load(path: &Path) -> Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
    }
}

/// Parses all lines; also tells how many bytes are whole lines (a torn last one is dropped).
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<(History, u64)> {
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
pub(super) struct Sound {
    /// What they mean.
    pub history: History,
    /// The lines themselves.
    pub bytes: Vec<u8>,
    /// How many are left out.
    pub dropped: usize,
}

/// Picks out the sound lines. A newer format is not damage, and leaving such lines out would lose them.
pub(super) fn sound(path: &Path, bytes: &[u8]) -> Result<Sound> {
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
    history.apply(decode(line)?).map_err(Fault::Damaged)
}

/// Sets a damaged journal aside and keeps every line that can still be read.
///
/// Returns where the damaged one was put, and how many lines were dropped.
pub fn repair(state: &Path) -> Result<Option<(PathBuf, usize)>> {
    let _lock = lock(state, "opsctl history --repair")?;
    let path = path(state);
    let whole = load(&path)?;
    let Sound { bytes, dropped, .. } = sound(&path, &whole)?;
    if dropped == 0 {
        return Ok(None);
    }
    Ok(Some((replace(&path, &whole, &bytes)?, dropped)))
}

/// Keeps the damaged journal under another name, and leaves its sound lines in its place.
pub(super) fn replace(path: &Path, whole: &[u8], sound: &[u8]) -> Result<PathBuf> {
    let aside = path.with_file_name(format!("journal.damaged-{}", Timestamp::now().as_second()));
    write_whole(&aside, whole)?;
    write_whole(path, sound)?;
    Ok(aside)
}

/// Opens the journal's file behind its last whole line.
pub(super) fn to_append(path: &Path, whole: u64) -> Result<File> {
    let open = || -> std::io::Result<File> {
        let mut file = private_file(path)?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        if whole == 0
            && let Some(folder) = path.parent()
        {
            File::open(folder)?.sync_all()?; // a new file's name must outlive a power cut, too
        }
        Ok(file)
    };
    open().with_context(|| format!("could not open {}", path.display()))
}
