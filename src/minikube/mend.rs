//! Brings back a profile that is stopped, frozen, half made, short of nodes, or hurt by a reboot. Never deletes
//! what may hold data.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::state::{self, ProfileState};
use super::{Choice, Settings, hears, join, launch, remake, run, start, wait_ready};
use crate::context::{Context, Profile};
use crate::error::{Class, Problem, again, class_of, kubectl, opsctl, problem, shell};
use crate::host::docker;
use crate::ui::Row;

/// How long a node that was started may take to be ready before more is done about it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Makes a profile in this state run with all of its nodes ready; what was done, in a few words.
///
/// A torn profile and one of another driver are only explained: what would help destroys what is there.
pub async fn mend(
    cx: &Context,
    choice: &Choice,
    settings: &Settings,
    found: &ProfileState,
    row: &Row,
) -> Result<String> {
    let name = cx.profile_name()?;
    match found {
        ProfileState::Running { nodes } => Ok(format!("{nodes} nodes ready")),
        ProfileState::Absent => {
            start(cx, choice, settings, row).await?;
            Ok(format!("{} nodes ready", settings.nodes))
        }
        ProfileState::Torn { reason } => Err(problem!(
            Profile,
            "the file of the profile \"{name}\" is damaged, so minikube cannot act on it"
        )
        .found(reason.clone())
        .found("its nodes may still hold data; deleting the profile deletes it")
        .next(shell(format!("minikube delete -p {name}")))
        .into()),
        ProfileState::WrongDriver { driver } => Err(problem!(
            OtherCluster,
            "the profile \"{name}\" was created with the {driver} driver, not {}",
            settings.driver
        )
        .next(again().with(format!("--driver {driver}")))
        .next(again().with("--profile another-name"))
        .into()),
        ProfileState::Paused { machines } if machines.is_empty() => {
            run(cx, choice, &["unpause", "-p", name]).timeout(Duration::from_mins(2)).ok().await?;
            settle(cx, settings, row).await?;
            Ok("unpaused".to_owned())
        }
        ProfileState::Paused { machines } => {
            docker::run(["unpause"]).args(machines).ok().await?;
            settle(cx, settings, row).await?;
            Ok(format!("{} unpaused", machines.join(", ")))
        }
        ProfileState::Stopped { nodes } => {
            revive(cx, choice, settings, row).await?;
            Ok(format!("started again, {nodes} nodes ready"))
        }
        ProfileState::HalfMade { reason } => {
            revive(cx, choice, settings, row).await?;
            Ok(format!("completed ({reason})"))
        }
        ProfileState::TooFewNodes { nodes, wanted } => {
            for _ in *nodes..*wanted {
                add_node(cx, choice, row).await?;
            }
            wait_ready(cx, *wanted, None, row).await?;
            Ok(format!("{} added, {wanted} nodes ready", wanted - nodes))
        }
        ProfileState::Degraded { broken, .. } => {
            row.doing(format!("repairing {}", names(broken)));
            let known = Profile::read(&cx.paths, name)?;
            let primary = known.as_ref().and_then(|p| p.primary().map(|n| p.machine(n)));
            let stopped = broken.values().any(|why| why.contains("stopped"));
            if stopped || primary.is_some_and(|p| broken.contains_key(&p)) {
                revive(cx, choice, settings, row).await?;
            } else {
                settle(cx, settings, row).await?;
            }
            Ok(format!("{} repaired", names(broken)))
        }
    }
}

fn names(broken: &BTreeMap<String, String>) -> String {
    broken.keys().cloned().collect::<Vec<_>>().join(", ")
}

/// Starts machines and cluster, then sees to each node, and to the number of them.
async fn revive(cx: &Context, choice: &Choice, settings: &Settings, row: &Row) -> Result<()> {
    let name = cx.profile_name()?;
    if settings.driver == "docker" {
        wake_machines(name, row).await?;
    }
    match begin(cx, choice, settings, row).await {
        // One that stays behind is dealt with below.
        Err(error) if class_of(&error) != Class::Timeout => return Err(error),
        _ => {}
    }
    settle(cx, settings, row).await?;
    let have = super::nodes(cx)?;
    for _ in have..settings.nodes {
        add_node(cx, choice, row).await?;
    }
    wait_ready(cx, settings.nodes, None, row).await
}

/// minikube's own start, of machines that are there and of those that were removed; patient for a while only.
async fn begin(cx: &Context, choice: &Choice, settings: &Settings, row: &Row) -> Result<()> {
    let limited = Context::new(cx.ui.clone(), cx.paths.clone(), cx.target.clone(), PATIENCE);
    let Some(profile) = Profile::read(&cx.paths, cx.profile_name()?)? else {
        return start(&limited, choice, settings, row).await;
    };
    remake::prepare(cx, &profile).await?;
    let since = launch(&limited, choice, settings, row).await?;
    join_workers(cx, &profile, row).await?;
    wait_ready(&limited, settings.nodes.min(profile.nodes.len()), Some(since), row).await
}

/// Joins the workers that are none: minikube does so only at a machine's very first start.
async fn join_workers(cx: &Context, profile: &Profile, row: &Row) -> Result<()> {
    if profile.driver != "docker" {
        return Ok(());
    }
    for machine in profile.nodes.iter().filter(|n| !n.control_plane).map(|n| profile.machine(n)) {
        if !join::by_certificate(profile, &machine).await? {
            row.doing(format!("joining {machine}"));
            cx.ui.warn(format!("{machine} is not a node of the cluster; it joins as a new one"));
            join::anew(cx, profile, &machine).await?;
        }
    }
    Ok(())
}

/// Starts all machines at once and waits until containerd answers in each. minikube starts them one after the
/// other, and when containerd is not up at its first look it looks again only after eight seconds.
async fn wake_machines(profile: &str, row: &Row) -> Result<()> {
    let machines = state::machines(profile).await?;
    let asleep: Vec<_> =
        machines.iter().filter(|(_, s)| matches!(s.as_str(), "exited" | "created")).map(|(n, _)| n).collect();
    if asleep.is_empty() {
        return Ok(());
    }
    row.doing(format!("starting {}", asleep.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ")));
    // Where this fails, minikube's own start says why.
    docker::run(["start"]).args(&asleep).timeout(Duration::from_mins(2)).any().await?;
    let waits = machines.keys().map(|machine| async move {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            let asked = docker::run(["exec", machine, "crictl", "version"]).timeout(Duration::from_secs(5));
            if asked.any().await.is_ok_and(|o| o.ok()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    futures::future::join_all(waits).await;
    Ok(())
}

/// Waits for the nodes; what is not ready in time is restarted inside. A worker that even then does not come
/// joins anew where the cluster does not know it, else it is explained.
async fn settle(cx: &Context, settings: &Settings, row: &Row) -> Result<()> {
    let profile = cx.profile()?;
    let machines: Vec<_> = profile.nodes.iter().map(|n| (profile.machine(n), n.control_plane)).collect();
    join_workers(cx, &profile, row).await?;
    let late = late_nodes(cx, &machines, row).await?;
    if late.is_empty() {
        return Ok(());
    }
    if settings.driver == "docker" {
        for (machine, _) in &late {
            row.doing(format!("restarting containerd and kubelet on {machine}"));
            docker::run(["exec", machine, "systemctl", "restart", "containerd", "kubelet"])
                .timeout(Duration::from_secs(90))
                .any()
                .await?;
        }
    }
    let late = late_nodes(cx, &machines, row).await?;
    let known = state::ready_nodes(cx, &profile.name, None).await.ok();
    // All of them before the first one joins.
    for (machine, control_plane) in &late {
        if let Some(problem) = keeps(&profile.name, machine, *control_plane, known.as_ref()) {
            return Err(problem.into());
        }
    }
    for (machine, _) in late {
        row.doing(format!("joining {machine}"));
        cx.ui.warn(format!("{machine} never joined the cluster; it joins now"));
        join::anew(cx, &profile, &machine).await?;
    }
    wait_ready(cx, machines.len(), None, row).await
}

/// Why a machine whose node does not become ready is left as it is, and what its owner can do; none: it may join.
/// Only a worker that the cluster does not know holds nothing. `known`: the API server's nodes, none where it
/// does not answer.
fn keeps(
    profile: &str,
    machine: &str,
    control_plane: bool,
    known: Option<&BTreeMap<String, bool>>,
) -> Option<Problem> {
    if control_plane {
        return Some(
            problem!(NotReady, "the control plane on {machine} does not become ready")
                .found("it holds the cluster's data, so opsctl does not replace it")
                .next(shell(format!("minikube logs -p {profile}")))
                .next(opsctl("minikube up")),
        );
    }
    if known.is_some_and(|nodes| !nodes.contains_key(machine)) {
        return None;
    }
    Some(
        problem!(NotReady, "the worker {machine} does not become ready")
            .found("it has joined the cluster and may hold data, so opsctl does not replace it by itself")
            .next(kubectl(format!("describe node {machine}")).of(profile))
            .next(shell(format!("minikube logs -p {profile} --node {machine}")))
            .next(shell(format!("minikube node delete {machine} -p {profile}")))
            .next(opsctl("minikube up").remark("for a new one without its data")),
    )
}

/// The machines whose nodes are not ready when patience ends.
async fn late_nodes(cx: &Context, machines: &[(String, bool)], row: &Row) -> Result<Vec<(String, bool)>> {
    let name = cx.profile_name()?;
    let began = Instant::now();
    loop {
        let ready = state::ready_nodes(cx, name, None).await.unwrap_or_default();
        let late: Vec<_> = machines.iter().filter(|(m, _)| ready.get(m) != Some(&true)).cloned().collect();
        if late.is_empty() || began.elapsed() > PATIENCE {
            return Ok(late);
        }
        row.doing(format!("{} of {} nodes ready", machines.len() - late.len(), machines.len()));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn add_node(cx: &Context, choice: &Choice, row: &Row) -> Result<()> {
    super::prepare(cx, choice)?;
    let command = run(cx, choice, &["node", "add", "-p", cx.profile_name()?]);
    cx.ui.detail(format!("$ {}", command.line()));
    command.timeout(Duration::from_mins(10)).watched(|line| hears(row, line)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_worker_that_never_joined_is_joined_anew() {
        let nodes =
            |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), false)).collect::<BTreeMap<_, _>>();
        let joined = nodes(&["dev", "dev-m02"]);
        let alone = nodes(&["dev"]);
        assert!(keeps("dev", "dev-m02", false, Some(&alone)).is_none());
        let kept = keeps("dev", "dev-m02", false, Some(&joined)).unwrap();
        assert!(kept.what.contains("dev-m02") && kept.found[0].contains("may hold data"), "{kept:?}");
        assert!(
            kept.next.iter().any(|n| n.to_string().starts_with("minikube node delete dev-m02 -p dev")),
            "{kept:?}"
        );
        assert!(kept.next.iter().any(|n| n.to_string().starts_with("minikube logs -p dev")), "{kept:?}");
        // Where nobody says whether it joined, it may have.
        assert!(keeps("dev", "dev-m02", false, None).is_some());
        for known in [Some(&nodes(&[])), Some(&joined), None] {
            assert!(keeps("dev", "dev", true, known).is_some());
        }
    }
}
