//! What the operator takes for the API server: it hands everything on, counts the writes, and kills whoever it is
//! told to right after one of them took effect.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use kube::{Client, Config};

/// The proxy of one operator.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    inside: Arc<Inside>,
}

struct Inside {
    client: Client,
    writes: Mutex<Vec<String>>,
    kill_after: AtomicUsize,
    victim: AtomicU32,
    away: tokio::sync::watch::Sender<bool>,
}

impl Proxy {
    /// A proxy for requests with these rights.
    pub async fn start(config: Config) -> Self {
        let inside = Arc::new(Inside {
            client: Client::try_from(config).unwrap(),
            writes: Mutex::default(),
            kill_after: AtomicUsize::new(usize::MAX),
            victim: AtomicU32::new(0),
            away: tokio::sync::watch::Sender::new(false),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(hand_on).with_state(inside.clone());
        tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        Self { address, inside }
    }

    /// The writes that took effect so far, and forgets them.
    pub fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.inside.writes.lock().unwrap())
    }

    /// How many writes took effect since they were last taken.
    pub fn count(&self) -> usize {
        self.inside.writes.lock().unwrap().len()
    }

    /// Kills this process after so many writes.
    pub fn kill_after(&self, writes: usize, pid: u32) {
        self.inside.victim.store(pid, Ordering::Relaxed);
        self.inside.kill_after.store(writes, Ordering::Relaxed);
    }

    /// Whether the API server is away: what is under way breaks, and nothing else begins.
    pub fn away(&self, away: bool) {
        self.inside.away.send_replace(away);
    }
}

async fn hand_on(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let mut away = inside.away.subscribe();
    if *away.borrow() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (mut head, body) = request.into_parts();
    let what = format!("{} {}", head.method, head.uri.path());
    let is_write = head.method != Method::GET;
    head.headers.remove("host");
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let request = axum::http::Request::from_parts(head, kube::client::Body::from(body));
    let Ok(response) = inside.client.send(request).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if is_write && response.status().is_success() {
        let count = {
            let mut writes = inside.writes.lock().unwrap();
            writes.push(what);
            writes.len()
        };
        if count == inside.kill_after.load(Ordering::Relaxed) {
            let pid = inside.victim.load(Ordering::Relaxed).to_string();
            assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        }
    }
    let (head, body) = response.into_parts();
    let broken = async move { drop(away.wait_for(|away| *away).await) };
    Response::from_parts(head, Body::from_stream(Body::new(body).into_data_stream().take_until(broken)))
}
