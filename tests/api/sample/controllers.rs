//! Stand-ins for the controllers of a server without nodes: they write the status as those would.
//!
//! The kiln's operator is one of them: it makes a kiln ready, and ends its finalizer, only while its Deployment
//! stands and is available.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Config};
use opsctl::k8s;
use opsctl::k8s::manifest::{kind, name};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// On a Deployment: its pods do not become available.
pub const BROKEN: &str = "sample.dev/broken";
/// The end of the name of what only the operator takes off a kiln.
const FINALIZER: &str = "sample.dev/cold";

/// What the stand-ins see.
enum Seen {
    Is(Value),
    Gone(Value),
    /// All resources of a definition.
    AllGone(String),
}

/// The objects of a namespace, by kind and name.
type Place = BTreeMap<(String, String), Value>;

/// Starts them; they end with the process.
pub fn start(config: Config) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { run(Client::try_from(config).unwrap()).await });
    });
}

async fn run(client: Client) {
    let (tell, mut seen) = unbounded_channel();
    for (version, kind) in [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("batch/v1", "Job")] {
        let (resource, _) = k8s::kind::known(version, kind).unwrap();
        tokio::spawn(watch(client.clone(), resource, tell.clone()));
    }
    tokio::spawn(definitions(client.clone(), tell));
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    while let Some(seen) = seen.recv().await {
        let namespace = match seen {
            Seen::Is(object) => {
                let (place, key) = address(&object);
                places.entry(place.clone()).or_default().insert(key, object);
                place
            }
            Seen::Gone(object) => {
                let (place, key) = address(&object);
                places.entry(place.clone()).or_default().remove(&key);
                place
            }
            Seen::AllGone(version) => {
                for place in places.values_mut() {
                    place.retain(|_, object| object["apiVersion"] != version);
                }
                continue;
            }
        };
        reconcile(&client, &places[&namespace]).await;
    }
}

/// Its namespace, its kind and its name.
fn address(object: &Value) -> (String, (String, String)) {
    let namespace = k8s::manifest::namespace(object).unwrap_or_default();
    (namespace.to_owned(), (kind(object).to_owned(), name(object).to_owned()))
}

/// Tells of every object of a kind.
async fn watch(client: Client, resource: ApiResource, tell: UnboundedSender<Seen>) {
    let api: Api<DynamicObject> = Api::all_with(client, &resource);
    let mut events = watcher(api, watcher::Config::default()).default_backoff().boxed();
    while let Some(event) = events.next().await {
        let value = |object: DynamicObject| {
            let mut value = serde_json::to_value(object).unwrap();
            // The items of a list do not name their kind.
            value["apiVersion"] = json!(resource.api_version);
            value["kind"] = json!(resource.kind);
            value
        };
        match event {
            Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) => {
                let _ = tell.send(Seen::Is(value(object)));
            }
            Ok(watcher::Event::Delete(object)) => {
                let _ = tell.send(Seen::Gone(value(object)));
            }
            Ok(watcher::Event::Init | watcher::Event::InitDone) | Err(_) => {}
        }
    }
}

/// Watches the resources of each definition for as long as that stands.
async fn definitions(client: Client, tell: UnboundedSender<Seen>) {
    let (resource, _) = k8s::kind::known("apiextensions.k8s.io/v1", "CustomResourceDefinition").unwrap();
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let mut events = watcher(api, watcher::Config::default()).default_backoff().boxed();
    let mut watched: BTreeMap<String, JoinHandle<()>> = BTreeMap::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Apply(definition) | watcher::Event::InitApply(definition)) => {
                let conditions = definition.data["status"]["conditions"].as_array().into_iter().flatten();
                let is_served =
                    conditions.clone().any(|c| c["type"] == "Established" && c["status"] == "True");
                let uid = definition.metadata.uid.clone().unwrap();
                if is_served && !watched.contains_key(&uid) {
                    let (client, tell) = (client.clone(), tell.clone());
                    let of = defined(&definition);
                    watched.insert(
                        uid,
                        tokio::spawn(async move {
                            // A kind is served a moment after its definition says so; to ask too early costs a second.
                            tokio::time::sleep(Duration::from_millis(50)).await;
                            watch(client, of, tell).await;
                        }),
                    );
                }
            }
            Ok(watcher::Event::Delete(definition)) => {
                let uid = definition.metadata.uid.clone().unwrap();
                watched.remove(&uid).inspect(JoinHandle::abort);
                let _ = tell.send(Seen::AllGone(defined(&definition).api_version));
            }
            Ok(watcher::Event::Init | watcher::Event::InitDone) | Err(_) => {}
        }
    }
}

/// The kind that a definition brings.
fn defined(definition: &DynamicObject) -> ApiResource {
    let spec = &definition.data["spec"];
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let (group, version) = (word(&spec["group"]), word(&spec["versions"][0]["name"]));
    ApiResource {
        api_version: format!("{group}/{version}"),
        group,
        version,
        kind: word(&spec["names"]["kind"]),
        plural: word(&spec["names"]["plural"]),
    }
}

fn is_leaving(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

/// Whether the status has a condition that is true.
fn has(object: &Value, condition: &str) -> bool {
    let all = object["status"]["conditions"].as_array().into_iter().flatten();
    all.clone().any(|c| c["type"] == condition && c["status"] == "True")
}

/// Writes the status of all objects of a namespace that have another one.
async fn reconcile(client: &Client, place: &Place) {
    let get = |kind: &str, name: &str| place.get(&(kind.to_owned(), name.to_owned()));
    let operator = get("Deployment", "operator").filter(|operator| !is_leaving(operator));
    let operates =
        operator.is_some_and(|operator| operator["status"]["availableReplicas"] == 1 && !is_broken(operator));
    let kiln_is_ready = place.values().any(|object| kind(object) == "Kiln" && has(object, "Ready"));
    for object in place.values() {
        if is_leaving(object) {
            if kind(object) == "Kiln" && operates {
                end(client, object).await;
            }
            continue;
        }
        let status = match kind(object) {
            "Deployment" => deployment(object),
            "StatefulSet" => stateful_set(object),
            "Job" if kiln_is_ready => completed(),
            "Kiln" => kiln(object, operates),
            _ => continue,
        };
        if !contains(&object["status"], &status) {
            change(client, object, Some("status"), json!({"status": status})).await;
        }
    }
}

fn is_broken(deployment: &Value) -> bool {
    deployment["metadata"]["annotations"][BROKEN].is_string()
}

fn deployment(object: &Value) -> Value {
    let available = u8::from(!is_broken(object));
    json!({"observedGeneration": object["metadata"]["generation"], "replicas": 1, "updatedReplicas": 1,
        "readyReplicas": available, "availableReplicas": available})
}

fn stateful_set(object: &Value) -> Value {
    let all = &object["spec"]["replicas"];
    json!({"observedGeneration": object["metadata"]["generation"], "replicas": all, "readyReplicas": all,
        "availableReplicas": all, "currentReplicas": all, "updatedReplicas": all, "currentRevision": "one",
        "updateRevision": "one", "collisionCount": 0})
}

fn completed() -> Value {
    let time = "2026-01-01T00:00:00Z";
    let condition = |name: &str| json!({"type": name, "status": "True", "lastTransitionTime": time, "lastProbeTime": time});
    json!({"startTime": time, "completionTime": time, "succeeded": 1, "uncountedTerminatedPods": {},
        "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]})
}

fn kiln(object: &Value, operates: bool) -> Value {
    if !operates && object["status"]["conditions"].is_array() {
        return json!({}); // what its operator wrote last
    }
    let (is, why) = if operates { ("True", "Hot") } else { ("False", "NoOperator") };
    json!({"observedGeneration": object["metadata"]["generation"],
        "conditions": [{"type": "Ready", "status": is, "reason": why}]})
}

/// Takes the operator's finalizer off, and leaves the collector's.
async fn end(client: &Client, object: &Value) {
    let all = object["metadata"]["finalizers"].as_array().into_iter().flatten();
    let (ours, others): (Vec<_>, Vec<_>) =
        all.partition(|f| f.as_str().is_some_and(|f| f.ends_with(FINALIZER)));
    if !ours.is_empty() {
        let version = &object["metadata"]["resourceVersion"];
        change(client, object, None, json!({"metadata": {"finalizers": others, "resourceVersion": version}}))
            .await;
    }
}

/// A refusal is no fault: the object has gone or changed since, and is seen again if it is still there.
async fn change(client: &Client, object: &Value, subresource: Option<&str>, patch: Value) {
    let version = object["apiVersion"].as_str().unwrap();
    let Ok(Some(resource)) = k8s::kind::resource(client, version, kind(object)).await else { return };
    let api = k8s::api(client, &resource, k8s::manifest::namespace(object));
    let (params, patch) = (PatchParams::default(), Patch::Merge(patch));
    let _ = match subresource {
        Some(_) => api.patch_status(name(object), &params, &patch).await,
        None => api.patch(name(object), &params, &patch).await,
    };
}

/// Whether a value has all of these fields, so or deeper.
fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| value.get(key).is_some_and(|value| contains(value, wanted)))
        }
        (Value::Null, Value::Object(wanted)) => wanted.is_empty(),
        // An API leaves out what is nothing.
        (Value::Null, Value::Number(number)) => number.as_i64() == Some(0),
        (Value::Array(value), Value::Array(wanted)) => {
            value.len() == wanted.len()
                && value.iter().zip(wanted).all(|(value, wanted)| contains(value, wanted))
        }
        _ => value == wanted,
    }
}
