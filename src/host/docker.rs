//! The Docker that is there: client, daemon, what it runs with.

use std::ffi::OsStr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::exec::Run;

/// A run of the Docker client. Docker's own contexts and variables decide which daemon it talks to.
pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Run {
    Run::new("docker").args(args)
}

/// What the daemon says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Info {
    /// The engine's version.
    #[serde(rename = "ServerVersion")]
    pub version: String,
    /// The storage driver, such as `overlay2`, or a containerd snapshotter.
    #[serde(rename = "Driver")]
    pub storage: String,
    /// The runtime that containers get.
    #[serde(rename = "DefaultRuntime")]
    pub runtime: String,
    /// `1` or `2`.
    #[serde(rename = "CgroupVersion")]
    pub cgroup: String,
    /// Processors that containers can have.
    #[serde(rename = "NCPU")]
    pub cpus: u64,
    /// Memory that containers can have, in bytes.
    #[serde(rename = "MemTotal")]
    pub memory: u64,
    /// The registry of images whose names have none.
    #[serde(rename = "IndexServerAddress")]
    pub index: String,
    /// Where it keeps its data.
    #[serde(rename = "DockerRootDir")]
    pub root: String,
}

/// Docker on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Docker {
    /// No client on PATH.
    NoClient,
    /// A client, but no daemon answers it.
    Silent {
        /// What the client said.
        reason: String,
        /// Whether the engine is installed on this machine.
        engine: bool,
    },
    /// A daemon answers.
    Running(Info),
}

/// Looks at Docker. Within 30 s.
pub async fn probe() -> Result<Docker> {
    if which::which("docker").is_err() {
        return Ok(Docker::NoClient);
    }
    let info = run(["info", "--format", "{{json .}}"]).timeout(Duration::from_secs(30)).any().await;
    Ok(match info {
        Ok(output) => understood(output.ok(), &output.stdout, &output.last_words(1))?,
        Err(error) => Docker::Silent { reason: format!("{error:#}"), engine: engine() },
    })
}

/// With a dead daemon `docker info` still prints its document, with the error in it, and some versions end
/// with 0 all the same.
fn understood(ok: bool, stdout: &str, words: &str) -> Result<Docker> {
    let info: Info = if stdout.trim().is_empty() {
        Info::default()
    } else {
        serde_json::from_str(stdout.trim()).context("docker info did not answer with JSON")?
    };
    if ok && !info.version.is_empty() {
        return Ok(Docker::Running(info));
    }
    Ok(Docker::Silent { reason: words.trim().to_owned(), engine: engine() })
}

/// Whether the daemon's program is installed here.
pub fn engine() -> bool {
    super::program("dockerd").is_some()
}

/// Whether a daemon answers.
pub async fn answers() -> bool {
    matches!(probe().await, Ok(Docker::Running(_)))
}

/// Whether the registry that Docker would pull from can be reached from here at all.
pub async fn registry_reachable() -> bool {
    let Ok(Docker::Running(info)) = probe().await else { return false };
    let host = info.index.trim_start_matches("https://").split('/').next().unwrap_or_default();
    !host.is_empty() && super::net::reachable(host).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_counts_as_running_only_when_it_names_its_version() {
        let said = r#"{"ServerVersion":"20.10.24","Driver":"overlay2","NCPU":2,"MemTotal":1024}"#;
        assert!(matches!(understood(true, said, "").unwrap(), Docker::Running(i) if i.cpus == 2));
        let dead = r#"{"ServerVersion":"","ServerErrors":["Cannot connect"]}"#;
        assert!(
            matches!(understood(true, dead, "Cannot connect").unwrap(), Docker::Silent { reason, .. } if reason == "Cannot connect")
        );
        assert!(matches!(understood(false, "", "refused").unwrap(), Docker::Silent { .. }));
        assert!(understood(true, "<html>", "").is_err());
    }
}
