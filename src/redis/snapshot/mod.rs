//! Verified copies of all of a redis' data: taken, listed, pruned, put back.
//!
//! A snapshot is the RDB file that redis sends to a new replica: every database at one moment, in the
//! standard format. It is put back with `RESTORE`, key by key. Both need a client connection and
//! nothing else: no file on the server, no address that the server could reach us at, no second redis.

mod gather;
mod narrow;
mod restore;
mod take;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::rdb::{Summary, summarise};
use crate::error::{problem, said};
use crate::fs::remove_if_there;

pub(in crate::redis) use gather::gather;
pub use restore::restore;
pub(in crate::redis) use restore::{Batch, readable, readable_version, walk};
pub(in crate::redis) use take::{Moved, take_moved};
pub use take::{take, take_orphaned};

/// Version of the description's format.
const SCHEMA: u32 = 1;
/// What the name of an unfinished snapshot begins with.
const PART: &str = ".part-";

/// Where a snapshot comes from: for its description only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The cluster's UID; none outside of one.
    pub cluster: Option<String>,
    /// What it was, for people: `redis in minikube`.
    pub source: String,
    /// Why it was taken: `redis clean`.
    pub reason: String,
}

/// A snapshot's description, the JSON file beside the RDB file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Version of this description's format.
    pub schema: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// Where it comes from.
    pub origin: Origin,
    /// Where redis answered.
    pub addr: String,
    /// The sha256 of the RDB file, in hex.
    pub sha256: String,
    /// What it holds.
    pub holds: Summary,
}

/// A snapshot that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The RDB file.
    pub path: PathBuf,
    /// Its description.
    pub meta: Meta,
}

/// What a folder of snapshots holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The snapshots, newest first.
    pub snapshots: Vec<Snapshot>,
    /// Descriptions that cannot be read, or whose RDB file is gone or of another size, and why.
    pub damaged: Vec<(PathBuf, String)>,
}

/// Walks through an RDB file; its digest comes out of the same reading.
fn examine(path: &Path) -> Result<(Summary, String)> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut input = Hashing { inner: file, digest: Sha256::new() };
    let holds = summarise(BufReader::with_capacity(1 << 16, &mut input))?;
    Ok((holds, format!("{:x}", input.digest.finalize())))
}

struct Hashing<R> {
    inner: R,
    digest: Sha256,
}

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.digest.update(&buffer[..n]);
        Ok(n)
    }
}

/// The snapshots in a folder; a folder that is not there holds none.
pub fn list(dir: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(listing),
        Err(e) => return Err(e).with_context(|| format!("could not read {}", dir.display())),
    };
    for entry in entries {
        let description = entry.with_context(|| format!("could not read {}", dir.display()))?.path();
        if description.extension().is_none_or(|e| e != "json") {
            continue;
        }
        match read(&description) {
            Ok(snapshot) => listing.snapshots.push(snapshot),
            Err(e) => listing.damaged.push((description, said(&e))),
        }
    }
    listing.snapshots.sort_by(|a, b| (b.meta.at, &b.path).cmp(&(a.meta.at, &a.path)));
    listing.damaged.sort();
    Ok(listing)
}

/// Reads a snapshot's description (`….json`) or that beside an RDB file; the RDB file itself is only
/// looked at for its size.
pub fn read(path: &Path) -> Result<Snapshot> {
    let text = std::fs::read_to_string(path.with_extension("json"))
        .with_context(|| format!("could not read {}", path.with_extension("json").display()))?;
    let meta: Meta = serde_json::from_str(&text).context("the description is damaged")?;
    if meta.schema > SCHEMA {
        return Err(problem!(Snapshot, "a newer opsctl wrote this snapshot").into());
    }
    let path = path.with_extension("rdb");
    let size = std::fs::metadata(&path).with_context(|| format!("could not read {}", path.display()))?.len();
    if size != meta.holds.bytes {
        let (file, wanted) = (path.display(), meta.holds.bytes);
        return Err(problem!(Snapshot, "{file} has {size} bytes and should have {wanted}").into());
    }
    Ok(Snapshot { path, meta })
}

/// Removes all but the newest `keep`, and of these the oldest until they take `bytes` at most.
///
/// The newest one stays whatever its size, and so do those that are spared: about to be put back. What a
/// killed run left half-done goes as well.
pub fn prune(dir: &Path, keep: usize, bytes: u64, spared: &[PathBuf]) -> Result<Vec<Snapshot>> {
    let mut removed = Vec::new();
    let mut total = 0_u64;
    for (n, snapshot) in list(dir)?.snapshots.into_iter().enumerate() {
        total = total.saturating_add(snapshot.meta.holds.bytes);
        if n > 0 && (n >= keep || total > bytes) && !spared.contains(&snapshot.path) {
            remove(&snapshot)?;
            removed.push(snapshot);
        }
    }
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(removed) };
    for path in entries.flatten().map(|e| e.path()) {
        let unfinished = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(PART))
            || (path.extension().is_some_and(|e| e == "rdb") && !path.with_extension("json").exists());
        // A day: another opsctl may be at it just now.
        let old = path
            .metadata()
            .and_then(|m| m.modified())
            .is_ok_and(|t| t.elapsed().is_ok_and(|age| age > Duration::from_hours(24)));
        if unfinished && old {
            remove_if_there(&path)?;
        }
    }
    Ok(removed)
}

/// Removes a snapshot: the description first, so that what is left of a torn removal is none.
pub fn remove(snapshot: &Snapshot) -> Result<()> {
    for path in [snapshot.path.with_extension("json"), snapshot.path.clone()] {
        remove_if_there(&path)?;
    }
    Ok(())
}

/// The snapshot of this path, proven to be whole and as it was taken.
pub async fn sound(path: &Path) -> Result<Snapshot> {
    let path = path.to_owned();
    let look = tokio::task::spawn_blocking(move || {
        let snapshot = read(&path)?;
        check(&snapshot)?;
        Ok(snapshot)
    });
    look.await.context("the check of the snapshot did not end")?
}

/// Walks through a snapshot again and compares it with its description.
pub fn check(snapshot: &Snapshot) -> Result<()> {
    let name = snapshot.path.display();
    let (holds, sha256) = examine(&snapshot.path).with_context(|| format!("the snapshot {name}"))?;
    if sha256 != snapshot.meta.sha256 || holds != snapshot.meta.holds {
        return Err(problem!(
            Snapshot,
            "the snapshot {name} is not the file that was saved: its sha256 differs"
        )
        .into());
    }
    Ok(())
}
