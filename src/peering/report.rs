//! What a peer says of itself and of those that it calls: the answer to `GET /peers`.

use serde::{Deserialize, Serialize};

/// How a peer appears to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It never answered, and is known for a short time only.
    Starting,
    /// It answered the last call.
    Up,
    /// It did not answer the last call.
    Down,
    /// It is the peer that reports.
    Me,
}

/// A peer, as another one sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Where it is called.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it appears.
    pub state: State,
    /// Its name, once it has answered.
    pub name: Option<String>,
    /// When it last answered, as RFC 3339.
    pub last_success: Option<String>,
    /// How long that answer took, in microseconds.
    pub latency_micros: Option<u64>,
    /// The generation of the configuration that it used then.
    pub generation: Option<i64>,
    /// Calls without a pong since its last one.
    pub failures: u64,
    /// Why the last call failed.
    pub cause: Option<String>,
}

/// What a peer reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its name.
    pub name: String,
    /// The id of its process.
    pub id: String,
    /// The generation of the configuration that it uses; none before the first one.
    pub generation: Option<i64>,
    /// From one call to the next, in milliseconds.
    pub interval_millis: u64,
    /// How long an answer may take, in milliseconds.
    pub timeout_millis: u64,
    /// Why the newest configuration was refused; none if it is the one in use.
    pub refused: Option<String>,
    /// Those that it calls.
    pub peers: Vec<Seen>,
}
