use super::*;
use crate::error::{Class, class_of};
use crate::image::fake::Fake;

fn nodes(fake: &Fake, runtime: Runtime) -> Nodes {
    Nodes {
        profile: "p".into(),
        machines: vec!["p".into(), "p-m02".into()],
        runtime,
        way: Way::Container(fake.program().into()),
        minikube: fake.minikube(),
        settle: SETTLE,
    }
}

fn id(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

/// What a load of image `a` onto these nodes recorded.
fn made(on: &[&str]) -> Made {
    let nodes = on.iter().map(|node| ((*node).to_owned(), id("a"))).collect();
    Made { id: id("a"), config: id("a"), built: true, nodes }
}

#[tokio::test]
async fn present_tells_same_from_other_from_absent_with_one_command_a_place() {
    let fake = Fake::new();
    fake.host("opsctl/a:1", &"a".repeat(64));
    fake.host("opsctl/b:1", &"b".repeat(64));
    fake.node("p", "docker.io/opsctl/a:1", &"a".repeat(64));
    fake.node("p-m02", "docker.io/opsctl/a:1", &"c".repeat(64));
    let rows = nodes(&fake, Runtime::Containerd)
        .present(&fake.docker(), &["opsctl/a:1", "opsctl/b:1", "opsctl/none:1"])
        .await
        .unwrap();
    let seen: Vec<_> =
        rows.iter().map(|r| (r.image.as_str(), r.node.as_str(), r.id.is_some(), r.same)).collect();
    assert_eq!(
        seen,
        [
            ("opsctl/a:1", "p", true, true),
            ("opsctl/a:1", "p-m02", true, false),
            ("opsctl/b:1", "p", false, false),
            ("opsctl/b:1", "p-m02", false, false),
            ("opsctl/none:1", "p", false, false),
            ("opsctl/none:1", "p-m02", false, false),
        ]
    );
    assert_eq!(fake.calls().len(), 3, "{:?}", fake.calls());
}

#[tokio::test]
async fn load_streams_once_to_the_nodes_that_lack_something_and_reports_what_was_there() {
    let fake = Fake::new();
    fake.host("opsctl/a:1", &"a".repeat(64));
    fake.node("p", "docker.io/opsctl/a:1", &"a".repeat(64));
    fake.node("p-m02", "docker.io/opsctl/a:1", &"c".repeat(64));
    let nodes = nodes(&fake, Runtime::Containerd);
    let report = nodes.load(&fake.docker(), &["opsctl/a:1"], None, |_| {}).await.unwrap();
    assert_eq!(report[0].config, id("a"));
    assert_eq!(
        report[0].nodes,
        [
            NodeLoad { node: "p".into(), before: Some(id("a")), id: id("a"), loaded: false },
            NodeLoad { node: "p-m02".into(), before: Some(id("c")), id: id("a"), loaded: true },
        ]
    );
    let count = |start: &str| fake.calls().iter().filter(|c| c.starts_with(start)).count();
    assert_eq!((count("exec -i p-m02"), count("exec -i p "), count("save")), (1, 0, 1));
    // Again: nothing to do, nothing streamed.
    nodes.load(&fake.docker(), &["opsctl/a:1"], None, |_| {}).await.unwrap();
    assert_eq!(count("save"), 1);
}

#[tokio::test]
async fn where_no_node_has_it_one_command_on_each_node_brings_and_proves_it() {
    let fake = Fake::new();
    fake.host("opsctl/a:1", &"a".repeat(64));
    let nodes = nodes(&fake, Runtime::Containerd);
    let held = fake.docker().image("opsctl/a:1").await.unwrap().unwrap();
    let archive = fake.docker().archive("opsctl/a:1", &held).await.unwrap();
    let nowhere = Nowhere { held: vec![held], archive: Some(archive) };
    let report = nodes.load(&fake.docker(), &["opsctl/a:1"], Some(nowhere), |_| {}).await.unwrap();
    assert!(report[0].nodes.iter().all(|n| n.loaded && n.before.is_none() && n.id == id("a")));
    for (what, times) in [("exec", 2), ("save", 1)] {
        let calls = fake.calls().iter().filter(|c| c.starts_with(what)).count();
        assert_eq!(calls, times, "{what}: {:?}", fake.calls());
    }
}

#[tokio::test]
async fn a_load_that_says_yes_but_brings_nothing_is_an_error() {
    let fake = Fake::new();
    fake.host("opsctl/a:1", &"a".repeat(64));
    // The fake minikube loads with exit 0 and does nothing.
    let nodes = Nodes { settle: Duration::ZERO, ..nodes(&fake, Runtime::Other) };
    let error = nodes.load(&fake.docker(), &["opsctl/a:1"], None, |_| {}).await.unwrap_err();
    let problem = error.downcast_ref::<Problem>().unwrap();
    assert!(problem.found.iter().any(|l| l.contains("p-m02 has nothing")), "{problem:?}");
    assert!(fake.calls().iter().any(|c| c == "minikube -p p image load opsctl/a:1"));
}

#[tokio::test]
async fn an_image_nobody_has_is_named_before_anything_is_streamed() {
    let fake = Fake::new();
    let nodes = nodes(&fake, Runtime::Containerd);
    let error = nodes.load(&fake.docker(), &["opsctl/a:1"], None, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("no image opsctl/a:1"), "{error}");
    assert!(!fake.calls().iter().any(|c| c.starts_with("save")));
}

#[tokio::test]
async fn unload_removes_only_the_image_it_is_asked_for() {
    let fake = Fake::new();
    fake.node("p", "docker.io/opsctl/a:1", &"a".repeat(64));
    fake.node("p-m02", "docker.io/opsctl/a:1", &"c".repeat(64));
    let nodes = nodes(&fake, Runtime::Containerd);
    let made = made(&["p", "p-m02", "p-m03"]);
    let report = nodes.unload("opsctl/a:1", &Before::default(), &made).await.unwrap();
    assert_eq!(report.len(), 2);
    assert!(report[0].removed && report[0].foreign.is_none());
    assert_eq!(report[1].foreign, Some(id("c")));
    // Again: it is gone, which is success.
    let again = nodes.unload("opsctl/a:1", &Before::default(), &made).await.unwrap();
    assert!(!again[0].removed && again[0].foreign.is_none());
}

#[tokio::test]
async fn the_former_image_gets_its_name_back_while_the_node_keeps_it() {
    let fake = Fake::new();
    for node in ["p", "p-m02"] {
        fake.node(node, "docker.io/opsctl/a:1", &"a".repeat(64));
    }
    fake.node("p", "kept", &"c".repeat(64));
    let nodes = nodes(&fake, Runtime::Containerd);
    let before = Before { docker: None, nodes: ["p", "p-m02"].map(|n| (n.into(), Some(id("c")))).into() };
    for _ in 0..2 {
        let report = nodes.unload("opsctl/a:1", &before, &made(&["p", "p-m02"])).await.unwrap();
        assert!(report[0].restored && !report[1].restored, "{report:?}");
    }
    let now = nodes.held(&nodes.way, "p", &["opsctl/a:1"]).await.unwrap();
    assert_eq!(now[0].as_ref().unwrap().id, id("c"));
}

#[tokio::test]
async fn an_image_with_another_name_keeps_that_one() {
    let fake = Fake::new();
    fake.node("p", "docker.io/opsctl/a:1", &"a".repeat(64));
    fake.node("p", "docker.io/someone/else:1", &"a".repeat(64));
    let nodes = nodes(&fake, Runtime::Containerd);
    let report = nodes.unload("opsctl/a:1", &Before::default(), &made(&["p"])).await.unwrap();
    assert!(report[0].removed);
    let left = nodes.held(&nodes.way, "p", &["opsctl/a:1", "someone/else:1"]).await.unwrap();
    assert!(left[0].is_none() && left[1].is_some());
}

#[tokio::test]
async fn a_stopped_node_is_named_with_the_way_to_start_it() {
    let fake = Fake::new();
    fake.stop("p-m02");
    let error = nodes(&fake, Runtime::Containerd).present(&fake.docker(), &["a:1"]).await.unwrap_err();
    assert!(error.to_string().contains("p-m02"), "{error}");
    assert_eq!(error.downcast_ref::<Problem>().unwrap().next[0], opsctl("minikube up"));
}

#[tokio::test]
async fn without_an_engine_the_prerequisite_is_missing() {
    let fake = Fake::new();
    fake.kill_engine();
    let error = fake.docker().image("a:1").await.unwrap_err();
    assert_eq!(class_of(&error), Class::Missing);
}

#[test]
fn the_way_into_a_node_follows_its_driver_and_runtime() {
    let profile = |driver: &str, runtime: &str| -> Profile {
        serde_json::from_str(&format!(
            r#"{{"Name":"p","Driver":"{driver}","Nodes":[{{"Name":"","ControlPlane":true}},{{"Name":"m02"}}],
                "KubernetesConfig":{{"ContainerRuntime":"{runtime}"}}}}"#
        ))
        .unwrap()
    };
    let docker = Nodes::of(&profile("docker", "containerd"), "minikube");
    assert_eq!(docker.machines(), ["p", "p-m02"]);
    assert_eq!((docker.way, docker.runtime), (Way::Container("docker".into()), Runtime::Containerd));
    assert_eq!(Nodes::of(&profile("podman", "crio"), "m").way, Way::Container("podman".into()));
    let kvm = Nodes::of(&profile("kvm2", "docker"), "m");
    assert_eq!((kvm.way, kvm.runtime), (Way::Minikube, Runtime::Docker));
}

#[test]
fn minikube_ssh_gets_one_quoted_line_under_sudo() {
    let fake = Fake::new();
    let nodes = Nodes { minikube: "minikube".into(), ..nodes(&fake, Runtime::Other) };
    let line = nodes.on(&Way::Minikube, "p-m02", false, &["crictl", "rmi", "a b"]).line();
    let inner = quoted(&format!("sudo crictl rmi {}", quoted("a b")));
    assert_eq!(line, format!("minikube -p p ssh -n p-m02 -- {inner}"));
}

#[test]
fn crictl_lists_are_read_in_every_form_they_take() {
    assert!(listed(r#"{"images":null}"#).unwrap().is_empty());
    assert!(listed("{}").unwrap().is_empty());
    let crio = listed(r#"{"images":[{"id":"00","repoTags":["docker.io/a/b:1"],"pinned":false}]}"#);
    assert_eq!(crio.unwrap()[0].id, "sha256:00");
    assert!(listed("level=fatal").is_err());
}
