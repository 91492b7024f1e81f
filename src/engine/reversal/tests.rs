//! The order of a reversal.

use serde_json::json;

use super::order::{data_first, namespaces_first};
use super::recorded::{Draft, put_up_once, standing};
use super::unrecorded::Planned;
use super::*;
use crate::journal::{Subject, Target};
use crate::minikube::Settings;
use crate::step::cluster::Cluster;
use crate::step::dataset::Dataset;
use crate::step::image::Image;
use crate::step::object::Object;

fn down(step: Step) -> Reversal {
    Reversal {
        entries: Vec::new(),
        step,
        part: "test".into(),
        down: true,
        scope: Scope::Cluster("c".into()),
        before: Value::Null,
        made: None,
        kept: None,
    }
}

fn object(kind: &str, name: &str, namespace: Option<&str>) -> Reversal {
    let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
    let mut manifest = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        manifest["metadata"]["namespace"] = namespace.into();
    }
    down(Object::new("test", manifest).into())
}

fn keys(list: &[Reversal]) -> Vec<String> {
    list.iter().map(|r| r.step.key()).collect()
}

#[test]
fn what_lives_in_a_namespace_goes_with_it_at_once_and_before_what_it_leans_on() {
    let image = |name: &str| down(Image::new(name).into());
    let mut list = vec![
        image("new:1"),
        object("Pod", "a", Some("n")),
        object("Service", "a", Some("n")),
        image("old:1"),
        object("PersistentVolume", "v", None),
        object("Namespace", "n", None),
    ];
    namespaces_first(&mut list);
    assert_eq!(
        keys(&list),
        ["n/pod/a", "n/service/a", "namespace/n", "persistentvolume/v", "image/new:1", "image/old:1"]
    );
    assert!(list[0].batch().is_some() && list[..3].iter().all(|r| r.batch() == list[0].batch()));
    assert!(list[3..].iter().all(|r| r.batch() != list[0].batch()));
}

#[test]
fn which_cluster_is_ours_is_told_by_the_change_that_made_it() {
    let dir = tempfile::tempdir().unwrap();
    let profile = journal::Profile { name: "dev".into(), home: Some("/home/dev/.minikube".into()) };
    let scope = Scope::Profile(profile.clone());
    let step: Step = Cluster::new("dev", Settings::default()).into();
    // Made; deleted by hand, and made by somebody else; that one's context made current.
    for (was, uid) in [("absent", "ours"), ("there", "theirs")] {
        let mut journal = Journal::open(dir.path(), "opsctl up", None).unwrap();
        journal.begin_run(Verb::Up, "opsctl up", Target::Profile(profile.clone()), None).unwrap();
        let subject = Subject {
            scope: scope.clone(),
            part: "minikube".into(),
            key: step.key(),
            step: serde_json::to_value(&step).unwrap(),
            before: json!({"profile": was, "kubeconfig": {"existed": true, "context": null}}),
        };
        let tokens = journal.begin(vec![subject]).unwrap();
        journal.done(&tokens[0], json!({"uid": uid}), 1).unwrap();
    }
    let list = standing(&journal::read(dir.path()).unwrap(), &[scope], None).unwrap();
    assert_eq!(list.len(), 1);
    assert!(list[0].removes());
    assert_eq!(list[0].made, Some(json!({"uid": "ours"})));
}

#[test]
fn what_several_runs_changed_and_one_down_took_away_is_put_up_once_in_its_last_shape() {
    let mut entry = 0;
    let mut back = |mut r: Reversal| {
        r.down = false;
        entry += 1;
        r.entries = vec![EntryId { run: entry, index: 0 }];
        r.before = json!(entry);
        r
    };
    let (image, ns) = (|name: &str| down(Image::new(name).into()), || object("Namespace", "n", None));
    let workload = || object("Deployment", "d", Some("n"));
    let all = [
        back(ns()),
        back(image("old:1")),
        back(workload()),
        back(ns()),
        back(image("old:1")),
        back(image("new:1")),
        back(workload()),
    ];
    let mut list = Vec::new();
    for reversal in all {
        put_up_once(&mut list, reversal);
    }
    assert_eq!(keys(&list), ["namespace/n", "image/old:1", "image/new:1", "n/deployment.apps/d"]);
    let of = |r: &Reversal| (r.entries.iter().map(|e| e.run).collect::<Vec<_>>(), r.before.clone());
    let [ns, old, new, workload] = [0, 1, 2, 3].map(|i| of(&list[i]));
    assert_eq!(ns, (vec![1, 4], json!(1)));
    assert_eq!((old, new), ((vec![2, 5], json!(2)), (vec![6], json!(6))));
    assert_eq!(workload, (vec![3, 7], json!(3)));
    // What is taken back goes shape by shape.
    let mut list = Vec::new();
    for reversal in [object("Service", "s", Some("n")), object("Service", "s", Some("n"))] {
        put_up_once(&mut list, reversal);
    }
    assert_eq!(list.len(), 2);
}

#[test]
fn an_image_that_several_stacks_have_goes_only_with_a_stack_that_is_there() {
    let found =
        |part: &str, step: Step| Planned { part: part.into(), scope: Scope::Cluster("c".into()), step };
    let image = || found("test", Image::new("shared:1").into());
    let volume = |part: &str| found(part, object("PersistentVolume", "v", None).step);
    let kept = |draft: &Draft, all: Vec<Planned>| draft.of_these_parts(all).len();
    let nothing = Draft { list: Vec::new(), run: None, verb: Verb::Down };
    assert_eq!(kept(&nothing, vec![image()]), 0);
    assert_eq!(kept(&nothing, vec![image(), volume("other")]), 1);
    assert_eq!(kept(&nothing, vec![image(), volume("test")]), 2);
    let recorded = Draft { list: vec![object("Namespace", "n", None)], ..nothing };
    assert_eq!(kept(&recorded, vec![image()]), 1);
}

#[test]
fn data_is_kept_before_even_a_dependent_goes() {
    let data = || down(Dataset::new("n", "redis", 1).into());
    let mut list = vec![object("CronJob", "info", Some("n")), data(), object("Service", "s", Some("n"))];
    data_first(&mut list);
    assert_eq!(keys(&list), ["n/data of redis", "n/cronjob/info", "n/service/s"]);
    // What comes back has its place behind what it is in.
    let mut back = vec![object("Service", "s", Some("n")), data()];
    for reversal in &mut back {
        reversal.down = false;
    }
    data_first(&mut back);
    assert_eq!(keys(&back), ["n/service/s", "n/data of redis"]);
}

#[test]
fn nothing_goes_before_data_is_kept_or_a_former_shape_is_restored() {
    let data = || down(Dataset::new("n", "redis", 1).into());
    let mut restored = object("Service", "s", Some("n"));
    restored.before = json!({"was": {}});
    assert!(!restored.removes());
    let mut list = vec![
        down(Image::new("a:1").into()),
        data(),
        object("Namespace", "n", None),
        restored,
        down(Image::new("b:1").into()),
        object("Pod", "a", Some("m")),
    ];
    let before = keys(&list);
    namespaces_first(&mut list);
    let after = keys(&list);
    assert_eq!(after[..4], before[..4]);
    assert_eq!(after[4..], ["m/pod/a", "image/b:1"]);
    assert_ne!(list[3].batch(), list[2].batch());
    // What is brought back keeps its order: the image first.
    let mut back = vec![down(Image::new("new:1").into()), object("Pod", "a", Some("n"))];
    for reversal in &mut back {
        reversal.down = false;
    }
    namespaces_first(&mut back);
    assert_eq!(keys(&back), ["image/new:1", "n/pod/a"]);
}
