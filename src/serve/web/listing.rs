//! Who is connected, as a balancer tells it and an nginx writes it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a server stands with a balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is ready, and the balancer's check passes.
    Connected,
    /// It exists, and is not ready yet, or its first check has not passed yet.
    Coming,
    /// It was connected, and is not ready any more, or the balancer's check fails.
    Failing,
    /// It gets no more requests: it was told to end.
    Leaving,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its address.
    pub ip: IpAddr,
    /// Its name, where more than the address is known.
    pub name: String,
    /// Its node; empty without nodes.
    pub node: String,
    /// How it stands.
    pub state: State,
}

/// What a balancer knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The balancer.
    pub balancer: String,
    /// Its node; empty without nodes.
    pub node: String,
    /// Grows with every change of anything below.
    pub number: u64,
    /// When those connected last changed.
    pub changed: Timestamp,
    /// Since when nobody has said who exists; none while somebody does. Checks go on meanwhile.
    pub unheard_since: Option<Timestamp>,
    /// Every server, by address.
    pub servers: Vec<Server>,
    /// Slots of haproxy.
    pub slots: usize,
    /// How often a new process of haproxy took over.
    pub reloads: u64,
    /// What it runs on, such as `Alpine Linux v3.10`.
    pub base: String,
    /// What runs, such as `haproxy 2.0.14`.
    pub version: String,
}

impl Listing {
    /// The addresses of those connected, sorted.
    pub fn connected(&self) -> Vec<IpAddr> {
        let mut all: Vec<_> =
            self.servers.iter().filter(|s| s.state == State::Connected).map(|s| s.ip).collect();
        all.sort();
        all
    }

    /// Whether two tell the same, whatever their numbers are.
    pub fn same_as(&self, other: &Self) -> bool {
        let number = self.number;
        *self == Self { number, changed: self.changed, ..other.clone() }
    }
}

/// What an nginx writes: what its balancer knows, and who it is itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The addresses of those connected, sorted.
    pub ips: Vec<IpAddr>,
    /// When they last changed; none before the first list.
    pub changed: Option<Timestamp>,
    /// Since when no balancer has been heard; none while one is.
    pub stale_since: Option<Timestamp>,
    /// What the balancer told.
    pub heard: Option<Listing>,
    /// Who wrote this.
    pub written_by: Author,
}

/// An nginx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Its name.
    pub name: String,
    /// Its address.
    pub ip: String,
    /// What it runs on.
    pub base: String,
    /// What runs.
    pub version: String,
}

/// Now, in milliseconds.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// What this image is made from, as it says itself.
pub fn base() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    named(&text).unwrap_or_else(|| "unknown".into())
}

fn named(release: &str) -> Option<String> {
    let value = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_connected_are_listed_in_the_order_of_their_numbers() {
        let server =
            |ip: &str, state| Server { ip: ip.parse().unwrap(), name: ip.into(), node: String::new(), state };
        let listing = Listing {
            balancer: "b".into(),
            node: String::new(),
            number: 1,
            changed: now(),
            unheard_since: None,
            servers: vec![
                server("10.0.0.10", State::Connected),
                server("10.0.0.9", State::Connected),
                server("10.0.0.8", State::Coming),
                server("10.0.0.7", State::Failing),
                server("10.0.0.6", State::Leaving),
            ],
            slots: 4,
            reloads: 0,
            base: String::new(),
            version: String::new(),
        };
        let ips: Vec<_> = listing.connected().iter().map(ToString::to_string).collect();
        assert_eq!(ips, ["10.0.0.9", "10.0.0.10"]);
        assert!(listing.same_as(&Listing { number: 7, ..listing.clone() }));
        assert!(!listing.same_as(&Listing { reloads: 7, ..listing.clone() }));
    }

    #[test]
    fn a_base_is_named_as_it_names_itself() {
        let alpine = "NAME=\"Alpine Linux\"\nID=alpine\nPRETTY_NAME=\"Alpine Linux v3.10\"\n";
        assert_eq!(named(alpine).as_deref(), Some("Alpine Linux v3.10"));
        assert_eq!(named("NAME=x\n"), None);
    }
}
