//! Completion: static scripts, and the candidates of the dynamic one (local files only).

use std::path::PathBuf;

use clap::CommandFactory as _;
use clap_complete::CompletionCandidate;

use crate::cli::Cli;
use crate::context::Paths;
use crate::ui::Ui;

/// The static completion script of a shell.
pub fn script(shell: clap_complete::Shell) -> Vec<u8> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "opsctl", &mut bytes);
    bytes
}

/// Prints the static script.
pub fn print(ui: &Ui, shell: clap_complete::Shell) {
    ui.data(String::from_utf8_lossy(&script(shell)).trim_end());
}

/// The names of the kept snapshots, newest first.
pub fn snapshots() -> Vec<CompletionCandidate> {
    let Ok(paths) = Paths::from_environment(None::<PathBuf>) else { return Vec::new() };
    let Ok(listing) = crate::redis::snapshot::list(&paths.snapshots()) else { return Vec::new() };
    let candidate = |snapshot: &crate::redis::snapshot::Snapshot| {
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
