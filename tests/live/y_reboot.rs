//! A reboot: Docker and the nodes die under the running environment, and come back.

use std::process::Command;
use std::time::{Duration, Instant};

use super::harness::{MASTER_PORT, ask, run, secs, test, until};

#[test]
fn y04_after_a_reboot_one_up_brings_cluster_data_and_dev_vars_back() {
    test("Docker killed under the environment", |rig, facts| {
        let by_init = std::path::Path::new("/run/systemd/system").is_dir();
        let wanted = std::env::var_os("OPSCTL_TEST_REBOOT").is_some();
        if rig.keep || (by_init && !wanted) {
            facts.push("not run: Docker is everybody's here; OPSCTL_TEST_REBOOT=1 has it killed".into());
            return;
        }
        rig.opsctl_in("main", &["up", "--yes"]).ok();
        let _: String =
            redis::cmd("SET").arg("reboot").arg("survived").query(&mut rig.redis(MASTER_PORT)).unwrap();
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
        rig.opsctl_in("main", &["check", "minikube", "--fix", "--yes"]).ok();

        let ran = rig.opsctl_in("main", &["up", "--yes"]).ok();
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
        rig.looks(&["dev-vars", "--shell", "bash"]);
        // The election is no part of `up`: its pods come back by themselves, and agree.
        let began = Instant::now();
        if stood {
            until("all agree", || (rig.opsctl(&["election", "status"]).code == Some(0)).then_some(()));
        }
        facts.push(format!(
            "cluster, data and dev-vars back after {} (bar: 120 s on a quiet machine){}",
            secs(ran.took),
            if stood {
                format!("; the election agrees {} later", secs(began.elapsed()))
            } else {
                String::new()
            }
        ));
    });
}
