//! The other pods: which there are, and what they answer.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use serde::{Deserialize, Serialize};

use super::Holder;
use super::seal::{self, Key, Question};
use crate::election::protocol::can_hold;
use crate::election::survey::{Peer, Standing, Survey};
use crate::serve::http_call::{self, Reply};

/// The answer to `POST /fence`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Said {
    /// Who answers.
    pub holder: String,
    /// What.
    pub pledge: Pledge,
}

/// Whether the asker is followed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pledge {
    /// Follows the asker, and nobody else; has so much data.
    Pledged(Standing),
    /// Has seen a newer epoch.
    Newest(u64),
}

/// A pod that exists.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub pod: String,
    /// Its UID.
    pub uid: String,
    /// Its address, once it has one.
    pub address: Option<String>,
    /// Whether its container runs, as far as its node has told.
    pub running: bool,
    /// Whether it is ready.
    pub ready: bool,
    /// When it was made, in seconds.
    pub made: i64,
    /// Of which pod template.
    pub template: Option<String>,
    /// How much it is wanted to stay, by its annotation `controller.kubernetes.io/pod-deletion-cost`.
    pub cost: i32,
}

/// To whom a holder that ends leaves its lease: a pod that is ready, and so has caught up, and that will stay.
///
/// In a rolling update that is the newest of another template. Where fewer pods are wanted, those of the lowest
/// deletion cost go first, of them the youngest: the oldest stays. The master then changes just once.
pub fn heir(pods: &[Known], template: Option<&str>) -> Option<Holder> {
    let ready = || pods.iter().filter(|pod| pod.ready);
    let updated = ready().filter(|pod| pod.template.as_deref() != template);
    let heir = updated.max_by_key(|pod| (pod.cost, pod.made));
    heir.or_else(|| ready().max_by_key(|pod| (pod.cost, Reverse(pod.made)))).map(holder)
}

/// The pods of an election.
#[derive(Clone)]
pub struct Peers {
    api: Api<Pod>,
    selector: String,
    me: Holder,
    port: u16,
    key: Option<Key>,
    answers: Arc<Mutex<Answers>>,
}

/// The epoch that was asked for, and each pod's answer by its UID.
type Answers = (u64, HashMap<String, (Holder, Peer)>);

impl Peers {
    /// The pods that a selector names; each serves the others' questions on that port.
    pub fn new(
        client: Client,
        namespace: &str,
        selector: &str,
        me: Holder,
        port: u16,
        key: Option<Key>,
    ) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            selector: selector.to_owned(),
            me,
            port,
            key,
            answers: Arc::default(),
        }
    }

    /// All pods but this one that have not ended.
    pub async fn list(&self) -> Result<Vec<Known>> {
        Ok(self.all().await?.0)
    }

    /// To whom this one leaves its lease.
    pub async fn heir(&self) -> Result<Option<Holder>> {
        let (others, me) = self.all().await?;
        Ok(heir(&others, me.as_ref().and_then(|me| me.template.as_deref())))
    }

    /// All pods that have not ended: the others, and this one.
    async fn all(&self) -> Result<(Vec<Known>, Option<Known>)> {
        let pods = self.api.list(&ListParams::default().labels(&self.selector)).await?;
        let (mut me, others): (Vec<_>, Vec<_>) =
            pods.items.iter().filter_map(known).partition(|pod| pod.uid == self.me.uid);
        Ok((others, me.pop()))
    }

    /// Asks every pod that has not pledged itself yet; tells the sum after each answer.
    pub async fn ask(&self, epoch: u64, limit: Duration, mut tell: impl FnMut(Survey<Holder>)) {
        let Ok(Ok(pods)) = tokio::time::timeout(limit.max(Duration::from_millis(500)), self.list()).await
        else {
            // Without the list nobody knows how many are silent.
            return;
        };
        {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            if answers.0 != epoch {
                *answers = (epoch, HashMap::new());
            }
            // A pod that is gone has no say.
            answers.1.retain(|uid, _| pods.iter().any(|pod| pod.uid == *uid));
            for pod in &pods {
                let peer = if pod.running { Peer::Silent } else { Peer::Unborn };
                let entry = answers.1.entry(pod.uid.clone()).or_insert_with(|| (holder(pod), peer));
                if !matches!(entry.1, Peer::Pledged(_)) {
                    entry.1 = Peer::Silent;
                }
            }
        }
        let pending = |peer: Peer| !matches!(peer, Peer::Pledged(_));
        let mut asked: FuturesUnordered<_> = pods
            .iter()
            .filter(|pod| self.answer(&pod.uid).is_none_or(pending))
            .map(|pod| async move { (pod, self.one(pod, epoch, limit).await) })
            .collect();
        tell(self.sum(epoch));
        while let Some((pod, (name, peer))) = asked.next().await {
            let peer = match peer {
                // Nothing runs there, as far as its node has told, and nothing answers.
                Peer::Silent if !pod.running => Peer::Unborn,
                peer => peer,
            };
            {
                let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
                if answers.0 != epoch {
                    return;
                }
                answers.1.insert(pod.uid.clone(), (name, peer));
            }
            tell(self.sum(epoch));
        }
    }

    fn answer(&self, uid: &str) -> Option<Peer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).1.get(uid).map(|(_, peer)| *peer)
    }

    fn sum(&self, epoch: u64) -> Survey<Holder> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Survey::of(epoch, answers.1.values().map(|(holder, peer)| (holder, *peer)))
    }

    async fn one(&self, pod: &Known, epoch: u64, limit: Duration) -> (Holder, Peer) {
        let silent = (holder(pod), Peer::Silent);
        let Some(address) = &pod.address else { return silent };
        match self.post(address, "fence", epoch, &pod.uid, limit).await {
            Ok(reply) if reply.status == 200 => match serde_json::from_str::<Said>(&reply.body) {
                Ok(said) => {
                    let peer = match said.pledge {
                        Pledge::Pledged(standing) => Peer::Pledged(standing),
                        Pledge::Newest(newest) if can_hold(newest) => Peer::Refused { newest },
                        // What cannot be, nobody has seen.
                        Pledge::Newest(_) => Peer::Silent,
                    };
                    (said.holder.parse().unwrap_or_else(|e| match e {}), peer)
                }
                Err(_) => silent,
            },
            _ => silent,
        }
    }

    /// Tells every pod that we lead now, so that nobody has to wait for its next try.
    pub async fn tell_leading(&self, epoch: u64) {
        let others: Vec<Holder> = {
            let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.1.values().map(|(holder, _)| holder.clone()).filter(|h| !h.address.is_empty()).collect()
        };
        let limit = Duration::from_millis(300);
        let calls = others.iter().map(|other| self.post(&other.address, "led", epoch, &other.uid, limit));
        futures::future::join_all(calls).await;
    }

    /// Asks a pod something as this one, sealed.
    async fn post(&self, address: &str, what: &str, epoch: u64, to: &str, limit: Duration) -> Result<Reply> {
        let holder = self.me.to_string();
        let path = format!("/{what}?epoch={epoch}&holder={holder}");
        let question = Question { what, epoch, holder: &holder, to };
        let seal = self.key.as_ref().map(|key| key.seal(&question)).transpose()?;
        let headers: Vec<_> = seal.iter().map(|seal| (seal::HEADER, seal.as_str())).collect();
        http_call::request("POST", &authority(address, self.port), &path, &headers, "", limit).await
    }
}

/// `address:port`, with the brackets that IPv6 needs.
pub fn authority(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn holder(pod: &Known) -> Holder {
    let address = pod.address.clone().unwrap_or_default();
    Holder { pod: pod.pod.clone(), address, uid: pod.uid.clone(), life: 0, init: false }
}

fn known(pod: &Pod) -> Option<Known> {
    let status = pod.status.as_ref();
    let phase = status.and_then(|s| s.phase.as_deref());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return None;
    }
    let containers = status.and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    let note = |key: &str| pod.metadata.annotations.as_ref()?.get(key)?.parse().ok();
    let running = containers.iter().any(|c| c.state.as_ref().is_some_and(|state| state.running.is_some()));
    let conditions = status.and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    Some(Known {
        pod: pod.metadata.name.clone()?,
        uid: pod.metadata.uid.clone()?,
        address: status.and_then(|s| s.pod_ip.clone()).filter(|ip| !ip.is_empty()),
        running,
        made: pod.metadata.creation_timestamp.as_ref().map_or(0, |at| at.0.as_second()),
        template: pod.metadata.labels.as_ref().and_then(|l| l.get("pod-template-hash")).cloned(),
        cost: note("controller.kubernetes.io/pod-deletion-cost").unwrap_or(0),
        ready: pod.metadata.deletion_timestamp.is_none()
            && conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, made: i64, ready: bool, template: &str) -> Known {
        let (name, template) = (name.to_owned(), Some(template.to_owned()));
        Known { pod: name.clone(), uid: name, address: None, running: true, ready, made, template, cost: 0 }
    }

    fn inherits(pods: &[Known]) -> Option<String> {
        heir(pods, Some("one")).map(|h| h.pod)
    }

    #[test]
    fn in_an_update_the_newest_pod_of_the_new_template_inherits_and_only_one_that_is_ready() {
        let pods = [
            pod("old", 1, true, "one"),
            pod("new", 3, true, "two"),
            pod("newest", 4, false, "two"),
            pod("middle", 2, true, "two"),
        ];
        assert_eq!(inherits(&pods).as_deref(), Some("new"));
        assert_eq!(inherits(&pods[2..3]), None);
    }

    #[test]
    fn where_all_are_alike_the_oldest_inherits_as_the_youngest_go_first() {
        let pods = [pod("young", 9, true, "one"), pod("older", 2, false, "one"), pod("old", 3, true, "one")];
        assert_eq!(inherits(&pods).as_deref(), Some("old"));
    }

    #[test]
    fn a_pod_whose_deletion_costs_more_inherits_before_others() {
        let dear = Known { cost: 1000, ..pod("dear", 5, true, "one") };
        assert_eq!(inherits(&[pod("old", 3, true, "one"), dear]).as_deref(), Some("dear"));
    }
}
