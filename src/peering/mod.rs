//! Simulated peering, apart from I/O: the resource, the configuration of a peer, and what a peer reports.
//!
//! `serve::peer` calls, `serve::operator` makes the pods. How both work together is in `docs/peering.md`.

pub mod config;
pub mod definition;
pub mod report;
pub mod time;

pub use config::{Config, Peer};
pub use definition::{Peering, PeeringSpec, PeeringStatus};

/// The API group of [`Peering`], and the prefix of the labels that its operator sets.
pub const GROUP: &str = "peering.opsctl.dev";
/// The label of everything that belongs to one [`Peering`]: its name.
pub const LABEL: &str = "peering.opsctl.dev/name";
/// The key of a peer's configuration in its `ConfigMap`.
pub const KEY: &str = "peers.yaml";
/// The header that bears the name of the peer that answers.
pub const NAME_HEADER: &str = "peer-name";
/// The header that bears the id of the process that answers: by it a peer knows itself.
pub const ID_HEADER: &str = "peer-id";
/// The header that bears the generation of the configuration that the peer uses.
pub const GENERATION_HEADER: &str = "peer-generation";
/// The answer to `GET /ping`.
pub const PONG: &str = "pong\n";
