//! The rules of the binary as a person meets them: real processes, fake tools, no cluster.
#![allow(clippy::unwrap_used)]

#[path = "../support/sandbox.rs"]
#[allow(dead_code, reason = "not every test uses all of it")]
mod sandbox;

#[path = "../support/redis_server.rs"]
mod redis_server;

#[path = "../support/cluster.rs"]
mod cluster;

mod bulk;
mod check;
mod contributing;
mod ctrl_c;
mod deploy;
mod dev_vars;
mod digest;
mod elector;
mod figures;
mod help;
mod import;
mod make;
mod malformed;
mod output;
mod pages;
mod peer;
mod profile;
mod promises;
mod prompt;
mod readme;
mod record;
mod tiers;
mod uninstall;
mod web;
mod without_cluster;
mod world;
