//! opsctl: a development environment on a local Kubernetes, up, proven, and down again.
//!
//! `docs/architecture.md` is the map of this crate.

pub mod bundle;
pub mod context;
pub mod error;
pub mod exec;
pub mod host;
pub mod minikube;
pub mod ui;
