//! A reboot: Docker and the nodes die under the running environment, and come back.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::rig::{Cluster, ENVIRONMENT, MASTER_PORT, Rig, ask, run, secs, until};

/// Docker is killed only where nobody else needs it: no init system keeps it for everybody, and nothing runs in
/// it but the tests' own machines.
pub fn docker_is_the_tests_own(cluster: &Cluster) -> bool {
    let by_init = std::path::Path::new("/run/systemd/system").is_dir();
    let list = run(Command::new("docker").args(["ps", "--format", "{{.Names}}"])).ok().out;
    let all_ours = list.lines().all(|name| cluster.nodes().iter().any(|node| node == name));
    !by_init && all_ours || std::env::var_os("OPSCTL_TEST_REBOOT").is_some()
}

/// On a quiet machine.
const BAR: Duration = Duration::from_mins(2);

pub fn after_a_reboot_one_up_brings_cluster_data_and_dev_vars_back(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET reboot survived");
    // Every second the append-only file is synced: what is older than that has to survive.
    std::thread::sleep(Duration::from_millis(1500));
    let uid = rig.asked(&["get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    let volumes = rig.asked(&["get", "pv", "-o", "jsonpath={.items[*].metadata.uid}"]);

    let stood = rig.opsctl(&["election", "status"]).code == Some(0);
    let nodes = [rig.profile.clone(), format!("{}-m02", rig.profile)];
    run(Command::new("docker").arg("kill").args(nodes)).ok();
    for daemon in ["dockerd", "containerd"] {
        // By exact name; a daemon that is not there is no error.
        run(Command::new("pkill").args(["-9", "-x", daemon]));
    }
    rig.opsctl_in(ENVIRONMENT, &["check", "minikube", "--fix", "--yes"]).ok();

    let ran = rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    assert_eq!(
        rig.asked(&["get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}"]),
        uid,
        "another cluster"
    );
    assert_eq!(
        rig.asked(&["get", "pv", "-o", "jsonpath={.items[*].metadata.uid}"]),
        volumes,
        "another volume"
    );
    let value: String = ask(&mut rig.redis(MASTER_PORT), "GET reboot");
    assert_eq!(value, "survived");
    rig.opsctl(&["dev-vars", "--shell", "bash"]).ok();
    // The election is no part of `up`: its pods come back by themselves, and agree.
    let began = Instant::now();
    if stood {
        until("all agree", || (rig.opsctl(&["election", "status"]).code == Some(0)).then_some(()));
    }
    assert!(ran.took < BAR * 3, "back after {}, where {} are aimed at", secs(ran.took), secs(BAR));
    facts.push(format!(
        "cluster, data and dev-vars back after {} (bar: 120 s on a quiet machine){}",
        secs(ran.took),
        if stood { format!("; the election agrees {} later", secs(began.elapsed())) } else { String::new() }
    ));
}
