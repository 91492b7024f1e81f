//! An image on every node: built here when its recipe changed, streamed to all nodes at once,
//! proven by its ID, taken off again.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Act, Change, Probe};
use crate::bundle;
use crate::context::Context;
use crate::error::Problem;
use crate::image::{Before, Docker, Made, Nodes, embedded};
use crate::ui::Row;

/// An image as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Image {
    /// Its name, such as `opsctl/redis:8.0`.
    name: String,
}

impl Image {
    /// An image that opsctl carries the recipe of.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    fn nodes(cx: &Context) -> Result<Nodes> {
        Ok(Nodes::of(&cx.profile()?, minikube(cx)))
    }
}

/// Makes a base image of Debian where no registry has it to offer; other bases are Docker's to pull.
async fn base(cx: &Context, name: &str) -> Result<()> {
    match name.strip_prefix("debian:").and_then(|tag| tag.strip_suffix("-slim")) {
        Some(suite) => bundle::base_image(cx, suite).await,
        None => Ok(()),
    }
}

/// The minikube to fall back to where the nodes' runtime cannot be reached.
fn minikube(cx: &Context) -> PathBuf {
    crate::minikube::program(&cx.paths)
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
        format!("docker save {0} | docker exec -i NODE ctr -n k8s.io images import -  # on all nodes", self.name)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Before>> {
        let recipe = embedded::recipe(&self.name)?;
        let docker = Docker::new(&cx.paths);
        let names = [self.name.as_str()];
        let nodes = Self::nodes(cx)?;
        let (held, rows) = tokio::try_join!(docker.image(&self.name), nodes.present(&docker, &names))?;
        let current = held.as_ref().is_some_and(|h| h.recipe() == Some(recipe.hash().as_str()));
        if current && rows.iter().all(|r| r.same) {
            return Ok(Probe::Same);
        }
        let before = Before {
            docker: held.map(|h| h.id),
            nodes: rows.into_iter().map(|r| (r.node, r.id)).collect(),
        };
        Ok(if before.nodes.iter().all(|(_, id)| id.is_none()) {
            Probe::Absent(before)
        } else {
            Probe::Differs(before, "the nodes' copies".into())
        })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, _: &Before, _: Option<&()>) -> Result<Made> {
        let docker = Docker::new(&cx.paths);
        let recipe = embedded::recipe(&self.name)?;
        let base = async |name: &str| base(cx, name).await;
        let built = docker.build(&recipe, base, |line| act.row.hears(line)).await?;
        act.row.doing(format!("{}: onto the nodes", self.title()));
        let loaded = Self::nodes(cx)?.load(&docker, &[&self.name], |line| act.row.hears(line)).await?;
        let Some(loaded) = loaded.into_iter().next() else {
            return Err(Problem::failure(format!("{} was not loaded", self.title())).into());
        };
        Ok(loaded.record(&built).1)
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        let nodes = Self::nodes(cx)?;
        Ok(format!("same ID on {}", nodes.machines().join(", ")))
    }

    async fn down(&self, cx: &Context, _: Act<'_>, _: &Before, made: Option<&Made>) -> Result<(String, ())> {
        let nodes = Self::nodes(cx)?;
        let ours = match made {
            Some(made) => made.nodes.clone(),
            None => {
                // Cut short while loading: what has the ID of ours came from us.
                let docker = Docker::new(&cx.paths);
                let rows = nodes.present(&docker, &[&self.name]).await?;
                rows.into_iter().filter(|r| r.same).filter_map(|r| Some((r.node, r.id?))).collect()
            }
        };
        let ends = nodes.unload(&self.name, &ours).await?;
        let removed = ends.iter().filter(|e| e.removed).count();
        Ok((format!("off {removed} nodes"), ()))
    }
}
