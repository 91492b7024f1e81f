//! Questions inside of a pod, by way of its node's kubelet: no Service and no network policy stands in between.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::api::AttachParams;
use kube::{Api, Client};
use tokio::io::AsyncReadExt as _;

use crate::serve::http_call::{self, Reply};

/// The most that is read of an answer.
const LIMIT: u64 = 1024 * 1024;

/// Runs a command in a container, and returns what it wrote on its standard output. Its words stand in the log of
/// the API server, so no secret may be among them.
pub async fn exec(
    client: &Client,
    namespace: &str,
    pod: &str,
    container: &str,
    command: &[&str],
    limit: Duration,
) -> Result<String> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let ask = async {
        let params = AttachParams::default().container(container).stdout(true).stderr(true).stdin(false);
        let mut process = pods.exec(pod, command.iter().copied(), &params).await?;
        let (mut out, mut err) = (String::new(), String::new());
        let (stdout, stderr) = (process.stdout(), process.stderr());
        let read_out = async {
            if let Some(stdout) = stdout {
                stdout.take(LIMIT).read_to_string(&mut out).await?;
            }
            std::io::Result::Ok(())
        };
        let read_err = async {
            if let Some(stderr) = stderr {
                stderr.take(LIMIT).read_to_string(&mut err).await?;
            }
            std::io::Result::Ok(())
        };
        tokio::try_join!(read_out, read_err)?;
        let status = match process.take_status() {
            Some(status) => status.await,
            None => None,
        };
        let done = status.is_some_and(|status| status.status.as_deref() == Some("Success"));
        anyhow::ensure!(done, "it ended with an error: {} {}", out.trim(), err.trim());
        anyhow::Ok(out)
    };
    let what = || format!("could not run {} in pod {pod}", command.first().unwrap_or(&""));
    tokio::time::timeout(limit, ask).await.with_context(what)?.with_context(what)
}

/// A GET from a port of a pod, as if asked from inside of it.
pub async fn get(
    client: &Client,
    namespace: &str,
    pod: &str,
    port: u16,
    path: &str,
    limit: Duration,
) -> Result<Reply> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let ask = async {
        let mut forwarder = pods.portforward(pod, &[port]).await?;
        let stream = forwarder.take_stream(port).context("no stream")?;
        let reply = http_call::exchange(stream, "GET", pod, path, &[], "").await;
        forwarder.abort();
        reply
    };
    let what = || format!("could not ask pod {pod} for {path}");
    tokio::time::timeout(limit, ask).await.with_context(what)?.with_context(what)
}
