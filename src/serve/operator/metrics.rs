//! The operator's figures.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfKind {
    kind: String,
}

/// The operator's figures.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    acting: Gauge,
    reconciled: Counter,
    failed: Counter,
    writes: Family<OfKind, Counter>,
}

impl Metrics {
    /// All of them, at nothing.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("opsctl_operator");
        let acting = Gauge::default();
        registry.register("acting", "Whether this replica acts", acting.clone());
        let reconciled = Counter::default();
        registry.register("reconciliations", "Looks at a resource", reconciled.clone());
        let failed = Counter::default();
        registry.register("failures", "Looks at a resource that failed", failed.clone());
        let writes = Family::<OfKind, Counter>::default();
        registry.register("writes", "Objects that were created or changed", writes.clone());
        Self { registry: Arc::new(registry), acting, reconciled, failed, writes }
    }

    /// Whether this replica acts.
    pub fn acts(&self, acts: bool) {
        self.acting.set(i64::from(acts));
    }

    /// A resource was looked at.
    pub fn reconciled(&self) {
        self.reconciled.inc();
    }

    /// That failed.
    pub fn failed(&self) {
        self.failed.inc();
    }

    /// An object of that kind was created or changed.
    pub fn wrote(&self, kind: &str) {
        self.writes.get_or_create(&OfKind { kind: kind.to_owned() }).inc();
    }

    /// All of them, as `OpenMetrics` has it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Only a buffer that takes no more could refuse.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
