//! The API server dies, and is away: last of all but the reboot, since Kubernetes takes minutes to forget it.
//! The kubelet starts one that is killed again later each time, and the controllers, which could not watch,
//! wait up to half a minute until they look again.

use super::e_election_faults::{drill, election_stands, told};
use super::harness::test;

#[test]
fn y03_without_an_api_server_nobody_is_promoted_and_data_is_served() {
    test("election: API server away, killed", |rig, facts| {
        election_stands(rig);
        let (away, hold, kills) = if rig.soak { (10, None, 6) } else { (2, Some("5s"), 1) };
        for (fault, rounds) in [("apiserver-away", away), ("apiserver-kill", kills)] {
            let found = drill(rig, &[fault], rounds, hold);
            for round in found["rounds"].as_array().expect("rounds") {
                let (reads, failed) = (round["reads"].as_u64(), round["reads_failed"].as_u64());
                assert!(failed <= reads.map(|n| n / 20), "{failed:?} of {reads:?} reads failed: {round}");
            }
            facts.push(told(&found, &[fault]));
        }
    });
}
