//! What role the redis at an address has, as fast as a connection can be made.

use std::io;
use std::time::Duration;

use anyhow::Result;
use redis::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, ToSocketAddrs};

use super::address::host_port;
use super::role::{Role, role_of};
use crate::error::problem;

/// Why whoever was asked told no role.
#[derive(Debug)]
pub enum Refusal {
    /// Nothing came in time.
    Silent,
    /// There is no connection to it.
    Away(io::Error),
    /// It answered with an error of its own: it is loading its data, or wants a password.
    Error(String),
    /// It is no redis; what it said.
    Foreign(Vec<u8>),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Away(error)
    }
}

/// The role of the redis at `host:port`; gives up after a second.
pub async fn probe(addr: &str) -> Result<Role> {
    probe_within(addr, Duration::from_secs(1)).await
}

/// The same with another limit.
pub async fn probe_within(addr: &str, limit: Duration) -> Result<Role> {
    let (host, port) = host_port(addr)?;
    ask((host.as_str(), port), limit).await.map_err(|refusal| {
        let problem = match refusal {
            Refusal::Silent => {
                problem!(RedisSilent, "redis at {addr} did not answer within {:.1} s", limit.as_secs_f64())
            }
            Refusal::Away(e) => problem!(RedisAway, "no redis answers at {addr}: {e}"),
            Refusal::Error(why) => problem!(RedisRefused, "redis at {addr} is not ready: {why}"),
            Refusal::Foreign(said) => {
                problem!(RedisRefused, "what answers at {addr} is not redis: {}", start(&said))
            }
        };
        problem.into()
    })
}

/// Asks PING and ROLE in one packet, without the client library's handshake.
pub async fn ask(at: impl ToSocketAddrs, limit: Duration) -> Result<Role, Refusal> {
    let asked = async {
        let mut stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        stream.write_all(b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n").await?;
        let mut heard = Vec::new();
        loop {
            let n = stream.read_buf(&mut heard).await?;
            if let Some(answer) = understood(&heard) {
                return answer;
            }
            if n == 0 || heard.len() > 1 << 20 {
                return Err(Refusal::Foreign(heard));
            }
        }
    };
    tokio::time::timeout(limit, asked).await.unwrap_or(Err(Refusal::Silent))
}

/// What the bytes so far mean; none when more are needed.
fn understood(heard: &[u8]) -> Option<Result<Role, Refusal>> {
    let foreign = || Refusal::Foreign(heard.to_vec());
    let fits = |bytes: &[u8], first: u8| bytes.first().is_none_or(|b| *b == first || *b == b'-');
    let end = heard.windows(2).position(|w| w == b"\r\n");
    let (pong, rest) = end.map_or((heard, &heard[..0]), |end| (&heard[..end], &heard[end + 2..]));
    if !fits(pong, b'+') || !fits(rest, b'*') || (end.is_some() && !matches!(pong, b"+PONG" | [b'-', ..])) {
        return Some(Err(foreign()));
    }
    if end.is_some() && pong.starts_with(b"-") {
        return Some(Err(Refusal::Error(readable(&pong[1..]))));
    }
    // The reply is short: parsing from its start again costs less than keeping state.
    match redis::parse_redis_value(rest).ok()? {
        Value::ServerError(_) => Some(Err(Refusal::Error(readable(rest.trim_ascii().get(1..)?)))),
        value => Some(role_of(&value).ok_or_else(foreign)),
    }
}

/// Text for a person's eyes, at most a line of it.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(120).collect()
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

    const MASTER: &[u8] = b"+PONG\r\n*3\r\n$6\r\nmaster\r\n:42\r\n*0\r\n";

    #[test]
    fn every_way_an_answer_can_be_cut_waits_for_more() {
        for end in 0..MASTER.len() {
            let so_far = understood(&MASTER[..end]);
            assert!(so_far.is_none(), "cut at {end}: {so_far:?}");
        }
        assert!(matches!(understood(MASTER), Some(Ok(Role::Master { offset: 42, .. }))));
        let sentinel = understood(b"+PONG\r\n*2\r\n$8\r\nsentinel\r\n*0\r\n");
        assert!(matches!(sentinel, Some(Ok(Role::Sentinel))), "{sentinel:?}");
    }

    #[test]
    fn errors_of_redis_are_told_apart_from_what_is_no_redis() {
        for (said, error) in [
            (&b"-NOAUTH Authentication required.\r\n"[..], "NOAUTH Authentication required."),
            (b"+PONG\r\n-ERR unknown\r\n", "ERR unknown"),
            // What a server says cannot reach the terminal raw.
            (b"-ERR \x1b[31mred\x07\r\n", "ERR [31mred"),
        ] {
            let found = understood(said);
            assert!(matches!(&found, Some(Err(Refusal::Error(text))) if text == error), "{found:?}");
        }
        for foreign in [
            b"HTTP/1.1 400 Bad Request\r\n".as_slice(),
            b"SSH-2.0-OpenSSH",
            b"+OK\r\n",
            b"\r\n",
            b"+PONG\r\n+PONG\r\n",
            b"+PONG\r\n*1\r\n:1\r\n",
        ] {
            let found = understood(foreign);
            assert!(matches!(found, Some(Err(Refusal::Foreign(_)))), "{foreign:?}: {found:?}");
        }
    }

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
