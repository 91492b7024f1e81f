//! The record as a Lease of the Kubernetes API.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::TryStreamExt as _;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, OwnerReference};
use kube::api::{ObjectMeta, PostParams};
use kube::runtime::watcher;
use kube::{Api, Client};
use tokio::sync::{OnceCell, mpsc};

use super::{Event, Holder, owner};
use crate::election::ANNOTATION;
use crate::election::protocol::{Answer, Call, Record, Snapshot, can_hold};
use crate::serve::log;

/// The Lease of an election.
#[derive(Clone)]
pub struct Store {
    client: Client,
    api: Api<Lease>,
    name: String,
    /// Whom a Lease made here belongs to; asked once.
    owner: Arc<OnceCell<Option<OwnerReference>>>,
    /// Labels and the like of the Lease as last seen: a replacement must not drop them.
    metadata: Arc<Mutex<ObjectMeta>>,
}

impl Store {
    /// The Lease of that name.
    pub fn new(client: Client, namespace: &str, name: &str) -> Self {
        Self {
            api: Api::namespaced(client.clone(), namespace),
            client,
            name: name.to_owned(),
            owner: Arc::default(),
            metadata: Arc::default(),
        }
    }

    /// Whom a Lease made here belongs to. Asked for early, so that no election waits for it.
    pub async fn owner(&self) -> kube::Result<Option<OwnerReference>> {
        self.owner.get_or_try_init(|| owner::account(&self.client)).await.cloned()
    }

    async fn create(&self, record: &Record<Holder>) -> kube::Result<Lease> {
        let mut lease = self.lease(record, None);
        lease.metadata.owner_references = self.owner().await?.map(|owner| vec![owner]);
        self.api.create(&PostParams::default(), &lease).await
    }

    /// One call, without any retry. `floor` says what epoch is noted elsewhere, asked only where the Lease is gone.
    pub async fn call(
        &self,
        call: Call<Holder, String>,
        floor: impl Future<Output = Option<u64>>,
    ) -> Answer<Holder, String> {
        let result = match call {
            Call::Read => match self.api.get_opt(&self.name).await {
                Ok(Some(lease)) => return Answer::Read(self.snapshot(&lease), 0),
                // Without knowing the floor, an epoch could be used twice.
                Ok(None) => return floor.await.map_or(Answer::Failed, |floor| Answer::Read(None, floor)),
                Err(error) => Err(error),
            },
            Call::Create(record) => self.create(&record).await,
            Call::Update(record, version) => {
                self.api
                    .replace(&self.name, &PostParams::default(), &self.lease(&record, Some(version)))
                    .await
            }
        };
        match result {
            Ok(lease) => match self.snapshot(&lease) {
                Some((_, version)) => Answer::Written(version),
                None => Answer::Failed,
            },
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Answer::Conflict,
            Err(error) => {
                log(&format!("lease: {error}"));
                Answer::Failed
            }
        }
    }

    /// Tells every change of the Lease, for ever. A broken watch is told and begun anew. So is, untold, one that
    /// is silent for so long: a Lease that is held changes all the time, and a connection whose other end has left
    /// the network never says so.
    pub async fn watch(self, events: mpsc::Sender<Event>, idle: Duration) {
        let config = watcher::Config::default().fields(&format!("metadata.name={}", self.name));
        loop {
            let mut stream = std::pin::pin!(watcher(self.api.clone(), config.clone()));
            loop {
                let Ok(told) = tokio::time::timeout(idle, stream.try_next()).await else { break };
                let (event, broken) = match told {
                    Ok(Some(watcher::Event::Apply(lease) | watcher::Event::InitApply(lease))) => {
                        (Event::Seen(self.snapshot(&lease)), false)
                    }
                    Ok(Some(watcher::Event::Delete(_))) => (Event::Seen(None), false),
                    Ok(Some(_)) => continue,
                    Ok(None) => break,
                    Err(_) => (Event::Blind, true),
                };
                if events.send(event).await.is_err() {
                    return;
                }
                if broken {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        }
    }

    fn snapshot(&self, lease: &Lease) -> Snapshot<Holder, String> {
        let version = lease.metadata.resource_version.clone()?;
        *self.metadata.lock().unwrap_or_else(PoisonError::into_inner) = lease.metadata.clone();
        Some((record(lease), version))
    }

    fn lease(&self, record: &Record<Holder>, version: Option<String>) -> Lease {
        let known = match version {
            Some(_) => self.metadata.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            None => ObjectMeta::default(),
        };
        let mut annotations = known.annotations.unwrap_or_default();
        annotations.retain(|key, _| !key.starts_with(ANNOTATION));
        annotations.extend(noted(record));
        let now = MicroTime(jiff::Timestamp::now());
        Lease {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                resource_version: version,
                // Of a Lease that is gone an update would make a new one, whatever version it names.
                uid: known.uid,
                annotations: Some(annotations),
                labels: known.labels,
                owner_references: known.owner_references,
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec {
                holder_identity: Some(record.holder.as_ref().map(ToString::to_string).unwrap_or_default()),
                lease_duration_seconds: i32::try_from(record.lease.div_ceil(1000)).ok(),
                lease_transitions: i32::try_from(record.epoch).ok(),
                // For people: nobody judges by it.
                renew_time: Some(now),
                ..LeaseSpec::default()
            }),
        }
    }
}

fn noted(record: &Record<Holder>) -> BTreeMap<String, String> {
    let mut notes = BTreeMap::from([
        (format!("{ANNOTATION}lease-ms"), record.lease.to_string()),
        (format!("{ANNOTATION}renewal"), record.renewal.to_string()),
        (format!("{ANNOTATION}settled"), record.settled.to_string()),
    ]);
    if let Some(heir) = &record.heir {
        notes.insert(format!("{ANNOTATION}heir"), heir.to_string());
    }
    notes
}

/// What a Lease says; one made by hand says little, and is taken at its most cautious.
fn record(lease: &Lease) -> Record<Holder> {
    let spec = lease.spec.clone().unwrap_or_default();
    let note = |key: &str| lease.metadata.annotations.as_ref()?.get(&format!("{ANNOTATION}{key}"));
    let number = |key: &str| note(key).and_then(|n| n.parse::<u64>().ok());
    let name = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap_or_else(|e| match e {}));
    let seconds = spec.lease_duration_seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(15);
    Record {
        holder: spec.holder_identity.as_deref().and_then(name),
        epoch: spec
            .lease_transitions
            .and_then(|e| u64::try_from(e).ok())
            .filter(|e| can_hold(*e))
            .unwrap_or(0),
        lease: number("lease-ms").unwrap_or(seconds * 1000),
        renewal: number("renewal").unwrap_or(0),
        heir: note("heir").and_then(|heir| name(heir)),
        settled: note("settled").is_some_and(|s| s == "true"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_that_was_written_by_hand_and_has_no_next_one_is_none() {
        let epoch = |transitions: i32| {
            let spec = LeaseSpec { lease_transitions: Some(transitions), ..LeaseSpec::default() };
            record(&Lease { spec: Some(spec), ..Lease::default() }).epoch
        };
        assert_eq!(epoch(i32::MAX - 1), u64::from((i32::MAX - 1).unsigned_abs()));
        assert_eq!([epoch(i32::MAX), epoch(-1)], [0, 0]);
    }
}
