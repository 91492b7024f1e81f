//! The sandbox that tests of the binary stand on: its fakes, its log, its walls.
#![allow(clippy::unwrap_used)]

#[path = "support/sandbox.rs"]
#[allow(dead_code, reason = "the tests of the binary use the rest")]
mod sandbox;

use sandbox::Sandbox;

#[test]
fn calls_of_fakes_are_logged_in_order_with_their_arguments() {
    let sandbox = Sandbox::new().tool("docker", "echo 29.0").tool("minikube", "exit 7");
    let ran = sandbox.run("/bin/sh", &["-c", "docker version 'a b'; minikube start \"x\ny\"; docker info"]);
    assert_eq!(ran.ends(0).stdout, "29.0\n29.0\n");
    assert_eq!(sandbox.calls(), ["docker version a b", "minikube start x\ny", "docker info"]);
    let _ = sandbox.run("/bin/sh", &["-c", "minikube status"]).ends(7);
}

#[test]
fn a_fake_can_tell_its_first_call_from_the_next_and_read_its_input() {
    let sandbox = Sandbox::new().tool("ctr", "echo \"$CALLS: $(cat)\"").stdin("image");
    let ran = sandbox.run("/bin/sh", &["-c", "ctr; ctr </dev/null"]).ends(0);
    assert_eq!(ran.stdout, "1: image\n2: \n");
}

#[test]
fn a_tool_that_is_not_faked_is_not_there() {
    let sandbox = Sandbox::new().tool("docker", "");
    let _ = sandbox.run("/bin/sh", &["-c", "command -v docker"]).ends(0);
    let _ = sandbox.run("/bin/sh", &["-c", "command -v ls"]).ends(127);
}

#[test]
fn nothing_of_the_machines_environment_shines_through() {
    let sandbox = Sandbox::new().tool("show", "env").env("OPSCTL_PROFILE", "dev");
    let ran = sandbox.run("/bin/sh", &["-c", "show"]).ends(0);
    let inside = |line: &&str| !line.contains(&sandbox.home().display().to_string());
    let mut rest: Vec<_> =
        ran.stdout.lines().filter(inside).filter_map(|l| l.split_once('=')).map(|(k, _)| k).collect();
    rest.sort_unstable();
    assert_eq!(
        rest,
        ["DOCKER_HOST", "HERE", "LANG", "OPSCTL_PROFILE", "PATH", "PWD", "XDG_RUNTIME_DIR"]
            .iter()
            .filter(|k| rest.contains(k))
            .copied()
            .collect::<Vec<_>>()
    );
    assert!(rest.contains(&"OPSCTL_PROFILE"));
}

#[test]
fn the_binary_finds_the_home_the_kubeconfig_and_the_profile_of_the_sandbox() {
    let sandbox =
        Sandbox::new().kubeconfig("apiVersion: v1\n").profile("minikube", &["192.168.49.2", "192.168.49.3"]);
    let _ = sandbox.opsctl(&["--version"]).ends(0);
    let profile =
        std::fs::read_to_string(sandbox.home().join(".minikube/profiles/minikube/config.json")).unwrap();
    let profile: opsctl::context::Profile = serde_json::from_str(&profile).unwrap();
    assert_eq!(profile.machine(&profile.nodes[1]), "minikube-m02");
    assert!(sandbox.home().join(".kube/config").is_file());
    assert!(!sandbox.state().exists(), "nothing was written");
}
