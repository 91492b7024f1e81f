//! Connections: accepted one by one, each with a limit on all that a client can make the server wait for.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};

/// The most bytes of a request's head.
const HEAD: usize = 16 * 1024;
/// The most headers of a request.
const HEADERS: usize = 64;
/// Connections that wait to be accepted; the kernel may allow fewer. One that finds no place gets no answer at all: its
/// client asks again after a second, or, if it gave up, leaves an entry in the node's connection tracking that leads
/// its next connection from the same port to this pod, also when this pod is gone.
const QUEUE: u32 = 4096;
/// How long a connection that should end may still finish its request.
const LAST: Duration = Duration::from_secs(10);

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until a request's headers are there, from the end of the one before.
    pub headers: Duration,
    /// Connections at one time; further ones wait until one ends.
    pub connections: usize,
    /// How long a connection may live.
    pub age: Duration,
}

/// Listens there, with room for a crowd while the process gets no processor.
pub fn on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Serves until told to end, and then until the requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    open: Gauge,
    mut end: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            _ = end.wait_for(|end| *end) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = end.wait_for(|end| *end) => break,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of files: some connection will end.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (app, end, open) = (app.clone(), end.clone(), open.clone());
        tokio::spawn(async move {
            open.inc();
            one(stream, from, app, limits, end).await;
            open.dec();
            drop(place);
        });
    }
    drop(listener);
    // Each connection learns of the end by itself.
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(LAST, places.acquire_many(all)).await;
}

async fn one(
    stream: TcpStream,
    from: SocketAddr,
    app: Router,
    limits: Limits,
    mut end: watch::Receiver<bool>,
) {
    // Small answers must not wait for a client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(HEAD)
        .max_headers(HEADERS)
        .pipeline_flush(true);
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        app.call(request)
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // What a client does wrong to its connection is its own affair: nobody is left to be told.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(limits.age) => {}
        _ = end.wait_for(|end| *end) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST, connection).await;
}
