//! Prerequisites: what is looked for, how, and the command that mends it.
//!
//! All of a stack's are looked at together and named together; nothing here touches anything.

use std::borrow::Cow;
use std::path::Path;

use anyhow::Result;
use k8s_openapi::api::core::v1::{Namespace, Node};
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;
use serde_json::Value;

use crate::bundle::{self, Lack, Obstacle};
use crate::context::{Context, PROFILE, Profile, Target};
use crate::error::{Next, Problem, advice, kubectl, opsctl, said, shell, sudo_opsctl};
use crate::host::{self, docker::Docker};
use crate::k8s::{is_ready, manifest};
use crate::minikube::{Wish, memory_size};
use crate::step::host::{Kubectl, on_path};
use crate::ui::{Mark, bytes};

/// The code of too little room on a disk: for the bundle or for the cluster.
const DISK: &str = "OC023";

/// The least memory of a node that minikube accepts, in MiB.
const LEAST_MEMORY: u64 = 1800;

/// What `check --fix` can do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mend {
    /// Install Docker, and what makes a base image, from the distribution's packages.
    InstallDocker,
    /// Install debootstrap from there.
    InstallDebootstrap,
    /// Install a C compiler from there.
    InstallCompiler,
    /// Start the Docker daemon.
    StartDocker,
    /// Put the bundle's kubectl on PATH.
    LinkKubectl,
}

/// One prerequisite, looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// A stable code, such as `OC012`.
    pub code: &'static str,
    /// What it is.
    pub name: Cow<'static, str>,
    /// Whether it is as needed.
    pub ok: bool,
    /// What was found, and where.
    pub fact: String,
    /// What mends it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Next>,
    /// Whether `check --fix` can do that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<Mend>,
    /// Good to have; nothing fails without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

impl Finding {
    fn ok(code: &'static str, name: impl Into<Cow<'static, str>>, fact: impl Into<String>) -> Self {
        Self { code, name: name.into(), ok: true, fact: fact.into(), fix: None, mend: None, optional: false }
    }

    fn bad(
        code: &'static str,
        name: impl Into<Cow<'static, str>>,
        fact: impl Into<String>,
        fix: Next,
    ) -> Self {
        Self { ok: false, fix: Some(fix), ..Self::ok(code, name, fact) }
    }

    fn mendable(self, mend: Mend) -> Self {
        Self { mend: Some(mend), ..self }
    }

    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// What has to be there.
#[derive(Clone, Debug)]
pub enum Needs {
    /// All that such a cluster is made with.
    Cluster(Wish),
    /// A cluster with so many ready nodes, and the Docker that they run on where it is a minikube profile's.
    /// With none, only that the cluster answers.
    Nodes(usize),
    /// A cluster in which these stacks are up.
    Stacks(Vec<Needed>),
}

/// A stack that another one needs.
#[derive(Clone, Debug)]
pub struct Needed {
    /// Its name.
    pub stack: String,
    /// The namespace that it brings.
    pub namespace: String,
    /// The stack that needs it.
    pub by: String,
}

/// Looks at all of it.
pub async fn look(cx: &Context, needs: &Needs) -> Vec<Finding> {
    match needs {
        Needs::Cluster(wish) => {
            let (docker, tool) = tokio::join!(docker(wish), cluster_tool(cx, wish));
            let mut all = docker;
            all.extend(tool);
            let machine = machine(cx, wish).await;
            // One word for one disk: what the cluster wants includes what the bundle does.
            if machine.iter().any(|f| f.code == DISK && !f.ok) {
                all.retain(|f| f.code != DISK);
            }
            all.extend(machine);
            all.push(cluster_client(cx, wish));
            all
        }
        Needs::Nodes(count) => {
            let docker = async {
                let on_docker = *count > 0 && matches!(cx.target, Target::Profile(_));
                if on_docker { engine().await } else { Vec::new() }
            };
            let (docker, cluster) = tokio::join!(docker, nodes(cx, *count));
            let mut all = docker;
            all.extend(cluster);
            all
        }
        Needs::Stacks(stacks) => {
            let mut all = nodes(cx, 1).await;
            if all.iter().all(|f| f.ok) {
                for needed in stacks {
                    all.push(is_up(cx, needed).await);
                }
            }
            all
        }
    }
}

/// The problem of all that is missing, or nothing. What is there is said in one line.
pub fn demand(cx: &Context, findings: &[Finding], command: Next) -> Result<()> {
    let missing: Vec<_> = findings.iter().filter(|f| !f.ok && !f.optional).collect();
    let passed = findings.iter().filter(|f| f.ok).count();
    for advice in findings.iter().filter(|f| !f.ok && f.optional) {
        let fix = advice.fix.as_ref().map(|fix| cx.ui.addressed(fix)).unwrap_or_default();
        cx.ui.warn(format!("{}: {}; {fix}", advice.name, advice.fact));
    }
    if missing.is_empty() {
        cx.ui.fact(Mark::Done, "check", &format!("{passed} passed"), None);
        return Ok(());
    }
    for finding in &missing {
        cx.ui.fact(Mark::Fail, &finding.name, &format!("{}  {}", finding.fact, finding.code), None);
        if let Some(fix) = &finding.fix {
            cx.ui.note(format!("               fix: {}", cx.ui.addressed(fix)));
        }
    }
    if passed > 0 {
        let checks = if passed == 1 { "check" } else { "checks" };
        cx.ui.fact(Mark::Done, "", &format!("{passed} other {checks} passed"), None);
    }
    let what = match missing.len() {
        1 => "1 prerequisite is missing; nothing was touched".to_owned(),
        n => format!("{n} prerequisites are missing; nothing was touched"),
    };
    let mut problem = Problem::missing(what);
    if missing.iter().any(|f| f.mend.is_some()) {
        problem = problem.next(opsctl("check --fix"));
    }
    // What that leaves to do: commands only, the advice stands above.
    for fix in missing.iter().filter(|f| f.mend.is_none()).filter_map(|f| f.fix.as_ref()) {
        if fix.is_command() {
            problem = problem.next(fix.clone());
        }
    }
    Err(problem.next(command).into())
}

/// Docker, where a cluster stands on it: that it answers is all that has to be known.
async fn engine() -> Vec<Finding> {
    if let Some(version) = host::docker::ping().await {
        return vec![Finding::ok("OC012", "docker", format!("engine {version} runs"))];
    }
    docker(&Wish::default()).await
}

async fn docker(wish: &Wish) -> Vec<Finding> {
    if wish.driver != "docker" {
        return vec![match which::which(&wish.driver) {
            Ok(path) => Finding::ok("OC010", "driver", format!("{} at {}", wish.driver, path.display())),
            Err(_) => Finding::ok("OC010", "driver", format!("{}: left to minikube to find", wish.driver)),
        }];
    }
    vec![match host::docker::probe().await {
        Ok(Docker::Running(info)) => Finding::ok("OC012", "docker", format!("engine {} runs", info.version)),
        Ok(Docker::Silent { reason, .. }) if reason.contains("permission denied") => Finding::bad(
            "OC013",
            "docker",
            format!("running, but you may not use it: {reason}"),
            shell("sudo usermod -aG docker \"$USER\" && newgrp docker"),
        ),
        Ok(Docker::Silent { reason, engine: true }) => {
            let (fix, why) = start_docker();
            Finding::bad("OC012", "docker", format!("installed, not running{why}: {reason}"), fix)
                .mendable(Mend::StartDocker)
        }
        Ok(Docker::Silent { reason, engine: false }) => Finding::bad(
            "OC011",
            "docker",
            format!("the client is installed, the engine is not: {reason}"),
            install_docker(),
        )
        .mendable(Mend::InstallDocker),
        Ok(Docker::NoClient) => {
            Finding::bad("OC011", "docker", "not installed", install_docker()).mendable(Mend::InstallDocker)
        }
        Err(e) => Finding::bad("OC014", "docker", said(&e), shell("docker info")),
    }]
}

/// The command that installs Docker on this operating system.
fn install_docker() -> Next {
    if cfg!(target_os = "macos") {
        return shell("brew install --cask docker");
    }
    install("docker.io", "moby-engine", "docker")
        .unwrap_or_else(|| advice("https://docs.docker.com/engine/install"))
}

/// The command that installs packages here, by their names for apt, dnf and pacman.
fn install(apt: &str, dnf: &str, pacman: &str) -> Option<Next> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let like = |name: &str| {
        release.lines().any(|l| (l.starts_with("ID=") || l.starts_with("ID_LIKE=")) && l.contains(name))
    };
    if like("debian") || like("ubuntu") {
        Some(shell(format!("sudo apt-get install {apt}")))
    } else if like("fedora") || like("rhel") {
        Some(shell(format!("sudo dnf install {dnf}")))
    } else if like("arch") {
        Some(shell(format!("sudo pacman -S {pacman}")))
    } else {
        None
    }
}

/// The command that starts Docker on this machine; and, where that is not plain, why this one.
fn start_docker() -> (Next, &'static str) {
    if cfg!(target_os = "macos") {
        (shell("open -a Docker"), "")
    } else if Path::new("/run/systemd/system").is_dir() {
        (shell("sudo systemctl start docker"), "")
    } else if host::is_root() {
        (opsctl("check --fix"), ", and there is no init system to start it")
    } else {
        (sudo_opsctl("check --fix"), ", and there is no init system to start it")
    }
}

/// The command that installs minikube, as its own pages have it.
fn install_minikube() -> Next {
    let file = format!("minikube-linux-{}", host::arch());
    match std::env::consts::OS {
        "macos" => shell("brew install minikube"),
        "linux" => shell(format!(
            "curl -LO https://github.com/kubernetes/minikube/releases/latest/download/{file} && \
             sudo install {file} /usr/local/bin/minikube"
        )),
        _ => advice("https://minikube.sigs.k8s.io/docs/start"),
    }
}

/// An installed minikube, or the bundle, or each thing that it takes to build that and is not there.
async fn cluster_tool(cx: &Context, wish: &Wish) -> Vec<Finding> {
    let found = |fact: String| vec![Finding::ok("OC015", "minikube", fact)];
    let missing = |fact: String| {
        Finding::bad("OC015", "minikube", format!("not installed; {fact}"), install_minikube())
    };
    if let Ok(path) = which::which("minikube") {
        return found(format!("at {}", path.display()));
    }
    if wish.driver != "docker" {
        return vec![missing(format!("the bundled minikube does not support the {} driver", wish.driver))];
    }
    let built = bundle::ready(&cx.paths).is_some();
    if built && exists(cx) {
        return found("bundled minikube".into());
    }
    let obstacles = match bundle::obstacles(cx).await {
        Ok(obstacles) => obstacles,
        Err(e) => {
            return vec![missing(format!("and the build prerequisites could not be checked: {}", said(&e)))];
        }
    };
    let mut all: Vec<_> = obstacles.iter().filter_map(in_the_way).collect();
    if all.iter().all(|f| f.code != "OC015") {
        let fact =
            if built { "bundled minikube" } else { "not installed; opsctl builds it when it is needed" };
        all.splice(0..0, found(fact.into()));
    }
    all
}

/// What keeps the bundle from being built, as a finding. Docker is one already.
fn in_the_way(obstacle: &Obstacle) -> Option<Finding> {
    let what = obstacle.problem.what.clone();
    let next = || obstacle.problem.next.first().cloned().unwrap_or_else(|| opsctl("bundle build"));
    let packages = |code, name, fix: Option<Next>, mend| {
        let finding = Finding::bad(code, name, what.clone(), fix.unwrap_or_else(next));
        // Elsewhere than on Debian and its kin, `--fix` installs nothing.
        if which::which("apt-get").is_ok() { finding.mendable(mend) } else { finding }
    };
    Some(match obstacle.lack {
        Lack::Docker => return None,
        Lack::Linux => {
            Finding::bad("OC015", "minikube", format!("not installed; {what}"), install_minikube())
        }
        Lack::Go => Finding::bad(
            "OC015",
            "minikube",
            format!("not installed, and cannot be built: {what} (https://go.dev/doc/install)"),
            install_minikube(),
        ),
        Lack::Compiler => packages(
            "OC017",
            "compiler",
            install("gcc libc6-dev", "gcc glibc-devel", "gcc"),
            Mend::InstallCompiler,
        ),
        Lack::Debootstrap => packages(
            "OC018",
            "base image",
            install("debootstrap", "debootstrap", "debootstrap"),
            Mend::InstallDebootstrap,
        ),
        Lack::Root => Finding::bad("OC019", "root", what, next()),
        Lack::Room => Finding::bad(DISK, "disk", what, next()),
    })
}

fn cluster_client(cx: &Context, wish: &Wish) -> Finding {
    let not_there = |fact, fix: Next| Finding::bad("OC016", "kubectl", fact, fix).optional();
    if let Ok(path) = which::which("kubectl") {
        return Finding::ok("OC016", "kubectl", format!("at {}", path.display()));
    }
    let built = bundle::ready(&cx.paths).is_some();
    let to_be_built =
        which::which("minikube").is_err() && wish.driver == "docker" && std::env::consts::OS == "linux";
    if !built && !to_be_built {
        let profile = match &cx.target {
            Target::Profile(name) if name != PROFILE => format!(" -p {name}"),
            _ => String::new(),
        };
        let alias = shell(format!("alias kubectl='minikube{profile} kubectl --'"));
        return not_there("not on PATH; minikube can download one".to_owned(), alias);
    }
    let link = Kubectl::place(&cx.paths);
    let folder = link.parent().unwrap_or(&link);
    let leads = Kubectl::leads(&link, &cx.paths);
    if leads && on_path(folder) {
        let fact = format!("{} works once `opsctl up` has built the bundle", link.display());
        return Finding::ok("OC016", "kubectl", fact);
    }
    if leads || link.exists() {
        let fact = format!("at {}, which is not on PATH", link.display());
        return not_there(fact, shell(format!("export PATH=\"{}:$PATH\"", folder.display())));
    }
    let works = if built { "" } else { ", once `opsctl up` has built it" };
    let fact = format!("not on PATH; {} can link to the bundled one{works}", link.display());
    not_there(fact, opsctl("check --fix")).mendable(Mend::LinkKubectl)
}

/// Whether the cluster is there already, running or not.
fn exists(cx: &Context) -> bool {
    match &cx.target {
        Target::Profile(name) => Profile::read(&cx.paths, name).is_ok_and(|p| p.is_some()),
        Target::Context(_) => true,
    }
}

/// Memory, processors, disk: only where the cluster is still to be made.
async fn machine(cx: &Context, wish: &Wish) -> Vec<Finding> {
    if exists(cx) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    all.push(if cpus < 2 {
        Finding::bad("OC022", "cpus", "1, but Kubernetes needs 2", advice("give this machine a second CPU"))
    } else if cpus < usize::from(wish.cpus) {
        let fact = format!("{cpus}, but each node is to get {}", wish.cpus);
        Finding::bad("OC022", "cpus", fact, opsctl(format!("up --cpus {cpus}")))
    } else {
        Finding::ok("OC022", "cpus", format!("{cpus}"))
    });
    all.extend(memory(wish, available_memory()));
    let need: u64 = if bundle::ready(&cx.paths).is_some() || which::which("minikube").is_ok() {
        6 << 30
    } else {
        18 << 30
    };
    if let Some(free) = host::free_bytes(&cx.paths.home).await {
        all.push(if free >= need {
            Finding::ok("OC023", "disk", format!("{} free", bytes(free)))
        } else {
            Finding::bad(
                "OC023",
                "disk",
                format!("{} free, {} needed", bytes(free), bytes(need)),
                advice("free some disk space, then run opsctl check"),
            )
        });
    }
    all
}

/// Whether this much free memory does for all nodes; the `--memory` that is named instead does.
fn memory(wish: &Wish, free: Option<u64>) -> Option<Finding> {
    let nodes = u64::from(wish.nodes);
    let Some(wanted) = memory_size(&wish.memory).map(|each| each * nodes) else {
        let fact = format!("--memory {} is not a size", wish.memory);
        return Some(Finding::bad("OC021", "memory", fact, opsctl("up --memory 3g")));
    };
    let free = free?;
    if free >= wanted {
        return Some(Finding::ok("OC021", "memory", format!("{} free", bytes(free))));
    }
    // In whole hundreds: what is free moves a little until the next look.
    let fits = (free >> 20) / nodes / 100 * 100;
    Some(if fits >= LEAST_MEMORY {
        let fact = format!("{} free, but {nodes} nodes need {}", bytes(free), bytes(wanted));
        Finding::bad("OC021", "memory", fact, opsctl(format!("up --memory {fits}m")))
    } else {
        let least = bytes((LEAST_MEMORY * nodes) << 20);
        let fact = format!(
            "{} free: {nodes} nodes need {least}, with the least memory that minikube accepts",
            bytes(free)
        );
        Finding::bad(
            "OC021",
            "memory",
            fact,
            advice(format!("free memory until {least} are available, then run opsctl check")),
        )
    })
}

fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

/// The cluster answers, and has that many nodes that are ready.
async fn nodes(cx: &Context, wanted: usize) -> Vec<Finding> {
    // A context is somebody else's cluster: minikube neither makes it nor mends it.
    let by_target = |profile, context| match &cx.target {
        Target::Profile(_) => profile,
        Target::Context(_) => context,
    };
    let client = match cx.client().await {
        Ok(client) => client,
        Err(e) => {
            let fix = by_target(opsctl("minikube up"), kubectl("config get-contexts"));
            return vec![Finding::bad("OC030", "cluster", said(&e), fix)];
        }
    };
    let answers = Finding::ok("OC030", "cluster", "answers");
    if wanted == 0 {
        return vec![answers];
    }
    let api: Api<Node> = Api::all(client);
    let list = match api.list(&ListParams::default()).await {
        Ok(list) => list,
        Err(e) => {
            return vec![Finding::bad(
                "OC030",
                "cluster",
                format!("the nodes cannot be listed: {e}"),
                by_target(opsctl("minikube status"), kubectl("get nodes")),
            )];
        }
    };
    let ready = list.items.iter().filter(|node| is_ready(node)).count();
    vec![
        answers,
        if ready >= wanted {
            Finding::ok("OC031", "nodes", format!("{ready} ready"))
        } else {
            let fact = format!("{ready} of {} ready, {wanted} needed", list.items.len());
            Finding::bad("OC031", "nodes", fact, by_target(opsctl("minikube up"), kubectl("get nodes")))
        },
    ]
}

async fn is_up(cx: &Context, needed: &Needed) -> Finding {
    let Needed { stack, namespace, by } = needed;
    let found = async {
        let api: Api<Namespace> = Api::all(cx.client().await?);
        let ns = api.get_opt(namespace).await?;
        anyhow::Ok(ns.map(serde_json::to_value).transpose()?)
    };
    match found.await {
        Ok(Some(ns)) if manifest::made_by(&ns).is_some() => {
            Finding::ok("OC040", stack.clone(), format!("opsctl created namespace {namespace}"))
        }
        Ok(Some(Value::Object(_))) => Finding::bad(
            "OC041",
            stack.clone(),
            format!("namespace {namespace} exists, and opsctl did not make it"),
            kubectl(format!("get namespace {namespace} -o yaml")),
        ),
        Ok(_) => {
            let fact = format!("not up, and {by} needs it");
            Finding::bad("OC040", stack.clone(), fact, opsctl(format!("{stack} up")))
        }
        Err(e) => Finding::bad("OC040", stack.clone(), said(&e), opsctl("minikube status")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_that_is_named_passes_the_same_check() {
        for nodes in 2..=9 {
            for free in (1 << 30..64_u64 << 30).step_by(300 << 20) {
                let wish = Wish { nodes, memory: "900g".into(), ..Wish::default() };
                let finding = memory(&wish, Some(free)).unwrap();
                assert!(!finding.ok);
                let fix = finding.fix.unwrap().to_string();
                let enough = free >= (LEAST_MEMORY << 20) * u64::from(nodes);
                assert_eq!(enough, fix.starts_with("opsctl up --memory "), "{fix}");
                if let Some(named) = fix.strip_prefix("opsctl up --memory ") {
                    let again = Wish { memory: named.into(), ..wish };
                    assert!(memory(&again, Some(free)).unwrap().ok, "{named} of {free} on {nodes} nodes");
                    assert!(
                        memory_size(named).unwrap() >= LEAST_MEMORY << 20,
                        "{named} is less than minikube takes"
                    );
                }
            }
        }
    }
}
