//! The second port: health, metrics, the log's level. For the cluster, not for clients.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::watch;
use tracing::Level;

use super::logs::Logs;
use super::metrics::Metrics;
use super::problem::Problem;
use super::store::Store;

/// What the handlers share.
#[derive(Clone)]
pub struct Ops {
    /// The timestamps.
    pub store: Store,
    /// The counts.
    pub metrics: Arc<Metrics>,
    /// The log.
    pub logs: Logs,
    /// Told to end: no new requests, please.
    pub ending: watch::Receiver<bool>,
}

/// The second port's service.
pub fn app(ops: Ops) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/level", get(level).put(set_level))
        .with_state(ops)
}

/// Ready once redis has been reached, and from then on: if readiness followed an outage, nobody would be left to
/// say 503.
async fn ready(State(ops): State<Ops>) -> Response {
    let [reads, writes] = ops.store.reached();
    let is_ready = ops.store.is_ready() && !*ops.ending.borrow();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": is_ready, "reads": reads, "writes": writes}))).into_response()
}

async fn metrics(State(ops): State<Ops>) -> Response {
    ops.metrics.set_ready(ops.store.is_ready());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], ops.metrics.text()).into_response()
}

async fn level(State(ops): State<Ops>) -> String {
    format!("{}\n", ops.logs.level())
}

/// Only from inside of the pod, which is where `kubectl port-forward` comes from.
async fn set_level(
    State(ops): State<Ops>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    body: String,
) -> Result<String, Problem> {
    if !from.ip().is_loopback() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "the level can be set from 127.0.0.1 alone"));
    }
    let level: Level =
        body.trim().parse().map_err(|_| Problem::bad("a level is error, warn, info, debug or trace"))?;
    ops.logs.set(level);
    Ok(format!("{}\n", ops.logs.level()))
}
