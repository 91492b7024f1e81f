//! `minikube up`: the cluster, started or mended.

use std::ffi::OsString;

use anyhow::Result;

use crate::check::{self, Mend, Needs};
use crate::command::lifecycle;
use crate::context::{Context, Profile, node_address};
use crate::engine::{self, Plan};
use crate::error::{Next, opsctl};
use crate::journal::{self, Scope};
use crate::minikube::Wish;
use crate::stack;

/// The flags of `minikube up`, which `up` has too.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Number of nodes
    #[arg(long, env = "OPSCTL_NODES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=9))]
    pub nodes: u8,
    /// CPUs of each node
    #[arg(long, env = "OPSCTL_CPUS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..))]
    pub cpus: u16,
    /// Memory of each node
    #[arg(long, env = "OPSCTL_MEMORY", default_value = "3g")]
    pub memory: String,
    /// minikube driver
    #[arg(long, env = "OPSCTL_DRIVER", default_value = "docker")]
    pub driver: String,
    /// Options passed to minikube unchanged
    #[arg(last = true, value_name = "MINIKUBE OPTIONS")]
    pub rest: Vec<OsString>,
}

impl Args {
    /// The cluster that this asks for.
    pub fn wish(&self) -> Wish {
        let Self { nodes, cpus, memory, driver, rest } = self.clone();
        Wish { nodes, cpus, memory, driver, rest }
    }
}

/// Starts it.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let plan = prepared(cx, args.wish(), opsctl("minikube up")).await?;
    if let Some(summary) = lifecycle::up(cx, &[plan]).await? {
        let address =
            cx.profile().ok().and_then(|p| node_address(&p).map(str::to_owned).ok()).unwrap_or_default();
        lifecycle::ready(cx, &summary, 1, &format!("nodes at {address}"), opsctl("redis up"));
    }
    Ok(())
}

/// The plan of the cluster, once its prerequisites are there.
pub async fn prepared(cx: &Context, wish: Wish, command: Next) -> Result<Plan> {
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
        cx.ui.warn(format!("{unheeded}; only a new profile can get a different size"));
    }
    stack::minikube::plan(profile, &wish)
}

/// Whether the journal knows that opsctl started the Docker daemon.
fn docker_is_ours(cx: &Context) -> bool {
    journal::read(&cx.paths.state).is_ok_and(|h| h.newest(&Scope::Host, "docker daemon").is_some())
}
