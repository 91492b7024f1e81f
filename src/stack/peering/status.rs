//! The peers, asked: how each appears to each other one.
//!
//! Through the API server's proxy to the pods: their addresses lead nowhere from this host.

use std::time::{Duration, Instant};

use anyhow::Result;
use kube::{Api, Client};
use serde::Serialize;
use serde_json::Value;

use super::{NAME, PART, SERVICE};
use crate::context::{Context, node_address};
use crate::error::{Problem, kubectl, opsctl, problem};
use crate::k8s::manifest;
use crate::peering::report::{self, Seen, State};
use crate::peering::{LABEL, Peering, PeeringStatus, time};
use crate::stack::pods::{self, Place};
use crate::stack::report::Fault;
use crate::stack::status::{Row, Status};

/// How soon the peers are asked again, until all have answered one another.
const AGAIN: Duration = Duration::from_millis(100);

/// What a peer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The pod.
    #[serde(flatten)]
    pub place: Place,
    /// What it reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<report::Report>,
    /// Why it reports nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The peers as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How many there should be.
    pub replicas: i32,
    /// The resource's generation.
    pub generation: i64,
    /// From one call to the next.
    pub interval: String,
    /// How long an answer may take.
    pub timeout: String,
    /// What the operator says.
    pub status: PeeringStatus,
    /// What each peer says.
    pub peers: Vec<Said>,
    /// What is not as it should be, a sentence each.
    pub reasons: Vec<String>,
    /// Where the host reaches one of them.
    pub endpoint: String,
}

/// The sample as it stands; none where there is none of ours, nor its kind.
pub async fn standing(client: &Client) -> Result<Option<Peering>> {
    let api: Api<Peering> = Api::namespaced(client.clone(), PART);
    match api.get_opt(NAME).await {
        Ok(found) => Ok(found.filter(|peering| {
            let value = serde_json::to_value(peering).unwrap_or(Value::Null);
            manifest::made_by(&value).is_some()
        })),
        // Its definition is not there.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn places(client: &Client) -> Result<Vec<Place>> {
    let mut all = pods::places(client, PART, &format!("{LABEL}={NAME}")).await?;
    all.sort_by_key(|place| ordinal(&place.pod));
    Ok(all)
}

/// The number at the end of a pod's name.
pub fn ordinal(pod: &str) -> u32 {
    pod.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(u32::MAX)
}

async fn ask(client: &Client, place: Place, port: i32) -> Said {
    // The definition allows no other port.
    let port = u16::try_from(port).unwrap_or_default();
    let answer = pods::ask(client, PART, &place, port, "peers").await;
    match answer {
        Ok(report) => Said { place, report: Some(report), error: None },
        Err(error) => Said { place, report: None, error: Some(error) },
    }
}

/// Asks every peer that exists, all at once.
pub async fn report(cx: &Context) -> Result<Report> {
    let client = cx.client().await?;
    let Some(peering) = standing(&client).await? else { return Err(not_up().into()) };
    let places = places(&client).await?;
    let asked = places.into_iter().map(|place| ask(&client, place, peering.spec.port));
    let peers = futures::future::join_all(asked).await;
    let generation = peering.metadata.generation.unwrap_or(0);
    let endpoint = match cx.profile().and_then(|profile| node_address(&profile).map(str::to_owned)) {
        Ok(host) => format!("http://{host}:{}/ping", cx.ports.get(SERVICE)),
        Err(_) => String::new(),
    };
    Ok(Report {
        reasons: reasons(&peering, &peers),
        replicas: peering.spec.replicas,
        generation,
        interval: peering.spec.interval,
        timeout: peering.spec.timeout,
        status: peering.status.unwrap_or_default(),
        peers,
        endpoint,
    })
}

/// There is nothing to be asked.
pub fn not_up() -> Problem {
    problem!(NotUp, "no peering is up").next(opsctl("peering up"))
}

/// Why not every peer has a pong of every other one, by the newest configuration.
fn reasons(peering: &Peering, peers: &[Said]) -> Vec<String> {
    let generation = peering.metadata.generation.unwrap_or(0);
    let status = peering.status.clone().unwrap_or_default();
    let mut reasons = Vec::new();
    let stay: Vec<_> = peers.iter().filter(|said| !said.place.ending).collect();
    let wanted = usize::try_from(peering.spec.replicas).unwrap_or(0);
    if stay.len() != wanted {
        reasons.push(format!("{} of {wanted} pods exist", stay.len()));
    }
    let degraded = status.conditions.iter().find(|c| c.kind == "Degraded" && c.status == "True");
    reasons.extend(degraded.map(|c| format!("{}: {}", c.reason, c.message)));
    for said in &stay {
        let pod = &said.place.pod;
        let Some(report) = &said.report else {
            let why = said.error.as_deref().unwrap_or_default();
            reasons.push(format!("{pod} did not answer: {why}"));
            continue;
        };
        if report.generation != Some(generation) {
            let uses =
                report.generation.map_or_else(|| "no configuration".into(), |g| format!("generation {g}"));
            reasons.push(format!("{pod} uses {uses}, not {generation} yet"));
        }
        if let Some(why) = &report.refused {
            reasons.push(format!("{pod} refused its newest configuration: {why}"));
        }
        reasons.extend(report.peers.iter().filter_map(|seen| Some(format!("{pod} {}", fault(seen)?))));
    }
    if reasons.is_empty()
        && (status.observed_generation, status.converged_replicas) != (generation, peering.spec.replicas)
    {
        reasons.push("the operator has not seen it yet".into());
    }
    reasons
}

/// What is wrong with a peer, as another one sees it.
fn fault(seen: &Seen) -> Option<String> {
    let at = format!("{}:{}", seen.host, seen.port);
    let cause = seen.cause.as_deref().unwrap_or("it was not called yet");
    match seen.state {
        State::Up | State::Me => None,
        State::Starting => Some(format!("waits for {at}: {cause}")),
        State::Down => Some(format!("has no pong of {at}: {cause} ({} in a row)", seen.failures)),
    }
}

/// How the peers are, for `opsctl status`.
pub async fn status(cx: &Context) -> Result<Option<Status>> {
    if standing(&cx.client().await?).await?.is_none() {
        return Ok(None);
    }
    let report = report(cx).await?;
    let (state, fault) = match report.reasons.first() {
        None => (summary(&report), None),
        Some(why) => {
            let words = format!("NOT CONVERGED: {why}");
            (words.clone(), Some(Fault { what: words, next: opsctl("peering status") }))
        }
    };
    let rows = vec![Row::new(state, report.endpoint.clone())];
    Ok(Some(Status { rows, faults: fault.into_iter().collect(), report: serde_json::to_value(report)? }))
}

/// That all is well, in a line.
pub fn summary(report: &Report) -> String {
    let each = match report.replicas {
        1 => "1 peer runs".to_owned(),
        n => format!("all {n} peers have a pong of each other"),
    };
    format!("{each}, every {}", report.interval)
}

/// Proves what `peering up` promises, and says it as one fact.
pub async fn prove(cx: &Context) -> Result<String> {
    let began = Instant::now();
    loop {
        let report = report(cx).await?;
        if report.reasons.is_empty() {
            return Ok(summary(&report));
        }
        if began.elapsed() >= cx.timeout {
            let limit = time::written(cx.timeout);
            return Err(problem!(NotReady, "the peers do not all answer one another after {limit}")
                .found(report.reasons.join("\n"))
                .next(opsctl("peering status --watch"))
                .next(kubectl("-n peering get pods -o wide"))
                .into());
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The resource as a value, for a plan.
pub async fn live(client: &Client) -> Result<Option<Value>> {
    Ok(standing(client).await?.map(serde_json::to_value).transpose()?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A peer that says so of others, by the number at the end of their host's first label.
    pub fn said(ordinal: usize, others: &[State]) -> Said {
        let peers = others.iter().enumerate().map(|(i, state)| Seen {
            host: format!("peers-{i}.peers"),
            port: 8080,
            state: *state,
            name: Some(format!("peers-{i}")),
            last_success: None,
            latency_micros: Some(800),
            generation: Some(2),
            failures: u64::from(*state == State::Down),
            cause: (*state == State::Down).then(|| "Connection refused".into()),
        });
        let report = report::Report {
            name: format!("peers-{ordinal}"),
            id: ordinal.to_string(),
            generation: Some(2),
            interval_millis: 1000,
            timeout_millis: 500,
            refused: None,
            peers: peers.collect(),
        };
        let place = Place {
            pod: format!("peers-{ordinal}"),
            node: Some("n".into()),
            ip: Some("10.0.0.1".into()),
            ending: false,
        };
        Said { place, report: Some(report), error: None }
    }

    fn peering(replicas: i32) -> Peering {
        serde_json::from_value(json!({
            "apiVersion": "peering.opsctl.dev/v1alpha1", "kind": "Peering",
            "metadata": {"name": "peers", "generation": 2}, "spec": {"replicas": replicas},
            "status": {"observedGeneration": 2, "convergedReplicas": replicas},
        }))
        .unwrap()
    }

    #[test]
    fn all_is_well_only_if_each_has_a_pong_of_each_by_the_newest_configuration() {
        use State::{Down, Me, Starting, Up};
        let good = [said(0, &[Me, Up]), said(1, &[Up, Me])];
        assert_eq!(reasons(&peering(2), &good), Vec::<String>::new());
        let why = |peers: &[Said]| reasons(&peering(2), peers).join("\n");
        assert!(
            why(&[said(0, &[Me, Down]), said(1, &[Up, Me])])
                .contains("peers-0 has no pong of peers-1.peers:8080: Connection refused (1 in a row)")
        );
        assert!(why(&[said(0, &[Me, Starting]), said(1, &[Up, Me])]).contains("peers-0 waits for peers-1"));
        assert!(why(&good[..1]).contains("1 of 2 pods exist"));
        let mut old = good.clone();
        old[1].report.as_mut().unwrap().generation = Some(1);
        assert_eq!(why(&old), "peers-1 uses generation 1, not 2 yet");
        let mut silent = good.clone();
        (silent[1].report, silent[1].error) = (None, Some("connection refused".into()));
        assert_eq!(why(&silent), "peers-1 did not answer: connection refused");
        // One that ends has no say.
        let mut three = good.to_vec();
        three.push(said(2, &[Down, Down]));
        three[2].place.ending = true;
        assert_eq!(why(&three), "");
    }
}
