//! Services: made by a creation, changed by applies, and nothing of one that was cut short stays behind.

use std::time::Duration;

use kube::api::PostParams;
use opsctl::engine::{self, Place, Plan};
use opsctl::k8s::apply;
use opsctl::step::object::Object;
use serde_json::{Value, json};

use crate::world::World;

fn service(w: &World, name: &str, port: u16) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": w.ns},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": port}]}})
}

#[tokio::test]
async fn a_service_that_up_made_belongs_to_the_apply_alone() {
    let w = World::new("fields", 30181);
    w.up(1).await.unwrap();
    let fields = w.value("v1", "Service", "web", "/metadata/managedFields").await;
    let owners: Vec<_> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["manager"].as_str().unwrap(), f["operation"].as_str().unwrap()))
        .collect();
    assert_eq!(owners, [("opsctl", "Apply")]);
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn a_port_of_a_service_whose_maker_died_is_free_again() {
    let w = World::new("cut", 30182);
    w.foreign_namespace(&w.ns).await;
    let ports = 31200..31240_u16;
    let token = World::token();
    let mut cut = 0;
    for port in ports.clone() {
        // Each on a connection of its own, which ends with the one who asked.
        let client = w.cx().client().await.unwrap();
        let making = service(&w, &format!("s{port}"), port);
        let moment = Duration::from_millis(2 + u64::from(port) * 7 % 12);
        let create = apply::create(&client, &making, &token);
        cut += usize::from(tokio::time::timeout(moment, create).await.is_err());
    }
    assert!(cut > 5, "only {cut} were cut short");
    // What was under way has landed by then, or never will.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let services = w.api("v1", "Service").await;
    let mut free = 0;
    for port in ports {
        if services.get_opt(&format!("s{port}")).await.unwrap().is_none() {
            let other = serde_json::from_value(service(&w, &format!("t{port}"), port)).unwrap();
            services.create(&PostParams::default(), &other).await.unwrap();
            free += 1;
        }
    }
    println!("{cut} of 40 cut short, {free} of them before anything was there: all ports free");
    w.remove_namespace().await;
}

#[tokio::test]
async fn a_service_that_another_makes_after_the_look_is_ours_as_well() {
    let w = World::new("atonce", 30183);
    w.foreign_namespace(&w.ns).await;
    for port in 31250..31260 {
        // A run that was killed has such a request under way, too: here the other one lives to see it land.
        let other = World::joined(&w.ns, port, &w.state.join(port.to_string()), w.kubeconfig());
        let step = || Object::new("test", service(&w, &format!("s{port}"), port)).into();
        let plan =
            || [Plan { part: "test".into(), place: Place::Cluster, waves: vec![vec![step()]], proof: None }];
        let (plans, cx) = ([plan(), plan()], [w.cx(), other.cx()]);
        let both = tokio::join!(engine::up(&cx[0], &plans[0]), engine::up(&cx[1], &plans[1]));
        let (one, two) = (both.0.unwrap(), both.1.unwrap());
        assert!(one.changed + two.changed >= 1);
    }
    w.remove_namespace().await;
}
