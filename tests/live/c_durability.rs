//! Nothing that was acknowledged is lost, and nothing gets stuck.

use std::time::{Duration, Instant};

use serde_json::Value;

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

/// Here, because a minute has gone by since the task was put up.
#[test]
fn c05_the_recurring_task_ran_by_itself() {
    test("A.11 info-cron, by itself", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["info-cron"]).ok();
        rig.opsctl(&["info-cron", "run"]).ok();
        let waited = Instant::now();
        let scheduled = until("a run of the schedule", || {
            let jobs = rig.get(&["-n", "redis", "jobs"]);
            let jobs = jobs["items"].as_array().cloned().unwrap_or_default();
            let ours = |j: &&Value| {
                !j["metadata"]["name"].as_str().unwrap_or_default().contains("-now-")
                    && j["status"]["succeeded"] == 1
            };
            jobs.iter().find(ours).and_then(|j| j["metadata"]["name"].as_str()).map(str::to_owned)
        });
        let runs = rig.opsctl(&["info-cron", "logs", "-o", "json"]).ok().json();
        let runs = runs.as_array().expect("a list").clone();
        let of_schedule = |r: &&Value| r["pod"].as_str().is_some_and(|p| p.starts_with(&scheduled));
        let output =
            runs.iter().find(of_schedule).map(|r| r["output"].as_str().unwrap_or_default().to_owned());
        assert!(output.is_some_and(|o| o.contains("role:master")), "{runs:?}");
        let logs = rig.opsctl(&["info-cron", "logs"]).ok();
        assert!(logs.out.matches("INFO replication").count() >= 2, "{}", logs.out);

        facts.push(format!(
            "{scheduled} (waited {} here); {} runs in `logs`",
            secs(waited.elapsed()),
            runs.len()
        ));
    });
}
