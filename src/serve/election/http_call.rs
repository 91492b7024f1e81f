//! A small HTTP client: one request, one connection, one time limit.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The most that is read of an answer.
const LIMIT: u64 = 64 * 1024;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// A GET of a path such as `/master` from a `host:port`.
pub async fn get(authority: &str, path: &str, limit: Duration) -> Result<Reply> {
    request("GET", authority, path, limit).await
}

/// A POST without a body.
pub async fn post(authority: &str, path: &str, limit: Duration) -> Result<Reply> {
    request("POST", authority, path, limit).await
}

async fn request(method: &str, authority: &str, path: &str, limit: Duration) -> Result<Reply> {
    let exchange = async {
        let mut stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        // HTTP/1.0: the answer's end is the connection's.
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {authority}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(LIMIT).read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = tokio::time::timeout(limit, exchange)
        .await
        .with_context(|| format!("{authority} did not answer within {} ms", limit.as_millis()))?
        .with_context(|| format!("could not ask {authority}"))?;
    parse(&bytes).with_context(|| format!("{authority} answered, but not in HTTP"))
}

fn parse(bytes: &[u8]) -> Result<Reply> {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { bail!("no end of its headers") };
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
    Ok(Reply { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_told_apart() {
        let reply = parse(b"HTTP/1.0 409 Conflict\r\nA: b\r\n\r\n{\"newest\":3}").expect("an answer");
        assert_eq!((reply.status, reply.body.as_str()), (409, "{\"newest\":3}"));
        assert!(parse(b"SSH-2.0-x\r\n").is_err());
    }
}
