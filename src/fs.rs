//! What the file system does not do by itself.

use std::fs::{DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io::ErrorKind;
use std::io::Write as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown, lchown,
};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Writes a file so that it is either the old or the new one, never a part: temporary file, sync, rename.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        give_to_owner_of(folder, file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("could not write {}", path.display()))
}

/// Writes a file that is somebody's own in the same way: what a link leads to is replaced, not the link, and owner
/// and mode stay.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let path = path.canonicalize()?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let was = std::fs::metadata(&path)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        let made = file.as_file().metadata()?;
        if (was.uid(), was.gid()) != (made.uid(), made.gid()) {
            fchown(file.as_file(), Some(was.uid()), Some(was.gid()))?;
        }
        file.as_file().set_permissions(was.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("could not write {}", path.display()))
}

/// Whose files root must not own: the owner of a folder, if this is root and that is somebody else.
fn other_owner(folder: &Metadata) -> Option<(u32, u32)> {
    (rustix::process::geteuid().is_root() && folder.uid() != 0).then(|| (folder.uid(), folder.gid()))
}

/// Whether root looks at what is somebody else's.
pub fn owned_by_another(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|meta| other_owner(&meta).is_some())
}

/// Creates a folder and those above it. What root creates in somebody's folder is that person's.
pub fn create_folder(folder: &Path) -> Result<()> {
    let missing: Vec<_> =
        folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
    let create = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for made in missing.iter().rev() {
            if let Some(above) = made.parent()
                && let Some((uid, gid)) = other_owner(&std::fs::metadata(above)?)
            {
                lchown(made, Some(uid), Some(gid))?;
            }
        }
        Ok(())
    };
    create().with_context(|| format!("could not create {}", folder.display()))
}

/// Gives a file that root has just created in somebody's folder to that person.
pub fn give_to_owner_of(folder: &Path, file: &File) -> std::io::Result<()> {
    match other_owner(&std::fs::metadata(folder)?) {
        Some((uid, gid)) if file.metadata()?.uid() == 0 => fchown(file, Some(uid), Some(gid)),
        _ => Ok(()),
    }
}

/// The same for a folder with all of root's that is in it, or a link. Links are not followed.
pub fn give_all_to_owner_of(folder: &Path, path: &Path) -> std::io::Result<()> {
    let Some((uid, gid)) = other_owner(&std::fs::metadata(folder)?) else { return Ok(()) };
    let mut rest = vec![path.to_owned()];
    while let Some(path) = rest.pop() {
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.uid() == 0 {
            lchown(&path, Some(uid), Some(gid))?;
        }
        if meta.is_dir() {
            rest.extend(std::fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
        }
    }
    Ok(())
}

/// What a file or a folder takes on the disk, as far as it was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes, of all that is on the same file system.
    pub bytes: u64,
    /// Whether that is all: there was time for it, and this user may read it.
    pub whole: bool,
}

/// Counts a file, or a folder with all that is in it, for so long. None if it is not there.
pub fn size_of(path: &Path, limit: Duration) -> Option<Size> {
    let began = Instant::now();
    let device = std::fs::symlink_metadata(path).ok()?.dev();
    let mut size = Size { bytes: 0, whole: true };
    let mut rest = vec![path.to_owned()];
    while let Some(path) = rest.pop() {
        if began.elapsed() > limit {
            size.whole = false;
            break;
        }
        // What ends while it is counted has no size.
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.dev() != device {
            continue;
        }
        size.bytes += meta.blocks() * 512;
        if meta.is_dir() {
            match std::fs::read_dir(&path) {
                Ok(entries) => rest.extend(entries.flatten().map(|entry| entry.path())),
                Err(e) => size.whole &= e.kind() == ErrorKind::NotFound,
            }
        }
    }
    Some(size)
}

/// Makes sure of a folder that nobody else can look into. Its name is on the disk when this returns, and so are those of
/// the folders above it that were missing.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let missing = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists());
    let missing: Vec<_> = missing.collect();
    for new in missing.iter().rev() {
        match DirBuilder::new().mode(0o700).create(new) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        let above = new.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // What root creates in somebody's folder is that person's.
        if let Some((uid, gid)) = other_owner(&std::fs::metadata(above)?) {
            lchown(new, Some(uid), Some(gid))?;
        }
        File::open(above)?.sync_all()?;
    }
    only_for_us(folder, 0o700)
}

/// Opens a file to be read and written that nobody else can read, nor lock; it is made where there is none.
pub fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        give_to_owner_of(folder, &file)?;
    }
    only_for_us(path, 0o600)?;
    Ok(file)
}

/// Takes from others what they may do; earlier versions left it to the umask.
fn only_for_us(path: &Path, mode: u32) -> std::io::Result<()> {
    if std::fs::metadata(path)?.permissions().mode() & 0o777 & !mode == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(mode))
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
    let file = private_file(path).with_context(|| format!("could not open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("could not lock {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_counted_with_all_that_is_in_it_or_said_to_be_more() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        std::fs::write(dir.path().join("in/file"), vec![1; 1 << 20]).unwrap();
        let size = size_of(dir.path(), Duration::from_mins(1)).unwrap();
        assert!(size.whole && (1 << 20..2 << 20).contains(&size.bytes), "{size:?}");
        assert!(!size_of(dir.path(), Duration::ZERO).unwrap().whole);
        assert_eq!(size_of(&dir.path().join("none"), Duration::ZERO), None);
    }
}
