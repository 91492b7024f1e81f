//! N identical pods that agree on one master: redis under an elector, or an elector alone.

pub mod status;
mod wish;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::context::Context;
use crate::engine::{Place, Plan};
use crate::image::{self, own};
use crate::k8s::manifest;
use crate::step::image::Image;

use wish::CONFIRMATIONS;
pub use wish::{Asked, Sample, Wish};

/// The part's name, and its namespace.
pub const PART: &str = "election";
/// What all pods of an election have as `app.kubernetes.io/part-of`.
pub const PART_OF: &str = "election";
/// The port on which each pod tells whom it takes for the master.
pub const ASK_PORT: u16 = 8080;

const COMMON: &[&str] = &[
    include_str!("../../../manifests/election/0-namespace.yaml"),
    include_str!("../../../manifests/election/1-rbac.yaml"),
    include_str!("../../../manifests/election/2-services.yaml"),
    include_str!("../../../manifests/election/3-network-policy.yaml"),
];
const REDIS: &str = include_str!("../../../manifests/election/4-redis.yaml");
const WEB: &str = include_str!("../../../manifests/election/4-web.yaml");

/// What the Services are called that only redis needs.
const REDIS_SERVICES: [&str; 2] = ["redis-master", "redis-replicas"];

impl Sample {
    fn manifest(self) -> &'static str {
        match self {
            Self::Redis => REDIS,
            Self::Web => WEB,
        }
    }
}

/// The plan of one sample.
pub fn plan(cx: &Context, wish: &Wish) -> Result<Plan> {
    let mut objects = super::documents(COMMON)?;
    if wish.sample == Sample::Web {
        objects.retain(|o| !REDIS_SERVICES.contains(&manifest::name(o)));
    }
    let mut workload = manifest::documents(wish.sample.manifest())?;
    if wish.sample == Sample::Redis {
        super::set_recipe(&mut workload, image::REDIS)?;
    }
    for deployment in &mut workload {
        deployment["spec"]["replicas"] = json!(wish.replicas);
        set_confirmations(deployment, wish.confirmations)?;
    }
    objects.append(&mut workload);
    assembled(cx, objects, &images(wish.sample))
}

/// Whatever of both samples may stand: what `down` looks for beyond the journal.
pub fn everything(cx: &Context) -> Result<Plan> {
    let mut objects = super::documents(COMMON)?;
    objects.extend(super::documents(&[REDIS, WEB])?);
    assembled(cx, objects, &images(Sample::Redis))
}

fn images(sample: Sample) -> Vec<String> {
    let own = own::name();
    match sample {
        Sample::Redis => vec![image::REDIS.into(), own],
        Sample::Web => vec![own],
    }
}

fn assembled(cx: &Context, mut objects: Vec<Value>, images: &[String]) -> Result<Plan> {
    let ports = [
        (REDIS_SERVICES[0], cx.ports.election_master),
        (REDIS_SERVICES[1], cx.ports.election_replicas),
        ("page", cx.ports.election_page),
    ];
    for (service, port) in ports {
        if super::find(&mut objects, "Service", service).is_ok() {
            super::set_node_port(&mut objects, service, port)?;
        }
    }
    let own = own::name();
    for object in &mut objects {
        set_own_image(object, &own);
    }
    let supports = images.iter().map(|name| Image::new(name).into()).collect();
    let waves = super::waves(PART, supports, objects);
    Ok(Plan { part: PART, place: Place::Cluster, waves, proof: Some(proof) })
}

/// Puts today's name of opsctl's own image in the place of the released one. It is named after its content:
/// another build rolls the pods, and its undo finds the former image still on the nodes.
fn set_own_image(object: &mut Value, own: &str) {
    for list in ["initContainers", "containers"] {
        let path = format!("/spec/template/spec/{list}");
        for container in object.pointer_mut(&path).and_then(Value::as_array_mut).into_iter().flatten() {
            if container["image"].as_str().is_some_and(|i| i.starts_with(own::REPOSITORY)) {
                container["image"] = json!(own);
            }
        }
    }
}

fn set_confirmations(deployment: &mut Value, k: u16) -> Result<()> {
    let arguments = deployment
        .pointer_mut("/spec/template/spec/containers/0/args")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .find(|a| a.as_str().is_some_and(|a| a.starts_with(CONFIRMATIONS)))
        .with_context(|| format!("the embedded manifests have no {CONFIRMATIONS}"))?;
    *arguments = json!(format!("{CONFIRMATIONS}{k}"));
    Ok(())
}

/// What an `up` proves at its end: every pod names the same master.
fn proof(cx: &Context) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + '_>> {
    Box::pin(status::prove(cx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_read_back_as_it_was_wished() {
        for sample in [Sample::Redis, Sample::Web] {
            let wish = Wish { sample, replicas: 7, confirmations: 3 };
            let mut deployment = manifest::documents(sample.manifest()).unwrap().remove(0);
            deployment["spec"]["replicas"] = json!(7);
            set_confirmations(&mut deployment, 3).unwrap();
            assert_eq!(Wish::read(&deployment), Some(wish));
        }
        assert_eq!(Wish::read(&json!({"metadata": {"name": "other"}})), None);
    }

    #[test]
    fn every_container_of_opsctls_own_image_gets_the_name_of_this_build() {
        for sample in [Sample::Redis, Sample::Web] {
            let mut deployment = manifest::documents(sample.manifest()).unwrap().remove(0);
            set_own_image(&mut deployment, "opsctl/opsctl:this");
            let text = deployment.to_string();
            assert!(text.contains("opsctl/opsctl:this") && !text.contains(&own::released()), "{text}");
        }
    }

    #[test]
    fn no_manifest_holds_endpoints_to_put_in_the_place_of_the_leaders() {
        let slices = crate::stack::documents(COMMON).unwrap();
        let slices: Vec<_> = slices.iter().filter(|o| manifest::kind(o) == "EndpointSlice").collect();
        assert_eq!(slices.len(), 3);
        assert!(slices.iter().all(|s| s.get("endpoints").is_none()));
    }
}
