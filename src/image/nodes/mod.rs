//! What the nodes hold, and bringing images onto them and off again.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use serde::Deserialize;

use super::docker::{Docker, Held, inspected};
use super::{Before, Made, digest, reference, short};
use crate::context::Profile;
use crate::error::{Problem, kubectl, opsctl, problem, shell};
use crate::exec::{Output, Producer, Run, fan_out_from, quoted};

/// How long a node's runtime may take to show what was just brought to it.
const SETTLE: Duration = Duration::from_secs(10);

/// Runs on a containerd node: imports the archive on standard input. Its answer goes nowhere: what counts is
/// what the node shows afterwards, and that it shows at once, to save a second way in.
const CTR_IMPORT: &str = "ctr -n k8s.io images import - >/dev/null && exec crictl images -o json";

/// The same for an archive that may hold several platforms: the node's own, where `ctr` knows of platforms.
const CTR_IMPORT_OWN_PLATFORM: &str = "set --; \
    if ctr images import --help 2>&1 | grep -q -e '--platform '; then \
        case $(uname -m) in x86_64) set -- --platform linux/amd64;; aarch64) set -- --platform linux/arm64;; esac; \
    fi; \
    ctr -n k8s.io images import \"$@\" - >/dev/null && exec crictl images -o json";

/// The nodes of a minikube profile, and the way to their container runtime.
#[derive(Clone, Debug)]
pub struct Nodes {
    profile: String,
    machines: Vec<String>,
    runtime: Runtime,
    way: Way,
    minikube: PathBuf,
    settle: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Runtime {
    Containerd,
    Docker,
    /// CRI-O and whatever comes: minikube knows how to load, the CRI tells what is there.
    Other,
}

/// How a command gets into a node.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// `docker exec` or `podman exec`: the node is a container, and archives can be streamed into it.
    Container(OsString),
    /// `minikube ssh`: the node is a machine.
    Minikube,
}

/// Whether a node holds an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePresence {
    /// The node's machine name.
    pub node: String,
    /// The image's name, as asked for.
    pub image: String,
    /// The ID the node has under this name.
    pub id: Option<String>,
    /// Whether it is the very image that Docker has under this name here.
    pub same: bool,
}

/// One image brought onto the nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its name.
    pub image: String,
    /// Its ID as Docker says it.
    pub id: String,
    /// Its ID as the nodes say it.
    pub config: String,
    /// What happened on each node.
    pub nodes: Vec<NodeLoad>,
}

/// What loading did on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLoad {
    /// The node's machine name.
    pub node: String,
    /// The ID the node had under this name before.
    pub before: Option<String>,
    /// The ID it has now, proven: what [`Nodes::unload`] wants to see before it removes anything.
    pub id: String,
    /// Whether it was brought there now; else it was there already.
    pub loaded: bool,
}

/// What [`Nodes::unload`] did on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unloaded {
    /// The node's machine name.
    pub node: String,
    /// Whether something was removed.
    pub removed: bool,
    /// Whether the name stands for the former image again. Without one there is nothing to restore; one
    /// that the node has cleaned away meanwhile cannot be.
    pub restored: bool,
    /// The ID of another image that has the name by now, and was left alone.
    pub foreign: Option<String>,
}

/// Images that no node holds, as a look has shown.
#[derive(Debug)]
pub struct Nowhere {
    /// Each as Docker has it, in the order in which they are wanted.
    pub held: Vec<Held>,
    /// Their archive, where it has been begun: Docker takes its time until the first byte.
    pub archive: Option<Producer>,
}

/// An image on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OnNode {
    id: String,
    /// Every name it has there.
    tags: Vec<String>,
    /// The whole description, where the node's runtime is a Docker engine.
    held: Option<Held>,
}

/// What each node holds under each of the names that were asked for, in their order.
type Shown = Vec<(String, Vec<Option<OnNode>>)>;

impl Nodes {
    /// The nodes of this profile; `minikube` is the program to fall back to.
    pub fn of(profile: &Profile, minikube: impl Into<PathBuf>) -> Self {
        let way = match profile.driver.as_str() {
            "docker" => Way::Container("docker".into()),
            "podman" => Way::Container("podman".into()),
            _ => Way::Minikube,
        };
        let runtime = match profile.kubernetes_config.container_runtime.as_str() {
            "containerd" => Runtime::Containerd,
            // An empty field is minikube's old default.
            "docker" | "" => Runtime::Docker,
            _ => Runtime::Other,
        };
        Self {
            profile: profile.name.clone(),
            machines: profile.nodes.iter().map(|n| profile.machine(n)).collect(),
            runtime,
            way,
            minikube: minikube.into(),
            settle: SETTLE,
        }
    }

    /// The machine names of the nodes, the control plane first.
    pub fn machines(&self) -> &[String] {
        &self.machines
    }

    /// A podman that minikube drives through sudo shows us none of its containers: minikube can still reach them.
    async fn way(&self) -> Result<Way> {
        if let (Way::Container(program), Some(node)) = (&self.way, self.machines.first())
            && program == "podman"
            && !Run::new(program).args(["container", "exists", node]).any().await.is_ok_and(|o| o.ok())
        {
            return Ok(Way::Minikube);
        }
        Ok(self.way.clone())
    }

    /// A command that runs on a node, with our standard input when `input`.
    fn on(&self, way: &Way, node: &str, input: bool, command: &[&str]) -> Run {
        match way {
            Way::Container(program) => {
                let run = Run::new(program).arg("exec");
                let run = if input { run.arg("-i") } else { run };
                run.arg(node).args(command)
            }
            Way::Minikube => {
                // minikube ssh hands one line to a shell over there.
                let line: Vec<_> = command.iter().map(|word| quoted(word)).collect();
                Run::new(&self.minikube)
                    .args(["-p", &self.profile, "ssh", "-n", node, "--"])
                    .arg(format!("sudo {}", line.join(" ")))
            }
        }
    }

    /// What a node holds under each name, in their order. One command on the node.
    async fn held(&self, way: &Way, node: &str, names: &[&str]) -> Result<Vec<Option<OnNode>>> {
        if self.runtime == Runtime::Docker {
            let command: Vec<_> = ["docker", "image", "inspect"].iter().chain(names).copied().collect();
            let output = self.on(way, node, false, &command).any().await?;
            self.node_answers(node, &output)?;
            let held = inspected(names, &output)?.into_iter();
            return Ok(held
                .map(|h| h.map(|h| OnNode { id: h.id.clone(), tags: h.tags(), held: Some(h) }))
                .collect());
        }
        let run = self.on(way, node, false, &["crictl", "images", "-o", "json"]);
        let output = run.any().await?;
        self.node_answers(node, &output)?;
        if !output.ok() {
            return Err(problem!(Image, "could not list the images on node {node}")
                .found(output.last_words(3))
                .next(shell(run.line()))
                .into());
        }
        named(&output.stdout, names).with_context(|| format!("the images on node {node}"))
    }

    /// A node that is not there or does not run is told apart from one that holds nothing.
    fn node_answers(&self, node: &str, output: &Output) -> Result<()> {
        if output.ok() {
            return Ok(());
        }
        let words = output.last_words(3);
        let lower = words.to_ascii_lowercase();
        let away = ["no such container", "no container with name", "is not running", "is paused"];
        if away.iter().any(|sign| lower.contains(sign)) {
            return Err(problem!(ClusterSilent, "node {node} of profile \"{}\" does not run", self.profile)
                .found(words)
                .next(opsctl("minikube up"))
                .next(opsctl("minikube status"))
                .into());
        }
        Ok(())
    }

    /// Which nodes hold each image, and whether it is the one that Docker has here. Looks, never touches;
    /// one command on each node and one here, all at once.
    pub async fn present(&self, docker: &Docker, images: &[&str]) -> Result<Vec<NodePresence>> {
        Ok(self.survey(docker, images).await?.1)
    }

    /// What Docker has here under each name, and how each node compares. Looks, never touches.
    pub async fn survey(
        &self,
        docker: &Docker,
        images: &[&str],
    ) -> Result<(Vec<Option<Held>>, Vec<NodePresence>)> {
        self.survey_by(&self.way().await?, docker, images).await
    }

    async fn survey_by(
        &self,
        way: &Way,
        docker: &Docker,
        images: &[&str],
    ) -> Result<(Vec<Option<Held>>, Vec<NodePresence>)> {
        let (here, there) = tokio::try_join!(docker.inspect(images), self.everywhere(way, images))?;
        let mut rows = Vec::new();
        for (i, image) in images.iter().enumerate() {
            let config = match &here[i] {
                // Only worth finding out when some node has the name at all.
                Some(held) if there.iter().any(|(_, on)| on[i].is_some()) => {
                    Some(docker.config_digest(image, held).await?)
                }
                _ => None,
            };
            for (node, on) in &there {
                rows.push(NodePresence {
                    node: node.clone(),
                    image: (*image).to_owned(),
                    id: on[i].as_ref().map(|o| o.id.clone()),
                    same: is_same(here[i].as_ref(), config.as_deref(), on[i].as_ref()),
                });
            }
        }
        Ok((here, rows))
    }

    async fn everywhere(&self, way: &Way, names: &[&str]) -> Result<Shown> {
        try_join_all(
            self.machines
                .iter()
                .map(async |node| anyhow::Ok((node.clone(), self.held(way, node, names).await?))),
        )
        .await
    }

    /// Brings images onto every node that does not hold them yet, and proves by their IDs that it does now.
    ///
    /// Streamed to all nodes at once where they are containers; else minikube loads them. What is being done
    /// is told to `says`. `nowhere`: a look has shown that no node holds any of them; then neither Docker
    /// nor a node is asked again.
    pub async fn load(
        &self,
        docker: &Docker,
        images: &[&str],
        nowhere: Option<Nowhere>,
        says: impl Fn(&str),
    ) -> Result<Vec<Loaded>> {
        let way = self.way().await?;
        let mut archive = None;
        let (found, before) = if let Some(Nowhere { held, archive: begun }) = nowhere {
            archive = begun;
            let absent = |node: &String, image: &str| NodePresence {
                node: node.clone(),
                image: image.to_owned(),
                id: None,
                same: false,
            };
            let rows = images.iter().flat_map(|i| self.machines.iter().map(move |n| absent(n, i)));
            (held.into_iter().map(Some).collect(), rows.collect())
        } else {
            self.survey_by(&way, docker, images).await?
        };
        let mut here = Vec::new();
        for (name, held) in images.iter().zip(found) {
            let held = held.ok_or_else(|| {
                problem!(Image, "docker has no image {name} to bring onto the nodes")
                    .next(shell(format!("docker image inspect {name}")))
            })?;
            here.push((*name, held));
        }
        let lacks = |image: &str, node: &str| {
            before.iter().any(|row| row.image == image && row.node == node && !row.same)
        };
        let wanted: Vec<_> = here
            .iter()
            .filter(|(i, _)| self.machines.iter().any(|n| lacks(i, n)))
            .map(|(i, h)| (*i, h))
            .collect();
        let to: Vec<_> = self
            .machines
            .iter()
            .filter(|n| here.iter().any(|(i, _)| lacks(i, n)))
            .map(String::as_str)
            .collect();
        let mut proven = Vec::new();
        if !wanted.is_empty() {
            let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
            let size = crate::ui::bytes(wanted.iter().map(|(_, h)| h.size).sum());
            says(&format!("{} ({size}) to {}", names.join(", "), to.join(", ")));
            let shown = self.bring(&way, docker, &wanted, &to, archive).await?;
            proven = self.prove(&way, docker, &wanted, &to, shown).await?;
        }
        let mut report = Vec::new();
        for (image, held) in &here {
            let mut nodes = Vec::new();
            for row in before.iter().filter(|row| row.image == *image) {
                let now = proven.iter().find(|(node, name, _)| *node == row.node && name == image);
                let id = now.map(|(_, _, id)| id.clone()).or_else(|| row.id.clone());
                nodes.push(NodeLoad {
                    node: row.node.clone(),
                    before: row.id.clone(),
                    id: id.unwrap_or_default(),
                    loaded: !row.same,
                });
            }
            let config = docker.config_digest(image, held).await?;
            report.push(Loaded { image: (*image).to_owned(), id: held.id.clone(), config, nodes });
        }
        Ok(report)
    }

    /// What each node shows right after the import, where its runtime tells that in the same breath.
    async fn bring(
        &self,
        way: &Way,
        docker: &Docker,
        images: &[(&str, &Held)],
        to: &[&str],
        archive: Option<Producer>,
    ) -> Result<Option<Shown>> {
        let import: &[&str] = match self.runtime {
            // The classic store has images of one platform.
            Runtime::Containerd if images.iter().all(|(_, held)| held.is_classic()) => {
                &["sh", "-c", CTR_IMPORT]
            }
            Runtime::Containerd => &["sh", "-c", CTR_IMPORT_OWN_PLATFORM],
            Runtime::Docker => &["docker", "load", "--quiet"],
            Runtime::Other => &[],
        };
        if import.is_empty() || *way == Way::Minikube {
            for (image, _) in images {
                Run::new(&self.minikube).args(["-p", &self.profile, "image", "load", image]).ok().await?;
            }
            return Ok(None);
        }
        let consumers: Vec<_> = to.iter().map(|node| self.on(way, node, true, import)).collect();
        let archive = match archive {
            Some(begun) => begun,
            None => Producer::begin(docker.save(images).await?)?,
        };
        let said = fan_out_from(archive, &consumers)
            .await
            .with_context(|| format!("streaming {} images to {}", images.len(), to.join(", ")))?;
        if self.runtime != Runtime::Containerd {
            return Ok(None);
        }
        let names: Vec<_> = images.iter().map(|(name, _)| *name).collect();
        // What cannot be read is asked for again.
        let shown = to.iter().zip(said).map(|(n, o)| Some(((*n).to_owned(), named(&o.stdout, &names).ok()?)));
        Ok(shown.collect())
    }

    /// Looks until every node shows every image under its ID: the runtime learns of an import an instant later.
    /// Node, name and ID of each. `shown`: what the nodes showed right after the import.
    async fn prove(
        &self,
        way: &Way,
        docker: &Docker,
        images: &[(&str, &Held)],
        to: &[&str],
        mut shown: Option<Shown>,
    ) -> Result<Vec<(String, String, String)>> {
        let names: Vec<_> = images.iter().map(|(name, _)| *name).collect();
        let mut configs = Vec::new();
        for (name, held) in images {
            configs.push(docker.config_digest(name, held).await?);
        }
        let began = Instant::now();
        loop {
            let (mut right, mut wrong) = (Vec::new(), Vec::new());
            let now = match shown.take() {
                Some(shown) => shown,
                None => self.everywhere(way, &names).await?,
            };
            for (node, on) in now {
                for ((i, (name, held)), config) in images.iter().enumerate().zip(&configs) {
                    if !to.contains(&node.as_str()) {
                        continue;
                    }
                    match on[i].as_ref() {
                        Some(there) if is_same(Some(held), Some(config), Some(there)) => {
                            right.push((node.clone(), (*name).to_owned(), there.id.clone()));
                        }
                        other => {
                            let has = other.map_or("nothing under that name", |o| short(&o.id));
                            wrong.push(format!("{node} has {has} where {name} should be {}", short(config)));
                        }
                    }
                }
            }
            if wrong.is_empty() {
                return Ok(right);
            }
            if began.elapsed() >= self.settle {
                return Err(wrong
                    .iter()
                    .fold(problem!(Image, "not every node has the images"), Problem::found)
                    .next(shell(format!("minikube -p {} ssh -n {} -- df -h /var", self.profile, to[0])))
                    .into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The inverse of [`Nodes::load`]: takes the image off each node where it was brought and still has the ID
    /// that was recorded, and gives the name back to the image that had it, while the node keeps that one.
    ///
    /// Other names of the same image keep it there; another image under the same name is left alone; a node
    /// that is no longer in the profile took its images with it.
    pub async fn unload(&self, image: &str, before: &Before, made: &Made) -> Result<Vec<Unloaded>> {
        let way = self.way().await?;
        let here = made.nodes.iter().filter(|(node, _)| self.machines.contains(node));
        try_join_all(here.map(async |(node, id)| {
            let former = before.nodes.iter().find(|(n, _)| n == node).and_then(|(_, id)| id.as_deref());
            self.unload_from(&way, node, image, id, former.filter(|f| f != id)).await
        }))
        .await
    }

    async fn unload_from(
        &self,
        way: &Way,
        node: &str,
        image: &str,
        id: &str,
        former: Option<&str>,
    ) -> Result<Unloaded> {
        let mut report = Unloaded { node: node.to_owned(), removed: false, restored: false, foreign: None };
        match self.held(way, node, &[image]).await?.pop().flatten() {
            Some(on) if on.id == digest(id) => {
                self.remove(way, node, image, &on).await?;
                report.removed = true;
            }
            Some(on) if former == Some(&on.id) => {
                report.restored = true;
                return Ok(report);
            }
            Some(on) => {
                report.foreign = Some(on.id);
                return Ok(report);
            }
            None => {}
        }
        if let Some(former) = former {
            let full = reference(image);
            let command = match self.runtime {
                Runtime::Docker => vec!["docker", "image", "tag", former, image],
                Runtime::Containerd => vec!["ctr", "-n", "k8s.io", "images", "tag", former, &full],
                Runtime::Other => vec!["podman", "tag", former, &full],
            };
            report.restored = self.on(way, node, false, &command).any().await?.ok();
        }
        Ok(report)
    }

    async fn remove(&self, way: &Way, node: &str, image: &str, on: &OnNode) -> Result<()> {
        let full = reference(image);
        let shared = on.tags.iter().any(|tag| *tag != full);
        let command = match self.runtime {
            Runtime::Docker => vec!["docker", "image", "rm", image],
            // By CRI an image goes with all its names: fine only when there are no others.
            Runtime::Containerd if shared => vec!["ctr", "-n", "k8s.io", "images", "rm", &full],
            // podman shares CRI-O's store, and is on every minikube node that has CRI-O.
            Runtime::Other if shared => vec!["podman", "untag", &full],
            _ => vec!["crictl", "rmi", &on.id],
        };
        let output = self.on(way, node, false, &command).any().await?;
        if output.ok() || self.held(way, node, &[image]).await?.iter().all(Option::is_none) {
            return Ok(());
        }
        Err(problem!(Image, "node {node} could not remove the image {image}")
            .found(output.last_words(3))
            .next(kubectl(format!("get pods -A -o wide --field-selector spec.nodeName={node}")))
            .into())
    }
}

/// Whether what a node has is what Docker has here.
fn is_same(here: Option<&Held>, config: Option<&str>, there: Option<&OnNode>) -> bool {
    let (Some(here), Some(there)) = (here, there) else { return false };
    config == Some(there.id.as_str()) || there.held.as_ref().is_some_and(|held| held.same_as(here))
}

/// Of the answer of `crictl images -o json`: what stands under each name, in their order.
fn named(json: &str, names: &[&str]) -> Result<Vec<Option<OnNode>>> {
    let images = listed(json)?;
    let of = |name: &&str| {
        let full = reference(name);
        images.iter().find(|i| i.tags.contains(&full)).cloned()
    };
    Ok(names.iter().map(of).collect())
}

/// The images in the answer of `crictl images -o json`.
fn listed(json: &str) -> Result<Vec<OnNode>> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        images: Option<Vec<Image>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Image {
        id: String,
        #[serde(default)]
        repo_tags: Option<Vec<String>>,
    }
    let list: List = serde_json::from_str(json).context("crictl images: not the JSON that was expected")?;
    let one = |i: Image| OnNode { id: digest(&i.id), tags: i.repo_tags.unwrap_or_default(), held: None };
    Ok(list.images.unwrap_or_default().into_iter().map(one).collect())
}

#[cfg(test)]
mod tests;
