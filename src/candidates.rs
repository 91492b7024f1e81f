//! What the dynamic completion offers, found in local files.

use std::path::PathBuf;

use clap_complete::CompletionCandidate;

use crate::context::Paths;
use crate::redis::snapshot::{self, Snapshot};

/// The names of the kept snapshots, newest first.
pub fn snapshots() -> Vec<CompletionCandidate> {
    let Ok(paths) = Paths::from_environment(None::<PathBuf>) else { return Vec::new() };
    let Ok(listing) = snapshot::list(&paths.snapshots()) else { return Vec::new() };
    let candidate = |snapshot: &Snapshot| {
        let (at, holds) = (snapshot.meta.at.strftime("%Y-%m-%d %H:%M"), &snapshot.meta.holds);
        let told = format!("{at}, {}, {} keys", snapshot.meta.origin.reason, holds.keys);
        Some(CompletionCandidate::new(snapshot.path.file_name()?).help(Some(told.into())))
    };
    listing.snapshots.iter().filter_map(candidate).collect()
}

/// The names of the minikube profiles on this machine.
pub fn profiles() -> Vec<CompletionCandidate> {
    let Ok(paths) = Paths::from_environment(None::<PathBuf>) else { return Vec::new() };
    let Ok(folder) = std::fs::read_dir(paths.minikube.join("profiles")) else { return Vec::new() };
    folder
        .flatten()
        .filter(|entry| entry.path().join("config.json").is_file())
        .map(|entry| CompletionCandidate::new(entry.file_name()))
        .collect()
}
