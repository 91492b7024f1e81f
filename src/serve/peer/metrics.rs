//! A peer's figures.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::peering::Peer;

/// Upper bounds of the histogram of latencies, in seconds.
const BOUNDS: [f64; 8] = [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfPeer {
    peer: String,
}

/// A peer's figures.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    pongs: Family<OfPeer, Counter>,
    failures: Family<OfPeer, Counter>,
    up: Family<OfPeer, Gauge>,
    latency: Family<OfPeer, Gauge<f64, AtomicU64>>,
    latencies: Histogram,
    pinged: Counter,
    generation: Gauge,
    applied: Counter,
    refused: Counter,
}

impl Metrics {
    /// All of them, at nothing.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("opsctl_peer");
        let pongs = Family::<OfPeer, Counter>::default();
        registry.register("pongs", "Pongs that this peer got", pongs.clone());
        let failures = Family::<OfPeer, Counter>::default();
        registry.register("failures", "Calls of this peer without a pong", failures.clone());
        let up = Family::<OfPeer, Gauge>::default();
        registry.register("up", "Whether the last call got a pong", up.clone());
        let latency = Family::<OfPeer, Gauge<f64, AtomicU64>>::default();
        registry.register("latency_seconds", "How long the last pong took", latency.clone());
        let latencies = Histogram::new(BOUNDS);
        registry.register("pong_seconds", "How long pongs took, of all peers", latencies.clone());
        let pinged = Counter::default();
        registry.register("pings_answered", "Pings that this peer answered", pinged.clone());
        let generation = Gauge::default();
        registry.register("config_generation", "Generation of the configuration in use", generation.clone());
        let applied = Counter::default();
        registry.register("config_applied", "Configurations that were taken into use", applied.clone());
        let refused = Counter::default();
        registry.register("config_refused", "Configurations that were refused", refused.clone());
        let registry = Arc::new(registry);
        Self { registry, pongs, failures, up, latency, latencies, pinged, generation, applied, refused }
    }

    /// A peer was called: how long its pong took, or none.
    pub fn called(&self, peer: &Peer, took: Option<Duration>) {
        let label = OfPeer { peer: peer.to_string() };
        self.up.get_or_create(&label).set(i64::from(took.is_some()));
        match took {
            Some(took) => {
                self.pongs.get_or_create(&label).inc();
                self.latency.get_or_create(&label).set(took.as_secs_f64());
                self.latencies.observe(took.as_secs_f64());
            }
            None => drop(self.failures.get_or_create(&label).inc()),
        }
    }

    /// A peer is called no more: figures of those that went would pile up.
    pub fn forget(&self, peer: &Peer) {
        let label = OfPeer { peer: peer.to_string() };
        self.pongs.remove(&label);
        self.failures.remove(&label);
        self.up.remove(&label);
        self.latency.remove(&label);
    }

    /// This peer was pinged.
    pub fn pinged(&self) {
        self.pinged.inc();
    }

    /// A configuration was taken into use.
    pub fn applied(&self, generation: i64) {
        self.generation.set(generation);
        self.applied.inc();
    }

    /// A configuration was refused.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// All of them, as `OpenMetrics` has it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Only a buffer that takes no more could refuse.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_peer_go_with_it() {
        let metrics = Metrics::new();
        let peer = Peer { host: "b".into(), port: 1 };
        metrics.called(&peer, Some(Duration::from_millis(2)));
        metrics.called(&peer, None);
        metrics.applied(4);
        let text = metrics.text();
        for line in [
            "opsctl_peer_pongs_total{peer=\"b:1\"} 1",
            "opsctl_peer_failures_total{peer=\"b:1\"} 1",
            "opsctl_peer_up{peer=\"b:1\"} 0",
            "opsctl_peer_latency_seconds{peer=\"b:1\"} 0.002",
            "opsctl_peer_config_generation 4",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        metrics.forget(&peer);
        assert!(!metrics.text().contains("b:1"), "{}", metrics.text());
    }
}
