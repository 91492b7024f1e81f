//! Joins a worker to the cluster. minikube does that at a node's first start alone, and its `node delete` fails
//! for a node that the cluster does not know (1.38): a machine made anew, or cut off before it joined, stays out.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::{Value, json};

use crate::context::{Context, Profile};
use crate::error::{Problem, code_of, problem, shell};
use crate::host::docker;

/// How long kubeadm may take: it waits for the kubelet's first certificate.
const PATIENCE: Duration = Duration::from_mins(5);

/// Makes a machine the node that it was, where it has that node's certificate: whether it is one now.
///
/// What a container held outside its volume says who the node is. Its certificate lies on the volume, and needs
/// no token.
pub(super) async fn by_certificate(profile: &Profile, machine: &str) -> Result<bool> {
    const KEY: &str = "/var/lib/kubelet/pki/kubelet-client-current.pem";
    const SCRIPT: &str = r#"
        [ ! -e /etc/kubernetes/kubelet.conf ] || exit 0
        [ -e "$1" ] || exit 3
        umask 077
        cat >/etc/kubernetes/kubelet.conf && systemctl restart kubelet"#;
    let conf = kubeconfig(profile, &json!({"client-certificate": KEY, "client-key": KEY}));
    let run = docker::run(["exec", "-i", machine, "sh", "-c", SCRIPT, "sh", KEY]).input(conf);
    let ended = run.any().await?;
    match ended.code {
        Some(0) => Ok(true),
        Some(3) => Ok(false),
        _ => Err(problem!(Minikube, "could not restore {machine} as the node that it was")
            .found(ended.last_words(3))
            .into()),
    }
}

/// Joins a machine that holds nothing as a new node, in the place of one that the cluster may know by its name.
/// The token goes by a file that is gone with it, is good for minutes, and stands in no command line.
pub(super) async fn anew(cx: &Context, profile: &Profile, machine: &str) -> Result<()> {
    const SCRIPT: &str = r#"
        umask 077
        trap 'rm -f /run/join.conf' EXIT
        cat >/run/join.conf
        "$1" join --discovery-file /run/join.conf --node-name "$2" --cri-socket "$3" \
            --ignore-preflight-errors all && systemctl enable --now kubelet"#;
    let nodes: Api<Node> = Api::all(cx.client().await?);
    match nodes.delete(machine, &DeleteParams::default()).await {
        Ok(_) => {}
        Err(kube::Error::Api(status)) if status.code == 404 => {}
        Err(e) => return Err(e).with_context(|| format!("could not delete the former node {machine}")),
    }
    let kubeadm =
        format!("/var/lib/minikube/binaries/{}/kubeadm", profile.kubernetes_config.kubernetes_version);
    let primary =
        profile.primary().map(|n| profile.machine(n)).context("the profile has no control plane")?;
    let token = docker::run(["exec", &primary, &kubeadm, "token", "create", "--ttl", "10m"]).text().await?;
    let conf = kubeconfig(profile, &json!({"token": token.trim()}));
    let socket = match profile.kubernetes_config.container_runtime.as_str() {
        "containerd" => "unix:///run/containerd/containerd.sock",
        "crio" | "cri-o" => "unix:///var/run/crio/crio.sock",
        _ => "unix:///var/run/cri-dockerd.sock",
    };
    docker::run(["exec", "-i", machine, "sh", "-c", SCRIPT, "sh", &kubeadm, machine, socket])
        .input(conf)
        .timeout(PATIENCE)
        .ok()
        .await
        .map_err(|e| {
            let refused = Problem::new(code_of(&e), format!("{machine} could not join the cluster"));
            e.context(refused.next(shell(format!("minikube logs -p {} --node {machine}", profile.name))))
        })?;
    Ok(())
}

/// A kubeconfig for a worker: by files and names that minikube gives every node.
fn kubeconfig(profile: &Profile, user: &Value) -> String {
    let port = profile.primary().map_or(8443, |n| n.port);
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "minikube", "cluster": {
            "server": format!("https://control-plane.minikube.internal:{port}"),
            "certificate-authority": "/var/lib/minikube/certs/ca.crt"}}],
        "users": [{"name": "node", "user": user}],
        "contexts": [{"name": "node", "context": {"cluster": "minikube", "user": "node"}}],
        "current-context": "node",
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_led_to_the_profiles_api_server() {
        let profile: Profile = serde_json::from_value(json!({"Name": "dev", "Nodes": [
            {"Name": "", "Port": 9443, "ControlPlane": true}, {"Name": "m02", "Port": 1}]}))
        .unwrap();
        let text = kubeconfig(&profile, &json!({"token": "a.b"}));
        let config: kube::config::Kubeconfig = serde_json::from_str(&text).unwrap();
        assert_eq!(config.current_context.as_deref(), Some("node"));
        let server = config.clusters[0].cluster.as_ref().and_then(|c| c.server.as_deref());
        assert_eq!(server, Some("https://control-plane.minikube.internal:9443"));
        assert!(config.auth_infos[0].auth_info.as_ref().is_some_and(|user| user.token.is_some()));
    }
}
