//! The rules of the engine, the journal and the object step, against a real API server without nodes.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/api_server.rs"]
mod api_server;

#[path = "api/world.rs"]
mod world;

#[path = "api/child.rs"]
mod child;
#[path = "api/damage.rs"]
mod damage;
#[path = "api/drill.rs"]
mod drill;
#[path = "api/election.rs"]
mod election;
#[path = "api/elector.rs"]
mod elector;
#[path = "api/foreign.rs"]
mod foreign;
#[path = "api/kill.rs"]
mod kill;
#[path = "api/lifecycle.rs"]
mod lifecycle;
#[path = "api/profile.rs"]
mod profile;
#[path = "api/service.rs"]
mod service;
