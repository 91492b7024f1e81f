//! The cluster of a minikube profile: found by the profile, gone with it, or not answering.

use std::sync::atomic::Ordering;

use opsctl::context::{Context, Target};
use opsctl::engine::{self, Reach};
use opsctl::error::{Class, class_of};
use opsctl::journal::{self, Scope, Verb};
use opsctl::minikube::Settings;
use opsctl::step::Step;
use opsctl::step::cluster::Cluster;
use serde_json::json;

use crate::world::{World, assert_same};

/// A context for a profile of this world whose node is this machine.
pub fn here(w: &World) -> Context {
    let mut cx = w.cx();
    write_profile(&cx, "127.0.0.1");
    let text = std::fs::read_to_string(w.kubeconfig()).unwrap();
    let text =
        text.replace("name: api", "name: dev").replace("cluster: api, user: api", "cluster: dev, user: dev");
    cx.paths.kubeconfig = w.state.join("profile-kubeconfig");
    std::fs::write(&cx.paths.kubeconfig, text).unwrap();
    cx.target = Target::Profile("dev".into());
    cx
}

fn write_profile(cx: &Context, address: &str) {
    let folder = cx.paths.profile("dev");
    std::fs::create_dir_all(&folder).unwrap();
    let profile = json!({"Name": "dev", "Driver": "docker", "Nodes": [{"IP": address, "Port": 8443, "ControlPlane": true}]});
    std::fs::write(folder.join("config.json"), profile.to_string()).unwrap();
}

/// The same, whose node has this address, at this API server.
fn profile_cx(w: &World, address: &str, url: &str) -> Context {
    let cx = here(w);
    write_profile(&cx, address);
    let text = std::fs::read_to_string(&cx.paths.kubeconfig).unwrap();
    std::fs::write(&cx.paths.kubeconfig, text.replace(&crate::api_server::shared().url, url)).unwrap();
    cx
}

#[tokio::test]
async fn what_went_with_a_remade_cluster_neither_blocks_nor_makes_the_next_up_an_undo() {
    let w = World::new("remade", 30161);
    let before = w.dump().await;
    let cx = here(&w);
    let step = w.plan(1)[0].waves[0][0].clone();
    let scope = Scope::Cluster("the one before".into());
    w.record(&cx, scope, "test", &step, [json!(null), json!({"uid": "old"})]);
    let recorded = w.journal();
    for reach in [Reach::LastRun, Reach::All, Reach::Parts(vec!["test".into()])] {
        let looked = engine::reverse(&cx, &reach, &w.plan(1)).await.unwrap();
        assert!(looked.list.is_empty(), "{reach:?}");
    }
    assert_eq!(w.journal(), recorded, "a look forgets nothing for good");
    assert_eq!(engine::up(&cx, &w.plan(1)).await.unwrap().changed, 6);
    let history = journal::read(&w.state).unwrap();
    assert_eq!(history.runs().map(|r| r.verb).collect::<Vec<_>>(), [Verb::Up, Verb::Up]);
    assert!(history.entries().all(|e| e.stands() == (e.id.run == 2)));
    let reverse = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
    assert_eq!(engine::carry_out(&cx, reverse).await.unwrap().changed, 6);
    assert_same(&before, &w.dump().await, "after undo");
    let nothing = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
    assert!(nothing.list.is_empty());
}

#[tokio::test]
async fn a_look_under_another_home_of_minikubes_takes_nothing_back_and_forgets_nothing() {
    let w = World::new("home", 30166);
    let before = w.dump().await;
    engine::up(&here(&w), &w.plan(1)).await.unwrap();
    let journal = w.journal();
    let mut elsewhere = here(&w);
    elsewhere.paths.minikube = w.state.join("elsewhere/.minikube");
    for reach in [Reach::LastRun, Reach::All, Reach::Parts(vec!["test".into()])] {
        let reverse = engine::reverse(&elsewhere, &reach, &w.plan(1)).await.unwrap();
        assert!(reverse.list.is_empty(), "{reach:?}");
    }
    assert_eq!(w.journal(), journal);
    let reverse = engine::reverse(&here(&w), &Reach::LastRun, &[]).await.unwrap();
    assert_eq!(engine::carry_out(&here(&w), reverse).await.unwrap().changed, 6);
    assert_same(&before, &w.dump().await, "after undo");
}

/// Records that opsctl made the profile, with this cluster in it.
fn record_profile(w: &World, cx: &Context, uid: &str) {
    let step: Step = Cluster::new("dev", Settings::default()).into();
    let before = json!({"profile": "absent", "kubeconfig": {"existed": true, "context": null}});
    w.record(
        cx,
        Scope::Profile(journal::Profile::of(&cx.paths, "dev")),
        "minikube",
        &step,
        [before, json!({"uid": uid})],
    );
}

#[tokio::test]
async fn a_cluster_that_took_the_place_of_ours_stays_and_what_is_ours_in_it_goes() {
    let w = World::new("replaced", 30164);
    let before = w.dump().await;
    let cx = here(&w);
    record_profile(&w, &cx, "the one before");
    engine::up(&cx, &w.plan(1)).await.unwrap();
    let files = || {
        let config = cx.paths.profile("dev").join("config.json");
        [config, cx.paths.kubeconfig.clone()].map(|file| std::fs::read_to_string(file).unwrap())
    };
    let as_they_were = files();
    let reverse = engine::reverse(&cx, &Reach::All, &[]).await.unwrap();
    assert!(reverse.list.iter().all(|r| r.removes() != r.step.key().starts_with("profile/")));
    assert_eq!(engine::carry_out(&cx, reverse).await.unwrap().changed, 7);
    assert_same(&before, &w.dump().await, "after undo --all");
    assert_eq!(files(), as_they_were);
    assert!(!journal::read(&w.state).unwrap().entries().any(journal::Entry::stands));
}

#[tokio::test]
async fn a_cluster_is_ours_by_its_mark_or_by_its_identity() {
    let w = World::new("identity", 30165);
    let cx = here(&w);
    let uid = cx.cluster().await.unwrap().uid;
    let mark = cx.paths.profile("dev").join("opsctl.json");
    for (recorded, marked, ours) in
        [("the one before", false, false), (uid.as_str(), false, true), ("the one before", true, true)]
    {
        let _ = std::fs::remove_file(journal::path(&w.state));
        record_profile(&w, &cx, recorded);
        if marked {
            std::fs::write(&mark, "{}").unwrap();
        }
        let reverse = engine::reverse(&cx, &Reach::All, &[]).await.unwrap();
        let goes: Vec<_> = reverse.list.iter().map(|r| (r.step.key(), r.removes())).collect();
        assert_eq!(goes, [("profile/dev".to_owned(), ours)], "{recorded}, {marked}");
    }
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_stops_every_reversal_unless_data_may_go() {
    let w = World::new("silent", 30162);
    engine::up(&here(&w), &w.plan(1)).await.unwrap();
    let (dump, journal) = (w.dump().await, w.journal());
    let silent = profile_cx(&w, "127.0.0.1", "https://127.0.0.1:1");
    for reach in [Reach::LastRun, Reach::All, Reach::Parts(vec!["test".into()])] {
        let error = engine::reverse(&silent, &reach, &[]).await.map(|r| r.list.len()).unwrap_err();
        assert!(
            error.to_string().contains("6 recorded changes are in a cluster that does not answer"),
            "{error:#}"
        );
    }
    silent.discard_data.store(true, Ordering::Relaxed);
    let reverse = engine::reverse(&silent, &Reach::All, &[]).await.unwrap();
    assert!(reverse.list.is_empty(), "nothing of it can be reached");
    drop(reverse);
    assert_eq!(w.journal(), journal);
    assert_same(&dump, &w.dump().await, "after the refusals");
    let cx = here(&w);
    let reverse = engine::reverse(&cx, &Reach::All, &[]).await.unwrap();
    engine::carry_out(&cx, reverse).await.unwrap();
}

#[tokio::test]
async fn a_context_that_bears_the_profiles_name_but_leads_elsewhere_is_refused() {
    let w = World::new("elsewhere", 30163);
    let cx = profile_cx(&w, "192.0.2.7", "https://192.0.2.8:8443");
    let error = engine::up(&cx, &w.plan(1)).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict, "{error:#}");
    assert_eq!(w.journal(), b"");
}
