//! Machines that somebody removed from Docker while minikube still knows them.
//!
//! A removed container leaves its volume, and on it the cluster's data. minikube makes the machine anew on that
//! volume, finds its own settings there unchanged, does nothing, and waits six minutes for an API server that
//! nobody starts (minikube 1.38).

use anyhow::Result;

use super::state;
use crate::context::{Context, Profile};
use crate::host::docker;

/// Makes the volumes of removed machines ready for minikube's start: takes off them what would keep it from
/// setting the node up, and the container runtime's store, into which it unpacks its preload a second time: the
/// two contradict each other ("failed to rename: file exists"). Images come back; nothing else lies in there.
pub(super) async fn prepare(cx: &Context, profile: &Profile) -> Result<()> {
    if profile.driver != "docker" {
        return Ok(());
    }
    let there = state::machines(&profile.name).await?;
    let machines = profile.nodes.iter().map(|n| profile.machine(n));
    let removed: Vec<_> = machines.filter(|m| !there.contains_key(m)).collect();
    if removed.is_empty() {
        return Ok(());
    }
    let listed = docker::run(["volume", "ls", "--filter", state::LABEL, "--format", "{{.Name}}"]);
    let all = listed.text().await?;
    let volumes: Vec<_> = all.lines().filter(|v| removed.iter().any(|m| m == v)).collect();
    if !volumes.is_empty() {
        cx.ui.warn(format!("removed, and recreated on its volume, without images: {}", volumes.join(", ")));
    }
    for volume in volumes {
        let mount = format!("{volume}:/var");
        docker::run(["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "rm", "-v", &mount])
            .args([&profile.kic_base_image, "-rf", "/var/tmp/minikube/kubeadm.yaml", "/var/lib/containerd"])
            .ok()
            .await?;
    }
    Ok(())
}
