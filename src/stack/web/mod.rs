//! A fleet of nginx behind a balancer on every node, which serves the list of those connected.

pub mod room;
pub mod status;

use anyhow::Result;
use serde_json::{Value, json};

use super::{NodePort, Stack, manifests};
use crate::context::Context;
use crate::engine::{Place, Plan, Proof};
use crate::image::{HAPROXY, NGINX};
use crate::k8s::manifest;
use crate::step::object::Object;

/// The stack's name, and its namespace.
pub const PART: &str = "web";
/// The Deployment of the fleet, and the name of its container.
pub const FLEET: &str = "nginx";
/// The `DaemonSet` of the balancers.
pub const BALANCER: &str = "balancer";
/// Both images, in the order in which a request meets them.
pub const IMAGES: [&str; 2] = [HAPROXY, NGINX];
/// The port on which each nginx serves.
pub const PAGE_PORT: u16 = 8080;
/// The port on which each balancer tells its list.
pub const LIST_PORT: u16 = 8081;
/// The Services of the page and of the balancers' statistics.
pub const SERVICES: [&str; 2] = ["web/web", "web/statistics"];

/// The stack.
pub fn stack() -> Stack {
    Stack {
        ports: vec![
            NodePort::new("WEB", SERVICES[0], "page of the nginx fleet"),
            NodePort::new("WEB_STATISTICS", SERVICES[1], "statistics of its balancers"),
        ],
        images: IMAGES.map(Into::into).to_vec(),
        status: |_, cx| Box::pin(status::status(cx)),
        prove: Some(|cx| Box::pin(status::prove(cx))),
        ..Stack::new(
            PART,
            "A fleet of nginx behind a load balancer",
            manifests!("web": "0-namespace", "1-rbac", "2-services", "3-network-policy", "4-nginx", "5-balancer"),
        )
    }
}

/// The plan with so many nginx.
pub fn plan(cx: &Context, replicas: u16) -> Result<Plan> {
    let stack = stack();
    let mut objects = stack.objects()?;
    for object in &mut objects {
        if manifest::kind(object) == "Deployment" && manifest::name(object) == FLEET {
            object["spec"]["replicas"] = json!(replicas);
        }
    }
    stack.plan_of(cx, objects)
}

/// The plan that changes the number of nginx, and nothing else of what is live.
pub fn scaled(fleet: &Value, replicas: u16) -> Plan {
    let mut wanted = manifest::stripped(fleet);
    wanted["spec"]["replicas"] = json!(replicas);
    let step = Object::new(PART, wanted).into();
    let proof: Proof = |cx| Box::pin(status::prove(cx));
    Plan { part: PART.into(), place: Place::Cluster, waves: vec![vec![step]], proof: Some(proof) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_the_number_that_was_asked_for_and_a_scale_nothing_besides() {
        let mut fleet = stack().objects().unwrap();
        fleet.retain(|o| manifest::kind(o) == "Deployment");
        let fleet = fleet.remove(0);
        assert_eq!(manifest::name(&fleet), FLEET);
        assert_eq!(
            fleet["spec"]["template"]["spec"]["containers"][0]["name"], "nginx",
            "kubectl set image, logs -c"
        );
        let plan = scaled(&fleet, 7);
        let steps: Vec<_> = plan.waves.iter().flatten().collect();
        assert_eq!(steps.len(), 1);
        let object = steps[0].manifest().unwrap();
        assert_eq!(status::replicas(object), 7);
        assert_eq!(object["spec"]["template"], fleet["spec"]["template"]);
    }

    #[test]
    fn the_balancer_may_watch_endpoints_and_is_granted_nothing_else_and_nginx_nothing_at_all() {
        let objects = stack().objects().unwrap();
        let roles: Vec<_> = objects.iter().filter(|o| manifest::kind(o).ends_with("Role")).collect();
        assert_eq!(roles.len(), 1);
        let granted = json!([{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"],
            "verbs": ["get", "list", "watch"]}]);
        assert_eq!(roles[0]["rules"], granted);
        let binding = objects.iter().find(|o| manifest::kind(o) == "RoleBinding").unwrap();
        assert_eq!(
            binding["subjects"],
            json!([{"kind": "ServiceAccount", "name": "balancer", "namespace": "web"}])
        );
        for object in &objects {
            let pod = &object["spec"]["template"]["spec"];
            if pod.is_object() {
                let token = pod["automountServiceAccountToken"].as_bool();
                assert_eq!(token, Some(manifest::name(object) == BALANCER), "{}", manifest::title(object));
            }
        }
    }
}
