//! Images on a real cluster: built, brought onto every node, proven, taken away again.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use opsctl::context::{Paths, Profile};
use opsctl::exec::Run;
use opsctl::image::{Before, Docker, Nodes, Recipe, Taken, reference};

use super::harness::{Rig, test};

fn recipe(name: &str, content: &'static str) -> Recipe {
    Recipe::new(name, &[("Dockerfile", b"FROM scratch\nCOPY file /file\n"), ("file", content.as_bytes())])
}

async fn build(docker: &Docker, recipe: &Recipe) -> opsctl::image::Built {
    docker.build(recipe, async |_: &str| Ok(()), |_| {}).await.unwrap()
}

#[test]
fn i01_an_image_goes_onto_every_node_and_off_again_and_leaves_nothing() {
    test("an image of another recipe, onto the nodes and off", |rig, facts| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        facts.push(runtime.block_on(onto_the_nodes_and_off(rig)));
    });
}

async fn onto_the_nodes_and_off(rig: &Rig) -> String {
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
    assert!(nodes.present(&docker, &[&image]).await.unwrap().iter().all(|row| row.id.is_some() && !row.same));
    let before = nodes.before(&docker, &image).await.unwrap();
    assert!(before.nodes.iter().all(|(_, id)| id.as_deref() == Some(loaded.config.as_str())));
    let made = nodes.load(&docker, &[&image], None, |_| {}).await.unwrap().remove(0).made(true);
    assert_eq!(nodes.made_since(&docker, &image, &before).await.unwrap().unwrap().nodes, made.nodes);
    assert!(nodes.present(&docker, &[&image]).await.unwrap().iter().all(|row| row.same));

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
