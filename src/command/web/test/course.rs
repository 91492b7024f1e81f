//! What is done to the fleet while it is under load, and what Kubernetes says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::ListParams;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};

use super::right::Change;
use crate::error::{opsctl, problem};
use crate::k8s::{diagnose, unrecorded};
use crate::stack::web::{FLEET, PART};

/// The most, and the fewest, that the fleet is scaled to.
const MANY: u16 = 10;
const FEW: u16 = 2;
/// Pods that are killed without a warning.
const KILLED: usize = 2;

/// Scales the fleet up and down again and kills pods, spread over the time of the load.
pub struct Course {
    client: Client,
    /// The number before; none where nothing is done.
    before: Option<u16>,
    lasts: Duration,
}

impl Course {
    /// The load alone.
    pub fn calm(client: &Client) -> Self {
        Self { client: client.clone(), before: None, lasts: Duration::ZERO }
    }

    /// From that number of nginx and back to it.
    pub fn of(client: &Client, before: u16, lasts: Duration) -> Self {
        Self { client: client.clone(), before: Some(before), lasts }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What it will do, for people.
    pub fn told(&self) -> String {
        self.before.map_or_else(String::new, |before| {
            format!("; meanwhile {before} → {MANY}, {KILLED} pods killed, → {FEW}, → {before}")
        })
    }

    /// Does it; what was done, each with its time in seconds.
    pub async fn follow(&self, told: impl Fn(&str)) -> Result<Vec<String>> {
        let Some(before) = self.before else { return Ok(Vec::new()) };
        let began = Instant::now();
        let mut done = Vec::new();
        let mut says = |what: String| {
            told(&what);
            done.push(format!("{:.1} s: {what}", began.elapsed().as_secs_f64()));
        };
        // A fifth of the time each: calm, many, killed, few, as before.
        let part = self.lasts / 5;
        for (n, number) in (1..).zip([MANY, MANY, FEW, before]) {
            tokio::time::sleep_until((began + part * n).into()).await;
            if n == 2 {
                for pod in self.killed().await? {
                    says(format!("{pod} killed"));
                }
            } else {
                self.scale(number).await?;
                says(format!("scaled to {number}"));
            }
        }
        Ok(done)
    }

    /// The number of before.
    pub async fn restore(&self) -> Result<()> {
        match self.before {
            Some(before) => self.scale(before).await.map_err(|e| {
                problem!(Partial, "the fleet could not be scaled back to {before}")
                    .next(opsctl(format!("web scale {before}")))
                    .because(&e)
                    .into()
            }),
            None => Ok(()),
        }
    }

    async fn scale(&self, replicas: u16) -> Result<()> {
        unrecorded::scale(&self.client, PART, FLEET, replicas).await
    }

    /// Ready pods of the fleet die at once, as in a crash.
    async fn killed(&self) -> Result<Vec<String>> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), PART);
        let list =
            pods.list(&ListParams::default().labels(&format!("app.kubernetes.io/name={FLEET}"))).await?;
        let ready = list.iter().filter(|p| diagnose::is_ready(p) && p.metadata.deletion_timestamp.is_none());
        let mut names: Vec<_> = ready.map(kube::ResourceExt::name_any).collect();
        names.truncate(KILLED);
        for name in &names {
            unrecorded::kill_pod(&self.client, PART, name).await?;
        }
        Ok(names)
    }
}

/// What Kubernetes says of the fleet, as it says it.
pub struct Truth {
    changes: Arc<Mutex<Vec<Change>>>,
    watching: tokio::task::JoinHandle<()>,
}

impl Truth {
    /// Begins, and has heard it once when this returns.
    pub async fn watch(client: &Client) -> Result<Self> {
        let api: Api<EndpointSlice> = Api::namespaced(client.clone(), PART);
        let of_fleet = watcher::Config::default().labels(&format!("kubernetes.io/service-name={FLEET}"));
        let changes: Arc<Mutex<Vec<Change>>> = Arc::default();
        let (noted, mut heard) = (Arc::clone(&changes), BTreeMap::new());
        let (first, began) = tokio::sync::oneshot::channel();
        let mut first = Some(first);
        let watching = tokio::spawn(async move {
            let mut events = std::pin::pin!(watcher(api, of_fleet).default_backoff());
            // A watch that breaks is begun anew, and hears what it missed.
            while let Some(event) = events.next().await {
                match event {
                    Ok(watcher::Event::Init) => heard.clear(),
                    Ok(watcher::Event::InitApply(slice) | watcher::Event::Apply(slice)) => {
                        heard.insert(slice.name_any(), ready(&slice));
                    }
                    Ok(watcher::Event::Delete(slice)) => drop(heard.remove(&slice.name_any())),
                    Ok(watcher::Event::InitDone) => {
                        if let Some(first) = first.take() {
                            let _ = first.send(());
                        }
                    }
                    Err(_) => continue,
                }
                if first.is_some() {
                    continue;
                }
                let ready: BTreeSet<IpAddr> = heard.values().flatten().copied().collect();
                let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                if noted.last().is_none_or(|last| last.ready != ready) {
                    noted.push(Change { at: Instant::now(), ready });
                }
            }
        });
        let heard = tokio::time::timeout(Duration::from_secs(10), began).await;
        anyhow::ensure!(
            matches!(heard, Ok(Ok(()))),
            "the API server does not tell the endpoints of {PART}/{FLEET}"
        );
        Ok(Self { changes, watching })
    }

    /// All changes, the first of them how it began.
    pub async fn end(self) -> Vec<Change> {
        // The last change may still be on its way.
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.watching.abort();
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn ready(slice: &EndpointSlice) -> BTreeSet<IpAddr> {
    let ready =
        slice.endpoints.iter().filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true));
    ready.filter_map(|e| e.addresses.first()?.parse().ok()).collect()
}
