//! opsctl: a development environment on a local Kubernetes, up, proven, and down again.
//!
//! `docs/architecture.md` is the map of this crate.

pub mod bundle;
pub mod candidates;
pub mod check;
pub mod cli;
pub mod command;
pub mod context;
pub mod dev_vars;
pub mod drill;
pub mod election;
pub mod engine;
pub mod error;
pub mod exec;
pub mod fs;
pub mod host;
pub mod image;
pub mod interrupt;
pub mod journal;
pub mod k8s;
pub mod load;
pub mod minikube;
pub mod node;
pub mod peering;
pub mod redis;
pub mod serve;
pub mod stack;
pub mod step;
pub mod ui;
