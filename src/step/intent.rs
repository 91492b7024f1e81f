//! What was there before, on the disk before the first change: what a step made is recorded only at its end,
//! too late for one that fails or is killed on the way.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::fs::write_whole;
use crate::journal::EntryId;

/// Snapshots of what was there before each try of a step, oldest first; none where there was no key.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The RDB files.
    pub former: Vec<PathBuf>,
}

impl Intent {
    fn path(cx: &Context, entry: EntryId) -> PathBuf {
        cx.paths.state.join("intents").join(format!("{entry}.json"))
    }

    /// Writes it down for an entry, in the place of an earlier one.
    pub fn write(&self, cx: &Context, entry: EntryId) -> Result<()> {
        write_whole(&Self::path(cx, entry), &serde_json::to_vec(self)?)
    }

    /// None: the step died before it changed anything.
    pub fn read(cx: &Context, entry: EntryId) -> Result<Option<Self>> {
        let path = Self::path(cx, entry);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?,
            )),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
        }
    }
}
