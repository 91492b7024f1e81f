//! What opsctl made is taken back, and nothing else.

use crate::rig::{MASTER_PORT, Rig, ask, secs};

pub fn down_is_undone_by_undo_with_the_data(rig: &Rig, facts: &mut Vec<String>) {
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
}

pub fn undo_all_with_a_foreign_object_leaves_that_alone_and_then_finishes(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
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
    let objects = rig.nothing_is_left();
    rig.opsctl(&["undo", "--all", "--yes"]).ok().says(&["Nothing to do"]);
    facts.push(format!(
        "foreign object named and left (exit 6), then {objects} objects as before, no directory ({})",
        secs(ran.took)
    ));
}
