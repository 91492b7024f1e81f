//! The `EndpointSlice`s that the leader keeps, each change against the version it read.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use kube::api::PostParams;
use kube::{Api, Client};

use super::Holder;
use super::peers::Known;
use crate::election::ANNOTATION;
use crate::election::protocol::can_hold;
use crate::serve::log;

/// Whose addresses a slice holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The leader.
    Leader,
    /// Everybody else who is ready.
    Followers,
    /// All.
    All,
}

/// A slice to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The slice's name.
    pub slice: String,
    /// Whose addresses.
    pub who: Who,
    /// The port they serve on.
    pub port: u16,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "use SLICE=leader:PORT, SLICE=followers:PORT or SLICE=all:PORT".to_owned();
        let (slice, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (who, port) = rest.split_once(':').ok_or_else(wrong)?;
        let who = match who {
            "leader" => Who::Leader,
            "followers" => Who::Followers,
            "all" => Who::All,
            _ => return Err(wrong()),
        };
        let port = port.parse().ok().filter(|p| *p > 0).ok_or_else(wrong)?;
        if slice.is_empty() {
            return Err(wrong());
        }
        Ok(Self { slice: slice.to_owned(), who, port })
    }
}

/// The slices of an election.
#[derive(Clone)]
pub struct Slices {
    api: Api<EndpointSlice>,
    targets: Vec<Target>,
    limit: Duration,
}

impl Slices {
    /// Those slices; each call has that limit.
    pub fn new(client: Client, namespace: &str, targets: Vec<Target>, limit: Duration) -> Self {
        Self { api: Api::namespaced(client, namespace), targets, limit }
    }

    /// What a call answers in time. What failed is told.
    async fn bounded<T>(&self, slice: &str, call: impl Future<Output = kube::Result<T>>) -> Option<T> {
        let why = match tokio::time::timeout(self.limit, call).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.limit.as_millis()),
        };
        log(&format!("endpoints: {slice}: {why}"));
        None
    }

    /// The newest epoch noted in any of them; none when they could not be read.
    pub async fn newest(&self) -> Option<u64> {
        let mut newest = 0;
        for target in &self.targets {
            let slice = self.bounded(&target.slice, self.api.get_opt(&target.slice)).await?;
            newest = newest.max(slice.as_ref().map_or(0, epoch));
        }
        Some(newest)
    }

    /// Writes the leader alone, at once: who follows is not known yet.
    pub async fn lead(&self, own_epoch: u64, me: &Holder) -> bool {
        let mut all = true;
        for target in self.targets.iter().filter(|target| target.who == Who::Leader) {
            all &= self.write_one(target, own_epoch, me, &[]).await;
        }
        all
    }

    /// Writes what differs. False when a newer epoch was found, or something could not be written.
    pub async fn write(&self, own_epoch: u64, me: &Holder, others: &[Known]) -> bool {
        let mut all = true;
        for target in &self.targets {
            all &= self.write_one(target, own_epoch, me, others).await;
        }
        all
    }

    async fn write_one(&self, target: &Target, own_epoch: u64, me: &Holder, others: &[Known]) -> bool {
        let Some(mut slice) = self.bounded(&target.slice, self.api.get(&target.slice)).await else {
            return false;
        };
        if epoch(&slice) > own_epoch {
            return false;
        }
        let wanted = wanted(target, me, others);
        let ports = vec![EndpointPort {
            port: Some(i32::from(target.port)),
            protocol: Some("TCP".into()),
            name: slice.ports.as_ref().and_then(|p| p.first()).and_then(|p| p.name.clone()),
            ..EndpointPort::default()
        }];
        if epoch(&slice) == own_epoch && slice.endpoints == wanted {
            return true;
        }
        slice.endpoints = wanted;
        slice.ports = Some(ports);
        slice.metadata.managed_fields = None;
        let annotations = slice.metadata.annotations.get_or_insert_with(BTreeMap::new);
        annotations.insert(format!("{ANNOTATION}epoch"), own_epoch.to_string());
        let params = PostParams::default();
        self.bounded(&target.slice, self.api.replace(&target.slice, &params, &slice)).await.is_some()
    }
}

fn epoch(slice: &EndpointSlice) -> u64 {
    let note = slice.metadata.annotations.as_ref().and_then(|a| a.get(&format!("{ANNOTATION}epoch")));
    note.and_then(|e| e.parse().ok()).filter(|e| can_hold(*e)).unwrap_or(0)
}

fn wanted(target: &Target, me: &Holder, others: &[Known]) -> Vec<Endpoint> {
    let leader =
        std::iter::once((me.address.as_str(), me.pod.as_str())).filter(|_| target.who != Who::Followers);
    let followers = others
        .iter()
        .filter(|pod| pod.ready && target.who != Who::Leader)
        .filter_map(|pod| Some((pod.address.as_deref()?, pod.pod.as_str())));
    let mut both: Vec<_> = leader.chain(followers).collect();
    both.sort_unstable();
    both.into_iter()
        .map(|(address, pod)| Endpoint {
            addresses: vec![address.to_owned()],
            conditions: Some(EndpointConditions { ready: Some(true), ..EndpointConditions::default() }),
            target_ref: Some(ObjectReference {
                kind: Some("Pod".into()),
                name: Some(pod.to_owned()),
                ..ObjectReference::default()
            }),
            ..Endpoint::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_holds_those_it_is_for_and_no_pod_that_is_not_ready() {
        let me: Holder = "a/10.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let pod = |name: &str, address: &str, ready| Known {
            pod: name.into(),
            uid: name.into(),
            address: Some(address.into()),
            running: true,
            ready,
            made: 0,
            template: None,
            cost: 0,
        };
        let others = [pod("b", "10.0.0.2", true), pod("c", "10.0.0.3", false)];
        let addresses = |text: &str| {
            let target: Target = text.parse().expect("a target");
            wanted(&target, &me, &others).into_iter().flat_map(|e| e.addresses).collect::<Vec<_>>()
        };
        assert_eq!(addresses("m=leader:6379"), ["10.0.0.1"]);
        assert_eq!(addresses("r=followers:6379"), ["10.0.0.2"]);
        assert_eq!(addresses("p=all:80"), ["10.0.0.1", "10.0.0.2"]);
        for bad in ["", "x", "x=leader", "x=who:1", "=leader:1", "x=leader:0"] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_api_server_that_never_answers_does_not_hold_the_leader_up() {
        // It takes connections, and that is all.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
        let client = Client::try_from(kube::Config::new(url)).unwrap();
        let me: Holder = "a/10.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let targets = vec!["m=leader:6379".parse().unwrap()];
        let slices = Slices::new(client, "default", targets, Duration::from_millis(50));
        let asked = async {
            assert!(!slices.write(1, &me, &[]).await);
            assert_eq!(slices.newest().await, None);
        };
        tokio::time::timeout(Duration::from_secs(20), asked).await.expect("a limit");
    }
}
