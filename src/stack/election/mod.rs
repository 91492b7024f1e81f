//! N identical pods that agree on one master: redis under an elector, or an elector alone.

pub mod status;
mod wish;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Needs, NodePort, Stack, Text, manifests};
use crate::context::Context;
use crate::engine::Plan;
use crate::image::{self, own};
use crate::k8s::manifest;

use wish::CONFIRMATIONS;
pub use wish::{Asked, Sample, Wish};

/// The stack's name, and its namespace.
pub const PART: &str = "election";
/// What all pods of an election have as `app.kubernetes.io/part-of`.
pub const PART_OF: &str = "election";
/// The port on which each pod tells whom it takes for the master.
pub const ASK_PORT: u16 = 8080;
/// The Services of the master, of its replicas, and of the page that names it.
pub const SERVICES: [&str; 3] = ["election/redis-master", "election/redis-replicas", "election/page"];

/// The stack: whatever of both samples may exist, as `down` looks for it.
pub fn stack() -> Stack {
    Stack {
        needs: Needs { nodes: 1, after: Vec::new() },
        ports: vec![
            NodePort::new("ELECTION_MASTER", SERVICES[0], "elected master"),
            NodePort::new("ELECTION_REPLICAS", SERVICES[1], "its replicas"),
            NodePort::new("ELECTION_PAGE", SERVICES[2], "page that names the master"),
        ],
        images: images(Sample::Redis),
        status: |_, cx| Box::pin(status::status(cx)),
        prove: Some(|cx| Box::pin(status::prove(cx))),
        ..Stack::new(
            PART,
            "One master among identical pods",
            manifests!("election": "0-namespace", "1-rbac", "1-secret", "2-services", "3-disruption-budget", "3-network-policy", "4-redis", "4-web"),
        )
    }
}

fn images(sample: Sample) -> Vec<Text> {
    match sample {
        Sample::Redis => vec![image::REDIS.into(), own::REPOSITORY.into()],
        Sample::Web => vec![own::REPOSITORY.into()],
    }
}

/// The plan of one sample.
pub fn plan(cx: &Context, wish: &Wish) -> Result<Plan> {
    let stack = Stack { images: images(wish.sample), ..stack() };
    let mut objects = stack.objects()?;
    objects.retain(|object| belongs(object, wish.sample));
    for deployment in objects.iter_mut().filter(|o| manifest::kind(o) == "Deployment") {
        deployment["spec"]["replicas"] = json!(wish.replicas);
        set_confirmations(deployment, wish.confirmations)?;
    }
    for budget in objects.iter_mut().filter(|o| manifest::kind(o) == "PodDisruptionBudget") {
        set_budget(budget, wish.confirmations);
    }
    stack.plan_of(cx, objects)
}

/// Lets so many pods be evicted at once as confirm a write, for one pod more has it; but one always, or a node could
/// not be drained at all.
fn set_budget(budget: &mut Value, k: u16) {
    budget["spec"]["maxUnavailable"] = json!(k.max(1));
}

/// Whether an object belongs to this sample: its own Deployment, and with redis alone the Services of redis.
fn belongs(object: &Value, sample: Sample) -> bool {
    let name = manifest::name(object);
    match manifest::kind(object) {
        "Deployment" => name == sample.name(),
        // The slices are named like their Services.
        _ => sample == Sample::Redis || !SERVICES[..2].iter().any(|s| s.ends_with(&format!("/{name}"))),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(sample: Sample) -> Value {
        let mut objects = stack().objects().unwrap();
        objects.retain(|o| manifest::kind(o) == "Deployment" && manifest::name(o) == sample.name());
        objects.remove(0)
    }

    #[test]
    fn the_page_alone_has_no_service_of_redis() {
        let of = |sample| {
            let objects = stack().objects().unwrap();
            objects.iter().filter(|o| belongs(o, sample)).map(manifest::title).collect::<Vec<_>>()
        };
        let (redis, web) = (of(Sample::Redis), of(Sample::Web));
        assert!(
            redis.contains(&"service/redis-master".to_owned()) && web.contains(&"service/page".to_owned())
        );
        assert!(web.iter().all(|title| !title.contains("redis")), "{web:?}");
    }

    #[test]
    fn a_deployment_is_read_back_as_it_was_wished() {
        for sample in [Sample::Redis, Sample::Web] {
            let wish = Wish { sample, replicas: 7, confirmations: 3 };
            let mut deployment = deployment(sample);
            deployment["spec"]["replicas"] = json!(7);
            set_confirmations(&mut deployment, 3).unwrap();
            assert_eq!(Wish::read(&deployment), Some(wish));
        }
        assert_eq!(Wish::read(&json!({"metadata": {"name": "other"}})), None);
    }

    #[test]
    fn an_eviction_takes_no_more_pods_at_once_than_confirm_a_write() {
        let objects = stack().objects().unwrap();
        let budgets: Vec<_> = objects.iter().filter(|o| manifest::kind(o) == "PodDisruptionBudget").collect();
        let [budget] = budgets[..] else { panic!("{budgets:?}") };
        // It is about the pods of either sample.
        for sample in [Sample::Redis, Sample::Web] {
            let labels = &deployment(sample)["spec"]["template"]["metadata"]["labels"];
            for (label, value) in budget["spec"]["selector"]["matchLabels"].as_object().unwrap() {
                assert_eq!(&labels[label], value, "{sample:?}");
            }
        }
        for (k, most) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
            let mut budget = budget.clone();
            set_budget(&mut budget, k);
            assert_eq!(budget["spec"]["maxUnavailable"], json!(most));
        }
    }

    #[test]
    fn the_electors_of_either_sample_share_a_secret_and_mount_it_where_they_look_for_it() {
        let objects = stack().objects().unwrap();
        let recipe = objects.iter().find(|o| manifest::kind(o) == "Secret").unwrap();
        assert!(crate::step::secret::is_recipe(recipe));
        for sample in [Sample::Redis, Sample::Web] {
            let pod = &deployment(sample)["spec"]["template"]["spec"];
            let container = &pod["containers"][0];
            let mut key = container["args"].as_array().unwrap().iter().filter_map(Value::as_str);
            let key = key.find_map(|a| a.strip_prefix("--peer-key=")).unwrap();
            let (folder, name) = key.rsplit_once('/').unwrap();
            assert!(recipe["stringData"].get(name).is_some(), "{key}");
            let mounts = container["volumeMounts"].as_array().unwrap();
            let mount = mounts.iter().find(|m| m["mountPath"] == folder).unwrap();
            let volumes = pod["volumes"].as_array().unwrap();
            let volume = volumes.iter().find(|v| v["name"] == mount["name"]).unwrap();
            assert_eq!(volume["secret"]["secretName"], recipe["metadata"]["name"], "{sample:?}");
        }
    }

    #[test]
    fn no_manifest_holds_endpoints_to_put_in_the_place_of_the_leaders() {
        let slices = stack().objects().unwrap();
        let slices: Vec<_> = slices.iter().filter(|o| manifest::kind(o) == "EndpointSlice").collect();
        assert_eq!(slices.len(), 3);
        assert!(slices.iter().all(|s| s.get("endpoints").is_none()));
    }
}
