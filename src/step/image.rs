//! An image on every node: built here when its recipe changed, streamed to all nodes at once,
//! proven by its ID, taken off again.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde::{Deserialize, Serialize};

use super::nature::{Data, Nature, Traced};
use super::{Act, Change, Look, Probe, Seen};
use crate::bundle;
use crate::context::Context;
use crate::error::{again, problem};
use crate::exec::Producer;
use crate::fs::try_lock;
use crate::host;
use crate::image::embedded::{Source, source};
use crate::image::{Before, Built, Docker, Held, Made, Nodes, Nowhere, own};
use crate::ui::Row;

/// An image as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Its name, such as `opsctl/redis:8.0`.
    name: String,
}

/// What a look saw Docker hold, where that is as wanted: `up` need not look again.
struct InDocker {
    at: Instant,
    held: Held,
    /// Begun where no node holds the image and `up` is next: it is made while the rest is looked at.
    archive: Option<Producer>,
}

/// After so long, a look must be repeated.
const FRESH: Duration = Duration::from_secs(10);

impl Image {
    /// An image that opsctl carries the recipe of.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    /// A pod that runs on this image and is not ending: another stack's, or somebody else's.
    async fn user(&self, cx: &Context) -> Result<Option<String>> {
        let pods: Api<Pod> = Api::all(cx.client().await?);
        let uses = |pod: &Pod| {
            let spec = || pod.spec.iter();
            let containers = spec().flat_map(|s| s.init_containers.iter().flatten().chain(&s.containers));
            let added = spec().flat_map(|s| s.ephemeral_containers.iter().flatten());
            let mut images = containers.map(|c| &c.image).chain(added.map(|c| &c.image)).flatten();
            let ended = pod
                .status
                .as_ref()
                .and_then(|s| s.phase.as_deref())
                .is_some_and(|p| p == "Succeeded" || p == "Failed");
            pod.metadata.deletion_timestamp.is_none()
                && !ended
                && images.any(|image| may_be(image, &self.name))
        };
        let all = pods.list(&ListParams::default()).await?;
        Ok(all.iter().find(|p| uses(p)).map(|p| {
            let metadata = &p.metadata;
            format!(
                "{}/{}",
                metadata.namespace.as_deref().unwrap_or_default(),
                metadata.name.as_deref().unwrap_or_default()
            )
        }))
    }

    fn nodes(cx: &Context) -> Result<Nodes> {
        Ok(Nodes::of(&cx.profile()?, minikube(cx)))
    }
}

/// Whether a name, as a pod may spell it, may be that of this image: with Docker's own registry before it, or with a
/// digest, which may be any of its repository.
fn may_be(spelled: &str, image: &str) -> bool {
    let (name, digest) = spelled.split_once('@').map_or((spelled, false), |(name, _)| (name, true));
    let short = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let name = short.iter().find_map(|registry| name.strip_prefix(registry)).unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let parts = |name: &str| match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository.to_owned(), tag.to_owned()),
        _ => (name.to_owned(), "latest".to_owned()),
    };
    let ((repository, tag), (ours, our_tag)) = (parts(name), parts(image));
    repository == ours && (digest || tag == our_tag)
}

/// Builds an image in Docker, unless it is there.
pub async fn build(cx: &Context, name: &str, row: &Row) -> Result<Built> {
    match source(name)? {
        Source::Recipe(recipe) => {
            let base = async |name: &str| base(cx, name, row).await;
            Docker::new(&cx.paths).build(&recipe, base, |line| row.hears(line)).await
        }
        Source::Docker(missing) => {
            let held = Docker::new(&cx.paths).image(name).await?.ok_or(missing)?;
            Ok(Built { held, was: None, rebuilt: false })
        }
    }
}

/// Makes sure of a base image. Debian's is made where no registry has it to offer; opsctl's own is built; for
/// another one where no registry answers a base of Debian is named. The rest is Docker's to pull.
async fn base(cx: &Context, name: &str, row: &Row) -> Result<Option<String>> {
    if let Some(suite) = name.strip_prefix("debian:").and_then(|tag| tag.strip_suffix("-slim")) {
        return bundle::base_image(cx, suite).await.map(|()| None);
    }
    if name == own::name() {
        let (docker, missing) = (Docker::new(&cx.paths), own::running());
        match missing {
            Ok(recipe) => {
                fits(&docker.arch().await?)?;
                docker.build(&recipe, async |_: &str| Ok(None), |line| row.hears(line)).await?;
            }
            Err(unfit) => drop(docker.image(name).await?.ok_or(unfit)?),
        }
        return Ok(None);
    }
    if name.starts_with("alpine:") {
        return bundle::base_or_debian(cx, name).await;
    }
    Ok(None)
}

/// The nodes have the engine's architecture; where that is not this machine's, this executable is no use there.
fn fits(engine: &str) -> Result<()> {
    if engine == host::arch() {
        return Ok(()); // the recipe was made for it
    }
    own::recipe(&own::executable()?, engine).map(drop)
}

/// The minikube to fall back to where the nodes' runtime cannot be reached.
fn minikube(cx: &Context) -> PathBuf {
    bundle::minikube(&cx.paths)
}

impl Change for Image {
    type Before = Before;
    type Made = Made;
    type Kept = ();

    fn key(&self) -> String {
        format!("image/{}", self.name)
    }

    fn title(&self) -> String {
        format!("image {}", self.name)
    }

    fn command(&self) -> String {
        format!(
            "docker save {0} | docker exec -i NODE ctr -n k8s.io images import -  # on all nodes",
            self.name
        )
    }

    fn nature(&self) -> Nature {
        Nature { traced: Traced::Shared, ..Nature::on_nodes(Data::None) }
    }

    fn removes(&self, _: &Before) -> bool {
        true
    }

    async fn probe(&self, cx: &Context, look: &mut Look) -> Result<Probe<Before>> {
        let source = source(&self.name)?;
        let docker = Docker::new(&cx.paths);
        let names = [self.name.as_str()];
        let nodes = Self::nodes(cx)?;
        let (here, rows) = nodes.survey(&docker, &names).await?;
        let held = here.into_iter().next().flatten();
        let current = held.as_ref().filter(|h| source.is(h));
        if current.is_some() && rows.iter().all(|r| r.same) {
            return Ok(Probe::Same);
        }
        let nowhere = rows.iter().all(|r| r.id.is_none());
        let archive = match current {
            Some(held) if nowhere && look.before_up => Some(docker.archive(&self.name, held).await?),
            _ => None,
        };
        if let Some(held) = current.cloned() {
            look.seen = Seen::new(InDocker { at: Instant::now(), held, archive });
        }
        let before =
            Before { docker: held.map(|h| h.id), nodes: rows.into_iter().map(|r| (r.node, r.id)).collect() };
        Ok(if nowhere {
            Probe::Absent(before)
        } else {
            Probe::Differs(before, "the copies on the nodes".into())
        })
    }

    async fn up(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Before,
        _: Option<&()>,
        seen: Seen,
    ) -> Result<Made> {
        let docker = Docker::new(&cx.paths);
        let source = source(&self.name)?;
        if let Source::Recipe(recipe) = &source
            && recipe.name() == own::name()
        {
            fits(&docker.arch().await?)?;
        }
        let mut archive = None;
        let fresh = seen.take::<InDocker>().filter(|seen| seen.at.elapsed() < FRESH);
        let (held, rebuilt) = match (source, fresh) {
            (_, Some(seen)) => {
                archive = seen.archive;
                (seen.held, false)
            }
            (Source::Recipe(recipe), None) => {
                let base = async |name: &str| base(cx, name, act.row).await;
                let built = docker.build(&recipe, base, |line| act.row.hears(line)).await?;
                (built.held, built.rebuilt)
            }
            (Source::Docker(missing), None) => (docker.image(&self.name).await?.ok_or(missing)?, false),
        };
        act.row.doing(format!("{}: loading onto the nodes", self.title()));
        let nodes = Self::nodes(cx)?;
        let nowhere =
            nodes.machines().iter().all(|n| before.nodes.iter().any(|(on, id)| on == n && id.is_none()));
        let nowhere = nowhere.then(|| Nowhere { held: vec![held], archive });
        let _turn = turn(cx, act.row).await?;
        let loaded = nodes.load(&docker, &[&self.name], nowhere, |line| act.row.hears(line)).await?;
        let Some(loaded) = loaded.into_iter().next() else {
            return Err(problem!(Image, "{} was not loaded", self.title()).into());
        };
        Ok(loaded.made(rebuilt))
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        let nodes = Self::nodes(cx)?;
        Ok(format!("same ID on {}", nodes.machines().join(", ")))
    }

    async fn down(
        &self,
        cx: &Context,
        _: Act<'_>,
        before: &Before,
        made: Option<&Made>,
    ) -> Result<(String, ())> {
        if let Some(pod) = self.user(cx).await? {
            return Ok((format!("stays on the nodes: {pod} runs it"), ()));
        }
        let nodes = Self::nodes(cx)?;
        let docker = Docker::new(&cx.paths);
        let made = if let Some(made) = made {
            made.clone()
        } else {
            // Cut short while loading, or unknown to the journal: what has the ID of ours is ours.
            let rows = nodes.present(&docker, &[&self.name]).await?;
            let same = rows.into_iter().filter(|r| r.same).filter_map(|r| Some((r.node, r.id?)));
            Made { id: String::new(), config: String::new(), built: false, nodes: same.collect() }
        };
        let ends = nodes.unload(&self.name, before, &made).await?;
        let removed = ends.iter().filter(|e| e.removed).count();
        let restored = ends.iter().filter(|e| e.restored).count();
        Ok(match restored {
            0 => (format!("removed from {removed} nodes"), ()),
            n => (format!("removed from {removed} nodes, the former one restored on {n}"), ()),
        })
    }
}

/// Waits until no other image is on its way to this cluster's nodes, of this run or another one, and keeps others waiting
/// while it is held. Two at once can wait for each other for ever: both feed all nodes at one pace, and a node takes a
/// layer that both have from one of them only.
async fn turn(cx: &Context, row: &Row) -> Result<File> {
    let folder = &cx.paths.cache;
    std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    let lock = folder.join(format!("images-{}.lock", cx.profile()?.name));
    let began = Instant::now();
    loop {
        if let Some(held) = try_lock(&lock)? {
            return Ok(held);
        }
        if began.elapsed() > cx.timeout {
            let words = "another image has been on its way to the nodes for";
            return Err(problem!(Timeout, "{words} {} s", cx.timeout.as_secs()).next(again()).into());
        }
        row.doing("waiting: another image is on its way to the nodes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::testing::World;

    #[test]
    fn an_image_is_known_however_a_pod_spells_it() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for same in [
            "opsctl/redis:8.0".to_owned(),
            "docker.io/opsctl/redis:8.0".into(),
            "index.docker.io/opsctl/redis:8.0".into(),
            format!("opsctl/redis@{digest}"),
            format!("docker.io/opsctl/redis:8.0@{digest}"),
        ] {
            assert!(may_be(&same, "opsctl/redis:8.0"), "{same}");
        }
        for other in
            ["opsctl/redis", "opsctl/redis:7", "quay.io/opsctl/redis:8.0", "redis:8.0", "opsctl/redis-x:8.0"]
        {
            assert!(!may_be(other, "opsctl/redis:8.0"), "{other}");
        }
        assert!(
            may_be("docker.io/library/busybox", "busybox:latest")
                && may_be("localhost:5000/a:1", "localhost:5000/a:1")
        );
    }

    #[tokio::test]
    async fn one_image_at_a_time_is_on_its_way_to_the_nodes() {
        let w = World::new();
        let (row, brief) = (w.row(), Duration::from_millis(200));
        let first = turn(&w.cx, &row).await.unwrap();
        assert!(tokio::time::timeout(brief, turn(&w.cx, &row)).await.is_err(), "two had their turn at once");
        drop(first);
        turn(&w.cx, &row).await.unwrap();
    }
}
