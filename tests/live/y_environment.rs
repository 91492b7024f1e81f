//! The environment as a whole: `opsctl up`, and again, and what it leaves after a hand-made end.

use std::process::Command;
use std::time::Duration;

use super::harness::{MASTER_PORT, ask, run, secs, test};

#[test]
fn y01_up_brings_everything_and_a_second_up_changes_nothing() {
    test("up, twice", |rig, facts| {
        if rig.keep {
            facts.push("not run on a kept cluster, whose profile is not the tests' own".into());
            return;
        }
        rig.redis_is_down();
        let first = rig.opsctl_in("main", &["up", "--yes"]).ok();
        let keys: u64 = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
        assert!(keys > 500, "{keys}");
        let second = rig.opsctl_in("main", &["up", "--yes", "-o", "json"]).ok();
        let end = second.events().last().cloned().unwrap_or_default();
        assert_eq!(end["changed"], 0, "{}", second.out);
        let status = rig.looks(&["status", "-o", "json"]).json();
        assert_eq!(status["nodes"].as_array().map(Vec::len), Some(2));
        facts.push(format!(
            "{keys} keys after {}; again: nothing changed in {}",
            secs(first.took),
            secs(second.took)
        ));
    });
}

#[test]
fn y02_a_cluster_deleted_by_hand_does_not_block() {
    test("minikube delete by hand", |rig, facts| {
        if rig.keep || !rig.soak {
            facts.push("in the soak only: it costs a second cluster".into());
            return;
        }
        let mut delete = rig.minikube_command();
        run(delete.args(["delete", "-p", &rig.profile])).ok();
        rig.opsctl_in("main", &["undo", "--all", "--yes"]).ok();
        let ran = rig.opsctl_in("main", &["up", "--yes"]).ok();
        facts.push(format!("undo --all goes on, the next up in {}", secs(ran.took)));
    });
}

#[test]
fn y03_machines_removed_by_hand_come_back_with_their_data() {
    test("docker rm of the nodes by hand", |rig, facts| {
        if rig.keep || !rig.soak {
            facts.push("in the soak only: minikube makes both machines anew".into());
            return;
        }
        rig.opsctl_in("main", &["up", "--yes"]).ok();
        let _: String =
            redis::cmd("SET").arg("removed").arg("survived").query(&mut rig.redis(MASTER_PORT)).unwrap();
        // Every second the append-only file is synced.
        std::thread::sleep(Duration::from_millis(1500));
        let worker = format!("{}-m02", rig.profile);
        run(Command::new("docker").args(["rm", "-f", &rig.profile, &worker])).ok();
        let both = rig.opsctl_in("main", &["up", "--yes"]).ok();
        let survived = || -> String { ask(&mut rig.redis(MASTER_PORT), "GET removed") };
        assert_eq!(survived(), "survived");
        // The replica has no data of its own: it is nothing but another node that the worker's volume takes along.
        run(Command::new("docker").args(["rm", "-f", &worker])).ok();
        run(Command::new("docker").args(["volume", "rm", &worker])).ok();
        let one = rig.opsctl_in("main", &["up", "--yes"]).ok();
        assert_eq!(survived(), "survived");
        rig.looks(&["redis", "verify"]);
        facts.push(format!(
            "both: cluster and data back after {}; the worker with its volume: {}",
            secs(both.took),
            secs(one.took)
        ));
    });
}
