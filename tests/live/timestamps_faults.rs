//! The timestamp API while what it needs breaks: nothing that was acknowledged is lost or read late, and the only error
//! is 503. In the soak each fault is repeated for five minutes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::election_faults::{drill, election_stands, told};
use crate::rig::{Paused, Rig, on_node, secs, until};
use crate::timestamps::{NS, pods, stands, was_not_restarted};
use crate::timestamps_clients::{Clients, PORT, none_failed};
use crate::web;

/// How long each fault is repeated in the soak.
const SOAK: Duration = Duration::from_mins(5);
/// Longer than the limit of redis, and than its pod stays ready.
const FROZEN: Duration = Duration::from_secs(5);

/// Repeats it for as long as the soak wants, else does it once; the longest of what it measured, and how often.
fn repeated(rig: &Rig, mut round: impl FnMut() -> Duration) -> String {
    let (began, mut longest, mut rounds) = (Instant::now(), Duration::ZERO, 0);
    loop {
        longest = longest.max(round());
        rounds += 1;
        if !rig.soak {
            return secs(longest);
        }
        if began.elapsed() >= SOAK {
            return format!("{} at most in {rounds} rounds", secs(longest));
        }
    }
}

/// The process of redis on its node: the one in the control group of its pod.
fn pid_of_redis(rig: &Rig) -> String {
    let pods = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=redis"]);
    let uid = pods["items"][0]["metadata"]["uid"].as_str().expect("a pod of redis").to_owned();
    let other = uid.replace('-', "_");
    let find = format!(
        "for pid in $(pgrep -x redis-server); do if grep -q -e {uid} -e {other} /proc/$pid/cgroup; then echo $pid; fi; done"
    );
    let found = on_node(&rig.profile, &["sh", "-c", &find]).ok().out;
    assert_eq!(found.lines().count(), 1, "{found}");
    found.trim().to_owned()
}

/// A process of the node that is stopped until this is dropped.
struct Stopped<'a>(&'a Rig<'a>, String);

impl<'a> Stopped<'a> {
    fn new(rig: &'a Rig, pid: String) -> Self {
        on_node(&rig.profile, &["kill", "-STOP", &pid]).ok();
        Self(rig, pid)
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        on_node(&self.0.profile, &["kill", "-CONT", &self.1]);
    }
}

/// Deletes the pod of redis, and waits until another one serves.
fn redis_is_replaced(rig: &Rig) {
    rig.asked(&["-n", NS, "delete", "pod", "-l", "app.kubernetes.io/name=redis"]);
    until("an answer", || (rig.opsctl(&["timestamps", "smoke"]).code == Some(0)).then_some(()));
}

pub fn no_acknowledged_write_is_lost_and_none_is_read_late_when_redis_dies(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig);
    let clients = Clients::new("redis", 200, true);
    let mut back = Vec::new();
    let report = clients.during(rig, |running| {
        let frozen = repeated(rig, || {
            let stopped = Stopped::new(rig, pid_of_redis(rig));
            std::thread::sleep(FROZEN);
            let woke = Instant::now();
            drop(stopped);
            clients.recover(running).saturating_duration_since(woke)
        });
        back.push(format!("frozen for {}, back {frozen} after it woke", secs(FROZEN)));
        let deleted = repeated(rig, || {
            let began = Instant::now();
            redis_is_replaced(rig);
            clients.recover(running) - began
        });
        back.push(format!("its pod deleted, back after {deleted}"));
        let killed = repeated(rig, || {
            let began = Instant::now();
            on_node(&rig.profile, &["kill", "-9", &pid_of_redis(rig)]).ok();
            std::thread::sleep(Duration::from_secs(1));
            let took = clients.recover(running) - began;
            if rig.soak {
                // The kubelet restarts a container later each time; not that of another pod.
                redis_is_replaced(rig);
            }
            took
        });
        back.push(format!("killed, back after {killed}"));
    });
    let answers = none_failed(&report);
    assert!(report.shares.contains_key("503"), "redis was never away: {:?}", report.shares);
    let kept = clients.read_back(rig);
    assert!(kept > 500, "{kept}");
    was_not_restarted(rig);
    facts.push(format!("redis {}; {kept} acknowledged writes kept, {answers}", back.join("; ")));
}

/// Has the nodes forget the connections that the paused one never answered; how many. Their clients have given them up,
/// but for two minutes a node would lead a new one from the same port to the same pod: when another version is there, or
/// another redis, to one that ends or is gone.
fn nobody_is_led_there_by_what_was_never_answered(rig: &Rig) -> u64 {
    let port = PORT.to_string();
    let line = ["conntrack", "-D", "-p", "tcp", "--state", "SYN_SENT", "--orig-port-dst", &port];
    let nodes = rig.nodes();
    let each = nodes.iter().map(|node| {
        // `conntrack v1.4.7 (conntrack-tools): 12 flow entries have been deleted.`, exit code 1 if there were none.
        let said = on_node(node, &line).err;
        let count = said
            .split_once("conntrack-tools): ")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse::<u64>().ok());
        count.unwrap_or_else(|| panic!("{node}: {said}"))
    });
    each.sum::<u64>()
}

pub fn nor_when_the_node_of_a_pod_of_the_api_is_paused(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let [_, worker] = rig.nodes();
    let there = pods(rig).iter().filter(|pod| pod["spec"]["nodeName"] == worker.as_str()).count();
    assert_eq!(there, 1, "the pods are spread over the nodes");
    // The kernel of a paused node goes on taking connections, and Kubernetes sends clients there until it has missed
    // the node for most of a minute. So clients need a limit, and ask again.
    let clients = Clients::new("node", 200, true).asking_again_after(Duration::from_millis(500));
    let held = Duration::from_secs(if rig.soak { 20 } else { 6 });
    let mut back = String::new();
    let report = clients.during(rig, |running| {
        back = repeated(rig, || {
            let paused = Paused::new(&worker);
            std::thread::sleep(held);
            let woke = Instant::now();
            drop(paused);
            let back = clients.recover(running).saturating_duration_since(woke);
            until("both nodes are ready", || {
                let ready = rig.asked(&["get", "nodes"]);
                (ready.matches(" Ready").count() == 2).then_some(())
            });
            back
        });
    });
    let forgotten = nobody_is_led_there_by_what_was_never_answered(rig);
    let answers = none_failed(&report);
    assert!(report.resent > 10, "nobody missed the node: {report:?}");
    let kept = clients.read_back(rig);
    assert!(kept > 300, "{kept}");
    was_not_restarted(rig);
    facts.push(format!(
        "paused for {}, back {back} after it woke; {} had to ask again, answered within {:.1} s; {kept} acknowledged writes kept, {answers}; {forgotten} connections forgotten",
        secs(held),
        report.resent,
        report.latency.max / 1000.0
    ));
}

pub fn no_answer_is_from_two_redis_while_the_environment_changes(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    stands(rig);
    let nodes: Vec<_> = rig.addresses().iter().map(|ip| format!("{ip}:{PORT}")).collect();
    rig.bash(&format!("curl -sf -X PUT http://{}/timestamps/before", nodes[0])).ok();
    let ended = AtomicBool::new(false);
    let wide = ["-n", NS, "get", "services,endpointslices,pods", "-o", "wide", "--show-labels"];
    let ask = |at: &String| {
        let (mut answers, mut back) = (Vec::new(), None);
        while !ended.load(Ordering::Relaxed) {
            // For a moment nobody may be there.
            let answer = web::get(at, "/timestamps/before").ok().map(|(status, _)| status);
            if answer == Some(200) && answers.last() == Some(&404) {
                back.get_or_insert_with(|| rig.asked(&wide));
            }
            answers.extend(answer);
            std::thread::sleep(Duration::from_millis(10));
        }
        (answers, back)
    };
    std::thread::scope(|scope| {
        let asking: Vec<_> = nodes.iter().map(|at| scope.spawn(|| ask(at))).collect();
        let up = rig.opsctl(&["timestamps", "up", "--environment", "elected"]).ok();
        std::thread::sleep(Duration::from_secs(1));
        ended.store(true, Ordering::Relaxed);
        let mut all = 0;
        for thread in asking {
            let (mut answers, back) = thread.join().expect("answers");
            all += answers.len();
            answers.dedup();
            // There it is not, and never comes back.
            assert_eq!(answers, [200, 404], "when it came back: {}", back.unwrap_or_default());
        }
        facts.push(format!("changed in {}, once each in {all} answers of two nodes", secs(up.took)));
    });
}

pub fn nor_on_the_elected_redis_whose_master_is_deleted_killed_and_frozen(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    const FAULTS: [&str; 3] = ["delete", "kill", "freeze"];
    election_stands(rig);
    rig.opsctl(&["timestamps", "up", "--environment", "elected"]).ok();
    let clients = Clients::new("elected", 200, true);
    let report = clients.during(rig, |running| {
        if rig.soak {
            for fault in FAULTS {
                let began = Instant::now();
                while began.elapsed() < SOAK {
                    facts.push(told(&drill(rig, &[fault], 10, None), &[fault]));
                }
            }
        } else {
            facts.push(told(&drill(rig, &FAULTS, 1, Some("4s")), &FAULTS));
        }
        clients.recover(running);
    });
    let answers = none_failed(&report);
    assert!(report.shares.contains_key("503"), "its master was never away: {:?}", report.shares);
    let kept = clients.read_back(rig);
    assert!(kept > 500, "{kept}");
    was_not_restarted(rig);
    facts.push(format!(
        "through the API {kept} acknowledged writes kept, {answers}, nobody served for {} at most",
        secs(clients.longest_outage())
    ));
}
