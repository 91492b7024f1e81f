//! What the file system does not do by itself.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Writes a file so that it is either the old or the new one, never a part: temporary file, sync, rename.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("could not write {}", path.display()))
}

/// A file's text; none where there is no such file.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
    }
}

/// Removes a file, or a folder with all that is in it; one that is gone already is no error.
pub fn remove_if_there(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(e).with_context(|| format!("could not remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A file that this process alone holds, until it is dropped; none while another one does.
pub fn try_lock(path: &Path) -> Result<Option<File>> {
    let open = File::options().create(true).truncate(false).read(true).write(true).open(path);
    let file = open.with_context(|| format!("could not open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("could not lock {}", path.display())),
    }
}
