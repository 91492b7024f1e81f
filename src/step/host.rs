//! Changes of this machine: packages, the Docker daemon, a link to kubectl. `uninstall` takes them back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::{Access, access};
use serde::{Deserialize, Serialize};

use super::nature::Nature;
use super::{Act, COUNTING, Change, Look, Probe, Seen, Taken};
use crate::bundle;
use crate::context::{Context, Paths, variable};
use crate::exec::Run;
use crate::fs::{create_folder, give_all_to_owner_of, owned_by_another, size_of};
use crate::host::{daemon, docker, packages};
use crate::ui::Row;

/// Folders that Docker fills: removed with the packages, if they were not there before.
const FOLDERS: &[&str] = &["/var/lib/docker", "/var/lib/containerd"];

/// The package whose daemon fills them.
pub const DOCKER: &str = "docker.io";

/// Packages of the distribution.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    names: Vec<String>,
}

/// What was there before the packages.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackagesBefore {
    /// Of the folders that the packages' programs fill, those that were there.
    folders: Vec<String>,
    /// Of the packages that were asked for, those that were installed.
    #[serde(default)]
    installed: Vec<String>,
}

/// What came with the packages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackagesMade {
    /// Every package that is new, dependencies included.
    new: Vec<String>,
}

impl PackagesBefore {
    /// The folders that go with these packages: Docker's with Docker alone, whoever else has filled them since.
    fn new_folders(&self, names: &[String]) -> impl Iterator<Item = &'static str> {
        let docker = names.iter().any(|name| name == DOCKER);
        FOLDERS.iter().copied().filter(move |f| docker && !self.folders.iter().any(|b| b == f))
    }
}

impl Packages {
    /// Packages by name.
    pub fn new(names: &[&str]) -> Self {
        Self { names: names.iter().map(|n| (*n).to_owned()).collect() }
    }

    /// What its undo purges. Cut short while installing: just what was asked for and was missing.
    fn goes(&self, before: &PackagesBefore, made: Option<&PackagesMade>) -> Vec<String> {
        made.map_or_else(|| self.missing(before), |made| made.new.clone())
    }

    /// Those that were asked for and not there: what an installation that was cut short may have brought.
    fn missing(&self, before: &PackagesBefore) -> Vec<String> {
        self.names.iter().filter(|n| !before.installed.contains(n)).cloned().collect()
    }
}

impl Change for Packages {
    type Before = PackagesBefore;
    type Made = PackagesMade;
    type Kept = ();

    fn key(&self) -> String {
        format!("packages/{}", self.names.join("+"))
    }

    fn title(&self) -> String {
        format!("packages {}", self.names.join(" "))
    }

    fn command(&self) -> String {
        format!("apt-get install {}", self.names.join(" "))
    }

    fn nature(&self) -> Nature {
        Nature::of_host()
    }

    fn removes(&self, _: &PackagesBefore) -> bool {
        true
    }

    async fn takes(
        &self,
        _: &Context,
        before: &PackagesBefore,
        made: Option<&PackagesMade>,
    ) -> Result<Vec<Taken>> {
        let names = self.goes(before, made);
        let there = packages::there(&names).await?;
        let mut taken = Vec::new();
        if !there.is_empty() {
            packages::goes_alone(&there).await?;
            let what = format!("packages {}, purged with their configuration", there.join(" "));
            taken.push(Taken { what, by_root: true, ..Taken::default() });
        }
        for folder in before.new_folders(&names).filter(|folder| Path::new(folder).exists()) {
            let what = format!("{folder}, with all images, containers and volumes in it, whoever made them");
            taken.push(Taken { what, size: size_of(Path::new(folder), COUNTING), by_root: true });
        }
        Ok(taken)
    }

    async fn probe(&self, _: &Context, _: &mut Look) -> Result<Probe<PackagesBefore>> {
        if let Err(problem) = packages::possible() {
            return Ok(Probe::Foreign(problem));
        }
        let there = packages::installed().await?;
        if self.names.iter().all(|n| there.contains(n)) {
            return Ok(Probe::Same);
        }
        let folders = FOLDERS.iter().filter(|f| Path::new(f).exists()).map(|f| (*f).to_owned());
        let installed = self.names.iter().filter(|n| there.contains(*n)).cloned();
        Ok(Probe::Absent(PackagesBefore { folders: folders.collect(), installed: installed.collect() }))
    }

    async fn up(
        &self,
        _: &Context,
        act: Act<'_>,
        before: &PackagesBefore,
        _: Option<&()>,
        _: Seen,
    ) -> Result<PackagesMade> {
        let mut new = packages::install(&self.names, act.row).await?;
        // A try that failed may have brought some of them already.
        new.extend(self.missing(before));
        new.sort();
        new.dedup();
        Ok(PackagesMade { new })
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("installed".into())
    }

    async fn down(
        &self,
        _: &Context,
        act: Act<'_>,
        before: &PackagesBefore,
        made: Option<&PackagesMade>,
    ) -> Result<(String, ())> {
        let names = self.goes(before, made);
        let removed = packages::remove(&names, act.row).await?;
        for folder in before.new_folders(&names) {
            // A daemon that was killed leaves its folder mounted on itself.
            let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
            for point in mounted(&mounts, folder) {
                Run::new("umount").arg(point).ok().await?;
            }
            match std::fs::remove_dir_all(folder) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(e).with_context(|| format!("could not remove {folder}"));
                }
                _ => {}
            }
        }
        Ok((format!("{removed} packages removed"), ()))
    }
}

/// The mount points at and below a folder, the last one first, of a table such as `/proc/self/mounts`.
fn mounted<'a>(mounts: &'a str, folder: &str) -> Vec<&'a str> {
    let inside = |point: &&str| {
        point.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut points: Vec<_> =
        mounts.lines().filter_map(|line| line.split(' ').nth(1)).filter(inside).collect();
    points.reverse();
    points
}

/// The Docker daemon, running.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daemon {}

/// How it was started.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaemonMade {
    started: daemon::Started,
}

impl Change for Daemon {
    type Before = ();
    type Made = DaemonMade;
    type Kept = ();

    fn key(&self) -> String {
        "docker daemon".into()
    }

    fn title(&self) -> String {
        "Docker daemon".into()
    }

    fn command(&self) -> String {
        if daemon::has_systemd() {
            "systemctl start docker".into()
        } else {
            "dockerd &  # there is no init system".into()
        }
    }

    fn nature(&self) -> Nature {
        Nature::of_host()
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn takes(&self, _: &Context, (): &(), made: Option<&DaemonMade>) -> Result<Vec<Taken>> {
        let Some(made) = made else { return Ok(Vec::new()) };
        let what = format!("the Docker daemon, stopped with all containers: {}", made.started);
        Ok(vec![Taken { what, by_root: true, ..Taken::default() }])
    }

    async fn probe(&self, _: &Context, _: &mut Look) -> Result<Probe<()>> {
        Ok(if docker::answers().await { Probe::Same } else { Probe::Absent(()) })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&()>, _: Seen) -> Result<DaemonMade> {
        let shim = if !daemon::has_systemd() && daemon::lacks_capabilities() {
            act.row.doing("this machine lacks a capability: building the shim in front of runc");
            Some(bundle::capability_shim(cx).await?)
        } else {
            None
        };
        Ok(DaemonMade {
            started: daemon::start(&cx.paths.state.join("logs"), shim.as_deref(), act.row).await?,
        })
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        match docker::probe().await? {
            docker::Docker::Running(info) => Ok(format!("engine {} answers", info.version)),
            _ => Ok("does not answer".into()),
        }
    }

    async fn down(
        &self,
        _: &Context,
        _: Act<'_>,
        (): &(),
        made: Option<&DaemonMade>,
    ) -> Result<(String, ())> {
        let Some(made) = made else {
            return Ok(("not known to be started by opsctl; left alone".into(), ()));
        };
        daemon::stop(&made.started).await?;
        Ok(("stopped".into(), ()))
    }
}

/// The bundle's kubectl on PATH.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubectl {
    link: PathBuf,
}

impl Kubectl {
    /// A link at this path.
    pub fn new(link: PathBuf) -> Self {
        Self { link }
    }

    /// Where the link stands, else where it can: among what everybody has, or among the user's own. What root does
    /// for somebody leads into that person's home, where nobody else may look: it is that person's own.
    pub fn place(paths: &Paths) -> PathBuf {
        if owned_by_another(&paths.home) {
            return Self::own(paths);
        }
        Self::place_in(Path::new("/usr/local/bin"), paths)
    }

    fn own(paths: &Paths) -> PathBuf {
        paths.home.join(".local/bin").join("kubectl")
    }

    fn place_in(shared: &Path, paths: &Paths) -> PathBuf {
        let own = Self::own(paths);
        let everybodys = shared.join("kubectl");
        if let Some(stands) = [&everybodys, &own].into_iter().find(|link| Self::leads(link, paths)) {
            return stands.clone();
        }
        let mine = access(shared, Access::WRITE_OK | Access::EXEC_OK).is_ok();
        if mine && on_path(shared) && !everybodys.exists() { everybodys } else { own }
    }

    /// Whether the link is there and leads to the bundle's, built or not.
    pub fn leads(link: &Path, paths: &Paths) -> bool {
        std::fs::read_link(link).is_ok_and(|target| target == bundled(paths))
    }
}

/// The bundle's kubectl, once that is built.
fn bundled(paths: &Paths) -> PathBuf {
    paths.bundle().join("bin").join("kubectl")
}

/// Whether a shell looks for programs in this folder.
pub fn on_path(folder: &Path) -> bool {
    variable("PATH").is_some_and(|path| std::env::split_paths(&path).any(|entry| entry == folder))
}

impl Change for Kubectl {
    /// Folders above the link that were not there, the deepest first.
    type Before = Vec<PathBuf>;
    type Made = ();
    type Kept = ();

    fn key(&self) -> String {
        format!("link/{}", self.link.display())
    }

    fn title(&self) -> String {
        format!("link {}", self.link.display())
    }

    fn command(&self) -> String {
        format!("ln -s <bundle>/bin/kubectl {}", self.link.display())
    }

    fn nature(&self) -> Nature {
        Nature::of_host()
    }

    fn removes(&self, _: &Vec<PathBuf>) -> bool {
        true
    }

    async fn takes(&self, _: &Context, _: &Vec<PathBuf>, _: Option<&()>) -> Result<Vec<Taken>> {
        let what = format!("the link {}, if it still leads to the bundle", self.link.display());
        Ok(vec![Taken { what, ..Taken::default() }])
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<Vec<PathBuf>>> {
        if self.link.exists() || Self::leads(&self.link, &cx.paths) {
            return Ok(Probe::Same);
        }
        let folders = self.link.ancestors().skip(1).take_while(|folder| !folder.exists());
        Ok(Probe::Absent(folders.map(Path::to_path_buf).collect()))
    }

    async fn up(&self, cx: &Context, _: Act<'_>, _: &Vec<PathBuf>, _: Option<&()>, _: Seen) -> Result<()> {
        let target = bundled(&cx.paths);
        let folder = self.link.parent().unwrap_or(Path::new("/"));
        create_folder(folder)?;
        if Self::leads(&self.link, &cx.paths) || self.link.exists() {
            return Ok(()); // since the look, or since an earlier try, somebody has put one there
        }
        let _ = std::fs::remove_file(&self.link); // a link to nowhere
        std::os::unix::fs::symlink(&target, &self.link)
            .and_then(|()| give_all_to_owner_of(folder, &self.link))
            .with_context(|| format!("could not link {} to {}", self.link.display(), target.display()))?;
        Ok(())
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(if bundled(&cx.paths).exists() { "there" } else { "works once `opsctl up` has built the bundle" }
            .into())
    }

    async fn down(
        &self,
        _: &Context,
        _: Act<'_>,
        before: &Vec<PathBuf>,
        _: Option<&()>,
    ) -> Result<(String, ())> {
        match std::fs::read_link(&self.link) {
            Ok(target) if target.ends_with("bundle/bin/kubectl") => {
                std::fs::remove_file(&self.link)
                    .with_context(|| format!("could not remove {}", self.link.display()))?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            _ => return Ok(("not created by opsctl; left alone".into(), ())),
        }
        for folder in before {
            let _ = std::fs::remove_dir(folder); // somebody else's is in it by now, or it goes
        }
        Ok(("removed".into(), ()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kubectl, Packages, PackagesBefore, bundled, mounted};
    use crate::context::Paths;
    use crate::step::testing::World;
    use crate::step::{Change as _, Seen};

    #[tokio::test]
    async fn what_somebody_put_in_the_place_of_the_link_meanwhile_is_left_alone() {
        let w = World::new();
        let row = w.row();
        let link = w.cx.paths.home.join(".local/bin/kubectl");
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        let step = Kubectl::new(link.clone());
        let again = || async {
            step.up(&w.cx, w.act(&row), &Vec::new(), None, Seen::default()).await.unwrap();
            step.down(&w.cx, w.act(&row), &Vec::new(), Some(&())).await.unwrap()
        };
        std::fs::write(&link, "their own").unwrap();
        assert_eq!(again().await.0, "not created by opsctl; left alone");
        assert_eq!(std::fs::read_to_string(&link).unwrap(), "their own");
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
        again().await;
        assert_eq!(std::fs::read_link(&link).unwrap(), std::path::Path::new("/bin/sh"));
        std::fs::remove_file(&link).unwrap();
        assert_eq!(again().await.0, "removed");
        assert!(std::fs::symlink_metadata(&link).is_err());
    }

    #[test]
    fn packages_that_were_there_before_are_none_of_ours_however_the_installation_ended() {
        let packages = Packages::new(&["docker.io", "iptables", "lz4"]);
        let before = PackagesBefore { installed: vec!["iptables".into()], ..PackagesBefore::default() };
        assert_eq!(packages.missing(&before), ["docker.io", "lz4"]);
    }

    #[test]
    fn what_is_mounted_deepest_is_unmounted_first_and_a_neighbour_not_at_all() {
        let table = "/dev/vda / ext4 rw 0 0\n/dev/vda /var/lib/docker ext4 rw 0 0\n\
                     overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0\n\
                     tmpfs /var/lib/docker-else tmpfs rw 0 0\n";
        let points = ["/var/lib/docker/overlay2/x/merged", "/var/lib/docker"];
        assert_eq!(mounted(table, "/var/lib/docker"), points);
    }

    #[test]
    fn dockers_folders_go_only_with_a_docker_that_was_new() {
        let before = PackagesBefore { folders: vec!["/var/lib/docker".into()], ..PackagesBefore::default() };
        let new = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|n| (*n).to_owned()).collect();
            before.new_folders(&names).collect::<Vec<_>>()
        };
        assert_eq!(new(&["docker.io", "containerd"]), ["/var/lib/containerd"]);
        assert!(new(&["gcc", "libc6-dev"]).is_empty());
    }

    #[test]
    fn the_link_goes_where_programs_are_found_and_stays_where_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::below(dir.path());
        let own = paths.home.join(".local/bin/kubectl");
        // Where no shell looks, and where nothing can be written, it is of no use.
        assert_eq!(Kubectl::place_in(dir.path(), &paths), own);
        assert_eq!(Kubectl::place_in(&dir.path().join("none"), &paths), own);
        let link = dir.path().join("kubectl");
        std::os::unix::fs::symlink("/elsewhere/kubectl", &link).unwrap();
        assert!(!Kubectl::leads(&link, &paths));
        assert_eq!(Kubectl::place_in(dir.path(), &paths), own);
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(bundled(&paths), &link).unwrap();
        assert!(Kubectl::leads(&link, &paths), "also before the bundle is built");
        assert_eq!(Kubectl::place_in(dir.path(), &paths), link);
    }
}
