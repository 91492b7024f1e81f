//! A small HTTP client: one request, one connection, one time limit.

use std::time::Duration;

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{HeaderMap, Request, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The most that is read of an answer.
const LIMIT: usize = 4 * 1024 * 1024;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Reply {
    /// A header's text; none if it is missing or is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A GET of a path such as `/master` from a `host:port`.
pub async fn get(authority: &str, path: &str, limit: Duration) -> Result<Reply> {
    request("GET", authority, path, &[], "", limit).await
}

/// A POST without a body.
pub async fn post(authority: &str, path: &str, limit: Duration) -> Result<Reply> {
    request("POST", authority, path, &[], "", limit).await
}

/// Any request, with headers such as `("Content-Type", "text/plain")`.
pub async fn request(
    method: &str,
    authority: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
    limit: Duration,
) -> Result<Reply> {
    let asked = async {
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        exchange(stream, method, authority, path, headers, body).await
    };
    tokio::time::timeout(limit, asked)
        .await
        .with_context(|| format!("{authority} did not answer within {} ms", limit.as_millis()))?
        .with_context(|| format!("could not ask {authority}"))
}

/// The same over a connection that is open, and ends with it. It has no limit of its own.
pub async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    method: &str,
    authority: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Reply> {
    let request =
        headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
    let request = request
        .method(method)
        .uri(path)
        // The answer's end is the connection's: there is one call for each.
        .version(Version::HTTP_10)
        .header(HOST, authority)
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, LIMIT).collect().await.map_err(anyhow::Error::from_boxed)?.to_bytes();
        anyhow::Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    let mut answer = std::pin::pin!(answer);
    // The connection carries the answer, so it is driven here, and ends with this call. Once it has ended, whatever it
    // brought is there to be read.
    tokio::select! {
        reply = &mut answer => reply,
        _ = connection => answer.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// The address of a server that gives this one answer.
    async fn answering(answer: &'static [u8]) -> String {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = server.local_addr().expect("an address").to_string();
        tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.expect("a client");
            let mut buffer = [0; 1024];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(answer).await;
        });
        address
    }

    #[tokio::test]
    async fn status_headers_and_body_are_told_apart() {
        let at =
            answering(b"HTTP/1.1 409 Conflict\r\nA: b\r\nContent-Length: 12\r\n\r\n{\"newest\":3}").await;
        let reply = get(&at, "/", Duration::from_secs(10)).await.expect("an answer");
        assert_eq!(
            (reply.status, reply.body.as_str(), reply.header("a")),
            (409, "{\"newest\":3}", Some("b"))
        );
        let at = answering(b"HTTP/1.0 200 OK\r\n\r\nuntil the end").await;
        let reply = get(&at, "/", Duration::from_secs(10)).await.expect("an answer");
        assert_eq!((reply.status, reply.body.as_str()), (200, "until the end"));
    }

    #[tokio::test]
    async fn what_is_not_http_is_an_error_and_so_is_silence() {
        let at = answering(b"SSH-2.0-x\r\n").await;
        get(&at, "/", Duration::from_secs(10)).await.expect_err("no HTTP");
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = silent.local_addr().expect("an address").to_string();
        let error = get(&at, "/", Duration::from_millis(30)).await.expect_err("silence");
        assert!(error.to_string().contains("did not answer within 30 ms"), "{error:#}");
    }
}
