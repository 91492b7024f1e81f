//! A redis master with a persistent volume, and a replica on another node.

pub mod status;

use anyhow::Result;
use serde_json::{Value, json};

use crate::context::{Context, Target};
use crate::engine::{Place, Plan};
use crate::image;
use crate::step::Step;
use crate::step::dataset::Dataset;
use crate::step::directory::Directory;
use crate::step::image::Image;

/// The part's name, and its namespace.
pub const PART: &str = "redis";
/// Where the master's data lies on its node.
pub const DIRECTORY: &str = "/var/lib/opsctl/redis";
/// The Deployment of the master.
pub const MASTER: &str = "redis";
/// The Deployment of the replica.
pub const REPLICA: &str = "redis-replica";

const FILES: &[&str] = &[
    include_str!("../../../manifests/redis/0-namespace.yaml"),
    include_str!("../../../manifests/redis/1-storage.yaml"),
    include_str!("../../../manifests/redis/2-services.yaml"),
    include_str!("../../../manifests/redis/3-network-policy.yaml"),
    include_str!("../../../manifests/redis/4-master.yaml"),
    include_str!("../../../manifests/redis/5-replica.yaml"),
];

/// The plan.
pub fn plan(cx: &Context) -> Result<Plan> {
    let machine = machine(&cx.target);
    let mut objects = super::documents(FILES)?;
    super::set_node_port(&mut objects, MASTER, cx.ports.redis_master)?;
    super::set_node_port(&mut objects, REPLICA, cx.ports.redis_replica)?;
    for object in &mut objects {
        set_machine(object, &machine);
    }
    super::set_recipe(&mut objects, image::REDIS)?;
    let directory = Directory::new(&machine, DIRECTORY, None).with(".redis-volume", "empty");
    let mut waves = super::waves(PART, vec![Image::new(image::REDIS).into(), directory.into()], objects);
    waves.push(vec![Step::from(data(cx))]);
    Ok(Plan { part: PART, place: Place::Cluster, waves, proof: Some(proof) })
}

/// The master's data.
pub fn data(cx: &Context) -> Dataset {
    Dataset::new(PART, MASTER, cx.ports.redis_master)
        .lies_in(&machine(&cx.target), DIRECTORY)
        .copied_to(REPLICA, cx.ports.redis_replica)
}

/// The node that holds the volume: the control plane, whose machine is named like the profile.
pub fn machine(target: &Target) -> String {
    match target {
        Target::Profile(name) | Target::Context(name) => name.clone(),
    }
}

/// Puts the volume's node wherever a manifest selects by hostname.
pub fn set_machine(value: &mut Value, machine: &str) {
    match value {
        Value::Object(map) => {
            if map.get("key").and_then(Value::as_str) == Some("kubernetes.io/hostname") {
                map.insert("values".into(), json!([machine]));
            }
            for child in map.values_mut() {
                set_machine(child, machine);
            }
        }
        Value::Array(list) => {
            for child in list {
                set_machine(child, machine);
            }
        }
        _ => {}
    }
}

/// What an `up` proves at its end: separate nodes, link up.
fn proof(cx: &Context) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + '_>> {
    Box::pin(status::prove(cx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selection_by_hostname_means_the_volumes_node() {
        let mut value =
            json!({"a": [{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["minikube"]}]});
        set_machine(&mut value, "other");
        assert_eq!(value["a"][0]["values"], json!(["other"]));
    }
}
