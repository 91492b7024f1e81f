//! The elector in a pod: the protocol with a clock, the Kubernetes API, a service and its peers.

pub mod action;
pub mod clock;
pub mod confirmed;
pub mod endpoints;
mod holder;
pub mod http;
pub mod lease;
pub mod owner;
pub mod peers;
pub mod redis;
mod runtime;
pub mod seal;
pub mod service;
mod tend;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kube::{Client, Config};
use tokio::sync::{mpsc, oneshot, watch};

pub use holder::Holder;

use super::{cli, log};
use crate::election::protocol::{Answer, Elector, Settings, Snapshot, Time};
use crate::election::status::Master;
use crate::election::survey::{Standing, Survey};
use crate::error::{Problem, opsctl};
use endpoints::Slices;
use http::{Belief, Counts, Shared};
use lease::Store;
use peers::{Peers, Pledge};
use runtime::{Runtime, Signals};
use seal::Key;
use service::Service;

/// What wakes the main loop.
pub enum Event {
    /// The watch showed the record.
    Seen(Snapshot<Holder, String>),
    /// The watch broke.
    Blind,
    /// A call was answered.
    Answer(u64, Answer<Holder, String>),
    /// The service runs, and is nobody's.
    Ready,
    /// The own service's data.
    Standing(Standing),
    /// The others' answers so far.
    Survey(Survey<Holder>),
    /// The service was made to lead; or it could not be, or must not any more.
    Promoted {
        /// The epoch.
        epoch: u64,
        /// Whether it leads.
        done: bool,
    },
    /// A holder asks to be followed.
    Fence {
        /// Its epoch.
        epoch: u64,
        /// Who.
        holder: Holder,
        /// Where the answer goes.
        reply: oneshot::Sender<Pledge>,
    },
}

/// What the options mean to the protocol.
fn settings(options: &cli::Election) -> Result<Settings> {
    let millis = |time: Duration| Time::try_from(time.as_millis()).unwrap_or(Time::MAX / 1000);
    let usual = Settings::default();
    let settings = Settings {
        lease: millis(options.lease),
        renew: millis(options.renew),
        call: millis(options.call),
        demote: millis(options.demote),
        patience: millis(options.patience),
        confirmations: options.confirmations,
        peers: options.peers.is_some(),
        data: options.redis.is_some(),
        ..usual
    };
    let wrong = settings.check().err().or_else(|| {
        if options.peer_key.is_some() && options.peers.is_none() {
            return Some("--peer-key is for electors that ask one another (--peers)".into());
        }
        if options.promote.is_zero() {
            return Some("the time limit for promoting (--promote) cannot be zero".into());
        }
        // The leading service is looked at as often as the lease is renewed.
        let (unresponsive, renew) = (options.unresponsive.as_millis(), settings.renew);
        (unresponsive < u128::from(renew))
            .then(|| format!("unresponsive = {unresponsive} ms must not be shorter than renew = {renew} ms"))
    });
    match wrong {
        Some(what) => Err(Problem::usage(what).next(opsctl("serve election --help")).into()),
        None => Ok(settings),
    }
}

/// Runs the elector and its service until either ends; the code is the process's.
pub async fn run(options: cli::Election) -> Result<u8> {
    let settings = settings(&options)?;
    let key = options.peer_key.as_deref().map(Key::new).transpose()?;
    let mut config = Config::incluster().context("not in a cluster: no service account was found")?;
    let namespace = config.default_namespace.clone();
    // Each call is bounded and counted here; one that was repeated underneath would be neither.
    config.default_retry = false;
    config.connect_timeout = Some(Duration::from_millis(settings.call));
    let client = Client::try_from(config).context("no client for the cluster's API")?;
    let me = Holder {
        pod: options.pod.clone(),
        address: options.pod_ip.to_string(),
        uid: options.pod_uid.clone(),
        life: clock::now(),
        init: std::process::id() == 1,
    };
    let (events, inbox) = mpsc::channel(256);
    let actions = [options.on_idle, options.on_following, options.on_leading];
    let service = Arc::new(Service::new(options.redis, actions, options.promote)?);
    let counts = Arc::new(Counts::default());
    counts.alive.store(clock::now(), Ordering::Relaxed);
    let nothing = Master { me: me.pod.clone(), role: "idle".into(), ..Master::default() };
    let (belief, believed) = watch::channel(Belief { master: nothing, seen: 0, until: 0 });
    let signals = Signals::new()?;
    let child = service.start(&options.command)?;
    let shared = Shared {
        belief: believed,
        counts: counts.clone(),
        events: events.clone(),
        service: service.clone(),
        me: me.clone(),
        peers: options.peers.is_some(),
        key: key.clone(),
        lease: settings.lease,
        expiry: settings.expiry(settings.lease),
    };
    http::serve(options.listen, options.peer_listen, shared).await?;
    let store = Store::new(client.clone(), &namespace, &options.name);
    tokio::spawn(store.clone().watch(events.clone(), Duration::from_millis(settings.lease)));
    let early = store.clone();
    tokio::spawn(async move { drop(early.owner().await) });
    let peers = options.peers.as_deref().map(|selector| {
        Peers::new(client.clone(), &namespace, selector, me.clone(), options.peer_listen.port(), key.clone())
    });
    let limit = Duration::from_millis(settings.call);
    let slices = Slices::new(client, &namespace, options.endpoints.clone(), limit);
    if peers.is_some() && key.is_none() {
        log("no --peer-key: whoever reaches the other pods' port can depose the master");
    }
    log(&format!("elector of {} in {namespace}/{}, lease {} ms", me.pod, options.name, settings.lease));
    let runtime = Runtime {
        elector: Elector::new(me.clone(), settings),
        me,
        settings,
        store,
        peers,
        slices,
        service,
        counts,
        events,
        belief,
        promote: options.promote,
        promoted: None,
        right: Arc::default(),
        unresponsive: Time::try_from(options.unresponsive.as_millis()).unwrap_or(Time::MAX),
        barrier: options.barrier,
        leading: None,
    };
    Box::pin(runtime.run(inbox, child, signals)).await
}
