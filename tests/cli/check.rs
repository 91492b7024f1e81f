//! `check` names all that is missing at once; `--fix` mends it after asking; `uninstall` takes it back.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::{DOCKER_FORBIDDEN, DOCKER_RUNS, DOCKER_SILENT, GO, NO_REGISTRY, portable, registry};

/// The codes of what is missing.
fn missing(json: &str) -> Vec<String> {
    let findings: Vec<Value> = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"));
    for finding in &findings {
        let code = finding["code"].as_str().unwrap_or_default();
        assert!(code.len() == 5 && code.starts_with("OC0"), "{finding}");
        assert_eq!(finding["ok"].as_bool(), Some(finding.get("fix").is_none()), "{finding}");
    }
    let bad = findings.iter().filter(|f| f["ok"] == false && f["optional"] != true);
    bad.map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

/// With a cluster made already: then this machine's size is not looked at.
fn sandbox() -> Sandbox {
    Sandbox::new().profile("minikube", &["192.0.2.2"]).env("HTTPS_PROXY", &registry())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn all_that_is_missing_is_named_in_one_run() {
    let empty = sandbox();
    assert_eq!(missing(&empty.opsctl(&["check", "-o", "json"]).ends(3).stdout), ["OC011", "OC015", "OC017"]);
    let silent = sandbox().tool("docker", DOCKER_SILENT).tool("dockerd", "exit 1");
    assert_eq!(missing(&silent.opsctl(&["check", "-o", "json"]).ends(3).stdout), ["OC012", "OC015", "OC017"]);
    let forbidden = sandbox().tool("docker", DOCKER_FORBIDDEN).tool("go", GO).tool("gcc", "");
    assert_eq!(missing(&forbidden.opsctl(&["check", "-o", "json"]).ends(3).stdout), ["OC013"]);
    let redis = empty.opsctl(&["check", "redis", "-o", "json"]).ends(3);
    assert_eq!(missing(&redis.stdout), ["OC011", "OC030"]);
}

#[test]
fn too_little_memory_is_named_together_with_the_rest_and_nothing_is_begun() {
    let sandbox =
        Sandbox::new().tool("docker", DOCKER_FORBIDDEN).tool("gcc", "").env("HTTPS_PROXY", &registry());
    let ran = sandbox.opsctl(&["up", "--memory", "900g"]).ends(3).guides("3 prerequisites are missing");
    for code in ["OC013", "OC015", "OC021"] {
        assert!(ran.stderr.contains(code), "{code} is not in:\n{}", ran.stderr);
    }
    assert!(ran.stderr.contains("or: opsctl up") && ran.stderr.contains("nothing was touched"), "{ran:?}");
    assert!(!sandbox.state().exists());
}

#[test]
fn a_size_that_is_none_is_a_fault_of_its_own() {
    let sandbox = Sandbox::new().tool("docker", DOCKER_RUNS).tool("minikube", "");
    let ran = sandbox.opsctl(&["minikube", "up", "--memory", "lots"]).ends(3);
    let _ = ran.guides("--memory lots is not a size");
}

#[test]
fn a_check_only_looks() {
    let sandbox = sandbox().tool("docker", DOCKER_RUNS).tool("go", GO).tool("gcc", "");
    let sandbox = sandbox.tool("apt-get", "").tool("kubectl", "");
    let ran = sandbox.opsctl(&["check", "-o", "json"]).ends(0);
    assert_eq!(missing(&ran.stdout), Vec::<String>::new());
    assert!(ran.stderr.contains("Next: opsctl up"), "{}", ran.stderr);
    let mut calls = sandbox.calls();
    calls.sort();
    calls.dedup();
    let looks = [
        "docker image inspect --format {{.Id}} debian:bookworm-slim",
        "docker info --format {{json .}}",
        "gcc -fsyntax-only -x c -include stdlib.h /dev/null",
        "go env CC",
        "go env GOVERSION GOTOOLCHAIN",
    ];
    assert_eq!(calls, looks);
    assert!(!sandbox.state().exists());
}

#[test]
fn what_a_person_reads_of_a_check() {
    let sandbox = sandbox().tool("docker", DOCKER_FORBIDDEN).tool("minikube", "");
    let ran = sandbox.opsctl(&["check"]).ends(3);
    insta::assert_snapshot!(portable(&sandbox, &format!("{}---\n{}", ran.stdout, ran.stderr)));
}

#[test]
fn what_a_person_reads_when_an_up_cannot_begin() {
    let sandbox = sandbox().tool("docker", DOCKER_FORBIDDEN).tool("gcc", "");
    let ran = sandbox.opsctl(&["minikube", "up"]).ends(3).guides("next: ");
    insta::assert_snapshot!(portable(&sandbox, &ran.stderr.replace("arm64", "amd64")));
}

/// An apt-get that installs a Docker which answers, on a system that has two of the packages already.
fn debian() -> Sandbox {
    sandbox()
        .tool("go", GO)
        .tool("gcc", "")
        .tool("running-docker", DOCKER_RUNS)
        .tool(
            "apt-get",
            r#"case "$1" in
                install) cp "$HERE/bin/running-docker" "$HERE/bin/docker" ;;
                purge) rm "$HERE/bin/docker" ;;
            esac"#,
        )
        .tool(
            "dpkg-query",
            r#"printf 'ii  libc6\nii  iptables\nii  ca-certificates\nrc  runc\n'
            [ ! -e "$HERE/bin/docker" ] || printf 'ii  docker.io\nii  containerd\nii  debootstrap\n'"#,
        )
}

/// What it changes: a simulation changes nothing.
fn apt_calls(sandbox: &Sandbox) -> Vec<String> {
    let calls = sandbox.calls().into_iter().filter(|c| c.starts_with("apt-get"));
    calls.filter(|c| !c.starts_with("apt-get -s")).collect()
}

#[test]
fn a_fix_without_a_terminal_and_without_yes_touches_nothing() {
    let sandbox = debian();
    let ran = sandbox.opsctl(&["check", "--fix"]).ends(2);
    assert!(ran.stderr.contains("apt-get install docker.io") && ran.stderr.contains("--yes"), "{ran:?}");
    assert_eq!(apt_calls(&sandbox), Vec::<String>::new());
    assert!(!sandbox.state().exists());
}

#[test]
#[ignore = "only root can run a program as somebody else"]
fn a_fix_by_anybody_but_root_installs_nothing_and_names_sudo() {
    let sandbox = debian();
    let program = sandbox.everybodys(env!("CARGO_BIN_EXE_opsctl"));
    let ran = sandbox.as_nobody(&program, &["check", "--fix", "--yes"]).ends(3);
    assert!(ran.stderr.contains("sudo opsctl check --fix"), "{}", ran.stderr);
    assert_eq!(apt_calls(&sandbox), Vec::<String>::new());
}

#[test]
fn a_dry_fix_shows_its_commands_and_touches_nothing() {
    let sandbox = debian();
    let ran = sandbox.opsctl(&["check", "--fix", "--yes", "--dry-run"]).ends(0);
    assert!(ran.stderr.contains("Will run: apt-get install docker.io"), "{}", ran.stderr);
    assert_eq!(apt_calls(&sandbox), Vec::<String>::new());
    assert!(!sandbox.state().exists());
}

#[test]
#[ignore = "only root installs packages"]
fn a_fix_installs_once_what_is_missing_and_uninstall_purges_just_what_was_new() {
    let sandbox = debian();
    let install = "apt-get install -y --no-install-recommends docker.io iptables debootstrap ca-certificates";
    let ran = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
    assert!(ran.stderr.contains("Will run: apt-get install docker.io"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Back: opsctl uninstall"), "{}", ran.stderr);
    assert_eq!(apt_calls(&sandbox), [install]);
    // A second one finds nothing to mend.
    let again = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
    assert!(again.stderr.contains("Nothing to fix"), "{}", again.stderr);
    assert_eq!(apt_calls(&sandbox), [install]);
    let refused = sandbox.opsctl(&["uninstall"]).ends(2);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(apt_calls(&sandbox), [install]);
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    assert_eq!(apt_calls(&sandbox), [install, "apt-get purge -y containerd debootstrap docker.io"]);
    assert!(!sandbox.state().exists(), "state is left");
    // What was taken back is not taken back twice.
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    assert_eq!(apt_calls(&sandbox).len(), 2);
}

#[test]
#[ignore = "only root installs packages"]
fn an_install_that_fails_is_tried_again_with_new_lists_and_then_told() {
    let sandbox = Sandbox::new()
        .env("HTTPS_PROXY", &registry())
        .tool("go", GO)
        .tool("gcc", "")
        .tool("apt-get", "[ \"$1\" = update ] || { echo 'E: Unable to locate package' >&2; exit 100; }")
        .tool("dpkg-query", "printf 'ii  libc6\\n'");
    let ran = sandbox.opsctl(&["check", "--fix", "--yes"]);
    assert!(ran.code.is_some_and(|c| c != 0), "{ran:?}");
    assert!(ran.stderr.contains("E: Unable to locate package"), "{}", ran.stderr);
    let verbs: Vec<_> =
        apt_calls(&sandbox).iter().map(|c| c.split(' ').nth(1).unwrap_or_default().to_owned()).collect();
    assert_eq!(verbs, ["install", "update", "install"]);
}

/// Docker answers and has no image; no registry does; neither gcc nor debootstrap is there.
fn without_tools() -> Sandbox {
    let docker = format!("{DOCKER_RUNS}; [ \"$1 $2\" != \"image inspect\" ]");
    Sandbox::new()
        .profile("minikube", &["192.0.2.2"])
        .env("HTTPS_PROXY", NO_REGISTRY)
        .tool("docker", &docker)
        .tool("go", GO)
        .tool("kubectl", "")
        .tool(
            "apt-get",
            r#"cd "$HERE/bin" && case "$1" in
                install) printf '#!/bin/sh\n' >gcc && cp gcc debootstrap && chmod +x gcc debootstrap ;;
                purge) rm gcc debootstrap ;;
            esac"#,
        )
        .tool(
            "dpkg-query",
            r#"printf 'ii  libc6\nii  libc6-dev\n'
            [ ! -e "$HERE/bin/gcc" ] || printf 'ii  gcc\nii  debootstrap\n'"#,
        )
}

#[test]
fn what_the_bundle_is_built_with_is_named_before_anything_is_started() {
    let sandbox = without_tools();
    let ran = sandbox.opsctl(&["check", "-o", "json"]).ends(3);
    let mut expected = vec!["OC017", "OC018"];
    expected.extend((!is_root()).then_some("OC019"));
    assert_eq!(missing(&ran.stdout), expected);
    assert!(ran.stderr.contains("Next: opsctl check --fix"), "{}", ran.stderr);
    let up = sandbox.opsctl(&["up"]).ends(3);
    assert!(up.stderr.contains("debootstrap") && up.stderr.contains("nothing was touched"), "{up:?}");
    assert!(!sandbox.state().exists());
    // With an installed minikube nothing is built.
    let installed = without_tools().tool("minikube", "");
    let _ = installed.opsctl(&["check"]).ends(0);
}

#[test]
fn a_compiler_without_headers_is_none() {
    let sandbox = sandbox().tool("docker", DOCKER_RUNS).tool("go", GO).tool("gcc", "exit 1");
    let ran = sandbox.opsctl(&["check", "-o", "json"]).ends(3);
    assert_eq!(missing(&ran.stdout), ["OC017"]);
    assert!(ran.stdout.contains("no headers"), "{}", ran.stdout);
}

#[test]
#[ignore = "only root installs packages"]
fn a_fix_installs_what_the_bundle_is_built_with_where_docker_is_there_already() {
    let sandbox = without_tools();
    let _ = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
    let install = "apt-get install -y --no-install-recommends debootstrap gcc libc6-dev";
    assert_eq!(apt_calls(&sandbox), [install]);
    let again = sandbox.opsctl(&["check", "--fix"]).ends(0);
    assert!(again.stderr.contains("Nothing to fix"), "{}", again.stderr);
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    assert_eq!(apt_calls(&sandbox), [install, "apt-get purge -y debootstrap gcc"]);
}

/// All but kubectl; no minikube is installed, and no bundle built.
fn clean_machine() -> Sandbox {
    sandbox().tool("docker", DOCKER_RUNS).tool("go", GO).tool("gcc", "")
}

#[test]
fn kubectl_is_linked_before_the_bundle_is_built_and_a_second_fix_has_nothing_to_do() {
    let sandbox = clean_machine();
    let folder = sandbox.home().join(".local/bin");
    let path = std::env::join_paths([sandbox.bin(), folder.clone()]).unwrap();
    let sandbox = sandbox.env("PATH", path.to_str().unwrap());
    let ran = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
    assert!(ran.stderr.contains("works once `opsctl up` has built the bundle"), "{}", ran.stderr);
    let bundled = sandbox.home().join(".cache/opsctl/bundle/bin/kubectl");
    assert_eq!(std::fs::read_link(folder.join("kubectl")).unwrap(), bundled);
    // Without `--yes`: a question would be an error.
    let before = sandbox.opsctl(&["check", "--fix"]).ends(0);
    assert!(before.stderr.contains("Nothing to fix"), "{}", before.stderr);
    let sandbox = sandbox.file(".cache/opsctl/bundle/bin/kubectl", "#!/bin/sh\n");
    std::fs::set_permissions(&bundled, std::fs::Permissions::from_mode(0o755)).unwrap();
    let after = sandbox.opsctl(&["check", "--fix"]).ends(0);
    assert!(after.stderr.contains("Nothing to fix"), "{}", after.stderr);
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    assert!(!folder.exists(), "the link's folder was made for it");
}

#[test]
fn a_link_where_no_shell_looks_comes_with_the_line_that_makes_it_look() {
    let sandbox = clean_machine();
    let folder = sandbox.home().join(".local/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let line = format!("export PATH=\"{}:$PATH\"", folder.display());
    for _ in 0..2 {
        let ran = sandbox.opsctl(&["check", "--fix", "--yes"]).ends(0);
        assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    }
    assert!(sandbox.opsctl(&["check", "--fix"]).ends(0).stderr.contains("Nothing to fix"));
    let _ = sandbox.opsctl(&["uninstall", "--yes"]).ends(0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "the folder is the user's own");
}

#[test]
fn a_check_wants_the_cluster_that_the_environment_wants() {
    let sandbox = |name: &str, value: &str| {
        Sandbox::new().tool("docker", DOCKER_RUNS).tool("minikube", "").env(name, value)
    };
    for (name, value, code) in [("OPSCTL_MEMORY", "900g", "OC021"), ("OPSCTL_CPUS", "60000", "OC022")] {
        let ran = sandbox(name, value).opsctl(&["check", "-o", "json"]).ends(3);
        assert!(missing(&ran.stdout).contains(&code.to_owned()), "{name}: {}", ran.stdout);
    }
    let many = sandbox("OPSCTL_NODES", "9").env("OPSCTL_MEMORY", "900g").opsctl(&["check"]).ends(3);
    assert!(many.stdout.contains("9 nodes"), "{}", many.stdout);
    let _ = sandbox("OPSCTL_NODES", "1").opsctl(&["check"]).ends(2).guides("next: unset OPSCTL_NODES");
    let driver = sandbox("OPSCTL_DRIVER", "kvm2").opsctl(&["check", "-o", "name"]);
    assert!(driver.stdout.starts_with("OC010\n"), "{}", driver.stdout);
    // What is no cluster's has no part in it.
    let redis = sandbox("OPSCTL_NODES", "1").opsctl(&["check", "redis", "-o", "json"]).ends(3);
    assert_eq!(missing(&redis.stdout), ["OC030"]);
}

#[test]
fn the_bundle_is_no_way_to_nodes_of_another_driver() {
    let sandbox = clean_machine().env("OPSCTL_DRIVER", "kvm2");
    assert_eq!(missing(&sandbox.opsctl(&["check", "-o", "json"]).ends(3).stdout), ["OC015"]);
}

#[test]
fn an_installed_minikubes_own_kubectl_is_named_for_its_profile() {
    let sandbox =
        Sandbox::new().profile("dev", &["192.0.2.2"]).tool("docker", DOCKER_RUNS).tool("minikube", "");
    let ran = sandbox.opsctl(&["check", "-p", "dev"]).ends(0);
    assert!(ran.stderr.contains("alias kubectl='minikube -p dev kubectl --'"), "{}", ran.stderr);
}
