//! One redis pod on one hostPath volume, behind a Service of the same name.

use serde_json::json;

use super::{Data, Folder, NodePort, Stack, manifests, status};
use crate::image;

/// The stack.
pub fn stack() -> Stack {
    Stack {
        ports: vec![NodePort::new("REDIS_SINGLE", "redis-single/redis", "redis-single")],
        images: vec![image::REDIS.into()],
        // The user that the image runs as: a hostPath volume has to belong to it.
        folder: Some(Folder { path: "/var/lib/opsctl/redis-single".into(), owner: Some(999), seed: None }),
        data: Some(Data { namespace: "redis-single".into(), deployment: "redis".into(), copy: None }),
        status: |stack, cx| {
            Box::pin(async {
                let mut status = status::of_workloads(stack, cx).await?;
                if let Some(status) = &mut status {
                    let row = &status.rows[0];
                    status.report = json!(format!("{} at {}", row.state, row.endpoint));
                }
                Ok(status)
            })
        },
        ..Stack::new(
            "redis-single",
            "One redis pod with one volume",
            manifests!("redis-single": "0-namespace", "1-storage", "2-service", "3-network-policy", "4-redis"),
        )
    }
}
