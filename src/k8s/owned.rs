//! Which fields of an object are whose, as server-side apply keeps it in `managedFields`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::apply::MANAGER;

/// A set of fields: a tree of what `fieldsV1` names, such as `f:spec` or `k:{"name":"web"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The value as a whole, with all that is in it.
    whole: bool,
    inside: BTreeMap<String, Fields>,
}

impl Fields {
    /// Those that opsctl owns.
    pub fn ours(live: &Value) -> Self {
        Self::of(live, |manager| manager == MANAGER)
    }

    /// Those that anybody else owns.
    pub fn of_others(live: &Value) -> Self {
        Self::of(live, |manager| manager != MANAGER)
    }

    fn of(live: &Value, wanted: impl Fn(&str) -> bool) -> Self {
        let owners = live["metadata"]["managedFields"].as_array().into_iter().flatten();
        let mut all = Self::default();
        for owner in owners.filter(|owner| owner["manager"].as_str().is_some_and(&wanted)) {
            if let Some(fields) = owner["fieldsV1"].as_object() {
                all.add(fields);
            }
        }
        all
    }

    fn add(&mut self, fields: &Map<String, Value>) {
        for (name, within) in fields.iter().filter(|(name, _)| *name != ".") {
            let field = self.inside.entry(name.clone()).or_default();
            match within.as_object() {
                Some(within) if !within.is_empty() => field.add(within),
                _ => field.whole = true,
            }
        }
    }

    /// The fields of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.whole |= other.whole;
        for (name, field) in other.inside {
            let own = self.inside.remove(&name).unwrap_or_default();
            self.inside.insert(name, own.and(field));
        }
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.inside.is_empty()
    }

    fn field(&self, name: &str) -> Option<&Self> {
        self.inside.get(&format!("f:{name}"))
    }

    /// The name of an item of a list, and its fields: by its keys, or by its value.
    fn item(&self, item: &Value) -> Option<(&str, &Self)> {
        let is = |name: &str| match name.split_once(':') {
            Some(("k", keys)) => serde_json::from_str::<Map<String, Value>>(keys)
                .is_ok_and(|keys| keys.iter().all(|(key, value)| item.get(key) == Some(value))),
            Some(("v", value)) => serde_json::from_str::<Value>(value).is_ok_and(|value| value == *item),
            _ => false,
        };
        self.inside.iter().find(|(name, _)| is(name)).map(|(name, fields)| (name.as_str(), fields))
    }

    /// Whether its value is a list whose items have owners of their own.
    fn is_by_item(&self) -> bool {
        self.inside.keys().any(|name| name.starts_with("k:") || name.starts_with("v:"))
    }
}

/// What these fields hold in an object, with what names it.
pub fn pick(object: &Value, fields: &Fields) -> Value {
    named(picked(object, fields).unwrap_or_default(), object)
}

fn picked(value: &Value, fields: &Fields) -> Option<Value> {
    if fields.whole {
        return Some(value.clone());
    }
    match value {
        Value::Object(map) => {
            let inside = map
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), picked(value, fields.field(name)?)?)));
            Some(Value::Object(inside.collect()))
        }
        Value::Array(items) => {
            let inside = items.iter().filter_map(|item| {
                let (name, fields) = fields.item(item)?;
                Some(with_keys(picked(item, fields)?, name))
            });
            Some(Value::Array(inside.collect()))
        }
        _ => None,
    }
}

/// What an apply has to say to take a change back: of what was there before, the fields that are opsctl's now, and
/// those that are gone and nobody's. What somebody else has taken over since is theirs, and stays.
pub fn to_restore(before: &Value, live: &Value) -> Value {
    let (ours, others) = (Fields::ours(live), Fields::of_others(live));
    named(remaining(before, Some(live), Some(&ours), Some(&others)).unwrap_or_default(), before)
}

fn remaining(
    before: &Value,
    live: Option<&Value>,
    ours: Option<&Fields>,
    others: Option<&Fields>,
) -> Option<Value> {
    if ours.is_some_and(|fields| fields.whole) {
        return Some(before.clone());
    }
    if others.is_some_and(|fields| fields.whole) {
        return None;
    }
    let by_item = [ours, others].into_iter().flatten().any(Fields::is_by_item);
    match before {
        Value::Object(map) if !map.is_empty() => {
            let inside = map.iter().filter_map(|(name, value)| {
                let field =
                    |fields: Option<&'_ Fields>| fields.and_then(|fields| fields.field(name)).cloned();
                let live = live.and_then(|live| live.get(name));
                Some((name.clone(), remaining(value, live, field(ours).as_ref(), field(others).as_ref())?))
            });
            let inside: Map<String, Value> = inside.collect();
            (!inside.is_empty()).then_some(Value::Object(inside))
        }
        Value::Array(items) if by_item => {
            let inside = items.iter().filter_map(|item| {
                let of = |fields: Option<&Fields>| {
                    fields.and_then(|fields| fields.item(item)).map(|(name, f)| (name.to_owned(), f.clone()))
                };
                let (ours, others) = (of(ours), of(others));
                let name = ours.as_ref().or(others.as_ref()).map(|(name, _)| name.clone());
                let keys = name.as_ref().map(|name| Fields {
                    whole: false,
                    inside: BTreeMap::from([(name.clone(), Fields::default())]),
                });
                let all = live.and_then(Value::as_array).into_iter().flatten();
                let live = match &keys {
                    Some(keys) => all.into_iter().find(|live| keys.item(live).is_some()),
                    None => all.into_iter().find(|live| *live == item),
                };
                let (ours, others) = (ours.map(|(_, f)| f), others.map(|(_, f)| f));
                let left = remaining(item, live, ours.as_ref(), others.as_ref())?;
                Some(match &name {
                    Some(name) => with_keys(left, name),
                    None => left,
                })
            });
            let inside: Vec<Value> = inside.collect();
            (!inside.is_empty()).then_some(Value::Array(inside))
        }
        // Nobody's, and as it was: a default.
        _ if live == Some(before) && ours.is_none() => None,
        _ => Some(before.clone()),
    }
}

/// An item of a list with what tells it from the others.
fn with_keys(mut item: Value, name: &str) -> Value {
    if let (Some(map), Some(keys)) = (item.as_object_mut(), name.strip_prefix("k:")) {
        for (key, value) in serde_json::from_str::<Map<String, Value>>(keys).unwrap_or_default() {
            map.entry(key).or_insert(value);
        }
    }
    item
}

/// The parts of an object with what names it: nobody owns that.
fn named(mut parts: Value, object: &Value) -> Value {
    for field in ["apiVersion", "kind"] {
        parts[field] = object[field].clone();
    }
    for field in ["name", "namespace"] {
        if let Some(value) = object["metadata"].get(field) {
            parts["metadata"][field] = value.clone();
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::k8s::manifest;

    fn object(replicas: u32, env: &Value, owners: &Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "d", "namespace": "n", "uid": "u", "labels": {"a": "ours", "b": "theirs"},
                "managedFields": owners},
            "spec": {"replicas": replicas, "paused": false, "args": ["x", "y"],
                "containers": [{"name": "c", "image": "i", "env": env}, {"name": "side", "image": "s"}]}})
    }

    fn owner(manager: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": "Apply", "fieldsV1": fields})
    }

    fn ours() -> Value {
        owner(
            MANAGER,
            &json!({"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:args": {},
            "f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:name": {}, "f:image": {},
                "f:env": {"k:{\"name\":\"OURS\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}}),
        )
    }

    fn theirs() -> Value {
        owner(
            "kubectl",
            &json!({"f:metadata": {"f:labels": {"f:b": {}}}, "f:spec": {"f:replicas": {},
            "f:containers": {"k:{\"name\":\"c\"}": {"f:env": {"k:{\"name\":\"THEIRS\"}": {".": {}, "f:value": {}}}},
                "k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}}}}}),
        )
    }

    fn env(ours: &str, theirs: &str) -> Value {
        json!([{"name": "OURS", "value": ours}, {"name": "THEIRS", "value": theirs}])
    }

    #[test]
    fn what_is_picked_is_ours_alone_with_what_names_it() {
        let live = object(3, &env("1", "1"), &json!([ours(), theirs()]));
        let picked = pick(&live, &Fields::ours(&live));
        assert_eq!(
            picked,
            json!({"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "d", "namespace": "n", "labels": {"a": "ours"}},
                "spec": {"args": ["x", "y"], "containers": [{"name": "c", "image": "i",
                    "env": [{"name": "OURS", "value": "1"}]}]}})
        );
        let replicas = owner(MANAGER, &json!({"f:spec": {"f:replicas": {}}}));
        let wanted = Fields::ours(&json!({"metadata": {"managedFields": [replicas]}}));
        let both = pick(&live, &Fields::ours(&live).and(wanted));
        assert_eq!((&both["spec"]["replicas"], &both["spec"]["args"]), (&json!(3), &json!(["x", "y"])));
        assert!(Fields::ours(&json!({"metadata": {}})).is_empty() && !Fields::ours(&live).is_empty());
    }

    #[test]
    fn a_whole_object_of_an_earlier_record_gives_back_no_field_of_others() {
        let before = manifest::stripped(&object(3, &env("1", "1"), &Value::Null));
        let mut live = object(5, &env("2", "2"), &json!([ours(), theirs()]));
        live["spec"]["args"] = json!(["z"]);
        let back = to_restore(&before, &live);
        assert_eq!(
            back["spec"],
            json!({"args": ["x", "y"], "containers": [{"name": "c", "image": "i",
                "env": [{"name": "OURS", "value": "1"}]}]})
        );
        assert_eq!(back["metadata"], json!({"name": "d", "namespace": "n", "labels": {"a": "ours"}}));
    }

    #[test]
    fn what_the_change_took_out_comes_back_and_what_somebody_took_over_stays_theirs() {
        let was = object(3, &env("1", "1"), &json!([ours()]));
        let before = pick(&was, &Fields::ours(&was));
        // Now without `args`; the image is somebody else's.
        let now = owner(
            MANAGER,
            &json!({"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {
            "f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:name": {}}}}}),
        );
        let set = owner(
            "kubectl-set",
            &json!({"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {"f:image": {}}}}}),
        );
        let mut live = object(3, &json!([]), &json!([now, set]));
        live["spec"].as_object_mut().unwrap().remove("args");
        live["spec"]["containers"][0]["image"] = json!("other");
        let back = to_restore(&before, &live);
        assert_eq!(
            back["spec"],
            json!({"args": ["x", "y"], "containers": [{"name": "c", "env": [{"name": "OURS", "value": "1"}]}]})
        );
    }

    #[test]
    fn items_that_are_known_by_their_value_have_owners_too() {
        let finalizers = |manager: &str, name: &str| {
            let mut set = json!({"f:metadata": {"f:finalizers": {}}});
            set["f:metadata"]["f:finalizers"][format!("v:\"{name}\"")] = json!({});
            owner(manager, &set)
        };
        let live = json!({"metadata": {"finalizers": ["a", "b"],
            "managedFields": [finalizers(MANAGER, "a"), finalizers("other", "b")]}});
        assert_eq!(pick(&live, &Fields::ours(&live))["metadata"]["finalizers"], json!(["a"]));
        let before = json!({"metadata": {"finalizers": ["a", "b", "c"]}});
        assert_eq!(to_restore(&before, &live)["metadata"]["finalizers"], json!(["a", "c"]));
    }
}
