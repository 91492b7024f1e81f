//! The nginx fleet behind its balancers. One `web up` serves all tests; each puts up what it needs.

use std::collections::BTreeSet;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::refusals::Service;
use crate::rig::{Ran, Rig, locked, on_node, secs, until};

pub const NS: &str = "web";
pub const PAGE: u16 = 32440;
const STATISTICS: u16 = 32441;
/// What the demand says of a list after an endpoint's change, of the usual one and of the latest, and the latest also of
/// any answer; asserted with three times that, because machines differ: twenty nginx that start at once leave the one
/// that serves little of two cores.
const MEDIAN: Duration = Duration::from_millis(500);
pub const LONGEST: Duration = Duration::from_secs(2);

pub type Addresses = BTreeSet<String>;

/// What a request came to: status and body.
fn exchange(at: &str, request: &[u8]) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(LONGEST * 4))?;
    stream.write_all(request)?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (header, body) = text.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("no header"))?;
    let status = header.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.ok_or_else(|| std::io::Error::other("no status"))?, body.to_owned()))
}

/// A GET with a connection of its own.
pub fn get(at: &str, path: &str) -> std::io::Result<(u16, String)> {
    exchange(at, format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Where each node's balancer is reached.
pub fn balancers(rig: &Rig) -> Vec<String> {
    rig.addresses().iter().map(|ip| format!("{ip}:{PAGE}")).collect()
}

/// The addresses that a node's balancer has some nginx list.
pub fn listed(at: &str) -> Option<Addresses> {
    let (status, body) = get(at, "/ips.txt").ok()?;
    (status == 200).then(|| body.lines().map(str::to_owned).collect())
}

/// The addresses of the pods that are there to stay.
fn pods(rig: &Rig) -> Addresses {
    fleet(rig).into_iter().map(|nginx| nginx.ip).collect()
}

/// So many nginx, and everybody lists just those.
#[track_caller]
pub fn stands(rig: &Rig, nginx: usize) -> Addresses {
    if rig.kubectl(&["-n", NS, "get", "deploy/nginx"]).code != Some(0) {
        rig.opsctl(&["web", "up"]).ok();
    }
    rig.opsctl(&["web", "scale", &nginx.to_string()]).ok();
    until(&format!("{nginx} that all list"), || {
        let ran = rig.opsctl(&["web", "status", "-o", "json"]);
        let there = pods(rig);
        (ran.code == Some(0) && there.len() == nginx).then_some(there)
    })
}

pub fn a_node_port_that_somebody_has_is_refused_and_nothing_is_touched(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["web", "down", "--yes"]).ok();
    let name = "opsctl-test-web-port";
    // As a run that was killed leaves it.
    drop(Service(rig, name));
    let _service = Service(rig, name);
    let port = PAGE.to_string();
    rig.asked(&["create", "service", "nodeport", name, "--tcp=80", &format!("--node-port={port}")]);
    let ran = rig.opsctl(&["web", "up"]).code(5).says(&[&port, &format!("default/{name}"), "next: "]);
    assert_ne!(rig.kubectl(&["get", "namespace", NS]).code, Some(0), "something was made");
    facts.push(format!("refused in {}", secs(ran.took)));
}

pub fn three_nginx_on_two_nodes_list_exactly_those_connected(rig: &Rig, facts: &mut Vec<String>) {
    let up =
        rig.opsctl(&["web", "up"]).ok().says(&["3 connected, 2 balancers and every nginx agree", " on "]);
    let there = pods(rig);
    assert_eq!(there.len(), 3);
    let nodes = "jsonpath={.items[*].spec.nodeName}";
    let nodes = rig.asked(&["-n", NS, "get", "pods", "-l", "app.kubernetes.io/name=nginx", "-o", nodes]);
    assert_eq!(nodes.split(' ').collect::<BTreeSet<_>>().len(), 2, "{nodes}");
    let mut bases = BTreeSet::new();
    for at in balancers(rig) {
        assert_eq!(listed(&at), Some(there.clone()), "{at}");
        let (_, json) = get(&at, "/ips.json").expect("an answer");
        let page: Value = serde_json::from_str(&json).expect("JSON");
        let ips: Addresses = page["ips"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|ip| ip.as_str().map(str::to_owned))
            .collect();
        assert_eq!(ips, there);
        assert!(page["changed"].as_str().is_some_and(|at| at.ends_with('Z')), "{json}");
        bases.insert(page["written_by"]["base"].as_str().expect("the base").to_owned());
        bases.insert(page["heard"]["base"].as_str().expect("the base").to_owned());
        let (status, html) = get(&at, "/").expect("a page");
        assert_eq!(status, 200);
        assert!(there.iter().all(|ip| html.contains(&format!("<b>{ip}</b>"))), "{html}");
        let (status, statistics) =
            get(&at.replace(&PAGE.to_string(), &STATISTICS.to_string()), "/").expect("a page");
        assert!(status == 200 && statistics.contains("Statistics Report"), "{statistics}");
    }
    // Of both kinds, and the same in both images.
    assert_eq!(bases.len(), 1, "{bases:?}");
    rig.opsctl(&["web", "up"]).ok().says(&["Nothing to do"]);
    // One request, one id, in both logs and in the answer.
    let request = format!("GET /ips.txt?mark HTTP/1.0\r\nX-Request-ID: mine\r\nHost: {NS}\r\n\r\n");
    exchange(&balancers(rig)[0], request.as_bytes()).expect("an answer");
    let logged = |what: &str| -> Option<String> {
        let log =
            rig.kubectl(&["-n", NS, "logs", "-l", &format!("app.kubernetes.io/name={what}"), "--tail=200"]);
        let line = log.out.lines().find(|line| line.contains("/ips.txt?mark"))?.to_owned();
        line.split(' ').find_map(|word| word.strip_prefix("id=")).map(str::to_owned)
    };
    let ids = until("the request in both logs", || Some([logged("balancer")?, logged("nginx")?]));
    assert!(ids[0] == ids[1] && ids[0] != "mine", "{ids:?}");
    facts.push(format!("up in {}, base {}", secs(up.took), bases.into_iter().next().unwrap_or_default()));
}

/// A request that was not answered as it should: when, where, and what came.
type Failure = (Instant, String, String);

/// Asks both balancers without pause for the list, each time with a new connection.
struct Poll {
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
    samples: Arc<Mutex<Vec<(usize, Instant, Addresses)>>>,
    failures: Arc<Mutex<Vec<Failure>>>,
}

impl Poll {
    fn start(rig: &Rig) -> Self {
        let (stop, samples, failures) = (Arc::<AtomicBool>::default(), Arc::default(), Arc::default());
        let threads = balancers(rig).into_iter().enumerate().map(|(which, at)| {
            let (stop, samples, failures) = (Arc::clone(&stop), Arc::clone(&samples), Arc::clone(&failures));
            let samples: Arc<Mutex<Vec<(usize, Instant, Addresses)>>> = samples;
            let failures: Arc<Mutex<Vec<Failure>>> = failures;
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    match get(&at, "/ips.txt") {
                        Ok((200, body)) if asked.elapsed() <= LONGEST * 3 => {
                            locked(&samples).push((which, asked, body.lines().map(str::to_owned).collect()));
                        }
                        other => locked(&failures).push((
                            asked,
                            at.clone(),
                            format!("{other:?} after {:?}", asked.elapsed()),
                        )),
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
            })
        });
        let threads = threads.collect();
        Self { stop, threads, samples, failures }
    }

    /// The answers by balancer, in their order; every request was answered.
    #[track_caller]
    fn end(self) -> [Vec<(Instant, Addresses)>; 2] {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("no panic");
        }
        let failures = std::mem::take(&mut *locked(&self.failures));
        assert!(failures.is_empty(), "{} requests failed: {failures:#?}", failures.len());
        let mut all = [Vec::new(), Vec::new()];
        for (which, at, list) in std::mem::take(&mut *locked(&self.samples)) {
            all[which].push((at, list));
        }
        all
    }
}

/// Follows the addresses that Kubernetes counts as ready, and when it said so.
struct Truth {
    child: std::process::Child,
    seen: Arc<Mutex<Vec<(Instant, Addresses)>>>,
}

impl Truth {
    fn start(rig: &Rig) -> Self {
        let mut command = Command::new(&rig.kubectl);
        command.env("KUBECONFIG", &rig.kubeconfig).args([
            "-n",
            NS,
            "get",
            "endpointslices",
            "-w",
            "-o",
            "json",
        ]);
        command.args(["-l", "kubernetes.io/service-name=nginx"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("kubectl");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let seen: Arc<Mutex<Vec<(Instant, Addresses)>>> = Arc::default();
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for slice in
                serde_json::Deserializer::from_reader(stdout).into_iter::<Value>().map_while(Result::ok)
            {
                let endpoints = slice["endpoints"].as_array().cloned().unwrap_or_default();
                let ready = endpoints.iter().filter(|e| e["conditions"]["ready"] == true);
                let ready = ready.filter_map(|e| e["addresses"][0].as_str().map(str::to_owned)).collect();
                locked(&kept).push((Instant::now(), ready));
            }
        });
        Self { child, seen }
    }

    fn now(&self) -> usize {
        locked(&self.seen).last().map_or(0, |(_, ready)| ready.len())
    }

    fn end(mut self) -> Vec<(Instant, Addresses)> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        std::mem::take(&mut *locked(&self.seen))
    }
}

/// How long before kubectl the balancers may hear of a change.
const AHEAD: Duration = Duration::from_secs(1);

/// For each address that came or went: how long after that an answer last was wrong about it.
fn lags(truth: &[(Instant, Addresses)], answers: &[(Instant, Addresses)]) -> Vec<(Duration, String)> {
    let every: Addresses = truth.iter().flat_map(|(_, ready)| ready.iter().cloned()).collect();
    let mut all = Vec::new();
    for address in every {
        let states: Vec<_> = truth.iter().map(|(at, ready)| (*at, ready.contains(&address))).collect();
        let changes: Vec<_> =
            states.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1]).collect();
        for (i, (from, is)) in changes.iter().enumerate() {
            let until = changes.get(i + 1).map(|(at, _)| *at);
            let within = answers.iter().filter(|(at, _)| at >= from && until.is_none_or(|until| *at < until));
            let mut wrong: Vec<_> = within.map(|(at, list)| (*at, list.contains(&address) != *is)).collect();
            // Some servers may hear of the next change before this one's kubectl does, and others not yet.
            wrong.retain(|(at, wrong)| !wrong || until.is_none_or(|until| *at + AHEAD < until));
            let last = wrong.iter().rev().find(|(_, wrong)| *wrong);
            let late = last.map_or(Duration::ZERO, |(at, _)| at.duration_since(*from));
            all.push((late, format!("{address} {}", if *is { "came" } else { "went" })));
        }
    }
    all.sort();
    all
}

pub fn an_answer_is_late_until_the_last_one_that_was_wrong() {
    let began = Instant::now();
    let at = |ms: u64| began + Duration::from_millis(ms);
    let set = |names: &str| names.split(' ').map(str::to_owned).collect::<Addresses>();
    let truth = [
        (at(0), set("a")),
        (at(100), set("a b")),
        (at(500), set("b")),
        (at(1000), set("b c")),
        (at(8000), set("b")),
    ];
    let answers = [
        (at(50), set("a")),
        (at(150), set("a b")),
        (at(160), set("a")),
        (at(300), set("a b")),
        (at(490), set("b")),
        (at(600), set("a b")),
        (at(700), set("b")),
        (at(1010), set("b")),
        (at(1100), set("b c")),
        // One server knows already that it goes, another not yet.
        (at(7400), set("b")),
        (at(7450), set("b c")),
        (at(7700), set("b")),
        (at(8100), set("b")),
    ];
    let late = |ms: u64, what: &str| (Duration::from_millis(ms), what.to_owned());
    assert_eq!(
        lags(&truth, &answers),
        [late(0, "c went"), late(10, "c came"), late(60, "b came"), late(100, "a went")]
    );
}

/// How many slots each balancer has.
pub fn slots(rig: &Rig) -> Vec<u64> {
    let report = rig.opsctl(&["web", "status", "-o", "json"]).json();
    let all = report["balancers"].as_array().cloned().unwrap_or_default();
    let stay = all.iter().filter(|b| b["ending"] == false);
    stay.filter_map(|b| b["answer"]["slots"].as_u64()).collect()
}

/// Replaces one of the stack's workloads pod by pod, and waits for it.
pub fn rolled(rig: &Rig, workload: &str) {
    rig.kubectl(&["-n", NS, "rollout", "restart", workload]).ok();
    rig.kubectl(&["-n", NS, "rollout", "status", workload, "--timeout=3m"]).ok();
}

/// Each balancer has as many slots as to begin with, which are enough for the fleet as it is.
pub fn four_slots(rig: &Rig) {
    if slots(rig) != [4, 4] {
        rolled(rig, "ds/balancer");
    }
    until("4 slots each", || (slots(rig) == [4, 4]).then_some(()));
}

pub fn from_one_to_twenty_and_back_to_two_both_lists_follow_at_once(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 1);
    four_slots(rig);
    stands(rig, 1);
    let (truth, poll) = (Truth::start(rig), Poll::start(rig));
    until("the first endpoints", || (truth.now() == 1).then_some(()));
    for number in [20, 2] {
        rig.kubectl(&["-n", NS, "scale", "deploy/nginx", &format!("--replicas={number}")]).ok();
        until(&format!("{number} ready endpoints"), || (truth.now() == number).then_some(()));
        // Long enough for the latest list to be seen, and for those that end to be gone.
        std::thread::sleep(Duration::from_secs(5));
    }
    assert_eq!(slots(rig), [32, 32], "doubled from 4");
    let answers = poll.end();
    let truth = truth.end();
    let mut all = Vec::new();
    for of_one in &answers {
        assert!(of_one.len() > 100, "only {} answers", of_one.len());
        let late = lags(&truth, of_one);
        assert!(late.len() >= 37, "{} changes", late.len());
        all.extend(late);
    }
    all.sort();
    let (median, longest) = (all[all.len() / 2].0, all[all.len() - 1].0);
    assert!(
        median <= MEDIAN * 3 && longest <= LONGEST * 3,
        "median {median:?}, the latest: {:?}",
        all.last_chunk::<5>()
    );
    let asked = answers.iter().map(Vec::len).sum::<usize>();
    facts.push(format!(
        "list right after median {} ms, longest {} ms, {} changes; {asked} requests, 0 failed",
        median.as_millis(),
        longest.as_millis(),
        all.len()
    ));
}

/// An nginx that is there to stay.
pub struct Nginx {
    pub name: String,
    pub ip: String,
    pub node: String,
    pub ready: bool,
}

/// All that are there to stay.
pub fn fleet(rig: &Rig) -> Vec<Nginx> {
    let list = rig.get(&["-n", NS, "pods", "-l", "app.kubernetes.io/name=nginx"]);
    let all = list["items"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stays = all.iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    let with_address = stays.filter(|pod| pod["status"]["podIP"].is_string());
    let is_ready = |pod: &Value| {
        let conditions = pod["status"]["conditions"].as_array();
        conditions.is_some_and(|all| all.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
    };
    let nginx = with_address.map(|pod| Nginx {
        name: text(&pod["metadata"]["name"]),
        ip: text(&pod["status"]["podIP"]),
        node: text(&pod["spec"]["nodeName"]),
        ready: is_ready(pod),
    });
    nginx.collect()
}

/// Name and address of one nginx.
fn one(rig: &Rig) -> (String, String) {
    let nginx = fleet(rig).into_iter().find(|nginx| nginx.ready).expect("one that is ready");
    (nginx.name, nginx.ip)
}

/// Sends a signal to all processes of nginx in a pod.
pub fn signal(rig: &Rig, pod: &str, signal: &str) -> Ran {
    let script = format!(
        "for p in /proc/[0-9]*; do read n < $p/comm; [ \"$n\" != nginx ] || kill -{signal} ${{p#/proc/}}; done"
    );
    rig.kubectl(&["-n", NS, "exec", pod, "--", "sh", "-c", &script])
}

/// How long after `began` the last answer of either balancer was wrong about an address.
fn out_after(answers: &[Vec<(Instant, Addresses)>; 2], began: Instant, until: Instant, ip: &str) -> Duration {
    let wrong =
        answers.iter().flatten().filter(|(at, list)| *at >= began && *at < until && list.contains(ip));
    wrong.map(|(at, _)| at.duration_since(began)).max().unwrap_or_default()
}

pub fn a_killed_and_a_frozen_nginx_are_out_of_both_lists_and_no_request_fails(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig, 4);
    let mut told = Vec::new();
    for (what, number) in [("killed", "KILL"), ("frozen", "STOP")] {
        let (pod, ip) = one(rig);
        let poll = Poll::start(rig);
        std::thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        signal(rig, &pod, number).ok();
        until(&format!("without the {what} one"), || {
            let without = |at: &String| listed(at).is_some_and(|list| !list.contains(&ip));
            balancers(rig).iter().all(without).then_some(())
        });
        // A container that was killed is started again, and comes back.
        let settled = Instant::now();
        std::thread::sleep(Duration::from_millis(500));
        let answers = poll.end();
        let after = out_after(&answers, began, settled, &ip);
        assert!(after <= LONGEST * 3, "{what}: {after:?}");
        told.push(format!("{what}: out after {} ms", after.as_millis()));
        if number == "STOP" {
            let status = rig.opsctl(&["web", "status"]).code(1);
            assert!(status.out.contains("fails the check") && status.out.contains(&ip), "{}", status.out);
            signal(rig, &pod, "CONT").ok();
        }
        stands(rig, 4);
    }
    facts.push(format!("{}; 0 requests failed", told.join(", ")));
}

pub fn slow_clients_huge_headers_and_two_lengths_are_refused_while_others_are_served(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig, 2);
    let at = balancers(rig).remove(0);
    let slow: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(&at).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").expect("sent");
            stream
        })
        .collect();
    let poll = Poll::start(rig);
    let huge = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Huge: {}\r\n\r\n", "a".repeat(40_000));
    // What it refuses it need not read to the end: then the connection is reset.
    let refused = |request: &str| match exchange(&at, request.as_bytes()) {
        Ok((status, _)) => assert!((400..500).contains(&status), "{status}"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    };
    refused(&huge);
    let two = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello";
    assert_eq!(exchange(&at, two.as_bytes()).expect("an answer").0, 400);
    let both = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n";
    assert_eq!(exchange(&at, both.as_bytes()).expect("an answer").0, 400);
    for mut stream in slow {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an end");
        assert!(text.starts_with("HTTP/1.1 408") || text.starts_with("HTTP/1.0 408"), "{text}");
    }
    let served = poll.end();
    let served = served.iter().map(Vec::len).sum::<usize>();
    facts.push(format!("50 slow ones got 408; {served} others meanwhile were all served"));
}

pub fn the_balancer_may_watch_its_endpoints_and_nothing_else(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 2);
    let may = |account: &str, verb: &str, resource: &str, namespace: &str| {
        let account = format!("--as=system:serviceaccount:{NS}:{account}");
        let ran = rig.kubectl(&["auth", "can-i", verb, resource, "-n", namespace, &account]);
        ran.out.trim() == "yes"
    };
    let slices = "endpointslices.discovery.k8s.io";
    for verb in ["get", "list", "watch"] {
        assert!(may("balancer", verb, slices, NS), "{verb}");
    }
    let mut denied = 0;
    let mut never = |account: &str, verb: &str, resource: &str, namespace: &str| {
        assert!(!may(account, verb, resource, namespace), "{account} may {verb} {resource} in {namespace}");
        denied += 1;
    };
    for verb in ["create", "update", "patch", "delete"] {
        never("balancer", verb, slices, NS);
    }
    for namespace in ["default", "kube-system"] {
        never("balancer", "list", slices, namespace);
    }
    for resource in [
        "pods",
        "pods/exec",
        "services",
        "secrets",
        "configmaps",
        "deployments.apps",
        "leases.coordination.k8s.io",
    ] {
        never("balancer", "get", resource, NS);
        never("nginx", "get", resource, NS);
    }
    never("balancer", "list", "nodes", NS);
    never("nginx", "list", slices, NS);
    let (pod, _) = one(rig);
    let token = rig.kubectl(&["-n", NS, "exec", &pod, "--", "ls", "/var/run/secrets/kubernetes.io"]);
    assert_ne!(token.code, Some(0), "nginx has a token: {}", token.out);
    // The root file system is read-only, and nobody is root.
    let touch = ["-n", NS, "exec", &pod, "--", "sh", "-c", "id -u; ! touch /x /etc/x /usr/x 2>/dev/null"];
    assert_eq!(rig.kubectl(&touch).ok().out.trim(), "65532");
    facts.push(format!("3 things allowed, {denied} denied"));
}

/// Rules on the nodes that keep pods from the API server, until this is dropped.
pub struct Apart {
    pods: Vec<(String, String)>,
    fate: &'static [&'static str],
}

impl Apart {
    /// Keeps those apart that the selector finds; `fate` is what becomes of their packets, as iptables calls it.
    pub fn new(rig: &Rig, namespace: &str, selector: &str, fate: &'static [&'static str]) -> Self {
        let path = "jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{'\\n'}{end}";
        let pods = rig.asked(&["-n", namespace, "get", "pods", "-l", selector, "-o", path]);
        let all = pods.lines().filter_map(|line| line.split_once(' '));
        let apart = Self { pods: all.map(|(node, ip)| (node.to_owned(), ip.to_owned())).collect(), fate };
        apart.each("-I");
        apart
    }

    fn each(&self, verb: &str) {
        for (node, ip) in &self.pods {
            for chain in ["INPUT", "FORWARD"] {
                let rule = ["-s", ip, "-p", "tcp", "-m", "multiport", "--dports", "443,8443", "-j"];
                on_node(node, &[&["iptables", verb, chain], &rule[..], self.fate].concat());
            }
        }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.each("-D");
    }
}

pub fn without_the_api_server_the_list_stays_and_checks_go_on(rig: &Rig, facts: &mut Vec<String>) {
    let before = stands(rig, 4);
    let apart = Apart::new(rig, NS, "app.kubernetes.io/name=balancer", &["DROP"]);
    let silent = |rig: &Rig| {
        let report = rig.opsctl(&["web", "status", "-o", "json"]).json();
        let all = report["balancers"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|b| b["answer"]["unheard_since"].is_string()).count()
    };
    until("both say that they are alone", || (silent(rig) == 2).then_some(()));
    for at in balancers(rig) {
        assert_eq!(listed(&at), Some(before.clone()), "the list stays");
    }
    let (pod, ip) = one(rig);
    let poll = Poll::start(rig);
    let began = Instant::now();
    signal(rig, &pod, "STOP").ok();
    until("without the frozen one", || {
        let without = |at: &String| listed(at).is_some_and(|list| !list.contains(&ip));
        balancers(rig).iter().all(without).then_some(())
    });
    let answers = poll.end();
    let after = out_after(&answers, began, Instant::now(), &ip);
    assert!(after <= LONGEST * 3, "{after:?}");
    let status = rig.opsctl(&["web", "status"]).code(1);
    assert!(status.out.contains("has not heard the API server since"), "{}", status.out);
    signal(rig, &pod, "CONT").ok();
    drop(apart);
    until("both hear it again", || (silent(rig) == 0).then_some(()));
    stands(rig, 4);
    facts.push(format!("4 stayed listed; a frozen one out after {} ms", after.as_millis()));
}

pub fn no_server_is_told_and_impossible_numbers_are_refused(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 2);
    let ran = rig.opsctl(&["web", "scale", "-1"]).code(2);
    assert!(ran.err.contains("-1"), "{}", ran.err);
    rig.opsctl(&["web", "scale", "60000"])
        .code(2)
        .says(&["the nodes cannot hold 60000 nginx", "next: opsctl web scale"]);
    assert_eq!(pods(rig).len(), 2, "nothing was touched");
    rig.opsctl(&["web", "scale", "0"]).ok().says(&["0 connected"]);
    for at in balancers(rig) {
        let (status, page) = get(&at, "/").expect("an answer");
        assert!(status == 503 && page.contains("No server is connected"), "{status} {page}");
    }
    rig.opsctl(&["undo", "--yes"]).ok().says(&["restored"]);
    until("two again", || {
        (rig.opsctl(&["web", "status"]).code == Some(0) && pods(rig).len() == 2).then_some(())
    });
    // By hand it works too, and the next `up` keeps it.
    rig.kubectl(&["-n", NS, "scale", "deploy/nginx", "--replicas=5"]).ok();
    until("five by hand", || {
        (rig.opsctl(&["web", "status"]).code == Some(0) && pods(rig).len() == 5).then_some(())
    });
    rig.opsctl(&["web", "up"]).ok().says(&["Nothing to do"]);
    assert_eq!(pods(rig).len(), 5);
    facts.push("503 with its page; -1 and 60000 refused; undone; 5 by hand kept".into());
}

pub fn down_leaves_nothing_of_the_fleet(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 2);
    let down = rig.opsctl(&["web", "down", "--yes"]).ok();
    let objects = rig.is_as_before();
    rig.opsctl(&["web", "status"]).code(1).says(&["opsctl web up"]);
    facts.push(format!("{}: {objects} objects as before", secs(down.took)));
}
