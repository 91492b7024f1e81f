//! What runs inside pods: `opsctl serve …`.

mod children;
pub mod cli;
mod delay;
pub mod election;
pub mod http_call;
mod operator;
mod peer;
mod rewatch;
pub mod timestamps;
mod watch_pods;
pub mod web;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// One line on standard output: the time, then what happened. A closed pipe is no reason to stop.
pub fn log(line: &str) {
    let now = jiff::Timestamp::now();
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{now:.3} {}", line.replace('\n', " ")));
    drop(out.flush());
}

/// Runs what the command line says, until it ends; the code is the process's.
pub async fn run(command: cli::Serve) -> Result<u8> {
    match command {
        cli::Serve::Election(options) => Box::pin(election::run(*options)).await,
        cli::Serve::Balancer(options) => Box::pin(web::balancer::run(*options)).await,
        cli::Serve::Nginx(options) => Box::pin(web::nginx::run(*options)).await,
        cli::Serve::Peer(options) => Box::pin(peer::run(options)).await,
        cli::Serve::Operator(options) => Box::pin(operator::run(options)).await,
        cli::Serve::Delay { listen, to, by } => delay::run(listen, to, by).await,
        cli::Serve::Timestamps { settings: true } => {
            let mut out = std::io::stdout().lock();
            // A reader that wants no more of it is no error.
            drop(writeln!(out, "{}", timestamps::table()));
            Ok(0)
        }
        cli::Serve::Timestamps { settings: false } => Box::pin(timestamps::run()).await,
        cli::Serve::Witness => watch_pods::run().await,
        cli::Serve::Install { folder } => install(&folder).map(|()| 0),
    }
}

/// Copies this very program, so that another image's container can run it.
fn install(folder: &Path) -> Result<()> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    let target = folder.join("opsctl");
    std::fs::copy(&own, &target)
        .with_context(|| format!("could not copy {} to {}", own.display(), target.display()))?;
    Ok(())
}
