//! The values of a live Secret. They are read for what is made of them, and never shown.

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1;
use serde_json::{Map, Value, json};

/// The values by their names; one that is no text is an error.
pub fn of(live: &Value) -> Result<Map<String, Value>> {
    let secret: v1::Secret =
        serde_json::from_value(live.clone()).context("the API server returned no Secret")?;
    let text = |(name, bytes): (String, k8s_openapi::ByteString)| {
        let text = String::from_utf8(bytes.0).ok().with_context(|| format!("the value {name} is no text"))?;
        Ok((name, json!(text)))
    };
    secret.data.unwrap_or_default().into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were_given() {
        let live = json!({"kind": "Secret", "data": {"a": "aHVudGVyMg=="}});
        assert_eq!(of(&live).unwrap()["a"], "hunter2");
        assert!(of(&json!({"kind": "Secret"})).unwrap().is_empty());
        let error = of(&json!({"kind": "Secret", "data": {"a": "/w=="}})).unwrap_err();
        assert!(error.to_string().contains("the value a"), "{error}");
    }
}
