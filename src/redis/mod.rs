//! Everything that opsctl does to a running redis, over plain connections to `host:port`.
//!
//! Nothing here knows of Kubernetes: the stacks find out the addresses, the tests hand in those of a
//! server of their own.

mod address;
pub mod commands;
mod crc64;
pub mod digest;
pub mod form;
pub mod import;
pub mod keys;
mod link;
mod options;
pub mod pause;
pub mod probe;
pub mod rdb;
pub mod reader;
pub mod replace;
mod role;
pub mod snapshot;
pub mod status;
pub mod verify;
pub mod words;

pub use import::{Imported, import};
pub use link::{Link, RECORD, connect};
pub use pause::paused;
pub use probe::probe;
pub use role::Role;

#[cfg(test)]
#[path = "../../tests/support/redis_server.rs"]
pub(crate) mod testing;
