//! Which minikube: the installed one when its downloads are to be had, else the bundle's; decided and said
//! before anything is started.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::bundle::{self, Bundle, NODE_IMAGE};
use crate::context::Context;
use crate::error::{again, problem};
use crate::exec::Run;
use crate::host::{self, docker, net};

/// What an installed minikube fetches: its node image, and the images of Kubernetes.
const KICBASE: &str = "gcr.io/k8s-minikube/kicbase";
const PAUSE: &str = "registry.k8s.io/pause";

/// Where the tool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The one on PATH.
    Installed,
    /// The bundle's.
    Bundle,
}

/// Something that a start needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What it is.
    pub what: String,
    /// Whether it is there or can be fetched.
    pub met: bool,
    /// Where it is, or why it is not to be had.
    pub how: String,
}

/// The minikube that is used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The tool.
    pub path: PathBuf,
    /// Where it comes from.
    pub source: Source,
    /// Its version, such as `v1.38.1`; empty where it is not built yet.
    pub version: String,
    /// Why this one, in a few words.
    pub reason: String,
    /// The Kubernetes that it must be told to make; none: its own default.
    pub kubernetes: Option<String>,
    /// Everything that a start needs, whether it is there or not.
    pub needs: Vec<Need>,
    /// The bundle, where it is used and whole.
    pub bundle: Option<Bundle>,
}

impl Choice {
    /// Whether the bundle must be built first.
    pub fn must_build(&self) -> bool {
        self.source == Source::Bundle && self.needs.iter().any(|n| !n.met)
    }

    /// One line for a person: which and why.
    pub fn line(&self) -> String {
        let which = match self.source {
            Source::Installed => format!("installed minikube {}", self.version),
            Source::Bundle => format!("minikube {} from the bundle", self.version),
        };
        format!("{which}: {}", self.reason)
    }
}

/// What was seen of the machine, for the decision.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The minikube on PATH with its version.
    installed: Option<(PathBuf, String)>,
    /// Whether its node image is in Docker.
    kicbase: bool,
    /// A version of Kubernetes whose images and programs are in minikube's cache.
    cached: Option<String>,
    /// Whether both registries answer.
    reachable: bool,
    /// The node image that an existing profile was made from.
    profile_base: Option<String>,
    /// The driver that is asked for.
    driver: String,
}

/// Decides which minikube to use. Looks, never touches; at most some seconds where nothing answers.
pub async fn choose(cx: &Context, driver: &str) -> Result<Choice> {
    let mut seen = Seen { driver: driver.to_owned(), ..Seen::default() };
    seen.profile_base = cx.profile_name().ok().and_then(|name| base_of(&cx.paths.profile(name)));
    let docker = docker::answers().await;
    if let Ok(path) = which::which("minikube") {
        let said =
            Run::new(&path).args(["version", "--short"]).timeout(Duration::from_secs(20)).any().await?;
        seen.installed = Some((path, said.stdout.trim().to_owned()));
        seen.kicbase = docker && has_image(KICBASE).await?;
        seen.cached = cached(&cx.paths.minikube.join("cache"), bundle_tarball(cx).as_deref());
        // The two are asked together; and only where the answer decides something.
        let enough = from_bundle(&seen) || (seen.kicbase && seen.cached.is_some());
        if !enough {
            let (a, b) = tokio::join!(net::reachable(host(KICBASE)), net::reachable(host(PAUSE)));
            seen.reachable = a && b;
        }
    }
    match decide(&seen)? {
        (Source::Installed, reason) => {
            let (path, version) = seen.installed.clone().unwrap_or_default();
            Ok(Choice {
                path,
                source: Source::Installed,
                version,
                reason,
                kubernetes: (!seen.reachable).then(|| seen.cached.clone()).flatten(),
                needs: installed_needs(&seen),
                bundle: None,
            })
        }
        (Source::Bundle, reason) => of_bundle(cx, reason, docker).await,
    }
}

/// The bundle's minikube, and what of it is there. To be asked again after it was built.
pub async fn of_bundle(cx: &Context, reason: String, docker: bool) -> Result<Choice> {
    let ready = bundle::ready(&cx.paths);
    let dir = cx.paths.bundle();
    let mut needs = vec![Need {
        what: "programs and images of the bundle".to_owned(),
        met: ready.is_some(),
        how: if ready.is_some() { dir.display().to_string() } else { "not built, or outdated".to_owned() },
    }];
    let image = docker && has_image(NODE_IMAGE).await?;
    needs.push(Need {
        what: format!("node image {NODE_IMAGE}"),
        met: image,
        how: if image { "in Docker" } else { "not in Docker" }.to_owned(),
    });
    Ok(Choice {
        path: dir.join("bin/minikube"),
        source: Source::Bundle,
        version: format!("v{}", bundle::MINIKUBE),
        reason,
        kubernetes: Some(format!("v{}", bundle::KUBERNETES)),
        needs,
        bundle: ready,
    })
}

/// The node image that the profile was made from, as its own file says.
fn base_of(profile: &Path) -> Option<String> {
    let text = std::fs::read(profile.join("config.json")).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    value.get("KicBaseImage")?.as_str().map(str::to_owned)
}

fn from_bundle(seen: &Seen) -> bool {
    let name = NODE_IMAGE.split(':').next().unwrap_or_default();
    seen.profile_base.as_deref().is_some_and(|base| base.split(':').next() == Some(name))
}

fn decide(seen: &Seen) -> Result<(Source, String)> {
    let said = |source, reason: &str| Ok((source, reason.to_owned()));
    if from_bundle(seen) {
        return bundled(seen, "the profile was created with it");
    }
    let Some((_, version)) = &seen.installed else {
        return bundled(seen, "no minikube is on PATH");
    };
    if seen.profile_base.as_deref().is_some_and(|base| !base.is_empty()) {
        return said(Source::Installed, "the profile was created with it");
    }
    if seen.kicbase
        && let Some(kubernetes) = &seen.cached
    {
        return Ok((Source::Installed, format!("its node image and Kubernetes {kubernetes} are cached")));
    }
    if seen.reachable {
        return said(Source::Installed, "its registries are reachable");
    }
    if seen.driver != "docker" {
        return said(Source::Installed, &format!("the {} driver is requested", seen.driver));
    }
    Ok((
        Source::Bundle,
        format!("{version} is installed, but nothing it needs is cached, and no registry is reachable"),
    ))
}

/// The bundle's node is a container.
fn bundled(seen: &Seen, reason: &str) -> Result<(Source, String)> {
    if seen.driver == "docker" {
        return Ok((Source::Bundle, reason.to_owned()));
    }
    Err(problem!(
        Usage,
        "the bundled minikube ({reason}) supports the docker driver only, not {}",
        seen.driver
    )
    .next(again().with("--driver docker"))
    .into())
}

fn installed_needs(seen: &Seen) -> Vec<Need> {
    let how = |there: bool, place: &str| {
        match (there, seen.reachable) {
            (true, _) => place,
            (false, true) => "will be downloaded",
            (false, false) => "missing, and no registry is reachable",
        }
        .to_owned()
    };
    vec![
        Need {
            what: "node image".to_owned(),
            met: seen.kicbase || seen.reachable,
            how: how(seen.kicbase, "in Docker"),
        },
        Need {
            what: "programs and images of Kubernetes".to_owned(),
            met: seen.cached.is_some() || seen.reachable,
            how: how(seen.cached.is_some(), "in minikube's cache"),
        },
    ]
}

fn host(image: &str) -> &str {
    image.split('/').next().unwrap_or_default()
}

async fn has_image(name: &str) -> Result<bool> {
    let listed = docker::run(["image", "ls", "--quiet", "--filter"]).arg(format!("reference={name}"));
    Ok(!listed.text().await?.is_empty())
}

/// The tarball that the bundle put in the cache: an installed minikube's node image does not go with it.
fn bundle_tarball(cx: &Context) -> Option<String> {
    let placed = bundle::placed(&cx.paths);
    placed.iter().find_map(|p| {
        let name = p.file_name()?.to_str()?;
        name.starts_with("preloaded-images").then(|| name.to_owned())
    })
}

/// A version of Kubernetes of which images and programs are both in minikube's cache, the newest.
fn cached(cache: &Path, except: Option<&str>) -> Option<String> {
    let mut found: Vec<_> = std::fs::read_dir(cache.join("preloaded-tarball"))
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| Some(name.as_str()) != except)
        .filter_map(|name| version_of(&name))
        .filter(|version| {
            let programs = cache.join("linux").join(host::arch()).join(version);
            ["kubeadm", "kubelet", "kubectl"].iter().all(|p| programs.join(p).is_file())
        })
        .collect();
    found.sort_by_key(|v| numbers(v));
    found.pop()
}

/// The Kubernetes version in a tarball's name; minikube's default runtime is Docker.
fn version_of(tarball: &str) -> Option<String> {
    let rest = tarball.strip_prefix("preloaded-images-k8s-")?.strip_suffix(".tar.lz4")?;
    let mut parts = rest.split('-');
    let _format = parts.next()?;
    let version = parts.next()?;
    let runtime = parts.next()?;
    (version.starts_with('v') && runtime == "docker").then(|| version.to_owned())
}

fn numbers(version: &str) -> Vec<u32> {
    version.trim_start_matches('v').split('.').map(|n| n.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen {
            installed: Some(("/usr/bin/minikube".into(), "v1.36.0".into())),
            driver: "docker".into(),
            ..Seen::default()
        }
    }

    fn source(seen: &Seen) -> Source {
        decide(seen).unwrap().0
    }

    #[test]
    fn an_installed_minikube_is_used_when_what_it_needs_is_to_be_had() {
        assert_eq!(source(&seen()), Source::Bundle);
        assert_eq!(source(&Seen { reachable: true, ..seen() }), Source::Installed);
        assert_eq!(source(&Seen { kicbase: true, ..seen() }), Source::Bundle);
        let cached = Seen { kicbase: true, cached: Some("v1.33.1".into()), ..seen() };
        assert_eq!(source(&cached), Source::Installed);
        assert_eq!(source(&Seen { installed: None, reachable: true, ..seen() }), Source::Bundle);
    }

    #[test]
    fn a_profile_stays_with_the_minikube_that_made_it() {
        let ours = Seen { profile_base: Some("opsctl/node:0".into()), reachable: true, ..seen() };
        assert_eq!(source(&ours), Source::Bundle);
        let theirs = Seen { profile_base: Some("gcr.io/k8s-minikube/kicbase:v0.0.50".into()), ..seen() };
        assert_eq!(source(&theirs), Source::Installed);
    }

    #[test]
    fn the_bundle_has_no_nodes_for_other_drivers() {
        let none = Seen { installed: None, driver: "kvm2".into(), ..seen() };
        assert!(decide(&none).is_err());
        assert_eq!(source(&Seen { driver: "kvm2".into(), ..seen() }), Source::Installed);
    }

    #[test]
    fn a_cached_kubernetes_needs_its_programs_too_and_the_bundles_own_does_not_count() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path();
        let tarballs = cache.join("preloaded-tarball");
        std::fs::create_dir_all(&tarballs).unwrap();
        let tarball = |version: &str, runtime: &str| {
            let name = format!("preloaded-images-k8s-v18-{version}-{runtime}-overlay2-amd64.tar.lz4");
            std::fs::write(tarballs.join(&name), "").unwrap();
            let programs = cache.join("linux").join(host::arch()).join(version);
            std::fs::create_dir_all(&programs).unwrap();
            for program in ["kubeadm", "kubelet", "kubectl"] {
                std::fs::write(programs.join(program), "").unwrap();
            }
            name
        };
        let nine = tarball("v1.9.0", "docker");
        assert_eq!(cached(cache, Some(&nine)), None);
        assert_eq!(cached(cache, None).as_deref(), Some("v1.9.0"));
        tarball("v1.33.1", "docker");
        tarball("v1.34.4", "containerd");
        assert_eq!(cached(cache, None).as_deref(), Some("v1.33.1"));
        std::fs::remove_file(cache.join("linux").join(host::arch()).join("v1.33.1/kubelet")).unwrap();
        assert_eq!(cached(cache, None).as_deref(), Some("v1.9.0"));
    }
}
