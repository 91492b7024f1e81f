//! Electing one leader among identical pods: the protocol, apart from I/O and clocks.
//!
//! [`protocol`] decides, `serve::election` acts. What it promises is in `docs/election.md`.

/// Prefix of the annotations that electors write.
pub const ANNOTATION: &str = "election.opsctl.dev/";

pub mod protocol;
#[cfg(test)]
mod simulation;
pub mod status;
pub mod survey;
pub mod wire;
