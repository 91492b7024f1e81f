//! Where a command acts: paths, settings, the cluster. The only reader of the environment.

mod patience;
pub mod ports;
mod sudo;

pub use ports::{Port, Ports};

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, Result};
use etcetera::{AppStrategy as _, AppStrategyArgs};
use k8s_openapi::api::core::v1::Namespace;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::error::{kubectl, opsctl, problem, said, shell};
use crate::exec::Run;
use crate::fs::read_if_there;
use crate::ui::Ui;

/// Folders that opsctl reads and writes.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The user's home.
    pub home: PathBuf,
    /// Journal, lock, snapshots, replaced secrets.
    pub state: PathBuf,
    /// The bundle and everything else that can be made again.
    pub cache: PathBuf,
    /// minikube's home, with `profiles/` and `cache/` in it.
    pub minikube: PathBuf,
    /// The kubeconfig that is written to: the first of `KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: PathBuf,
}

impl Paths {
    /// The folders that the environment names; `kubeconfig` is the flag's value.
    pub fn from_environment(kubeconfig: Option<PathBuf>) -> Result<Self> {
        let strategy = etcetera::choose_app_strategy(AppStrategyArgs {
            top_level_domain: "dev".into(),
            author: "opsctl".into(),
            app_name: "opsctl".into(),
        })
        .context("could not find the home folder; set HOME")?;
        let home = strategy.home_dir().to_path_buf();
        let (state, cache) =
            (strategy.state_dir().unwrap_or_else(|| strategy.data_dir()), strategy.cache_dir());
        Ok(Self::with(home, state, cache, kubeconfig))
    }

    /// The same, but root acts for the user who typed `sudo`: what changes this machine is recorded there.
    pub fn of_who_typed(kubeconfig: Option<PathBuf>) -> Result<Self> {
        let Some(home) = sudo::home()? else { return Self::from_environment(kubeconfig) };
        let folder = |name: &str, usual: &str| {
            let named = variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
            named.unwrap_or_else(|| home.join(usual)).join("opsctl")
        };
        let (state, cache) = (folder("XDG_STATE_HOME", ".local/state"), folder("XDG_CACHE_HOME", ".cache"));
        Ok(Self::with(home.clone(), state, cache, kubeconfig))
    }

    fn with(home: PathBuf, state: PathBuf, cache: PathBuf, kubeconfig: Option<PathBuf>) -> Self {
        // minikube accepts both its parent and the folder itself.
        let minikube = match variable("MINIKUBE_HOME").map(PathBuf::from) {
            Some(dir) if dir.file_name().is_some_and(|n| n == ".minikube") => dir,
            Some(dir) => dir.join(".minikube"),
            None => home.join(".minikube"),
        };
        let kubeconfig = kubeconfig
            .or_else(|| {
                let list = std::env::var_os("KUBECONFIG")?;
                std::env::split_paths(&list).find(|p| !p.as_os_str().is_empty())
            })
            .unwrap_or_else(|| home.join(".kube/config"));
        Self { home, state, cache, minikube, kubeconfig }
    }

    /// Everything below one folder, for tests.
    #[cfg(test)]
    pub fn below(dir: &std::path::Path) -> Self {
        Self {
            home: dir.to_owned(),
            state: dir.join("state"),
            cache: dir.join("cache"),
            minikube: dir.join(".minikube"),
            kubeconfig: dir.join("kubeconfig"),
        }
    }

    /// The profile's folder.
    pub fn profile(&self, profile: &str) -> PathBuf {
        self.minikube.join("profiles").join(profile)
    }

    /// The bundle's folder.
    pub fn bundle(&self) -> PathBuf {
        self.cache.join("bundle")
    }

    /// The folder of lists of the keys that imports touched.
    pub fn touched(&self) -> PathBuf {
        self.state.join("touched")
    }

    /// The folder of the kept snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.state.join("snapshots")
    }
}

/// The profile where none is named: minikube's own default.
pub const PROFILE: &str = "minikube";

/// A non-empty environment variable.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// What minikube's own profile file says, as far as opsctl needs it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Profile {
    /// The profile's name, also the name of its kubeconfig context.
    pub name: String,
    /// `docker`, `podman`, `kvm2` …
    #[serde(default)]
    pub driver: String,
    /// Processors of each node.
    #[serde(rename = "CPUs", default)]
    pub cpus: u64,
    /// Memory of each node, in MiB.
    #[serde(default)]
    pub memory: u64,
    /// The image that nodes are made from, where they are containers.
    #[serde(default)]
    pub kic_base_image: String,
    /// The nodes, the control plane first.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub nodes: Vec<ProfileNode>,
    /// The Kubernetes part of the profile.
    #[serde(default)]
    pub kubernetes_config: ProfileKubernetes,
}

/// A node in a profile.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct ProfileNode {
    /// Empty or the profile's name for the control plane, `m02` for the second.
    #[serde(rename = "Name", default)]
    pub name: String,
    /// Address on the driver's network.
    #[serde(rename = "IP", default)]
    pub ip: String,
    /// The API server's port.
    #[serde(rename = "Port", default)]
    pub port: u16,
    /// Whether it runs the control plane.
    #[serde(rename = "ControlPlane", default)]
    pub control_plane: bool,
}

/// The Kubernetes part of a profile.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct ProfileKubernetes {
    /// Such as `v1.34.4`.
    #[serde(default)]
    pub kubernetes_version: String,
    /// `containerd`, `docker` or `cri-o`.
    #[serde(default)]
    pub container_runtime: String,
}

fn null_is_empty<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(d)?.unwrap_or_default())
}

impl Profile {
    /// Reads a profile; `None` where there is none.
    ///
    /// minikube writes the file in place, so a torn one is possible: it is an error that says so.
    pub fn read(paths: &Paths, name: &str) -> Result<Option<Self>> {
        let file = paths.profile(name).join("config.json");
        let Some(text) = read_if_there(&file)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|e| {
            problem!(Profile, "the minikube profile \"{name}\" is damaged: {}: {e}", file.display())
                .next(shell(format!("minikube start -p {name}")))
                .into()
        })
    }

    /// The machine name of a node: the profile's name, or `<profile>-m02`.
    pub fn machine(&self, node: &ProfileNode) -> String {
        if node.control_plane || node.name.is_empty() || node.name == self.name {
            self.name.clone()
        } else {
            format!("{}-{}", self.name, node.name)
        }
    }

    /// The control plane's node.
    pub fn primary(&self) -> Option<&ProfileNode> {
        self.nodes.iter().find(|n| n.control_plane).or_else(|| self.nodes.first())
    }
}

/// A cluster that answers: a client, and who it is.
#[derive(Clone)]
pub struct Cluster {
    /// A client for its API.
    pub client: Client,
    /// Its identity: the UID of the `kube-system` namespace.
    pub uid: String,
}

/// Which cluster a command is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The cluster of a minikube profile.
    Profile(String),
    /// A context of the kubeconfig, named explicitly.
    Context(String),
}

/// Everything a command needs to act.
pub struct Context {
    /// The terminal.
    pub ui: Ui,
    /// Folders.
    pub paths: Paths,
    /// Which cluster.
    pub target: Target,
    /// Limit of each wait.
    pub timeout: Duration,
    /// Whether to wait for what was applied.
    pub wait: bool,
    /// Show what would be done, and touch nothing.
    pub dry_run: bool,
    /// Let data go that could not be kept.
    pub discard_data: AtomicBool,
    /// What was typed, for the journal.
    pub command: String,
    /// End the process after that many journal records: the tests' way to die at every step.
    pub kill_at: Option<u64>,
    /// The `NodePorts` of the stacks' services.
    pub ports: Ports,
    cluster: Mutex<Option<Cluster>>,
}

impl Context {
    /// A context that has not talked to any cluster yet.
    pub fn new(ui: Ui, paths: Paths, target: Target, timeout: Duration) -> Self {
        Self {
            ui,
            paths,
            target,
            timeout,
            wait: true,
            dry_run: false,
            discard_data: AtomicBool::new(false),
            command: String::new(),
            kill_at: variable("OPSCTL_TEST_KILL_AT").and_then(|n| n.parse().ok()),
            ports: Ports::default(),
            cluster: Mutex::new(None),
        }
    }

    /// The minikube profile, or the problem that this target has none.
    pub fn profile_name(&self) -> Result<&str> {
        match &self.target {
            Target::Profile(name) => Ok(name),
            Target::Context(name) => {
                Err(problem!(Usage, "this needs a minikube profile, not the context \"{name}\"")
                    .advice("name the profile with --profile, not its context")
                    .into())
            }
        }
    }

    /// The profile's file; a problem with the next command where there is none.
    pub fn profile(&self) -> Result<Profile> {
        let name = self.profile_name()?;
        Profile::read(&self.paths, name)?.ok_or_else(|| {
            problem!(NotUp, "there is no minikube profile \"{name}\"")
                .next(opsctl("minikube up"))
                .next(opsctl("up"))
                .into()
        })
    }

    /// The cluster, asked once who it is. Within 10 s.
    pub async fn cluster(&self) -> Result<Cluster> {
        let mut known = self.cluster.lock().await;
        if let Some(cluster) = &*known {
            return Ok(cluster.clone());
        }
        let client = self.connect().await?;
        let uid = identity(&client).await.map_err(|e| {
            problem!(ClusterSilent, "the API server of {} does not answer", self.target)
                .found(said(&e))
                .next(opsctl("minikube status"))
                .next(opsctl("minikube up"))
        })?;
        // Who answers once is waited for when it is away for a while.
        let client = patience::patient(client, self.timeout);
        Ok(known.insert(Cluster { client, uid }).clone())
    }

    /// A client for the cluster.
    pub async fn client(&self) -> Result<Client> {
        Ok(self.cluster().await?.client)
    }

    /// Forgets the cluster: it was just made, or just deleted.
    pub async fn forget_cluster(&self) {
        *self.cluster.lock().await = None;
    }

    /// Refuses unless the kubeconfig leads to the target's own cluster: for tools that go by its context alone.
    pub async fn must_lead_here(&self) -> Result<()> {
        self.config().await.map(drop)
    }

    async fn connect(&self) -> Result<Client> {
        let mut config = self.config().await?;
        config.connect_timeout = Some(Duration::from_secs(5));
        Ok(Client::try_from(config)?)
    }

    /// How the kubeconfig says that the cluster is reached.
    async fn config(&self) -> Result<Config> {
        let context = match &self.target {
            Target::Profile(name) => {
                self.profile()?;
                name
            }
            Target::Context(name) => name,
        };
        let file = &self.paths.kubeconfig;
        let kubeconfig = Kubeconfig::read_from(file).map_err(|e| {
            problem!(Kubeconfig, "could not read the kubeconfig {}", file.display())
                .found(e.to_string())
                .next(opsctl("minikube up"))
        })?;
        if !kubeconfig.contexts.iter().any(|c| &c.name == context) {
            return Err(problem!(Kubeconfig, "{} has no context \"{context}\"", file.display())
                .next(match &self.target {
                    Target::Profile(_) => opsctl("minikube up"),
                    Target::Context(_) => kubectl("config get-contexts"),
                })
                .into());
        }
        let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        if let Target::Profile(_) = &self.target {
            self.is_the_profiles(&config).await?;
        }
        Ok(config)
    }

    /// A context that merely bears the profile's name must not lead to another cluster.
    async fn is_the_profiles(&self, config: &Config) -> Result<()> {
        let profile = self.profile()?;
        let (host, port) =
            (config.cluster_url.host().unwrap_or_default(), config.cluster_url.port_u16().unwrap_or(443));
        let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]" | "::1");
        if profile.nodes.iter().any(|n| n.ip == host) || (local && self.is_published(&profile, port).await?) {
            return Ok(());
        }
        Err(problem!(
            OtherCluster,
            "the kubeconfig's context \"{}\" points to {host}:{port}, which is not a node of that minikube profile",
            profile.name
        )
        .next(shell(format!("minikube update-context -p {}", profile.name)))
        .into())
    }

    /// Whether a port of this machine is the API server's. Of nodes that are containers the engine tells; of others
    /// nobody does, and it is believed.
    async fn is_published(&self, profile: &Profile, port: u16) -> Result<bool> {
        let engine @ ("docker" | "podman") = profile.driver.as_str() else { return Ok(true) };
        let Some(primary) = profile.primary() else { return Ok(false) };
        let inside = format!("{}/tcp", if primary.port == 0 { 8443 } else { primary.port });
        let asked = Run::new(engine).args(["port", &profile.machine(primary), &inside]);
        let output = asked.timeout(Duration::from_secs(10)).any().await?;
        if output.ok() {
            return Ok(publishes(&output.stdout, port));
        }
        Err(problem!(
            ClusterSilent,
            "the node {} is not running, so port {port} of this machine may be another cluster's",
            profile.machine(primary)
        )
        .found(output.last_words(1))
        .next(opsctl("minikube status"))
        .next(opsctl("minikube up"))
        .into())
    }
}

/// Whether the answer of `docker port` has that port of this machine: `127.0.0.1:32769`, a line for each address.
fn publishes(answer: &str, port: u16) -> bool {
    answer.lines().filter_map(|line| line.rsplit_once(':')).any(|(_, at)| at.trim().parse() == Ok(port))
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Profile(name) => write!(f, "minikube profile \"{name}\""),
            Self::Context(name) => write!(f, "context \"{name}\""),
        }
    }
}

/// The cluster's identity: the UID of its `kube-system` namespace.
async fn identity(client: &Client) -> Result<String> {
    let api: Api<Namespace> = Api::all(client.clone());
    let ns = tokio::time::timeout(Duration::from_secs(10), api.get("kube-system"))
        .await
        .context("no answer within 10 s")??;
    ns.metadata.uid.context("kube-system has no UID")
}

/// The nodes of a profile that a host can reach, as `ip`.
pub fn node_address(profile: &Profile) -> Result<&str> {
    profile.primary().map(|n| n.ip.as_str()).filter(|ip| !ip.is_empty()).ok_or_else(|| {
        problem!(Profile, "the profile \"{}\" has no node with an address", profile.name)
            .next(opsctl("minikube up"))
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::publishes;

    #[test]
    fn a_published_port_is_the_one_of_this_machine_and_no_other() {
        assert!(publishes("127.0.0.1:32769\n", 32769) && publishes("0.0.0.0:1\n[::]:32769\n", 32769));
        assert!(!publishes("127.0.0.1:32769\n", 2769) && !publishes("", 32769));
    }
}
