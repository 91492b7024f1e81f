//! Format 1, as opsctl wrote it at first: all that is known of it is here.
//!
//! Its lines name a target in words and a profile without its home, and what a step has to know before its first
//! change lies beside the journal, in a file of its own.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::record::{EntryId, Record};

/// Its number.
pub const FORMAT: u32 = 1;

/// What a line of it says in today's words.
pub fn record(mut value: Value) -> Result<Record, String> {
    match value["kind"].as_str() {
        Some("run") => value["target"] = target(value["target"].as_str().unwrap_or_default())?,
        Some("entry" | "end") => {}
        kind => return Err(format!("format 1 has no record of the kind {}", kind.unwrap_or("\"\""))),
    }
    for path in ["/scope/profile", "/is/scope/profile"] {
        if let Some(profile) = value.pointer_mut(path) {
            *profile = json!({"name": profile.take()});
        }
    }
    serde_json::from_value(value).map_err(|e| e.to_string())
}

/// `minikube profile "NAME"` or `context "NAME"`.
fn target(words: &str) -> Result<Value, String> {
    for (kind, lead) in [("profile", "minikube profile \""), ("context", "context \"")] {
        if let Some(name) = words.strip_prefix(lead).and_then(|rest| rest.strip_suffix('"')) {
            return Ok(if kind == "profile" { json!({kind: {"name": name}}) } else { json!({kind: name}) });
        }
    }
    Err(format!("no target: {words:?}"))
}

/// What a step noted of an entry that was begun in this format.
pub fn note(state: &Path, entry: EntryId) -> Result<Option<Value>> {
    read(&state.join("intents").join(format!("{entry}.json")))
}

fn read(path: &Path) -> Result<Option<Value>> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let value = serde_json::from_slice(&bytes);
            Ok(Some(value.with_context(|| format!("{} is damaged", path.display()))?))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
    }
}
