//! Makes the objects of one resource what it says, and its status what they are.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod as LivePod;
use kube::api::{DynamicObject, ListParams, Patch, PatchParams};
use kube::runtime::controller::Action;
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::backoff::Backoff;
use super::desired::{self, KINDS, MANAGER};
use super::metrics::Metrics;
use super::status::{self, Pod, Seen};
use crate::peering::{GENERATION_HEADER, Peering};
use crate::serve::{http_call, log};

/// How long a peer that stays is given to read that others go, before their pods go anyhow.
const PATIENCE: Duration = Duration::from_secs(10);
/// Limit of the question which configuration a peer uses.
const QUESTION: Duration = Duration::from_secs(1);
/// Peers that are asked at once.
const AT_ONCE: usize = 32;
/// How soon it looks again at what is not done, at first and at last.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How soon it looks again at what is done, without any event.
const IDLE: Duration = Duration::from_mins(5);

/// Why a resource could not be made what it says.
#[derive(Debug)]
pub enum Error {
    /// The API server refused, or did not answer.
    Api(kube::Error),
    /// An object of that name belongs to somebody else.
    Foreign(String),
    /// The resource says what cannot be.
    Wrong(String),
    /// Another replica acts now.
    Idle,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(kube::Error::Api(status)) => f.write_str(&status.message),
            Self::Api(error) => write!(f, "the API server did not answer: {error}"),
            Self::Foreign(what) => write!(f, "{what} exists already, and does not belong to this resource"),
            Self::Wrong(what) => f.write_str(what),
            Self::Idle => f.write_str("another replica acts now"),
        }
    }
}

impl std::error::Error for Error {}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Api(error)
    }
}

impl Error {
    /// What of it belongs into the status: a reason in one word. What passes by itself does not, nor could it be
    /// written while the API server is away.
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(_) => Some("Foreign"),
            Self::Wrong(_) => Some("Wrong"),
            Self::Api(kube::Error::Api(status)) if matches!(status.code, 400..500) && status.code != 409 => {
                Some("Refused")
            }
            Self::Api(_) | Self::Idle => None,
        }
    }
}

/// What all reconciliations share.
pub struct Context {
    /// The API.
    pub client: Client,
    /// The image of peers that name none.
    pub image: String,
    /// Whether this replica is to act.
    pub acting: watch::Receiver<bool>,
    /// Failures in a row.
    pub backoff: Backoff,
    /// Figures.
    pub metrics: Metrics,
    memory: Mutex<Memory>,
}

/// What need not be asked again.
#[derive(Default)]
struct Memory {
    /// The generation that a life of a pod was seen to use, by its UID and its restarts.
    used: HashMap<(String, i32), i64>,
    /// Since when a generation of a resource is not done, by its UID.
    since: HashMap<String, (i64, Instant)>,
}

impl Context {
    /// Nothing is remembered yet.
    pub fn new(client: Client, image: String, acting: watch::Receiver<bool>, metrics: Metrics) -> Self {
        Self { client, image, acting, backoff: Backoff::default(), metrics, memory: Mutex::default() }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn api(&self, kind: (&str, &str, &str), namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, &desired::resource(kind))
    }

    /// Since when this generation is not done.
    fn since(&self, uid: &str, generation: i64) -> Instant {
        let mut memory = self.memory();
        let since = memory.since.entry(uid.to_owned()).or_insert_with(|| (generation, Instant::now()));
        if since.0 != generation {
            *since = (generation, Instant::now());
        }
        since.1
    }

    fn must_act(&self) -> Result<(), Error> {
        if *self.acting.borrow() { Ok(()) } else { Err(Error::Idle) }
    }
}

/// Makes a resource's objects what it says, and writes how far they are.
pub async fn reconcile(peering: Arc<Peering>, cx: Arc<Context>) -> Result<Action, Error> {
    let (name, namespace) = (peering.name_any(), peering.namespace().unwrap_or_default());
    let uid = peering.uid().unwrap_or_default();
    // Whoever deletes it may wait for what belongs to it: an object that is written again would never let it end.
    if peering.metadata.deletion_timestamp.is_some() {
        cx.memory().since.remove(&uid);
        return Ok(Action::await_change());
    }
    cx.metrics.reconciled();
    let generation = peering.metadata.generation.unwrap_or(0);
    let since = cx.since(&uid, generation);
    let kept = keep(&peering, &cx, &namespace, since).await;
    let fault = kept.as_ref().err().and_then(|e| Some((e.reason()?.to_owned(), e.to_string())));
    let kept = match kept {
        // Nothing is known that could be written.
        Err(error) if fault.is_none() => return Err(error),
        kept => kept,
    };
    let pods = pods(&cx, &namespace, &name, peering.spec.replicas, generation).await?;
    let rolled_out = kept.as_ref().is_ok_and(|set| rolled_out(set, peering.spec.replicas));
    let seen = Seen { generation, wanted: peering.spec.replicas, pods, rolled_out, fault };
    write_status(&cx, &peering, &namespace, &seen).await?;
    kept?;
    cx.backoff.succeeded(&format!("{namespace}/{name}"));
    if seen.is_done() {
        return Ok(Action::requeue(IDLE));
    }
    // The longer it takes, the less often it is looked at; events come by themselves.
    Ok(Action::requeue((since.elapsed() / 8).clamp(LOOK.0, LOOK.1)))
}

/// Tells a failure, and how long to wait for this resource after it.
#[expect(clippy::needless_pass_by_value, reason = "the controller calls it so")]
pub fn failed(peering: Arc<Peering>, error: &Error, cx: Arc<Context>) -> Action {
    if matches!(error, Error::Idle) {
        return Action::await_change();
    }
    let resource = format!("{}/{}", peering.namespace().unwrap_or_default(), peering.name_any());
    let pause = cx.backoff.failed(&resource);
    cx.metrics.failed();
    log(&format!("{resource}: {error}; again in {:.1} s", pause.as_secs_f64()));
    Action::requeue(pause)
}

/// Writes each object that is not as it is wanted; returns the `StatefulSet` as it is then.
async fn keep(peering: &Peering, cx: &Context, namespace: &str, since: Instant) -> Result<Value, Error> {
    let name = peering.name_any();
    let mut wanted = desired::objects(peering, &cx.image).map_err(Error::Wrong)?;
    let live = KINDS.iter().map(|kind| async {
        let live = cx.api(*kind, namespace).get_opt(&name).await?;
        Ok::<_, Error>(live.map(|live| serde_json::to_value(live).unwrap_or_default()))
    });
    let live = futures::future::try_join_all(live).await?;
    for (wanted, live) in wanted.iter().zip(&live) {
        if live.as_ref().is_some_and(|live| !is_of(live, wanted)) {
            let kind = wanted["kind"].as_str().unwrap_or_default().to_lowercase();
            return Err(Error::Foreign(format!("{kind}/{name}")));
        }
    }
    let mut set = wanted.pop().unwrap_or_default();
    for ((kind, wanted), live) in KINDS.iter().zip(&wanted).zip(&live) {
        let written = write(cx, *kind, namespace, wanted, live.as_ref()).await?;
        if kind.1 == "ServiceAccount" {
            desired::with_account(&mut set, &written);
        }
    }
    let live = live.last().cloned().flatten();
    let runs = live.as_ref().and_then(|live| live["spec"]["replicas"].as_i64());
    if let Some(runs) = runs.filter(|runs| *runs > i64::from(peering.spec.replicas))
        && !others_know(peering, cx, namespace, since).await?
    {
        set["spec"]["replicas"] = json!(runs);
    }
    let kind = KINDS[KINDS.len() - 1];
    write(cx, kind, namespace, &set, live.as_ref()).await
}

/// Whether all peers that stay have read that others go: only then their calls do not fail. One that does not
/// answer is not waited for without end.
async fn others_know(
    peering: &Peering,
    cx: &Context,
    namespace: &str,
    since: Instant,
) -> Result<bool, Error> {
    let generation = peering.metadata.generation.unwrap_or(0);
    let pods = pods(cx, namespace, &peering.name_any(), peering.spec.replicas, generation).await?;
    let stay = pods.iter().filter(|pod| pod.ordinal < peering.spec.replicas && pod.ready);
    Ok(stay.into_iter().all(|pod| pod.generation == Some(generation)) || since.elapsed() > PATIENCE)
}

/// Writes an object if it is not as it is wanted. Returns it as it is then.
async fn write(
    cx: &Context,
    kind: (&str, &str, &str),
    namespace: &str,
    wanted: &Value,
    live: Option<&Value>,
) -> Result<Value, Error> {
    if let Some(live) = live
        && (desired::holds(live, wanted) || live["metadata"]["deletionTimestamp"].is_string())
    {
        return Ok(live.clone());
    }
    cx.must_act()?;
    let name = wanted["metadata"]["name"].as_str().unwrap_or_default();
    let params = PatchParams::apply(MANAGER).force();
    let written = cx.api(kind, namespace).patch(name, &params, &Patch::Apply(wanted)).await?;
    let title = format!("{}/{name}", kind.1.to_lowercase());
    let is_same = live.is_some_and(|live| {
        live["metadata"]["resourceVersion"].as_str() == written.metadata.resource_version.as_deref()
    });
    if !is_same {
        cx.metrics.wrote(kind.1);
        log(&format!("{namespace}/{name}: {title} {}", if live.is_some() { "changed" } else { "created" }));
    }
    Ok(serde_json::to_value(written).unwrap_or_default())
}

/// Whether an object belongs to the resource for which the other one is wanted.
fn is_of(live: &Value, wanted: &Value) -> bool {
    let uid = &wanted["metadata"]["ownerReferences"][0]["uid"];
    let owners = live["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    owners.into_iter().any(|owner| &owner["uid"] == uid)
}

/// Whether a `StatefulSet` has that many pods, all of its newest template.
fn rolled_out(set: &Value, wanted: i32) -> bool {
    let (status, wanted) = (&set["status"], i64::from(wanted));
    let number = |field: &str| status[field].as_i64().unwrap_or(0);
    let is_seen = set["metadata"]["generation"].as_i64() <= Some(number("observedGeneration"));
    let one = status["currentRevision"] == status["updateRevision"];
    set["spec"]["replicas"] == wanted && is_seen && (one || number("updatedReplicas") == wanted)
}

/// All pods of a resource, and what those that stay use. Who is known to use this generation is not asked again.
async fn pods(
    cx: &Context,
    namespace: &str,
    name: &str,
    wanted: i32,
    generation: i64,
) -> Result<Vec<Pod>, Error> {
    let api: Api<LivePod> = Api::namespaced(cx.client.clone(), namespace);
    let list = api.list(&ListParams::default().labels(&desired::selector(name))).await?;
    let live: Vec<_> = list.items.into_iter().map(|live| (pod(&live), asked(&live))).collect();
    let known: Vec<_> = {
        let memory = cx.memory();
        live.iter().map(|(_, asked)| asked.as_ref().and_then(|a| memory.used.get(&a.life).copied())).collect()
    };
    let questions = live.into_iter().zip(known).map(|((mut pod, asked), known)| async move {
        let Some(asked) = asked.filter(|_| pod.ready && pod.ordinal < wanted) else { return (pod, None) };
        pod.generation = known;
        if known != Some(generation) {
            pod.generation = ask(&asked.at).await;
        }
        let used = pod.generation.map(|generation| (asked.life, generation));
        (pod, used)
    });
    let answers: Vec<_> = futures::stream::iter(questions).buffer_unordered(AT_ONCE).collect().await;
    let mut memory = cx.memory();
    if memory.used.len() > 10_000 {
        // Of pods that are gone, most of it.
        memory.used.clear();
    }
    let mut pods = Vec::new();
    for (pod, used) in answers {
        memory.used.extend(used);
        pods.push(pod);
    }
    pods.sort_by_key(|pod| pod.ordinal);
    Ok(pods)
}

/// A pod that can be asked.
struct Asked {
    life: (String, i32),
    at: String,
}

fn asked(live: &LivePod) -> Option<Asked> {
    let status = live.status.as_ref()?;
    let ip = status.pod_ip.as_ref().filter(|ip| !ip.is_empty())?;
    let container = live.spec.as_ref()?.containers.first()?;
    let port = container.ports.as_ref()?.first()?.container_port;
    let restarts = status.container_statuses.as_ref().and_then(|all| Some(all.first()?.restart_count));
    let at = if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") };
    Some(Asked { life: (live.metadata.uid.clone()?, restarts.unwrap_or(0)), at })
}

/// The generation of the configuration that a peer uses.
async fn ask(at: &str) -> Option<i64> {
    let reply = http_call::get(at, "/ping", QUESTION).await.ok()?;
    reply.header(GENERATION_HEADER)?.parse().ok()
}

fn pod(live: &LivePod) -> Pod {
    let name = live.metadata.name.clone().unwrap_or_default();
    let ordinal = name.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(i32::MAX);
    let status = live.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let is_ready = conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True");
    let unplaced = conditions.iter().find(|c| c.type_ == "PodScheduled" && c.status == "False");
    let unplaced = unplaced.map(|c| {
        (c.reason.clone().unwrap_or_else(|| "Unschedulable".into()), c.message.clone().unwrap_or_default())
    });
    let containers = status.container_statuses.unwrap_or_default();
    let waits = containers.into_iter().filter_map(|c| c.state?.waiting).find_map(|waiting| {
        let reason = waiting.reason.filter(|reason| status::is_stuck(reason))?;
        let words = waiting.message.unwrap_or_else(|| reason.clone());
        Some((reason, words))
    });
    let ready = is_ready && live.metadata.deletion_timestamp.is_none();
    Pod { name, ordinal, ready, generation: None, stuck: waits.or(unplaced) }
}

/// Writes the status if it differs from the one that stands.
async fn write_status(cx: &Context, peering: &Peering, namespace: &str, seen: &Seen) -> Result<(), Error> {
    let name = peering.name_any();
    let api: Api<Peering> = Api::namespaced(cx.client.clone(), namespace);
    // The one that woke this may be older than what was written since.
    let Some(live) = api.get_opt(&name).await?.filter(|live| live.uid() == peering.uid()) else {
        return Ok(());
    };
    let before = live.status.as_ref();
    let now = format!("{:.0}", jiff::Timestamp::now());
    let status = seen.status(desired::selector(&name), before, &now);
    if live.metadata.deletion_timestamp.is_some()
        || before.is_some_and(|before| status::same(before, &status))
    {
        return Ok(());
    }
    cx.must_act()?;
    let patch = json!({"metadata": {"resourceVersion": live.metadata.resource_version}, "status": status});
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    match api.patch_status(&name, &params, &Patch::Merge(patch)).await {
        Ok(_) => cx.metrics.wrote("Peering/status"),
        // It changed meanwhile, or is gone: its event comes.
        Err(kube::Error::Api(refused)) if matches!(refused.code, 404 | 409) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
