//! The pods of the election, as the API tells of them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::ListParams;
use kube::{Api, Client};

use crate::context::{Context, node_address};
use crate::error::{opsctl, problem};
use crate::k8s::{diagnose::is_ready, has_ended, unrecorded};
use crate::node;
use crate::stack::election::{SERVICES, Sample, status};

/// Where the election lives.
pub const NAMESPACE: &str = "election";
/// Its Deployment and its Lease.
pub const NAME: &str = "redis";
const SELECTOR: &str = "app.kubernetes.io/name=redis";

/// What the drill must know of how the election was set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many pods there should be.
    pub pods: usize,
    /// Replicas that confirm a write.
    pub confirmations: usize,
    /// Host and port of the master's service.
    pub master: (String, u16),
    /// Host and port of the replicas' service.
    pub replicas: (String, u16),
    /// The machine of the control plane.
    pub primary: String,
    /// The other machines.
    pub workers: Vec<String>,
}

/// A pod that is not on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its UID.
    pub uid: String,
    /// Its address, once it has one.
    pub ip: String,
    /// Its node, which is also its machine.
    pub node: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether its container has been restarted.
    pub restarted: bool,
}

/// The pods, asked anew each time.
#[derive(Clone)]
pub struct World {
    /// A client for the cluster.
    pub client: Client,
    /// The settings.
    pub settings: Settings,
}

impl World {
    /// Looks at what is deployed.
    pub async fn new(cx: &Context) -> Result<Self> {
        let client = cx.client().await?;
        let profile = cx.profile()?;
        let stands = status::standing(&client).await?.filter(|wish| wish.sample == Sample::Redis);
        let wish = stands.ok_or_else(|| {
            problem!(NotUp, "no election is running: there is no deployment election/redis")
                .next(opsctl("election up"))
        })?;
        let address = node_address(&profile)?.to_owned();
        let at = |service: &str| (address.clone(), cx.ports.get(service));
        let mut machines = node::machines(&profile);
        if machines.is_empty() {
            return Err(problem!(Profile, "the profile has no nodes").next(opsctl("minikube status")).into());
        }
        let primary = machines.remove(0);
        let settings = Settings {
            pods: usize::from(wish.replicas),
            confirmations: usize::from(wish.confirmations),
            master: at(SERVICES[0]),
            replicas: at(SERVICES[1]),
            primary,
            workers: machines,
        };
        Ok(Self { client, settings })
    }

    /// The API of the pods.
    pub fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// Which pods there are, and how many are on their way out.
    pub async fn members(&self) -> Result<(Vec<Member>, usize)> {
        let all = self.pods().list(&ListParams::default().labels(SELECTOR)).await?;
        let (ending, there): (Vec<&Pod>, Vec<&Pod>) =
            all.items.iter().partition(|pod| pod.metadata.deletion_timestamp.is_some());
        Ok((there.into_iter().filter_map(member).collect(), ending.len()))
    }

    /// The node whose kubelet was last heard of before the others', and how long ago. A kubelet that failed
    /// to renew its Lease tries again later each time, and one not heard of for long loses its node's pods.
    pub async fn least_heard_of(&self) -> Result<Option<(String, Duration)>> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), "kube-node-lease");
        let now = jiff::Timestamp::now();
        let ages = leases.list(&ListParams::default()).await?.items.into_iter().filter_map(|lease| {
            let renewed = lease.spec?.renew_time?.0;
            Some((lease.metadata.name?, Duration::try_from(now.duration_since(renewed)).unwrap_or_default()))
        });
        Ok(ages.max_by_key(|(_, age)| *age))
    }

    /// Where the master's service leads, for people.
    pub async fn leads_to(&self) -> String {
        let slices: Api<EndpointSlice> = Api::namespaced(self.client.clone(), NAMESPACE);
        match slices.get("redis-master").await {
            Ok(slice) => {
                let addresses: Vec<_> = slice.endpoints.iter().flat_map(|e| e.addresses.clone()).collect();
                let notes = slice.metadata.annotations.unwrap_or_default();
                let notes: Vec<_> = notes.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("service redis-master points to {addresses:?}, {}", notes.join(", "))
            }
            Err(error) => format!("could not find out where service redis-master points: {error}"),
        }
    }

    /// Deletes a pod as a person would.
    pub async fn delete(&self, pod: &str) -> Result<()> {
        let deleted = unrecorded::delete_pod(&self.client, NAMESPACE, pod).await;
        deleted.map(drop).with_context(|| format!("could not delete pod {pod}"))
    }
}

fn member(pod: &Pod) -> Option<Member> {
    if has_ended(pod) {
        return None;
    }
    let status = pod.status.as_ref();
    let containers = status.and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    Some(Member {
        name: pod.metadata.name.clone()?,
        uid: pod.metadata.uid.clone()?,
        ip: status.and_then(|s| s.pod_ip.clone()).unwrap_or_default(),
        node: pod.spec.as_ref().and_then(|s| s.node_name.clone()).unwrap_or_default(),
        ready: is_ready(pod),
        restarted: containers.iter().any(|c| c.restart_count > 0),
    })
}
