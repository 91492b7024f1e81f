//! What a peer answers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Shared;
use crate::peering::{GENERATION_HEADER, ID_HEADER, NAME_HEADER, PONG};
use crate::serve::log;

/// Serves until it is told to end; requests that are under way are answered.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>, mut ended: watch::Receiver<bool>) {
    let end = async move { drop(ended.wait_for(|ended| *ended).await) };
    if let Err(error) = axum::serve(listener, app(shared)).with_graceful_shutdown(end).await {
        log(&format!("could not serve: {error}"));
    }
}

fn app(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/peers", get(|State(shared): State<Arc<Shared>>| async move { Json(shared.report()) }))
        .with_state(shared)
}

/// The pong, with who answers and by which configuration.
async fn ping(State(shared): State<Arc<Shared>>) -> Response {
    shared.metrics.pinged();
    let mut response = ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], PONG).into_response();
    let mut add = |name: &'static str, value: &str| {
        // A name that is no header's value is told without what does not fit.
        let fits: String = value.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        if let Ok(value) = HeaderValue::from_str(&fits) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    add(NAME_HEADER, &shared.me.name);
    add(ID_HEADER, &shared.me.id);
    if let Some(generation) = shared.generation() {
        add(GENERATION_HEADER, &generation.to_string());
    }
    response
}

/// The main loop goes round.
async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    verdict(shared.is_alive(), "ok", "the main loop stands still")
}

/// It has a configuration.
async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    verdict(shared.is_ready(), "ok", "no configuration yet, or ending")
}

fn verdict(good: bool, yes: &str, no: &str) -> Response {
    let (status, word) = if good { (StatusCode::OK, yes) } else { (StatusCode::SERVICE_UNAVAILABLE, no) };
    (status, format!("{word}\n")).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], shared.metrics.text()).into_response()
}
