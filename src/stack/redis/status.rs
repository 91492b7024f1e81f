//! How redis is: what `redis status` shows and what an `up` proves, asked of the cluster and of the servers.

use anyhow::Result;
use k8s_openapi::api::core::v1::{Namespace, Node};
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use super::{MASTER, MASTER_SERVICE, PART, REPLICA, REPLICA_SERVICE};
use crate::context::{Context, node_address};
use crate::error::{Next, again, kubectl, opsctl, problem};
use crate::redis;
use crate::stack::report::{Fault, PodLine, pods};
use crate::stack::status::{Row, Status};
use crate::step::dataset::address;

/// The redis stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where the master is reached from the host.
    pub master_endpoint: String,
    /// Where the replica is reached from the host.
    pub replica_endpoint: String,
    /// Pods of the master's Deployment.
    pub master_pods: Vec<PodLine>,
    /// Pods of the replica's Deployment.
    pub replica_pods: Vec<PodLine>,
    /// What the servers say of themselves.
    pub servers: redis::status::Status,
    /// What is not as it should be, each with what to type.
    pub faults: Vec<Fault>,
    /// What was not as it should be, and may come again.
    pub notes: Vec<Fault>,
}

/// The addresses of master and replica from the host.
pub fn endpoints(cx: &Context) -> Result<(String, String)> {
    let profile = cx.profile()?;
    let ip = node_address(&profile)?;
    Ok((format!("{ip}:{}", cx.ports.get(MASTER_SERVICE)), format!("{ip}:{}", cx.ports.get(REPLICA_SERVICE))))
}

/// Refuses where the host would ask at another port than the Services have, which is where a change acts: question and
/// deed would be about two servers.
pub async fn one_address(cx: &Context) -> Result<()> {
    for service in [MASTER_SERVICE, REPLICA_SERVICE] {
        let (namespace, name) = service.split_once('/').unwrap_or((PART, service));
        let asked = cx.ports.get(service);
        let at = address(cx, namespace, name, asked).await?;
        agree(service, cx.ports.variable(service), asked, &at)?;
    }
    Ok(())
}

fn agree(service: &str, variable: &str, asked: u16, at: &str) -> Result<()> {
    let has = at.rsplit_once(':').map_or("", |(_, port)| port);
    if has == asked.to_string() {
        return Ok(());
    }
    Err(problem!(Conflict, "the Service {service} has the port {has}, but opsctl was told {asked}")
        .found(format!("Nothing was touched. {variable} says which port opsctl asks; `opsctl redis up` gives the Service that port."))
        .next(again().where_set(format!("{variable}={has}")))
        .next(opsctl("redis up").to(format!("move it to {asked}")))
        .into())
}

/// The redis stack, looked at from the cluster and from the host at once.
pub async fn report(cx: &Context) -> Result<Report> {
    let (master, replica) = endpoints(cx)?;
    let (servers, masters, replicas) = tokio::join!(
        redis::status::status(&master, &replica),
        pods(cx, PART, MASTER),
        pods(cx, PART, REPLICA),
    );
    let (master_pods, replica_pods) = (masters?, replicas?);
    if master_pods.is_empty() && replica_pods.is_empty() {
        return Err(problem!(NotUp, "redis is not up").next(opsctl("redis up")).into());
    }
    let waits = |p: &PodLine| p.why.iter().any(|why| why.contains(UNSCHEDULABLE));
    let cordoned =
        if master_pods.iter().chain(&replica_pods).any(waits) { cordoned(cx).await? } else { Vec::new() };
    let mut faults = pod_faults(&master_pods, MASTER, &cordoned);
    faults.extend(pod_faults(&replica_pods, REPLICA, &cordoned));
    if let Some(node) = shared_node(&master_pods, &replica_pods) {
        faults.push(Fault {
            what: format!("master and replica share the node {node}"),
            next: opsctl("redis up"),
        });
    }
    for what in servers.faults() {
        faults.push(Fault { what, next: kubectl("-n redis get pods -o wide") });
    }
    let notes =
        master_pods.iter().chain(&replica_pods).filter(|pod| pod.out_of_memory()).map(killed).collect();
    Ok(Report {
        notes,
        master_endpoint: master,
        replica_endpoint: replica,
        master_pods,
        replica_pods,
        servers,
        faults,
    })
}

/// How redis is, for `opsctl status`.
pub async fn status(cx: &Context) -> Result<Option<Status>> {
    let client = cx.client().await?;
    let spaces: Api<Namespace> = Api::all(client);
    if spaces.get_opt(PART).await?.is_none() {
        return Ok(None);
    }
    let report = report(cx).await?;
    let (master, replica) = match report.faults.first() {
        None => ("master ready".into(), format!("replica ready, lag {}", report.servers.lag.unwrap_or(0))),
        Some(fault) => (fault.what.clone(), "see opsctl redis status".into()),
    };
    let rows = vec![
        Row::new(master, report.master_endpoint.clone()),
        Row::new(replica, report.replica_endpoint.clone()),
    ];
    Ok(Some(Status { rows, faults: report.faults.clone(), report: serde_json::to_value(report)? }))
}

/// The scheduler's word for a node that takes no new pods.
const UNSCHEDULABLE: &str = "unschedulable";

/// Nodes that take no new pods.
async fn cordoned(cx: &Context) -> Result<Vec<String>> {
    let nodes: Api<Node> = Api::all(cx.client().await?);
    let cordoned = |n: &Node| n.spec.as_ref().is_some_and(|s| s.unschedulable == Some(true));
    let list = nodes.list(&ListParams::default()).await?;
    Ok(list.items.into_iter().filter(cordoned).filter_map(|n| n.metadata.name).collect())
}

/// What a pod's last end by the kernel means: what redis held was more than its memory with all that it needs beside it.
fn killed(pod: &PodLine) -> Fault {
    Fault {
        what: format!("{} was killed because it needed more memory than its limit (OOMKilled)", pod.name),
        next: opsctl("redis cli -- INFO memory"),
    }
}

fn pod_faults(pods: &[PodLine], deployment: &str, cordoned: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if pods.is_empty() {
        faults.push(Fault { what: format!("deploy/{deployment} has no pod"), next: opsctl("redis up") });
    }
    for pod in pods.iter().filter(|p| !p.ready) {
        let why = if pod.why.is_empty() { "not ready yet".to_owned() } else { pod.why.join("; ") };
        faults.push(Fault { next: mend(&why, &pod.name, cordoned), what: format!("{}: {why}", pod.name) });
    }
    faults
}

/// What to type for a reason that Kubernetes gives.
fn mend(why: &str, pod: &str, cordoned: &[String]) -> Next {
    if why.contains(UNSCHEDULABLE) && !cordoned.is_empty() {
        kubectl(format!("uncordon {}", cordoned.join(" ")))
    } else if why.contains("not scheduled") {
        kubectl(format!("-n redis describe pod/{pod}"))
    } else if why.contains("ErrImage") || why.contains("ImagePull") {
        opsctl("redis up").remark("which loads the image onto the nodes")
    } else if EMPTIED.iter().any(|said| why.contains(said)) {
        opsctl("redis up").remark("which restores the replica's copy")
    } else if why.contains("ContainerCreating") {
        kubectl(format!("-n redis describe pod/{pod}"))
    } else {
        kubectl(format!("-n redis logs {pod}"))
    }
}

/// A master's words for a volume that is not as it left it.
const EMPTIED: [&str; 2] = [" held data, but ", " is not a volume prepared for redis"];

/// The node on which a master's and a replica's pod both run; there must be none.
pub fn shared_node(masters: &[PodLine], replicas: &[PodLine]) -> Option<String> {
    let node = |pods: &[PodLine]| pods.iter().filter_map(|p| p.node.clone()).collect::<Vec<_>>();
    let masters = node(masters);
    node(replicas).into_iter().find(|n| masters.contains(n))
}

/// Proves what `redis up` promises, and says it as one fact: separate nodes, roles, link up.
pub async fn prove(cx: &Context) -> Result<String> {
    let limit = cx.timeout;
    let began = std::time::Instant::now();
    loop {
        let report = report(cx).await?;
        let node = |pods: &[PodLine]| {
            pods.iter().filter(|p| p.ready).find_map(|p| p.node.clone()).unwrap_or_default()
        };
        if report.faults.is_empty() {
            let step = match report.servers.lag.unwrap_or(0) {
                0 => "in step".to_owned(),
                lag => format!("link up, lag {lag}"),
            };
            return Ok(format!(
                "master on {}, replica on {}, {step}",
                node(&report.master_pods),
                node(&report.replica_pods)
            ));
        }
        if began.elapsed() >= limit {
            let problem = problem!(NotReady, "redis is still unhealthy after {} s", limit.as_secs());
            return Err(report.faults.into_iter().fold(problem, |p, f| p.found(f.what).next(f.next)).into());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(node: Option<&str>) -> PodLine {
        PodLine {
            name: "p".into(),
            node: node.map(Into::into),
            ready: true,
            restarts: 0,
            ended: None,
            why: Vec::new(),
        }
    }

    #[test]
    fn a_shared_node_is_found_and_unscheduled_pods_share_none() {
        assert_eq!(shared_node(&[pod(Some("a"))], &[pod(Some("b")), pod(Some("a"))]), Some("a".into()));
        assert_eq!(shared_node(&[pod(None)], &[pod(None)]), None);
    }

    #[test]
    fn a_question_at_another_port_than_the_deed_is_refused() {
        let variable = "OPSCTL_PORT_REDIS_MASTER";
        assert!(agree(MASTER_SERVICE, variable, 32400, "192.0.2.2:32400").is_ok());
        let error = agree(MASTER_SERVICE, variable, 32401, "192.0.2.2:32400").unwrap_err();
        let ways: Vec<_> = crate::error::ways_on(&error).into_iter().map(ToString::to_string).collect();
        assert!(ways[0].contains("OPSCTL_PORT_REDIS_MASTER=32400"), "{ways:?}");
        assert!(error.to_string().contains("has the port 32400, but opsctl was told 32401"), "{error}");
    }

    #[test]
    fn a_reason_is_answered_with_what_mends_it() {
        let why = "not scheduled: 0/2 nodes are available: 1 node(s) were unschedulable.";
        assert_eq!(mend(why, "redis-x", &["minikube".into()]), kubectl("uncordon minikube"));
        for said in EMPTIED {
            assert!(
                include_str!("../../../images/redis/redis-entrypoint").contains(said),
                "the image says otherwise"
            );
        }
        let emptied = "CrashLoopBackOff; redis: refused to start: /data held data, but x.manifest is gone";
        assert!(mend(emptied, "redis-x", &[]).to_string().contains("opsctl redis up"));
        // Uncordoned in between: nothing to uncordon is named.
        assert!(mend(why, "redis-x", &[]).to_string().contains("describe"));
    }
}
