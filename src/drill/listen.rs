//! The drill's end of the witness: it runs on the control plane's node, and reports each pod's words.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::TryStreamExt as _;
use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::runtime::watcher;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::timeline::{Leased, Timeline};
use super::world::{NAME, NAMESPACE, World};
use crate::context::Context;
use crate::election::protocol::Time;
use crate::election::wire::{Line, Order};
use crate::error::{opsctl, problem, said};
use crate::exec::Talk;
use crate::node;
use crate::serve::election::clock;

/// Any pod's copy of opsctl serves: it is on the node already, and made for it.
const SCRIPT: &str = r#"for file in /var/lib/kubelet/pods/*/volumes/kubernetes.io~empty-dir/elector/opsctl; do
  if [ -x "$file" ]; then exec "$file" serve witness; fi
done
echo "no pod of the election runs here" >&2
exit 1"#;

/// The port of `/master`.
const PORT: u16 = 8080;

/// What is seen, while it is seen.
pub struct Witness {
    timeline: Arc<Mutex<Timeline>>,
    orders: mpsc::UnboundedSender<Order>,
    asked: HashMap<String, String>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Witness {
    /// Starts it on the control plane's node, and watches the Lease.
    pub async fn start(cx: &Context, world: &World) -> Result<Self> {
        let mut talk = node::script(cx, &world.settings.primary, SCRIPT, &[])?.talk()?;
        let offset = tokio::time::timeout(Duration::from_secs(20), offset(&mut talk))
            .await
            .context("no answer within 20 s")
            .flatten()
            .map_err(|error| {
                problem!(Failure, "no witness could be started on {}", world.settings.primary)
                    .found(said(&error))
                    .next(opsctl("election up"))
            })?;
        let timeline: Arc<Mutex<Timeline>> = Arc::default();
        let (orders, inbox) = mpsc::unbounded_channel();
        let tasks = vec![
            tokio::spawn(converse(talk, inbox, timeline.clone(), offset)),
            tokio::spawn(watch(Api::namespaced(world.client.clone(), NAMESPACE), timeline.clone())),
        ];
        Ok(Self { timeline, orders, asked: HashMap::new(), tasks })
    }

    /// What was seen so far.
    pub fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks these pods, by name and address, and no others.
    pub fn ask(&mut self, pods: &[(String, String)]) {
        self.asked.retain(|pod, _| {
            let there = pods.iter().any(|(name, _)| name == pod);
            if !there {
                let _ = self.orders.send(Order::Drop { pod: pod.clone() });
            }
            there
        });
        for (pod, ip) in pods {
            if !ip.is_empty() && self.asked.get(pod) != Some(ip) {
                let at = crate::serve::election::peers::authority(ip, PORT);
                let _ = self.orders.send(Order::Ask { pod: pod.clone(), at });
                self.asked.insert(pod.clone(), ip.clone());
            }
        }
    }

    /// Whether it still reports.
    pub fn alive(&self) -> bool {
        !self.tasks[0].is_finished()
    }
}

/// What to add to its clock for ours: 0 where both are one kernel's.
async fn offset(talk: &mut Talk) -> Result<i64> {
    let mut best: Option<(Time, i64)> = None;
    for _ in 0..5 {
        let before = clock::now();
        talk.say(&serde_json::to_string(&Order::Now)?).await?;
        let line = talk.hear().await?;
        let after = clock::now();
        let Line::Now(theirs) = serde_json::from_str(&line).with_context(|| format!("it said: {line}"))?
        else {
            continue;
        };
        let took = after - before;
        let signed = |time: Time| i64::try_from(time).unwrap_or(i64::MAX);
        let same = (before..=after).contains(&theirs);
        let offset = if same { 0 } else { signed(before + took / 2) - signed(theirs) };
        if best.is_none_or(|(least, _)| took < least) {
            best = Some((took, offset));
        }
    }
    best.map(|(_, offset)| offset).context("it did not report its time")
}

async fn converse(
    mut talk: Talk,
    mut orders: mpsc::UnboundedReceiver<Order>,
    timeline: Arc<Mutex<Timeline>>,
    offset: i64,
) {
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return };
                let Ok(line) = serde_json::to_string(&order) else { return };
                if talk.say(&line).await.is_err() {
                    return;
                }
            }
            line = talk.hear() => {
                let Ok(line) = line else { return };
                if let Ok(Line::Heard(mut heard)) = serde_json::from_str(&line) {
                    heard.asked = heard.asked.saturating_add_signed(offset);
                    heard.answered = heard.answered.saturating_add_signed(offset);
                    timeline.lock().unwrap_or_else(PoisonError::into_inner).hear(heard);
                }
            }
        }
    }
}

/// Notes each change of who holds the Lease.
async fn watch(api: Api<Lease>, timeline: Arc<Mutex<Timeline>>) {
    let config = watcher::Config::default().fields(&format!("metadata.name={NAME}"));
    let mut last = None;
    loop {
        let mut stream = std::pin::pin!(watcher(api.clone(), config.clone()));
        loop {
            let lease = match stream.try_next().await {
                Ok(Some(watcher::Event::Apply(lease) | watcher::Event::InitApply(lease))) => Some(lease),
                Ok(Some(watcher::Event::Delete(_))) => None,
                Ok(Some(_)) => continue,
                Ok(None) => break,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            let spec = lease.and_then(|l| l.spec).unwrap_or_default();
            let holder = spec.holder_identity.filter(|h| !h.is_empty());
            let epoch = spec.lease_transitions.and_then(|e| u64::try_from(e).ok()).unwrap_or(0);
            let now = (holder.clone(), epoch);
            if last.as_ref() != Some(&now) {
                let leased = Leased { at: clock::now(), holder, epoch };
                timeline.lock().unwrap_or_else(PoisonError::into_inner).lease(leased);
                last = Some(now);
            }
        }
    }
}
