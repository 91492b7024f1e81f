//! The rules of the engine, the journal and the object step, against a real API server without nodes.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../support/api_server.rs"]
mod api_server;

mod away;
mod child;
mod cut_short;
mod damage;
mod drill;
mod election;
mod elector;
mod foreign;
mod import;
mod kill;
mod lifecycle;
mod peering;
mod profile;
mod rescue;
mod sample;
mod service;
mod trips;
mod world;
