//! What state a profile is in: from its file, its node containers, minikube's own view, and the API's nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node;
use kube::api::ListParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde::{Deserialize, Serialize};

use super::choice::Choice;
use crate::context::{Context, Profile};
use crate::error::said;
use crate::host::docker;
use crate::k8s::is_ready;

/// The label that minikube puts on what it makes in Docker; none of its labels says which profile one belongs to.
pub(super) const LABEL: &str = "label=created_by.minikube.sigs.k8s.io=true";

/// How long a node's lease is good for: kubelet's default.
const LEASE: SignedDuration = SignedDuration::from_secs(40);

/// What a profile is found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ProfileState {
    /// There is none.
    Absent,
    /// Its file cannot be read: minikube was cut off while it wrote.
    Torn {
        /// What the reader said.
        reason: String,
    },
    /// It belongs to another driver than is asked for.
    WrongDriver {
        /// Its driver.
        driver: String,
    },
    /// A start did not come to its end, or a node's machine is gone.
    HalfMade {
        /// What is missing.
        reason: String,
    },
    /// Its machines are stopped.
    Stopped {
        /// How many it has.
        nodes: usize,
    },
    /// Frozen, by minikube or by Docker.
    Paused {
        /// The machines that Docker froze; none where minikube did it.
        machines: Vec<String>,
    },
    /// It runs, but has fewer nodes than are asked for.
    TooFewNodes {
        /// How many it has.
        nodes: usize,
        /// How many are asked for.
        wanted: usize,
    },
    /// It runs, but not all of its nodes are well.
    Degraded {
        /// The machines that are not, each with the reason.
        broken: BTreeMap<String, String>,
        /// How many nodes it has.
        nodes: usize,
    },
    /// All nodes are ready.
    Running {
        /// How many.
        nodes: usize,
    },
}

impl std::fmt::Display for ProfileState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("there is none"),
            Self::Torn { reason } => write!(f, "its file is damaged: {reason}"),
            Self::WrongDriver { driver } => write!(f, "it was created with the {driver} driver"),
            Self::HalfMade { reason } => write!(f, "incomplete: {reason}"),
            Self::Stopped { nodes } => write!(f, "stopped, {nodes} nodes"),
            Self::Paused { .. } => f.write_str("paused"),
            Self::TooFewNodes { nodes, wanted } => write!(f, "{nodes} of {wanted} nodes"),
            Self::Degraded { broken, .. } => {
                let list: Vec<_> = broken.iter().map(|(name, why)| format!("{name}: {why}")).collect();
                write!(f, "unhealthy: {}", list.join("; "))
            }
            Self::Running { nodes } => write!(f, "{nodes} nodes ready"),
        }
    }
}

/// A line of `minikube status -o json`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
pub struct NodeStatus {
    /// The machine.
    pub name: String,
    /// `Running`, `Stopped`, `Paused`, `Nonexistent` …
    pub host: String,
    /// `Running` or `Stopped`.
    pub kubelet: String,
    /// The same of the API server; `Irrelevant` on a worker.
    #[serde(rename = "APIServer")]
    pub api_server: String,
    /// `Configured`, `Misconfigured`; `Irrelevant` on a worker.
    pub kubeconfig: String,
}

/// One document for one node, a list for several.
pub(super) fn parse_status(text: &str) -> Option<Vec<NodeStatus>> {
    let value: serde_json::Value = serde_json::from_str(text.trim()).ok()?;
    match value {
        serde_json::Value::Array(_) => serde_json::from_value(value).ok(),
        other => serde_json::from_value(other).ok().map(|one| vec![one]),
    }
}

/// Everything that was seen of a profile.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Docker's word for each machine: `running`, `exited`, `paused`, `created` …; empty for other drivers.
    pub machines: BTreeMap<String, String>,
    /// Whether the driver keeps its machines in Docker.
    pub in_docker: bool,
    /// minikube's view; `None` where it was not asked or did not say.
    pub status: Option<Vec<NodeStatus>>,
    /// The API's view: whether each node is ready; the error where it did not answer.
    pub ready: Option<Result<BTreeMap<String, bool>, String>>,
}

/// Looks at the profile; touches nothing. `driver` is the one that is asked for.
pub async fn state(cx: &Context, choice: &Choice, driver: &str, wanted: usize) -> Result<ProfileState> {
    let name = cx.profile_name()?;
    let profile = match Profile::read(&cx.paths, name) {
        Ok(profile) => profile,
        Err(error) => return Ok(ProfileState::Torn { reason: said(&error) }),
    };
    let in_docker = profile.as_ref().map_or(driver, |p| p.driver.as_str()) == "docker";
    let mut seen = Seen { in_docker, ..Seen::default() };
    if in_docker && docker::answers().await {
        seen.machines = machines(name).await?;
    }
    let Some(profile) = profile else { return Ok(judge(None, driver, wanted, &seen)) };
    let early = judge(Some(&profile), driver, wanted, &seen);
    if !matches!(early, ProfileState::Running { .. }) {
        return Ok(early);
    }
    // The API is the quickest to ask, and when all its nodes are ready there is nothing more to know.
    seen.ready = Some(ready_nodes(cx, name, None).await.map_err(|e| said(&e)));
    let judged = judge(Some(&profile), driver, wanted, &seen);
    if matches!(judged, ProfileState::Running { .. } | ProfileState::TooFewNodes { .. }) {
        return Ok(judged);
    }
    let said = super::run(cx, choice, &["status", "-p", name, "-o", "json"])
        .timeout(Duration::from_mins(1))
        .any()
        .await?;
    seen.status = parse_status(&said.stdout);
    Ok(judge(Some(&profile), driver, wanted, &seen))
}

/// The machines of a profile, and Docker's word for the state of each.
pub(super) async fn machines(profile: &str) -> Result<BTreeMap<String, String>> {
    let listed = docker::run(["ps", "--all", "--filter", LABEL, "--format", "{{.Names}}\t{{.State}}"]);
    let text = listed.text().await?;
    let machines = text.lines().filter_map(|l| l.split_once('\t')).filter(|(name, _)| belongs(name, profile));
    Ok(machines.map(|(name, state)| (name.to_owned(), state.to_owned())).collect())
}

/// The control plane's machine is named as the profile, the others `<profile>-m02` and so on.
pub(super) fn belongs(machine: &str, profile: &str) -> bool {
    let Some(rest) = machine.strip_prefix(profile) else { return false };
    rest.is_empty()
        || rest.strip_prefix("-m").is_some_and(|n| n.len() >= 2 && n.chars().all(|c| c.is_ascii_digit()))
}

/// The verdict on what was seen.
pub(super) fn judge(profile: Option<&Profile>, driver: &str, wanted: usize, seen: &Seen) -> ProfileState {
    let Some(profile) = profile else {
        if seen.machines.is_empty() {
            return ProfileState::Absent;
        }
        let names: Vec<_> = seen.machines.keys().cloned().collect();
        return ProfileState::HalfMade {
            reason: format!("Docker has {}, but minikube has no such profile", names.join(", ")),
        };
    };
    if !profile.driver.is_empty() && profile.driver != driver {
        return ProfileState::WrongDriver { driver: profile.driver.clone() };
    }
    let nodes = profile.nodes.len();
    if nodes == 0 {
        return ProfileState::HalfMade { reason: "the profile has no nodes".to_owned() };
    }
    let names: Vec<String> = profile.nodes.iter().map(|n| profile.machine(n)).collect();
    if seen.in_docker {
        let state = |name: &String| seen.machines.get(name).map(String::as_str);
        if let Some(gone) = names.iter().find(|n| state(n).is_none()) {
            return ProfileState::HalfMade { reason: format!("the machine {gone} does not exist") };
        }
        let frozen: Vec<_> = names.iter().filter(|n| state(n) == Some("paused")).cloned().collect();
        if !frozen.is_empty() {
            return ProfileState::Paused { machines: frozen };
        }
        let down: Vec<_> = names.iter().filter(|n| state(n) != Some("running")).collect();
        if down.len() == nodes {
            return ProfileState::Stopped { nodes };
        }
        if !down.is_empty() {
            let broken = down.into_iter().map(|n| (n.clone(), "its machine is stopped".to_owned())).collect();
            return ProfileState::Degraded { broken, nodes };
        }
    }
    if let Some(status) = &seen.status
        && let Some(verdict) = by_status(status, nodes)
    {
        return verdict;
    }
    match &seen.ready {
        Some(Ok(ready)) => {
            let broken: BTreeMap<_, _> = names
                .iter()
                .filter_map(|n| match ready.get(n) {
                    Some(true) => None,
                    Some(false) => Some((n.clone(), "its node is not ready".to_owned())),
                    None => Some((n.clone(), "the cluster has no such node".to_owned())),
                })
                .collect();
            if !broken.is_empty() {
                return ProfileState::Degraded { broken, nodes };
            }
        }
        Some(Err(why)) => {
            let first = names.first().cloned().unwrap_or_default();
            let broken = BTreeMap::from([(first, format!("its API server does not answer ({why})"))]);
            return ProfileState::Degraded { broken, nodes };
        }
        None => {}
    }
    if nodes < wanted {
        return ProfileState::TooFewNodes { nodes, wanted };
    }
    ProfileState::Running { nodes }
}

/// What minikube's own view adds; `None` where it finds nothing wrong.
fn by_status(status: &[NodeStatus], nodes: usize) -> Option<ProfileState> {
    let first = status.first()?;
    if status.iter().any(|s| s.host == "Paused" || s.api_server == "Paused") {
        return Some(ProfileState::Paused { machines: Vec::new() });
    }
    if status.iter().all(|s| s.host == "Stopped") {
        return Some(ProfileState::Stopped { nodes });
    }
    if let Some(gone) = status.iter().find(|s| s.host == "Nonexistent") {
        return Some(ProfileState::HalfMade { reason: format!("the machine {} does not exist", gone.name) });
    }
    if first.kubelet != "Running" && first.api_server != "Running" {
        return Some(ProfileState::HalfMade { reason: format!("Kubernetes does not run on {}", first.name) });
    }
    let broken: BTreeMap<_, _> = status
        .iter()
        .filter_map(|s| {
            let why = if s.host != "Running" {
                format!("its machine is {}", s.host.to_lowercase())
            } else if s.kubelet != "Running" {
                format!("its kubelet is {}", s.kubelet.to_lowercase())
            } else if !matches!(s.api_server.as_str(), "Running" | "Irrelevant") {
                format!("its API server is {}", s.api_server.to_lowercase())
            } else if s.kubeconfig == "Misconfigured" {
                "the kubeconfig has a different address".to_owned()
            } else {
                return None;
            };
            Some((s.name.clone(), why))
        })
        .collect();
    (!broken.is_empty()).then_some(ProfileState::Degraded { broken, nodes })
}

/// Which of the cluster's nodes are ready. A client of its own: a cluster just made is another than before.
///
/// For most of a minute the API calls a dead node ready. So its kubelet must have renewed its lease, too:
/// after `since`, or else within the time that a lease is good for.
pub(super) async fn ready_nodes(
    cx: &Context,
    profile: &str,
    since: Option<Timestamp>,
) -> Result<BTreeMap<String, bool>> {
    let kubeconfig = Kubeconfig::read_from(&cx.paths.kubeconfig)?;
    let options = KubeConfigOptions { context: Some(profile.to_owned()), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    config.connect_timeout = Some(Duration::from_secs(3));
    config.read_timeout = Some(Duration::from_secs(5));
    let client = Client::try_from(config)?;
    let nodes: Api<Node> = Api::all(client.clone());
    let leases: Api<Lease> = Api::namespaced(client, "kube-node-lease");
    let all = ListParams::default();
    let both = async { tokio::try_join!(nodes.list(&all), leases.list(&all)) };
    let asked = tokio::time::timeout(Duration::from_secs(8), both).await;
    let (nodes, leases) = asked.map_err(|_| anyhow::anyhow!("no answer within 8 s"))??;
    let oldest = since.unwrap_or_else(|| Timestamp::now() - LEASE);
    Ok(alive(nodes.items, leases.items, oldest))
}

fn alive(nodes: Vec<Node>, leases: Vec<Lease>, oldest: Timestamp) -> BTreeMap<String, bool> {
    let renewed: BTreeMap<_, _> =
        leases.into_iter().filter_map(|l| Some((l.metadata.name?, l.spec?.renew_time?.0))).collect();
    nodes
        .into_iter()
        .map(|node| {
            let ready = is_ready(&node);
            let name = node.metadata.name.unwrap_or_default();
            let fresh = renewed.get(&name).is_some_and(|at| *at >= oldest);
            (name, ready && fresh)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = include_str!("../../tests/fixtures/minikube/two-nodes.json");
    const EARLY: &str = include_str!("../../tests/fixtures/minikube/cut-off-early.json");

    fn profile(text: &str) -> Profile {
        serde_json::from_str(text).unwrap()
    }

    fn seen(machines: &[(&str, &str)]) -> Seen {
        let machines = machines.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
        Seen { machines, in_docker: true, ..Seen::default() }
    }

    fn judged(text: &str, seen: &Seen) -> ProfileState {
        judge(Some(&profile(text)), "docker", 2, seen)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of the field it fills")]
    fn ready(nodes: &[(&str, bool)]) -> Option<Result<BTreeMap<String, bool>, String>> {
        Some(Ok(nodes.iter().map(|(n, r)| ((*n).to_owned(), *r)).collect()))
    }

    #[test]
    fn a_machine_belongs_to_the_profile_that_its_name_begins_with() {
        assert!(belongs("dev", "dev") && belongs("dev-m02", "dev"));
        assert!(!belongs("dev-main", "dev") && !belongs("dev-m02-m02", "dev") && !belongs("de", "dev"));
    }

    #[test]
    fn machines_decide_first() {
        let two = |a, b| judged(TWO, &seen(&[("minikube", a), ("minikube-m02", b)]));
        assert_eq!(two("exited", "exited"), ProfileState::Stopped { nodes: 2 });
        assert_eq!(two("running", "running"), ProfileState::Running { nodes: 2 });
        assert_eq!(two("running", "paused"), ProfileState::Paused { machines: vec!["minikube-m02".into()] });
        assert!(matches!(two("running", "exited"), ProfileState::Degraded { broken, .. }
            if broken.keys().eq(["minikube-m02"])));
        assert!(matches!(judged(TWO, &seen(&[("minikube", "running")])), ProfileState::HalfMade { reason }
            if reason.contains("minikube-m02")));
    }

    #[test]
    fn a_profile_that_was_cut_off_early_is_half_made_and_leftover_machines_too() {
        assert!(matches!(judged(EARLY, &seen(&[])), ProfileState::HalfMade { .. }));
        let leftover = judge(None, "docker", 2, &seen(&[("minikube", "running")]));
        assert!(matches!(leftover, ProfileState::HalfMade { .. }));
        assert_eq!(judge(None, "docker", 2, &seen(&[])), ProfileState::Absent);
    }

    #[test]
    fn a_node_whose_kubelet_is_silent_is_not_ready_whatever_the_api_says() {
        let node = |status: &str| -> Node {
            serde_json::from_value(serde_json::json!({
                "metadata": {"name": "n"},
                "status": {"conditions": [{"type": "Ready", "status": status}]},
            }))
            .unwrap()
        };
        let lease: Lease = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "n"},
            "spec": {"renewTime": "2026-01-01T00:00:30.000000Z"},
        }))
        .unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let ready = |status, leases, oldest| alive(vec![node(status)], leases, at(oldest))["n"];
        assert!(ready("True", vec![lease.clone()], "2026-01-01T00:00:29Z"));
        assert!(!ready("True", vec![lease.clone()], "2026-01-01T00:00:31Z"));
        assert!(!ready("True", vec![], "2026-01-01T00:00:00Z"));
        assert!(!ready("False", vec![lease], "2026-01-01T00:00:00Z"));
    }

    #[test]
    fn another_driver_is_named() {
        let state = judge(Some(&profile(TWO)), "kvm2", 2, &Seen::default());
        assert_eq!(state, ProfileState::WrongDriver { driver: "docker".into() });
    }

    #[test]
    fn one_node_where_two_are_wanted_is_too_few_only_when_it_runs() {
        let mut one = profile(TWO);
        one.nodes.truncate(1);
        let judged = |s: &Seen| judge(Some(&one), "docker", 2, s);
        assert_eq!(
            judged(&seen(&[("minikube", "running")])),
            ProfileState::TooFewNodes { nodes: 1, wanted: 2 }
        );
        assert_eq!(judged(&seen(&[("minikube", "exited")])), ProfileState::Stopped { nodes: 1 });
    }

    #[test]
    fn a_node_that_is_not_ready_is_named() {
        let mut running = seen(&[("minikube", "running"), ("minikube-m02", "running")]);
        running.ready = ready(&[("minikube", true), ("minikube-m02", false)]);
        assert!(matches!(judged(TWO, &running), ProfileState::Degraded { broken, .. }
            if broken.keys().eq(["minikube-m02"])));
        running.ready = ready(&[("minikube", true)]);
        assert!(matches!(judged(TWO, &running), ProfileState::Degraded { broken, .. }
            if broken["minikube-m02"].contains("has no such node")));
        running.ready = ready(&[("minikube", true), ("minikube-m02", true)]);
        assert_eq!(judged(TWO, &running), ProfileState::Running { nodes: 2 });
    }

    #[test]
    fn minikubes_own_view_tells_a_half_made_cluster_from_a_paused_one() {
        let mut running = seen(&[("minikube", "running"), ("minikube-m02", "running")]);
        running.ready = Some(Err("refused".into()));
        running.status = parse_status(include_str!("../../tests/fixtures/minikube/status-half-made.json"));
        assert!(matches!(judged(TWO, &running), ProfileState::HalfMade { .. }));
        running.status = parse_status(include_str!("../../tests/fixtures/minikube/status-paused.json"));
        assert_eq!(judged(TWO, &running), ProfileState::Paused { machines: vec![] });
        running.status = parse_status(include_str!("../../tests/fixtures/minikube/status-one-node.json"));
        assert!(running.status.is_some());
        running.status = parse_status("* Profile \"x\" not found. Run \"minikube profile list\"");
        assert_eq!(running.status, None);
        assert!(matches!(judged(TWO, &running), ProfileState::Degraded { .. }));
    }
}
