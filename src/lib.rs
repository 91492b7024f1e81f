//! opsctl: a development environment on a local Kubernetes, up, proven, and down again.
//!
//! `docs/architecture.md` is the map of this crate.

pub mod context;
pub mod error;
pub mod exec;
pub mod redis;
pub mod ui;
