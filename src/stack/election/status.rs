//! The election, asked: what every pod that exists says, and what follows from all of it.
//!
//! Through the API server's proxy to the pods: their addresses lead nowhere from this host.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use serde::Serialize;

use super::{ASK_PORT, PART, PART_OF, SERVICES, Sample, Wish};
use crate::context::{Context, node_address};
use crate::election::status::{Asked, Master, Verdict, judge};
use crate::error::{Code, Problem, kubectl, opsctl, problem};
use crate::k8s::manifest;
use crate::stack::page;
use crate::stack::pods::{self, Place};
use crate::stack::report::Fault;
use crate::stack::status::{Row, Status};

/// What a pod says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The pod.
    #[serde(flatten)]
    pub elector: Place,
    /// Its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Master>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Where the host reaches an election.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// The master; only with redis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master: Option<String>,
    /// Its replicas; only with redis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<String>,
    /// The page.
    pub page: String,
}

/// The one whom all pods name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// Its pod.
    pub pod: String,
    /// Its address.
    pub ip: String,
    /// Its epoch.
    pub epoch: u64,
}

/// The election as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What the pods run.
    pub sample: &'static str,
    /// How many there should be.
    pub replicas: u16,
    /// How many replicas have a write before it counts.
    pub confirmations: u16,
    /// What each says.
    pub pods: Vec<Said>,
    /// The master, where all agree.
    pub master: Option<Agreed>,
    /// Why they do not agree.
    pub reasons: Vec<String>,
    /// What would keep a master from being replaced.
    pub risks: Vec<String>,
    /// Where the host reaches it.
    pub endpoints: Endpoints,
}

/// What stands of an election, as its Deployment says; none where there is none of ours.
pub async fn standing(client: &Client) -> Result<Option<Wish>> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), PART);
    let list = api.list(&ListParams::default()).await?;
    for deployment in list {
        let deployment = serde_json::to_value(deployment)?;
        if manifest::made_by(&deployment).is_some()
            && let Some(wish) = Wish::read(&deployment)
        {
            return Ok(Some(wish));
        }
    }
    Ok(None)
}

/// The pods that exist, by name.
pub async fn electors(client: &Client) -> Result<Vec<Place>> {
    pods::places(client, PART, &selector()).await
}

/// The API of the election's pods.
pub fn pods(client: &Client) -> Api<Pod> {
    Api::namespaced(client.clone(), PART)
}

/// The label selector of the election's pods.
pub fn selector() -> String {
    format!("app.kubernetes.io/part-of={PART_OF}")
}

/// The request for a path of a pod's elector.
pub fn request(pod: &str, path: &str) -> Result<axum::http::Request<Vec<u8>>, String> {
    pods::request(PART, pod, ASK_PORT, path)
}

/// Asks one pod whom it takes for the master.
pub async fn ask(client: &Client, elector: &Place) -> Result<Master, String> {
    pods::ask(client, PART, elector, ASK_PORT, "master").await
}

/// What follows from all answers. A pod that was told to end has no say, unless it says that it leads.
pub fn verdict(said: &[Said]) -> Verdict {
    let counts = |s: &&Said| !s.elector.ending || s.answer.as_ref().is_some_and(|a| a.leading);
    let asked: Vec<_> = said
        .iter()
        .filter(counts)
        .map(|s| Asked {
            pod: s.elector.pod.clone(),
            answer: s.answer.clone().ok_or_else(|| s.error.clone().unwrap_or_default()),
        })
        .collect();
    judge(&asked)
}

/// Asks every pod that exists, all at once.
pub async fn report(cx: &Context) -> Result<Report> {
    let client = cx.client().await?;
    let Some(wish) = standing(&client).await? else {
        return Err(problem!(NotUp, "no election is up").next(opsctl("election up")).into());
    };
    let electors = electors(&client).await?;
    let answers = futures::future::join_all(electors.iter().map(|e| ask(&client, e))).await;
    let pods: Vec<_> = electors
        .into_iter()
        .zip(answers)
        .map(|(elector, answer)| match answer {
            Ok(answer) => Said { elector, answer: Some(answer), error: None },
            Err(why) => Said { elector, answer: None, error: Some(why) },
        })
        .collect();
    let (master, mut reasons) = match verdict(&pods) {
        Verdict::Agreed { pod, ip, epoch } => (Some(Agreed { pod, ip, epoch }), Vec::new()),
        Verdict::Divided(reasons) => (None, reasons),
    };
    let there = pods.iter().filter(|p| !p.elector.ending).count();
    if there < usize::from(wish.replicas) {
        reasons.push(format!("{there} of {} pods exist", wish.replicas));
    }
    let primary = cx.profile().ok().and_then(|p| p.primary().map(|n| p.machine(n)));
    let risks = if wish.sample == Sample::Redis {
        crowded(&pods, wish.confirmations, primary.as_deref())
    } else {
        Vec::new()
    };
    Ok(Report {
        sample: wish.sample.name(),
        replicas: wish.replicas,
        confirmations: wish.confirmations,
        pods,
        master: if reasons.is_empty() { master } else { None },
        reasons,
        risks,
        endpoints: endpoints(cx, &wish)?,
    })
}

/// Nodes that may not go: more pods are on them than may be silent. The control plane's is no matter, since
/// without it nobody is elected at all.
fn crowded(pods: &[Said], confirmations: u16, primary: Option<&str>) -> Vec<String> {
    let mut on: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for said in pods.iter().filter(|p| !p.elector.ending) {
        if let Some(node) = said.elector.node.as_deref().filter(|node| Some(*node) != primary) {
            on.entry(node).or_default().push(&said.elector.pod);
        }
    }
    let many = on.into_iter().filter(|(_, pods)| pods.len() > usize::from(confirmations));
    many.map(|(node, pods)| {
        format!(
            "{} pods run on {node}, but only {confirmations} may be unreachable: if {node} fails, \
             no master can be elected\n  \
             kubectl -n {PART} delete pod {}, to move one to another node",
            pods.len(),
            pods.first().unwrap_or(&"")
        )
    })
    .collect()
}

/// Where the host reaches an election.
pub fn endpoints(cx: &Context, wish: &Wish) -> Result<Endpoints> {
    let profile = cx.profile()?;
    let ip = node_address(&profile)?;
    let redis = wish.sample == Sample::Redis;
    Ok(Endpoints {
        master: redis.then(|| format!("{ip}:{}", cx.ports.get(SERVICES[0]))),
        replicas: redis.then(|| format!("{ip}:{}", cx.ports.get(SERVICES[1]))),
        page: format!("http://{ip}:{}/", cx.ports.get(SERVICES[2])),
    })
}

/// How the election is, for `opsctl status`.
pub async fn status(cx: &Context) -> Result<Option<Status>> {
    if standing(&cx.client().await?).await?.is_none() {
        return Ok(None);
    }
    let report = report(cx).await?;
    let (state, fault) = match (&report.master, report.reasons.first()) {
        (Some(m), _) => (format!("{} pods agree on {}, epoch {}", report.replicas, m.ip, m.epoch), None),
        (None, why) => {
            let words = format!("NOT AGREED: {}", why.cloned().unwrap_or_default());
            (words.clone(), Some(Fault { what: words, next: opsctl("election status") }))
        }
    };
    let master = report.endpoints.master.clone().unwrap_or_default();
    let page = Row::new("page that names the master", report.endpoints.page.clone());
    let rows = vec![Row::new(state, master), page];
    Ok(Some(Status { rows, faults: fault.into_iter().collect(), report: serde_json::to_value(report)? }))
}

/// Proves what `election up` promises, and says it as one fact.
pub async fn prove(cx: &Context) -> Result<String> {
    let began = Instant::now();
    loop {
        let report = report(cx).await?;
        if let Some(Agreed { pod, ip, epoch }) = report.master {
            page_answers(cx).await;
            return Ok(format!("all {} agree: {pod} {ip} epoch {epoch}", report.replicas));
        }
        if began.elapsed() >= cx.timeout {
            let words = format!("the pods do not agree after {} s", cx.timeout.as_secs());
            return Err(Problem::new(Code::NotReady, words)
                .found(report.reasons.join("\n"))
                .next(opsctl("election status --watch"))
                .next(kubectl("-n election get pods -o wide"))
                .into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the page answers this host: the leader writes its endpoints last.
async fn page_answers(cx: &Context) {
    let Ok(profile) = cx.profile() else { return };
    let Ok(host) = node_address(&profile) else { return };
    page::answers(cx, &format!("http://{host}:{}/", cx.ports.get(SERVICES[2]))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pod: &str, master: &str, ending: bool) -> Said {
        let answer = Master {
            pod: master.into(),
            ip: "10.0.0.1".into(),
            epoch: 2,
            leading: pod == master,
            agreed: true,
            me: pod.into(),
            ..Master::default()
        };
        let elector = Place { pod: pod.into(), node: None, ip: None, ending };
        Said { elector, answer: Some(answer), error: None }
    }

    #[test]
    fn a_pod_that_ends_has_no_say_unless_it_says_that_it_leads() {
        let mut gone = said("c", "b", true);
        gone.answer = None;
        let all = [said("a", "b", false), said("b", "b", false), gone];
        assert!(matches!(verdict(&all), Verdict::Agreed { .. }));
        let two = [said("a", "b", false), said("b", "b", false), said("c", "c", true)];
        assert!(matches!(verdict(&two), Verdict::Divided(_)));
        let mut silent = said("c", "b", false);
        silent.answer = None;
        assert!(matches!(
            verdict(&[said("a", "b", false), said("b", "b", false), silent]),
            Verdict::Divided(_)
        ));
    }

    #[test]
    fn a_worker_with_more_pods_than_may_be_silent_is_named() {
        let on = |pod: &str, node: &str| {
            let mut said = said(pod, "a", false);
            said.elector.node = Some(node.into());
            said
        };
        let pods = [on("a", "m"), on("b", "m"), on("c", "m02"), on("d", "m02"), on("e", "m02")];
        assert!(
            crowded(&pods, 2, Some("m"))[0].starts_with("3 pods run on m02, but only 2 may be unreachable")
        );
        assert!(crowded(&pods, 3, Some("m")).is_empty());
        assert!(crowded(&pods, 2, Some("m02")).is_empty(), "without it nobody is elected at all");
    }
}
