//! Asks a server who it is: PING and ROLE in one packet, over a plain socket.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What a redis says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// `master`
    Master,
    /// `slave`
    Slave,
    /// Anything else, such as `sentinel`.
    Other(String),
}

/// Why a server is not what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing came in time.
    Silent,
    /// No connection: refused, no route.
    Unreachable(String),
    /// It answered with an error of its own.
    Error(String),
    /// It is no redis.
    Foreign,
    /// It is redis in another role.
    Role(Role),
}

impl Refusal {
    /// Whether a server spoke at all.
    pub fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Silent | Self::Unreachable(_))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Master => f.write_str("master"),
            Self::Slave => f.write_str("replica"),
            Self::Other(role) => write!(f, "{role:?}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("no answer within 1 s"),
            Self::Unreachable(why) => f.write_str(why),
            Self::Error(text) => write!(f, "redis says {text:?}"),
            Self::Foreign => f.write_str("what answers there is not redis"),
            Self::Role(role) => write!(f, "the server there is a {role}"),
        }
    }
}

const QUESTION: &[u8] = b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n";

/// More than any honest answer to the question.
const LIMIT: usize = 4096;

/// The role of the server at this address.
pub fn ask(address: SocketAddr, patience: Duration) -> Result<Role, Refusal> {
    let end = Instant::now() + patience;
    let mut stream = TcpStream::connect_timeout(&address, patience).map_err(|e| refusal(&e))?;
    let _ = stream.set_nodelay(true);
    stream.set_write_timeout(Some(patience)).map_err(|e| refusal(&e))?;
    stream.write_all(QUESTION).map_err(|e| refusal(&e))?;
    let mut heard = Vec::new();
    let mut buffer = [0_u8; 512];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Refusal::Silent);
        }
        stream.set_read_timeout(Some(left)).map_err(|e| refusal(&e))?;
        match stream.read(&mut buffer) {
            Ok(0) if heard.is_empty() => {
                return Err(Refusal::Unreachable("it closed the connection without an answer".into()));
            }
            Ok(0) => return Err(Refusal::Foreign),
            Ok(n) => heard.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(refusal(&e)),
        }
        if let Some(answer) = understood(&heard) {
            return answer;
        }
        if heard.len() > LIMIT {
            return Err(Refusal::Foreign);
        }
    }
}

fn refusal(error: &std::io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Refusal::Silent,
        ErrorKind::ConnectionRefused => Refusal::Unreachable("connection refused".into()),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Refusal::Unreachable("no route to it from here".into())
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            Refusal::Unreachable("it closed the connection".into())
        }
        _ => Refusal::Unreachable(error.to_string()),
    }
}

/// What the bytes so far mean; `None` when more are needed.
fn understood(heard: &[u8]) -> Option<Result<Role, Refusal>> {
    let mut lines = Lines(heard);
    let Some(pong) = lines.next() else {
        // No line yet: it must at least begin like an answer to PING.
        return (!heard.starts_with(b"+") && !heard.starts_with(b"-")).then_some(Err(Refusal::Foreign));
    };
    match pong.split_first() {
        Some((b'+', b"PONG")) => {}
        Some((b'-', text)) => return Some(Err(Refusal::Error(readable(text)))),
        _ => return Some(Err(Refusal::Foreign)),
    }
    let array = lines.next()?;
    match array.split_first() {
        Some((b'*', _)) => {}
        Some((b'-', text)) => return Some(Err(Refusal::Error(readable(text)))),
        _ => return Some(Err(Refusal::Foreign)),
    }
    if !lines.next()?.starts_with(b"$") {
        return Some(Err(Refusal::Foreign));
    }
    Some(Ok(match lines.next()? {
        b"master" => Role::Master,
        b"slave" => Role::Slave,
        other => Role::Other(readable(other)),
    }))
}

/// Text for a person's eyes, at most a line of it.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(120).collect()
}

/// The whole lines, without their ends.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.windows(2).position(|w| w == b"\r\n")?;
        let (line, rest) = self.0.split_at(end);
        self.0 = &rest[2..];
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASTER: &[u8] = b"+PONG\r\n*3\r\n$6\r\nmaster\r\n:42\r\n*0\r\n";

    #[test]
    fn every_way_an_answer_can_be_cut_waits_for_more_or_is_the_role() {
        for end in 1..MASTER.len() {
            match understood(&MASTER[..end]) {
                None | Some(Ok(Role::Master)) => {}
                other => panic!("cut at {end}: {other:?}"),
            }
        }
        assert_eq!(understood(MASTER), Some(Ok(Role::Master)));
        assert_eq!(understood(b"+PONG\r\n*5\r\n$5\r\nslave\r\n"), Some(Ok(Role::Slave)));
        assert_eq!(
            understood(b"+PONG\r\n*2\r\n$8\r\nsentinel\r\n"),
            Some(Ok(Role::Other("sentinel".into())))
        );
    }

    #[test]
    fn errors_of_redis_are_told_apart_from_what_is_no_redis() {
        let error = |text: &str| Some(Err(Refusal::Error(text.into())));
        assert_eq!(
            understood(b"-NOAUTH Authentication required.\r\n"),
            error("NOAUTH Authentication required.")
        );
        assert_eq!(understood(b"+PONG\r\n-ERR unknown\r\n"), error("ERR unknown"));
        for foreign in [
            b"HTTP/1.1 400 Bad Request\r\n".as_slice(),
            b"SSH-2.0-OpenSSH",
            b"+OK\r\n",
            b"\r\n",
            b"+PONG\r\n+PONG\r\n",
            b"+PONG\r\n*1\r\n:1\r\n",
        ] {
            assert_eq!(understood(foreign), Some(Err(Refusal::Foreign)), "{foreign:?}");
        }
    }

    #[test]
    fn what_a_server_says_cannot_reach_the_terminal_raw() {
        let Some(Err(Refusal::Error(text))) = understood(b"-ERR \x1b[31mred\x07\r\n") else { panic!() };
        assert_eq!(text, "ERR [31mred");
    }
}
