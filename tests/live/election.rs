//! One master among identical pods. The tests share one election, each puts up what it needs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::images::images_stand;
use crate::rig::{Paused, Rig, ask, run, secs, until};

const NS: &str = "election";
const MASTER: u16 = 32420;
const REPLICAS: u16 = 32421;
/// The page that names the master.
const PAGE: u16 = 32422;

/// The report once all agree, with so many pods.
#[track_caller]
pub fn agreed(rig: &Rig, pods: usize) -> Value {
    until(&format!("{pods} pods that agree"), || {
        let ran = rig.opsctl(&["election", "status", "-o", "json"]);
        let report: Value = serde_json::from_str(&ran.out).ok()?;
        let there = report["pods"].as_array()?.len();
        (ran.code == Some(0) && there == pods).then_some(report)
    })
}

#[track_caller]
fn stands(rig: &Rig, replicas: usize) -> Value {
    rig.opsctl(&["election", "up", "--sample", "redis", "--replicas", &replicas.to_string()]).ok();
    agreed(rig, replicas)
}

/// The name, the address and the epoch of the master that a report names.
pub fn master(report: &Value) -> (String, String, u64) {
    let text = |key: &str| report["master"][key].as_str().unwrap_or_default().to_owned();
    (text("pod"), text("ip"), report["master"]["epoch"].as_u64().unwrap_or_default())
}

/// What the electors say of their roles and of what kept them, to tell why a master changed.
fn story(rig: &Rig) -> String {
    let all = [
        "-n",
        NS,
        "logs",
        "-l",
        "app.kubernetes.io/name=redis",
        "--prefix",
        "--timestamps",
        "--since=3m",
        "--tail=-1",
    ];
    let text = rig.kubectl(&[&all[..], &["--max-log-requests=20", "-c", "redis"]].concat()).out;
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| {
            ["role: ", "late: ", "renewal", "lease: ", "it led", "it leads"].iter().any(|w| line.contains(w))
        })
        .filter_map(|line| line.split_once(' ').map(|(pod, said)| format!("{said} {pod}")))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// What a node port answers to GET, with a connection of its own.
fn get(rig: &Rig, port: u16, path: &str) -> Option<String> {
    let address = format!("{}:{port}", rig.address());
    let mut stream = TcpStream::connect(&address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(3))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

/// Addresses and UIDs of the slices: what another `up` must not touch.
fn endpoints(rig: &Rig) -> String {
    let path = "jsonpath={range .items[*]}{.metadata.uid}{.endpoints[*].addresses}{'\\n'}{end}";
    rig.asked(&["-n", NS, "get", "endpointslices", "-o", path])
}

pub fn ten_identical_pods_agree_on_one_master(rig: &Rig, facts: &mut Vec<String>) {
    let up = rig.opsctl(&["election", "up", "--replicas", "10"]).ok().says(&["all 10 agree"]);
    // Not by our own word alone: each pod, the Lease, the endpoints, redis itself.
    let (ip, epoch) = until("all of them name it", || {
        let report = agreed(rig, 10);
        let (pod, ip, epoch) = master(&report);
        for one in report["pods"].as_array()? {
            let path = format!("/api/v1/namespaces/{NS}/pods/{}:8080/proxy/master", one["pod"].as_str()?);
            let said: Value = serde_json::from_str(&rig.kubectl(&["get", "--raw", &path]).out).ok()?;
            (said["pod"] == pod.as_str() && said["ip"] == ip.as_str()).then_some(())?;
        }
        let holder = rig.asked(&["-n", NS, "get", "lease/redis", "-o", "jsonpath={.spec.holderIdentity}"]);
        let addresses = "jsonpath={.endpoints[*].addresses[*]}";
        let slice = rig.asked(&["-n", NS, "get", "endpointslice/redis-master", "-o", addresses]);
        (holder.starts_with(&format!("{pod}/{ip}/")) && slice == ip).then_some((ip, epoch))
    });
    // ROLE has three parts of a master, five of a replica. The nodes' rules come after the slices.
    until("the ports lead where they should", || {
        let parts =
            [MASTER, REPLICAS].map(|port| ask::<Vec<redis::Value>>(&mut rig.redis(port), "ROLE").len());
        (parts == [3, 5]).then_some(())
    });
    // The page names it from the host, and keeps itself up to date.
    let page = until("the page", || get(rig, PAGE, "/"));
    assert!(page.contains("The master is") && page.contains("EventSource"), "{page}");
    let said: Value = serde_json::from_str(&until("an answer", || get(rig, PAGE, "/master"))).expect("JSON");
    assert_eq!(said["ip"], ip.as_str());
    // Again: nothing to do, and what the leader wrote stays.
    let before = endpoints(rig);
    rig.opsctl(&["election", "up"]).ok().says(&["Nothing to do"]);
    assert_eq!(endpoints(rig), before);
    facts.push(format!("up in {}, epoch {epoch}, the page and every pod name {ip}", secs(up.took)));
}

pub fn scaled_to_three_without_the_master_and_back_to_ten(rig: &Rig, facts: &mut Vec<String>) {
    let (pod, _, first) = master(&stands(rig, 10));
    until("all have it", || {
        let mut link = rig.redis(MASTER);
        let set: redis::RedisResult<(String, u32)> =
            redis::pipe().cmd("SET").arg("kept").arg("yes").cmd("WAIT").arg(9).arg(1000).query(&mut link);
        set.is_ok_and(|(said, replicas)| said == "OK" && replicas == 9).then_some(())
    });
    // The Deployment removes whom it likes; this makes it like the master.
    let cost = "controller.kubernetes.io/pod-deletion-cost=-1000";
    rig.kubectl(&["-n", NS, "annotate", &format!("pod/{pod}"), cost]).ok();
    let began = Instant::now();
    rig.kubectl(&["-n", NS, "scale", "deploy/redis", "--replicas=3"]).ok();
    let report = agreed(rig, 3);
    let down = began.elapsed();
    let (now, _, second) = master(&report);
    assert_ne!(now, pod, "the master was to go");
    let began = Instant::now();
    rig.kubectl(&["-n", NS, "scale", "deploy/redis", "--replicas=10"]).ok();
    let (_, _, third) = master(&agreed(rig, 10));
    let up = began.elapsed();
    assert_eq!(ask::<String>(&mut rig.redis(MASTER), "GET kept"), "yes");
    // It goes once, and who inherits is none of those that go; more pods are no reason for another.
    assert_eq!([second - first, third - second], [1, 0], "changes of master\n{}", story(rig));
    facts.push(format!("1 change of master down in {}, none up in {}, data kept", secs(down), secs(up)));
}

pub fn a_rolling_restart_changes_the_master_once(rig: &Rig, facts: &mut Vec<String>) {
    let (_, _, before) = master(&stands(rig, 5));
    let began = Instant::now();
    rig.kubectl(&["-n", NS, "rollout", "restart", "deploy/redis"]).ok();
    rig.kubectl(&["-n", NS, "rollout", "status", "deploy/redis", "--timeout=4m"]).ok();
    let (_, _, after) = master(&agreed(rig, 5));
    // Every pod is replaced, so it must change; who inherits is of the new generation, so once is enough.
    assert_eq!(after - before, 1, "changes of master\n{}", story(rig));
    facts.push(format!("5 pods replaced in {}, 1 change of master", secs(began.elapsed())));
}

pub fn a_failover_can_be_watched(rig: &Rig, facts: &mut Vec<String>) {
    let (pod, ip, _) = master(&stands(rig, 5));
    let mut command = rig.command(&["election", "status", "--watch"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("opsctl");
    // Open until its end: a closed pipe would be another way to end.
    let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
    let mut seen = Vec::new();
    let mut deleted = false;
    while let Some(Ok(line)) = lines.next() {
        // Four of them, as long as the fifth is still to come.
        let whole = line.contains("= all ");
        seen.push(line);
        if whole && !deleted {
            deleted = true;
            rig.kubectl(&["-n", NS, "delete", &format!("pod/{pod}"), "--wait=false"]).ok();
        } else if whole && !seen.last().is_some_and(|l| l.contains(&format!("on {ip},"))) {
            break;
        }
    }
    run(Command::new("kill").args(["-INT", &child.id().to_string()])).ok();
    assert_eq!(child.wait().expect("its end").code(), Some(130), "Ctrl-C");
    drop(lines);
    let told: Vec<_> = seen.iter().filter(|l| l.contains(&pod) && l.contains("is ending")).collect();
    assert_eq!(told.len(), 1, "{seen:#?}");
    assert!(seen.iter().any(|l| l.contains("leads, epoch")), "{seen:#?}");
    let after = seen.last().and_then(|l| l.rsplit_once("after ")).map(|(_, t)| t.to_owned());
    rig.bash("opsctl election status --watch | head -1; exit ${PIPESTATUS[0]}").ok();
    agreed(rig, 5);
    facts.push(format!("{} lines; all agreed again {}", seen.len(), after.unwrap_or_default()));
}

/// Any Deployment, as the docs show it.
const EXAMPLE: &str = include_str!("../../docs/examples/elected-app.yaml");
const APP: &str = "elected-app";

/// The one whom all its pods name and really follow.
fn named_by_all(rig: &Rig, pods: usize) -> Option<String> {
    let running = ["-n", APP, "get", "pods", "-l", "app=app", "-o", "json"];
    let list = rig.kubectl(&running).ok().json();
    let there = list["items"].as_array()?.iter().filter(|p| p["metadata"]["deletionTimestamp"].is_null());
    let names: Vec<&str> = there.filter_map(|p| p["metadata"]["name"].as_str()).collect();
    let said = |name: &&str| {
        let path = format!("/api/v1/namespaces/{APP}/pods/{name}:8080/proxy/master");
        let said: Value = serde_json::from_str(&rig.kubectl(&["get", "--raw", &path]).out).ok()?;
        (said["agreed"] == true).then(|| said["pod"].as_str().map(str::to_owned))?
    };
    let masters: Vec<String> = names.iter().map(said).collect::<Option<_>>()?;
    let first = masters.first()?;
    (masters.len() == pods && masters.iter().all(|m| m == first)).then(|| first.clone())
}

/// The pod that all name and whose service said in its log that it leads. A pod can answer before the API shows
/// its log.
fn told_to_lead(rig: &Rig, but: Option<&str>) -> Option<String> {
    let pod = named_by_all(rig, 3).filter(|pod| Some(pod.as_str()) != but)?;
    let log = rig.kubectl(&["-n", APP, "logs", &format!("pod/{pod}"), "-c", "app"]).out;
    log.lines().last()?.starts_with("role: leading, epoch ").then_some(pod)
}

pub fn any_deployment_gets_a_master_by_the_lines_of_the_docs(rig: &Rig, facts: &mut Vec<String>) {
    let [own, _] = images_stand(rig);
    let text = EXAMPLE.replace("opsctl/opsctl:0.1.0", &own);
    let file = rig.root.join("elected-app.yaml");
    std::fs::write(&file, text).expect("a file");
    let began = Instant::now();
    rig.kubectl(&["apply", "-f", &file.display().to_string()]).ok();
    until("all name one master", || named_by_all(rig, 3));
    let up = began.elapsed();
    let first = until("its service is told", || told_to_lead(rig, None));
    let began = Instant::now();
    rig.kubectl(&["-n", APP, "delete", &format!("pod/{first}"), "--wait=false"]).ok();
    until("all name another", || named_by_all(rig, 3).filter(|now| *now != first));
    let failover = began.elapsed();
    until("the other one's service is told", || told_to_lead(rig, Some(&first)));
    // Gone long before a test compares the cluster with what it was.
    rig.kubectl(&["delete", "namespace", APP, "--wait=false"]).ok();
    facts.push(format!("3 pods agree {} after apply; another one {} after", secs(up), secs(failover)));
}

pub fn down_leaves_nothing_of_an_election(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig, 5);
    let down = rig.opsctl(&["election", "down", "--yes"]).ok();
    let objects = rig.is_as_before();
    rig.opsctl(&["election", "status"]).code(1).says(&["opsctl election up"]);
    facts.push(format!("{}: {objects} objects as before", secs(down.took)));
}

/// The address that the page names.
fn on_the_page(rig: &Rig) -> Option<String> {
    serde_json::from_str::<Value>(&get(rig, PAGE, "/master")?).ok()?["ip"].as_str().map(str::to_owned)
}

/// A page whose pods agree, and the pod and the address that it names.
fn page_stands(rig: &Rig) -> (String, String) {
    rig.opsctl(&["election", "up", "--sample", "web", "--replicas", "3"]).ok();
    let (pod, ip, _) = master(&agreed(rig, 3));
    until("the page names it", || on_the_page(rig).filter(|now| *now == ip));
    (pod, ip)
}

/// It leaves the page, for whoever breaks a node under it.
pub fn one_sample_at_a_time(rig: &Rig, facts: &mut Vec<String>) {
    if rig.kubectl(&["-n", NS, "get", "deploy/redis"]).code == Some(0) {
        rig.opsctl(&["election", "down", "--yes"]).ok();
    }
    let (_, ip) = page_stands(rig);
    rig.opsctl(&["election", "up", "--sample", "redis"]).code(5).says(&["opsctl election down"]);
    facts.push(format!("a page names {ip}; redis beside it is refused"));
}

/// A service without data has another master soon, though a pod beside the lost one is silent as well.
pub fn a_page_has_another_master_beside_a_silent_pod_and_undo_leaves_nothing(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    let (pod, ip) = page_stands(rig);
    let paused = Paused::new(&rig.nodes()[1]);
    rig.kubectl(&["-n", NS, "delete", &format!("pod/{pod}"), "--wait=false"]).ok();
    let began = Instant::now();
    let other = until("the page names another master", || {
        on_the_page(rig).filter(|now| !now.is_empty() && *now != ip)
    });
    let took = secs(began.elapsed());
    drop(paused);
    until("all agree on a master that the page names", || {
        let (_, now, _) = master(&agreed(rig, 3));
        (Some(now) == on_the_page(rig)).then_some(())
    });
    // Nobody agrees where nobody is.
    rig.kubectl(&["-n", NS, "scale", "deploy/web", "--replicas=0"]).ok();
    until("no agreement", || (rig.opsctl(&["election", "status"]).code == Some(1)).then_some(()));
    let undone = rig.opsctl(&["undo", "--yes"]).ok();
    let objects = rig.is_as_before();
    facts.push(format!(
        "a node paused, its master gone: {other} after {took}; undo in {}: {objects} objects as before",
        secs(undone.took)
    ));
}
