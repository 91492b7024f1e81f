//! The fleet, asked: what exists, what each balancer tells, what each nginx serves, and whether all agree.
//!
//! Through the API server's proxy to the pods: their addresses lead nowhere from this host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::ListParams;
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{BALANCER, FLEET, LIST_PORT, PAGE_PORT, PART, SERVICES};
use crate::context::Context;
use crate::error::{Code, Problem, kubectl, opsctl, problem};
use crate::k8s::{diagnose, manifest};
use crate::serve::web::listing::{Listing, Page, State};
use crate::stack::page;
use crate::stack::pods::{self, Place};
use crate::stack::report::Fault;
use crate::stack::status::{Row, Status};

/// A pod, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    /// Its name.
    pub pod: String,
    /// Its node, once it has one.
    pub node: Option<String>,
    /// Its address, once it has one.
    pub ip: Option<IpAddr>,
    /// It was told to end.
    pub ending: bool,
    /// Why it is not ready; empty when it is.
    pub why: Vec<String>,
    /// Its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<T>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The fleet as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many nginx there should be.
    pub replicas: u16,
    /// The addresses of those connected, where all agree; else of those that are ready.
    pub connected: Vec<IpAddr>,
    /// Whether all agree, and nothing is missing.
    pub agreed: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// What each balancer tells.
    pub balancers: Vec<Said<Listing>>,
    /// What each nginx serves.
    pub servers: Vec<Said<Page>>,
    /// The page on every node.
    pub pages: Vec<String>,
    /// The balancers' statistics on every node.
    pub statistics: Vec<String>,
}

/// The live Deployment of the fleet; none where there is none of ours.
pub async fn fleet(client: &Client) -> Result<Option<Value>> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), PART);
    let Some(mut live) = api.get_opt(FLEET).await? else { return Ok(None) };
    live.metadata.managed_fields = None;
    let mut live = serde_json::to_value(live)?;
    // A single object is served without saying what it is.
    live["apiVersion"] = "apps/v1".into();
    live["kind"] = "Deployment".into();
    Ok(Some(live).filter(|live| manifest::made_by(live).is_some()))
}

/// How many nginx a Deployment wants.
pub fn replicas(fleet: &Value) -> u16 {
    fleet["spec"]["replicas"].as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(1)
}

/// Asks everybody, all at once.
pub async fn report(cx: &Context) -> Result<Report> {
    let client = cx.client().await?;
    let Some(fleet) = fleet(&client).await? else {
        return Err(problem!(NotUp, "web is not up").next(opsctl("web up")).into());
    };
    let (truth, balancers, servers) = tokio::try_join!(
        endpoints(&client),
        asked::<Listing>(&client, BALANCER, LIST_PORT, "list"),
        asked::<Page>(&client, FLEET, PAGE_PORT, "ips.json")
    )?;
    let replicas = replicas(&fleet);
    let reasons = differences(replicas, &truth, &balancers, &servers);
    let at = |service: &str| -> Vec<String> {
        let hosts = cx.profile().map(|p| p.nodes).unwrap_or_default();
        let port = cx.ports.get(service);
        hosts.iter().filter(|n| !n.ip.is_empty()).map(|n| format!("http://{}:{port}/", n.ip)).collect()
    };
    Ok(Report {
        replicas,
        connected: truth.into_iter().collect(),
        agreed: reasons.is_empty(),
        reasons,
        balancers,
        servers,
        pages: at(SERVICES[0]),
        statistics: at(SERVICES[1]),
    })
}

/// The addresses that Kubernetes counts as ready.
async fn endpoints(client: &Client) -> Result<BTreeSet<IpAddr>> {
    let api: Api<EndpointSlice> = Api::namespaced(client.clone(), PART);
    let slices =
        api.list(&ListParams::default().labels(&format!("kubernetes.io/service-name={FLEET}"))).await?;
    let endpoints = slices.items.into_iter().flat_map(|slice| slice.endpoints);
    let ready = endpoints.filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true));
    Ok(ready.filter_map(|e| e.addresses.first()?.parse().ok()).collect())
}

/// All pods of that name, by name, each asked for a path.
async fn asked<T: DeserializeOwned>(
    client: &Client,
    name: &str,
    port: u16,
    path: &str,
) -> Result<Vec<Said<T>>> {
    let api: Api<Pod> = Api::namespaced(client.clone(), PART);
    let list = api.list(&ListParams::default().labels(&format!("app.kubernetes.io/name={name}"))).await?;
    let said = futures::future::join_all(list.iter().map(|pod| ask(client, pod, port, path))).await;
    let mut all: Vec<_> = said.into_iter().flatten().collect();
    all.sort_by(|a: &Said<T>, b| a.pod.cmp(&b.pod));
    Ok(all)
}

async fn ask<T: DeserializeOwned>(client: &Client, pod: &Pod, port: u16, path: &str) -> Option<Said<T>> {
    let place = Place::of(pod)?;
    let why = if place.ending || diagnose::is_ready(pod) {
        Vec::new()
    } else {
        let reasons = diagnose::pod_reasons(pod);
        if reasons.is_empty() { vec!["not ready".into()] } else { reasons }
    };
    let (answer, error) = match pods::ask(client, PART, &place, port, path).await {
        Ok(answer) => (Some(answer), None),
        Err(why) => (None, Some(why)),
    };
    let ip = place.ip.as_ref().and_then(|ip| ip.parse().ok());
    Some(Said { pod: place.pod, node: place.node, ip, ending: place.ending, why, answer, error })
}

/// In which points not all are as wanted. A pod that was told to end has no say.
fn differences(
    replicas: u16,
    truth: &BTreeSet<IpAddr>,
    balancers: &[Said<Listing>],
    servers: &[Said<Page>],
) -> Vec<String> {
    let mut all = Vec::new();
    if truth.len() != usize::from(replicas) {
        all.push(format!("{} of {replicas} nginx are ready", truth.len()));
    }
    for server in servers.iter().filter(|s| !s.ending) {
        all.extend(server.why.iter().map(|why| format!("{}: {why}", server.pod)));
    }
    let balancers: Vec<_> = balancers.iter().filter(|b| !b.ending).collect();
    if balancers.is_empty() {
        all.push("no balancer runs".into());
    }
    for balancer in balancers {
        let who = format!("{} on {}", balancer.pod, balancer.node.as_deref().unwrap_or("no node"));
        let Some(listing) = &balancer.answer else {
            all.push(format!("{who} does not answer: {}", balancer.error.as_deref().unwrap_or_default()));
            continue;
        };
        if let Some(since) = listing.unheard_since {
            all.push(format!("{who} has not heard the API server since {since}: its list stays as it was"));
        }
        let failing = listing.servers.iter().filter(|s| s.state == State::Failing);
        all.extend(failing.map(|s| format!("{} ({}) fails the check of {who}", s.ip, s.name)));
        let listed = listing.connected().into_iter().collect();
        all.extend(
            differences_of(&listed, truth).into_iter().map(|difference| format!("{who}: {difference}")),
        );
    }
    let mut by_difference: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for server in servers.iter().filter(|s| !s.ending && s.ip.is_some_and(|ip| truth.contains(&ip))) {
        let Some(page) = &server.answer else {
            all.push(format!(
                "{} does not answer: {}",
                server.pod,
                server.error.as_deref().unwrap_or_default()
            ));
            continue;
        };
        if let Some(since) = page.stale_since {
            all.push(format!("{} has not heard a balancer since {since}: its list may be old", server.pod));
        }
        for difference in differences_of(&page.ips.iter().copied().collect(), truth) {
            by_difference.entry(difference).or_default().push(&server.pod);
        }
    }
    // Of a fleet whose balancer is behind, all say the same.
    all.extend(by_difference.into_iter().map(|(difference, pods)| match pods.as_slice() {
        [pod] => format!("{pod}: {difference}"),
        [pod, ..] => format!("{pod} and {} more: {difference}", pods.len() - 1),
        [] => difference,
    }));
    all
}

/// In what a list differs from the endpoints that are ready.
fn differences_of(lists: &BTreeSet<IpAddr>, truth: &BTreeSet<IpAddr>) -> Vec<String> {
    let mut all = Vec::new();
    let told = |set: Vec<&IpAddr>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let lacks = told(truth.difference(lists).collect());
    let more = told(lists.difference(truth).collect());
    if !lacks.is_empty() {
        all.push(format!("does not list {lacks}"));
    }
    if !more.is_empty() {
        all.push(format!("lists {more}, which is not ready"));
    }
    all
}

/// What runs, and on which base: as the containers say it themselves.
pub fn versions(report: &Report) -> String {
    let of_balancers =
        report.balancers.iter().filter_map(|b| b.answer.as_ref()).map(|l| (&l.version, &l.base));
    let of_servers = report
        .servers
        .iter()
        .filter_map(|s| s.answer.as_ref())
        .map(|p| (&p.written_by.version, &p.written_by.base));
    let all: BTreeSet<_> = of_balancers.chain(of_servers).collect();
    let bases: BTreeSet<_> = all.iter().map(|(_, base)| base.as_str()).collect();
    let versions: BTreeSet<_> = all.iter().map(|(version, _)| version.as_str()).collect();
    let joined = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(", ");
    format!("{} on {}", joined(versions), joined(bases))
}

/// How the fleet is, for `opsctl status`.
pub async fn status(cx: &Context) -> Result<Option<Status>> {
    if fleet(&cx.client().await?).await?.is_none() {
        return Ok(None);
    }
    let report = report(cx).await?;
    let (state, fault) = match report.reasons.first() {
        None => (format!("{} connected, all agree; {}", report.connected.len(), versions(&report)), None),
        Some(why) => {
            let words = format!("NOT AGREED: {why}");
            (words.clone(), Some(Fault { what: words, next: opsctl("web status") }))
        }
    };
    let address = |all: &[String]| all.first().cloned().unwrap_or_default();
    let rows = vec![
        Row::new(state, address(&report.pages)),
        Row::new("statistics of its balancers", address(&report.statistics)),
    ];
    Ok(Some(Status { rows, faults: fault.into_iter().collect(), report: serde_json::to_value(report)? }))
}

/// Proves that all agree, and says it as one fact.
pub async fn prove(cx: &Context) -> Result<String> {
    let began = Instant::now();
    loop {
        let report = report(cx).await?;
        if report.agreed {
            for page in &report.pages {
                page::answers(cx, page).await;
            }
            let balancers = report.balancers.iter().filter(|b| !b.ending).count();
            let connected = report.connected.len();
            return Ok(format!(
                "{connected} connected, {balancers} balancers and every nginx agree; {}",
                versions(&report)
            ));
        }
        if began.elapsed() >= cx.timeout {
            let words = format!("the lists do not agree after {} s", cx.timeout.as_secs());
            return Err(Problem::new(Code::NotReady, words)
                .found(report.reasons.join("\n"))
                .next(opsctl("web status --watch"))
                .next(kubectl("-n web get pods -o wide"))
                .into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::web::listing::{Author, Server, now};

    fn ip(n: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, n])
    }

    fn said<T>(pod: &str, n: u8, answer: Option<T>) -> Said<T> {
        Said {
            pod: pod.into(),
            node: Some("m02".into()),
            ip: Some(ip(n)),
            ending: false,
            why: Vec::new(),
            error: answer.is_none().then(|| "connection refused".into()),
            answer,
        }
    }

    fn listing(states: &[(u8, State)]) -> Listing {
        let servers = states.iter().map(|(n, state)| Server {
            ip: ip(*n),
            name: format!("nginx-{n}"),
            node: String::new(),
            state: *state,
        });
        Listing {
            balancer: "b".into(),
            node: "m02".into(),
            number: 1,
            changed: now(),
            unheard_since: None,
            servers: servers.collect(),
            slots: 4,
            reloads: 0,
            base: "Alpine Linux v3.10".into(),
            version: "haproxy 2.0.14".into(),
        }
    }

    fn page(ips: &[u8]) -> Page {
        let written_by = Author {
            name: "n".into(),
            ip: "i".into(),
            base: "Alpine Linux v3.10".into(),
            version: "nginx 1.16.1".into(),
        };
        Page {
            ips: ips.iter().copied().map(ip).collect(),
            changed: None,
            stale_since: None,
            heard: None,
            written_by,
        }
    }

    #[test]
    fn where_lists_balancers_and_endpoints_are_the_same_all_agree() {
        let truth = BTreeSet::from([ip(1), ip(2)]);
        let both = listing(&[(1, State::Connected), (2, State::Connected), (3, State::Leaving)]);
        let balancers = [said("b-1", 8, Some(both.clone())), said("b-2", 9, Some(both))];
        let mut gone = said("nginx-3", 3, None);
        gone.ending = true;
        let servers =
            [said("nginx-1", 1, Some(page(&[1, 2]))), said("nginx-2", 2, Some(page(&[2, 1]))), gone];
        assert_eq!(differences(2, &truth, &balancers, &servers), Vec::<String>::new());
        assert_eq!(differences(3, &truth, &balancers, &servers), ["2 of 3 nginx are ready"]);
        assert_eq!(
            differences(0, &BTreeSet::new(), &[said("b-1", 8, Some(listing(&[])))], &[]),
            Vec::<String>::new()
        );
        assert_eq!(differences(0, &BTreeSet::new(), &[], &[]), ["no balancer runs"]);
    }

    #[test]
    fn each_difference_says_who_lists_what() {
        let truth = BTreeSet::from([ip(1), ip(2)]);
        let mut old = listing(&[(1, State::Connected), (3, State::Connected)]);
        old.unheard_since = Some(now());
        let frozen = listing(&[(1, State::Connected), (2, State::Failing)]);
        let balancers = [said("b-1", 8, Some(old)), said("b-2", 9, Some(frozen)), said("b-3", 7, None)];
        let servers = [
            said("nginx-1", 1, Some(page(&[1]))),
            said("nginx-1b", 1, Some(page(&[1]))),
            said("nginx-2", 2, None),
        ];
        let reasons = differences(2, &truth, &balancers, &servers).join("\n");
        for words in [
            "b-1 on m02 has not heard the API server since",
            "b-1 on m02: does not list 10.0.0.2",
            "b-1 on m02: lists 10.0.0.3, which is not ready",
            "10.0.0.2 (nginx-2) fails the check of b-2 on m02",
            "b-3 on m02 does not answer: connection refused",
            "nginx-1 and 1 more: does not list 10.0.0.2",
            "nginx-2 does not answer: connection refused",
        ] {
            assert!(reasons.contains(words), "{words:?} is not in\n{reasons}");
        }
    }
}
