//! Manifests: embedded YAML into JSON values, and typed edits.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Says that opsctl made it.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The part (stack) it belongs to.
pub const PART: &str = "opsctl.dev/part";
/// The key of the step that made it.
pub const STEP: &str = "opsctl.dev/step";

/// All documents of a YAML file.
pub fn documents(yaml: &str) -> Result<Vec<Value>> {
    let options = serde_yaml::options! { legacy_octal_numbers: true };
    let documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(yaml, options).context("a manifest is not valid YAML")?;
    Ok(documents.into_iter().filter(|d| !d.is_null()).collect())
}

/// The object's kind, or nothing.
pub fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

/// The API group of the object's kind; empty for the core group.
pub fn group(object: &Value) -> &str {
    object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

/// The object's name, or nothing.
pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// The object's namespace, if it has one.
pub fn namespace(object: &Value) -> Option<&str> {
    object["metadata"]["namespace"].as_str()
}

/// The name of one resource of the kind that a definition brings, as kubectl takes it.
pub fn singular(definition: &Value) -> String {
    let names = &definition["spec"]["names"];
    let singular = names["singular"].as_str().map(str::to_owned);
    singular.unwrap_or_else(|| names["kind"].as_str().unwrap_or_default().to_lowercase())
}

/// `deployment.apps/redis`: how kubectl names it.
pub fn title(object: &Value) -> String {
    let kind = kind(object).to_lowercase();
    match group(object) {
        "" => format!("{kind}/{}", name(object)),
        group => format!("{kind}.{group}/{}", name(object)),
    }
}

/// The same with the namespace in front, where it has one: unlike any other object's.
pub fn key(object: &Value) -> String {
    match namespace(object) {
        Some(namespace) => format!("{namespace}/{}", title(object)),
        None => title(object),
    }
}

/// Marks an object as made by opsctl for this part.
pub fn mark(object: &mut Value, part: &str, key: &str) {
    let metadata = &mut object["metadata"];
    metadata["labels"][MANAGED_BY] = json!("opsctl");
    metadata["labels"][PART] = json!(part);
    metadata["annotations"][STEP] = json!(key);
}

/// The key of the step that made a live object, if opsctl made it.
pub fn made_by(object: &Value) -> Option<&str> {
    let metadata = &object["metadata"];
    if metadata["labels"][MANAGED_BY].as_str() != Some("opsctl") {
        return None;
    }
    metadata["annotations"][STEP].as_str()
}

/// What of a live object a later apply can bring back: no status, nothing the server keeps by itself,
/// nothing that pods write.
pub fn stripped(live: &Value) -> Value {
    let mut object = live.clone();
    let addresses = kind(live) == "EndpointSlice";
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        if addresses {
            // Brought back, they would send clients where a pod was once.
            map.remove("endpoints");
        }
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|key, _| matches!(key.as_str(), "name" | "namespace" | "labels" | "annotations"));
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            let theirs = ["deployment.kubernetes.io/", crate::election::ANNOTATION];
            annotations.retain(|key, _| !theirs.iter().any(|prefix| key.starts_with(prefix)));
        }
    }
    object
}

/// Where two objects differ, as paths, for people; empty when they mean the same.
pub fn differences(from: &Value, to: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    walk(from, to, String::new(), &mut paths);
    paths
}

fn walk(from: &Value, to: &Value, at: String, paths: &mut Vec<String>) {
    match (from, to) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                walk(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), path, paths);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                walk(x, y, format!("{at}[{i}]"), paths);
            }
        }
        _ if from != to => paths.push(at),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_reads_as_kubectl_reads_it() {
        let docs = documents("---\na: 0644\nb: \"yes\"\n---\n---\nc: [1]\n").unwrap();
        assert_eq!(docs, [json!({"a": 420, "b": "yes"}), json!({"c": [1]})]);
    }

    #[test]
    fn objects_are_named_as_kubectl_names_them() {
        let deployment =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "redis"}});
        assert_eq!(title(&deployment), "deployment.apps/redis");
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "redis"}});
        assert_eq!(title(&service), "service/redis");
    }

    #[test]
    fn only_a_marked_object_is_ours() {
        let mut object = json!({"metadata": {"name": "x"}});
        assert_eq!(made_by(&object), None);
        mark(&mut object, "redis", "k");
        assert_eq!(made_by(&object), Some("k"));
        object["metadata"]["labels"][MANAGED_BY] = json!("helm");
        assert_eq!(made_by(&object), None);
    }

    #[test]
    fn what_pods_write_into_a_slice_is_neither_compared_nor_brought_back() {
        let slice = |addresses: &[&str], epoch: &str| {
            json!({"kind": "EndpointSlice", "addressType": "IPv4", "endpoints": [{"addresses": addresses}],
                "metadata": {"name": "m", "annotations": {"election.opsctl.dev/epoch": epoch, STEP: "k"}}})
        };
        let filled = stripped(&slice(&["10.0.0.1"], "3"));
        assert_eq!(filled, stripped(&slice(&[], "1")));
        assert_eq!(filled["metadata"]["annotations"], json!({STEP: "k"}));
        assert!(filled.get("endpoints").is_none());
    }

    #[test]
    fn differences_are_named_by_path() {
        let a = json!({"spec": {"replicas": 1, "ports": [{"nodePort": 1}]}});
        let b = json!({"spec": {"replicas": 3, "ports": [{"nodePort": 1}]}, "x": 1});
        assert_eq!(differences(&a, &b), ["spec.replicas", "x"]);
    }
}
