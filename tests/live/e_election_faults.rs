//! The elected master, broken in every way that concerns it: no overlap, no acknowledged write lost, and
//! all agree afterwards.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::d_election::{agreed, exactly, master};
use super::harness::{Rig, secs, test, tried, until};

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

/// Median and longest time until all agreed, for the reader; a machine under load may miss a bar.
pub fn told(found: &Value, faults: &[&str]) -> String {
    let ms = |spread: &Value| match (spread["median"].as_u64(), spread["max"].as_u64()) {
        (Some(median), Some(max)) => format!("{median} ({max}) ms"),
        _ => "no change".to_owned(),
    };
    let one = |fault: &&str| {
        let summary = of(found, fault);
        let bar = if summary["met"] == false { " MISSED ITS BAR" } else { "" };
        format!("{fault} {}{bar}", ms(&summary["agreed"]))
    };
    let writes = &found["writes"]["acknowledged"];
    format!(
        "{}; {writes} acknowledged, 0 lost, 0 overlaps",
        faults.iter().map(one).collect::<Vec<_>>().join(", ")
    )
}

/// Five pods of redis, agreed.
pub fn election_stands(rig: &Rig) {
    rig.opsctl(&["election", "up", "--sample", "redis", "--replicas", "5"]).ok();
}

/// Faults, how often each, and how long each lasts; its own time without.
type Group = (&'static [&'static str], u32, Option<&'static str>);

/// Every fault of the master that leaves the API server alone.
const FAULTS: &[&str] = &["delete", "kill", "freeze", "pause", "unplug", "partition", "loss-5", "loss-30"];

/// Longer than a lease is valid.
const SHORT: Option<&str> = Some("4s");

/// Drills each group.
fn drilled(rig: &Rig, facts: &mut Vec<String>, groups: &[Group]) {
    let began = Instant::now();
    for (faults, rounds, hold) in groups {
        facts.push(told(&drill(rig, faults, *rounds, *hold), faults));
    }
    facts.push(format!("drilled for {}", secs(began.elapsed())));
}

#[test]
fn e31_whatever_befalls_the_master_no_promise_is_broken() {
    test("election: every fault of the master", |rig, facts| {
        election_stands(rig);
        let full: &[Group] = &[
            (&["delete", "kill"], 20, None),
            (&["freeze"], 10, None),
            (&["pause", "unplug"], 20, Some("5s")),
            (&["partition", "loss-5", "loss-30"], 10, None),
        ];
        drilled(rig, facts, if rig.soak { full } else { &[(FAULTS, 3, SHORT)] });
    });
}

#[test]
fn e32_nor_when_half_of_it_freezes_or_its_lease_is_deleted() {
    test("election: master frozen by half, its Lease deleted", |rig, facts| {
        election_stands(rig);
        // In the soak until another leads, which is longer than an answer of redis is waited for.
        let full: &[Group] =
            &[(&["freeze-elector", "freeze-redis"], 10, Some("7s")), (&["lease-deleted"], 20, None)];
        let short: &[Group] = &[(&["freeze-elector", "freeze-redis", "lease-deleted"], 1, SHORT)];
        drilled(rig, facts, if rig.soak { full } else { short });
    });
}

#[test]
fn e35_neither_a_label_on_the_lease_nor_a_clock_that_it_tells_of_changes_the_master() {
    test("election: the Lease labelled, its times set back", |rig, facts| {
        election_stands(rig);
        let epoch = tried(facts, || {
            let (_, _, epoch) = master(&agreed(rig, 5));
            // By the clocks of others it ran out a quarter of a century ago, or runs until the end of this one.
            for (n, time) in ["2001-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"].iter().enumerate()
            {
                let touched = format!(
                    r#"{{"metadata": {{"labels": {{"touched": "{n}"}}}}, "spec": {{"renewTime": "{time}"}}}}"#
                );
                rig.kubectl(&["-n", "election", "patch", "lease/redis", "--type=merge", "-p", &touched]).ok();
                std::thread::sleep(Duration::from_secs(1));
            }
            // Longer than a lease that nobody renews.
            std::thread::sleep(Duration::from_secs(3));
            let (_, _, after) = master(&agreed(rig, 5));
            exactly([0], [after - epoch]).map(|()| epoch)
        });
        let label = ["-n", "election", "get", "lease/redis", "-o", "jsonpath={.metadata.labels.touched}"];
        assert_eq!(rig.asked(&label), "1", "and somebody's label stays");
        facts.push(format!("epoch {epoch} all the while"));
    });
}

#[test]
fn e36_a_redis_that_somebody_gives_another_role_has_its_own_again() {
    test("election: roles changed by hand", |rig, facts| {
        election_stands(rig);
        let took = tried(facts, || {
            let (pod, ip, epoch) = master(&agreed(rig, 5));
            let names = "jsonpath={.items[*].metadata.name}";
            let names = rig.asked(&["-n", "election", "get", "pods", "-o", names]);
            let other = names.split(' ').find(|name| *name != pod).expect("a follower");
            let cli = |pod: &str, words: &[&str]| {
                let redis = ["-n", "election", "exec", pod, "-c", "redis", "--", "redis-cli"];
                rig.asked(&[&redis, words].concat())
            };
            let began = Instant::now();
            assert_eq!(cli(other, &["REPLICAOF", "NO", "ONE"]), "OK");
            let follows = format!("master_host:{ip}");
            until("it follows again", || {
                cli(other, &["INFO", "replication"]).contains(&follows).then_some(())
            });
            let followed = began.elapsed();
            let began = Instant::now();
            assert_eq!(cli(&pod, &["REPLICAOF", &ip, "1"]), "OK");
            until("it leads again", || {
                cli(&pod, &["INFO", "replication"]).contains("role:master").then_some(())
            });
            let led = began.elapsed();
            let (_, _, after) = master(&agreed(rig, 5));
            exactly([0], [after - epoch]).map(|()| (followed, led))
        });
        facts.push(format!(
            "a follower follows again after {}, the leader leads after {}",
            secs(took.0),
            secs(took.1)
        ));
    });
}
