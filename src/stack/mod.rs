//! Stacks: what each part of the environment is made of, and how it is. Nothing is changed here.

pub mod data;
pub mod election;
pub mod host;
pub mod info_cron;
pub mod minikube;
mod model;
mod page;
pub mod peering;
pub mod pods;
pub mod redis;
mod redis_single;
pub mod report;
pub mod status;
pub mod timestamps;
pub mod web;

use anyhow::Result;

use crate::context::{Context, Port, Target};
use crate::engine::Plan;
use crate::minikube::Wish;

use model::manifests;
pub use model::{Data, Folder, Look, Needs, NodePort, Stack, Text, machine};

/// The stacks of opsctl itself, in the order in which they are put up.
pub fn all() -> Vec<Stack> {
    vec![
        redis::stack(),
        info_cron::stack(),
        redis_single::stack(),
        election::stack(),
        web::stack(),
        peering::stack(),
        timestamps::stack(),
    ]
}

/// The ports that these stacks declare.
pub fn ports(stacks: &[Stack]) -> Result<Vec<Port>> {
    let all: Vec<Vec<Port>> = stacks.iter().map(Stack::declared_ports).collect::<Result<_>>()?;
    Ok(all.concat())
}

/// All plans: the cluster's, and those of these stacks. `undo --all` finds by them what the journal does not know.
pub fn plans(cx: &Context, stacks: &[Stack]) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    if let Target::Profile(name) = &cx.target {
        plans.push(minikube::plan(name, &Wish::default())?);
    }
    for stack in stacks {
        plans.push(stack.plan(cx)?);
    }
    Ok(plans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::manifest;

    #[test]
    fn no_two_stacks_share_a_name_a_variable_or_a_port() {
        let stacks = all();
        let ports = ports(&stacks).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for word in stacks.iter().map(|s| s.name.to_string()).chain(ports.iter().map(|p| p.variable.clone()))
        {
            assert!(seen.insert(word.clone()), "{word} twice");
        }
        for port in ports {
            assert!(seen.insert(port.usual.to_string()), "{} twice", port.usual);
        }
    }

    #[test]
    fn every_node_port_in_a_manifest_is_declared() {
        for stack in all() {
            let declared: Vec<_> = stack.ports.iter().map(|p| p.service.to_string()).collect();
            for object in stack.objects().unwrap() {
                if object["spec"]["ports"][0]["nodePort"].is_number() {
                    let place = manifest::namespace(&object).unwrap();
                    let service = format!("{place}/{}", manifest::name(&object));
                    assert!(declared.contains(&service), "{}: {service}", stack.name);
                }
            }
        }
    }
}
