//! A redis master with a persistent volume, and a replica on another node.

pub mod status;

use super::{Data, Folder, Needs, NodePort, Stack, manifests};
use crate::context::Context;
use crate::image;
use crate::step::dataset::Dataset;

/// The stack's name, and its namespace.
pub const PART: &str = "redis";
/// Where the master's data lies on its node.
pub const DIRECTORY: &str = "/var/lib/opsctl/redis";
/// The Deployment of the master, and its Service.
pub const MASTER: &str = "redis";
/// The Deployment of the replica, and its Service.
pub const REPLICA: &str = "redis-replica";
/// The master's Service.
pub const MASTER_SERVICE: &str = "redis/redis";
/// The replica's Service.
pub const REPLICA_SERVICE: &str = "redis/redis-replica";

/// The stack.
pub fn stack() -> Stack {
    Stack {
        needs: Needs { nodes: 2, after: Vec::new() },
        ports: vec![
            NodePort::new("REDIS_MASTER", MASTER_SERVICE, "redis master"),
            NodePort::new("REDIS_REPLICA", REPLICA_SERVICE, "redis replica"),
        ],
        images: vec![image::REDIS.into()],
        folder: Some(Folder {
            path: DIRECTORY.into(),
            owner: None,
            seed: Some((".redis-volume".into(), "empty".into())),
        }),
        data: Some(Data { namespace: PART.into(), deployment: MASTER.into(), copy: Some(REPLICA.into()) }),
        status: |_, cx| Box::pin(status::status(cx)),
        prove: Some(|cx| Box::pin(status::prove(cx))),
        ..Stack::new(
            PART,
            "A redis master and its replica",
            manifests!("redis": "0-namespace", "1-storage", "2-services", "3-network-policy", "4-master", "5-replica"),
        )
    }
}

/// The master's data.
pub fn data(cx: &Context) -> Dataset {
    Dataset::new(PART, MASTER, cx.ports.get(MASTER_SERVICE))
        .lies_in(&super::machine(&cx.target), DIRECTORY)
        .copied_to(REPLICA, cx.ports.get(REPLICA_SERVICE))
}
