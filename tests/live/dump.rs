//! Every object of a cluster, reduced to what is wanted of it: to be compared before and after.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::rig::Cluster;

/// What comes and goes by itself: heartbeats, events, and what controllers derive from other objects. Also the kind
/// that a lane brings: it may go between the question which kinds there are and the one for their objects. Its
/// definition is looked at, and no resource outlives that.
const IGNORED: &[&str] =
    &["events", "leases", "componentstatuses", "nodes.metrics", "pods.metrics", "peerings.peering"];

/// Kinds whose status tells of time and load, not of what is wanted.
const STATUS_IS_NEWS: &[&str] = &["Node", "Pod", "APIService", "EndpointSlice", "Endpoints"];

/// All objects by kind, namespace and name.
#[derive(Debug)]
pub struct Dump(BTreeMap<String, Value>);

impl Dump {
    /// Takes it, by discovery.
    pub fn take(cluster: &Cluster) -> Self {
        let kinds = cluster.asked(&["api-resources", "--verbs=list", "-o", "name"]);
        let kinds: Vec<_> = kinds
            .lines()
            .filter(|k| {
                !IGNORED.iter().any(|i| k.split('.').next() == i.split('.').next() && k.starts_with(i))
            })
            .collect();
        let list = cluster.get(&["-A", &kinds.join(",")]);
        let mut all = BTreeMap::new();
        for mut object in list["items"].as_array().cloned().unwrap_or_default() {
            let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
            let meta = &object["metadata"];
            let key = format!(
                "{} {} {}/{}",
                text(&object["apiVersion"]),
                text(&object["kind"]),
                text(&meta["namespace"]),
                text(&meta["name"])
            );
            reduce(&mut object);
            all.insert(key, object);
        }
        assert!(all.len() > 50, "discovery found only {} objects", all.len());
        Self(all)
    }

    /// How many objects.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The same without what belongs to those namespaces: themselves, what is in them, what stands outside for
    /// them.
    pub fn but(&self, namespaces: &[&str]) -> Self {
        let is_of = |object: &Value| {
            let meta = &object["metadata"];
            let said = [
                &meta["namespace"],
                &meta["labels"]["opsctl.dev/part"],
                // The address of a Service.
                &object["spec"]["parentRef"]["namespace"],
            ];
            let named = (object["kind"] == "Namespace").then_some(&meta["name"]);
            // What the API server makes by itself of a definition.
            let group = object["spec"]["group"].as_str().and_then(|group| group.strip_suffix(".opsctl.dev"));
            let said = said.into_iter().chain(named).filter_map(Value::as_str).chain(group);
            said.into_iter().any(|v| namespaces.contains(&v))
        };
        Self(self.0.iter().filter(|(_, o)| !is_of(o)).map(|(k, o)| (k.clone(), o.clone())).collect())
    }

    /// What another one has more, less or otherwise, a line each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, value) in &self.0 {
            match other.0.get(key) {
                None => lines.push(format!("missing: {key}")),
                Some(now) if now != value => {
                    let mut text = format!("changed: {key}");
                    changes(value, now, "", &mut text);
                    lines.push(text);
                }
                Some(_) => {}
            }
        }
        lines.extend(other.0.keys().filter(|k| !self.0.contains_key(*k)).map(|k| format!("new: {k}")));
        lines
    }
}

fn reduce(object: &mut Value) {
    if let Some(meta) = object["metadata"].as_object_mut() {
        for news in ["resourceVersion", "managedFields", "generation"] {
            meta.remove(news);
        }
    }
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    if let Some(map) = object.as_object_mut() {
        if STATUS_IS_NEWS.contains(&kind.as_str()) {
            map.remove("status");
        }
        if let Some(status) = map.get_mut("status") {
            without_times(status);
        }
    }
    // The endpoints' controllers note when they were last triggered, or, started anew, do not.
    if let Some(meta) = object["metadata"].as_object_mut()
        && let Some(notes) = meta.get_mut("annotations").and_then(Value::as_object_mut)
    {
        notes.remove("endpoints.kubernetes.io/last-change-trigger-time");
        if notes.is_empty() {
            meta.remove("annotations");
        }
    }
}

fn without_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|k, _| !k.ends_with("Time") && k != "observedGeneration");
            map.values_mut().for_each(without_times);
        }
        Value::Array(list) => list.iter_mut().for_each(without_times),
        _ => {}
    }
}

fn changes(before: &Value, now: &Value, at: &str, text: &mut String) {
    match (before, now) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                let (a, b) = (&a.get(key), &b.get(key));
                if a != b {
                    let null = Value::Null;
                    changes(a.unwrap_or(&null), b.unwrap_or(&null), &format!("{at}.{key}"), text);
                }
            }
        }
        _ => {
            let _ = write!(text, "\n    {at}: {before} -> {now}");
        }
    }
}

pub fn only_what_somebody_changed_is_a_change() {
    let slice = |annotations: Value| {
        let mut slice = json!({"kind": "EndpointSlice", "metadata": {"name": "dns"}});
        if !annotations.is_null() {
            slice["metadata"]["annotations"] = annotations;
        }
        reduce(&mut slice);
        slice
    };
    let trigger = "endpoints.kubernetes.io/last-change-trigger-time";
    assert_eq!(slice(Value::Null), slice(json!({trigger: "2026-11-21T14:00:00Z"})));
    assert_ne!(slice(Value::Null), slice(json!({"who": "somebody"})));
}

pub fn what_another_lane_has_is_left_out_and_nothing_else() {
    let all = [
        json!({"kind": "Namespace", "metadata": {"name": "theirs"}}),
        json!({"kind": "Pod", "metadata": {"name": "a", "namespace": "theirs"}}),
        json!({"kind": "PersistentVolume", "metadata": {"labels": {"opsctl.dev/part": "theirs"}}}),
        json!({"kind": "IPAddress", "spec": {"parentRef": {"namespace": "theirs"}}}),
        json!({"kind": "Namespace", "metadata": {"name": "theirs-too"}}),
        json!({"kind": "Pod", "metadata": {"name": "theirs", "namespace": "ours"}}),
        json!({"kind": "Node", "metadata": {"name": "theirs"}}),
    ];
    let dump = Dump(all.into_iter().enumerate().map(|(n, o)| (n.to_string(), o)).collect());
    assert_eq!(dump.but(&["theirs"]).0.into_keys().collect::<Vec<_>>(), ["4", "5", "6"]);
    assert_eq!(dump.but(&[]).len(), 7);
}
