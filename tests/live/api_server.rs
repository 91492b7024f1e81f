//! The API server dies, and is away; the node that it runs on stands still. Kubernetes takes minutes to forget
//! it: the controllers, which could not watch, wait up to half a minute until they look again.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::election::{agreed, master};
use crate::election_faults::{drill, election_stands, told};
use crate::rig::{ENVIRONMENT, Paused, Rig, on_node, run, secs, until};

/// The API server away, until this is dropped.
pub struct Away<'a>(&'a str);

impl<'a> Away<'a> {
    /// Kills it, and leaves the kubelet nothing to start it from. One that is only killed is started at once at first,
    /// and later with growing pauses.
    pub fn new(node: &'a str) -> Self {
        let away = Self(node);
        let script = "mv /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/ && \
            kill -s KILL $(pidof kube-apiserver)";
        on_node(node, &["sh", "-c", script]).ok();
        away
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let script = "mv /etc/kubernetes/kube-apiserver.yaml /etc/kubernetes/manifests/";
        on_node(self.0, &["sh", "-c", script]);
    }
}

/// Returns once the API server answers.
pub fn answers(rig: &Rig) {
    until("an API server", || (rig.kubectl(&["get", "--raw", "/readyz"]).code == Some(0)).then_some(()));
}

/// What a pod says of the master, asked from a node: pods' addresses lead nowhere from the host.
fn said(node: &str, ip: &str) -> Value {
    let ask = format!("exec 3<>/dev/tcp/{ip}/8080; printf 'GET /master HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3");
    let answer = run(Command::new("docker").args(["exec", node, "bash", "-c", &ask])).ok().out;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

pub fn with_the_control_planes_node_frozen_nobody_is_promoted(rig: &Rig, facts: &mut Vec<String>) {
    election_stands(rig);
    let report = agreed(rig, 5);
    let (pod, _, epoch) = master(&report);
    let nodes = rig.nodes();
    let on_worker = |p: &&Value| p["node"] == nodes[1].as_str();
    let pods = report["pods"].as_array().expect("pods");
    let there: Vec<_> =
        pods.iter().filter(on_worker).filter_map(|p| Some((p["pod"].as_str()?, p["ip"].as_str()?))).collect();
    assert!(!there.is_empty(), "no pod is on the worker: {report}");
    let paused = Paused::new(&nodes[0]);
    let began = Instant::now();
    let mut answers = 0;
    while began.elapsed() < Duration::from_secs(6) {
        for (name, ip) in &there {
            let since = began.elapsed();
            let said = said(&nodes[1], ip);
            assert!(said["epoch"].as_u64() <= Some(epoch), "{name} has a new epoch: {said}");
            // The master itself may lead until its right has run out.
            let may = *name == pod && since < Duration::from_secs(4);
            assert!(may || said["leading"] == false, "{name} leads: {said}");
            answers += 1;
        }
    }
    drop(paused);
    let began = Instant::now();
    let (again, _, now) = master(&agreed(rig, 5));
    let same = if again == pod { "the same master" } else { "another master" };
    facts.push(format!(
        "6 s, {answers} answers of {} pods, nobody leads; {same} {} after it goes on, epoch {epoch} to {now}",
        there.len(),
        secs(began.elapsed())
    ));
}

pub fn without_an_api_server_nobody_is_promoted_and_data_is_served(rig: &Rig, facts: &mut Vec<String>) {
    // What the reboot that comes next wants to stand: afterwards the controllers are slow to make it.
    rig.opsctl_in(ENVIRONMENT, &["up", "--yes"]).ok();
    election_stands(rig);
    let (rounds, hold) = if rig.soak { (10, None) } else { (3, Some("4s")) };
    let faults = ["apiserver-kill", "apiserver-away"];
    let began = Instant::now();
    let found = drill(rig, &faults, rounds, hold);
    let all = found["rounds"].as_array().expect("rounds");
    let sum = |of: &str| all.iter().filter_map(|round| round[of].as_u64()).sum::<u64>();
    let (reads, failed) = (sum("reads"), sum("reads_failed"));
    assert!(reads >= 60 && failed == 0, "{failed} of {reads} reads failed: {found}");
    facts.push(format!(
        "{}; {reads} reads, none failed; drilled for {}",
        told(&found, &faults),
        secs(began.elapsed())
    ));
}
