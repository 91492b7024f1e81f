//! Nothing that was acknowledged is lost, and nothing gets stuck.

use std::time::{Duration, Instant};

use super::harness::{MASTER_PORT, Rig, ask, secs, test, until};
use super::writer::Writer;

fn longest(times: &[Duration]) -> String {
    times.iter().max().copied().map_or_else(|| "none".into(), secs)
}

fn listed(times: &[Duration]) -> String {
    times.iter().copied().map(secs).collect::<Vec<_>>().join(", ")
}

/// Deletes pods together and waits until all is well with other ones; how long that took.
fn deleted(rig: &Rig, components: &[&str]) -> Duration {
    let former: Vec<String> = components.iter().map(|c| rig.pod(c)).collect();
    let mut words = vec!["-n", "redis", "delete", "pod", "--wait=false"];
    words.extend(former.iter().map(String::as_str));
    let began = Instant::now();
    rig.asked(&words);
    for (component, former) in components.iter().zip(&former) {
        until("another pod", || rig.pods(component).first().filter(|p| p.0 != *former).cloned());
    }
    rig.redis_is_well();
    began.elapsed()
}

#[test]
fn c01_no_acknowledged_write_is_lost_when_the_masters_pod_is_deleted() {
    test("durability: master deleted under a writer", |rig, facts| {
        rig.redis_stands();
        let rounds = if rig.soak { 20 } else { 3 };
        let writer = Writer::start(rig, MASTER_PORT);
        let times: Vec<_> = (0..rounds).map(|_| deleted(rig, &["master"])).collect();
        let written = writer.end();
        assert!(written.acknowledged.len() > 100, "the writer wrote {}", written.acknowledged.len());
        for port in [MASTER_PORT, super::harness::REPLICA_PORT] {
            let missing = written.missing(&mut rig.redis(port));
            assert!(missing.is_empty(), "{} acknowledged writes are missing at {port}", missing.len());
        }
        facts.push(format!(
            "{rounds} times, {} acknowledged, 0 missing at master and replica; well again after {}; \
             longest time without a write {}",
            written.acknowledged.len(),
            listed(&times),
            longest(&written.gaps)
        ));
    });
}

#[test]
fn c02_both_pods_deleted_together_come_back_with_the_data() {
    test("durability: both deleted together", |rig, facts| {
        rig.redis_stands();
        let rounds = if rig.soak { 20 } else { 1 };
        let writer = Writer::start(rig, MASTER_PORT);
        let times: Vec<_> = (0..rounds).map(|_| deleted(rig, &["master", "replica"])).collect();
        let written = writer.end();
        let missing = written.missing(&mut rig.redis(MASTER_PORT));
        assert!(missing.is_empty(), "{} acknowledged writes are missing", missing.len());
        facts.push(format!(
            "{rounds} times, {} acknowledged, 0 missing; well again after {}",
            written.acknowledged.len(),
            listed(&times)
        ));
    });
}

#[test]
fn c03_a_replica_that_is_there_before_its_master_is_not_stuck() {
    test("durability: replica before master", |rig, facts| {
        rig.redis_stands();
        let keys: u64 = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
        rig.asked(&["-n", "redis", "delete", "deploy/redis", "--cascade=foreground"]);
        let former = rig.pod("replica");
        rig.asked(&["-n", "redis", "delete", "pod", &former]);
        // A replica of nobody: it runs, waits, and is not restarted for that.
        let pod = until("a replica that runs alone", || {
            let name = rig.pods("replica").first()?.0.clone();
            let state = "jsonpath={.status.containerStatuses[0].state.running.startedAt}";
            let running = rig.kubectl(&["-n", "redis", "get", "pod", &name, "-o", state]).out;
            (!running.trim().is_empty()).then_some(name)
        });
        rig.opsctl(&["redis", "status"]).code(1);
        let up = rig.opsctl(&["redis", "up"]).ok();
        rig.redis_is_well();
        assert_eq!(rig.pod("replica"), pod, "it need not be replaced");
        let restarts = "jsonpath={.status.containerStatuses[0].restartCount}";
        assert_eq!(rig.asked(&["-n", "redis", "get", "pod", &pod, "-o", restarts]), "0");
        assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "DBSIZE"), keys);
        facts.push(format!(
            "follows after `redis up` ({}), no restart, {keys} keys still there",
            secs(up.took)
        ));
    });
}

#[test]
fn c04_verify_proves_it_by_itself() {
    test("redis verify --disruptive", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["redis", "verify", "--disruptive"]).code(2).says(&["--yes"]);
        let proven = rig.opsctl(&["redis", "verify", "--disruptive", "--yes", "-o", "json"]).ok().json();
        assert_eq!(proven["nodes_differ"], true);
        let ms = |name: &str| proven["disruptive"][name].as_u64().unwrap_or_else(|| panic!("{proven}"));
        assert!(ms("pods_gone_ms") <= ms("master_back_ms") && ms("master_back_ms") <= ms("replica_back_ms"));
        facts.push(format!(
            "pods gone after {} ms, master back {} ms, replica {} ms",
            ms("pods_gone_ms"),
            ms("master_back_ms"),
            ms("replica_back_ms")
        ));
    });
}
