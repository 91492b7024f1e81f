//! opsctl: a development environment on a local Kubernetes, up, proven, and down again.
//!
//! `docs/architecture.md` is the map of this crate.

pub mod context;
pub mod election;
pub mod engine;
pub mod error;
pub mod exec;
pub mod journal;
pub mod k8s;
pub mod node;
pub mod serve;
pub mod step;
pub mod ui;
