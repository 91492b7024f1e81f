//! Peers that an operator makes. The tests share one stack, each puts up what it needs.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use crate::rig::{Rig, run, secs, until};

const NS: &str = "peering";
/// What selects the peers.
const PEERS: &str = "peering.opsctl.dev/name=peers";
/// The longest that an edit may take until each peer uses it, and the longest median: three times what is meant,
/// because machines differ.
const EDIT: [Duration; 2] = [Duration::from_secs(3), Duration::from_millis(900)];

/// Each peer's UID and restarts, without those that are being deleted: after `converged` these have ended, and the
/// kubelet has yet to say so.
fn lives(rig: &Rig) -> BTreeMap<String, (String, u64)> {
    let list = rig.get(&["pods", "-n", NS, "-l", PEERS]);
    let stay = list["items"].as_array().expect("a list").iter();
    let all = stay.filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).map(|pod| {
        let restarts = pod["status"]["containerStatuses"][0]["restartCount"].as_u64();
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        (pod["metadata"]["name"].as_str().unwrap_or_default().to_owned(), (uid, restarts.unwrap_or(0)))
    });
    all.collect()
}

/// What each peer said so far. One that has only begun may have no log yet: then nobody's is told.
fn logs(rig: &Rig) -> BTreeMap<String, Vec<String>> {
    let line = ["-n", NS, "logs", "-l", PEERS, "--prefix", "--tail=-1", "--max-log-requests=110"];
    let text = rig.kubectl(&line).out;
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        // `[pod/peers-0/peer] …`
        if let Some((pod, said)) = line.strip_prefix("[pod/").and_then(|rest| rest.split_once("/peer] ")) {
            all.entry(pod.to_owned()).or_default().push(said.to_owned());
        }
    }
    all
}

/// The report once each of so many peers has a pong of each.
#[track_caller]
fn converged(rig: &Rig, peers: usize) -> Value {
    until(&format!("{peers} peers that all answer"), || {
        let ran = rig.opsctl(&["peering", "status", "-o", "json"]);
        let report: Value = serde_json::from_str(&ran.out).ok()?;
        let there = report["peers"].as_array()?.len();
        (ran.code == Some(0) && there == peers).then_some(report)
    })
}

/// Five peers, with an interval that a test need not wait for.
#[track_caller]
fn stands(rig: &Rig) -> Value {
    rig.opsctl(&["peering", "up", "--replicas", "5", "--interval", "2s"]).ok();
    converged(rig, 5)
}

/// Waits until each of so many peers has told a pong of each other one, by name.
fn talk(rig: &Rig, peers: usize) {
    until(&format!("pongs of {peers} peers of one another"), || {
        let all = logs(rig);
        let got = |me: usize, other: usize| {
            let words = format!("pong from peers-{other} at peers-{other}.peers:8080");
            all.get(&format!("peers-{me}")).is_some_and(|lines| lines.iter().any(|l| l.contains(&words)))
        };
        let each = (0..peers).flat_map(|me| (0..peers).map(move |other| (me, other)));
        each.filter(|(me, other)| me != other).all(|(me, other)| got(me, other)).then_some(())
    });
}

pub fn each_peer_tells_the_pongs_of_the_others_and_scaling_disturbs_nobody(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    let up = rig
        .opsctl(&["peering", "up", "--interval", "5s"])
        .ok()
        .says(&["all 5 peers have a pong of each other"]);
    // What is slow because the machine is busy is no failure of scaling.
    edit(rig, "{\"timeout\":\"5s\"}");
    converged(rig, 5);
    talk(rig, 5);
    // From the host, any of them.
    let url = format!("http://{}:32430/ping", rig.address());
    assert_eq!(run(Command::new("curl").args(["-s", "--max-time", "5", &url])).ok().out, "pong\n");
    rig.opsctl(&["peering", "up"]).ok().says(&["Nothing to do"]);
    let mut took = Vec::new();
    for (by_opsctl, counts) in [(true, [1, 8, 5]), (false, [1, 8, 5])] {
        for count in counts {
            let before = lives(rig);
            let began = Instant::now();
            if by_opsctl {
                rig.opsctl(&["peering", "scale", &count.to_string()]).ok();
            } else {
                rig.kubectl(&["-n", NS, "scale", "pg", "peers", &format!("--replicas={count}")]).ok();
            }
            let report = converged(rig, count);
            took.push(secs(began.elapsed()));
            assert_eq!(report["status"]["convergedReplicas"].as_u64(), Some(count as u64), "{report}");
            let after = lives(rig);
            assert_eq!(after.len(), count);
            for (pod, (uid, restarts)) in &after {
                assert_eq!(*restarts, 0, "{pod} restarted");
                if let Some((was, _)) = before.get(pod) {
                    assert_eq!(uid, was, "{pod} is another pod");
                }
            }
            // The log of a pod that is being deleted is there, or not any more.
            let said = until(&format!("the logs of {count} peers"), || {
                Some(logs(rig)).filter(|said| said.len() == count)
            });
            let failures: Vec<_> = said
                .iter()
                .flat_map(|(pod, lines)| lines.iter().map(move |l| (pod, l)))
                .filter(|(_, line)| line.contains("no pong"))
                .collect();
            assert!(failures.is_empty(), "{count}: {failures:?}");
            // What is not said stays, whoever said it last.
            rig.opsctl(&["peering", "up"]).ok().says(&["Nothing to do"]);
            assert_eq!(lives(rig), after);
        }
    }
    talk(rig, 5);
    edit(rig, "{\"timeout\":\"2s\"}");
    facts.push(format!("up in {}; to 1, 8, 5 twice: {}", secs(up.took), took.join(", ")));
}

/// When each peer took a generation into use, as its log has it.
fn used(rig: &Rig, generation: i64) -> Option<Vec<Timestamp>> {
    let words = format!(" configuration generation {generation}: ");
    let all = logs(rig);
    let times: Option<Vec<_>> = all.values().map(|lines| time_of(lines, &words)).collect();
    times.filter(|times| !times.is_empty())
}

/// When a line with these words was written.
fn time_of(lines: &[String], words: &str) -> Option<Timestamp> {
    lines.iter().find(|line| line.contains(words))?.split(' ').next()?.parse().ok()
}

/// Changes the spec; the time right before, and the new generation.
fn edit(rig: &Rig, spec: &str) -> (Timestamp, i64) {
    let patch = format!("{{\"spec\":{spec}}}");
    let form = "jsonpath={.metadata.generation}";
    let began = Timestamp::now();
    let line = ["-n", NS, "patch", "pg", "peers", "--type", "merge", "-p", &patch, "-o", form];
    let generation = rig.asked(&line);
    (began, generation.parse().expect("a generation"))
}

pub fn an_edit_reaches_every_peer_in_a_moment_and_starts_no_pod(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let before = lives(rig);
    let count = if rig.soak { 50 } else { 10 };
    let mut took = Vec::new();
    for i in 0..count {
        // Every field that needs no pod, in turn.
        let spec = match i % 3 {
            0 => format!("{{\"interval\":\"{}s\"}}", 3 + i),
            1 => format!("{{\"timeout\":\"{}ms\"}}", 1000 + i),
            _ => format!("{{\"externalPeers\":[{{\"host\":\"peers-0.peers\",\"port\":{}}}]}}", 9000 + i),
        };
        let (began, generation) = edit(rig, &spec);
        let times = until(&format!("generation {generation} in every peer"), || {
            used(rig, generation).filter(|times| times.len() == before.len())
        });
        let last = times.into_iter().max().expect("peers");
        // From before kubectl began, so its own start is in it.
        took.push(Duration::try_from(last.duration_since(began)).expect("later"));
    }
    edit(rig, "{\"externalPeers\":[],\"interval\":\"2s\",\"timeout\":\"2s\"}");
    assert_eq!(lives(rig), before);
    took.sort();
    let (median, longest) = (took[took.len() / 2], took[took.len() - 1]);
    assert!(longest <= EDIT[0] && median <= EDIT[1], "{took:?}");
    let ms = |time: Duration| time.as_millis();
    let mounted = if rig.soak { mounted(rig) } else { String::new() };
    facts.push(format!(
        "{count} edits, kubectl's start included: median {} ms, longest {} ms{mounted}",
        ms(median),
        ms(longest)
    ));
}

/// The same edit where the `ConfigMap` is mounted: until the file in a pod is the new one.
fn mounted(rig: &Rig) -> String {
    let image = rig.asked(&["-n", NS, "get", "pod/peers-0", "-o", "jsonpath={.spec.containers[0].image}"]);
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"mounted","namespace":"{NS}"}},"spec":{{
        "terminationGracePeriodSeconds":1,"automountServiceAccountToken":false,
        "securityContext":{{"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{{"type":"RuntimeDefault"}}}},
        "containers":[{{"name":"peer","image":"{image}","args":["serve","peer","--config=/config/peers.yaml"],
        "securityContext":{{"allowPrivilegeEscalation":false,"capabilities":{{"drop":["ALL"]}}}},
        "volumeMounts":[{{"name":"config","mountPath":"/config"}}]}}],
        "volumes":[{{"name":"config","configMap":{{"name":"peers"}}}}]}}}}"#
    );
    rig.bash(&format!("echo '{pod}' | kubectl apply -f -")).ok();
    rig.kubectl(&["-n", NS, "wait", "pod/mounted", "--for=condition=Ready", "--timeout=60s"]).ok();
    let mut took = Vec::new();
    for i in 0..3 {
        let (began, generation) = edit(rig, &format!("{{\"interval\":\"{}s\"}}", 100 + i));
        let words = format!(" configuration generation {generation}: ");
        let at: Timestamp = until("the mounted file", || {
            let text = rig.kubectl(&["-n", NS, "logs", "mounted"]).ok().out;
            time_of(&text.lines().map(str::to_owned).collect::<Vec<_>>(), &words)
        });
        took.push(secs(Duration::try_from(at.duration_since(began)).expect("later")));
    }
    rig.kubectl(&["-n", NS, "delete", "pod", "mounted"]).ok();
    format!("; a mounted ConfigMap: {}", took.join(", "))
}

/// The operator that acts: its pod.
fn acting(rig: &Rig) -> String {
    until("an operator that acts", || {
        let path = "jsonpath={.spec.holderIdentity}";
        let holder = rig.asked(&["-n", NS, "get", "lease/operator", "-o", path]);
        let (pod, _) = holder.split_once('/')?;
        Some(pod.to_owned())
    })
}

pub fn whatever_befalls_it_the_operator_makes_it_as_it_was(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let before = lives(rig);
    // Deleted, and edited.
    for kind in ["configmap", "service", "networkpolicy"] {
        let uid = || {
            rig.asked(&[
                "-n",
                NS,
                "get",
                kind,
                "peers",
                "--ignore-not-found",
                "-o",
                "jsonpath={.metadata.uid}",
            ])
        };
        let was = uid();
        rig.kubectl(&["-n", NS, "delete", kind, "peers"]).ok();
        until(&format!("another {kind}"), || Some(uid()).filter(|now| !now.is_empty() && *now != was));
    }
    rig.kubectl(&["-n", NS, "scale", "statefulset/peers", "--replicas=7"]).ok();
    until("five pods again", || {
        let wants = rig.asked(&["-n", NS, "get", "statefulset/peers", "-o", "jsonpath={.spec.replicas}"]);
        (wants == "5").then_some(())
    });
    converged(rig, 5);
    assert_eq!(lives(rig), before);
    // The one that acts is killed in the middle of a change.
    let former = acting(rig);
    rig.kubectl(&["-n", NS, "scale", "pg", "peers", "--replicas=6"]).ok();
    let began = Instant::now();
    rig.kubectl(&["-n", NS, "delete", "pod", &former, "--grace-period=0", "--force"]).ok();
    let (_, generation) = edit(rig, "{\"replicas\":5}");
    converged(rig, 5);
    let took = began.elapsed();
    let all = used(rig, generation).map(|times| times.len());
    assert_eq!(all, Some(5));
    assert_ne!(acting(rig), former);
    assert_eq!(lives(rig), before, "peers that stayed are the same");
    // Nothing to do, nothing written.
    let version = || {
        rig.asked(&[
            "-n",
            NS,
            "get",
            "pg,cm,sts,svc,netpol,pdb,role",
            "-o",
            "jsonpath={.items[*].metadata.resourceVersion}",
        ])
    };
    let written = version();
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(version(), written);
    facts.push(format!(
        "converged {} after the acting operator was killed; idle for 5 s nothing was written",
        secs(took)
    ));
}

pub fn its_pods_are_as_they_should_be(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let list = rig.get(&["pods", "-n", NS, "-l", PEERS]);
    let pods = list["items"].as_array().expect("a list");
    let mut nodes = BTreeMap::new();
    for pod in pods {
        assert_eq!(pod["status"]["qosClass"], "Guaranteed");
        *nodes.entry(pod["spec"]["nodeName"].as_str().unwrap_or_default()).or_insert(0) += 1;
    }
    assert!(nodes.len() == 2 && nodes.values().all(|n| *n <= 3), "{nodes:?}");
    // A token that reads its one object, and nothing else.
    let may = |verb: &str, what: &str| {
        let who = format!("--as=system:serviceaccount:{NS}:peers");
        rig.kubectl(&["-n", NS, "auth", "can-i", verb, what, &who]).out.trim() == "yes"
    };
    assert!(may("get", "configmaps/peers") && may("watch", "configmaps/peers"));
    for (verb, what) in [
        ("get", "configmaps/kube-root-ca.crt"),
        ("list", "configmaps"),
        ("update", "configmaps/peers"),
        ("get", "peerings/peers"),
        ("list", "pods"),
        ("get", "secrets"),
    ] {
        assert!(!may(verb, what), "{verb} {what}");
    }
    facts.push(format!("Guaranteed, {nodes:?}, a token for one object"));
}

pub fn undo_is_refused_while_somebody_else_has_a_peering_and_then_leaves_nothing(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    // One run that made all of it.
    rig.opsctl(&["peering", "down", "--yes"]).ok();
    stands(rig);
    let theirs = "kubectl create namespace peering-theirs && kubectl -n peering-theirs create -f - <<END
{\"apiVersion\": \"peering.opsctl.dev/v1alpha1\", \"kind\": \"Peering\", \"metadata\": {\"name\": \"theirs\"}, \"spec\": {}}
END";
    rig.bash(theirs).ok();
    let before = lives(rig);
    for line in [&["peering", "down", "--yes"][..], &["undo", "--yes"]] {
        rig.opsctl(line).code(5).says(&["peering-theirs/theirs", "Nothing was touched", "kubectl"]);
    }
    assert_eq!(lives(rig), before);
    converged(rig, 5);
    rig.kubectl(&["delete", "namespace", "peering-theirs"]).ok();
    let undo = rig.opsctl(&["undo", "--yes"]).ok();
    let crd = ["get", "crd", "--ignore-not-found", "-o", "name", "peerings.peering.opsctl.dev"];
    assert_eq!(rig.asked(&crd), "");
    let objects = rig.is_as_before();
    facts.push(format!(
        "refused with a Peering elsewhere; then undone in {}, {objects} objects as before",
        secs(undo.took)
    ));
}

/// What the kubelets say of each pod here: seconds of processor time so far, and MiB of memory.
fn usage(rig: &Rig) -> BTreeMap<String, (f64, f64)> {
    let mut all = BTreeMap::new();
    for node in rig.nodes() {
        let summary =
            rig.kubectl(&["get", "--raw", &format!("/api/v1/nodes/{node}/proxy/stats/summary")]).ok();
        for pod in summary.json()["pods"].as_array().into_iter().flatten() {
            if pod["podRef"]["namespace"] == NS {
                let number = |pointer: &str| pod.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0);
                let name = pod["podRef"]["name"].as_str().unwrap_or_default().to_owned();
                let seconds = number("/cpu/usageCoreNanoSeconds") / 1e9;
                all.insert(name, (seconds, number("/memory/workingSetBytes") / f64::from(1 << 20)));
            }
        }
    }
    all
}

/// How processor time and memory grow with the number of peers.
pub fn a_hundred_peers_cost_what_the_page_says(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    // As many as fit two cores: Burstable, and called as often as usual.
    let few =
        "{\"requests\":{\"cpu\":\"5m\",\"memory\":\"8Mi\"},\"limits\":{\"cpu\":null,\"memory\":\"64Mi\"}}";
    edit(rig, &format!("{{\"replicas\":0,\"interval\":\"1m\",\"resources\":{few}}}"));
    for count in [1, 10, 50, 100] {
        let began = Instant::now();
        let (_, generation) = edit(rig, &format!("{{\"replicas\":{count}}}"));
        until(&format!("{count} peers that converge"), || {
            let peering = rig.get(&["pg", "peers", "-n", NS]);
            let ready = peering["status"]["conditions"].as_array()?.iter().find(|c| c["type"] == "Ready")?;
            let is_now = peering["status"]["observedGeneration"].as_i64() == Some(generation);
            (is_now && ready["status"] == "True").then_some(())
        });
        let took = began.elapsed();
        let operator = acting(rig);
        // The kubelets look every ten to fifteen seconds; starting is over by the first look.
        std::thread::sleep(Duration::from_secs(75));
        let (first, then) = (usage(rig), Instant::now());
        std::thread::sleep(Duration::from_mins(2));
        let (second, time) = (usage(rig), then.elapsed().as_secs_f64());
        let milli = |pod: &str| {
            let spent = second.get(pod).map_or(0.0, |s| s.0) - first.get(pod).map_or(0.0, |f| f.0);
            spent / time * 1000.0
        };
        let peers: Vec<_> = second.keys().filter(|pod| pod.starts_with("peers-")).collect();
        assert_eq!(peers.len(), count);
        let per = |sum: f64| sum / f64::from(u32::try_from(count).expect("a hundred at most"));
        let processor = per(peers.iter().map(|pod| milli(pod)).sum());
        let memory = per(peers.iter().map(|pod| second[*pod].1).sum());
        facts.push(format!(
            "{count} peers: converged in {}; a peer {memory:.1} MiB, {processor:.1} m; the operator {:.1} MiB, {:.1} m",
            secs(took),
            second[&operator].1,
            milli(&operator)
        ));
    }
    rig.opsctl(&["peering", "down", "--yes"]).ok();
    rig.is_as_before();
}
