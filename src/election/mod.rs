//! Electing one leader among identical pods: the protocol, apart from I/O and clocks.
//!
//! [`protocol`] decides, `serve::election` acts. What it promises is in `docs/election.md`.

pub mod protocol;
#[cfg(test)]
mod simulation;
pub mod status;
pub mod survey;
pub mod witness;
