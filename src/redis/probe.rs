//! What role the redis at an address has, as fast as a connection can be made.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::address::host_port;
use super::role::{Role, role_of};
use crate::error::problem;

/// Asks PING and ROLE in one packet, without the client library's handshake; gives up after a second.
pub async fn probe(addr: &str) -> Result<Role> {
    probe_within(addr, Duration::from_secs(1)).await
}

/// The same with another limit.
pub async fn probe_within(addr: &str, limit: Duration) -> Result<Role> {
    let began = Instant::now();
    match tokio::time::timeout(limit, asked(addr)).await {
        Ok(result) => result,
        Err(_) => Err(problem!(
            RedisSilent,
            "redis at {addr} did not answer within {:.1} s",
            began.elapsed().as_secs_f64()
        )
        .into()),
    }
}

async fn asked(addr: &str) -> Result<Role> {
    let failed = |e: std::io::Error| problem!(RedisAway, "no redis answers at {addr}: {e}");
    let (host, port) = host_port(addr)?;
    let mut stream = TcpStream::connect((host.as_str(), port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream.write_all(b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n").await.map_err(failed)?;
    let mut bytes = Vec::new();
    loop {
        let n = stream.read_buf(&mut bytes).await.map_err(failed)?;
        if n == 0 || bytes.len() > 1 << 20 {
            return Err(no_redis(addr, &bytes));
        }
        let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") else { continue };
        let (pong, rest) = (&bytes[..end], &bytes[end + 2..]);
        if let Some(why) = pong.strip_prefix(b"-") {
            // A redis that is loading its data, or wants a password.
            let why = String::from_utf8_lossy(why);
            return Err(problem!(RedisRefused, "redis at {addr} is not ready: {why}").into());
        }
        if pong != b"+PONG" {
            return Err(no_redis(addr, &bytes));
        }
        // The reply is short: parsing from its start again costs less than keeping state.
        if let Ok(value) = redis::parse_redis_value(rest) {
            return role_of(&value).ok_or_else(|| no_redis(addr, rest));
        }
    }
}

fn no_redis(addr: &str, bytes: &[u8]) -> anyhow::Error {
    problem!(RedisRefused, "what answers at {addr} is not redis: {}", start(bytes)).into()
}

fn start(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "it closed the connection".to_owned();
    }
    String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, class_of};
    use crate::redis::testing::RedisServer;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn master_and_replica_are_told_apart() {
        let master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let Role::Master { replicas, .. } = probe(&master.addr()).await.unwrap() else { panic!("no master") };
        assert_eq!(replicas.len(), 1);
        assert_eq!(replicas[0].addr, replica.addr());
        let Role::Replica { master: followed, state, .. } = probe(&replica.addr()).await.unwrap() else {
            panic!("no replica")
        };
        assert_eq!((followed, state.as_str()), (master.addr(), "connected"));
    }

    #[tokio::test]
    async fn a_reply_in_single_bytes_is_understood() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            for byte in b"+PONG\r\n*5\r\n$5\r\nslave\r\n$2\r\nm1\r\n:6379\r\n$7\r\nconnect\r\n:-1\r\n" {
                stream.write_all(&[*byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            stream
        });
        let expected = Role::Replica { master: "m1:6379".into(), state: "connect".into(), offset: None };
        assert_eq!(probe(&addr).await.unwrap(), expected);
        drop(server.await);
    }

    #[tokio::test]
    async fn what_is_no_redis_is_said_and_what_hangs_is_given_up() {
        for (says, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "is not redis: HTTP/1.1 400"),
            (b"", "is not redis: it closed the connection"),
            (b"-LOADING Redis is loading the dataset in memory\r\n", "is not ready: LOADING"),
            (b"-NOAUTH Authentication required.\r\n", "is not ready: NOAUTH"),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap().to_string();
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0; 28];
                stream.read_exact(&mut asked).await.unwrap();
                stream.write_all(says).await.unwrap();
            });
            let error = probe(&addr).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            server.await.unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let error = probe_within(&addr, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Timeout);
        drop(listener);
        let error = probe(&addr).await.unwrap_err().to_string();
        assert!(error.contains("no redis answers"), "{error}");
    }
}
