//! Standard input as a file: it is read twice, and comes only once.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};

use crate::context::Context;
use crate::redis::reader::SPOOLED;

/// What came on standard input; removed when this is dropped.
pub(super) struct Spool {
    path: PathBuf,
    /// Held open and locked, so that another run does not take it for a left-over.
    _lock: File,
    /// Of a preview, which leaves the state folder alone.
    preview: Option<TempDir>,
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        // Another run may have its own in there.
        let _ = self.path.parent().map(std::fs::remove_dir);
        drop(self.preview.take());
    }
}

impl Spool {
    /// Takes in all of standard input.
    pub(super) fn of_stdin(cx: &Context) -> Result<Self> {
        let input = &mut io::stdin().lock();
        if !cx.dry_run {
            return Self::of(input, &cx.paths.state.join("spool"));
        }
        // A folder that nobody else can have made before.
        let preview = TempDir::new().context("could not make a temporary folder")?;
        let mut spool = Self::of(input, &preview.path().join("spool"))?;
        spool.preview = Some(preview);
        Ok(spool)
    }

    fn of(input: &mut impl Read, folder: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("could not make the folder {}", folder.display()))?;
        sweep(folder)?;
        let failed = || format!("could not keep standard input in {}", folder.display());
        let mut file = NamedTempFile::new_in(folder).with_context(failed)?;
        file.as_file().lock().with_context(failed)?;
        let (mut digest, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            let n = match input.read(&mut piece) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("could not read standard input"),
            };
            let Some(read) = piece.get(..n).filter(|read| !read.is_empty()) else { break };
            digest.update(read);
            file.write_all(read).with_context(failed)?;
        }
        // By its content, so that the same input after a kill is the same file.
        let sha256 = format!("{:x}", digest.finalize());
        let path = folder.join(format!("{SPOOLED}{}", &sha256[..16]));
        let lock = file.persist(&path).with_context(failed)?;
        Ok(Self { path, _lock: lock, preview: None })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes what a killed run left: nobody holds it.
fn sweep(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_is_a_file_of_the_same_name_each_time_and_goes_with_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("spool");
        let spool = Spool::of(&mut &b"SET a 1\n"[..], &folder).unwrap();
        let path = spool.path().to_owned();
        assert_eq!(std::fs::read(&path).unwrap(), b"SET a 1\n");
        // Another run leaves it alone, and the folder.
        drop(Spool::of(&mut &b"SET b 2\n"[..], &folder).unwrap());
        assert!(path.exists());
        drop(spool);
        assert!(!path.exists());
        // A killed one has left it.
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&path, "SET a 1\n").unwrap();
        let spool = Spool::of(&mut &b""[..], &folder).unwrap();
        assert!(!path.exists());
        drop(spool);
        assert!(!folder.exists());
    }
}
