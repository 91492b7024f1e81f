//! What the operator makes of a resource, whatever befalls it on the way.

use std::time::{Duration, Instant};

use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::world::{OWNED, World};

/// So long nothing may be written where nothing is to be done.
const IDLE: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_resource_becomes_its_objects_and_idle_nothing_is_written() {
    let w = World::new("whole").await;
    let _operator = w.operator();
    w.make(3).await;
    w.converges().await;
    let objects = w.objects().await;
    assert_eq!(objects.len(), OWNED.len(), "{:?}", objects.keys());
    let status = w.status().await;
    assert_eq!((status.replicas, status.ready_replicas, status.converged_replicas), (3, 3, 3));
    let scale = w.peerings().get_scale("ring").await.unwrap();
    let selector = scale.status.unwrap().selector.unwrap();
    let pods = w.api("v1", "Pod").list(&ListParams::default().labels(&selector)).await.unwrap();
    assert_eq!(pods.items.len(), 3);
    // What its own last writes woke it for is over by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = w.proxy.writes();
    tokio::time::sleep(IDLE).await;
    assert_eq!(w.proxy.writes(), Vec::<String>::new(), "after {before:?}");
    // Neither does a change that somebody else makes beside what is wanted.
    let label = Patch::Merge(json!({"metadata": {"labels": {"theirs": "yes"}}}));
    for (version, kind) in OWNED {
        w.api(version, kind).patch("ring", &PatchParams::default(), &label).await.unwrap();
    }
    tokio::time::sleep(IDLE).await;
    assert_eq!(w.proxy.writes(), Vec::<String>::new());
    w.ends().await;
}

#[tokio::test]
async fn killed_after_each_of_its_writes_it_converges_and_leaves_nothing() {
    let w = World::new("killed").await;
    // How many writes it takes, without a kill.
    let calm = w.operator();
    w.make(2).await;
    w.converges().await;
    let made = w.proxy.writes().len();
    w.change(json!({"replicas": 1, "interval": "5s"})).await;
    w.converges().await;
    let changed = w.proxy.writes().len();
    w.ends().await;
    drop(calm);
    assert!(made > OWNED.len() && changed > 2, "{made} {changed}");
    let mut kills = 0;
    for after in 1..=made {
        w.proxy.writes();
        let mut operator = w.operator();
        w.proxy.kill_after(after, operator.pid());
        w.make(2).await;
        // How often the status is written depends on how quick the pods are.
        w.until("it is killed or done", || async {
            w.proxy.count() >= after || w.status().await.converged_replicas == 2
        })
        .await;
        if w.proxy.count() >= after {
            operator.ended().await;
            kills += 1;
        }
        w.proxy.kill_after(usize::MAX, 0);
        drop(operator);
        let next = w.operator();
        w.converges().await;
        assert_eq!(w.objects().await.len(), OWNED.len(), "killed after write {after}");
        w.ends().await;
        drop(next);
    }
    assert!(kills >= OWNED.len(), "only {kills} kills");
    let mut kills = 0;
    for after in 1..=changed {
        let calm = w.operator();
        w.make(2).await;
        w.converges().await;
        drop(calm);
        w.proxy.writes();
        let mut operator = w.operator();
        w.proxy.kill_after(after, operator.pid());
        w.change(json!({"replicas": 1, "interval": "5s"})).await;
        w.until("it is killed or done", || async {
            let status = w.status().await;
            w.proxy.count() >= after || (status.observed_generation == 2 && status.replicas == 1)
        })
        .await;
        if w.proxy.count() >= after {
            operator.ended().await;
            kills += 1;
        }
        w.proxy.kill_after(usize::MAX, 0);
        drop(operator);
        let next = w.operator();
        w.converges().await;
        assert_eq!(w.wants().await, 1, "killed after write {after}");
        w.ends().await;
        drop(next);
    }
    assert!(kills >= 2, "only {kills} kills");
}

#[tokio::test]
async fn shrinking_is_first_the_list_and_then_the_pods() {
    let w = World::new("shrink").await;
    let _operator = w.operator();
    w.make(3).await;
    w.converges().await;
    let old = w.status().await.observed_generation;
    w.peers_say(old);
    let new = w.change(json!({"replicas": 1})).await;
    let map = w.api("v1", "ConfigMap");
    w.until("the list is short", || async {
        let map = map.get("ring").await.unwrap();
        !map.data["data"]["peers.yaml"].as_str().unwrap().contains("ring-1.ring")
    })
    .await;
    // Those that stay have not read it yet: nobody goes.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(w.wants().await, 3);
    w.peers_say(new);
    w.until("the pods go", || async { w.wants().await == 1 }).await;
    w.converges().await;
    // One that never reads it is not waited for without end.
    w.change(json!({"replicas": 2})).await;
    w.peers_say(-1);
    w.converges().await;
    w.peers_say(0);
    w.change(json!({"replicas": 1})).await;
    w.until("the pod goes all the same", || async { w.wants().await == 1 }).await;
    w.peers_say(-1);
    w.converges().await;
    w.ends().await;
}

#[tokio::test]
async fn a_resource_that_is_deleted_while_it_scales_ends_and_nothing_is_written_again() {
    let w = World::new("deleted").await;
    let _operator = w.operator();
    for replicas in [8, 1] {
        w.make(3).await;
        w.converges().await;
        w.change(json!({"replicas": replicas})).await;
        // Held for a while, as by a slow pod: an operator that repairs would make it all again.
        let finalizers = |all: Value| Patch::Merge(json!({"metadata": {"finalizers": all}}));
        let params = PatchParams::default();
        w.peerings().patch("ring", &params, &finalizers(json!(["test.dev/hold"]))).await.unwrap();
        w.peerings().delete("ring", &DeleteParams::foreground()).await.unwrap();
        w.until("what belongs to it goes", || async { w.objects().await.is_empty() }).await;
        w.proxy.writes();
        tokio::time::sleep(IDLE).await;
        assert_eq!(w.proxy.writes(), Vec::<String>::new());
        assert!(w.objects().await.is_empty());
        let live = w.peerings().get("ring").await.unwrap();
        let rest = live.metadata.finalizers.unwrap_or_default();
        let rest: Vec<_> = rest.into_iter().filter(|finalizer| finalizer != "test.dev/hold").collect();
        w.peerings().patch("ring", &params, &finalizers(json!(rest))).await.unwrap();
        w.is_gone().await;
    }
}

#[tokio::test]
async fn what_somebody_deletes_or_edits_comes_back_as_it_was() {
    let w = World::new("repair").await;
    let _operator = w.operator();
    w.make(2).await;
    w.converges().await;
    for (version, kind) in OWNED {
        let api = w.api(version, kind);
        let uid = api.get("ring").await.unwrap().metadata.uid;
        api.delete("ring", &DeleteParams::default()).await.unwrap();
        w.until(&format!("another {kind}"), || async {
            api.get_opt("ring").await.unwrap().is_some_and(|object| object.metadata.uid != uid)
        })
        .await;
    }
    w.converges().await;
    // The pods' tokens ended with the former account.
    let account = w.api("v1", "ServiceAccount").get("ring").await.unwrap().metadata.uid.unwrap();
    let set = w.api("apps/v1", "StatefulSet").get("ring").await.unwrap();
    let noted = &set.data["spec"]["template"]["metadata"]["annotations"]["peering.opsctl.dev/account"];
    assert_eq!(noted, &json!(account));
    let edits = [
        ("ConfigMap", json!({"data": {"peers.yaml": "peers: []"}}), "/data/peers.yaml"),
        ("ServiceAccount", json!({"automountServiceAccountToken": true}), "/automountServiceAccountToken"),
        ("Role", json!({"rules": []}), "/rules"),
        ("RoleBinding", json!({"subjects": []}), "/subjects"),
        ("NetworkPolicy", json!({"spec": {"ingress": []}}), "/spec/ingress"),
        ("PodDisruptionBudget", json!({"spec": {"maxUnavailable": 5}}), "/spec/maxUnavailable"),
        ("Service", json!({"spec": {"publishNotReadyAddresses": false}}), "/spec/publishNotReadyAddresses"),
        ("StatefulSet", json!({"spec": {"replicas": 5}}), "/spec/replicas"),
    ];
    assert!(edits.iter().map(|(kind, _, _)| *kind).eq(OWNED.map(|(_, kind)| kind)));
    // Without its label the operator does not see it any more.
    let unlabelled = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": null}}});
    let labelled = "/metadata/labels/app.kubernetes.io~1managed-by";
    let unlabelled = OWNED.map(|(_, kind)| (kind, unlabelled.clone(), labelled));
    for (kind, edit, pointer) in edits.into_iter().chain(unlabelled) {
        let version = OWNED.iter().find(|(_, k)| *k == kind).unwrap().0;
        let api = w.api(version, kind);
        let value = |object| serde_json::to_value(object).unwrap().pointer(pointer).cloned();
        let before = value(api.get("ring").await.unwrap());
        api.patch("ring", &PatchParams::default(), &Patch::Merge(edit)).await.unwrap();
        w.until(&format!("{kind} is as it was"), || async {
            value(api.get("ring").await.unwrap()) == before
        })
        .await;
    }
    w.converges().await;
    w.ends().await;
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_never_taken_over() {
    let w = World::new("foreign").await;
    let _operator = w.operator();
    let services = w.api("v1", "Service");
    let theirs = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ring"},
        "spec": {"ports": [{"port": 1}]}});
    services.create(&PostParams::default(), &serde_json::from_value(theirs).unwrap()).await.unwrap();
    let before = services.get("ring").await.unwrap().metadata.resource_version;
    w.make(1).await;
    w.until("it says so", || async {
        let status = w.status().await;
        let said = status.conditions.iter().find(|c| c.kind == "Degraded" && c.status == "True");
        said.is_some_and(|c| c.reason == "Foreign" && c.message.contains("service/ring exists already"))
    })
    .await;
    assert_eq!(services.get("ring").await.unwrap().metadata.resource_version, before);
    assert_eq!(w.objects().await.len(), 1, "nothing is made by halves");
    services.delete("ring", &DeleteParams::default()).await.unwrap();
    w.converges().await;
    w.ends().await;
}

/// So soon after an API server came back all is as it should be, also on a busy machine.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test]
async fn while_the_api_server_is_away_nothing_is_lost() {
    let w = World::new("away").await;
    let _operator = w.operator();
    w.make(2).await;
    w.converges().await;
    w.proxy.away(true);
    let generation = w.change(json!({"replicas": 3, "interval": "7s"})).await;
    tokio::time::sleep(IDLE).await;
    assert!(w.status().await.observed_generation < generation);
    w.proxy.away(false);
    let back = Instant::now();
    w.converges().await;
    assert!(back.elapsed() < SOON, "{:?} after the API server came back:\n{}", back.elapsed(), w.log());
    assert_eq!(w.status().await.converged_replicas, 3);
    // Its watches of what belongs to the resource are back as well.
    let map = w.api("v1", "ConfigMap");
    map.delete("ring", &DeleteParams::default()).await.unwrap();
    w.until("another list", || async { map.get_opt("ring").await.unwrap().is_some() }).await;
    assert!(back.elapsed() < SOON * 2, "{:?} after the API server came back:\n{}", back.elapsed(), w.log());
    w.ends().await;
}
