//! Folders for what is not finished yet.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::fs::remove_if_there;

/// A folder of its own for one piece of work, on the bundle's file system; removed when dropped.
pub struct Part {
    path: PathBuf,
    /// Locked as long as somebody works in it.
    _lock: Option<File>,
}

impl Part {
    /// A new, empty one.
    pub fn new(cx: &Context, name: &str) -> Result<Self> {
        Self::below(&folder(&cx.paths.bundle()), name)
    }

    fn below(parts: &Path, name: &str) -> Result<Self> {
        std::fs::create_dir_all(parts).with_context(|| format!("could not create {}", parts.display()))?;
        let dir = tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(parts)?;
        // A file system that cannot lock a folder is no reason not to work in it.
        let lock = File::open(dir.path()).ok().filter(|folder| folder.try_lock().is_ok());
        Ok(Self { path: dir.keep(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        unmount_below(&self.path);
        // What cannot be removed now is swept by the next build.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn folder(bundle: &Path) -> PathBuf {
    bundle.join("parts")
}

/// Removes what interrupted runs left. What is locked is somebody's work: a base image is also made for a
/// stack's own image, without the bundle.
pub fn sweep(bundle: &Path) -> Result<()> {
    let parts = folder(bundle);
    if !parts.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(&parts).with_context(|| format!("could not remove {}", parts.display()))? {
        let path = entry?.path();
        let at_work = |folder: File| matches!(folder.try_lock(), Err(TryLockError::WouldBlock));
        if File::open(&path).is_ok_and(at_work) {
            continue;
        }
        unmount_below(&path);
        remove_if_there(&path)?;
    }
    // Only when nobody is at work.
    let _ = std::fs::remove_dir(&parts);
    Ok(())
}

/// debootstrap mounts /proc and /sys below its root, and leaves them there when it is killed.
fn unmount_below(folder: &Path) {
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else { return };
    let mut points: Vec<_> = mount_points(&table).filter(|p| p.starts_with(folder)).collect();
    // The innermost first.
    points.sort_by_key(|p| std::cmp::Reverse(p.components().count()));
    for point in points {
        // Where it fails, removing the folder fails too. Not through `exec`: a drop cannot await.
        let _ = std::process::Command::new("umount").arg(&point).output();
    }
}

fn mount_points(table: &str) -> impl Iterator<Item = PathBuf> + '_ {
    table.lines().filter_map(|line| line.split(' ').nth(4)).map(|p| PathBuf::from(p.replace("\\040", " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_removes_what_nobody_works_in() {
        let bundle = tempfile::tempdir().unwrap();
        let parts = folder(bundle.path());
        std::fs::create_dir_all(parts.join("left")).unwrap();
        let part = Part::below(&parts, "rootfs").unwrap();
        sweep(bundle.path()).unwrap();
        assert!(part.path().exists() && !parts.join("left").exists());
        drop(part);
        sweep(bundle.path()).unwrap();
        assert!(!parts.exists());
    }

    #[test]
    fn mount_points_are_read_with_their_spaces() {
        let table =
            "36 35 98:0 / /mnt/a\\040b rw shared:1 - ext3 /dev/root rw\n37 35 0:4 / /proc rw - proc proc rw";
        let points: Vec<_> = mount_points(table).collect();
        assert_eq!(points, [PathBuf::from("/mnt/a b"), PathBuf::from("/proc")]);
    }
}
