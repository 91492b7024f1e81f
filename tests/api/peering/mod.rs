//! The resource and its operator, with the rights of its own account, on a server of its own: each definition
//! delays the server's garbage collector.

mod bad;
mod operator;
mod pods;
mod proxy;
mod world;
