//! Folders for what is not finished yet.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::context::Context;

/// A folder of its own for one piece of work, on the bundle's file system; removed when dropped.
pub struct Part {
    path: PathBuf,
}

impl Part {
    /// A new, empty one.
    pub fn new(cx: &Context, name: &str) -> Result<Self> {
        let parts = folder(&cx.paths.bundle());
        std::fs::create_dir_all(&parts).with_context(|| format!("could not make {}", parts.display()))?;
        let dir = tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(&parts)?;
        Ok(Self { path: dir.keep() })
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

/// Removes what interrupted runs left. Nobody else is building: the caller holds the lock.
pub fn sweep(bundle: &Path) -> Result<()> {
    let parts = folder(bundle);
    if !parts.exists() {
        return Ok(());
    }
    unmount_below(&parts);
    std::fs::remove_dir_all(&parts).with_context(|| format!("could not remove {}", parts.display()))
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
    fn mount_points_are_read_with_their_spaces() {
        let table =
            "36 35 98:0 / /mnt/a\\040b rw shared:1 - ext3 /dev/root rw\n37 35 0:4 / /proc rw - proc proc rw";
        let points: Vec<_> = mount_points(table).collect();
        assert_eq!(points, [PathBuf::from("/mnt/a b"), PathBuf::from("/proc")]);
    }
}
