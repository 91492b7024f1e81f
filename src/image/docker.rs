//! The Docker engine on this side: what it holds, building, removing.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::recipe::{LABEL, Recipe};
use super::{digest, reference};
use crate::context::Paths;
use crate::error::{opsctl, problem, shell};
use crate::exec::{Output, Producer, Run};
use crate::fs::write_whole;

/// The Docker engine, through its client on PATH.
#[derive(Clone, Debug)]
pub struct Docker {
    program: OsString,
    cache: PathBuf,
}

/// An image as an engine describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Held {
    /// Its ID: of the configuration in the classic store, of the manifest or index in the containerd store.
    pub id: String,
    /// Bytes on disk.
    #[serde(default)]
    pub size: u64,
    /// `amd64`, `arm64`.
    #[serde(default)]
    pub architecture: String,
    /// `linux`.
    #[serde(default)]
    pub os: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    config: Option<Config>,
    #[serde(rename = "RootFS", default)]
    root: Layers,
    #[serde(default)]
    graph_driver: Option<Driver>,
    #[serde(default)]
    descriptor: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    labels: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Layers {
    #[serde(default)]
    layers: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Driver {
    #[serde(default)]
    name: String,
}

impl Held {
    /// The hash of the recipe it was built from, if opsctl built it.
    pub fn recipe(&self) -> Option<&str> {
        Some(self.config.as_ref()?.labels.as_ref()?.get(LABEL)?.as_str())
    }

    /// Every name it has, in full.
    pub(super) fn tags(&self) -> Vec<String> {
        self.repo_tags.iter().flatten().map(|tag| reference(tag)).collect()
    }

    /// Whether its ID is that of its configuration, as in the classic store.
    ///
    /// The containerd store describes an image by its target, and has a snapshotter for a driver, or none.
    pub(super) fn is_classic(&self) -> bool {
        let drivers = ["overlay2", "fuse-overlayfs", "btrfs", "zfs", "vfs", "aufs", "devicemapper"];
        self.descriptor.is_none()
            && self.graph_driver.as_ref().is_some_and(|d| drivers.contains(&d.name.as_str()))
    }

    /// Whether two engines hold the same image: the same ID, or, where the stores differ and so their IDs
    /// cannot be compared, the same layers made into an image at the same instant.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.id == other.id
            || (self.is_classic() != other.is_classic()
                && !self.created.is_empty()
                && self.created == other.created
                && self.root.layers.is_some()
                && self.root == other.root)
    }
}

/// What [`Docker::build`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The image, as Docker has it now.
    pub held: Held,
    /// The ID that stood under this name before, when it was another.
    pub was: Option<String>,
    /// Whether anything had to be built.
    pub rebuilt: bool,
}

/// What [`Docker::remove_built`] came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// It was gone already.
    Absent,
    /// It is gone now.
    Removed,
    /// It is gone, and the name stands for the former image again.
    Restored,
    /// It is gone; the former image could not be put back, because Docker no longer has it.
    Lost,
    /// Another image has the name by now; it was left alone.
    Foreign(String),
}

impl Docker {
    /// The engine that `docker` on PATH talks to.
    pub fn new(paths: &Paths) -> Self {
        Self::at("docker", paths.cache.join("images"))
    }

    /// A client by path, and the folder where what is known of its images is kept.
    pub fn at(program: impl Into<OsString>, cache: PathBuf) -> Self {
        Self { program: program.into(), cache }
    }

    fn run(&self) -> Run {
        Run::new(&self.program)
    }

    /// The engine's architecture, which its containers and so the nodes have: `amd64`, `arm64`.
    pub async fn arch(&self) -> Result<String> {
        let output = self.run().args(["version", "--format", "{{.Server.Arch}}"]).any().await?;
        engine_answers(&output)?;
        Ok(output.stdout.trim().to_owned())
    }

    /// What the engine holds under each name, in their order.
    pub async fn inspect(&self, names: &[&str]) -> Result<Vec<Option<Held>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let output = self.run().args(["image", "inspect"]).args(names).any().await?;
        inspected(names, &output)
    }

    /// What the engine holds under one name.
    pub async fn image(&self, name: &str) -> Result<Option<Held>> {
        Ok(self.inspect(&[name]).await?.pop().flatten())
    }

    /// Builds the image, unless it is there and its recipe is the same.
    ///
    /// `ensure_base` is called for each image that the Dockerfile starts from, only when there is
    /// something to build. It may name another one to be taken as the Dockerfile's `BASE`. Each line of Docker's
    /// output goes to `hears`.
    pub async fn build(
        &self,
        recipe: &Recipe,
        ensure_base: impl AsyncFn(&str) -> Result<Option<String>>,
        hears: impl FnMut(&str),
    ) -> Result<Built> {
        let (name, hash) = (recipe.name(), recipe.hash());
        let before = self.image(name).await?;
        if let Some(held) = &before
            && held.recipe() == Some(hash)
        {
            return Ok(Built { held: held.clone(), was: None, rebuilt: false });
        }
        let mut other = None;
        for base in recipe.bases() {
            let instead = ensure_base(&base).await;
            other = other.or(instead.with_context(|| format!("{base}, which {name} is built from"))?);
        }
        let other = other.into_iter().flat_map(|base| ["--build-arg".to_owned(), format!("BASE={base}")]);
        self.run()
            .args(["build", "--network", "host", "--tag", name, "--label", &format!("{LABEL}={hash}")])
            .args(other)
            // BuildKit would add a second manifest that only says how this one was built.
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
            .arg("-")
            .input(recipe.context()?)
            .watched(hears)
            .await
            .with_context(|| format!("building {name}"))?;
        let made = self.image(name).await?.filter(|m| m.recipe() == Some(hash)).ok_or_else(|| {
            problem!(Image, "docker built {name}, but does not have it under that name")
                .found("a builder of its own may have kept the result")
                .next(shell("docker buildx use default"))
        })?;
        let was = before.map(|b| b.id).filter(|id| *id != made.id);
        Ok(Built { held: made, was, rebuilt: true })
    }

    /// The inverse of [`Docker::build`]: takes the name from our image, and gives it back to the former one.
    ///
    /// An image that something else is made from, or that has other names, stays under those.
    pub async fn remove_built(&self, name: &str, id: &str, was: Option<&str>) -> Result<Taken> {
        match self.image(name).await? {
            Some(held) if held.id != id => return Ok(Taken::Foreign(held.id)),
            Some(_) => {
                let output = self.run().args(["image", "rm", name]).any().await?;
                if !output.ok() && !says_absent(&output.stderr) {
                    return Err(problem!(Image, "docker could not remove the image {name}")
                        .found(output.last_words(3))
                        .next(shell(format!("docker ps -a --filter ancestor={name}")))
                        .into());
                }
            }
            None if was.is_none() => return Ok(Taken::Absent),
            None => {}
        }
        let Some(was) = was else { return Ok(Taken::Removed) };
        if self.image(was).await?.is_none() {
            return Ok(Taken::Lost);
        }
        self.run().args(["image", "tag", was, name]).ok().await?;
        Ok(Taken::Restored)
    }

    /// Every image that opsctl built and the engine still has: name (or ID, where the name went to a newer
    /// one) and ID.
    pub async fn built(&self) -> Result<Vec<(String, String)>> {
        let output = self
            .run()
            .args(["image", "ls", "--no-trunc", "--filter", &format!("label={LABEL}")])
            .args(["--format", "{{.Repository}}:{{.Tag}} {{.ID}}"])
            .any()
            .await?;
        engine_answers(&output)?;
        let line = |l: &str| {
            let (name, id) = l.split_once(' ')?;
            let name = if name.contains("<none>") { id } else { name };
            Some((name.to_owned(), id.to_owned()))
        };
        Ok(output.stdout.lines().filter_map(line).collect())
    }

    /// The digest of the image's configuration, which the nodes call its ID.
    ///
    /// In the containerd store only the archive tells it; what is found is kept, for it can never change.
    pub async fn config_digest(&self, name: &str, held: &Held) -> Result<String> {
        if held.is_classic() {
            return Ok(held.id.clone());
        }
        let known = self.cache.join(format!("{}.config", held.id.replace(':', "-")));
        if let Ok(text) = std::fs::read_to_string(&known)
            && text.trim().starts_with("sha256:")
        {
            return Ok(text.trim().to_owned());
        }
        let manifest = Run::new("tar").args(["-xOf", "-", "manifest.json"]);
        let save = self.save(&[(name, held)]).await?;
        let said = crate::exec::fan_out(&save, &[manifest]).await?;
        let text = said.first().map(|o| o.stdout.as_str()).unwrap_or_default();
        let config = config_of(text, name)?;
        write_whole(&known, config.as_bytes())?;
        Ok(config)
    }

    /// Begins an image's archive; nothing is changed by that.
    pub async fn archive(&self, name: &str, held: &Held) -> Result<Producer> {
        Producer::begin(self.save(&[(name, held)]).await?)
    }

    /// The command that writes these images as one archive to its standard output.
    pub(super) async fn save(&self, images: &[(&str, &Held)]) -> Result<Run> {
        let mut run = self.run().arg("save");
        // A store of several platforms may hold parts of others: only the one that runs here is wanted.
        if let Some((_, held)) = images.first()
            && images.iter().any(|(_, h)| !h.is_classic())
            && self.saves_by_platform().await?
        {
            run = run.arg("--platform").arg(format!("{}/{}", held.os, held.architecture));
        }
        Ok(run.args(images.iter().map(|(name, _)| name)))
    }

    /// `docker save --platform` came with version 1.48 of the API, for which client and engine must agree.
    async fn saves_by_platform(&self) -> Result<bool> {
        let output = self.run().args(["version", "--format", "{{.Client.APIVersion}}"]).any().await?;
        engine_answers(&output)?;
        let version = output.stdout.trim();
        let parsed = version.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        Ok(parsed.is_some_and(|v: (u32, u32)| v >= (1, 48)))
    }
}

/// The images in the answer of `docker image inspect`, put in the order of the names asked for.
pub(super) fn inspected(names: &[&str], output: &Output) -> Result<Vec<Option<Held>>> {
    if !output.ok() && !says_absent(&output.stderr) {
        engine_answers(output)?;
    }
    // Absent ones are left out of the list, so each is found again by its name or ID.
    let text = output.stdout.trim();
    let found: Vec<Held> = if text.is_empty() {
        Vec::new()
    } else {
        serde_json::from_str(text).context("docker image inspect: not the JSON that was expected")?
    };
    let of = |name: &&str| {
        let full = reference(name);
        found
            .iter()
            .find(|h| h.id == *name || h.repo_tags.iter().flatten().any(|tag| reference(tag) == full))
            .cloned()
    };
    Ok(names.iter().map(of).collect())
}

fn says_absent(stderr: &str) -> bool {
    stderr.to_ascii_lowercase().contains("no such image")
}

/// A client that gave no answer because no engine gave it one is a missing prerequisite.
fn engine_answers(output: &Output) -> Result<()> {
    if output.ok() {
        return Ok(());
    }
    let words = output.last_words(3);
    let lower = words.to_ascii_lowercase();
    if lower.contains("cannot connect") || lower.contains("is the docker daemon running") {
        return Err(problem!(Missing, "the Docker engine does not answer")
            .found(words)
            .next(opsctl("check --fix"))
            .into());
    }
    Err(problem!(Docker, "docker refused").found(words).next(shell("docker info")).into())
}

/// The configuration's digest in an archive's `manifest.json`: `<hex>.json` from older engines,
/// `blobs/sha256/<hex>` from newer ones.
fn config_of(manifest: &str, name: &str) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        config: String,
    }
    let entries: Vec<Entry> =
        serde_json::from_str(manifest).with_context(|| format!("docker save {name}: its manifest.json"))?;
    let hex = entries.first().map(|e| {
        let file = e.config.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".json").unwrap_or(file)
    });
    match hex {
        Some(hex) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(digest(hex)),
        _ => Err(problem!(Image, "docker save {name} does not name the image's configuration")
            .found(manifest.chars().take(200).collect::<String>())
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::error::{Class, Problem, class_of};
    use crate::image::fake::Fake;

    fn recipe(dockerfile: &'static str) -> Recipe {
        Recipe::new("opsctl/a:1", &[("Dockerfile", dockerfile.as_bytes())])
    }

    async fn build(fake: &Fake, recipe: &Recipe) -> (Result<Built>, Vec<String>, Vec<String>) {
        let (bases, heard) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let base = async |name: &str| {
            bases.borrow_mut().push(name.to_owned());
            Ok((name == "alpine:3.10").then(|| "debian:bullseye-slim".to_owned()))
        };
        let built = fake.docker().build(recipe, base, |l| heard.borrow_mut().push(l.to_owned())).await;
        (built, bases.into_inner(), heard.into_inner())
    }

    #[tokio::test]
    async fn an_image_is_built_once_for_each_recipe() {
        let fake = Fake::new();
        let one = recipe("FROM debian:trixie-slim\n");
        let (first, bases, heard) = build(&fake, &one).await;
        let first = first.unwrap();
        assert!(first.rebuilt && first.was.is_none());
        assert_eq!(bases, ["debian:trixie-slim"]);
        assert_eq!(heard, ["Step 1/1"]);
        let context = std::fs::read(fake.path("context.tar")).unwrap();
        assert_eq!(context, one.context().unwrap());

        let (again, bases, _) = build(&fake, &one).await;
        assert_eq!(again.unwrap(), Built { rebuilt: false, ..first.clone() });
        assert!(bases.is_empty());

        let (changed, ..) = build(&fake, &recipe("FROM debian:trixie-slim\nUSER 1\n")).await;
        let changed = changed.unwrap();
        assert!(changed.rebuilt);
        assert_eq!(changed.was, Some(first.held.id));
    }

    #[tokio::test]
    async fn another_base_is_handed_to_the_dockerfile() {
        let fake = Fake::new();
        let named = recipe("ARG BASE=alpine:3.10\nFROM ${BASE}\n");
        build(&fake, &named).await.0.unwrap();
        build(&fake, &recipe("ARG BASE=debian:trixie-slim\nFROM ${BASE}\n")).await.0.unwrap();
        let calls = fake.calls();
        let builds: Vec<_> = calls.iter().filter(|call| call.starts_with("build")).collect();
        assert!(builds[0].contains("--build-arg BASE=debian:bullseye-slim"), "{builds:?}");
        assert!(!builds[1].contains("--build-arg"), "{builds:?}");
    }

    #[tokio::test]
    async fn a_build_that_fails_says_dockers_last_words() {
        let fake = Fake::new();
        std::fs::write(fake.path("broken"), "").unwrap();
        let error = build(&fake, &recipe("FROM scratch\n")).await.0.unwrap_err();
        let problem = error.chain().find_map(|e| e.downcast_ref::<Problem>()).unwrap();
        // Its own words on both streams: a builder tells the reason on stdout.
        assert!(problem.found.iter().any(|l| l == "no space left"), "{problem:?}");
        assert!(problem.found.iter().any(|l| l == "Step 1/1"), "{problem:?}");
        assert_eq!(class_of(&error), Class::Failure);
    }

    #[tokio::test]
    async fn a_base_that_cannot_be_had_stops_the_build_before_docker_runs() {
        let fake = Fake::new();
        let none = async |_: &str| anyhow::bail!("no registry");
        let error =
            fake.docker().build(&recipe("FROM debian:trixie-slim\n"), none, |_| {}).await.unwrap_err();
        assert!(error.to_string().contains("debian:trixie-slim, which opsctl/a:1 is built from"), "{error}");
        assert!(!fake.calls().iter().any(|c| c.starts_with("build")));
    }

    #[tokio::test]
    async fn removing_takes_only_what_was_built_and_puts_the_former_image_back() {
        let fake = Fake::new();
        let docker = fake.docker();
        let (ours, other) = ("a".repeat(64), "b".repeat(64));
        let id = format!("sha256:{ours}");
        assert_eq!(docker.remove_built("opsctl/a:1", &id, None).await.unwrap(), Taken::Absent);

        fake.host("opsctl/a:1", &other);
        let taken = docker.remove_built("opsctl/a:1", &id, None).await.unwrap();
        assert_eq!(taken, Taken::Foreign(format!("sha256:{other}")));

        fake.host("opsctl/a:1", &ours);
        assert_eq!(docker.remove_built("opsctl/a:1", &id, None).await.unwrap(), Taken::Removed);
        assert!(docker.image("opsctl/a:1").await.unwrap().is_none());

        fake.host("opsctl/a:1", &ours);
        let was = format!("sha256:{other}");
        assert_eq!(docker.remove_built("opsctl/a:1", &id, Some(&was)).await.unwrap(), Taken::Lost);

        fake.host("opsctl/a:1", &ours);
        fake.host("former", &other);
        assert_eq!(docker.remove_built("opsctl/a:1", &id, Some(&was)).await.unwrap(), Taken::Restored);
        assert!(fake.calls().iter().any(|c| *c == format!("image tag {was} opsctl/a:1")));
    }

    /// What an engine with the containerd store answers.
    fn described(id: &str) -> String {
        format!(
            r#"{{"Id":"sha256:{id}","RepoTags":["opsctl/a:1"],"Size":7,"Os":"linux","Architecture":"amd64",
                "Created":"2026-01-01T00:00:00Z","RootFS":{{"Type":"layers","Layers":["sha256:11"]}},
                "Descriptor":{{"digest":"sha256:{id}"}},"GraphDriver":{{"Data":null,"Name":"overlayfs"}}}}"#
        )
    }

    fn archive(config: &str) -> Vec<u8> {
        let json = format!(r#"[{{"Config":"{config}","RepoTags":["opsctl/a:1"],"Layers":[]}}]"#);
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(json.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, "manifest.json", json.as_bytes()).unwrap();
        tar.into_inner().unwrap()
    }

    #[tokio::test]
    async fn in_the_containerd_store_the_archive_tells_the_configuration_once() {
        let fake = Fake::new();
        let (manifest, config) = ("d".repeat(64), "e".repeat(64));
        fake.described("opsctl/a:1", &described(&manifest));
        std::fs::write(fake.path("version"), "1.48\n").unwrap();
        std::fs::write(fake.path("archive.tar"), archive(&format!("blobs/sha256/{config}"))).unwrap();
        let docker = fake.docker();
        let held = docker.image("opsctl/a:1").await.unwrap().unwrap();
        for _ in 0..2 {
            let found = docker.config_digest("opsctl/a:1", &held).await.unwrap();
            assert_eq!(found, format!("sha256:{config}"));
        }
        let saves: Vec<_> = fake.calls().into_iter().filter(|c| c.starts_with("save")).collect();
        assert_eq!(saves, ["save --platform linux/amd64 opsctl/a:1"]);
    }

    #[tokio::test]
    async fn an_older_engine_is_not_asked_for_a_platform() {
        let fake = Fake::new();
        fake.described("opsctl/a:1", &described(&"d".repeat(64)));
        std::fs::write(fake.path("version"), "1.47\n").unwrap();
        let docker = fake.docker();
        let held = docker.image("opsctl/a:1").await.unwrap().unwrap();
        let save = docker.save(&[("opsctl/a:1", &held)]).await.unwrap();
        assert!(save.line().ends_with("save opsctl/a:1"), "{}", save.line());
    }

    #[test]
    fn the_configuration_is_found_in_both_forms_of_the_archive_and_nothing_else_passes() {
        let hex = "e".repeat(64);
        for config in [format!("{hex}.json"), format!("blobs/sha256/{hex}")] {
            let json = format!(r#"[{{"Config":"{config}"}}]"#);
            assert_eq!(config_of(&json, "a").unwrap(), format!("sha256:{hex}"));
        }
        for bad in ["", "[]", r#"[{"Config":"short.json"}]"#, "{}"] {
            assert!(config_of(bad, "a").is_err(), "{bad}");
        }
    }

    #[test]
    fn engines_with_different_stores_are_compared_by_content() {
        let read = |json: &str| serde_json::from_str::<Held>(json).unwrap();
        let modern = read(&described(&"d".repeat(64)));
        let classic = |created: &str, layer: &str| {
            read(&format!(
                r#"{{"Id":"sha256:00","Created":"{created}","RootFS":{{"Layers":["{layer}"]}},
                    "GraphDriver":{{"Name":"overlay2"}}}}"#
            ))
        };
        assert!(classic("2026-01-01T00:00:00Z", "sha256:11").same_as(&modern));
        assert!(!classic("2026-01-01T00:00:01Z", "sha256:11").same_as(&modern));
        assert!(!classic("2026-01-01T00:00:00Z", "sha256:12").same_as(&modern));
        // Within one store the ID alone decides.
        let again = Held { id: "sha256:01".into(), ..classic("2026-01-01T00:00:00Z", "sha256:11") };
        assert!(!again.same_as(&classic("2026-01-01T00:00:00Z", "sha256:11")));
    }
}
