//! Peers that an operator makes. The tests share one stack, each puts up what it needs.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use crate::api_server::{self, Away};
use crate::rig::{Rig, on_node, run, secs, until};
use crate::web::Apart;

const NS: &str = "peering";
/// What selects the peers.
const PEERS: &str = "peering.opsctl.dev/name=peers";
/// The longest that an edit may take until each peer uses it, and the longest median: three times what is meant,
/// because machines differ.
const EDIT: [Duration; 2] = [Duration::from_secs(3), Duration::from_millis(900)];

/// The peers, without those that are being deleted: after `converged` these have ended, and the kubelet has yet to
/// say so.
fn staying(rig: &Rig) -> Vec<Value> {
    let mut list = rig.get(&["pods", "-n", NS, "-l", PEERS]);
    let mut all = std::mem::take(list["items"].as_array_mut().expect("a list"));
    all.retain(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    all
}

/// Each peer's UID and restarts.
fn lives(rig: &Rig) -> BTreeMap<String, (String, u64)> {
    let all = staying(rig);
    let all = all.iter().map(|pod| {
        let restarts = pod["status"]["containerStatuses"][0]["restartCount"].as_u64();
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        (pod["metadata"]["name"].as_str().unwrap_or_default().to_owned(), (uid, restarts.unwrap_or(0)))
    });
    all.collect()
}

/// What each peer said so far, also of those that are being deleted while they are there. One that has only begun may
/// have no log yet, and one that ends may have none any more: then others' may be missing, too.
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

/// When a line was written.
fn written(line: &str) -> Option<Timestamp> {
    line.split(' ').next()?.parse().ok()
}

/// Waits until each of so many peers has told a pong of each other one, by name, since then.
fn talk(rig: &Rig, peers: usize, since: Timestamp) {
    until(&format!("pongs of {peers} peers of one another"), || {
        let all = logs(rig);
        let got = |me: usize, other: usize| {
            let words = format!("pong from peers-{other} at peers-{other}.peers:8080");
            let is = |line: &String| line.contains(&words) && written(line) >= Some(since);
            all.get(&format!("peers-{me}")).is_some_and(|lines| lines.iter().any(is))
        };
        let each = (0..peers).flat_map(|me| (0..peers).map(move |other| (me, other)));
        each.filter(|(me, other)| me != other).all(|(me, other)| got(me, other)).then_some(())
    });
}

pub fn each_peer_tells_the_pongs_of_the_others_and_scaling_disturbs_nobody(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    // Three stand, as the page leaves them, or none.
    let since = Timestamp::now();
    let up = rig
        .opsctl(&["peering", "up", "--replicas", "5", "--interval", "5s"])
        .ok()
        .says(&["all 5 peers have a pong of each other"]);
    // What is slow because the machine is busy is no failure of scaling.
    edit(rig, "{\"timeout\":\"5s\"}");
    converged(rig, 5);
    talk(rig, 5, since);
    // What failed before the limit was longer is not of scaling.
    let since = Timestamp::now();
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
                Some(logs(rig)).filter(|said| said.keys().eq(after.keys()))
            });
            let failures: Vec<_> = said
                .iter()
                .flat_map(|(pod, lines)| lines.iter().map(move |l| (pod, l)))
                .filter(|(_, line)| line.contains("no pong") && written(line) >= Some(since))
                .collect();
            assert!(failures.is_empty(), "{count}: {failures:?}");
            // What is not said stays, whoever said it last.
            rig.opsctl(&["peering", "up"]).ok().says(&["Nothing to do"]);
            assert_eq!(lives(rig), after);
        }
    }
    talk(rig, 5, since);
    edit(rig, "{\"timeout\":\"2s\"}");
    facts.push(format!("up in {}; to 1, 8, 5 twice: {}", secs(up.took), took.join(", ")));
}

/// When each of these peers took a generation into use, as its log has it.
fn used(rig: &Rig, peers: &BTreeMap<String, (String, u64)>, generation: i64) -> Vec<Timestamp> {
    let words = format!(" configuration generation {generation}: ");
    until(&format!("generation {generation} in every peer"), || {
        let all = logs(rig);
        peers.keys().map(|pod| time_of(all.get(pod)?, &words)).collect()
    })
}

/// When a line with these words was written.
fn time_of(lines: &[String], words: &str) -> Option<Timestamp> {
    written(lines.iter().find(|line| line.contains(words))?)
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
        let last = used(rig, &before, generation).into_iter().max().expect("peers");
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

/// What the operator writes for a resource, as kubectl calls it.
const OWNED: &str =
    "configmap,serviceaccount,role,rolebinding,networkpolicy,poddisruptionbudget,service,statefulset";

/// The objects of the sample, by kind, each with one field.
fn owned(rig: &Rig, field: &str) -> BTreeMap<String, String> {
    let path = format!("jsonpath={{range .items[*]}}{{.kind}} {{.metadata.{field}}}{{'\\n'}}{{end}}");
    let all = rig.asked(&["-n", NS, "get", OWNED, "-l", PEERS, "-o", &path]);
    let all: BTreeMap<_, _> = all
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(kind, field)| (kind.to_owned(), field.to_owned()))
        .collect();
    assert!(all.len() <= 8, "{all:?}");
    all
}

/// The peers are those of before, and nothing is left or missing of what they need.
fn is_whole(rig: &Rig, before: &BTreeMap<String, (String, u64)>) {
    assert_eq!(&lives(rig), before, "peers that stayed are the same");
    let all = owned(rig, "name");
    assert_eq!(all.len(), 8, "{all:?}");
}

/// Where nothing is to be done nothing is written.
fn is_idle(rig: &Rig) {
    let versions = || {
        let mut all = owned(rig, "resourceVersion");
        let path = "jsonpath={.metadata.resourceVersion}";
        all.insert("Peering".into(), rig.asked(&["-n", NS, "get", "pg", "peers", "-o", path]));
        all
    };
    let written = versions();
    assert_eq!(written.len(), 9, "{written:?}");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(versions(), written);
}

pub fn whatever_befalls_it_the_operator_makes_it_as_it_was(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let before = lives(rig);
    // All but the account, with which its pods' tokens would end, are deleted at once: pods stay, and have an owner again.
    let was = owned(rig, "uid");
    assert_eq!(was.len(), 8, "{was:?}");
    let all_but_one = OWNED.replace("serviceaccount,", "");
    rig.kubectl(&["-n", NS, "delete", &all_but_one, "-l", PEERS, "--cascade=orphan"]).ok();
    until("other objects of each kind", || {
        let now = owned(rig, "uid");
        let other = now.iter().filter(|(kind, uid)| was.get(*kind) != Some(uid)).count();
        (now.len() == 8 && other == 7).then_some(())
    });
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
    assert_eq!(used(rig, &before, generation).len(), 5);
    assert_ne!(acting(rig), former);
    is_whole(rig, &before);
    is_idle(rig);
    facts.push(format!(
        "7 kinds deleted at once, pods stayed; converged {} after the acting operator was killed; idle for 5 s nothing \
         was written",
        secs(took)
    ));
}

pub fn apart_from_the_api_server_peers_go_on_and_afterwards_all_is_as_wanted(
    rig: &Rig,
    facts: &mut Vec<String>,
) {
    stands(rig);
    let before = lives(rig);
    // The operators, and the peers; refused at once, as by a node whose API server has died.
    let apart = Apart::new(rig, NS, "", &["REJECT", "--reject-with", "tcp-reset"]);
    let since = Timestamp::now();
    let (_, generation) = edit(rig, "{\"replicas\":6,\"interval\":\"3s\"}");
    talk(rig, 5, since);
    // Longer than the lease of the one that acts.
    std::thread::sleep(Duration::from_secs(5));
    let seen = rig.asked(&["-n", NS, "get", "pg", "peers", "-o", "jsonpath={.status.observedGeneration}"]);
    assert!(seen.parse::<i64>().is_ok_and(|seen| seen < generation), "{seen} {generation}");
    assert_eq!(lives(rig), before);
    drop(apart);
    let began = Instant::now();
    converged(rig, 6);
    let took = began.elapsed();
    edit(rig, "{\"replicas\":5,\"interval\":\"2s\"}");
    converged(rig, 5);
    is_whole(rig, &before);
    facts.push(format!("pongs went on; a change of that time converged {} after it", secs(took)));
}

pub fn an_api_server_that_dies_in_the_middle_of_a_change_costs_nothing(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let before = lives(rig);
    let [node, _] = rig.nodes();
    let since = Timestamp::now();
    edit(rig, "{\"replicas\":6,\"interval\":\"3s\"}");
    let away = Away::new(&node);
    std::thread::sleep(Duration::from_secs(10));
    drop(away);
    let (until_then, began) = (Timestamp::now(), Instant::now());
    api_server::answers(rig);
    let back = began.elapsed();
    converged(rig, 6);
    let took = began.elapsed();
    // Meanwhile each called each.
    let all = logs(rig);
    for pod in before.keys() {
        let meanwhile = |line: &&String| {
            let at = written(line);
            line.contains("pong from peers-") && at > Some(since) && at < Some(until_then)
        };
        let pongs = all[pod].iter().filter(meanwhile).count();
        assert!(pongs >= 8, "{pod} had {pongs} pongs");
    }
    edit(rig, "{\"replicas\":5,\"interval\":\"2s\"}");
    converged(rig, 5);
    is_whole(rig, &before);
    is_idle(rig);
    facts.push(format!(
        "pongs went on; the API server answered {} after its manifest was back, and all had converged after {}",
        secs(back),
        secs(took)
    ));
}

pub fn its_pods_are_as_they_should_be(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let pods = staying(rig);
    let mut nodes = BTreeMap::new();
    for pod in &pods {
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
    // One run that made all of it, as when this lane began: what came later came by kubectl.
    let made_all = |rig: &Rig| {
        let preview = rig.opsctl(&["undo", "--dry-run"]);
        preview.code == Some(0) && preview.out.contains("peerings.peering.opsctl.dev")
    };
    if !made_all(rig) {
        rig.opsctl(&["peering", "down", "--yes"]).ok();
    }
    stands(rig);
    assert!(made_all(rig));
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

/// On its node, of the container `$1`: how it was held back, and when its first process began.
const STARTED: &str = r#"f=$(find /sys/fs/cgroup -path "*$1*" -name cpu.stat -exec grep -l nr_throttled {} + | head -n 1); cat "$f"
pid=$(head -n 1 "${f%cpu.stat}cgroup.procs"); ticks=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)
awk -v now="$(date +%s.%N)" -v ticks="$ticks" -v second="$(getconf CLK_TCK)" \
  '{printf "began_ms %.0f\n", (now - $1 + ticks / second) * 1000}' /proc/uptime"#;

/// How long a peer takes from the start of its process until it has its configuration, and for how long of that it
/// was held back, with that limit of processor time.
fn start(rig: &Rig, limit: Option<&str>) -> (Duration, Duration) {
    let image = rig.asked(&["-n", NS, "get", "pod/peers-0", "-o", "jsonpath={.spec.containers[0].image}"]);
    let limits = limit.map(|cpu| format!(r#""limits":{{"cpu":"{cpu}"}},"#)).unwrap_or_default();
    let node = &rig.nodes()[1];
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"start","namespace":"{NS}"}},"spec":{{
        "terminationGracePeriodSeconds":1,"serviceAccountName":"peers","nodeName":"{node}",
        "automountServiceAccountToken":true,
        "securityContext":{{"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{{"type":"RuntimeDefault"}}}},
        "containers":[{{"name":"peer","image":"{image}","args":["serve","peer","--config-map=peers"],
        "resources":{{{limits}"requests":{{"cpu":"1m"}}}},
        "securityContext":{{"allowPrivilegeEscalation":false,"capabilities":{{"drop":["ALL"]}}}}}}]}}}}"#
    );
    rig.bash(&format!("echo '{pod}' | kubectl apply -f -")).ok();
    let logs = ["-n", NS, "logs", "start", "--timestamps"];
    let at: Timestamp = until("a configuration", || {
        let text = rig.kubectl(&logs).out;
        time_of(&text.lines().map(str::to_owned).collect::<Vec<_>>(), " configuration generation ")
    });
    let id = rig.asked(&[
        "-n",
        NS,
        "get",
        "pod/start",
        "-o",
        "jsonpath={.status.containerStatuses[0].containerID}",
    ]);
    let id = id.trim_start_matches("containerd://").to_owned();
    let said = on_node(node, &["sh", "-c", STARTED, "sh", &id]).ok().out;
    let number = |name: &str| {
        said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<i64>().ok())
    };
    let began = Timestamp::from_millisecond(number("began_ms").expect("a time")).expect("a time");
    // Of the second version of cgroups, and of the first.
    let held = number("throttled_usec").or(number("throttled_time").map(|nanos| nanos / 1000)).unwrap_or(0);
    rig.kubectl(&["-n", NS, "delete", "pod", "start"]).ok();
    let took = Duration::try_from(at.duration_since(began)).expect("later");
    (took, Duration::from_micros(held.unsigned_abs()))
}

/// The smaller the limit, the longer it takes; the sample's is no hindrance worth speaking of.
pub fn a_processor_limit_slows_the_start_as_the_page_says(rig: &Rig, facts: &mut Vec<String>) {
    stands(rig);
    let mut medians = Vec::new();
    for limit in [None, Some("200m"), Some("100m"), Some("50m"), Some("20m"), Some("10m")] {
        let mut all: Vec<_> = (0..5).map(|_| start(rig, limit)).collect();
        all.sort();
        let (took, held) = all[all.len() / 2];
        medians.push(took);
        let ms = |time: Duration| time.as_millis();
        facts.push(format!("{}: {} ms, held back {} ms", limit.unwrap_or("no limit"), ms(took), ms(held)));
    }
    assert!(medians[0] < medians[medians.len() - 1], "{medians:?}");
}

/// What a kubelet says of a pod: when, the seconds of processor time so far, and MiB of memory.
#[derive(Clone, Copy)]
struct Usage {
    at: Timestamp,
    seconds: f64,
    memory: f64,
}

impl Usage {
    /// Thousandths of a processor since then.
    fn milli_since(self, then: Self) -> f64 {
        (self.seconds - then.seconds) / self.at.duration_since(then.at).as_secs_f64() * 1000.0
    }
}

/// What the kubelets say of each pod here, once they know these.
fn usage(rig: &Rig, pods: &[String]) -> BTreeMap<String, Usage> {
    until("figures of each pod", || {
        let mut all = BTreeMap::new();
        for node in rig.nodes() {
            let path = format!("/api/v1/nodes/{node}/proxy/stats/summary");
            let summary = rig.kubectl(&["get", "--raw", &path]).ok().json();
            for pod in summary["pods"].as_array().into_iter().flatten() {
                if pod["podRef"]["namespace"] == NS {
                    let number = |pointer: &str| pod.pointer(pointer).and_then(Value::as_f64);
                    let usage = || {
                        Some(Usage {
                            at: pod.pointer("/cpu/time")?.as_str()?.parse().ok()?,
                            seconds: number("/cpu/usageCoreNanoSeconds")? / 1e9,
                            memory: number("/memory/workingSetBytes")? / f64::from(1 << 20),
                        })
                    };
                    let name = pod["podRef"]["name"].as_str().unwrap_or_default();
                    all.extend(usage().map(|usage| (name.to_owned(), usage)));
                }
            }
        }
        pods.iter().all(|pod| all.contains_key(pod)).then_some(all)
    })
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
        let peers: Vec<_> = lives(rig).into_keys().collect();
        assert_eq!(peers.len(), count);
        let pods: Vec<_> = peers.iter().chain([&operator]).cloned().collect();
        // The kubelets look every ten to fifteen seconds; starting is over by the first look.
        std::thread::sleep(Duration::from_secs(75));
        let first = usage(rig, &pods);
        std::thread::sleep(Duration::from_mins(2));
        let second = usage(rig, &pods);
        let per = |of: &dyn Fn(&String) -> f64| {
            peers.iter().map(of).sum::<f64>() / f64::from(u32::try_from(count).expect("a hundred at most"))
        };
        let milli = |pod: &String| second[pod].milli_since(first[pod]);
        facts.push(format!(
            "{count} peers: converged in {}; a peer {:.1} MiB, {:.1} m; the operator {:.1} MiB, {:.1} m",
            secs(took),
            per(&|pod| second[pod].memory),
            per(&milli),
            second[&operator].memory,
            milli(&operator)
        ));
    }
    rig.opsctl(&["peering", "down", "--yes"]).ok();
    rig.is_as_before();
}
