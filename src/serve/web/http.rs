//! What a balancer tells of its list: once, or line by line as it changes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::stream;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::listing::Listing;

/// A line is repeated so often where nothing changes: who hears none knows that the balancer is away.
pub const BEAT: Duration = Duration::from_millis(500);
/// haproxy was not heard for so long: this balancer is not fit for requests.
const SILENT: Duration = Duration::from_secs(3);

/// What the balancer last made of everything.
#[derive(Clone, Debug)]
pub struct Told {
    /// The list.
    pub listing: Listing,
    /// Somebody told who exists.
    pub known: bool,
    /// When haproxy was last heard.
    pub looked: Option<Instant>,
}

impl Told {
    fn is_fit(&self) -> bool {
        self.looked.is_some_and(|at| at.elapsed() < SILENT)
    }
}

/// Serves the list until the process ends.
pub async fn serve(listen: SocketAddr, told: watch::Receiver<Told>) -> Result<()> {
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("could not listen on {listen}"))?;
    tokio::spawn(async move { drop(axum::serve(listener, app(told)).await) });
    Ok(())
}

fn app(told: watch::Receiver<Told>) -> Router {
    Router::new()
        .route("/list", get(list))
        .route("/stream", get(lines))
        .route("/readyz", get(readyz))
        .route("/healthz", get(healthz))
        .with_state(told)
}

async fn list(State(told): State<watch::Receiver<Told>>) -> Response {
    let listing = told.borrow().listing.clone();
    ([(header::CACHE_CONTROL, "no-store")], Json(listing)).into_response()
}

/// The list now, again with each change, and again after each [`BEAT`]; a line each, as long as somebody looks.
async fn lines(State(told): State<watch::Receiver<Told>>) -> Response {
    let stream = stream::unfold((told, true), |(mut told, first)| async move {
        if !first {
            let _ = tokio::time::timeout(BEAT, told.changed()).await;
        }
        // The balancer ends: its last list is nobody's any more.
        told.has_changed().ok()?;
        let mut line = serde_json::to_vec(&told.borrow_and_update().listing).unwrap_or_default();
        line.push(b'\n');
        Some((Ok::<_, Infallible>(line), (told, false)))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(stream)).into_response()
}

/// haproxy answers, and somebody told which servers exist.
async fn readyz(State(told): State<watch::Receiver<Told>>) -> StatusCode {
    let told = told.borrow();
    if told.known && told.is_fit() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// haproxy answers, or has not been started yet.
async fn healthz(State(told): State<watch::Receiver<Told>>) -> StatusCode {
    let told = told.borrow();
    if told.looked.is_none() || told.is_fit() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpStream;

    use super::*;
    use crate::serve::http_call;
    use crate::serve::web::listing::now;

    fn told() -> Told {
        let listing = Listing {
            balancer: "b".into(),
            node: "m02".into(),
            number: 1,
            changed: now(),
            unheard_since: None,
            servers: Vec::new(),
            slots: 4,
            reloads: 0,
            base: "Alpine Linux v3.10".into(),
            version: "haproxy 2.0.14".into(),
        };
        Told { listing, known: true, looked: Some(Instant::now()) }
    }

    async fn served(told: Told) -> (String, watch::Sender<Told>) {
        let (tell, receiver) = watch::channel(told);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { drop(axum::serve(listener, app(receiver)).await) });
        (at, tell)
    }

    #[tokio::test]
    async fn who_follows_hears_a_change_at_once_and_a_beat_where_there_is_none() {
        let (at, tell) = served(told()).await;
        let mut stream = TcpStream::connect(&at).await.unwrap();
        stream.write_all(b"GET /stream HTTP/1.0\r\n\r\n").await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        while !lines.next_line().await.unwrap().unwrap().is_empty() {}
        let mut next = async || -> Listing {
            let line = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await;
            serde_json::from_str(&line.unwrap().unwrap().unwrap()).unwrap()
        };
        assert_eq!(next().await.number, 1);
        tell.send_modify(|told| told.listing.number = 2);
        assert_eq!(next().await.number, 2);
        assert_eq!(next().await.number, 2, "the beat");
    }

    #[tokio::test]
    async fn a_balancer_that_ends_tells_its_last_list_to_nobody() {
        let (at, tell) = served(told()).await;
        let follow = async || {
            let mut stream = TcpStream::connect(&at).await.unwrap();
            stream.write_all(b"GET /stream HTTP/1.0\r\n\r\n").await.unwrap();
            let mut lines = BufReader::new(stream).lines();
            while !lines.next_line().await.unwrap().unwrap().is_empty() {}
            lines
        };
        let mut before = follow().await;
        assert!(before.next_line().await.unwrap().is_some());
        drop(tell);
        assert_eq!(before.next_line().await.unwrap(), None, "whoever heard it");
        assert_eq!(follow().await.next_line().await.unwrap(), None, "and who comes now");
    }

    #[tokio::test]
    async fn a_balancer_is_ready_once_it_knows_who_exists_and_as_long_as_haproxy_answers() {
        let limit = Duration::from_secs(20);
        for (known, looked, ready, healthy) in [
            (true, Some(Instant::now()), 200, 200),
            (false, Some(Instant::now()), 503, 200),
            (false, None, 503, 200),
            (true, Instant::now().checked_sub(SILENT * 2), 503, 503),
        ] {
            let (at, _tell) = served(Told { known, looked, ..told() }).await;
            assert_eq!(http_call::get(&at, "/readyz", limit).await.unwrap().status, ready);
            assert_eq!(http_call::get(&at, "/healthz", limit).await.unwrap().status, healthy);
        }
    }
}
