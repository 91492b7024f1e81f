//! What must be on the machine before a cluster can be: Docker, its daemon, a few tools; and their removal.

pub mod daemon;
pub mod docker;
pub mod net;
pub mod packages;

use std::path::{Path, PathBuf};

use crate::exec::Run;

/// Whether this process is root's.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of a process's entry in /proc is its effective user.
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// This machine's architecture as Go, Docker, Kubernetes and minikube name it.
pub fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Free space where a folder is or will be; none where df does not say.
pub async fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|a| a.exists())?;
    let text = Run::new("df").args(["-Pk", "--"]).arg(there).text().await.ok()?;
    let kib: u64 = text.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib << 10)
}

/// A program of the system: on PATH, or where packages put what only root runs.
pub fn program(name: &str) -> Option<PathBuf> {
    which::which(name).ok().or_else(|| {
        ["/usr/sbin", "/usr/local/sbin", "/sbin"]
            .into_iter()
            .map(|dir| Path::new(dir).join(name))
            .find(|path| path.is_file())
    })
}
