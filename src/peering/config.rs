//! A peer's configuration: whom to call, how often, and how long to wait.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::time::Duration;

use serde::Deserialize;

use super::time;

/// The most peers that one configuration may name.
const MOST: usize = 1000;
/// The port of a peer that names none.
pub const PORT: u16 = 8080;

/// A peer: where to reach it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// A name or an address.
    pub host: String,
    /// Its port.
    #[serde(default = "port")]
    pub port: u16,
}

/// A configuration that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The generation of the resource that it follows from; 0 for one that somebody wrote.
    pub generation: i64,
    /// From one call of a peer to the next.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Whom to call; a peer may find itself among them.
    pub peers: BTreeSet<Peer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    generation: i64,
    #[serde(default = "interval")]
    interval: String,
    timeout: Option<String>,
    peers: Vec<Peer>,
}

fn port() -> u16 {
    PORT
}

fn interval() -> String {
    "1m".into()
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An IPv6 address needs its brackets before a port.
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Config {
    /// Reads a whole configuration. One wrong field refuses all of it; the error names the field.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty, and names no peers".into());
        }
        let written: Written = serde_yaml::from_str(text).map_err(|e| e.to_string())?;
        let interval = time::within("interval", &written.interval, time::INTERVAL)?;
        let timeout = match &written.timeout {
            Some(text) => time::within("timeout", text, time::TIMEOUT)?,
            None => Duration::from_secs(2).min(interval),
        };
        if timeout > interval {
            let (timeout, interval) = (time::written(timeout), time::written(interval));
            return Err(format!("timeout: {timeout} is longer than the interval of {interval}"));
        }
        if written.peers.len() > MOST {
            return Err(format!("peers: {} are more than {MOST}", written.peers.len()));
        }
        let mut peers = BTreeSet::new();
        for (i, peer) in written.peers.into_iter().enumerate() {
            check(&peer).map_err(|why| format!("peers[{i}]: {why}"))?;
            if peers.contains(&peer) {
                return Err(format!("peers[{i}]: {peer} is there twice"));
            }
            peers.insert(peer);
        }
        Ok(Self { generation: written.generation, interval, timeout, peers })
    }

    /// The configuration as [`Config::parse`] reads it, below a comment.
    pub fn written(&self, comment: &str) -> String {
        let Self { generation, interval, timeout, peers } = self;
        let (interval, timeout) = (time::written(*interval), time::written(*timeout));
        let mut text = format!(
            "# {comment}\ngeneration: {generation}\ninterval: {interval}\ntimeout: {timeout}\npeers:"
        );
        if peers.is_empty() {
            text.push_str(" []");
        }
        for Peer { host, port } in peers {
            let _ = write!(text, "\n- {{host: \"{host}\", port: {port}}}");
        }
        text.push('\n');
        text
    }
}

fn check(peer: &Peer) -> Result<(), String> {
    let Peer { host, port } = peer;
    if *port == 0 {
        return Err("port: 0 is no port".into());
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || host.len() > 253 || !host.chars().all(fits) {
        return Err(format!("host: {host:?} is neither a name nor an address"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_usual() {
        let config = Config::parse("peers: [{host: a}, {host: \"::1\", port: 7001}]").unwrap();
        assert_eq!((config.interval, config.timeout), (Duration::from_mins(1), Duration::from_secs(2)));
        let all: Vec<_> = config.peers.iter().map(ToString::to_string).collect();
        assert_eq!(all, ["[::1]:7001", "a:8080"]);
        assert_eq!(
            Config::parse("{interval: 500ms, peers: []}").unwrap().timeout,
            Duration::from_millis(500)
        );
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for text in [
            "peers: []",
            "{generation: 7, interval: 90s, timeout: 250ms, peers: [{host: b, port: 1}, {host: a}]}",
        ] {
            let config = Config::parse(text).unwrap();
            assert_eq!(Config::parse(&config.written("by a test")).unwrap(), config);
        }
    }

    #[test]
    fn one_wrong_field_refuses_all_of_it_and_is_named() {
        for (text, field) in [
            ("", "peers"),
            ("interval: 5s", "peers"),
            ("{interval: 0s, peers: []}", "interval"),
            ("{interval: abc, peers: []}", "interval"),
            ("{interval: 1s, timeout: 2s, peers: []}", "timeout"),
            ("{timeout: soon, peers: []}", "timeout"),
            ("peers: [{host: a}, {host: a, port: 8080}]", "peers[1]"),
            ("peers: [{host: \"a b\"}]", "peers[0]: host"),
            ("peers: [{host: a, port: 0}]", "peers[0]: port"),
            ("peers: [{host: a, port: 70000}]", "70000"),
            ("{peers: [], color: red}", "color"),
            ("peers: [", ""),
        ] {
            let why = Config::parse(text).unwrap_err();
            assert!(why.contains(field), "{text}: {why}");
        }
    }
}
