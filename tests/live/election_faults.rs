//! The elected master, broken in every way that concerns it: no overlap, no acknowledged write lost, and
//! all agree afterwards.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::election::{agreed, master};
use crate::rig::{Rig, secs, until};

/// What `opsctl election drill` found; it must have ended well. A fault lasts at least until its change of
/// master is complete, however short its hold.
pub fn drill(rig: &Rig, faults: &[&str], rounds: u32, hold: Option<&str>) -> Value {
    let rounds = rounds.to_string();
    let mut args = vec!["election", "drill", "--yes", "-o", "json", "--rounds", &rounds];
    for fault in faults {
        args.extend(["--fault", fault]);
    }
    if let Some(hold) = hold {
        args.extend(["--hold", hold]);
    }
    let found = rig.opsctl(&args).ok().json();
    assert_eq!(found["overlaps"], 0, "{found}");
    assert_eq!(found["promoted"], 0, "{found}");
    assert_eq!(found["writes"]["lost"], 0, "{found}");
    assert!(found["writes"]["acknowledged"].as_u64() > Some(100), "nearly nothing was written: {found}");
    for fault in faults {
        let summary = of(&found, fault);
        let drilled = summary["rounds"].as_u64();
        assert_eq!(drilled.map(|n| n.to_string()).as_deref(), Some(rounds.as_str()));
        let may_stay = fault.starts_with("loss-") || fault.starts_with("apiserver-");
        assert!(may_stay || summary["changes"].as_u64() >= drilled, "{fault}: {found}");
    }
    found
}

/// A fault's summary.
fn of<'a>(found: &'a Value, fault: &str) -> &'a Value {
    let all = found["faults"].as_array().expect("summaries");
    all.iter().find(|s| s["fault"] == fault).unwrap_or_else(|| panic!("{fault} was not drilled: {found}"))
}

/// Median and longest time until all agreed, for the reader.
pub fn told(found: &Value, faults: &[&str]) -> String {
    let ms = |spread: &Value| match (spread["median"].as_u64(), spread["max"].as_u64()) {
        (Some(median), Some(max)) => format!("{median} ({max}) ms"),
        _ => "no change".to_owned(),
    };
    let one = |fault: &&str| format!("{fault} {}", ms(&of(found, fault)["agreed"]));
    let writes = &found["writes"]["acknowledged"];
    format!(
        "{}; {writes} acknowledged, 0 lost, 0 overlaps",
        faults.iter().map(one).collect::<Vec<_>>().join(", ")
    )
}

/// Every fault that has a bar keeps it: a count exactly, a time three times over, as machines differ.
fn bars_are_met(found: &Value, faults: &[&str]) {
    for fault in faults {
        let summary = of(found, fault);
        let Some(bar) = summary["bar_ms"].as_u64() else {
            assert_eq!(summary["met"], true, "{fault} has no bar that was met: {found}");
            continue;
        };
        let longest = summary["agreed"]["max"].as_u64().expect("a time");
        assert!(longest <= 3 * bar, "{fault}: agreed after {longest} ms, where {bar} are aimed at: {found}");
    }
}

/// Five pods of redis, agreed.
pub fn election_stands(rig: &Rig) {
    rig.opsctl(&["election", "up", "--sample", "redis", "--replicas", "5"]).ok();
}

/// Faults, how often each, and how long each lasts; its own time without.
type Group = (&'static [&'static str], u32, Option<&'static str>);

/// Longer than a lease is valid.
const SHORT: Option<&str> = Some("4s");

/// Drills each group.
fn drilled(rig: &Rig, facts: &mut Vec<String>, groups: &[Group]) -> Vec<Value> {
    let began = Instant::now();
    let mut all = Vec::new();
    for (faults, rounds, hold) in groups {
        let found = drill(rig, faults, *rounds, *hold);
        facts.push(told(&found, faults));
        all.push(found);
    }
    facts.push(format!("drilled for {}", secs(began.elapsed())));
    all
}

/// What has a bar: it is measured where nothing else runs.
pub fn all_agree_soon_whatever_befalls_the_master(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    let full: &[Group] =
        &[(&["delete", "kill"], 20, None), (&["pause", "unplug"], 20, Some("5s")), (&["loss-5"], 10, None)];
    let short: &[Group] = &[(&["delete", "kill", "pause", "unplug", "loss-5"], 3, SHORT)];
    let groups = if rig.soak { full } else { short };
    for (found, (faults, ..)) in drilled(rig, facts, groups).iter().zip(groups) {
        bars_are_met(found, faults);
    }
}

pub fn no_promise_is_broken_by_a_master_that_is_frozen_or_cut_off(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    let full: &[Group] = &[(&["freeze", "partition", "loss-30"], 10, None)];
    let short: &[Group] = &[(&["freeze", "partition", "loss-30"], 3, SHORT)];
    drilled(rig, facts, if rig.soak { full } else { short });
}

pub fn nor_when_half_of_it_freezes_or_its_lease_is_deleted(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    // In the soak until another leads, which is longer than an answer of redis is waited for.
    let full: &[Group] =
        &[(&["freeze-elector", "freeze-redis"], 10, Some("7s")), (&["lease-deleted"], 20, None)];
    let short: &[Group] = &[(&["freeze-elector", "freeze-redis", "lease-deleted"], 1, SHORT)];
    drilled(rig, facts, if rig.soak { full } else { short });
}

pub fn nothing_written_on_the_lease_changes_the_master(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    let (_, _, epoch) = master(&agreed(rig, 5));
    // By the clocks of others it ran out a quarter of a century ago, or runs until the end of this one.
    for (n, time) in ["2001-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"].iter().enumerate() {
        let touched = format!(
            r#"{{"metadata": {{"labels": {{"touched": "{n}"}}}}, "spec": {{"renewTime": "{time}"}}}}"#
        );
        rig.kubectl(&["-n", "election", "patch", "lease/redis", "--type=merge", "-p", &touched]).ok();
        std::thread::sleep(Duration::from_secs(1));
    }
    // Longer than a lease that nobody renews.
    std::thread::sleep(Duration::from_secs(3));
    let (_, _, after) = master(&agreed(rig, 5));
    assert_eq!(after, epoch, "the master changed");
    let label = ["-n", "election", "get", "lease/redis", "-o", "jsonpath={.metadata.labels.touched}"];
    assert_eq!(rig.asked(&label), "1", "and somebody's label stays");
    facts.push(format!("epoch {epoch} all the while"));
}

pub fn a_redis_that_somebody_gives_another_role_has_its_own_again(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    let (pod, ip, epoch) = master(&agreed(rig, 5));
    let names = rig.asked(&["-n", "election", "get", "pods", "-o", "jsonpath={.items[*].metadata.name}"]);
    let other = names.split(' ').find(|name| *name != pod).expect("a follower");
    let cli = |pod: &str, words: &[&str]| {
        let redis = ["-n", "election", "exec", pod, "-c", "redis", "--", "redis-cli"];
        rig.asked(&[&redis, words].concat())
    };
    let began = Instant::now();
    assert_eq!(cli(other, &["REPLICAOF", "NO", "ONE"]), "OK");
    let follows = format!("master_host:{ip}");
    until("it follows again", || cli(other, &["INFO", "replication"]).contains(&follows).then_some(()));
    let followed = began.elapsed();
    let began = Instant::now();
    assert_eq!(cli(&pod, &["REPLICAOF", &ip, "1"]), "OK");
    until("it leads again", || cli(&pod, &["INFO", "replication"]).contains("role:master").then_some(()));
    let led = began.elapsed();
    let (_, _, after) = master(&agreed(rig, 5));
    assert_eq!(after, epoch, "the master changed");
    facts.push(format!(
        "a follower follows again after {}, the leader leads after {}",
        secs(followed),
        secs(led)
    ));
}
