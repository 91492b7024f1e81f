//! What both containers have in common: the signals of a first process, and what a server's program says of itself.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::process::Command;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::serve::children::{Own, send};
use crate::serve::election::service;
use crate::serve::log;

/// The signals that matter here.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    child: Signal,
}

impl Signals {
    /// Listens from now on.
    pub fn new() -> Result<Self> {
        let of = |kind| signal(kind).context("could not listen for signals");
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
            child: of(SignalKind::child())?,
        })
    }

    /// Returns when the process is asked to stop. Reaps whose parent has gone meanwhile.
    pub async fn asked_to_stop(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.child.recv() => crate::serve::children::reap(),
            }
        }
    }
}

/// Sends a signal to a child, and waits for its end; after the limit it is killed. The code is its own.
pub async fn end(mut child: Own, signal: i32, limit: Duration) -> u8 {
    if let Err(error) = send(child.pid(), signal) {
        log(&format!("signal {signal}: {error:#}"));
    }
    if let Ok(Ok(status)) = tokio::time::timeout(limit, child.wait()).await {
        return service::code(status);
    }
    log("the server did not end in time: killed");
    137
}

/// The first line in which a program names its version.
pub async fn version(program: &str, flag: &str, says: &str) -> Result<String> {
    let output = Command::new(program).arg(flag).stdin(Stdio::null()).output().await;
    let output = output.with_context(|| format!("could not run {program}"))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line =
        text.lines().find_map(|line| line.split_once(says)).with_context(|| format!("{program} {flag}"))?;
    let number: String =
        line.1.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Ok(format!("{program} {}", number.trim_end_matches('.')))
}
