//! One redis pod on one hostPath volume, behind a Service of the same name.

use anyhow::Result;

use crate::context::Context;
use crate::engine::{Place, Plan};
use crate::image;
use crate::step::dataset::Dataset;
use crate::step::directory::Directory;
use crate::step::image::Image;

/// The part's name, and its namespace.
pub const PART: &str = "redis-single";
/// Where its data lies on the node.
pub const DIRECTORY: &str = "/var/lib/opsctl/redis-single";
/// The user that the image runs as: a hostPath volume has to belong to it.
const UID: u32 = 999;

const FILES: &[&str] = &[
    include_str!("../../manifests/redis-single/0-namespace.yaml"),
    include_str!("../../manifests/redis-single/1-storage.yaml"),
    include_str!("../../manifests/redis-single/2-service.yaml"),
    include_str!("../../manifests/redis-single/3-network-policy.yaml"),
    include_str!("../../manifests/redis-single/4-redis.yaml"),
];

/// The plan.
pub fn plan(cx: &Context) -> Result<Plan> {
    let machine = super::redis::machine(&cx.target);
    let mut objects = super::documents(FILES)?;
    super::set_node_port(&mut objects, "redis", cx.ports.redis_single)?;
    for object in &mut objects {
        super::redis::set_machine(object, &machine);
    }
    super::set_recipe(&mut objects, image::REDIS)?;
    let directory = Directory::new(&machine, DIRECTORY, Some(UID));
    let supports = vec![Image::new(image::REDIS).into(), directory.into()];
    let mut waves = super::waves(PART, supports, objects);
    let data = Dataset::new(PART, "redis", cx.ports.redis_single).lies_in(&machine, DIRECTORY);
    waves.push(vec![data.into()]);
    Ok(Plan { part: PART, place: Place::Cluster, waves, proof: None })
}
