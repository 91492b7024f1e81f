//! A minikube profile goes only where opsctl made it, and then whole.

use std::path::PathBuf;

use crate::sandbox::Sandbox;
use crate::world::{DOCKER_RUNS, with_a_cluster};

/// The version of Kubernetes that the fake minikube has in its cache.
const VERSION: &str = "v1.34.4";

/// A minikube that deletes, and whose start does what the sandbox's `start` says.
const MINIKUBE: &str = r#"
profile="$HERE/home/.minikube/profiles/minikube"
case "$1" in
    version) echo v1.38.1 ;;
    delete) rm -r "$profile" ;;
    start) . "$HERE/home/start" ;;
esac"#;

/// With all that an installed minikube needs, so that no registry is asked.
fn sandbox() -> Sandbox {
    let docker = format!("{DOCKER_RUNS}\n[ \"$1\" != image ] || echo 1234");
    let arch = opsctl::host::arch();
    let mut sandbox = Sandbox::new().tool("docker", &docker).tool("minikube", MINIKUBE);
    let tarball = format!("preloaded-images-k8s-v18-{VERSION}-docker-overlay2-{arch}.tar.lz4");
    sandbox = sandbox.file(&format!(".minikube/cache/preloaded-tarball/{tarball}"), "");
    for program in ["kubeadm", "kubelet", "kubectl"] {
        sandbox = sandbox.file(&format!(".minikube/cache/linux/{arch}/{VERSION}/{program}"), "");
    }
    sandbox
}

/// The same with a profile whose API server does not answer.
fn with_a_profile() -> Sandbox {
    sandbox().profile("minikube", &["127.0.0.1"]).kubeconfig(
        "apiVersion: v1\nkind: Config\ncurrent-context: minikube\n\
         contexts:\n- {name: minikube, context: {cluster: c, user: u}}\n- {name: work, context: {cluster: c, user: u}}\n\
         clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
         users: [{name: u, user: {}}]\n",
    )
}

fn folder(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".minikube/profiles/minikube")
}

fn deleted(sandbox: &Sandbox) -> bool {
    sandbox.calls().iter().any(|call| call.starts_with("minikube delete"))
}

#[test]
fn a_profile_that_took_the_place_of_opsctls_is_left_alone() {
    for args in [&["undo", "--yes"][..], &["undo", "--all", "--yes"], &["down", "--yes"]] {
        let sandbox = with_a_profile();
        with_a_cluster(&sandbox, "the one before");
        let files = || {
            let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
            (read(folder(&sandbox).join("config.json")), read(sandbox.home().join(".kube/config")))
        };
        let before = files();
        let ran = sandbox.opsctl(args).ends(0);
        for said in ["opsctl did not make this one", "minikube delete -p minikube"] {
            assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        }
        assert_eq!(files(), before, "{args:?}");
        let again = sandbox.opsctl(args).ends(0);
        assert!(again.stderr.contains("Nothing to do"), "{args:?}: {}", again.stderr);
        // Nothing of opsctl's stands there any more that would have to be undone first.
        let _ = sandbox.opsctl(&["uninstall", "--dry-run"]).ends(0);
        assert!(!deleted(&sandbox), "{:?}", sandbox.calls());
    }
}

#[test]
fn minikube_down_refuses_a_profile_that_only_a_stale_record_knows() {
    let sandbox = with_a_profile();
    with_a_cluster(&sandbox, "the one before");
    let ran = sandbox.opsctl(&["minikube", "down", "--yes"]).ends(5).guides("minikube delete -p minikube");
    assert!(ran.stderr.contains("did not make the minikube profile"), "{}", ran.stderr);
    assert!(folder(&sandbox).exists() && !deleted(&sandbox));
}

#[test]
fn a_profile_with_opsctls_mark_goes_though_its_cluster_does_not_answer() {
    let sandbox = with_a_profile().file(".minikube/profiles/minikube/opsctl.json", "{}");
    with_a_cluster(&sandbox, "unknown");
    let _ = sandbox.opsctl(&["minikube", "down", "--yes"]).ends(0);
    assert!(deleted(&sandbox) && !folder(&sandbox).exists());
    let config = std::fs::read_to_string(sandbox.home().join(".kube/config")).unwrap();
    assert!(config.contains("current-context: \"work\""), "{config}");
}

#[test]
fn a_start_that_is_killed_leaves_a_profile_that_is_opsctls() {
    let start = "cp \"$profile/opsctl.json\" \"$HERE/seen\"\n";
    let half =
        "echo '{\"Name\":\"minikube\",\"Driver\":\"docker\",\"Nodes\":[]}' >\"$profile/config.json\"\n";
    for (came_to, goes) in [("", false), (half, true)] {
        let sandbox = sandbox().file("start", &format!("{start}{came_to}kill -9 $PPID\n"));
        let ran = sandbox.opsctl(&["minikube", "up", "--memory", "1m"]);
        assert_eq!(ran.code, None, "{ran:?}");
        assert!(sandbox.home().with_file_name("seen").exists(), "no mark before minikube begins");
        let undone = sandbox.opsctl(&["undo", "--yes"]).ends(0);
        assert!(undone.stderr.contains("1 change undone"), "{}", undone.stderr);
        assert_eq!(deleted(&sandbox), goes);
        assert!(!folder(&sandbox).exists(), "the profile's folder is left");
    }
}

#[test]
fn a_start_that_makes_no_profile_leaves_no_mark() {
    let sandbox = sandbox().file("start", "exit 80\n");
    let ran = sandbox.opsctl(&["minikube", "up", "--memory", "1m"]).ends(1);
    assert!(ran.stderr.contains("opsctl undo"), "{}", ran.stderr);
    assert!(!folder(&sandbox).exists());
}

#[test]
fn before_removed_machines_are_made_anew_the_volumes_that_are_left_are_made_ready() {
    let docker =
        format!("{DOCKER_RUNS}\n[ \"$1\" != image ] || echo 1234\n[ \"$1\" != volume ] || echo minikube");
    let sandbox = sandbox().tool("docker", &docker).profile("minikube", &["127.0.0.1", "127.0.0.2"]);
    let sandbox = sandbox.file("start", "exit 80\n");
    let ran = sandbox.opsctl(&["minikube", "up", "--memory", "1m"]).ends(1);
    assert!(ran.stderr.contains("recreated on its volume, without images: minikube"), "{}", ran.stderr);
    let calls = sandbox.calls();
    let at = |begin: &str| calls.iter().position(|call| call.starts_with(begin));
    let cleared = at("docker run --rm --network none --user 0 --entrypoint rm -v minikube:/var node:1 -rf ");
    assert!(cleared.is_some() && cleared < at("minikube start"), "{calls:?}");
    // Docker would make the other one's.
    assert!(
        at("docker run").is_some() && !calls.iter().any(|call| call.contains("-v minikube-m02:")),
        "{calls:?}"
    );
    assert!(folder(&sandbox).exists() && !deleted(&sandbox), "{calls:?}");
}
