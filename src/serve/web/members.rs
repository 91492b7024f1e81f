//! Who exists: the endpoints of a Service, or the addresses of a name.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{ListParams, ObjectMeta};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Config};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use super::listing::now;
use crate::serve::log;

/// How often a name is resolved.
const RESOLVE: Duration = Duration::from_millis(200);
/// How often the API server is asked whether it is there. A watch of what does not change is silent, and so is a
/// broken one.
const ASK: Duration = Duration::from_secs(1);
/// The limit of that question.
const LIMIT: Duration = Duration::from_millis(1500);

/// Where members are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The `EndpointSlice`s of a Service of the own namespace.
    Service(String),
    /// The addresses of a name, all with that port.
    Name(String, u16),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "use service:NAME or dns:NAME:PORT".to_owned();
        match text.split_once(':').ok_or_else(wrong)? {
            ("service", name) if !name.is_empty() => Ok(Self::Service(name.to_owned())),
            ("dns", rest) => {
                let (name, port) = rest.split_once(':').ok_or_else(wrong)?;
                let port =
                    port.parse().ok().filter(|port| *port > 0 && !name.is_empty()).ok_or_else(wrong)?;
                Ok(Self::Name(name.to_owned(), port))
            }
            _ => Err(wrong()),
        }
    }
}

/// A server that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name; its address where there is no other.
    pub name: String,
    /// Its node; empty without nodes.
    pub node: String,
    /// It may get requests.
    pub ready: bool,
    /// It was told to end.
    pub ending: bool,
}

/// All members, and whether that is still told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// By address; none until somebody told.
    pub all: Option<BTreeMap<SocketAddr, Member>>,
    /// Since when the source has been silent.
    pub unheard_since: Option<Timestamp>,
}

/// Follows the source, for ever. What is known is kept in a file, which outlives this process but not its pod: a
/// balancer that starts without an API server goes on with what the one before knew.
pub fn follow(source: Source, file: PathBuf) -> Result<watch::Receiver<Members>> {
    let all = remembered(&file);
    let unheard_since = all.is_some().then(now);
    let (tell, told) = watch::channel(Members { all, unheard_since });
    match source {
        Source::Service(name) => {
            let mut config = Config::incluster().context("not in a cluster: no service account was found")?;
            // A question that is repeated underneath would take as long as all of them.
            config.default_retry = false;
            let namespace = config.default_namespace.clone();
            let client = Client::try_from(config).context("no client for the cluster's API")?;
            let api = Api::namespaced(client, &namespace);
            let selector = format!("kubernetes.io/service-name={name}");
            tokio::spawn(watch_slices(api, selector, file, tell));
        }
        Source::Name(name, port) => drop(tokio::spawn(resolve(name, port, tell))),
    }
    Ok(told)
}

fn remembered(file: &Path) -> Option<BTreeMap<SocketAddr, Member>> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

fn heard(tell: &watch::Sender<Members>, all: BTreeMap<SocketAddr, Member>) -> bool {
    let next = Members { all: Some(all), unheard_since: None };
    tell.send_if_modified(|members| {
        let differs = *members != next;
        *members = next;
        differs
    })
}

/// The source does not answer. Whatever is known of the members stays.
fn silent(tell: &watch::Sender<Members>) {
    tell.send_if_modified(|members| {
        let first = members.unheard_since.is_none();
        members.unheard_since.get_or_insert_with(now);
        first
    });
}

/// The versions of all slices, by name.
type Versions = BTreeMap<String, String>;

fn versions<'a>(all: impl Iterator<Item = &'a ObjectMeta>) -> Versions {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    all.map(|metadata| (text(&metadata.name), text(&metadata.resource_version))).collect()
}

/// Asks again and again which versions there are; none: the API server did not answer.
async fn ask(api: Api<EndpointSlice>, selector: String, answers: mpsc::Sender<Option<Versions>>) {
    let params = ListParams::default().labels(&selector);
    loop {
        tokio::time::sleep(ASK).await;
        let answer = match tokio::time::timeout(LIMIT, api.list_metadata(&params)).await {
            Ok(Ok(list)) => Some(versions(list.items.iter().map(|slice| &slice.metadata))),
            _ => None,
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

/// Tells a watch that is silent because nothing changes from one that is silent because it broke: a node that was
/// unplugged for a while keeps a connection that nobody answers on.
#[derive(Debug, Default)]
struct Doubt {
    /// The API server did not answer, and the watch has not begun anew since.
    away: bool,
    /// What the watch had told by the last question, where that differed from the answer.
    behind: Option<Versions>,
}

impl Doubt {
    /// Whether the watch must begin anew: the API server answers again; or by two questions the watch has told
    /// nothing, though it lacks something.
    fn must_renew(&mut self, told: &Versions, answer: Option<&Versions>) -> bool {
        let Some(answer) = answer else {
            self.away = true;
            return false;
        };
        let stuck = answer != told && self.behind.as_ref() == Some(told);
        let renew = self.away || stuck;
        *self = Self { away: false, behind: (answer != told && !renew).then(|| told.clone()) };
        renew
    }
}

async fn watch_slices(
    api: Api<EndpointSlice>,
    selector: String,
    file: PathBuf,
    tell: watch::Sender<Members>,
) {
    let begin = || {
        let config = watcher::Config::default().labels(&selector);
        watcher(api.clone(), config).default_backoff().boxed()
    };
    let (ask_into, mut asked) = mpsc::channel(1);
    tokio::spawn(ask(api.clone(), selector.clone(), ask_into));
    let mut events = begin();
    let mut slices: BTreeMap<String, EndpointSlice> = BTreeMap::new();
    // A list that is begun anew replaces what is known only once it is whole.
    let mut fresh = None;
    let mut doubt = Doubt::default();
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            Some(answer) = asked.recv() => {
                if answer.is_none() {
                    silent(&tell);
                }
                if doubt.must_renew(&versions(slices.values().map(|slice| &slice.metadata)), answer.as_ref()) {
                    log("members: the watch begins anew");
                    (events, fresh) = (begin(), None);
                }
                continue;
            }
        };
        let name = |slice: &EndpointSlice| slice.metadata.name.clone().unwrap_or_default();
        match event {
            Some(Ok(watcher::Event::Init)) => fresh = Some(BTreeMap::new()),
            Some(Ok(watcher::Event::InitApply(slice))) => {
                fresh.get_or_insert_default().insert(name(&slice), slice);
            }
            Some(Ok(watcher::Event::InitDone)) => slices = fresh.take().unwrap_or_default(),
            Some(Ok(watcher::Event::Apply(slice))) => drop(slices.insert(name(&slice), slice)),
            Some(Ok(watcher::Event::Delete(slice))) => drop(slices.remove(&name(&slice))),
            Some(Err(error)) => {
                log(&format!("members: the watch broke: {error}"));
                continue;
            }
            None => return,
        }
        if fresh.is_some() {
            continue;
        }
        let all = members(slices.values());
        let text = serde_json::to_vec(&all).unwrap_or_default();
        if heard(&tell, all)
            && let Err(error) = crate::fs::write_whole(&file, &text)
        {
            log(&format!("members: not remembered: {error:#}"));
        }
    }
}

/// The members in the slices of a Service. An address may be in two of them for a moment: ready in one is ready.
fn members<'a>(slices: impl Iterator<Item = &'a EndpointSlice>) -> BTreeMap<SocketAddr, Member> {
    let mut all: BTreeMap<SocketAddr, Member> = BTreeMap::new();
    for slice in slices {
        let port = slice.ports.iter().flatten().find_map(|port| u16::try_from(port.port?).ok());
        let Some(port) = port else { continue };
        for endpoint in &slice.endpoints {
            let conditions = endpoint.conditions.clone().unwrap_or_default();
            let Some(Ok(ip)) = endpoint.addresses.first().map(|ip| ip.parse()) else { continue };
            let address = SocketAddr::new(ip, port);
            let member = Member {
                name: endpoint
                    .target_ref
                    .as_ref()
                    .and_then(|target| target.name.clone())
                    .unwrap_or_else(|| ip.to_string()),
                node: endpoint.node_name.clone().unwrap_or_default(),
                ready: conditions.ready.unwrap_or(true),
                ending: conditions.terminating.unwrap_or(false),
            };
            if member.ready || !all.get(&address).is_some_and(|known| known.ready) {
                all.insert(address, member);
            }
        }
    }
    all
}

async fn resolve(name: String, port: u16, tell: watch::Sender<Members>) {
    let mut ticks = tokio::time::interval(RESOLVE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match tokio::net::lookup_host((name.as_str(), port)).await {
            Ok(addresses) => {
                let all = addresses.map(|address| {
                    let name = address.ip().to_string();
                    (address, Member { name, node: String::new(), ready: true, ending: false })
                });
                heard(&tell, all.collect());
            }
            // Nobody has the name: that is an answer.
            Err(error) if is_nobody(&error.to_string()) => drop(heard(&tell, BTreeMap::new())),
            Err(_) => silent(&tell),
        }
    }
}

/// Whether a resolver's error says that there is no such name, rather than that nobody could be asked.
fn is_nobody(error: &str) -> bool {
    ["not known", "No address associated", "does not resolve", "Name does not"]
        .iter()
        .any(|words| error.contains(words))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slice(endpoints: &serde_json::Value) -> EndpointSlice {
        serde_json::from_value(json!({"metadata": {"name": "nginx-x"}, "addressType": "IPv4",
            "ports": [{"port": 8080}], "endpoints": endpoints}))
        .unwrap()
    }

    #[test]
    fn sources_are_read_and_others_refused() {
        assert_eq!("service:nginx".parse(), Ok(Source::Service("nginx".into())));
        assert_eq!("dns:nginx:8080".parse(), Ok(Source::Name("nginx".into(), 8080)));
        for bad in ["", "nginx", "service:", "dns:nginx", "dns::8080", "dns:nginx:0", "file:x"] {
            assert!(bad.parse::<Source>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_endpoint_is_a_member_with_its_name_node_and_conditions() {
        let one = slice(&json!([
            {"addresses": ["10.0.0.5"], "nodeName": "m02", "targetRef": {"kind": "Pod", "name": "nginx-a"},
             "conditions": {"ready": true}},
            {"addresses": ["10.0.0.6"], "conditions": {"ready": false, "serving": true, "terminating": true}},
            {"addresses": ["10.0.0.7"], "conditions": {"ready": false}},
            {"addresses": ["no address"]},
        ]));
        // The same address in another slice, not ready there.
        let two = slice(&json!([{"addresses": ["10.0.0.5"], "conditions": {"ready": false}}]));
        let all = members([&one, &two].into_iter());
        let at = |ip: &str| all.get(&format!("{ip}:8080").parse().unwrap()).unwrap();
        assert_eq!(all.len(), 3);
        let a = at("10.0.0.5");
        assert_eq!((a.name.as_str(), a.node.as_str(), a.ready, a.ending), ("nginx-a", "m02", true, false));
        assert!(at("10.0.0.6").ending && !at("10.0.0.6").ready);
        assert!(!at("10.0.0.7").ending && at("10.0.0.7").name == "10.0.0.7");
    }

    #[test]
    fn silence_keeps_the_members_and_counts_from_its_beginning() {
        let (tell, told) = watch::channel(Members::default());
        let one = members([&slice(&json!([{"addresses": ["10.0.0.5"]}]))].into_iter());
        assert!(heard(&tell, one.clone()) && !heard(&tell, one.clone()));
        silent(&tell);
        let since = told.borrow().unheard_since;
        silent(&tell);
        assert!(since.is_some() && told.borrow().unheard_since == since);
        assert_eq!(told.borrow().all, Some(one.clone()));
        assert!(heard(&tell, one));
        assert_eq!(told.borrow().unheard_since, None);
    }

    #[test]
    fn a_watch_begins_anew_when_it_is_stuck_or_the_api_server_was_away() {
        let at = |version: &str| Versions::from([("nginx-x".to_owned(), version.to_owned())]);
        let mut doubt = Doubt::default();
        // As told; then behind for a moment, which it makes up for.
        assert!(!doubt.must_renew(&at("1"), Some(&at("1"))));
        assert!(!doubt.must_renew(&at("1"), Some(&at("2"))));
        assert!(!doubt.must_renew(&at("2"), Some(&at("3"))), "it told something since");
        // It tells nothing more.
        assert!(doubt.must_renew(&at("2"), Some(&at("4"))));
        assert!(!doubt.must_renew(&at("2"), Some(&at("4"))), "the new one may take its time");
        assert!(!doubt.must_renew(&at("4"), Some(&at("4"))));
        assert!(!doubt.must_renew(&at("4"), None) && !doubt.must_renew(&at("4"), None));
        assert!(doubt.must_renew(&at("4"), Some(&at("4"))), "its connection may be gone");
        assert!(!doubt.must_renew(&at("4"), Some(&at("4"))));
    }

    #[tokio::test]
    async fn a_name_is_resolved_to_members_and_what_was_remembered_is_there_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut told = follow(Source::Name("localhost".into(), 8080), dir.path().join("none")).unwrap();
        let heard = told.wait_for(|members| members.all.as_ref().is_some_and(|all| !all.is_empty()));
        let members = tokio::time::timeout(Duration::from_secs(10), heard).await.unwrap().unwrap().clone();
        assert!(members.all.unwrap().keys().all(|at| at.ip().is_loopback() && at.port() == 8080));
    }

    #[test]
    fn no_such_name_is_an_answer_and_no_resolver_is_none() {
        assert!(is_nobody("failed to lookup address information: Name or service not known"));
        assert!(!is_nobody("failed to lookup address information: Temporary failure in name resolution"));
    }
}
