//! `minikube …`.

use std::process::ExitCode;

use anyhow::Result;
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use super::lifecycle;
use crate::check::{self, Mend, Needs};
use crate::cli;
use crate::context::{Context, Profile, node_address};
use crate::engine::{self, Plan, Reach};
use crate::error::Problem;
use crate::journal::{self, Scope};
use crate::minikube::{Settings, Wish};
use crate::stack;
use crate::step::Step;
use crate::step::cluster::Cluster;
use crate::ui::table;

/// The plan of the cluster, once its prerequisites are there.
pub async fn prepared(cx: &Context, wish: Wish, command: &str) -> Result<Plan> {
    let profile = cx.profile_name()?;
    let needs = Needs::Cluster(wish.clone());
    let mut findings = check::look(cx, &needs).await;
    if findings.iter().any(|f| f.mend == Some(Mend::StartDocker)) && docker_is_ours(cx) && !cx.dry_run {
        // After a reboot nobody else starts what `check --fix` started.
        cx.ui.note("Docker is not running; opsctl started it before, and starts it again.");
        // That and nothing else: the rest is `check --fix`'s to ask about.
        findings.retain(|f| f.mend == Some(Mend::StartDocker));
        if let Some(plan) = stack::host::plan(&cx.paths, &findings) {
            engine::up(cx, &[plan]).await?;
            findings = check::look(cx, &needs).await;
        }
    }
    check::demand(cx, &findings, command)?;
    let there = Profile::read(&cx.paths, profile).ok().flatten().filter(|p| !p.nodes.is_empty());
    for unheeded in there.iter().flat_map(|there| stack::minikube::unheeded(&wish, there)) {
        cx.ui.warn(format!("{unheeded}; only a new profile is made with another size"));
    }
    stack::minikube::plan(profile, &wish)
}

/// Whether the journal knows that opsctl started the Docker daemon.
fn docker_is_ours(cx: &Context) -> bool {
    journal::read(&cx.paths.state).is_ok_and(|h| h.newest(&Scope::Host, "docker daemon").is_some())
}

/// `minikube up`.
pub async fn up(cx: &Context, args: &cli::MinikubeUp) -> Result<()> {
    lifecycle::target_line(cx).await;
    let plan = prepared(cx, args.wish(), "opsctl minikube up").await?;
    if let Some(summary) = lifecycle::up(cx, &[plan]).await? {
        let address =
            cx.profile().ok().and_then(|p| node_address(&p).map(str::to_owned).ok()).unwrap_or_default();
        lifecycle::ready(cx, &summary, 1, &format!("nodes at {address}"), "opsctl redis up");
    }
    Ok(())
}

/// `minikube down`: dependents first, their data kept. A profile that opsctl did not make is left alone.
pub async fn down(cx: &Context, args: cli::Down) -> Result<()> {
    lifecycle::target_line(cx).await;
    let profile = cx.profile_name()?;
    let history = journal::read_sound(&cx.paths.state)?;
    let cluster = Cluster::new(profile, Settings::default());
    let mut ours = cluster.marked(cx);
    let cluster = Step::from(cluster);
    for entry in history.standing(&Scope::Profile(profile.to_owned())) {
        // An entry may be about a profile of that name that is gone.
        ours = ours || cluster.spares(cx, &entry.is.before, entry.made.as_ref()).await.is_none();
    }
    if !ours && cx.paths.profile(profile).join("config.json").exists() {
        return Err(Problem::conflict(format!("opsctl did not make the minikube profile \"{profile}\""))
            .found("Nothing was touched: it may hold something of value.")
            .next(format!("opsctl --profile {profile} down, which takes back what opsctl made in it"))
            .next(format!("minikube delete -p {profile}"))
            .into());
    }
    all_down(cx, args).await
}

/// Everything that opsctl made, in the cluster and around it.
pub async fn all_down(cx: &Context, args: cli::Down) -> Result<()> {
    let plans = stack::all(cx)?;
    let parts = plans.iter().map(|p| p.part).chain([stack::minikube::PART]).collect();
    lifecycle::down(cx, &Reach::Parts(parts), &plans, args.discard_data).await
}

/// A node as `status` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct NodeLine {
    /// Its name.
    pub name: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether new pods may go there.
    pub schedulable: bool,
    /// Its address on the driver's network.
    pub address: String,
    /// The kubelet's version.
    pub version: String,
}

/// The nodes, the control plane first.
pub async fn node_lines(cx: &Context) -> Result<Vec<NodeLine>> {
    let api: Api<Node> = Api::all(cx.client().await?);
    let mut lines = Vec::new();
    for node in api.list(&ListParams::default()).await? {
        let status = node.status.unwrap_or_default();
        lines.push(NodeLine {
            name: node.metadata.name.unwrap_or_default(),
            ready: status.conditions.iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True"),
            schedulable: !node.spec.and_then(|s| s.unschedulable).unwrap_or(false),
            address: status
                .addresses
                .iter()
                .flatten()
                .find(|a| a.type_ == "InternalIP")
                .map(|a| a.address.clone())
                .unwrap_or_default(),
            version: status.node_info.map(|i| i.kubelet_version).unwrap_or_default(),
        });
    }
    lines.sort_by_key(|l| (l.name.len(), l.name.clone()));
    Ok(lines)
}

/// `minikube status`: exit 1 unless every node is ready.
pub async fn status(cx: &Context) -> Result<ExitCode> {
    let lines = node_lines(cx).await?;
    cx.ui.report(
        &lines,
        || {
            let rows: Vec<_> = lines
                .iter()
                .map(|l| {
                    let state = match (l.ready, l.schedulable) {
                        (true, true) => "ready",
                        (true, false) => "ready, cordoned",
                        (false, _) => "NOT READY",
                    };
                    vec![l.name.clone(), state.to_owned(), l.address.clone(), l.version.clone()]
                })
                .collect();
            table(&["NODE", "STATE", "ADDRESS", "KUBELET"], &rows)
        },
        || lines.iter().map(|l| format!("node/{}", l.name)).collect(),
    )?;
    Ok(if lines.iter().all(|l| l.ready) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
