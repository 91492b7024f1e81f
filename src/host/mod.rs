//! What must be on the machine before a cluster can be: Docker, its daemon, a few tools; and their removal.

pub mod daemon;
pub mod docker;
pub mod net;
pub mod packages;

/// Whether this process is root's.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of a process's entry in /proc is its effective user.
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// A program of the system: on PATH, or where packages put what only root runs.
pub fn program(name: &str) -> Option<std::path::PathBuf> {
    which::which(name).ok().or_else(|| {
        ["/usr/sbin", "/usr/local/sbin", "/sbin"]
            .into_iter()
            .map(|dir| std::path::Path::new(dir).join(name))
            .find(|path| path.is_file())
    })
}
