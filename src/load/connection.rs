//! The connections to one server: opened, kept, and the ways in which they break.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Answer;

/// Idle connections that are kept to one server; more are closed.
const IDLE: usize = 256;

/// An open connection.
pub(super) struct Open {
    requests: SendRequest<Full<Bytes>>,
    /// Its end here.
    from: SocketAddr,
}

/// The connection that a request went over last, by its end here: none while one is being opened.
#[derive(Default)]
pub(super) struct Over(Mutex<Option<SocketAddr>>);

impl Over {
    fn set(&self, from: Option<SocketAddr>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = from;
    }

    pub(super) fn get(&self) -> Option<SocketAddr> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The idle connections to one server.
pub(super) struct Pool {
    pub(super) target: SocketAddr,
    idle: Mutex<Vec<Open>>,
}

/// Where an exchange broke, and how.
#[derive(Debug)]
pub(super) enum Broken {
    /// No connection could be opened.
    Connect(io::Error),
    /// The connection ended before the first byte of the answer.
    Before(String),
    /// The connection ended within the answer.
    Within(String),
}

impl Broken {
    pub(super) fn before_the_answer(&self) -> bool {
        matches!(self, Self::Before(_))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(e) => write!(f, "no connection: {}", io_words(e)),
            Self::Before(why) => write!(f, "closed before the answer: {why}"),
            Self::Within(why) => write!(f, "closed within the answer: {why}"),
        }
    }
}

impl Pool {
    pub(super) fn new(target: SocketAddr) -> Self {
        Self { target, idle: Mutex::new(Vec::new()) }
    }

    /// A kept connection that nobody uses, as far as is known still open.
    pub(super) fn idle(&self) -> Option<Open> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(open) = idle.pop() {
            if open.requests.is_ready() {
                return Some(open);
            }
        }
        None
    }

    pub(super) async fn open(&self, over: &Over) -> Result<Open, Broken> {
        over.set(None);
        let stream = TcpStream::connect(self.target).await.map_err(Broken::Connect)?;
        stream.set_nodelay(true).map_err(Broken::Connect)?;
        let from = stream.local_addr().map_err(Broken::Connect)?;
        let (requests, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|e| Broken::Before(words(&e)))?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(Open { requests, from })
    }

    /// Sends the request and reads the whole answer; then keeps the connection, if it is to be kept.
    pub(super) async fn exchange(
        &self,
        mut open: Open,
        mut request: Request<Full<Bytes>>,
        keep: bool,
        over: &Over,
    ) -> Result<Answer, Broken> {
        over.set(Some(open.from));
        let headers = request.headers_mut();
        if !headers.contains_key(HOST) {
            let host = HeaderValue::from_str(&self.target.to_string());
            headers.extend(host.ok().map(|host| (HOST, host)));
        }
        if !keep {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let sent = Instant::now();
        let response =
            open.requests.send_request(request).await.map_err(|e| {
                if e.is_parse() { Broken::Within(words(&e)) } else { Broken::Before(words(&e)) }
            })?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|e| Broken::Within(words(&e)))?.to_bytes();
        let came = Instant::now();
        if keep && open.requests.ready().await.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(open);
            }
        }
        Ok(Answer {
            target: self.target,
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            sent,
            came,
        })
    }
}

/// The reason as a few words that are the same each time, so that failures can be counted by them.
fn words(error: &hyper::Error) -> String {
    match error.source().and_then(|s| s.downcast_ref::<io::Error>()) {
        Some(e) => io_words(e),
        None if error.is_incomplete_message() || error.is_canceled() || error.is_closed() => {
            "the server hung up".into()
        }
        None => error.to_string(),
    }
}

fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused".into(),
        io::ErrorKind::ConnectionReset => "reset".into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no route".into(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => "the server hung up".into(),
        _ => error.to_string(),
    }
}
