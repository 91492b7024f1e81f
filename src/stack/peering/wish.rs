//! Peers as somebody asks for them.

use serde_json::{Value, json};

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// How many peers.
    pub replicas: Option<u16>,
    /// From one call to the next.
    pub interval: Option<String>,
}

/// The spec with what was asked for. What was not said stays as it is, whoever set it; where nothing is, it is as
/// the sample has it.
pub fn wanted(sample: &Value, asked: &Asked, stands: Option<&Value>) -> Value {
    let mut spec = sample.clone();
    if let Some(live) = stands.and_then(Value::as_object) {
        spec = Value::Object(live.clone());
    }
    if let Some(replicas) = asked.replicas {
        spec["replicas"] = json!(replicas);
    }
    if let Some(interval) = &asked.interval {
        spec["interval"] = json!(interval);
    }
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_whoever_set_it() {
        let sample = json!({"replicas": 5, "interval": "10s", "port": 8080});
        let asked = |replicas, interval: Option<&str>| Asked { replicas, interval: interval.map(Into::into) };
        assert_eq!(wanted(&sample, &asked(None, None), None), sample);
        assert_eq!(wanted(&sample, &asked(Some(3), None), None)["replicas"], 3);
        let live = json!({"replicas": 8, "interval": "1m", "externalPeers": [{"host": "a", "port": 1}]});
        assert_eq!(wanted(&sample, &asked(None, None), Some(&live)), live);
        let changed = wanted(&sample, &asked(Some(1), Some("2s")), Some(&live));
        assert_eq!((&changed["replicas"], &changed["interval"]), (&json!(1), &json!("2s")));
        assert_eq!(changed["externalPeers"], live["externalPeers"]);
    }
}
