//! How many more nginx the nodes can hold.

use anyhow::Result;
use k8s_openapi::api::core::v1::{Node, Pod, ResourceRequirements};
use kube::api::ListParams;
use kube::{Api, Client};

use super::{FLEET, PART};
use crate::k8s::{has_ended, is_ready};

/// What a pod takes of a node, or what a node has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    pods: i128,
    /// Thousandths of a processor.
    cpu: i128,
    /// Bytes.
    memory: i128,
}

impl Room {
    /// How many of these fit.
    fn holds(self, one: Self) -> i128 {
        let of = |room: i128, one: i128| if one > 0 { room / one } else { i128::MAX };
        self.pods.min(of(self.cpu, one.cpu)).min(of(self.memory, one.memory)).max(0)
    }
}

/// How many nginx the ready nodes hold in all, by pods, processors and memory; `one` is what each asks for.
pub async fn holds(client: &Client, one: &serde_json::Value) -> Result<u64> {
    let (nodes, pods): (Api<Node>, Api<Pod>) = (Api::all(client.clone()), Api::all(client.clone()));
    let params = ListParams::default();
    let (nodes, pods) = tokio::try_join!(nodes.list(&params), pods.list(&params))?;
    let one: ResourceRequirements = serde_json::from_value(one.clone()).unwrap_or_default();
    let one = asked(Some(&one));
    let open = nodes.items.iter().filter(|node| {
        is_ready(node) && !node.spec.as_ref().and_then(|spec| spec.unschedulable).unwrap_or(false)
    });
    let all = open.map(|node| left(node, &pods.items).holds(one)).sum::<i128>();
    Ok(u64::try_from(all).unwrap_or(u64::MAX))
}

/// What a node has left beside all pods but those of the fleet.
fn left(node: &Node, pods: &[Pod]) -> Room {
    let allocatable = node.status.as_ref().and_then(|status| status.allocatable.as_ref());
    let has = |name: &str| allocatable.and_then(|all| all.get(name)).map_or(0, |q| milli(&q.0));
    let mut room = Room { pods: has("pods") / 1000, cpu: has("cpu"), memory: has("memory") / 1000 };
    let name = node.metadata.name.as_deref();
    for pod in pods.iter().filter(|pod| !has_ended(pod)) {
        let Some(spec) = pod.spec.as_ref().filter(|spec| spec.node_name.as_deref() == name) else { continue };
        let label = pod.metadata.labels.as_ref().and_then(|all| all.get("app.kubernetes.io/name"));
        if pod.metadata.namespace.as_deref() == Some(PART) && label.is_some_and(|label| label == FLEET) {
            continue;
        }
        room.pods -= 1;
        for container in &spec.containers {
            let one = asked(container.resources.as_ref());
            (room.cpu, room.memory) = (room.cpu - one.cpu, room.memory - one.memory);
        }
    }
    room
}

fn asked(resources: Option<&ResourceRequirements>) -> Room {
    let requests = resources.and_then(|resources| resources.requests.as_ref());
    let of = |name: &str| requests.and_then(|all| all.get(name)).map_or(0, |q| milli(&q.0));
    Room { pods: 1, cpu: of("cpu"), memory: of("memory") / 1000 }
}

/// A quantity of Kubernetes in thousandths; 0 where it is none.
fn milli(quantity: &str) -> i128 {
    let end = quantity.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(quantity.len());
    let (number, unit) = quantity.split_at(end);
    let factor: i128 = match unit {
        "m" => 1,
        "" => 1000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        _ => return 0,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = u32::try_from(part.len()).unwrap_or(0);
    let parsed = |text: &str| text.parse::<i128>().unwrap_or(0);
    parsed(whole) * factor + parsed(part) * factor / 10_i128.pow(digits.min(20))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_read_with_their_units() {
        for (text, is) in [
            ("10m", 10),
            ("2", 2000),
            ("1.5", 1500),
            ("24Mi", 1000 * 24 * 1024 * 1024),
            ("1k", 1_000_000),
            ("x", 0),
        ] {
            assert_eq!(milli(text), is, "{text}");
        }
    }

    #[test]
    fn a_node_holds_what_the_scarcest_of_its_things_allows_beside_other_pods() {
        let node: Node = serde_json::from_value(json!({"metadata": {"name": "n"},
            "status": {"allocatable": {"pods": "110", "cpu": "2", "memory": "1Gi"}}}))
        .unwrap();
        let pod = |namespace: &str, name: &str, cpu: &str| -> Pod {
            serde_json::from_value(json!({"metadata": {"namespace": namespace,
                "labels": {"app.kubernetes.io/name": name}},
                "spec": {"nodeName": "n", "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}}))
            .unwrap()
        };
        let pods = [pod("redis", "redis", "500m"), pod("web", "nginx", "900m")];
        let room = left(&node, &pods);
        assert_eq!((room.pods, room.cpu), (109, 1500), "the fleet itself makes way");
        assert_eq!(room.holds(Room { pods: 1, cpu: 10, memory: 1 << 20 }), 109);
        assert_eq!(room.holds(Room { pods: 1, cpu: 100, memory: 1 << 20 }), 15);
        assert_eq!(room.holds(Room { pods: 1, cpu: 10, memory: 1 << 28 }), 4);
        assert_eq!(Room { pods: -3, cpu: 0, memory: 0 }.holds(Room::default()), 0);
    }
}
