//! The lines of the manifests that a sentence of the documentation rests on: whoever takes one out is told here which.

use std::collections::{BTreeMap, BTreeSet};

use opsctl::k8s::manifest;
use serde_json::{Value, json};

const MASTER: &str = include_str!("../../manifests/redis/4-master.yaml");
const REPLICA: &str = include_str!("../../manifests/redis/5-replica.yaml");
const STORAGE: &str = include_str!("../../manifests/redis/1-storage.yaml");
const SINGLE: &str = include_str!("../../manifests/redis-single/4-redis.yaml");
const TIMESTAMPS: &str = include_str!("../../manifests/timestamps/4-redis.yaml");
const ELECTION: &str = include_str!("../../manifests/election/4-redis.yaml");
const PAGE: &str = include_str!("../../manifests/election/4-web.yaml");

fn first(text: &str) -> Value {
    manifest::documents(text).unwrap().remove(0)
}

/// The variables of a pod's first container.
fn variables(object: &Value) -> Value {
    let all = object.pointer("/spec/template/spec/containers/0/env").and_then(Value::as_array).unwrap();
    all.iter()
        .filter_map(|e| Some((e["name"].as_str()?.to_owned(), e["value"].clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// In the pod's template.
const POD: &str = "/spec/template/spec";
/// In its first container.
const CONTAINER: &str = "/spec/template/spec/containers/0";

#[track_caller]
fn says(text: &str, place: &str, pointer: &str, wanted: &Value, sentence: &str) {
    let object = first(text);
    let found = object.pointer(&format!("{place}{pointer}")).unwrap_or(&Value::Null);
    assert_eq!(found, wanted, "{} {place}{pointer}: {sentence}", manifest::title(&object));
}

#[test]
fn master_and_replica_never_share_a_node_whoever_is_there_first() {
    let never = "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0";
    for (text, other) in [(MASTER, "replica"), (REPLICA, "master")] {
        let labels = json!({"app.kubernetes.io/name": "redis", "app.kubernetes.io/component": other});
        says(text, POD, &format!("{never}/labelSelector/matchLabels"), &labels, "never on one node");
        says(
            text,
            POD,
            &format!("{never}/topologyKey"),
            &json!("kubernetes.io/hostname"),
            "never on one node",
        );
    }
    // Nor does it take the master's only place while that is away.
    let terms = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0";
    let elsewhere = json!([{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["minikube"]}]);
    says(REPLICA, POD, &format!("{terms}/matchExpressions"), &elsewhere, "not on the volume's node");
}

#[test]
fn the_masters_data_lies_on_a_volume_that_one_redis_writes_and_is_kept_when_it_is_full() {
    says(MASTER, POD, "/volumes/0/persistentVolumeClaim/claimName", &json!("redis"), "data survives the pod");
    says(MASTER, CONTAINER, "/volumeMounts/0/mountPath", &json!("/data"), "data survives the pod");
    says(
        STORAGE,
        "",
        "/spec/persistentVolumeReclaimPolicy",
        &json!("Retain"),
        "only opsctl removes the folder",
    );
    let set = variables(&first(MASTER));
    for (name, value) in [
        ("REDIS_CONF_APPENDONLY", "yes"),
        ("REDIS_CONF_APPENDFSYNC", "everysec"),
        ("REDIS_VOLUME_GUARD", "strict"),
        ("REDIS_CONF_MAXMEMORY", "512mb"),
        ("REDIS_CONF_MAXMEMORY_POLICY", "noeviction"),
        ("REDIS_LINGER", "3"),
    ] {
        assert_eq!(set[name], value, "{name} of the master");
    }
    says(MASTER, POD, "/terminationGracePeriodSeconds", &json!(30), "on SIGTERM it waits for its replica");
}

/// A number with a unit, in bytes.
fn bytes(text: &str) -> u64 {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap());
    let shift = match unit {
        "mb" | "Mi" => 20,
        "Gi" => 30,
        other => panic!("{text}: {other}"),
    };
    number.parse::<u64>().unwrap() << shift
}

#[test]
fn a_full_redis_is_not_killed_whatever_its_children_and_replicas_take() {
    for (name, text, elector) in [
        ("redis", MASTER, 0),
        ("single", SINGLE, 0),
        ("timestamps", TIMESTAMPS, 0),
        ("election", ELECTION, 32),
    ] {
        let object = first(text);
        let container = object.pointer(CONTAINER).unwrap();
        let set = variables(&object);
        let words: Vec<String> = serde_json::from_value(container["args"].clone()).unwrap_or_default();
        let option = |name: &str| words.iter().skip_while(|word| *word != name).nth(1);
        let data =
            set["REDIS_CONF_MAXMEMORY"].as_str().or(option("--maxmemory").map(String::as_str)).unwrap();
        // What replicas have still to read: the hard limit, redis' own where none is set.
        let limits = set["REDIS_CONF_CLIENT_OUTPUT_BUFFER_LIMIT"].as_str();
        let replicas = text.contains("backlog");
        let unread =
            if replicas { bytes(limits.map_or("256mb", |l| l.split(' ').nth(1).unwrap())) } else { 0 };
        let backlog = set["REDIS_CONF_REPL_BACKLOG_SIZE"].as_str();
        let backlog = backlog.or(option("--repl-backlog-size").map(String::as_str)).map_or(0, bytes);
        // The allocator takes a tenth more than redis counts.
        let most = bytes(data) * 22 / 10 + unread + backlog + (elector << 20);
        let limit = bytes(container.pointer("/resources/limits/memory").and_then(Value::as_str).unwrap());
        assert!(limit >= most + (32 << 20), "{name}: {} MiB of {}", most >> 20, limit >> 20);
    }
}

#[test]
fn a_replica_keeps_nothing_and_answers_from_its_first_sync_on() {
    let set = variables(&first(REPLICA));
    for (name, value) in [
        ("REDIS_CONF_REPLICAOF", "redis 6379"),
        ("REDIS_CONF_APPENDONLY", "no"),
        ("REDIS_CONF_SAVE", "\"\""),
        ("REDIS_STALE_READS", "after-first-sync"),
        ("REDIS_CONF_REPL_DISKLESS_LOAD", "on-empty-db"),
    ] {
        assert_eq!(set[name], value, "{name} of the replica");
    }
}

#[test]
fn what_is_busy_is_not_killed_and_what_is_not_ready_gets_no_calls() {
    for text in [MASTER, REPLICA] {
        let probe = |kind: &str| json!(["redis-probe", kind]);
        says(text, CONTAINER, "/readinessProbe/exec/command", &probe("ready"), "ready when it has its data");
        says(
            text,
            CONTAINER,
            "/readinessProbe/failureThreshold",
            &json!(1),
            "no calls from the first failure on",
        );
        says(text, CONTAINER, "/livenessProbe/exec/command", &probe("alive"), "any answer counts");
    }
    says(MASTER, CONTAINER, "/livenessProbe/initialDelaySeconds", &json!(60), "it waits for its predecessor");
    says(
        REPLICA,
        CONTAINER,
        "/startupProbe/failureThreshold",
        &json!(1_000_000),
        "no restart while the master is away",
    );
    for text in [ELECTION, PAGE] {
        says(text, CONTAINER, "/readinessProbe/httpGet/path", &json!("/readyz"), "leads or follows");
        says(text, CONTAINER, "/livenessProbe/httpGet/path", &json!("/healthz"), "its main loop goes round");
    }
}

#[test]
fn no_pod_has_more_rights_than_it_needs() {
    for text in [MASTER, REPLICA, SINGLE, ELECTION, PAGE] {
        says(text, POD, "/securityContext/runAsNonRoot", &json!(true), "restricted");
        says(text, POD, "/securityContext/seccompProfile/type", &json!("RuntimeDefault"), "restricted");
        says(text, CONTAINER, "/securityContext/allowPrivilegeEscalation", &json!(false), "restricted");
        says(text, CONTAINER, "/securityContext/readOnlyRootFilesystem", &json!(true), "read-only");
        says(text, CONTAINER, "/securityContext/capabilities/drop", &json!(["ALL"]), "no capability");
        let limit = first(text).pointer(&format!("{CONTAINER}/resources/limits/memory")).cloned();
        assert!(limit.is_some_and(|limit| limit.is_string()), "a limit of memory");
    }
    for text in [MASTER, REPLICA, SINGLE] {
        says(text, POD, "/automountServiceAccountToken", &json!(false), "no token");
    }
}

#[test]
fn an_elections_pods_are_spread_and_begin_as_nobodys() {
    says(
        ELECTION,
        POD,
        "/topologySpreadConstraints/0/whenUnsatisfiable",
        &json!("DoNotSchedule"),
        "spread evenly",
    );
    says(ELECTION, POD, "/topologySpreadConstraints/0/maxSkew", &json!(1), "spread evenly");
    says(
        ELECTION,
        POD,
        "/topologySpreadConstraints/0/nodeTaintsPolicy",
        &json!("Honor"),
        "a node that is gone does not count",
    );
    says(
        ELECTION,
        "",
        "/spec/strategy/rollingUpdate/maxUnavailable",
        &json!(0),
        "no pod goes before its successor",
    );
    let args: Vec<String> =
        serde_json::from_value(first(ELECTION).pointer(&format!("{CONTAINER}/args")).unwrap().clone())
            .unwrap();
    let pair = |name: &str, value: &str| args.windows(2).any(|pair| pair == [name, value]);
    assert!(pair("--replicaof", "127.0.0.1"), "nobody's from its first moment: {args:?}");
    assert!(pair("--maxmemory-policy", "noeviction") && pair("--maxmemory", "128mb"), "{args:?}");
    for wanted in ["--peer-key=/electors/key", "--peers=app.kubernetes.io/name=redis"] {
        assert!(args.iter().any(|arg| arg == wanted), "{wanted}: {args:?}");
    }
}

/// The manifests of redis and of the election, a line each of their leaves: file, object, place, value.
fn leaves() -> BTreeSet<String> {
    fn walk(value: &Value, place: &str, all: &mut dyn FnMut(String)) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, inner) in map {
                    walk(inner, &format!("{place}/{name}"), all);
                }
            }
            Value::Array(list) if list.iter().any(Value::is_object) => {
                for (n, item) in list.iter().enumerate() {
                    let name = item["name"].as_str().map_or_else(|| n.to_string(), ToOwned::to_owned);
                    walk(item, &format!("{place}/{name}"), all);
                }
            }
            leaf => all(format!("{place} = {leaf}")),
        }
    }
    let mut all = BTreeSet::new();
    for folder in ["redis", "election"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests").join(folder);
        for file in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
            let name = file.file_name().into_string().unwrap();
            for object in manifest::documents(&std::fs::read_to_string(file.path()).unwrap()).unwrap() {
                let of = format!("{folder}/{name} {}/{}", manifest::kind(&object), manifest::name(&object));
                walk(&object, "", &mut |leaf| {
                    assert!(all.insert(format!("{of} {leaf}")), "{of} {leaf}: twice");
                });
            }
        }
    }
    all
}

#[test]
fn each_line_of_the_manifests_has_a_reason_and_none_is_taken_out() {
    let text = include_str!("../fixtures/promises.txt");
    let mut reasons = BTreeMap::new();
    let mut reason = "";
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(sentence) => reason = sentence,
            None => assert!(reasons.insert(line.to_owned(), reason).is_none(), "{line}: twice"),
        }
    }
    let found = leaves();
    let gone: Vec<_> = reasons
        .iter()
        .filter(|(line, _)| !found.contains(*line))
        .map(|(line, reason)| format!("gone or changed: {line}\n    it is there because: {reason}"))
        .collect();
    let new: Vec<_> = found.iter().filter(|line| !reasons.contains_key(*line)).map(String::as_str).collect();
    assert!(gone.is_empty(), "{}", gone.join("\n"));
    assert!(
        new.is_empty(),
        "tests/fixtures/promises.txt does not say why this is there:\n{}",
        new.join("\n")
    );
    assert!(found.len() > 400, "{} lines", found.len());
}
