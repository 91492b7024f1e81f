//! A peer: it answers `GET /ping`, and calls those that its configuration names.

mod book;
mod caller;
mod http;
mod metrics;
mod source;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::cli;
use super::election::clock;
use super::log;
use crate::peering::Config;
use crate::peering::report::Report;
use caller::{Caller, Seer};
use metrics::Metrics;
use source::Source;

/// How long requests that are under way may take once the peer has to end.
const GRACE: Duration = Duration::from_secs(3);
/// How often the main loop goes round when nothing happens.
const ROUND: Duration = Duration::from_secs(1);

/// Who this peer is: the name for people, the id for peers.
#[derive(Clone, Debug)]
pub struct Me {
    /// The name that it answers with.
    pub name: String,
    /// What no other process has.
    pub id: String,
}

/// What the HTTP handlers share with the main loop.
pub struct Shared {
    me: Me,
    /// The generation in use; -1 before the first configuration.
    generation: AtomicI64,
    /// Interval and timeout in use, in milliseconds.
    timing: [AtomicU64; 2],
    refused: Mutex<Option<String>>,
    seer: Seer,
    metrics: Metrics,
    /// When the main loop last went round, in milliseconds since boot.
    alive: AtomicU64,
    ending: AtomicBool,
}

impl Shared {
    fn new(me: Me, seer: Seer, metrics: Metrics) -> Self {
        Self {
            me,
            generation: AtomicI64::new(-1),
            timing: [const { AtomicU64::new(0) }; 2],
            refused: Mutex::default(),
            seer,
            metrics,
            alive: AtomicU64::new(clock::now()),
            ending: AtomicBool::new(false),
        }
    }

    /// The generation in use; none before the first configuration.
    fn generation(&self) -> Option<i64> {
        Some(self.generation.load(Ordering::Relaxed)).filter(|generation| *generation >= 0)
    }

    /// Whether it has a configuration, and is not ending. No peer is asked for it: that another one is away is no
    /// reason to send this one no requests.
    fn is_ready(&self) -> bool {
        self.generation().is_some() && !self.ending.load(Ordering::Relaxed)
    }

    fn is_alive(&self) -> bool {
        clock::now().saturating_sub(self.alive.load(Ordering::Relaxed)) < 10_000
    }

    fn report(&self) -> Report {
        Report {
            name: self.me.name.clone(),
            id: self.me.id.clone(),
            generation: self.generation(),
            interval_millis: self.timing[0].load(Ordering::Relaxed),
            timeout_millis: self.timing[1].load(Ordering::Relaxed),
            refused: self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            peers: self.seer.all(),
        }
    }

    fn refuse(&self, why: Option<String>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

/// Serves and calls until it is told to end.
pub async fn run(options: cli::Peer) -> Result<u8> {
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("could not listen on {}", options.listen))?;
    let address = listener.local_addr().context("a listener without an address")?;
    let name = options.name.unwrap_or_else(|| format!("{}:{}", hostname(), address.port()));
    let me = Me { name, id: id() };
    let metrics = Metrics::new();
    let (mut caller, seer) = Caller::new(me.clone(), metrics.clone());
    let shared = Arc::new(Shared::new(me, seer, metrics));
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for signals")?;
    let (end, ended) = watch::channel(false);
    let serving = tokio::spawn(http::serve(listener, shared.clone(), ended));
    let source = Source::of(options.config, options.config_map)?;
    log(&format!("{} serves GET /ping on {address}; peers from {source}", shared.me.name));
    let (told, mut inbox) = mpsc::channel(4);
    let watching = tokio::spawn(source.watch(told));
    loop {
        shared.alive.store(clock::now(), Ordering::Relaxed);
        tokio::select! {
            text = inbox.recv() => match text {
                Some(text) => turn(&shared, &mut caller, text),
                None => anyhow::bail!("nobody watches the configuration"),
            },
            () = tokio::time::sleep(ROUND) => {}
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    log("ending: it calls nobody, and answers what it was asked");
    shared.ending.store(true, Ordering::Relaxed);
    watching.abort();
    drop(caller);
    let _ = end.send(true);
    drop(tokio::time::timeout(GRACE, serving).await);
    Ok(0)
}

/// Takes a configuration into use, whole, or refuses it, whole.
fn turn(shared: &Shared, caller: &mut Caller, text: Result<String, String>) {
    match text.and_then(|text| Config::parse(&text)) {
        Ok(config) => {
            let changes = caller.follow(&config);
            shared.timing[0].store(millis(config.interval), Ordering::Relaxed);
            shared.timing[1].store(millis(config.timeout), Ordering::Relaxed);
            shared.generation.store(config.generation, Ordering::Relaxed);
            shared.refuse(None);
            shared.metrics.applied(config.generation);
            log(&format!("configuration generation {}: {changes}", config.generation));
        }
        Err(why) => {
            let state =
                if shared.generation().is_some() { "the former one stays" } else { "there is none yet" };
            log(&format!("configuration refused, {state}: {why}"));
            shared.metrics.refused();
            shared.refuse(Some(why));
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An id that no other process has: the keys of the standard library's hash maps are random.
fn id() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let part = || RandomState::new().hash_one((std::process::id(), jiff::Timestamp::now().as_nanosecond()));
    format!("{:016x}{:016x}", part(), part())
}

fn hostname() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> (Shared, Caller) {
        let me = Me { name: "a".into(), id: id() };
        let metrics = Metrics::new();
        let (caller, seer) = Caller::new(me.clone(), metrics.clone());
        (Shared::new(me, seer, metrics), caller)
    }

    #[tokio::test]
    async fn a_bad_configuration_is_refused_whole_and_the_last_good_one_stays() {
        let (shared, mut caller) = shared();
        assert!(!shared.is_ready());
        turn(&shared, &mut caller, Err("could not read it".into()));
        assert!(!shared.is_ready() && shared.report().refused.is_some());
        let good = "{generation: 3, interval: 5s, peers: [{host: 127.0.0.1, port: 1}]}";
        turn(&shared, &mut caller, Ok(good.into()));
        let before = shared.report();
        assert!(shared.is_ready() && before.refused.is_none());
        assert_eq!((before.generation, before.interval_millis, before.peers.len()), (Some(3), 5000, 1));
        // Its first fields are right: none of them may take effect.
        turn(&shared, &mut caller, Ok("{generation: 4, interval: 1s, peers: [{host: a}, {host: a}]}".into()));
        let after = shared.report();
        assert!(shared.is_ready());
        assert_eq!((after.generation, after.interval_millis, after.peers.len()), (Some(3), 5000, 1));
        assert_eq!(after.refused.as_deref(), Some("peers[1]: a:8080 is there twice"));
        turn(&shared, &mut caller, Ok("{generation: 5, peers: []}".into()));
        assert_eq!((shared.report().refused, shared.report().peers.len()), (None, 0));
    }

    #[test]
    fn no_two_ids_are_alike() {
        assert_ne!(id(), id());
        assert_eq!(id().len(), 32);
    }
}
