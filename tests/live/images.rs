//! Images on a real cluster: built, brought onto every node, proven, taken away again, held by a pod.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use opsctl::context::{Paths, Profile};
use opsctl::exec::Run;
use opsctl::image::{Before, Docker, Nodes, Recipe, Taken, reference};

use serde_json::{Value, json};

use crate::rig::{Rig, on_node};

fn recipe(name: &str, content: &'static str) -> Recipe {
    Recipe::new(name, &[("Dockerfile", b"FROM scratch\nCOPY file /file\n"), ("file", content.as_bytes())])
}

async fn build(docker: &Docker, recipe: &Recipe) -> opsctl::image::Built {
    docker.build(recipe, async |_: &str| Ok(None), |_| {}).await.unwrap()
}

pub fn an_image_goes_onto_every_node_and_off_again_and_leaves_nothing(rig: &Rig, facts: &mut Vec<String>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    facts.push(runtime.block_on(onto_the_nodes_and_off(rig)));
}

async fn onto_the_nodes_and_off(rig: &Rig<'_>) -> String {
    let paths = Paths::from_environment(None).unwrap();
    let profile = Profile::read(&paths, &rig.profile).unwrap().expect("the profile exists");
    let cache = tempfile::tempdir().unwrap();
    let docker = Docker::at("docker", cache.path().to_owned());
    let nodes = Nodes::of(&profile, &rig.minikube);
    let count = nodes.machines().len();
    let image = format!("opsctl-test/live-{}:1", std::process::id());

    // Built once for each recipe.
    let first = build(&docker, &recipe(&image, "one")).await;
    assert!(first.rebuilt && first.was.is_none());
    assert!(!build(&docker, &recipe(&image, "one")).await.rebuilt);

    // Onto the nodes, once.
    let loaded = nodes.load(&docker, &[&image], None, |_| {}).await.unwrap().remove(0);
    assert_eq!(loaded.nodes.iter().filter(|n| n.loaded && n.before.is_none()).count(), count);
    let began = Instant::now();
    let again = nodes.load(&docker, &[&image], None, |_| {}).await.unwrap().remove(0);
    let again_took = began.elapsed();
    assert!(again.nodes.iter().all(|n| !n.loaded));

    // A changed recipe: the nodes hold another image under the name, and get the new one.
    let second = build(&docker, &recipe(&image, "two")).await;
    assert_eq!(second.was.as_deref(), Some(first.held.id.as_str()));
    let rows = nodes.present(&docker, &[&image]).await.unwrap();
    assert!(rows.iter().all(|row| row.id.is_some() && !row.same));
    let nodes_had = rows.into_iter().map(|row| (row.node, row.id)).collect();
    let before = Before { docker: Some(second.held.id.clone()), nodes: nodes_had };
    assert!(before.nodes.iter().all(|(_, id)| id.as_deref() == Some(loaded.config.as_str())));
    let made = nodes.load(&docker, &[&image], None, |_| {}).await.unwrap().remove(0).made(true);
    let rows = nodes.present(&docker, &[&image]).await.unwrap();
    assert!(rows.iter().all(|row| row.same));
    assert_eq!(rows.into_iter().filter_map(|row| Some((row.node, row.id?))).collect::<Vec<_>>(), made.nodes);

    // Off again: what was first recorded is no longer there, the second goes and the first is back, then goes.
    let (nothing, old) = (Before::default(), loaded.made(true));
    let left = nodes.unload(&image, &nothing, &old).await.unwrap();
    assert!(left.iter().all(|u| !u.removed && u.foreign.is_some()));
    let gone = nodes.unload(&image, &before, &made).await.unwrap();
    assert_eq!(gone.iter().filter(|u| u.removed && u.restored).count(), count, "{gone:?}");
    let gone = nodes.unload(&image, &nothing, &old).await.unwrap();
    assert_eq!(gone.iter().filter(|u| u.removed).count(), count, "{gone:?}");
    assert!(nodes.present(&docker, &[&image]).await.unwrap().iter().all(|row| row.id.is_none()));

    // Docker gets the former image back, then loses that one too.
    let taken = docker.remove_built(&image, &second.held.id, second.was.as_deref()).await.unwrap();
    assert_eq!(taken, Taken::Restored);
    assert_eq!(docker.image(&image).await.unwrap().unwrap().id, first.held.id);
    assert_eq!(docker.remove_built(&image, &first.held.id, None).await.unwrap(), Taken::Removed);
    assert!(docker.built().await.unwrap().iter().all(|(n, id)| *n != image && *id != second.held.id));

    // Nothing is left on the nodes under any name.
    if profile.driver == "docker" && profile.kubernetes_config.container_runtime == "containerd" {
        for node in nodes.machines() {
            let list = Run::new("docker").args(["exec", node, "ctr", "-n", "k8s.io", "images", "ls", "-q"]);
            let names = list.text().await.unwrap();
            for trace in [reference(&image), loaded.config.clone(), made.config.clone()] {
                assert!(!names.contains(&trace), "{node} still has {trace}");
            }
        }
    }
    format!("{count} nodes; loading again what is there {} ms", again_took.as_millis())
}

/// The namespace of a pod that runs every image of ours, so that the stacks can come and go side by side.
pub const HOLDER: &str = "opsctl-test-images";

/// Each node's images that a stack brought there, by their names on it.
pub fn on_nodes(rig: &Rig) -> Vec<(String, Vec<String>)> {
    let list = ["ctr", "-n", "k8s.io", "images", "ls", "-q"];
    let ours = |node: String| {
        let out = on_node(&node, &list).ok().out;
        let ours = out.lines().filter(|name| name.starts_with("docker.io/opsctl/")).map(str::to_owned);
        (node, ours.collect())
    };
    rig.nodes().into_iter().map(ours).collect()
}

/// opsctl's own image and that of redis, on every node as a pod runs them. Where they are not yet there, an
/// election brings them.
pub fn images_stand(rig: &Rig) -> [String; 2] {
    let path =
        |spec: &str| format!("jsonpath={{{spec}.initContainers[0].image}} {{{spec}.containers[0].image}}");
    let held = rig.kubectl(&["-n", HOLDER, "get", "pod/holder", "-o", &path(".spec")]).out;
    let images = if held.trim().is_empty() {
        let path = path(".spec.template.spec");
        let of_election = ["-n", "election", "get", "deploy/redis", "-o", &path];
        if rig.kubectl(&of_election).code != Some(0) {
            rig.opsctl(&["election", "up"]).ok();
        }
        rig.asked(&of_election)
    } else {
        held.trim().to_owned()
    };
    let (own, redis) = images.split_once(' ').expect("two images");
    let ours = |name: &str, image: &str, words: Value| json!({"name": name, "image": image, "imagePullPolicy": "Never", "command": words});
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "holder", "namespace": HOLDER},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "initContainers": [ours("own", own, json!(["/opsctl", "--version"]))],
            "containers": [ours("redis", redis, json!(["sleep", "infinity"]))],
        },
    });
    let file = rig.root.join("holder.json");
    std::fs::write(&file, pod.to_string()).unwrap();
    rig.kubectl(&["create", "namespace", HOLDER]);
    rig.kubectl(&["apply", "-f", &file.display().to_string()]).ok();
    rig.kubectl(&["-n", HOLDER, "wait", "--for=condition=Ready", "pod/holder", "--timeout=120s"]).ok();
    [own, redis].map(str::to_owned)
}

pub fn a_pod_that_no_stack_has_runs_them(rig: &Rig, facts: &mut Vec<String>) {
    facts.push(images_stand(rig).join(" and "));
}

/// The image and the mark stay while somebody's pod runs it; here it is let go of.
pub fn what_a_pod_runs_is_on_every_node_whatever_else_went(rig: &Rig, facts: &mut Vec<String>) {
    let images = images_stand(rig);
    for (node, there) in on_nodes(rig) {
        for image in &images {
            assert!(there.contains(&format!("docker.io/{image}")), "{image} is gone from {node}: {there:?}");
        }
    }
    rig.kubectl(&["delete", "namespace", HOLDER, "--wait=false"]).ok();
    facts.push(format!("{} and {} on both nodes", images[0], images[1]));
}
