//! The environment as a whole: `opsctl up`, and again, and what it leaves after a hand-made end.

use std::process::Command;
use std::time::Duration;

use crate::rig::{ENVIRONMENT, MASTER_PORT, Rig, ask, run, secs};

pub fn up_brings_everything_and_a_second_up_changes_nothing(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    let first = rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    let keys: u64 = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
    assert!(keys > 500, "{keys}");
    let second = rig.opsctl_in(ENVIRONMENT, &["up", "--yes", "-o", "json"]).ok();
    let end = second.events().last().cloned().unwrap_or_default();
    assert_eq!(end["changed"], 0, "{}", second.out);
    let status = rig.opsctl(&["status", "-o", "json"]).ok().json();
    assert_eq!(status["nodes"].as_array().map(Vec::len), Some(2));
    facts.push(format!(
        "{keys} keys after {}; again: nothing changed in {}",
        secs(first.took),
        secs(second.took)
    ));
}

pub fn a_cluster_deleted_by_hand_does_not_block(rig: &Rig, facts: &mut Vec<String>) {
    let mut delete = rig.minikube_command();
    run(delete.args(["delete", "-p", &rig.profile])).ok();
    rig.opsctl_in(ENVIRONMENT, &["undo", "--all", "--yes"]).ok();
    let ran = rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    facts.push(format!("undo --all goes on, the next up in {}", secs(ran.took)));
}

pub fn machines_removed_by_hand_come_back_with_their_data(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET removed survived");
    // Every second the append-only file is synced.
    std::thread::sleep(Duration::from_millis(1500));
    let worker = format!("{}-m02", rig.profile);
    run(Command::new("docker").args(["rm", "-f", &rig.profile, &worker])).ok();
    let both = rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    let survived = || -> String { ask(&mut rig.redis(MASTER_PORT), "GET removed") };
    assert_eq!(survived(), "survived");
    // The replica has no data of its own: it is nothing but another node that the worker's volume takes along.
    run(Command::new("docker").args(["rm", "-f", &worker])).ok();
    run(Command::new("docker").args(["volume", "rm", &worker])).ok();
    let one = rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    assert_eq!(survived(), "survived");
    rig.redis_is_well();
    rig.opsctl(&["redis", "verify"]).ok();
    facts.push(format!(
        "both: cluster and data back after {}; the worker with its volume: {}",
        secs(both.took),
        secs(one.took)
    ));
}
