//! A fleet of nginx behind haproxy: what runs in their containers, with the server as its child.
//!
//! - [`members`]: who exists, from `EndpointSlice`s or from DNS;
//! - [`slots`]: which server stands in which slot, as a pure plan;
//! - [`haproxy`]: its configuration and its runtime socket;
//! - [`balancer`]: the three together; it knows who is connected, and [`http`] tells it;
//! - [`nginx`]: follows that list, and writes the pages that nginx serves;
//! - [`listing`]: the words between them.

pub mod balancer;
pub mod cli;
mod haproxy;
mod http;
pub mod listing;
pub mod members;
pub mod nginx;
mod page;
mod process;
mod slots;
