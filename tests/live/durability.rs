//! Nothing that was acknowledged is lost, and nothing gets stuck.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::rig::{MASTER_PORT, Paused, REPLICA_PORT, Rig, ask, on_node, secs, until};
use crate::writer::Writer;

/// Clients that write while all is deleted.
const WRITERS: usize = 4;

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

pub fn no_acknowledged_write_is_lost_when_the_masters_pod_is_deleted(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let rounds = if rig.soak { 20 } else { 3 };
    let writer = Writer::start(rig, MASTER_PORT);
    let times: Vec<_> = (0..rounds).map(|_| deleted(rig, &["master"])).collect();
    let written = writer.end();
    assert!(written.acknowledged.len() > 100, "the writer wrote {}", written.acknowledged.len());
    // The replica is to have what came before this.
    let mut link = rig.redis(MASTER_PORT);
    until("the replica has all", || {
        let () = ask(&mut link, "SET live:end end");
        (ask::<u64>(&mut link, "WAIT 1 1000") == 1).then_some(())
    });
    for port in [MASTER_PORT, REPLICA_PORT] {
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
}

pub fn both_pods_deleted_together_come_back_with_the_data(rig: &Rig, facts: &mut Vec<String>) {
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
}

pub fn a_replica_that_is_there_before_its_master_is_not_stuck(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let keys: u64 = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
    rig.asked(&["-n", "redis", "delete", "deploy/redis", "--cascade=foreground"]);
    // Its data lies where it was: no down deletes what nobody could keep.
    rig.opsctl(&["redis", "down", "--yes"]).code(1).says(&["could not be saved", "opsctl redis up"]);
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
    facts.push(format!("follows after `redis up` ({}), no restart, {keys} keys still there", secs(up.took)));
}

pub fn verify_proves_it_by_itself(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["redis", "verify", "--disruptive"]).code(2).says(&["--yes"]);
    rig.redis_is_well();
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
}

pub fn what_was_there_before_survives_a_clean_under_writers_and_an_undo_that_fails(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    rig.redis_stands();
    let mut link = rig.redis(MASTER_PORT);
    let () = ask(&mut link, "MSET live:a 1 live:b 2 live:c 3");
    // Somebody writes on: the clean comes to its end, and keeps what it deleted.
    let (stop, writing) = (AtomicBool::new(false), AtomicUsize::new(0));
    let clean = std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                // So much at a time that redis is never without one of them between two looks.
                let mut batch = redis::pipe();
                for _ in 0..500 {
                    batch.cmd("SET").arg("live:writer").arg(1).ignore();
                }
                let mut link = rig.redis(MASTER_PORT);
                batch.query::<()>(&mut link).expect("written");
                writing.fetch_add(1, Ordering::Relaxed);
                while !stop.load(Ordering::Relaxed) {
                    batch.query::<()>(&mut link).expect("written");
                }
            });
        }
        until("all write", || (writing.load(Ordering::Relaxed) == WRITERS).then_some(()));
        let clean = rig.opsctl(&["redis", "clean", "--yes"]);
        stop.store(true, Ordering::Relaxed);
        clean
    });
    clean.ok().says(&["1 key, written meanwhile, stays"]);
    assert_eq!(ask::<u64>(&mut link, "EXISTS live:a live:b live:c"), 0);
    rig.opsctl(&["undo", "--yes"]).ok();
    assert_eq!(ask::<u64>(&mut link, "EXISTS live:a live:b live:c"), 3);

    // What the undo of an import would put back is gone: nothing is touched, and a way on is named.
    let file = rig.root.join("more.txt");
    std::fs::write(&file, "SET live:more 1\nSET live:a imported\n").expect("a file");
    rig.opsctl(&["redis", "import", &file.display().to_string()]).ok();
    let snapshots = rig.opsctl(&["snapshots", "list", "-o", "json"]).ok().json();
    let newest = PathBuf::from(snapshots[0]["path"].as_str().expect("a path"));
    let aside = newest.with_extension("aside");
    std::fs::rename(&newest, &aside).expect("put aside");
    rig.opsctl(&["undo", "--yes"]).code(1).says(&["no data was touched", "--discard-data"]);
    assert_eq!(ask::<u64>(&mut link, "EXISTS live:a live:more"), 2);
    std::fs::rename(&aside, &newest).expect("put back");
    rig.opsctl(&["undo", "--yes"]).ok();
    assert_eq!(ask::<u64>(&mut link, "EXISTS live:a live:b live:c"), 3);
    assert_eq!(ask::<u64>(&mut link, "EXISTS live:more"), 0);
    facts.push(
        "clean ends under writers, undo brings back what it deleted, and touches nothing without its snapshot"
            .into(),
    );
}

/// With the mark beside it, as somebody who tidies up on the node would lose it; and beside a replica that never
/// had the data, behind the same address.
pub fn up_brings_back_from_the_replica_what_a_lost_folder_held(rig: &Rig, facts: &mut Vec<String>) {
    let keys = filled(rig);
    lost(rig, FOLDER_AND_MARK, keys, true, facts);
    // The master runs on without its folder: at its next start all would be lost.
    on_node(&rig.profile, &["sh", "-c", FOLDER_AND_MARK]).ok();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET live:late late");
    rig.opsctl(&["redis", "up"]).ok().says(&["the running master", "saved and verified"]);
    rig.asked(&["-n", "redis", "delete", "pod", &rig.pod("master")]);
    rig.redis_is_well();
    assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "DBSIZE"), keys + 1);
    let () = ask(&mut rig.redis(MASTER_PORT), "DEL live:late");
    facts.push("under a running master: kept over its next start".into());
}

pub fn so_it_does_where_the_mark_is_left_or_the_folder_emptied(rig: &Rig, facts: &mut Vec<String>) {
    let keys = filled(rig);
    for way in ["rm -rf /var/lib/opsctl/redis", "find /var/lib/opsctl/redis -mindepth 1 -delete"] {
        lost(rig, way, keys, false, facts);
    }
}

/// Everything below /var/lib/opsctl that is this redis's.
const FOLDER_AND_MARK: &str =
    "rm -rf /var/lib/opsctl/redis /var/lib/opsctl/redis.opsctl; rmdir /var/lib/opsctl 2>/dev/null || :";

/// A redis with the sample data; how many keys.
fn filled(rig: &Rig) -> u64 {
    rig.redis_stands();
    rig.opsctl(&["redis", "import"]).ok();
    let keys = ask(&mut rig.redis(MASTER_PORT), "DBSIZE");
    assert!(keys > 500, "{keys}");
    keys
}

/// The master loses its folder that way and its pod; `redis up` brings back what the replica has.
fn lost(rig: &Rig, way: &str, keys: u64, beside_an_empty_replica: bool, facts: &mut Vec<String>) {
    on_node(&rig.profile, &["sh", "-c", way]).ok();
    // Until it is gone, the former one still answers.
    rig.asked(&["-n", "redis", "delete", "pod", &rig.pod("master")]);
    let label = "-l=app.kubernetes.io/component=master";
    until("why no master starts", || {
        let said = rig.kubectl(&["-n", "redis", "describe", "pod", label]).out;
        (said.contains("refused to start") || said.contains("FailedMount")).then_some(())
    });
    rig.opsctl(&["redis", "status"]).code(1);
    assert_eq!(ask::<u64>(&mut rig.redis(REPLICA_PORT), "DBSIZE"), keys, "the replica keeps it");
    rig.opsctl(&["redis", "down", "--yes"]).code(1).says(&["could not be saved", "opsctl redis up"]);
    if beside_an_empty_replica {
        rig.kubectl(&["-n", "redis", "rollout", "restart", "deployment/redis-replica"]).ok();
        let names = ["-n", "redis", "get", "endpointslices", "-l=kubernetes.io/service-name=redis-replica"];
        let names = [&names[..], &["-o", "jsonpath={.items[*].endpoints[*].targetRef.name}"]].concat();
        until("a second replica", || (rig.asked(&names).split(' ').count() == 2).then_some(()));
    }
    rig.opsctl(&["redis", "up", "--dry-run"]).ok().says(&["would be saved"]);
    let up = rig.opsctl(&["redis", "up"]).ok().says(&["saved and verified"]);
    rig.redis_is_well();
    for port in [MASTER_PORT, REPLICA_PORT] {
        assert_eq!(ask::<u64>(&mut rig.redis(port), "DBSIZE"), keys, "at {port}");
    }
    rig.opsctl(&["redis", "up"]).ok().says(&["Nothing to do"]);
    facts.push(format!("`{way}`: {keys} keys back by `redis up` in {}", secs(up.took)));
}

pub fn a_frozen_node_of_the_replica_costs_the_master_nothing(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let former = rig.pod("replica");
    let paused = Paused::new(&rig.nodes()[1]);
    let mut link = rig.redis(MASTER_PORT);
    let began = Instant::now();
    for n in 0..100 {
        let () = ask(&mut link, &format!("SET live:frozen:{n} {n}"));
    }
    let wrote = began.elapsed();
    until("status tells of it", || (rig.opsctl(&["redis", "status"]).code == Some(1)).then_some(()));
    drop(paused);
    let began = Instant::now();
    rig.redis_is_well();
    let well = began.elapsed();
    assert_eq!(rig.pod("replica"), former, "it need not be replaced");
    assert_eq!(ask::<u64>(&mut rig.redis(REPLICA_PORT), "EXISTS live:frozen:0 live:frozen:99"), 2);
    facts.push(format!("100 writes in {} meanwhile; in step again after {}", secs(wrote), secs(well)));
}
