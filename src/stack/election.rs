//! N identical pods that agree on one master: redis under an elector, or an elector alone (part B.4).

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::cli::{ElectionUp, Sample};
use crate::context::Context;
use crate::engine::{Place, Plan};
use crate::error::Problem;
use crate::image::own;
use crate::k8s::manifest;
use crate::step::image::Image;

/// The part's name, and its namespace.
pub const PART: &str = "election";
/// What all pods of an election have as `app.kubernetes.io/part-of`.
pub const PART_OF: &str = "election";
/// The port on which each pod tells whom it takes for the master.
pub const ASK_PORT: u16 = 8080;
/// How many pods, unless told otherwise.
const REPLICAS: u16 = 5;

const COMMON: &[&str] = &[
    include_str!("../../manifests/election/0-namespace.yaml"),
    include_str!("../../manifests/election/1-rbac.yaml"),
    include_str!("../../manifests/election/2-services.yaml"),
    include_str!("../../manifests/election/3-network-policy.yaml"),
];
const REDIS: &str = include_str!("../../manifests/election/4-redis.yaml");
const WEB: &str = include_str!("../../manifests/election/4-web.yaml");

/// What the Services are called that only redis needs.
const REDIS_SERVICES: [&str; 2] = ["redis-master", "redis-replicas"];
/// The argument of the elector that says how many replicas confirm a write.
const CONFIRMATIONS: &str = "--confirmations=";

/// An election as it is wanted, or as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What the pods run.
    pub sample: Sample,
    /// How many.
    pub replicas: u16,
    /// How many replicas have a write before it counts; so many pods may be away without a vote.
    pub confirmations: u16,
}

impl Wish {
    /// What was asked for, else what stands, else the defaults.
    pub fn of(asked: &ElectionUp, stands: Option<Self>) -> Result<Self> {
        let sample = asked.sample.or(stands.map(|s| s.sample)).unwrap_or(Sample::Redis);
        if let Some(other) = stands.filter(|s| s.sample != sample) {
            return Err(Problem::conflict(format!("the election's sample {} stands", other.sample.name()))
                .found("One sample at a time: both would write the page's endpoints.")
                .next("opsctl election down")
                .next(format!("opsctl election up --sample {}", sample.name()))
                .into());
        }
        let replicas = asked.replicas.or(stands.map(|s| s.replicas)).unwrap_or(REPLICAS);
        let most = replicas.saturating_sub(1);
        let confirmations = match (asked.confirmations, stands) {
            (Some(asked), _) if asked > most => {
                return Err(Problem::usage(format!(
                    "{asked} confirmations, but {replicas} pods have only {most} replicas of a master"
                ))
                .next(format!("opsctl election up --replicas {replicas} --confirmations {}", replicas / 2))
                .into());
            }
            (Some(asked), _) => asked,
            // Chosen by hand before, and still possible.
            (None, Some(s)) if s.confirmations != s.replicas / 2 && s.confirmations <= most => {
                s.confirmations
            }
            // The node with fewer pods may go: on two nodes, and so on more, none of the others has more.
            _ => replicas / 2,
        };
        Ok(Self { sample, replicas, confirmations })
    }

    /// What a Deployment of ours says; none where it is no election's.
    pub fn read(deployment: &Value) -> Option<Self> {
        let sample = Sample::named(manifest::name(deployment))?;
        let replicas = deployment["spec"]["replicas"].as_u64()?;
        let containers = deployment.pointer("/spec/template/spec/containers")?.as_array()?;
        let arguments = containers.iter().filter_map(|c| c["args"].as_array()).flatten();
        let confirmations =
            arguments.filter_map(Value::as_str).find_map(|a| a.strip_prefix(CONFIRMATIONS)?.parse().ok())?;
        Some(Self { sample, replicas: u16::try_from(replicas).ok()?, confirmations })
    }

    /// What that means to who writes, in a sentence.
    pub fn promise(&self) -> String {
        match (self.sample, self.confirmations) {
            (Sample::Web, _) => "a master is found however few pods answer: there is no data to lose".into(),
            (Sample::Redis, 0) => "a write counts at once, and is lost with its pod".into(),
            (Sample::Redis, 1) => "a write counts once 1 replica has it, so any 1 pod may go".into(),
            (Sample::Redis, k) => {
                format!("a write counts once {k} replicas have it, so any {k} pods may go")
            }
        }
    }
}

impl Sample {
    /// The Deployment's name, which is also the Lease's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Web => "web",
        }
    }

    /// The sample of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Redis, Self::Web].into_iter().find(|s| s.name() == name)
    }

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
        super::set_recipe(&mut workload, super::redis::IMAGE)?;
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
        Sample::Redis => vec![super::redis::IMAGE.into(), own],
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
    Box::pin(crate::status::election::prove(cx))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(replicas: Option<u16>, confirmations: Option<u16>) -> ElectionUp {
        ElectionUp { replicas, sample: None, confirmations }
    }

    fn stands(replicas: u16, confirmations: u16) -> Wish {
        Wish { sample: Sample::Redis, replicas, confirmations }
    }

    #[test]
    fn confirmations_follow_the_number_of_pods() {
        for (replicas, k) in [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (10, 5)] {
            let wish = Wish::of(&asked(Some(replicas), None), None).unwrap();
            assert_eq!(wish, stands(replicas, k));
        }
    }

    #[test]
    fn what_stands_is_kept_and_a_choice_by_hand_as_long_as_it_is_possible() {
        assert_eq!(Wish::of(&asked(None, None), None).unwrap(), stands(5, 2));
        assert_eq!(Wish::of(&asked(None, None), Some(stands(10, 5))).unwrap(), stands(10, 5));
        assert_eq!(Wish::of(&asked(Some(3), None), Some(stands(10, 5))).unwrap(), stands(3, 1));
        assert_eq!(Wish::of(&asked(Some(10), None), Some(stands(5, 3))).unwrap(), stands(10, 3));
        assert_eq!(Wish::of(&asked(Some(3), None), Some(stands(5, 3))).unwrap(), stands(3, 1));
    }

    #[test]
    fn more_confirmations_than_replicas_are_refused_and_so_is_the_other_sample() {
        let error = Wish::of(&asked(Some(2), Some(2)), None).unwrap_err();
        assert_eq!(crate::error::class_of(&error), crate::error::Class::Usage);
        let web = ElectionUp { sample: Some(Sample::Web), ..asked(None, None) };
        let error = Wish::of(&web, Some(stands(5, 2))).unwrap_err();
        assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
    }

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
