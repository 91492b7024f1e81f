//! The Docker that is there: client, daemon, what it runs with.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::error::said;
use crate::exec::Run;

/// Where an engine on this machine listens, unless told otherwise.
const SOCKET: &str = "/var/run/docker.sock";

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
        Err(error) => Docker::Silent { reason: said(&error), engine: engine() },
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

/// The engine's version, asked on its usual socket: to start a client takes longer than all else that it does.
/// None where the client would ask elsewhere, or where nobody answers: then the client tells what is wrong.
pub async fn ping() -> Option<String> {
    let elsewhere = ["DOCKER_HOST", "DOCKER_CONTEXT"].iter().any(|name| std::env::var_os(name).is_some());
    if elsewhere || has_context() || which::which("docker").is_err() {
        return None;
    }
    let answer = async {
        let mut socket = UnixStream::connect(SOCKET).await?;
        socket.write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n").await?;
        let mut text = String::new();
        socket.take(4096).read_to_string(&mut text).await?;
        std::io::Result::Ok(text)
    };
    let text = tokio::time::timeout(Duration::from_secs(2), answer).await.ok()?.ok()?;
    version_in(&text).map(str::to_owned)
}

/// Whether the client's own settings name a context, which says where the engine is.
fn has_context() -> bool {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    let Some(folder) = folder.or_else(home) else { return false };
    let Ok(text) = std::fs::read_to_string(folder.join("config.json")) else { return false };
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    settings["currentContext"].as_str().is_some_and(|context| !context.is_empty())
}

/// The version that a Docker engine names in the header of its answer.
fn version_in(answer: &str) -> Option<&str> {
    let (status, rest) = answer.split_once("\r\n")?;
    let server = rest.lines().find_map(|line| line.strip_prefix("Server: Docker/"))?;
    status.contains(" 200").then(|| server.split_whitespace().next()).flatten()
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
    fn an_engine_is_known_by_the_header_of_its_answer() {
        let answer =
            "HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24+dfsg1 (linux)\r\n\r\nOK";
        assert_eq!(version_in(answer), Some("20.10.24+dfsg1"));
        assert_eq!(version_in(&answer.replace("200 OK", "500 Internal Server Error")), None);
        assert_eq!(version_in(&answer.replace("Docker/", "Libpod/")), None, "the client knows how it is");
        assert_eq!(version_in(""), None);
    }

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
