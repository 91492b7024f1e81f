//! The wrong lines that an import leaves out, in a file beside the record of it.

use std::fs::DirBuilder;
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use tempfile::{NamedTempFile, SpooledTempFile};

use crate::context::Context;
use crate::redis::reader::Fault;

/// Files of that kind that are kept.
const KEPT: usize = 5;

/// Memory that they take before they go to a temporary file.
const IN_MEMORY: usize = 1 << 20;

/// Collects wrong lines, each behind a comment with its place and the reason: once mended, it is a data file itself.
pub(super) struct Rejects {
    folder: PathBuf,
    /// Until it is known that the import takes place.
    text: SpooledTempFile,
    count: u64,
}

impl Rejects {
    pub(super) fn new(cx: &Context) -> Self {
        Self { folder: cx.paths.state.join("rejects"), text: SpooledTempFile::new(IN_MEMORY), count: 0 }
    }

    /// Takes one in.
    pub(super) fn add(&mut self, file: &str, fault: &Fault, text: Option<&[u8]>) -> Result<()> {
        let failed = "could not write the rejects";
        writeln!(self.text, "# {}", fault.told(file)).context(failed)?;
        if let Some(text) = text {
            self.text.write_all(text).and_then(|()| self.text.write_all(b"\n")).context(failed)?;
        }
        self.count += 1;
        Ok(())
    }

    /// Keeps them: how many, and where. The oldest of such files goes.
    pub(super) fn keep(mut self) -> Result<Option<(u64, PathBuf)>> {
        if self.count == 0 {
            return Ok(None);
        }
        let failed = || format!("could not write to {}", self.folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).with_context(failed)?;
        let mut file = NamedTempFile::new_in(&self.folder).with_context(failed)?;
        self.text.rewind().and_then(|()| std::io::copy(&mut self.text, &mut file)).with_context(failed)?;
        let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ");
        let path = self.folder.join(format!("rejects-{stamp}.txt"));
        file.persist(&path).with_context(failed)?;
        let mut all: Vec<_> = std::fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        all.sort();
        for old in all.iter().rev().skip(KEPT) {
            let _ = std::fs::remove_file(old);
        }
        Ok(Some((self.count, path)))
    }
}
