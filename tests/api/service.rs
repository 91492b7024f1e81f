//! Services: made by a creation, changed by applies, and nothing of one that was cut short stays behind.

use std::time::{Duration, Instant};

use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use opsctl::engine::{self, Place, Plan};
use opsctl::k8s::apply;
use opsctl::step::Step;
use opsctl::step::object::Object;
use serde_json::{Value, json};

use crate::world::World;

fn service(w: &World, name: &str, port: u16) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": w.ns},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": port}]}})
}

fn step(w: &World, port: u16) -> Step {
    Object::new("test", service(w, &format!("s{port}"), port)).into()
}

fn plan(steps: Vec<Step>) -> [Plan; 1] {
    [Plan { part: "test".into(), place: Place::Cluster, waves: vec![steps], proof: None }]
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
        let making = Object::new("test", service(&w, &format!("s{port}"), port)).manifest().clone();
        let moment = Duration::from_millis(2 + u64::from(port) * 7 % 12);
        let create = apply::create(&client, &making, &token);
        cut += usize::from(tokio::time::timeout(moment, create).await.is_err());
    }
    assert!(cut > 5, "only {cut} were cut short");
    // What is still under way lands meanwhile, or is given up, and with it the port.
    let plan = plan(ports.map(|port| step(&w, port)).collect());
    let made = engine::up(&w.cx(), &plan).await.unwrap().changed;
    println!("{cut} of 40 cut short, {made} of them before anything was there: all ports free");
    w.remove_namespace().await;
}

/// A webhook that never answers holds a request up, and this one the port.
#[tokio::test]
async fn a_port_that_a_request_under_way_holds_for_long_is_waited_for() {
    let w = World::new("held", 30184);
    w.foreign_namespace(&w.ns).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let webhooks: Api<ValidatingWebhookConfiguration> = Api::all(w.client().await);
    let webhook = json!({"metadata": {"name": w.ns},
        "webhooks": [{"name": "silent.opsctl.test", "clientConfig": {"url": url}, "timeoutSeconds": 9,
            "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "objectSelector": {"matchLabels": {"held-up": w.ns}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}]}]});
    webhooks.create(&PostParams::default(), &serde_json::from_value(webhook).unwrap()).await.unwrap();
    let services = w.api("v1", "Service").await;
    // The API server learns of a webhook a moment later: until then it lets the service through.
    let slow = loop {
        let mut other = service(&w, "other", w.port);
        other["metadata"]["labels"] = json!({"held-up": w.ns});
        let (making, other) = (services.clone(), serde_json::from_value(other).unwrap());
        let slow = tokio::spawn(async move { making.create(&PostParams::default(), &other).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        if !slow.is_finished() {
            break slow;
        }
        slow.await.unwrap().unwrap();
        services.delete("other", &DeleteParams::default()).await.unwrap();
    };
    let began = Instant::now();
    engine::up(&w.cx(), &plan(vec![step(&w, w.port)])).await.unwrap();
    assert!(began.elapsed() > Duration::from_secs(6), "the port was held for {:?} only", began.elapsed());
    slow.await.unwrap().unwrap_err();
    webhooks.delete(&w.ns, &DeleteParams::default()).await.unwrap();
    w.remove_namespace().await;
}

#[tokio::test]
async fn a_service_that_another_makes_after_the_look_is_ours_as_well() {
    let w = World::new("atonce", 30183);
    w.foreign_namespace(&w.ns).await;
    for port in 31250..31260 {
        // A run that was killed has such a request under way, too: here the other one lives to see it land.
        let other = World::joined(&w.ns, port, &w.state.join(port.to_string()), w.kubeconfig());
        let plans = [plan(vec![step(&w, port)]), plan(vec![step(&w, port)])];
        let cx = [w.cx(), other.cx()];
        let both = tokio::join!(engine::up(&cx[0], &plans[0]), engine::up(&cx[1], &plans[1]));
        let (one, two) = (both.0.unwrap(), both.1.unwrap());
        assert!(one.changed + two.changed >= 1);
    }
    w.remove_namespace().await;
}
