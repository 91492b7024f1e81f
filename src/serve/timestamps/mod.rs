//! `serve timestamps`: an HTTP API that keeps named timestamps in redis.

pub mod api;
mod guard;
mod listen;
mod logs;
mod metrics;
mod ops;
pub mod problem;
pub mod settings;
mod stamp;
pub mod store;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub use guard::SERVER;
pub use metrics::Metrics;

use crate::error::{Problem, opsctl};
use guard::Guard;
use listen::Limits;
use logs::Logs;
use settings::{PREFIX, Settings};
use store::Store;

/// How many may look at health and metrics at one time.
const WATCHERS: usize = 64;

/// The settings that the environment has; the error names all that is wrong.
fn settings() -> Result<Settings> {
    Settings::of(variables()).map_err(|wrong| {
        let problem = Problem::usage(match wrong.len() {
            1 => "a setting of the timestamp API is wrong".to_owned(),
            n => format!("{n} settings of the timestamp API are wrong"),
        });
        let problem = wrong.into_iter().fold(problem, Problem::found);
        problem.next(opsctl("serve timestamps --settings")).into()
    })
}

/// The variables; one that is no text is none of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The settings as a table: what counts, secrets not shown, and what each is.
pub fn table() -> String {
    let shown = settings::shown(variables());
    let rows = shown.iter().zip(settings::ROWS);
    let line = |((name, value), row): (&(String, String), &settings::Row)| {
        let pair = format!("{name}={value}");
        format!("{pair:<58} # {}", row.about)
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

/// Serves until SIGTERM or SIGINT.
pub async fn run() -> Result<u8> {
    let settings = Arc::new(settings()?);
    let metrics = Arc::new(Metrics::default());
    let logs = Logs::start(settings.log, &settings.environment, metrics.lines_lost().clone());
    more_files();
    let shown: Vec<String> =
        settings::shown(variables()).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), settings = shown.join(" "), "starting");
    let listen = |address, name: &str| {
        listen::on(address).with_context(|| format!("could not listen on {address} ({PREFIX}{name})"))
    };
    let api = listen(settings.listen, "LISTEN")?;
    let ops = listen(settings.ops_listen, "OPS_LISTEN")?;
    let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
    let [mut terminate, mut interrupt] = kinds.map(signal);
    let told = async {
        let (terminate, interrupt) = (terminate.as_mut().ok(), interrupt.as_mut().ok());
        if let (Some(terminate), Some(interrupt)) = (terminate, interrupt) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        } else {
            std::future::pending::<()>().await;
        }
    };
    serve(settings.clone(), metrics, logs.clone(), api, ops, told).await;
    logs.flush();
    Ok(0)
}

/// Serves on these two ports until told to end, then until clients have gone elsewhere.
async fn serve(
    settings: Arc<Settings>,
    metrics: Arc<Metrics>,
    logs: Logs,
    api: TcpListener,
    ops: TcpListener,
    told: impl Future<Output = ()>,
) {
    let store = Store::start(&settings, &metrics);
    let (ending, is_ending) = watch::channel(false);
    let (end, ended) = watch::channel(false);
    let guard =
        Guard { metrics: metrics.clone(), limit: settings.request_timeout, ending: is_ending.clone() };
    let public = api::app(store.clone(), &settings, guard);
    let inner = ops::app(ops::Ops { store, metrics: metrics.clone(), logs, ending: is_ending });
    let limits = Limits {
        headers: settings.header_timeout,
        connections: settings.connections,
        age: settings.connection_age,
    };
    let of_ops = Limits { connections: WATCHERS, ..limits };
    let open = metrics.connections().clone();
    let serving = tokio::spawn(listen::serve(api, public, limits, open, ended.clone()));
    let watched = tokio::spawn(listen::serve(ops, inner, of_ops, Gauge::default(), ended));
    told.await;
    tracing::info!(drain_ms = millis(settings.drain), "ending: clients are sent elsewhere");
    ending.send_replace(true);
    tokio::time::sleep(settings.drain).await;
    end.send_replace(true);
    let _ = tokio::join!(serving, watched);
    tracing::info!("ended");
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Each connection is an open file; what a process may have by itself is often a thousand.
fn more_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "could not raise the limit of open files");
    }
}

#[cfg(test)]
mod tests;
