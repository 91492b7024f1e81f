//! A real minikube from package registries alone: Go modules and Debian packages, no download, no container
//! registry. `docs/bundle.md` says what is in it and why.

mod go;
mod image;
mod part;
mod preload;
pub mod recipe;
mod stamp;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::context::{Context, Paths};
use crate::error::{Code, Problem, again, opsctl, problem, shell, sudo_opsctl};
use crate::exec::Run;
use crate::fs::{try_lock, write_whole};
use crate::host::{self, docker};
use crate::interrupt;
use crate::ui::{self, Mark, Row};
pub use image::{base_image, base_or_debian};
use part::Part;
pub use recipe::{KUBERNETES, MINIKUBE, NODE_IMAGE};
use recipe::{PIECES, PODROUTES_YAML, Recipe, Source};
use stamp::Stamp;

/// A bundle that can be used, in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle(pub(crate) PathBuf);

impl Bundle {
    /// A program of the bundle: `minikube`, `kubectl`, `etcd`, `kube-apiserver` …
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }

    /// The pod network, for `--cni`. minikube reads it at every start of a profile: it stays where it is.
    pub fn cni(&self) -> PathBuf {
        self.0.join(PODROUTES_YAML.path)
    }
}

/// Whether a piece is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Made from what this opsctl would make it from.
    Present,
    /// Not made, or gone.
    Missing,
    /// Made from something else.
    Outdated,
}

/// A piece of the bundle, for a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its name.
    pub name: String,
    /// The version of what is in it.
    pub version: String,
    /// Whether it is there.
    pub state: State,
    /// Its size, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its file or folder, or the name of the image.
    pub path: String,
    /// How many days ago it was made, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// Whether it holds packages of Debian's: these are as new as it is, and get no security fix until it is made again.
    pub ages: bool,
    /// How long it takes to make: as it took here, else as measured on two cores with empty caches.
    pub seconds: u64,
}

/// What `remove` took away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Images that are gone from Docker.
    pub images: Vec<String>,
    /// Files that are gone from minikube's cache.
    pub cached: Vec<PathBuf>,
    /// The folder that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Its size.
    pub bytes: u64,
}

/// The bundle, where its stamps say that it is whole and of this version. Reads files only: whether Docker
/// still has the node image is seen by [`status`] and before a cluster is started.
pub fn ready(paths: &Paths) -> Option<Bundle> {
    let dir = paths.bundle();
    let whole = PIECES.iter().all(|piece| by_stamp(&dir, piece) == State::Present);
    whole.then_some(Bundle(dir))
}

/// The installed minikube, else the bundle's.
pub fn minikube(paths: &Paths) -> PathBuf {
    program_or_ours(paths, "minikube")
}

/// The installed kubectl, else the bundle's.
pub fn kubectl(paths: &Paths) -> PathBuf {
    program_or_ours(paths, "kubectl")
}

fn program_or_ours(paths: &Paths, name: &str) -> PathBuf {
    which::which(name).ok().or_else(|| ready(paths).map(|b| b.program(name))).unwrap_or_else(|| name.into())
}

/// Every piece, and whether it is there.
pub async fn status(cx: &Context) -> Result<Vec<Piece>> {
    let dir = cx.paths.bundle();
    let docker = docker::answers().await;
    let mut pieces = Vec::new();
    for recipe in PIECES {
        let state = state(cx, recipe, docker).await?;
        let stamp = Stamp::read(&dir, recipe.name);
        let path = match &recipe.source {
            Source::Go(program) if program.outputs.len() == 1 => {
                dir.join("bin").join(program.outputs[0]).display().to_string()
            }
            Source::Go(_) => dir.join("bin").display().to_string(),
            Source::Node => NODE_IMAGE.to_owned(),
            Source::Preload => dir.join(recipe::tarball()).display().to_string(),
            Source::Cache => cx.paths.minikube.join("cache").display().to_string(),
        };
        pieces.push(Piece {
            name: recipe.name.to_owned(),
            version: recipe.version.to_owned(),
            bytes: stamp.as_ref().filter(|_| state != State::Missing).map(|s| s.bytes),
            days: Stamp::days(&dir, recipe.name).filter(|_| state != State::Missing),
            ages: matches!(recipe.source, Source::Node | Source::Preload),
            state,
            path,
            seconds: stamp.map_or(recipe.usual, |s| s.took_ms / 1000),
        });
    }
    Ok(pieces)
}

/// What the building of the bundle can lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Linux.
    Linux,
    /// Go, or one that is new enough.
    Go,
    /// The C compiler that Go calls, with the C library's headers.
    Compiler,
    /// A Docker that answers.
    Docker,
    /// debootstrap, where no registry has the base image.
    Debootstrap,
    /// Root, who alone can run debootstrap.
    Root,
    /// Room on the disk.
    Room,
}

/// Something that keeps the bundle from being built.
#[derive(Debug)]
pub struct Obstacle {
    /// What is lacking.
    pub lack: Lack,
    /// The same for a person, with the command that mends it.
    pub problem: Problem,
}

impl Obstacle {
    fn new(lack: Lack, problem: Problem) -> Self {
        Self { lack, problem }
    }
}

/// What keeps the bundle from being built, all at once; nothing where it is whole.
pub async fn obstacles(cx: &Context) -> Result<Vec<Obstacle>> {
    let docker = docker::answers().await;
    let mut todo = Vec::new();
    for recipe in PIECES {
        if state(cx, recipe, docker).await? != State::Present {
            todo.push(recipe);
        }
    }
    if todo.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    if std::env::consts::OS != "linux" {
        let problem =
            problem!(Unbuildable, "the bundle can be built on Linux only; elsewhere install minikube");
        found.push(Obstacle::new(Lack::Linux, problem.advice("https://minikube.sigs.k8s.io/docs/start/")));
        return Ok(found);
    }
    let builds = todo.iter().any(|p| matches!(p.source, Source::Go(_)));
    if builds && let Err(error) = go::check().await {
        let problem = error.downcast::<Problem>().or_else(|e| Err(e).context("asking go for its version"))?;
        found.push(Obstacle::new(Lack::Go, problem));
    }
    let links = todo.iter().any(|p| matches!(&p.source, Source::Go(g) if g.cgo));
    if links {
        found.extend(compiler_lacks().await.map(|problem| Obstacle::new(Lack::Compiler, problem)));
    }
    let images = todo.iter().any(|p| matches!(p.source, Source::Node | Source::Preload));
    if images && !docker {
        let problem = problem!(Unbuildable, "Docker builds the bundle's images, and it does not answer");
        found.push(Obstacle::new(Lack::Docker, problem.next(opsctl("check --fix"))));
    }
    if images {
        found.extend(base_lacks(docker).await?);
    }
    // With empty caches: 4 GiB of modules, 5 of Go's build cache, 3 of the bundle's own.
    let needed = if todo.iter().any(|p| p.name == "kubernetes") { 12 } else { 4 };
    if let Some(free) = host::free_bytes(&cx.paths.cache).await.map(|bytes| bytes >> 30)
        && free < needed
    {
        let problem = problem!(
            Unbuildable,
            "building the bundle takes up to {needed} GiB, and {} has {free} GiB free",
            cx.paths.cache.display()
        )
        .next(shell("go clean -cache"))
        .next(shell("XDG_CACHE_HOME=/a/larger/disk opsctl bundle build"));
        found.push(Obstacle::new(Lack::Room, problem));
    }
    Ok(found)
}

/// What the linking of minikube lacks. Packages have the headers apart from the compiler, so it is tried.
async fn compiler_lacks() -> Option<Problem> {
    let said = Run::new("go").args(["env", "CC"]).timeout(Duration::from_secs(10)).text().await;
    let line = said.ok().filter(|cc| !cc.is_empty()).unwrap_or_else(|| "gcc".to_owned());
    let mut words = line.split_whitespace();
    let compiler = words.next().unwrap_or("gcc");
    let lack = if which::which(compiler).is_err() {
        format!("minikube needs a C compiler to be linked, and {compiler} is missing")
    } else {
        let trial = Run::new(compiler)
            .args(words)
            .args(["-fsyntax-only", "-x", "c", "-include", "stdlib.h", "/dev/null"])
            .timeout(Duration::from_secs(20));
        if trial.any().await.is_ok_and(|output| output.ok()) {
            return None;
        }
        format!("minikube needs a C compiler to be linked, and {compiler} finds no headers of the C library")
    };
    Some(Problem::new(Code::Unbuildable, lack).next(shell("apt-get install gcc libc6-dev")))
}

/// What it takes to make the nodes' base image here, where neither Docker nor a registry has it.
async fn base_lacks(docker: bool) -> Result<Vec<Obstacle>> {
    let (tool, root) = (which::which("debootstrap").is_ok(), host::is_root());
    if tool && root {
        return Ok(Vec::new()); // whoever has the image: it can be made
    }
    let tag = format!("debian:{}-slim", recipe::SUITE);
    if docker && image::id(&tag).await?.is_some() {
        return Ok(Vec::new());
    }
    // Before there is a Docker to be asked, the one that it asks by itself.
    let offered = if docker {
        docker::registry_reachable().await
    } else {
        host::net::reachable("index.docker.io").await
    };
    if offered {
        return Ok(Vec::new());
    }
    let what = format!("{tag} is unavailable from the registries, so debootstrap must build it");
    let mut found = Vec::new();
    if !tool {
        let problem = problem!(Unbuildable, "{what}, and it is not installed");
        found.push(Obstacle::new(Lack::Debootstrap, problem.next(shell("apt-get install debootstrap"))));
    }
    if !root {
        let problem = problem!(Unbuildable, "{what}, which only root can do");
        found.push(Obstacle::new(Lack::Root, problem.next(sudo_opsctl("bundle build"))));
    }
    Ok(found)
}

/// The shim in front of runc, built if it is missing: Docker itself needs it on some machines, before
/// anything else of the bundle can be made.
pub async fn capability_shim(cx: &Context) -> Result<PathBuf> {
    let dir = cx.paths.bundle();
    std::fs::create_dir_all(dir.join("bin"))
        .with_context(|| format!("could not create {}", dir.display()))?;
    let _lock = lock(&dir)?;
    go::check().await?;
    for recipe in PIECES.iter().filter(|p| p.name == "helpers") {
        if state(cx, recipe, false).await? != State::Present {
            let row = cx.ui.row(recipe.name, recipe.version);
            let fact = make(cx, recipe, &row).await.with_context(|| format!("building {}", recipe.name))?;
            row.end(Mark::Done, fact);
        }
    }
    Ok(dir.join("bin").join("capshim"))
}

/// Builds what is missing or outdated, piece by piece. May be interrupted at any point and called again: a
/// first Ctrl-C stops it.
pub async fn build(cx: &Context) -> Result<Bundle> {
    let dir = cx.paths.bundle();
    std::fs::create_dir_all(dir.join("bin"))
        .with_context(|| format!("could not create {}", dir.display()))?;
    let _lock = lock(&dir)?;
    match interrupt::resumable(make_missing(cx, &dir)).await {
        Some(made) => made.map(|()| Bundle(dir)),
        None => Err(stopped(&dir).await.into()),
    }
}

/// Clears away what is left of the piece in hand. What is made stays.
async fn stopped(dir: &Path) -> Problem {
    let present = |piece: &Recipe| by_stamp(dir, piece) == State::Present;
    // They are made in their order, so the first that is not there was in hand.
    let in_hand = PIECES.iter().find(|p| !present(p));
    if in_hand.is_some_and(|p| matches!(p.source, Source::Preload)) {
        // Its container would run on. Where Docker is slow, the next build removes it.
        let _ = tokio::time::timeout(Duration::from_secs(5), preload::clean()).await;
    }
    for _ in 0..20 {
        if part::sweep(dir).is_ok() {
            break;
        }
        // A tool that was killed may hold a file or a mount a moment longer. Else the next build sweeps.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let made = PIECES.iter().filter(|p| present(p)).count();
    problem!(
        Interrupted,
        "the build of the bundle was interrupted; {made} of {} pieces are built",
        PIECES.len()
    )
    .next(again().to("resume"))
}

async fn make_missing(cx: &Context, dir: &Path) -> Result<()> {
    let obstacles = obstacles(cx).await?;
    if let Some((first, others)) = obstacles.split_first() {
        let mut all = Problem::new(first.problem.code, first.problem.what.clone());
        for other in others {
            all = all.found(other.problem.what.clone());
        }
        all.next = obstacles.iter().flat_map(|o| o.problem.next.iter().take(1).cloned()).collect();
        all.next.dedup();
        return Err(all.into());
    }
    part::sweep(dir)?;
    let docker = docker::answers().await;
    let mut made = 0;
    for recipe in PIECES {
        if state(cx, recipe, docker).await? == State::Present {
            continue;
        }
        made += 1;
        let usual = ui::human(Duration::from_secs(recipe.usual));
        let row = cx.ui.row(recipe.name, &format!("{}, usually {usual} the first time", recipe.version));
        let fact = make(cx, recipe, &row).await.with_context(|| format!("building {}", recipe.name))?;
        row.end(Mark::Done, fact);
    }
    if made == 0 {
        cx.ui.fact(Mark::Same, "bundle", &format!("minikube {MINIKUBE}, Kubernetes {KUBERNETES}"), None);
    }
    Ok(())
}

/// Makes sure that minikube finds in its cache what the bundle has: `minikube delete --purge` empties it.
pub fn place(cx: &Context) -> Result<()> {
    let dir = cx.paths.bundle();
    let mut stamp = Stamp::read(&dir, "cache").unwrap_or_default();
    stamp.placed = preload::place(cx, &dir, &stamp.placed)?;
    stamp.write(&dir, "cache")
}

/// The files that the bundle put in minikube's cache.
pub fn placed(paths: &Paths) -> Vec<PathBuf> {
    let stamp = Stamp::read(&paths.bundle(), "cache").unwrap_or_default();
    stamp.placed.into_iter().map(|p| p.path).collect()
}

/// Takes the bundle back: its images, what it put in minikube's cache, its folder. Go's caches are the user's
/// and stay. Refused while a node runs on the node image.
pub async fn remove(cx: &Context) -> Result<Removed> {
    let dir = cx.paths.bundle();
    let mut removed = Removed::default();
    if dir.exists() {
        let lock = lock(&dir)?;
        if let docker::Docker::Silent { engine: true, .. } = docker::probe().await? {
            return Err(problem!(
                Missing,
                "Docker does not answer, so nodes created from the bundle may still exist"
            )
            .next(opsctl("check --fix"))
            .into());
        }
        if docker::answers().await {
            let filter = format!("ancestor={NODE_IMAGE}");
            let users =
                docker::run(["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]).text().await?;
            let users: Vec<_> = users.lines().filter(|n| *n != preload::CONTAINER).collect();
            if !users.is_empty() {
                return Err(problem!(
                    InUse,
                    "these nodes were created from the bundle: {}",
                    users.join(", ")
                )
                .next(opsctl("minikube down"))
                .into());
            }
            preload::clean().await?;
            for tag in image::ours().await? {
                image::untag(&tag).await?;
                removed.images.push(tag);
            }
        }
        if let Some(stamp) = Stamp::read(&dir, "cache") {
            preload::displace(cx, &stamp.placed)?;
            removed.cached = stamp.placed.into_iter().map(|p| p.path).collect();
        }
        part::sweep(&dir)?;
        removed.bytes = size_of(&dir);
        std::fs::remove_dir_all(&dir).with_context(|| format!("could not remove {}", dir.display()))?;
        removed.folder = Some(dir);
        drop(lock);
    }
    Ok(removed)
}

fn by_stamp(dir: &Path, recipe: &Recipe) -> State {
    let Some(stamp) = Stamp::read(dir, recipe.name) else { return State::Missing };
    let there = match &recipe.source {
        Source::Go(program) => program.outputs.iter().all(|name| dir.join("bin").join(name).is_file()),
        Source::Node => stamp.image.is_some(),
        Source::Preload => dir.join(recipe::tarball()).is_file(),
        Source::Cache => dir.join(PODROUTES_YAML.path).is_file(),
    };
    match (there, stamp.is_of(recipe)) {
        (false, _) => State::Missing,
        (true, false) => State::Outdated,
        (true, true) => State::Present,
    }
}

/// As the stamp says, and as Docker and minikube's cache say where they can be asked.
async fn state(cx: &Context, recipe: &Recipe, docker: bool) -> Result<State> {
    let dir = cx.paths.bundle();
    let state = by_stamp(&dir, recipe);
    if state != State::Present {
        return Ok(state);
    }
    let kept = match recipe.source {
        Source::Node if docker => {
            let known = Stamp::read(&dir, recipe.name).and_then(|s| s.image);
            image::id(NODE_IMAGE).await? == known
        }
        Source::Cache => preload::is_placed(cx, &dir),
        _ => true,
    };
    Ok(if kept { State::Present } else { State::Missing })
}

/// Makes one piece; its stamp goes first and comes back last.
async fn make(cx: &Context, recipe: &Recipe, row: &Row) -> Result<String> {
    let dir = cx.paths.bundle();
    let bin = dir.join("bin");
    let began = Instant::now();
    let mut stamp = Stamp { recipe: recipe.hash(), version: recipe.version.to_owned(), ..Stamp::default() };
    // What is in minikube's cache stays known, whatever happens now.
    let before = Stamp::read(&dir, recipe.name).unwrap_or_default();
    if !matches!(recipe.source, Source::Cache) {
        Stamp::remove(&dir, recipe.name)?;
    }
    let fact = match &recipe.source {
        Source::Go(program) => {
            let part = Part::new(cx, recipe.name)?;
            let made = go::build(program, &dir.join("src"), part.path(), row).await?;
            for path in &made {
                stamp.bytes += std::fs::metadata(path)?.len();
                rename(path, &bin.join(path.file_name().context("a program has a name")?))?;
            }
            let what = match program.outputs {
                [one] => format!("{one} {}", recipe.version),
                many if recipe.name == "kubernetes" => {
                    format!("{} programs of Kubernetes {}", many.len(), recipe.version)
                }
                many => many.join(", "),
            };
            format!("{what}, {}", ui::bytes(stamp.bytes))
        }
        Source::Node => {
            image::node_base(cx, row).await?;
            let part = Part::new(cx, recipe.name)?;
            image::context(part.path(), recipe::NODE_FILES, &[&bin.join("crictl"), &bin.join("capshim")])?;
            std::fs::write(part.path().join("version.json"), recipe::node_version())?;
            image::build(NODE_IMAGE, part.path(), row).await?;
            stamp.bytes = image::size(NODE_IMAGE).await?;
            stamp.image = image::id(NODE_IMAGE).await?;
            format!("image {NODE_IMAGE}, {}", ui::bytes(stamp.bytes))
        }
        Source::Preload => {
            let file = dir.join(recipe::tarball());
            preload::make(cx, &bin, &file, row).await?;
            stamp.bytes = std::fs::metadata(&file)?.len();
            format!("{} images of a node, {}", recipe::images().len(), ui::bytes(stamp.bytes))
        }
        Source::Cache => {
            write_whole(&dir.join(PODROUTES_YAML.path), PODROUTES_YAML.text.as_bytes())?;
            stamp.placed = preload::place(cx, &dir, &before.placed)?;
            stamp.bytes =
                stamp.placed.iter().filter_map(|p| std::fs::metadata(&p.path).ok()).map(|m| m.len()).sum();
            format!("{} files where minikube looks for them", stamp.placed.len())
        }
    };
    stamp.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    stamp.write(&dir, recipe.name)?;
    Ok(fact)
}

/// Held while something in the folder changes; given back by the kernel when the process ends.
fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let Some(mut file) = try_lock(&path)? else {
        let holder = std::fs::read_to_string(&path).unwrap_or_default();
        let what = format!("another opsctl (process {holder}) is at work on the bundle");
        return Err(Problem::new(Code::Locked, what).next(again().remark("when it has ended")).into());
    };
    let _ = file.set_len(0);
    let _ = file.write_all(std::process::id().to_string().as_bytes());
    Ok(file)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
        .with_context(|| format!("could not rename {} to {}", from.display(), to.display()))
}

/// A second name for a file, or a copy with its time where the file systems differ.
fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    let _ = std::fs::remove_file(to);
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let copy = || -> std::io::Result<()> {
        std::fs::copy(from, to)?;
        let modified = std::fs::metadata(from)?.modified()?;
        File::options().write(true).open(to)?.set_modified(modified)
    };
    copy().with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}

/// Bytes in a folder; what cannot be read counts as nothing.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_of(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(dir: &Path, recipe: &Recipe) {
        let stamp = Stamp { recipe: recipe.hash(), image: Some("sha256:1".into()), ..Stamp::default() };
        stamp.write(dir, recipe.name).unwrap();
        match &recipe.source {
            Source::Go(program) => {
                std::fs::create_dir_all(dir.join("bin")).unwrap();
                for name in program.outputs {
                    std::fs::write(dir.join("bin").join(name), "").unwrap();
                }
            }
            Source::Node => {}
            Source::Preload => std::fs::write(dir.join(recipe::tarball()), "").unwrap(),
            Source::Cache => std::fs::write(dir.join(PODROUTES_YAML.path), "").unwrap(),
        }
    }

    #[test]
    fn a_bundle_is_ready_only_when_every_piece_is_there_and_of_this_version() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::below(dir.path());
        let bundle = paths.bundle();
        assert_eq!(ready(&paths), None);
        for recipe in PIECES {
            assert_eq!(ready(&paths), None, "before {}", recipe.name);
            stamped(&bundle, recipe);
        }
        assert_eq!(ready(&paths), Some(Bundle(paths.bundle())));

        std::fs::remove_file(bundle.join("bin/kubelet")).unwrap();
        assert_eq!(by_stamp(&bundle, recipe::find("kubernetes").unwrap()), State::Missing);
        assert_eq!(ready(&paths), None);

        let etcd = recipe::find("etcd").unwrap();
        Stamp { recipe: "older".into(), ..Stamp::default() }.write(&bundle, "etcd").unwrap();
        assert_eq!(by_stamp(&bundle, etcd), State::Outdated);
    }

    #[test]
    fn the_lock_has_one_holder_and_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path()).unwrap();
        let error = lock(dir.path()).unwrap_err();
        assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
        drop(held);
        lock(dir.path()).unwrap();
    }
}
