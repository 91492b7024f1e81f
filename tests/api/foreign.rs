//! What is not ours: in the way, inside our namespace, on our port, in another cluster.

use kube::api::DeleteParams;
use opsctl::engine::{self, Reach};
use opsctl::error::{Class, Problem, class_of, problems};
use opsctl::journal;
use serde_json::json;

use crate::world::{World, assert_same};

fn problem(error: &anyhow::Error) -> &Problem {
    problems(error).next().unwrap()
}

#[tokio::test]
async fn a_foreign_namespace_is_refused_and_nothing_is_touched() {
    let w = World::new("theirs", 30121);
    w.foreign_namespace(&w.ns).await;
    let before = w.dump().await;
    let error = w.up(1).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict);
    assert!(problem(&error).what.contains(&format!("namespace/{} exists already", w.ns)), "{error:#}");
    assert!(!problem(&error).next.is_empty());
    assert_same(&before, &w.dump().await, "after the refusal");
    assert_eq!(w.journal(), b"");
    // Neither does taking down touch it.
    assert_eq!(w.down().await.unwrap().changed, 0);
    assert_same(&before, &w.dump().await, "after down");
}

#[tokio::test]
async fn every_foreign_object_in_the_way_is_named_before_anything_is_touched() {
    let w = World::new("several", 30122);
    let mut only = w.plan(1);
    only[0].waves.truncate(1);
    engine::up(&w.cx(), &only).await.unwrap();
    for kind in [
        json!({"apiVersion": "v1", "kind": "ConfigMap"}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob"}),
    ] {
        let mut object = kind;
        if object["kind"] == "ConfigMap" {
            object["metadata"] = json!({"name": "settings", "namespace": w.ns});
        } else {
            object["metadata"] = json!({"name": "tick", "namespace": w.ns});
            object["spec"] = json!({"schedule": "1 1 * * *", "jobTemplate": {"spec": {"template": {"spec":
                {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}}}});
        }
        w.foreign(object).await;
    }
    let (before, journal) = (w.dump().await, w.journal());
    let error = w.up(1).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict);
    let words = format!("{} {}", problem(&error).what, problem(&error).found.join(" "));
    assert!(words.contains("configmap/settings") && words.contains("cronjob.batch/tick"), "{words}");
    assert_same(&before, &w.dump().await, "after the refusal");
    assert_eq!(w.journal(), journal);
}

#[tokio::test]
async fn a_foreign_object_inside_our_namespace_keeps_it_and_the_next_undo_finishes() {
    let w = World::new("guest", 30123);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    let guest = w.foreign(w.scratch()).await;
    let error = w.undo().await.unwrap_err();
    assert_eq!(class_of(&error), Class::Partial, "{error:#}");
    let words: Vec<_> = problems(&error).flat_map(|p| p.found.clone()).collect();
    assert!(words.contains(&"configmap/scratch".to_owned()), "{words:?}");
    let left = w.dump().await;
    let inside: Vec<_> = left.keys().filter(|k| k.contains(&w.ns)).collect();
    assert_eq!(inside, [&format!("ConfigMap {}/scratch", w.ns), &format!("Namespace {0}/{0}", w.ns)]);
    assert_eq!(w.value("v1", "ConfigMap", "scratch", "/metadata/uid").await, json!(guest.metadata.uid));
    w.api("v1", "ConfigMap").await.delete("scratch", &DeleteParams::default()).await.unwrap();
    assert_eq!(w.undo().await.unwrap().changed, 1);
    assert_same(&before, &w.dump().await, "after the second undo");
}

#[tokio::test]
async fn an_object_of_a_kind_that_opsctl_never_makes_keeps_the_namespace_too() {
    let w = World::new("unknown", 30124);
    w.up(1).await.unwrap();
    let theirs = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "theirs", "namespace": w.ns},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "theirs"}}});
    let kind = kube::api::ApiResource {
        group: "autoscaling".into(),
        version: "v2".into(),
        api_version: "autoscaling/v2".into(),
        kind: "HorizontalPodAutoscaler".into(),
        plural: "horizontalpodautoscalers".into(),
    };
    let api = kube::Api::<kube::api::DynamicObject>::namespaced_with(w.client().await, &w.ns, &kind);
    api.create(&kube::api::PostParams::default(), &serde_json::from_value(theirs).unwrap()).await.unwrap();
    let error = w.down().await.unwrap_err();
    assert_eq!(class_of(&error), Class::Partial);
    assert!(api.get("theirs").await.unwrap().metadata.deletion_timestamp.is_none());
    api.delete("theirs", &DeleteParams::default()).await.unwrap();
    w.down().await.unwrap();
}

#[tokio::test]
async fn a_taken_node_port_is_named_with_its_owner_before_anything_is_touched() {
    let w = World::new("port", 30125);
    w.foreign_namespace("t-port-theirs").await;
    w.foreign(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": "t-port-theirs"},
        "spec": {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 1, "nodePort": w.port}]}}))
        .await;
    let before = w.dump().await;
    let error = w.up(1).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict);
    assert!(problem(&error).what.contains("service t-port-theirs/shop"), "{error:#}");
    assert_same(&before, &w.dump().await, "after the refusal");
    assert_eq!(w.journal(), b"");
}

#[tokio::test]
async fn a_service_of_ours_that_moves_to_a_taken_node_port_is_refused_the_same_way() {
    let mut w = World::new("move", 30126);
    w.up(1).await.unwrap();
    w.foreign_namespace("t-move-theirs").await;
    w.foreign(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": "t-move-theirs"},
        "spec": {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 1, "nodePort": 30127}]}}))
        .await;
    let before = w.dump().await;
    w.port = 30127;
    let error = w.up(2).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict, "{error:#}");
    assert!(problem(&error).what.contains("service t-move-theirs/shop"), "{error:#}");
    assert_same(&before, &w.dump().await, "after the refusal");
    w.down().await.unwrap();
}

#[tokio::test]
async fn undo_of_down_does_not_take_over_what_came_in_between() {
    let w = World::new("between", 30128);
    w.up(1).await.unwrap();
    w.down().await.unwrap();
    w.foreign_namespace(&w.ns).await;
    w.foreign({
        let mut theirs = w.scratch();
        theirs["metadata"]["name"] = json!("settings");
        theirs
    })
    .await;
    let (before, journal) = (w.dump().await, w.journal());
    let error = w.undo().await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict, "{error:#}");
    assert_same(&before, &w.dump().await, "after the refusal");
    assert_eq!(w.journal(), journal);
}

#[tokio::test]
async fn an_object_that_is_no_longer_ours_is_left_alone() {
    let w = World::new("adopted", 30129);
    w.up(1).await.unwrap();
    let patch =
        kube::api::Patch::Merge(json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "helm"}}}));
    w.api("v1", "ConfigMap")
        .await
        .patch("settings", &kube::api::PatchParams::default(), &patch)
        .await
        .unwrap();
    let uid = w.value("v1", "ConfigMap", "settings", "/metadata/uid").await;
    let error = w.undo().await.unwrap_err();
    assert_eq!(class_of(&error), Class::Partial, "the namespace holds it");
    assert_eq!(w.value("v1", "ConfigMap", "settings", "/metadata/uid").await, uid);
}

#[tokio::test]
async fn what_somebody_made_again_from_a_copy_with_our_marks_is_left_alone_and_named() {
    let w = World::new("copied", 30131);
    w.up(1).await.unwrap();
    w.up(2).await.unwrap();
    let api = w.api("v1", "ConfigMap").await;
    // `kubectl get -o yaml`, `kubectl delete`, `kubectl apply`: the annotations are ours, the object is theirs.
    let mut copy = serde_json::to_value(api.get("settings").await.unwrap()).unwrap();
    copy["metadata"]
        .as_object_mut()
        .unwrap()
        .retain(|key, _| ["name", "namespace", "labels", "annotations"].contains(&key.as_str()));
    api.delete("settings", &DeleteParams::default()).await.unwrap();
    let theirs = w.foreign(copy).await;
    let undone = w.undo().await.unwrap();
    assert_eq!(undone.changed, 1);
    assert_eq!(
        w.value("v1", "ConfigMap", "settings", "/data/version").await,
        json!("2"),
        "it is not reverted"
    );
    let error = w.undo_all().await.unwrap_err();
    assert_eq!(class_of(&error), Class::Partial, "{error:#}");
    let said: Vec<_> = problems(&error).flat_map(|p| p.found.clone()).collect();
    assert!(said.iter().any(|line| line.contains("configmap/settings")), "{said:?}");
    assert_eq!(api.get("settings").await.unwrap().metadata.uid, theirs.metadata.uid);
    assert!(!w.dump().await.contains_key(&format!("Deployment {}/web", w.ns)));
    api.delete("settings", &DeleteParams::default()).await.unwrap();
    w.undo_all().await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}

#[tokio::test]
async fn a_copy_with_our_marks_is_not_taken_for_ours_where_the_journal_is_lost_either() {
    let w = World::new("copylost", 30132);
    w.up(1).await.unwrap();
    let api = w.api("v1", "ConfigMap").await;
    let mut copy = serde_json::to_value(api.get("settings").await.unwrap()).unwrap();
    copy["metadata"]
        .as_object_mut()
        .unwrap()
        .retain(|key, _| ["name", "namespace", "labels", "annotations"].contains(&key.as_str()));
    api.delete("settings", &DeleteParams::default()).await.unwrap();
    let theirs = w.foreign(copy).await;
    std::fs::remove_file(journal::path(&w.state)).unwrap();
    w.down().await.unwrap_err();
    assert_eq!(api.get("settings").await.unwrap().metadata.uid, theirs.metadata.uid);
    api.delete("settings", &DeleteParams::default()).await.unwrap();
    w.down().await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}

#[tokio::test]
async fn a_journal_from_another_cluster_does_not_touch_this_one() {
    let w = World::new("other", 30130);
    w.up(1).await.unwrap();
    // The same records, of a cluster with another identity.
    let here = w.cx().cluster().await.unwrap().uid;
    let elsewhere = World::new("other", 30130);
    let mut there = journal::Journal::open(&elsewhere.state, "opsctl up", None).unwrap();
    there.begin_run(journal::Verb::Up, "opsctl up", journal::Target::Context("api".into()), None).unwrap();
    for entry in journal::read(&w.state).unwrap().entries() {
        assert_eq!(entry.is.scope, journal::Scope::Cluster(here.clone()));
        let scope = journal::Scope::Cluster("another".into());
        let tokens = there.begin(vec![journal::Subject { scope, ..entry.is.clone() }]).unwrap();
        there.done(&tokens[0], entry.made.clone().unwrap(), 1).unwrap();
    }
    there.end(true).unwrap();
    drop(there);
    let before = w.dump().await;
    assert_eq!(elsewhere.undo().await.unwrap().changed, 0);
    let cx = elsewhere.cx();
    let all = engine::reverse(&cx, &Reach::All, &[]).await.unwrap();
    assert!(all.list.is_empty());
    drop(all);
    assert_same(&before, &w.dump().await, "after undo with the other cluster's journal");
    w.undo().await.unwrap();
}
