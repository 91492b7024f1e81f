//! The nginx fleet under load: nothing that is done to it, or befalls it, costs a request.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use opsctl::load::{Load, Report, Running};
use serde_json::Value;

use crate::rig::{Paused, Rig, locked, on_node, secs, until};
use crate::web::{
    Addresses, LONGEST, NS, balancers, fleet, four_slots, listed, rolled, signal, slots, stands,
};

/// Requests per second, all balancers together.
const RATE: u32 = 500;
/// A request without its answer by then has failed: as elsewhere three times what the demand says, since machines
/// differ. The longest that one took is in the facts.
const LIMIT: Duration = LONGEST.saturating_mul(3);

/// How long each load lasts at least.
fn lasts(rig: &Rig) -> Duration {
    if rig.soak { Duration::from_mins(2) } else { Duration::from_secs(20) }
}

/// Lists as they were got: when it was asked, and the addresses.
type Lists = Arc<Mutex<Vec<(Instant, Addresses)>>>;

/// A load of requests for the list, half of them over kept connections.
struct Clients {
    runtime: tokio::runtime::Runtime,
    lists: Lists,
}

impl Clients {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { runtime: runtime.expect("a runtime"), lists: Lists::default() }
    }

    /// Begins to ask these balancers.
    fn start(&self, at: &[String], rate: u32) -> Running {
        let targets = at.iter().map(|at| at.parse::<SocketAddr>().expect("an address")).collect();
        let load = Load { targets, rate, kept: 50, limit: LIMIT, lasts: None };
        let ask = |_| Request::builder().uri("/ips.txt").body(Full::<Bytes>::default()).expect("a request");
        let lists = Arc::clone(&self.lists);
        let _inside = self.runtime.enter();
        load.start(
            Arc::new(ask),
            Arc::new(move |answer| {
                let by = answer.headers.get("x-served-by").and_then(|by| by.to_str().ok());
                let list: Addresses =
                    String::from_utf8_lossy(&answer.body).lines().map(str::to_owned).collect();
                match by {
                    Some(by) if answer.status == 200 && !list.is_empty() => {
                        locked(&lists).push((answer.sent, list));
                        Ok(by.to_owned())
                    }
                    _ => Err(format!("status {}, {} addresses", answer.status, list.len())),
                }
            }),
        )
    }

    fn stop(&self, running: Running) -> Report {
        self.runtime.block_on(running.stop())
    }

    /// Asks while `what` does, again and again until the time is over; none may fail.
    #[track_caller]
    fn during(rig: &Rig, mut what: impl FnMut()) -> (Report, usize) {
        let clients = Self::new();
        let running = clients.start(&balancers(rig), RATE);
        let began = Instant::now();
        let mut times = 0;
        std::thread::sleep(Duration::from_secs(1));
        while times == 0 || (rig.soak && began.elapsed() < lasts(rig)) {
            what();
            times += 1;
        }
        std::thread::sleep(lasts(rig).saturating_sub(began.elapsed()).max(Duration::from_secs(1)));
        let report = clients.stop(running);
        assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "{report:?}");
        assert!(report.answered > 0, "{report:?}");
        (report, times)
    }
}

/// What a load without a failure came to.
fn told(report: &Report) -> String {
    format!(
        "{} requests in {} s, 0 failed, {} sent again, median {:.1} ms, p99 {:.0} ms, longest {:.0} ms",
        report.sent,
        report.took.as_secs(),
        report.resent,
        report.latency.p50,
        report.latency.p99,
        report.latency.max
    )
}

pub fn one_command_scales_past_the_slots_kills_pods_and_no_request_fails(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 3);
    four_slots(rig);
    let (rate, time) = (RATE.to_string(), format!("{}s", lasts(rig).as_secs()));
    let limit = format!("{}s", LIMIT.as_secs());
    let args = ["web", "test", "--rate", &rate, "--for", &time, "--limit", &limit, "--yes", "-o", "json"];
    let report = rig.opsctl(&args).ok().json();
    let requests = &report["requests"];
    assert_eq!(requests["failed"], 0, "{report}");
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    assert_eq!(number(&requests["answered"]), number(&requests["sent"]));
    assert!(number(&requests["sent"]) >= u64::from(RATE) * lasts(rig).as_secs(), "{report}");
    let course = report["course"].as_array().expect("what was done");
    let done = |what: &str| course.iter().any(|line| line.as_str().is_some_and(|l| l.contains(what)));
    for what in ["scaled to 10", "killed", "scaled to 2", "scaled to 3"] {
        assert!(done(what), "{what}: {report}");
    }
    // Three, and ten: they doubled twice.
    assert_eq!(slots(rig), [16, 16]);
    let (lists, answers) = (&report["lists"], &report["answers"]);
    assert!(number(&lists["changes"]) > 0 && number(&answers["changes"]) > 0, "{report}");
    stands(rig, 3);
    facts.push(format!(
        "3, 10, two killed, 2, 3 past 4 slots: {} requests, 0 failed, {} sent again, p99 {} ms, longest {} ms; list right after \
         median {} ms, longest {} ms; servers answered, or no longer, after median {} ms, longest {} ms",
        requests["sent"],
        requests["resent"],
        requests["latency"]["p99"],
        requests["latency"]["max"],
        lists["median_ms"],
        lists["longest_ms"],
        answers["median_ms"],
        answers["longest_ms"]
    ));
}

pub fn rolling_restarts_of_fleet_and_balancers_cost_no_request(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 4);
    let (report, times) = Clients::during(rig, || {
        rolled(rig, "deploy/nginx");
        rolled(rig, "ds/balancer");
    });
    stands(rig, 4);
    facts.push(format!("both replaced {times} times: {}", told(&report)));
}

/// The worker takes no pods until this is dropped.
struct Drained<'a>(&'a Rig<'a>, String);

impl<'a> Drained<'a> {
    /// Of the fleet alone: other stacks are not meant.
    fn new(rig: &'a Rig, node: &str) -> Self {
        let drained = Self(rig, node.to_owned());
        let selector = "--pod-selector=app.kubernetes.io/part-of=web";
        let args =
            ["drain", node, "--ignore-daemonsets", "--delete-emptydir-data", selector, "--timeout=90s"];
        rig.kubectl(&args).ok();
        drained
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        self.0.kubectl(&["uncordon", &self.1]);
    }
}

pub fn a_drained_worker_costs_no_request(rig: &Rig, facts: &mut Vec<String>) {
    let [_, worker] = rig.nodes();
    stands(rig, 4);
    let on_it = || fleet(rig).iter().filter(|nginx| nginx.node == worker).count();
    let (report, times) = Clients::during(rig, || {
        // The pods that came since the last time are spread anew.
        if on_it() == 0 {
            rolled(rig, "deploy/nginx");
        }
        assert!(on_it() > 0, "nothing to drain");
        let drained = Drained::new(rig, &worker);
        assert_eq!(on_it(), 0);
        drop(drained);
    });
    facts.push(format!("drained {times} times: {}", told(&report)));
}

pub fn a_frozen_worker_is_out_of_the_others_list_at_once(rig: &Rig, facts: &mut Vec<String>) {
    let [living, worker] = rig.nodes();
    stands(rig, 4);
    // Where the worker took no pods for a while, it has none.
    if fleet(rig).iter().all(|nginx| nginx.node != worker) {
        rolled(rig, "deploy/nginx");
        stands(rig, 4);
    }
    let (frozen, stays): (Vec<_>, Vec<_>) = fleet(rig).into_iter().partition(|nginx| nginx.node == worker);
    let [frozen, stays] = [frozen, stays].map(|all| all.into_iter().map(|n| n.ip).collect::<Addresses>());
    assert!(!frozen.is_empty() && !stays.is_empty(), "{frozen:?}, {stays:?}");
    let at = vec![format!("{}:{}", rig.address(), crate::web::PAGE)];
    let clients = Clients::new();
    let running = clients.start(&at, RATE);
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    let paused = Paused::new(&worker);
    let took = began.elapsed();
    until("a list of those who live", || (listed(&at[0]) == Some(stays.clone())).then_some(()));
    std::thread::sleep(Duration::from_secs(5));
    let report = clients.stop(running);
    drop(paused);
    let lists = std::mem::take(&mut *locked(&clients.lists));
    let wrong = lists.iter().filter(|(sent, list)| *sent >= began && !list.is_disjoint(&frozen));
    let out = wrong.map(|(sent, _)| sent.duration_since(began)).max().unwrap_or_default();
    assert!(out <= LIMIT, "{out:?} after the freeze began, which took {took:?}");
    assert_eq!((report.failed, &report.reasons), (0, &BTreeMap::new()), "through {living}: {report:?}");
    stands(rig, 4);
    facts.push(format!(
        "{} of 4 frozen with their node: out after {} ms; through the other node {}",
        frozen.len(),
        out.as_millis(),
        told(&report)
    ));
}

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap_or_default()
    }

    fn seconds(&mut self, from: usize, to: usize) -> Duration {
        Duration::from_millis((from * 1000 + self.below((to - from) * 1000)) as u64)
    }
}

/// Rules of a node that drop packets, until this is dropped.
struct Unplugged {
    node: String,
    rules: Vec<Vec<String>>,
}

impl Unplugged {
    fn new(node: &str, rules: &[&[&str]]) -> Self {
        let owned = |rule: &&[&str]| rule.iter().map(|word| (*word).to_owned()).collect();
        let unplugged = Self { node: node.to_owned(), rules: rules.iter().map(owned).collect() };
        unplugged.each("-I");
        unplugged
    }

    /// All of a machine's packets.
    fn machine(node: &str) -> Self {
        let (inward, outward) = (["-i", "eth0"], ["-o", "eth0"]);
        Self::new(
            node,
            &[
                &["INPUT", inward[0], inward[1]],
                &["OUTPUT", outward[0], outward[1]],
                &["FORWARD", inward[0], inward[1]],
                &["FORWARD", outward[0], outward[1]],
            ],
        )
    }

    /// All of a pod's packets.
    fn pod(node: &str, ip: &str) -> Self {
        let rules: [&[&str]; 4] =
            [&["INPUT", "-s", ip], &["OUTPUT", "-d", ip], &["FORWARD", "-s", ip], &["FORWARD", "-d", ip]];
        Self::new(node, &rules)
    }

    fn each(&self, verb: &str) {
        for rule in &self.rules {
            let words: Vec<&str> = rule.iter().map(String::as_str).collect();
            on_node(&self.node, &[&["iptables", verb, words[0]], &words[1..], &["-j", "DROP"]].concat());
        }
    }
}

impl Drop for Unplugged {
    fn drop(&mut self) {
        self.each("-D");
    }
}

/// What befalls the fleet in the soak, and how often each did.
#[derive(Default)]
struct Course(BTreeMap<&'static str, usize>);

impl Course {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// A random one of those that are connected, where enough others are.
    fn victim(rig: &Rig, dice: &mut Dice) -> Option<crate::web::Nginx> {
        let connected = listed(&balancers(rig)[0])?;
        let mut all: Vec<_> =
            fleet(rig).into_iter().filter(|nginx| nginx.ready && connected.contains(&nginx.ip)).collect();
        let chosen = dice.below(all.len().max(1));
        (all.len() >= 2).then(|| all.swap_remove(chosen))
    }

    /// One misfortune; what it was.
    fn next(&mut self, rig: &Rig, dice: &mut Dice) {
        let choice = dice.below(10);
        if choice < 4 {
            let number = 2 + dice.below(11);
            rig.kubectl(&["-n", NS, "scale", "deploy/nginx", &format!("--replicas={number}")]).ok();
            return self.count("scaled");
        }
        let Some(victim) = Self::victim(rig, dice) else { return self.count("left alone") };
        match choice {
            4 | 5 => {
                // Like the others it may be gone by now.
                signal(rig, &victim.name, "KILL");
                self.count("killed");
            }
            6 | 7 => {
                signal(rig, &victim.name, "STOP");
                std::thread::sleep(dice.seconds(1, 6));
                signal(rig, &victim.name, "CONT");
                self.count("frozen");
            }
            _ => {
                let unplugged = Unplugged::pod(&victim.node, &victim.ip);
                std::thread::sleep(dice.seconds(1, 6));
                drop(unplugged);
                self.count("unplugged");
            }
        }
    }
}

/// A machine without a network answers nobody: what is asked of it meanwhile, or just before, is told apart.
pub fn ten_minutes_of_misfortune_leave_every_list_right(rig: &Rig, facts: &mut Vec<String>) {
    let seed = std::env::var("OPSCTL_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    crate::tier::say(&format!("seed {seed}: OPSCTL_SEED={seed} repeats the choices"));
    let mut dice = Dice(seed);
    let [_, worker] = rig.nodes();
    stands(rig, 5);
    let at = balancers(rig);
    let living = rig.address();
    let (mut of_living, mut of_worker) = (Vec::new(), Vec::new());
    for address in at {
        if address.starts_with(&format!("{living}:")) { &mut of_living } else { &mut of_worker }
            .push(address);
    }
    assert!(of_living.len() == 1 && of_worker.len() == 1, "{of_living:?}, {of_worker:?}");
    let clients = Clients::new();
    let (first, second) = (clients.start(&of_living, 200), clients.start(&of_worker, 200));
    let began = Instant::now();
    let (mut course, mut explained, mut minutes) = (Course::default(), 0, 0);
    while began.elapsed() < Duration::from_mins(10) {
        course.next(rig, &mut dice);
        std::thread::sleep(dice.seconds(0, 4));
        // Every other minute the whole worker.
        if began.elapsed() > Duration::from_mins(2 * minutes + 1) {
            minutes += 1;
            rig.kubectl(&["-n", NS, "scale", "deploy/nginx", "--replicas=6"]).ok();
            until("nginx beside the worker", || {
                (fleet(rig).iter().filter(|n| n.ready && n.node != worker).count() >= 2).then_some(())
            });
            let before = second.so_far().failed;
            let unplugged = Unplugged::machine(&worker);
            std::thread::sleep(dice.seconds(4, 8));
            drop(unplugged);
            until("the worker's balancer", || listed(&of_worker[0]));
            // Those that were due before have come to something by then.
            std::thread::sleep(LIMIT + Duration::from_secs(1));
            explained += second.so_far().failed - before;
            course.count("the worker unplugged");
        }
    }
    let (first, second) = (clients.stop(first), clients.stop(second));
    let number = fleet(rig).len();
    let began = Instant::now();
    let all = stands(rig, number.max(3));
    let settled = began.elapsed();
    for at in of_living.iter().chain(&of_worker) {
        assert_eq!(listed(at), Some(all.clone()), "{at}");
    }
    let done = course.0.iter().map(|(what, times)| format!("{what} {times}")).collect::<Vec<_>>().join(", ");
    assert_eq!((first.failed, &first.reasons), (0, &BTreeMap::new()), "seed {seed}, {done}: {first:?}");
    assert_eq!(second.failed, explained, "seed {seed}, {done}: {second:?}");
    facts.push(format!(
        "seed {seed}: {done}; through the control plane's node {}; through the worker {} requests, {explained} failed, \
         all while it was unplugged; every list right {} after the end",
        told(&first),
        second.sent,
        secs(settled)
    ));
}
