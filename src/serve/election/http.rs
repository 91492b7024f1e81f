//! What a pod answers: to people and probes on one port, to the other pods on another.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::stream::{self, Stream};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::peers::Said;
use super::redis::Replication;
use super::seal::{self, Key, Question};
use super::service::Service;
use super::{Event, Holder, clock};
use crate::election::protocol::can_hold;
use crate::election::status::Master;

/// Counts of this life.
#[derive(Debug, Default)]
pub struct Counts {
    /// Times that it began to lead.
    pub led: AtomicU64,
    /// Changes of the master's epoch seen.
    pub changes: AtomicU64,
    /// Calls to the API.
    pub calls: AtomicU64,
    /// Calls without a useful answer.
    pub failed: AtomicU64,
    /// When the main loop last went round, in milliseconds since boot.
    pub alive: AtomicU64,
}

/// What the main loop last made of everything.
#[derive(Clone, Debug)]
pub struct Belief {
    /// Who is master.
    pub master: Master,
    /// When the record was last seen to change.
    pub seen: u64,
    /// When this pod's own right ends; 0 without one. Judged again with each answer: a process that was
    /// frozen must not repeat what was true before.
    pub until: u64,
}

/// What the handlers share.
#[derive(Clone)]
pub struct Shared {
    /// What is believed.
    pub belief: watch::Receiver<Belief>,
    /// Counts.
    pub counts: Arc<Counts>,
    /// The way into the main loop.
    pub events: mpsc::Sender<Event>,
    /// The service.
    pub service: Arc<Service>,
    /// This pod.
    pub me: Holder,
    /// Whether there are others that may ask.
    pub peers: bool,
    /// What the others' questions are sealed with.
    pub key: Option<Key>,
    /// The lease, in milliseconds.
    pub lease: u64,
    /// Older than this, what is known of the master may be over.
    pub expiry: u64,
}

impl Shared {
    /// The belief with its age.
    async fn master(&self) -> Master {
        let replication = self.service.replication().await;
        let Belief { mut master, seen, until } = self.belief.borrow().clone();
        let now = clock::now();
        master.fresh_ms = now.saturating_sub(seen);
        master.leading = now < until;
        master.agreed = match replication {
            Some(replication) => leads_or_follows(&master, &replication),
            None if self.service.has_data() => false,
            None => knows(&master, self.expiry),
        };
        master
    }
}

/// Whether a redis is what its pod believes. Its link to the master is the proof, also without an API server.
fn leads_or_follows(master: &Master, replication: &Replication) -> bool {
    if master.leading {
        return replication.master;
    }
    replication.linked && replication.follows.as_deref() == Some(master.ip.as_str())
}

/// Whether a service without data leads or follows. Nothing shows whom it follows but what is known, and that
/// is over when the master's lease must have run out.
fn knows(master: &Master, expiry: u64) -> bool {
    let follows = !master.pod.is_empty() && master.role == "following";
    master.leading || (follows && master.fresh_ms <= expiry)
}

/// Serves both ports until the process ends.
pub async fn serve(listen: SocketAddr, peers: SocketAddr, shared: Shared) -> Result<()> {
    let public = Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/events", get(events))
        .route("/master", get(|State(shared): State<Shared>| async move { Json(shared.master().await) }))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(shared.clone());
    // Where nobody is asked, nobody may ask.
    let private = if shared.peers { private() } else { Router::new() }.with_state(shared);
    let bind = |address: SocketAddr| async move {
        TcpListener::bind(address).await.with_context(|| format!("could not listen on {address}"))
    };
    let (one, two) = (bind(listen).await?, bind(peers).await?);
    tokio::spawn(async move { drop(axum::serve(one, public).await) });
    tokio::spawn(async move { drop(axum::serve(two, private).await) });
    Ok(())
}

/// What the other pods ask.
fn private() -> Router<Shared> {
    Router::new().route("/fence", post(fence)).route("/led", post(led))
}

/// The main loop goes round.
async fn healthz(State(shared): State<Shared>) -> Response {
    let age = clock::now().saturating_sub(shared.counts.alive.load(Ordering::Relaxed));
    let ok = age < 5 * shared.lease;
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{{\"ok\":{ok},\"last_ms\":{age}}}\n")).into_response()
}

/// Knows the master, and leads or follows it.
async fn readyz(State(shared): State<Shared>) -> Response {
    let master = shared.master().await;
    let status = if master.agreed { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(master)).into_response()
}

async fn metrics(State(shared): State<Shared>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], figures(&shared.master().await, &shared.counts)).into_response()
}

/// The figures of this moment: most of them follow from the belief, so they are made for each answer.
fn figures(master: &Master, counts: &Counts) -> String {
    let mut registry = Registry::with_prefix("opsctl_election");
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    for (name, help, value) in [
        ("leading", "Whether this pod leads", i64::from(master.leading)),
        ("agreed", "Whether this pod leads or follows the master it knows", i64::from(master.agreed)),
        ("epoch", "Epoch of the master this pod knows", number(master.epoch)),
        ("record_age_milliseconds", "Since the record was last seen to change", number(master.fresh_ms)),
    ] {
        registry.register(name, help, ConstGauge::new(value));
    }
    for (name, help, value) in [
        ("led", "Times that this pod began to lead", &counts.led),
        ("changes", "Changes of master seen", &counts.changes),
        ("api_calls", "Calls to the API", &counts.calls),
        ("api_failed", "Calls without a useful answer", &counts.failed),
    ] {
        registry.register(name, help, ConstCounter::new(value.load(Ordering::Relaxed)));
    }
    let mut text = String::new();
    // Only a buffer that takes no more could refuse.
    let _ = encode(&mut text, &registry);
    text
}

/// The belief now, and again whenever it changes.
async fn events(State(shared): State<Shared>) -> Sse<impl Stream<Item = Result<Message, Infallible>>> {
    let first = shared.belief.clone();
    let stream = stream::unfold((shared, first, None), |(shared, mut belief, agreed)| async move {
        if let Some(agreed) = agreed {
            let before = belief.borrow_and_update().master.clone();
            loop {
                // A service may need a moment to follow whom its pod believes in.
                let pause = Duration::from_millis(if agreed { 1000 } else { 100 });
                let changed = tokio::time::timeout(pause, belief.changed()).await;
                if matches!(changed, Ok(Err(_))) {
                    return None;
                }
                if changed.is_err() || belief.borrow().master != before {
                    break;
                }
                belief.mark_unchanged();
            }
        }
        let master = shared.master().await;
        let text = serde_json::to_string(&master).unwrap_or_default();
        // A browser whose pod has gone asks another one soon.
        let message = Message::default().retry(Duration::from_millis(500)).data(text);
        Some((Ok(message), (shared, belief, Some(master.agreed))))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Ask {
    epoch: u64,
    holder: String,
}

impl Ask {
    /// Who asks; refused unless it is one of this election's own, and asks what can be.
    fn holder(&self, what: &str, shared: &Shared, headers: &HeaderMap) -> Result<Holder, StatusCode> {
        if let Some(key) = &shared.key {
            let question = Question { what, epoch: self.epoch, holder: &self.holder, to: &shared.me.uid };
            let seal = headers.get(seal::HEADER).and_then(|seal| seal.to_str().ok()).unwrap_or_default();
            if !key.holds(&question, seal) {
                return Err(StatusCode::FORBIDDEN);
            }
        }
        let holder: Holder = self.holder.parse().unwrap_or_else(|e| match e {});
        // Nobody gets to the last epoch by electing; after it, nobody could be elected.
        if !can_hold(self.epoch) || holder.address.is_empty() {
            return Err(StatusCode::BAD_REQUEST);
        }
        Ok(holder)
    }
}

/// A holder asks to be followed. Answered once this pod's service follows nobody else.
async fn fence(State(shared): State<Shared>, headers: HeaderMap, Query(ask): Query<Ask>) -> Response {
    let holder = match ask.holder("fence", &shared, &headers) {
        Ok(holder) => holder,
        Err(status) => return status.into_response(),
    };
    let (reply, answer) = oneshot::channel();
    if shared.events.send(Event::Fence { epoch: ask.epoch, holder, reply }).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match tokio::time::timeout(Duration::from_secs(2), answer).await {
        Ok(Ok(pledge)) => Json(Said { holder: shared.me.to_string(), pledge }).into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Whom this pod follows leads now.
async fn led(State(shared): State<Shared>, headers: HeaderMap, Query(ask): Query<Ask>) -> StatusCode {
    let holder = match ask.holder("led", &shared, &headers) {
        Ok(holder) => holder,
        Err(status) => return status,
    };
    match shared.service.hurry(&holder, ask.epoch).await {
        Ok(false) => StatusCode::CONFLICT,
        // A service that does not answer tries again by itself.
        _ => StatusCode::NO_CONTENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers of a pod of UID `me` under that key to questions, and how many of them came to the main loop.
    async fn answers(key: Option<&Key>, questions: &[(&str, String, String)]) -> (Vec<u16>, usize) {
        let (events, mut inbox) = mpsc::channel(64);
        let nothing = Belief { master: Master::default(), seen: 0, until: 0 };
        let service = Service::new(None, [const { Vec::new() }; 3], Duration::from_secs(1)).unwrap();
        let shared = Shared {
            belief: watch::channel(nothing).1,
            counts: Arc::default(),
            events,
            service: Arc::new(service),
            me: "p/127.0.0.1/me/1".parse().unwrap_or_else(|e| match e {}),
            peers: true,
            key: key.cloned(),
            lease: 3000,
            expiry: 3030,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, private().with_state(shared)).await });
        let heard = tokio::spawn(async move {
            let mut heard = 0;
            while let Some(event) = inbox.recv().await {
                if let Event::Fence { reply, .. } = event {
                    heard += 1;
                    let _ = reply.send(super::super::peers::Pledge::Newest(9));
                }
            }
            heard
        });
        let mut said = Vec::new();
        for (path, query, seal) in questions {
            let (path, headers) = (format!("/{path}?{query}"), [(seal::HEADER, seal.as_str())]);
            let limit = Duration::from_secs(20);
            let reply = crate::serve::http_call::request("POST", &at, &path, &headers, "", limit).await;
            said.push(reply.unwrap().status);
        }
        server.abort();
        let _ = server.await;
        (said, heard.await.unwrap())
    }

    #[tokio::test]
    async fn only_who_shares_the_secret_can_depose_a_master_and_no_epoch_can_be_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "sixteen bytes at least").unwrap();
        let key = Key::new(&file).unwrap();
        let ask = |what: &'static str, epoch: u64, to: &str| {
            let holder = "a/10.0.0.9/u/0";
            let seal = key.seal(&Question { what, epoch, holder, to }).unwrap();
            (what, format!("epoch={epoch}&holder={holder}"), seal)
        };
        let unsealed = |what: &'static str| (what, "epoch=7&holder=a/10.0.0.9/u/0".to_owned(), String::new());
        let (last, epoch) = (u64::from(i32::MAX.unsigned_abs()), 7);
        let questions = [
            unsealed("fence"),
            unsealed("led"),
            ask("fence", epoch, "another"),
            ("led", ask("led", epoch, "me").1, ask("fence", epoch, "me").2),
            ask("fence", last, "me"),
            ask("fence", last - 1, "me"),
            ask("fence", epoch, "me"),
            ask("led", epoch, "me"),
        ];
        assert_eq!(answers(Some(&key), &questions).await, (vec![403, 403, 403, 403, 400, 200, 200, 409], 2));
        let questions = [ask("fence", last, "me"), unsealed("fence")];
        assert_eq!(answers(None, &questions).await, (vec![400, 200], 1), "who has no key asks for none");
    }

    #[test]
    fn who_follows_without_data_agrees_only_while_what_it_knows_is_fresh() {
        let said = |role: &str, leading, fresh_ms| Master {
            pod: "a".into(),
            role: role.into(),
            leading,
            fresh_ms,
            ..Master::default()
        };
        assert!(knows(&said("following", false, 3030), 3030));
        assert!(!knows(&said("following", false, 3031), 3030));
        assert!(knows(&said("leading", true, 9999), 3030), "a leader's right is judged by itself");
        assert!(!knows(&said("leading", false, 0), 3030) && !knows(&said("elected", false, 0), 3030));
        assert!(!knows(&Master { pod: String::new(), ..said("following", false, 0) }, 3030));
    }

    #[test]
    fn the_figures_have_the_names_that_collectors_know() {
        let counts = Counts::default();
        counts.led.store(2, Ordering::Relaxed);
        let text = figures(&Master { epoch: 7, leading: true, ..Master::default() }, &counts);
        for line in [
            "opsctl_election_leading 1",
            "opsctl_election_agreed 0",
            "opsctl_election_epoch 7",
            "opsctl_election_record_age_milliseconds 0",
            "opsctl_election_led_total 2",
            "opsctl_election_changes_total 0",
            "opsctl_election_api_calls_total 0",
            "opsctl_election_api_failed_total 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}: {text}");
        }
    }

    #[test]
    fn a_redis_agrees_by_its_link_however_old_the_record_is() {
        let master = Master { ip: "10.0.0.2".into(), fresh_ms: 600_000, ..Master::default() };
        let follows = Some("10.0.0.2".to_owned());
        let linked = Replication { follows, linked: true, ..Replication::default() };
        assert!(leads_or_follows(&master, &linked));
        assert!(!leads_or_follows(&master, &Replication { linked: false, ..linked.clone() }));
        assert!(!leads_or_follows(&Master { leading: true, ..master }, &linked));
    }
}
