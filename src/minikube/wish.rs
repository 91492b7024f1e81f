//! A cluster as somebody asks for it.

use std::ffi::OsString;

/// What was asked for, or what is usual.
#[derive(Clone, Debug)]
pub struct Wish {
    /// How many nodes.
    pub nodes: u8,
    /// Processors of each.
    pub cpus: u16,
    /// Memory of each, such as `3g`.
    pub memory: String,
    /// The driver.
    pub driver: String,
    /// Options handed to minikube as they are.
    pub rest: Vec<OsString>,
}

impl Default for Wish {
    fn default() -> Self {
        Self { nodes: 2, cpus: 2, memory: "3g".into(), driver: "docker".into(), rest: Vec::new() }
    }
}
