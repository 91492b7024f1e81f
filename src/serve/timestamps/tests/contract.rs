//! Requests made from the API's own description: every answer must be one that the description has.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use super::*;

/// Numbers from a seed: the same requests in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 += 1;
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(self.0);
        usize::try_from(hash % sides as u64).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.roll(of.len())]
    }
}

/// Follows a reference into the description.
fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => api.pointer(reference.trim_start_matches('#')).expect(reference),
        None => schema,
    }
}

/// Where a value is not as its schema has it.
fn faults(api: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(api, schema);
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => panic!("{at}: a schema without a type: {schema}"),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&is) {
        return vec![format!("{at} is {is}, not {kinds:?}")];
    }
    let mut found = Vec::new();
    if let Value::Object(fields) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                found.push(format!("{at} has no {name}"));
            }
        }
        for (name, field) in fields {
            match schema["properties"].get(name) {
                Some(of_field) => found.extend(faults(api, of_field, field, &format!("{at}.{name}"))),
                None => found.push(format!("{at} has {name}, which is not described")),
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(faults(api, &schema["items"], item, &format!("{at}[]")));
    }
    if schema["format"] == "date-time" && stamp::Moment::parse(value.as_str().unwrap_or_default()).is_err() {
        found.push(format!("{at}: {value} is no date-time"));
    }
    if schema["pattern"].is_string() && stamp::Name::new(value.as_str().unwrap_or_default()).is_err() {
        found.push(format!("{at}: {value} is no name"));
    }
    found
}

/// A text for a parameter, as its schema wants it or not.
fn text(dice: &mut Dice, schema: &Value) -> String {
    let good = dice.roll(10) < 7;
    if schema["type"].to_string().contains("integer") {
        return if good {
            (1 + dice.roll(1000)).to_string()
        } else {
            dice.one(&["0", "-1", "1001", "x", "1e3", "99999999999999999999", ""]).to_owned()
        };
    }
    assert!(schema["pattern"].is_string(), "{schema}");
    let bad =
        ["%20", "-a", "a%2Fb", "%00", "%ff", "%F0%9F%8E%89", "..%2e", "a b", "!", "a%0d%0aX:y", "{name}"];
    if good {
        dice.one(&["a", "b", "c.d", "E-f", "0_1"]).to_owned()
    } else {
        dice.one(&bad).replace(' ', "%20")
    }
}

fn body(dice: &mut Dice) -> (Vec<(&'static str, &'static str)>, String) {
    let time = dice.one(&[
        "2026-11-26T12:00:00Z",
        "1999-12-31T23:59:59.999999999+14:00",
        "2024-02-29T00:00:00-23:59",
        "2023-02-29T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "yesterday",
        "",
    ]);
    let text = match dice.roll(12) {
        0..=2 => String::new(),
        3..=7 => json!({"time": time}).to_string(),
        8 => json!({"time": dice.roll(100)}).to_string(),
        9 => json!({"time": time, "more": [1]}).to_string(),
        10 => dice
            .one(&["{", "[]", "[null]", "\"\"", "null", "{}", "\u{0}", "{\"time\":\"\\ud800\"}"])
            .to_owned(),
        _ => format!("{{\"time\":\"{}\"}}", "9".repeat(dice.roll(40_000))),
    };
    let kind = dice.one(&[
        "application/json",
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "x",
    ]);
    (vec![("Content-Type", kind)], text)
}

#[tokio::test]
async fn a_thousand_requests_from_the_description_get_described_answers() {
    let w = World::new(&[]).await;
    let api = serde_json::to_value(api::description()).unwrap();
    let count = std::env::var("OPSCTL_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut dice = Dice(16);
    let operations: Vec<(&String, &String, &Value)> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(verb, of)| (path, verb, of)))
        .collect();
    assert_eq!(operations.len(), 4, "{operations:?}");
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for n in 0..count {
        let (path, verb, operation) = operations[dice.roll(operations.len())];
        let (mut path, mut query) = (path.clone(), Vec::new());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, value) = (parameter["name"].as_str().unwrap(), text(&mut dice, &parameter["schema"]));
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &value);
            } else if dice.roll(2) == 0 {
                query.push(format!("{name}={value}"));
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let (headers, body) =
            if operation["requestBody"].is_object() { body(&mut dice) } else { Default::default() };
        let reply = w.call(&verb.to_uppercase(), &path, &headers, &body).await;
        let what = format!("request {n}: {verb} {path} {headers:?} {body:.60}\n{reply:?}");
        assert!(reply.status < 500, "{what}");
        let described = &operation["responses"][reply.status.to_string()];
        assert!(described.is_object(), "not described: {what}");
        let kind = reply.header("content-type").unwrap_or_default();
        let schema = &described["content"][kind]["schema"];
        assert!(schema.is_object(), "not of a described kind: {what}");
        let value: Value = serde_json::from_str(&reply.body).unwrap_or_else(|e| panic!("{e}: {what}"));
        let faults = faults(&api, schema, &value, "body");
        assert!(faults.is_empty(), "{faults:?}: {what}");
        *seen.entry(format!("{verb} {}", reply.status)).or_default() += 1;
    }
    for answer in [
        "get 200",
        "get 400",
        "get 404",
        "put 200",
        "put 201",
        "put 400",
        "put 413",
        "put 415",
        "delete 200",
        "delete 404",
    ] {
        assert!(seen.contains_key(answer), "{answer} never came: {seen:?}");
    }
}

/// A judge that is not ours: run by hand or in the soak, where pip has it (docs/timestamps.md).
#[test]
fn the_description_is_openapi_3_1_and_names_all_answers() {
    let api = serde_json::to_value(api::description()).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in api["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            for status in ["200", "400", "503"] {
                assert!(operation["responses"][status].is_object(), "{verb} {path} {status}");
            }
            assert!(operation["summary"].is_string() && operation["operationId"].is_string());
        }
    }
}
