//! Stacks: what each part of the environment is made of, and how it is. Nothing is changed here.

pub mod data;
pub mod election;
pub mod host;
pub mod info_cron;
pub mod minikube;
pub mod redis;
pub mod redis_single;
pub mod report;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::context::{Context, Target};
use crate::engine::Plan;
use crate::image;
use crate::k8s::{kind, manifest};
use crate::minikube::Wish;
use crate::step::object::Object;
use crate::step::{Rank, Step};

/// All plans inside the cluster, in the order in which they are put up.
pub fn inside(cx: &Context) -> Result<Vec<Plan>> {
    Ok(vec![redis::plan(cx)?, info_cron::plan()?, redis_single::plan(cx)?, election::everything(cx)?])
}

/// All plans: `undo --all` finds by them what the journal does not know.
pub fn all(cx: &Context) -> Result<Vec<Plan>> {
    let mut plans = inside(cx)?;
    if let Target::Profile(name) = &cx.target {
        plans.insert(0, minikube::plan(name, &Wish::default())?);
    }
    Ok(plans)
}

/// The documents of a part's manifest files.
fn documents(files: &[&str]) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for file in files {
        all.extend(manifest::documents(file)?);
    }
    Ok(all)
}

/// The object of that kind and name, for an edit.
fn find<'a>(objects: &'a mut [Value], kind: &str, name: &str) -> Result<&'a mut Value> {
    objects
        .iter_mut()
        .find(|o| manifest::kind(o) == kind && manifest::name(o) == name)
        .with_context(|| format!("the embedded manifests have no {kind} {name}"))
}

/// Sets the `NodePort` of a service's only (or first) port.
fn set_node_port(objects: &mut [Value], service: &str, port: u16) -> Result<()> {
    let service = find(objects, "Service", service)?;
    service["spec"]["ports"][0]["nodePort"] = json!(port);
    Ok(())
}

/// Notes the recipe of an image on the pods that run it: a changed recipe under the same name rolls them.
fn set_recipe(objects: &mut [Value], image: &str) -> Result<()> {
    let recipe = image::embedded::recipe(image)?;
    for object in objects {
        for path in ["/spec/template", "/spec/jobTemplate/spec/template"] {
            if let Some(template) = object.pointer_mut(path) {
                template["metadata"]["annotations"]["opsctl.dev/recipe"] = json!(recipe.hash());
            }
        }
    }
    Ok(())
}

/// The objects in waves, by the rank of their kind. What the part grounds on beside objects, such as images and
/// directories, comes with what workloads depend on, and is removed after it.
fn waves(part: &str, ground: Vec<Step>, objects: Vec<Value>) -> Vec<Vec<Step>> {
    let mut waves: [Vec<Step>; 5] = Default::default();
    let objects = objects.into_iter().map(|object| Object::new(part, object).into());
    for step in ground.into_iter().chain(objects) {
        let wave = match step.nature().rank {
            Rank::Foundation | Rank::Object(kind::Rank::Definition) => 0,
            Rank::Object(kind::Rank::Namespace | kind::Rank::Volume) => 1,
            Rank::Ground | Rank::Object(kind::Rank::Support) => 2,
            Rank::Object(kind::Rank::Workload) => 3,
            Rank::Object(kind::Rank::Custom) | Rank::Data => 4,
        };
        waves[wave].push(step);
    }
    waves.into_iter().filter(|w| !w.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_comes_before_the_claim_that_takes_it() {
        let object = |kind: &str| {
            let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
            json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}})
        };
        let kinds = ["PersistentVolumeClaim", "Deployment", "PersistentVolume", "Namespace"];
        let waves = waves("x", Vec::new(), kinds.map(object).to_vec());
        let wave_of = |kind: &str| {
            let kind = kind.to_lowercase();
            waves
                .iter()
                .position(|w| w.iter().any(|s| s.key().split(['/', '.']).next() == Some(&kind)))
                .unwrap()
        };
        assert!(wave_of("PersistentVolume") < wave_of("PersistentVolumeClaim"));
        assert!(wave_of("PersistentVolumeClaim") < waves.len() - 1);
    }
}
