//! The operator of `Peering`: makes the pods, their configuration and what belongs to them.
//!
//! Which of its replicas acts, an elector decides that starts it as its service: it says so by HTTP, and waits for
//! the answer. Before this replica answers that it does not act any more, it has stopped.

mod backoff;
mod desired;
mod metrics;
mod reconcile;
mod status;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use kube::runtime::{
    Controller, PredicateConfig, WatchStreamExt as _, controller, predicates, reflector, watcher,
};
use kube::{Api, Client, Config};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::election::clock;
use super::rewatch::Rewatch;
use super::{cli, log};
use crate::peering::Peering;
use desired::{KINDS, MANAGED_BY, MANAGER};
use metrics::Metrics;
use reconcile::{Context, failed, reconcile};

/// How long another role may take to be taken on.
const TURN: Duration = Duration::from_secs(5);
/// The longest pause until watches that broke begin anew.
const PAUSE: Duration = Duration::from_millis(500);
/// Resources that are looked at side by side.
const AT_ONCE: u16 = 8;

/// What the HTTP handlers share with the main loop.
struct Shared {
    /// Whether this replica is to act.
    wanted: watch::Sender<bool>,
    /// Whether it does.
    acting: watch::Receiver<bool>,
    metrics: Metrics,
    /// When the main loop last went round, in milliseconds since boot.
    alive: AtomicU64,
}

/// Serves until it is told to end; acts while it is told to.
pub async fn run(options: cli::Operator) -> Result<u8> {
    let config = Config::infer().await.context("neither in a cluster nor with a kubeconfig")?;
    let namespace = options.namespace.unwrap_or_else(|| config.default_namespace.clone());
    let client = Client::try_from(config).context("no client for the cluster's API")?;
    let image = match options.image {
        Some(image) => image,
        None => own_image(&client, options.pod.as_deref()).await?,
    };
    let (wanted, wants) = watch::channel(options.always);
    let (acts, acting) = watch::channel(false);
    let metrics = Metrics::new();
    let alive = AtomicU64::new(clock::now());
    let shared = Arc::new(Shared { wanted, acting, metrics: metrics.clone(), alive });
    let bind = |address| async move {
        TcpListener::bind(address).await.with_context(|| format!("could not listen on {address}"))
    };
    let (public, private) = (bind(options.listen).await?, bind(options.role_listen).await?);
    tokio::spawn(serve(public, app(shared.clone())));
    tokio::spawn(serve(private, Router::new().route("/role", post(role)).with_state(shared.clone())));
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for signals")?;
    log(&format!("operator of the peerings in {namespace}; peers run {image}"));
    let turns = turns(&client, &namespace, &image, wants, &acts, &metrics);
    let rounds = async {
        loop {
            shared.alive.store(clock::now(), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = turns => {}
        () = rounds => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    log("ending");
    Ok(0)
}

/// Acts whenever that is wanted, for ever.
async fn turns(
    client: &Client,
    namespace: &str,
    image: &str,
    mut wants: watch::Receiver<bool>,
    acts: &watch::Sender<bool>,
    metrics: &Metrics,
) {
    while wants.wait_for(|wants| *wants).await.is_ok() {
        acts.send_replace(true);
        metrics.acts(true);
        log("this replica acts");
        let cx = Context::new(client.clone(), image.to_owned(), wants.clone(), metrics.clone());
        // What is dropped in the middle writes nothing more.
        tokio::select! {
            () = act(client, namespace, Arc::new(cx)) => log("the watches ended, and begin anew"),
            _ = wants.wait_for(|wants| !*wants) => log("this replica does not act any more"),
        }
        metrics.acts(false);
        acts.send_replace(false);
    }
}

/// Looks at every resource, and again whenever it or what belongs to it changes.
async fn act(client: &Client, namespace: &str, cx: Arc<Context>) {
    let peerings: Api<Peering> = Api::namespaced(client.clone(), namespace);
    let (reader, writer) = reflector::store();
    // Its status is written here, and is no reason to look again. On what belongs to it the same filter would hide
    // that it was deleted.
    let changed = watcher(peerings, watcher::Config::default())
        .backoff(Rewatch::within(PAUSE))
        .reflect(writer)
        .applied_objects()
        .predicate_filter(predicates::generation, PredicateConfig::default());
    let config = controller::Config::default().concurrency(AT_ONCE);
    let controller = Controller::for_stream(changed, reader).with_config(config);
    let controller = controller.trigger_backoff(Rewatch::within(PAUSE));
    let ours = watcher::Config::default().labels(&format!("{MANAGED_BY}={MANAGER}"));
    let owning = KINDS.iter().fold(controller, |all, kind| {
        let resource = desired::resource(*kind);
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource);
        all.owns_with(api, resource, ours.clone())
    });
    let mut last = String::new();
    let mut results = std::pin::pin!(owning.run(reconcile, failed, cx));
    while let Some(result) = results.next().await {
        // What failed at one resource has been told.
        if let Err(controller::Error::QueueError(error)) = result {
            let words = error.to_string();
            if words != last {
                log(&format!("a watch broke, and begins anew: {words}"));
                last = words;
            }
        }
    }
}

/// The image that this very pod runs.
async fn own_image(client: &Client, pod: Option<&str>) -> Result<String> {
    let name = pod.context("neither --image nor POD_NAME says which image the peers run")?;
    let pod = Api::<Pod>::default_namespaced(client.clone()).get(name).await;
    let pod = pod.with_context(|| format!("could not read this pod, {name}"))?;
    let containers = pod.spec.map(|spec| spec.containers).unwrap_or_default();
    containers.into_iter().find_map(|container| container.image).context("this pod runs no image")
}

async fn serve(listener: TcpListener, app: Router) {
    if let Err(error) = axum::serve(listener, app).await {
        log(&format!("could not serve: {error}"));
    }
}

fn app(shared: Arc<Shared>) -> Router {
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(figures)).with_state(shared)
}

/// The main loop goes round.
async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    let age = clock::now().saturating_sub(shared.alive.load(Ordering::Relaxed));
    let status = if age < 10_000 { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("last round {age} ms ago\n")).into_response()
}

async fn figures(State(shared): State<Arc<Shared>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], shared.metrics.text()).into_response()
}

/// What an elector tells its service.
#[derive(Deserialize)]
struct Told {
    role: String,
}

/// Takes on a role. Answered once it is so: an elector gives its lease back only then.
async fn role(State(shared): State<Arc<Shared>>, Query(told): Query<Told>) -> StatusCode {
    let leads = told.role == "leading";
    shared.wanted.send_replace(leads);
    let mut acting = shared.acting.clone();
    match tokio::time::timeout(TURN, acting.wait_for(|acts| *acts == leads)).await {
        Ok(Ok(_)) => StatusCode::NO_CONTENT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
