//! What is counted, and how it is written for Prometheus.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Request {
    /// The route, not the path: names are no labels.
    pub route: &'static str,
    /// Its method; `other` where the API has none such.
    pub method: &'static str,
    /// The status of the answer.
    pub status: u16,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    /// The route.
    pub route: &'static str,
    /// The method.
    pub method: &'static str,
}

/// One of the two connections to redis.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Lane {
    /// `reads` or `writes`.
    pub lane: &'static str,
}

/// All that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    redis_seconds: Family<Lane, Histogram>,
    redis_questions: Family<Lane, Counter>,
    redis_failures: Family<Lane, Counter>,
    redis_connected: Family<Lane, Gauge>,
    connections: Gauge,
    lines_lost: Counter,
    ready: Gauge,
}

/// From half a millisecond to eight seconds, each twice the one before.
fn histogram() -> Histogram {
    Histogram::new(prometheus_client::metrics::histogram::exponential_buckets(0.0005, 2.0, 15))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("timestamps");
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let redis_seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let (requests, redis_questions, redis_failures) =
            (Family::default(), Family::default(), Family::default());
        let (redis_connected, connections) = (Family::default(), Gauge::default());
        let (lines_lost, ready) = (Counter::default(), Gauge::default());
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register("http_request_seconds", "From headers to answer", seconds.clone());
        registry.register("redis_seconds", "From a group's sending to its answer", redis_seconds.clone());
        registry.register("redis_questions", "Questions and changes sent to redis", redis_questions.clone());
        registry.register("redis_failures", "Groups without an answer that counts", redis_failures.clone());
        registry.register("redis_connected", "Whether there is a connection", redis_connected.clone());
        registry.register("http_connections", "Connections that are open", connections.clone());
        registry.register("log_lines_lost", "Lines of the log that nobody took", lines_lost.clone());
        registry.register("ready", "Whether redis has been reached since the start", ready.clone());
        Self {
            registry,
            requests,
            seconds,
            redis_seconds,
            redis_questions,
            redis_failures,
            redis_connected,
            connections,
            lines_lost,
            ready,
        }
    }
}

impl Metrics {
    /// A request was answered, after so long.
    pub fn answered(&self, method: &'static str, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Request { route, method, status }).inc();
        self.seconds.get_or_create(&Route { route, method }).observe(took.as_secs_f64());
    }

    /// Redis answered a group of so many questions, or gave no answer that counts.
    pub fn asked(&self, lane: &'static str, questions: usize, took: Duration, counts: bool) {
        let lane = Lane { lane };
        self.redis_questions.get_or_create(&lane).inc_by(questions as u64);
        self.redis_seconds.get_or_create(&lane).observe(took.as_secs_f64());
        let failures = self.redis_failures.get_or_create(&lane);
        if !counts {
            failures.inc();
        }
    }

    /// A connection to redis came or went.
    pub fn connected(&self, lane: &'static str, is: bool) {
        self.redis_connected.get_or_create(&Lane { lane }).set(i64::from(is));
    }

    /// Connections that are open.
    pub fn connections(&self) -> &Gauge {
        &self.connections
    }

    /// Lines of the log that nobody took.
    pub fn lines_lost(&self) -> &Counter<u64, AtomicU64> {
        &self.lines_lost
    }

    /// Whether redis has been reached.
    pub fn set_ready(&self, is: bool) {
        self.ready.set(i64::from(is));
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// All names of metrics in a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
        words.filter(|word| word.starts_with("timestamps_") || word.starts_with("timestamps:")).collect()
    }

    #[test]
    fn every_metric_that_an_alert_names_is_one_that_the_server_has() {
        let metrics = Metrics::default();
        metrics.answered("GET", "/", 200, Duration::from_millis(1));
        metrics.asked("reads", 1, Duration::from_millis(1), false);
        metrics.connected("reads", true);
        let text = metrics.text();
        let mut known = names(&text);
        let alerts: Value =
            serde_yaml::from_str(include_str!("../../../deploy/timestamps/alerts.yml")).unwrap();
        let rules: Vec<&Value> = alerts["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|g| g["rules"].as_array().unwrap())
            .collect();
        let mut alerting = 0;
        for rule in rules {
            let expression = rule["expr"].as_str().unwrap();
            let unknown: Vec<_> = names(expression).difference(&known).copied().collect();
            assert!(unknown.is_empty(), "{unknown:?} in {expression}\n{text}");
            if let Some(recorded) = rule["record"].as_str() {
                known.insert(recorded);
                continue;
            }
            alerting += 1;
            for words in ["summary", "action"] {
                assert!(rule["annotations"][words].is_string(), "{rule} has no {words}");
            }
            assert!(matches!(rule["labels"]["severity"].as_str(), Some("page" | "ticket")), "{rule}");
        }
        assert!(alerting >= 5);
    }
}
