//! The tarball that minikube unpacks into a node's `/var`: images in containerd's own form, and the programs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::image;
use super::part::Part;
use super::recipe::{KUBERNETES, NET_FILES, NODE_IMAGE, images, tarball};
use super::stamp::Placed;
use crate::context::Context;
use crate::exec::fan_out;
use crate::fs::remove_if_there;
use crate::host::{self, docker};
use crate::ui::Row;

/// The container that fills the tarball, and the image that two of the images stand on.
pub const CONTAINER: &str = "opsctl-preload";
/// What kube-proxy and podroutes stand on.
pub const NET_IMAGE: &str = "opsctl/net:1";

/// The programs that minikube puts on every node.
pub const NODE_PROGRAMS: &[&str] = &["kubeadm", "kubelet", "kubectl"];

/// Makes the tarball at `target`. Nothing else needs the images, so they do not stay in Docker.
pub async fn make(cx: &Context, bin: &Path, target: &Path, row: &Row) -> Result<()> {
    let made = async {
        build_images(cx, bin, row).await?;
        fill(cx, bin, target, row).await
    }
    .await;
    let cleaned = clean().await;
    made.and(cleaned)
}

/// Removes the container with its volume, and the images that only the tarball needs.
pub async fn clean() -> Result<()> {
    docker::run(["rm", "--force", "--volumes", CONTAINER]).any().await?;
    for image in images() {
        image::untag(&image.local()).await?;
    }
    image::untag(NET_IMAGE).await?;
    Ok(())
}

async fn build_images(cx: &Context, bin: &Path, row: &Row) -> Result<()> {
    image::node_base(cx, row).await?;
    let part = Part::new(cx, "net")?;
    image::context(part.path(), NET_FILES, &[])?;
    image::build(NET_IMAGE, part.path(), row).await?;
    for image in images() {
        row.doing(format!("image {}", image.tag));
        let part = Part::new(cx, image.program)?;
        image::context(part.path(), &[], &[&bin.join(image.program)])?;
        std::fs::write(part.path().join("Dockerfile"), image.dockerfile(NET_IMAGE))?;
        image::build(&image.local(), part.path(), row).await?;
    }
    Ok(())
}

async fn fill(cx: &Context, bin: &Path, target: &Path, row: &Row) -> Result<()> {
    row.doing("starting containerd");
    docker::run(["rm", "--force", "--volumes", CONTAINER]).any().await?;
    // A volume of no name goes with the container. /var must not be an overlay: containerd makes its own there.
    docker::run(["run", "--detach", "--privileged", "--name", CONTAINER, "--network", "none"])
        .args(["--volume", "/var", "--tmpfs", "/run", "--tmpfs", "/tmp:exec", "--entrypoint", "/bin/sh"])
        .args([NODE_IMAGE, "-c", "containerd & sleep infinity"])
        .ok()
        .await
        .context("starting a node to fill the preload")?;
    inside("timeout 60 sh -c 'until ctr version; do sleep 0.2; done' >/dev/null 2>&1").await?;

    row.doing("importing the images");
    let save = docker::run(["save"]).args(images().iter().map(super::recipe::Image::local));
    let import = docker::run(["exec", "-i", CONTAINER, "ctr", "-n", "k8s.io", "images", "import", "-"]);
    fan_out(&save, &[import]).await.context("importing the images")?;
    // Only here do they get the names by which kubeadm and minikube ask for them: in Docker those may be taken.
    for image in images() {
        let local = format!("docker.io/{}", image.local());
        inside(&format!("ctr -n k8s.io images tag {local} {} && ctr -n k8s.io images rm {local}", image.tag))
            .await
            .with_context(|| format!("naming {}", image.tag))?;
    }

    row.doing("adding kubeadm, kubelet, kubectl");
    let folder = format!("/var/lib/minikube/binaries/v{KUBERNETES}");
    inside(&format!("mkdir -p {folder}")).await?;
    for program in NODE_PROGRAMS {
        docker::run(["cp"])
            .arg(bin.join(program))
            .arg(format!("{CONTAINER}:{folder}/{program}"))
            .ok()
            .await?;
    }

    row.doing("packing");
    // Its database is whole only once containerd has ended.
    inside(
        "pkill -x containerd && timeout 60 sh -c 'while pgrep -x containerd; do sleep 0.1; done' >/dev/null
         cd /var && chown -R 0:0 lib/minikube && chmod 0755 lib/minikube/binaries/*/*
         tar --xattrs --numeric-owner -c lib/containerd lib/minikube | lz4 -1 -q > /var/preload.tar.lz4",
    )
    .await?;
    let part = Part::new(cx, "preload")?;
    let file = part.path().join(tarball());
    docker::run(["cp", &format!("{CONTAINER}:/var/preload.tar.lz4")]).arg(&file).ok().await?;
    super::rename(&file, target)
}

async fn inside(script: &str) -> Result<String> {
    let run = docker::run(["exec", CONTAINER, "sh", "-euc", script]).timeout(Duration::from_mins(5));
    Ok(run.ok().await?.stdout)
}

/// Where minikube looks for the tarball and the programs, and where the bundle has them.
fn places(cx: &Context, bundle: &Path) -> Vec<(std::path::PathBuf, std::path::PathBuf)> {
    let cache = cx.paths.minikube.join("cache");
    let programs = cache.join("linux").join(host::arch()).join(format!("v{KUBERNETES}"));
    let mut list = vec![(bundle.join(tarball()), cache.join("preloaded-tarball").join(tarball()))];
    for program in NODE_PROGRAMS {
        list.push((bundle.join("bin").join(program), programs.join(program)));
    }
    list
}

/// Whether minikube finds the bundle's files.
pub fn is_placed(cx: &Context, bundle: &Path) -> bool {
    places(cx, bundle).iter().all(|(from, to)| same(from, to))
}

/// Puts the files where minikube finds them, as links where they can be. What is there and not ours is set
/// aside, and comes back when the bundle is removed.
pub fn place(cx: &Context, bundle: &Path, known: &[Placed]) -> Result<Vec<Placed>> {
    let mut placed = known.to_vec();
    for (from, to) in places(cx, bundle) {
        let name = to.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let other = to.with_file_name(format!("{name}.before-opsctl"));
        let ours = placed.iter().any(|p| p.path == to) || other.exists();
        if !same(&from, &to) {
            let folder = to.parent().context("a cached file has a folder")?;
            std::fs::create_dir_all(folder)
                .with_context(|| format!("could not create {}", folder.display()))?;
            if to.exists() && !ours {
                super::rename(&to, &other)?;
            }
            let part = folder.join(format!(".{name}.opsctl-part"));
            super::link_or_copy(&from, &part)?;
            super::rename(&part, &to)?;
        }
        if !placed.iter().any(|p| p.path == to) {
            // Found by its name, not remembered: an earlier run may have died after it was set aside.
            placed.push(Placed { path: to, aside: other.exists().then_some(other) });
        }
    }
    Ok(placed)
}

/// Takes them away again, and puts back what was set aside. Folders that are left empty go too.
pub fn displace(cx: &Context, placed: &[Placed]) -> Result<()> {
    for file in placed {
        if file.aside.as_ref().is_some_and(|aside| !aside.exists()) {
            // Taken back already: what is there now is what was there before.
            continue;
        }
        remove_if_there(&file.path)?;
        if let Some(aside) = &file.aside {
            super::rename(aside, &file.path)?;
        }
        let mut folder = file.path.parent();
        while let Some(dir) = folder.filter(|d| d.starts_with(cx.paths.minikube.join("cache"))) {
            // Fails where something is left in it, which is meant.
            if std::fs::remove_dir(dir).is_err() {
                break;
            }
            folder = dir.parent();
        }
    }
    Ok(())
}

/// The same file, or a copy of it: a copy keeps length and time.
fn same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (std::fs::metadata(a), std::fs::metadata(b)) {
        (Ok(a), Ok(b)) => {
            (a.dev(), a.ino()) == (b.dev(), b.ino()) || (a.len(), a.mtime()) == (b.len(), b.mtime())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Paths, Target};
    use crate::ui::{Options, Ui};

    fn context(dir: &Path) -> Context {
        let paths = Paths::below(dir);
        Context::new(Ui::new(Options::default()), paths, Target::Profile("x".into()), Duration::from_secs(1))
    }

    #[test]
    fn what_minikube_had_in_its_cache_comes_back_when_ours_goes() {
        let dir = tempfile::tempdir().unwrap();
        let cx = context(dir.path());
        let bundle = cx.paths.bundle();
        std::fs::create_dir_all(bundle.join("bin")).unwrap();
        for (from, _) in places(&cx, &bundle) {
            std::fs::write(from, "ours").unwrap();
        }
        let (_, first) = places(&cx, &bundle).remove(0);
        std::fs::create_dir_all(first.parent().unwrap()).unwrap();
        std::fs::write(&first, "the user's").unwrap();

        assert!(!is_placed(&cx, &bundle));
        let placed = place(&cx, &bundle, &[]).unwrap();
        assert!(is_placed(&cx, &bundle));
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "ours");
        // A second time changes nothing and forgets nothing.
        assert_eq!(place(&cx, &bundle, &placed).unwrap(), placed);

        displace(&cx, &placed).unwrap();
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "the user's");
        assert!(!cx.paths.minikube.join("cache/linux").exists());
        displace(&cx, &placed).unwrap();
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "the user's");
    }

    #[test]
    fn a_newer_build_replaces_the_older_link() {
        let dir = tempfile::tempdir().unwrap();
        let cx = context(dir.path());
        let bundle = cx.paths.bundle();
        std::fs::create_dir_all(bundle.join("bin")).unwrap();
        for (from, _) in places(&cx, &bundle) {
            std::fs::write(from, "one").unwrap();
        }
        let placed = place(&cx, &bundle, &[]).unwrap();
        let (from, to) = places(&cx, &bundle).remove(1);
        std::fs::remove_file(&from).unwrap();
        std::fs::write(&from, "two and more").unwrap();
        assert!(!is_placed(&cx, &bundle));
        assert_eq!(place(&cx, &bundle, &placed).unwrap(), placed);
        assert_eq!(std::fs::read_to_string(to).unwrap(), "two and more");
    }
}
