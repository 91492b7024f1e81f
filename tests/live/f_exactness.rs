//! What opsctl made is taken back, and nothing else.

use std::time::Instant;

use serde_json::Value;

use super::d_election::{PAGE, agreed, get, master};
use super::harness::{MASTER_PORT, Paused, ask, secs, test, until};

#[test]
fn f01_down_is_undone_by_undo_with_the_data() {
    test("exactness: undo of a down", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["redis", "import"]).ok();
        let keys: u64 = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
        assert!(keys > 500, "{keys}");
        rig.opsctl(&["redis", "down", "--yes"]).ok().says(&["napshot"]);
        rig.is_as_before();
        let undo = rig.opsctl(&["undo", "--yes"]).ok();
        rig.redis_is_well();
        assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "DBSIZE"), keys);
        facts.push(format!("{keys} keys back in {}", secs(undo.took)));
    });
}

#[test]
fn f02_undo_all_with_a_foreign_object_leaves_that_alone_and_then_finishes() {
    test("exactness: undo --all", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["info-cron"]).ok();
        rig.opsctl(&["redis-single", "up"]).ok();
        rig.opsctl(&["redis", "import"]).ok();
        rig.asked(&["-n", "redis", "create", "configmap", "mine", "--from-literal=a=b"]);

        rig.opsctl(&["undo", "--all", "--yes"]).code(6).says(&["configmap/mine", "kubectl -n redis delete"]);
        assert_eq!(rig.asked(&["-n", "redis", "get", "configmap/mine", "-o", "jsonpath={.data.a}"]), "b");
        let left = rig.asked(&["-n", "redis", "get", "all,pvc,networkpolicies", "-o", "name"]);
        assert_eq!(left, "", "only the foreign object is left");

        rig.asked(&["-n", "redis", "delete", "configmap/mine"]);
        let ran = rig.opsctl(&["undo", "--all", "--yes"]).ok();
        let objects = rig.is_as_before();
        rig.opsctl(&["undo", "--all", "--yes"]).ok().says(&["Nothing to do"]);
        facts.push(format!(
            "foreign object named and left (exit 6), then {objects} objects as before, no directory ({})",
            secs(ran.took)
        ));
    });
}

#[test]
fn f03_undo_and_down_leave_nothing_of_an_election() {
    test("B.4 undo leaves nothing", |rig, facts| {
        rig.redis_is_down();
        rig.opsctl(&["election", "down", "--yes"]).ok();
        rig.is_as_before();
        rig.opsctl(&["election", "up", "--sample", "web", "--replicas", "3"]).ok().says(&["all 3 agree"]);
        let (pod, ip, _) = master(&agreed(rig, 3));
        let named = || {
            serde_json::from_str::<Value>(&get(rig, PAGE, "/master")?).ok()?["ip"].as_str().map(str::to_owned)
        };
        until("the page names it", || named().filter(|now| *now == ip));
        rig.opsctl(&["election", "up", "--sample", "redis"]).code(5).says(&["opsctl election down"]);
        // A service without data has another master soon, though a pod beside the lost one is silent as well.
        let paused = Paused::new(&rig.nodes()[1]);
        rig.kubectl(&["-n", "election", "delete", &format!("pod/{pod}"), "--wait=false"]).ok();
        let began = Instant::now();
        let other = until("the page names another master", || named().filter(|now| *now != ip));
        let took = secs(began.elapsed());
        drop(paused);
        until("all agree on a master that the page names", || {
            let (_, now, _) = master(&agreed(rig, 3));
            (Some(now) == named()).then_some(())
        });
        facts.push(format!("web: with a node paused and its master gone, {other} after {took}"));
        // Nobody agrees where nobody is.
        rig.kubectl(&["-n", "election", "scale", "deploy/web", "--replicas=0"]).ok();
        until("no agreement", || (rig.opsctl(&["election", "status"]).code == Some(1)).then_some(()));
        rig.opsctl(&["election", "down", "--yes"]).ok();
        rig.is_as_before();
        rig.opsctl(&["election", "up", "--replicas", "3"]).ok().says(&["all 3 agree"]);
        let undone = rig.opsctl(&["undo", "--yes"]).ok();
        let objects = rig.is_as_before();
        rig.opsctl(&["election", "status"]).code(1).says(&["opsctl election up"]);
        facts.push(format!(
            "web by down, redis by undo in {}: {objects} objects as before",
            secs(undone.took)
        ));
    });
}
