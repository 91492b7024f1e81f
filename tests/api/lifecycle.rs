//! Up, again, changed, undone, down and back.

use std::time::{Duration, Instant};

use kube::api::{DeleteParams, Patch, PatchParams};
use opsctl::engine::{self, Reach};
use opsctl::error::{Class, class_of};
use opsctl::journal::{self, Scope, Verb};
use opsctl::k8s::ready;
use opsctl::step::clean::Clean;
use opsctl::step::dataset::{Dataset, STARTING};
use opsctl::step::object::Object;
use opsctl::step::{Look, Probe, Step};
use serde_json::json;

use crate::world::{World, assert_same, without_identity};

#[tokio::test]
async fn up_makes_all_and_the_second_up_writes_nothing() {
    let w = World::new("twice", 30101);
    let first = w.up(1).await.unwrap();
    assert_eq!((first.changed, first.same), (6, 0));
    let (dump, journal) = (w.dump().await, w.journal());
    let second = w.up(1).await.unwrap();
    assert_eq!((second.changed, second.same, second.run), (0, 6, None));
    assert_eq!(w.journal(), journal);
    assert_same(&dump, &w.dump().await, "after a second up");
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn undo_removes_what_up_made_and_nothing_else() {
    let w = World::new("only", 30102);
    w.foreign_namespace("t-only-theirs").await;
    let mut theirs = w.scratch();
    theirs["metadata"]["namespace"] = json!("t-only-theirs");
    w.foreign(theirs).await;
    let before = w.dump().await;
    w.up(1).await.unwrap();
    let undone = w.undo().await.unwrap();
    assert_eq!(undone.changed, 6);
    assert_same(&before, &w.dump().await, "after undo");
    assert_eq!(w.undo().await.unwrap().changed, 0, "nothing is left to undo");
}

#[tokio::test]
async fn a_changed_manifest_is_updated_and_undo_restores_the_former() {
    let w = World::new("changed", 30103);
    w.up(1).await.unwrap();
    let before = w.dump().await;
    let second = w.up(2).await.unwrap();
    assert_eq!((second.changed, second.same), (1, 5));
    assert_eq!(
        w.value("v1", "ConfigMap", "settings", "/data").await,
        json!({"version": "2", "only-2": "yes"})
    );
    w.undo().await.unwrap();
    assert_same(&before, &w.dump().await, "after undo of the update");
    assert_eq!(w.up(1).await.unwrap().changed, 0, "the former manifest holds again");
    w.undo().await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}

#[tokio::test]
async fn somebodys_scale_is_corrected_by_up_and_given_back_by_undo() {
    let w = World::new("scale", 30104);
    w.up(1).await.unwrap();
    w.scale(3).await;
    let scaled = w.dump().await;
    assert_eq!(w.up(1).await.unwrap().changed, 1);
    assert_eq!(w.value("apps/v1", "Deployment", "web", "/spec/replicas").await, json!(1));
    w.undo().await.unwrap();
    assert_same(&scaled, &w.dump().await, "after undo of the correction");
    assert_eq!(w.value("apps/v1", "Deployment", "web", "/spec/replicas").await, json!(3));
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn undo_of_an_update_takes_back_our_fields_and_leaves_those_of_others() {
    let w = World::new("fieldsof", 30133);
    w.up(1).await.unwrap();
    let api = w.api("v1", "ConfigMap").await;
    let set = |data: serde_json::Value| {
        let params = PatchParams { field_manager: Some("theirs".into()), ..PatchParams::default() };
        let api = api.clone();
        async move { api.patch("settings", &params, &Patch::Merge(json!({"data": data}))).await.unwrap() }
    };
    set(json!({"kept": "1", "taken-out": "1"})).await;
    assert_eq!(w.up(2).await.unwrap().changed, 1);
    set(json!({"kept": "2", "taken-out": null})).await;
    w.undo().await.unwrap();
    let data = || w.value("v1", "ConfigMap", "settings", "/data");
    assert_eq!(data().await, json!({"version": "1", "only-1": "yes", "kept": "2"}));
    let live = serde_json::to_value(api.get("settings").await.unwrap()).unwrap();
    let owners = live["metadata"]["managedFields"].as_array().unwrap();
    let ours = owners.iter().find(|o| o["manager"] == "opsctl").unwrap();
    assert!(ours["fieldsV1"]["f:data"]["f:kept"].is_null(), "{ours}");
    assert_eq!(w.up(1).await.unwrap().changed, 0);
    // What somebody has taken over since is theirs as well.
    assert_eq!(w.up(2).await.unwrap().changed, 1);
    set(json!({"version": "9"})).await;
    w.undo().await.unwrap();
    assert_eq!(data().await, json!({"version": "9", "only-1": "yes", "kept": "2"}));
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn undo_of_an_update_of_a_workload_leaves_what_others_put_into_its_pods() {
    let w = World::new("podfields", 30134);
    let with = |args: serde_json::Value| {
        let mut plans = w.plan(1);
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "two", "namespace": w.ns},
            "spec": {"selector": {"matchLabels": {"app": "two"}}, "template": {"metadata": {"labels": {"app": "two"}},
                "spec": {"containers": [{"name": "two", "image": "two:1", "args": args,
                    "ports": [{"containerPort": 80}], "env": [{"name": "OURS", "value": args[0]}]}]}}}});
        plans[0].waves.push(vec![Object::new("test", object).into()]);
        plans
    };
    engine::up(&w.cx(), &with(json!(["1"]))).await.unwrap();
    let api = w.api("apps/v1", "Deployment").await;
    let container = || async {
        let live = serde_json::to_value(api.get("two").await.unwrap()).unwrap();
        live["spec"]["template"]["spec"]["containers"].clone()
    };
    let params = PatchParams { field_manager: Some("kubectl-set".into()), ..PatchParams::default() };
    let set = |value: &str| {
        Patch::Strategic(json!({"spec": {"template": {"spec": {"containers": [{"name": "two",
            "env": [{"name": "THEIRS", "value": value}]}]}}}}))
    };
    api.patch("two", &params, &set("1")).await.unwrap();
    assert_eq!(engine::up(&w.cx(), &with(json!(["2", "more"]))).await.unwrap().changed, 1);
    api.patch("two", &params, &set("2")).await.unwrap();
    w.undo().await.unwrap();
    let now = container().await;
    assert_eq!(now[0]["args"], json!(["1"]));
    let mut env: Vec<_> = now[0]["env"].as_array().unwrap().clone();
    env.sort_by_key(|e| e["name"].to_string());
    assert_eq!(json!(env), json!([{"name": "OURS", "value": "1"}, {"name": "THEIRS", "value": "2"}]));
    assert_eq!(engine::up(&w.cx(), &with(json!(["1"]))).await.unwrap().changed, 0);
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn undo_of_an_update_takes_no_field_that_the_cluster_keeps() {
    // A bound claim has a volume name that nobody may take out again.
    let w = World::new("bound", 30105);
    w.up(1).await.unwrap();
    let claims = w.api("v1", "PersistentVolumeClaim").await;
    let bind = Patch::Merge(
        json!({"spec": {"volumeName": "some-volume"}, "metadata": {"labels": {"opsctl.dev/part": "former"}}}),
    );
    claims.patch("data", &PatchParams::default(), &bind).await.unwrap();
    assert_eq!(w.up(1).await.unwrap().changed, 1);
    w.undo().await.unwrap();
    assert_eq!(
        w.value("v1", "PersistentVolumeClaim", "data", "/metadata/labels/opsctl.dev~1part").await,
        json!("former")
    );
    assert_eq!(w.up(1).await.unwrap().changed, 1, "the next up corrects it again");
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn a_volume_whose_claim_goes_or_is_gone_is_reserved_anew() {
    let w = World::new("volume", 30119);
    let mut plan = w.plan(1);
    let name = format!("{}-data", w.ns);
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"capacity": {"storage": "1Mi"}, "accessModes": ["ReadWriteOnce"],
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": w.ns, "name": "data"},
            "hostPath": {"path": "/nowhere"}}});
    plan[0].waves[0].push(Object::new("test", volume).into());
    let cx = w.cx();
    let bound_to = "/spec/claimRef/uid";
    let claim = || async { w.value("v1", "PersistentVolumeClaim", "data", "/metadata/uid").await };
    let volumes = w.api("v1", "PersistentVolume").await;
    // As the binder of a cluster with nodes does.
    let bind = || async {
        let bound = Patch::Merge(json!({"spec": {"claimRef": {"uid": claim().await}}}));
        volumes.patch(&name, &PatchParams::default(), &bound).await.unwrap();
    };
    engine::up(&cx, &plan).await.unwrap();
    bind().await;
    assert_eq!(engine::up(&cx, &plan).await.unwrap().changed, 0, "a claim that stands is left alone");
    assert_eq!(w.value("v1", "PersistentVolume", &name, bound_to).await, claim().await);

    // Going: the namespace is on its way out, and its claim knows nothing of that yet.
    w.remove_namespace().await;
    let going = w.value("v1", "PersistentVolumeClaim", "data", "/metadata/deletionTimestamp").await;
    assert_eq!(going, json!(null), "Kubernetes lets seconds go by");
    engine::up(&cx, &plan).await.unwrap();
    assert_eq!(w.value("v1", "PersistentVolume", &name, bound_to).await, json!(null));

    // Gone: as a `down` leaves it that was killed between the two.
    bind().await;
    let claims = w.api("v1", "PersistentVolumeClaim").await;
    claims.delete("data", &DeleteParams::default()).await.unwrap();
    while claims.get_opt("data").await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    engine::up(&cx, &plan).await.unwrap();
    assert_eq!(w.value("v1", "PersistentVolume", &name, bound_to).await, json!(null));
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn undo_of_down_brings_all_back_and_the_next_undo_reverses_the_first_up() {
    let w = World::new("back", 30106);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    w.up(2).await.unwrap();
    let up = w.dump().await;
    w.down().await.unwrap();
    assert_same(&before, &w.dump().await, "after down");
    w.undo().await.unwrap();
    assert_same(&without_identity(&up), &without_identity(&w.dump().await), "after undo of down");
    assert_eq!(w.up(2).await.unwrap().changed, 0, "what came back is as wanted");
    w.undo().await.unwrap();
    assert_eq!(w.value("v1", "ConfigMap", "settings", "/data/version").await, json!("1"));
    w.undo().await.unwrap();
    assert_same(&before, &w.dump().await, "after the last undo");
    assert_eq!(w.undo().await.unwrap().changed, 0);
}

#[tokio::test]
async fn undo_of_a_run_that_changed_only_the_namespace_leaves_what_stands_in_it() {
    let w = World::new("label", 30107);
    w.up(1).await.unwrap();
    let patch = Patch::Merge(json!({"metadata": {"labels": {"opsctl.dev/part": "former"}}}));
    w.api("v1", "Namespace").await.patch(&w.ns, &PatchParams::default(), &patch).await.unwrap();
    let before = w.dump().await;
    assert_eq!(w.up(1).await.unwrap().changed, 1);
    assert_eq!(w.undo().await.unwrap().changed, 1);
    assert_same(&before, &w.dump().await, "after undo of the label");
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn a_namespace_goes_last_even_when_it_was_changed_last() {
    let w = World::new("order", 30108);
    w.up(1).await.unwrap();
    let patch = Patch::Merge(json!({"metadata": {"labels": {"opsctl.dev/part": "former"}}}));
    w.api("v1", "Namespace").await.patch(&w.ns, &PatchParams::default(), &patch).await.unwrap();
    w.up(1).await.unwrap();
    let (cx, plans) = (w.cx(), w.plan(1));
    let reach = Reach::Parts(vec!["test".into()]);
    let reverse = engine::reverse(&cx, &reach, &plans).await.unwrap();
    let keys: Vec<_> = reverse.list.iter().map(|r| r.step.key()).collect();
    assert_eq!(keys.len(), 6);
    assert_eq!(keys[5], format!("namespace/{}", w.ns));
    engine::carry_out(&cx, reverse).await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}

#[tokio::test]
async fn what_stands_in_a_namespace_that_is_undone_goes_first_and_stays_gone_in_the_journal() {
    let w = World::new("inside", 30109);
    let before = w.dump().await;
    let whole = w.plan(1);
    // The namespace in a run of its own, what is in it in a later one.
    let cx = w.cx();
    let mut only = w.plan(1);
    only[0].waves.truncate(1);
    engine::up(&cx, &only).await.unwrap();
    engine::up(&cx, &whole).await.unwrap();
    // Undone out of turn: the later run is undone with it.
    w.api("v1", "ConfigMap").await.delete("settings", &DeleteParams::default()).await.unwrap();
    let history = journal::read(&w.state).unwrap();
    assert_eq!(history.runs().filter(|r| r.verb == Verb::Up).count(), 2);
    w.down().await.unwrap();
    assert_same(&before, &w.dump().await, "after down");
    let history = journal::read(&w.state).unwrap();
    assert_eq!(history.entries().filter(|e| e.stands()).count(), 0);
}

#[tokio::test]
async fn an_object_deleted_by_hand_is_no_failure_of_undo() {
    let w = World::new("byhand", 30110);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    let cx = w.cx();
    let reverse = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
    // Between the look and the deletion.
    for (version, kind, name) in [("v1", "ConfigMap", "settings"), ("apps/v1", "Deployment", "web")] {
        w.api(version, kind).await.delete(name, &DeleteParams::default()).await.unwrap();
    }
    let summary = engine::carry_out(&cx, reverse).await.unwrap();
    assert_eq!(summary.changed, 6);
    assert_same(&before, &w.dump().await, "after undo");
}

#[tokio::test]
async fn up_makes_again_what_was_deleted_by_hand() {
    let w = World::new("again", 30111);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    w.api("v1", "ConfigMap").await.delete("settings", &DeleteParams::default()).await.unwrap();
    assert_eq!(w.up(1).await.unwrap().changed, 1);
    w.undo().await.unwrap();
    w.undo().await.unwrap();
    assert_same(&before, &w.dump().await, "after both undos");
}

#[tokio::test]
async fn up_waits_for_what_is_being_deleted_and_then_names_what_holds_it() {
    let w = World::new("held", 30112);
    w.up(1).await.unwrap();
    let api = w.api("v1", "ConfigMap").await;
    let hold = |list: serde_json::Value| Patch::Merge(json!({"metadata": {"finalizers": list}}));
    api.patch("settings", &PatchParams::default(), &hold(json!(["example.com/held"]))).await.unwrap();
    api.delete("settings", &DeleteParams::default()).await.unwrap();
    let mut cx = w.cx();
    cx.timeout = Duration::from_millis(800);
    let error = engine::up(&cx, &w.plan(1)).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Timeout, "{error:#}");
    let problem =
        error.chain().filter_map(|e| e.downcast_ref::<opsctl::error::Problem>()).next_back().unwrap();
    assert!(problem.found.join(" ").contains("example.com/held"), "{problem:?}");
    // Let go while up waits: it goes on by itself.
    let up = w.up(1);
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        api.patch("settings", &PatchParams::default(), &hold(json!(null))).await.unwrap();
    };
    let (summary, ()) = tokio::join!(up, release);
    assert_eq!(summary.unwrap().changed, 1);
    assert!(w.value("v1", "ConfigMap", "settings", "/metadata/deletionTimestamp").await.is_null());
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn up_waits_for_a_namespace_on_its_way_out_and_makes_all_of_it_again() {
    let w = World::new("leaving", 30113);
    w.up(1).await.unwrap();
    let up = without_identity(&w.dump().await);
    // Held long enough that everything inside is still seen when up looks.
    let api = w.api("v1", "ConfigMap").await;
    let hold = |list: serde_json::Value| Patch::Merge(json!({"metadata": {"finalizers": list}}));
    api.patch("settings", &PatchParams::default(), &hold(json!(["example.com/held"]))).await.unwrap();
    w.api("v1", "Namespace").await.delete(&w.ns, &DeleteParams::default()).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        api.patch("settings", &PatchParams::default(), &hold(json!(null))).await.unwrap();
    };
    let (summary, ()) = tokio::join!(w.up(1), release);
    summary.unwrap();
    assert_same(&up, &without_identity(&w.dump().await), "after up");
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn up_waits_until_a_deployment_is_rolled_out() {
    let w = World::new("rollout", 30114);
    let mut cx = w.cx();
    cx.wait = true;
    let api = w.api("apps/v1", "Deployment").await;
    let status = async {
        let there = kube::runtime::wait::await_condition(
            api.clone(),
            "web",
            |o: Option<&kube::api::DynamicObject>| o.is_some(),
        );
        there.await.unwrap();
        let ready = json!({"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": 1, "availableReplicas": 1}});
        api.patch_status("web", &PatchParams::default(), &Patch::Merge(ready)).await.unwrap();
    };
    let plans = w.plan(1);
    let (summary, ()) = tokio::join!(engine::up(&cx, &plans), status);
    assert_eq!(summary.unwrap().changed, 6);
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn a_deployment_that_never_gets_ready_is_a_timeout_and_the_next_up_goes_on() {
    let w = World::new("stuck", 30115);
    let mut cx = w.cx();
    cx.wait = true;
    cx.timeout = Duration::from_millis(500);
    let before = w.dump().await;
    let error = engine::up(&cx, &w.plan(1)).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Timeout, "{error:#}");
    assert_eq!(w.up(1).await.unwrap().changed, 0, "all was made, only the wait failed");
    w.undo().await.unwrap();
    assert_same(&before, &w.dump().await, "after undo");
}

#[tokio::test]
async fn an_up_records_the_data_so_that_its_undo_does_not_delete_what_could_not_be_kept() {
    let w = World::new("kept", 30116);
    let plans = w.plan_with_data();
    engine::up(&w.cx(), &plans).await.unwrap();
    let history = journal::read(&w.state).unwrap();
    assert!(history.entries().any(|e| e.is.key.contains("data of web") && e.stands()));
    let up = w.dump().await;
    let error = w.undo().await.unwrap_err();
    assert!(format!("{error:#}").contains("could not be saved"), "{error:#}");
    assert_same(&up, &w.dump().await, "after an undo that could not keep the data");
    let cx = w.cx();
    cx.discard_data.store(true, std::sync::atomic::Ordering::Relaxed);
    let reverse = engine::reverse(&cx, &Reach::LastRun, &plans).await.unwrap();
    engine::carry_out(&cx, reverse).await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}

#[tokio::test]
async fn an_up_that_died_before_it_recorded_the_data_is_not_undone_over_it_either() {
    let w = World::new("unrecorded", 30117);
    // As after a death right before the last wave: all stands, the data is not in the journal.
    w.up(1).await.unwrap();
    let up = w.dump().await;
    let cx = w.cx();
    let reverse = engine::reverse(&cx, &Reach::LastRun, &w.plan_with_data()).await.unwrap();
    let first = reverse.list.first().unwrap().step.key();
    assert!(first.contains("data of web"), "{first} would go before the data is kept");
    let error = engine::carry_out(&cx, reverse).await.unwrap_err();
    assert!(format!("{error:#}").contains("could not be saved"), "{error:#}");
    assert_same(&up, &w.dump().await, "after an undo that could not keep the data");
    cx.discard_data.store(true, std::sync::atomic::Ordering::Relaxed);
    let reverse = engine::reverse(&cx, &Reach::All, &w.plan_with_data()).await.unwrap();
    engine::carry_out(&cx, reverse).await.unwrap();
}

#[tokio::test]
async fn data_whose_workload_is_on_its_way_out_was_kept_and_is_not_asked_for_again() {
    let w = World::new("going", 30118);
    w.up(1).await.unwrap();
    let data = Step::from(Dataset::new(&w.ns, "web", w.port));
    assert!(matches!(data.probe(&w.cx(), &mut Look::default()).await.unwrap(), Probe::Same));
    let workloads = w.api("apps/v1", "Deployment").await;
    let held = |by: serde_json::Value| Patch::Merge(json!({"metadata": {"finalizers": by}}));
    let params = PatchParams::default();
    workloads.patch("web", &params, &held(json!(["opsctl.dev/test"]))).await.unwrap();
    workloads.delete("web", &DeleteParams::default()).await.unwrap();
    assert!(matches!(data.probe(&w.cx(), &mut Look::default()).await.unwrap(), Probe::Absent(_)));
    workloads.patch("web", &params, &held(json!([]))).await.unwrap();
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn the_undo_of_a_clean_whose_redis_is_gone_says_where_the_data_lies_and_is_done() {
    let w = World::new("cleaned", 30119);
    let namespace = w.api("v1", "Namespace").await.get("kube-system").await.unwrap();
    let cx = w.cx();
    let step = Step::from(Clean::new(Dataset::new(&w.ns, "web", w.port), w.port));
    let scope = Scope::Cluster(namespace.metadata.uid.unwrap());
    let made = json!({"snapshot": "/kept/of-the-clean.rdb"});
    w.record(&cx, scope, "data", &step, [json!(null), made]);
    let began = Instant::now();
    let reverse = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
    assert_eq!(reverse.list.len(), 1);
    engine::carry_out(&cx, reverse).await.unwrap();
    assert!(began.elapsed() < STARTING, "it waited for a redis that nothing serves");
    assert!(journal::read(&w.state).unwrap().entries().all(|e| !e.stands()));
}

#[tokio::test]
async fn a_claim_that_nobody_binds_is_shown_again_and_looks_as_before() {
    let w = World::new("nudge", 31791);
    w.foreign_namespace(&w.ns).await;
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": w.ns},
        "spec": {"storageClassName": "", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}});
    let made = w.foreign(claim.clone()).await;
    ready::volume(&w.client().await, &claim, &World::token()).await.unwrap();
    let now = w.api("v1", "PersistentVolumeClaim").await.get("data").await.unwrap();
    assert_ne!(now.metadata.resource_version, made.metadata.resource_version, "the controller sees a change");
    assert_eq!(now.metadata.annotations, made.metadata.annotations);
}
