//! Everything that opsctl does to a running redis, over plain connections to `host:port`.
//!
//! Nothing here knows of Kubernetes: the stacks find out the addresses, the tests hand in those of a
//! server of their own.

mod address;
mod crc64;
pub mod digest;
pub mod import;
pub mod keys;
mod link;
mod names;
pub mod pause;
pub mod probe;
pub mod rdb;
pub mod reader;
mod recent;
pub mod replace;
mod role;
pub mod snapshot;
pub mod status;
pub mod verify;

pub use import::{Imported, import};
pub use link::{Link, RECORD, connect};
pub use pause::paused;
pub use probe::probe;
pub use reader::commands;
pub use role::Role;

#[cfg(test)]
#[path = "../../tests/support/redis_server.rs"]
pub(crate) mod testing;
