//! One object of the Kubernetes API: applied with our mark, deleted by its UID.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use kube::api::{DynamicObject, ListParams};
use kube::discovery::{ApiGroup, Discovery, Scope, verbs};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::nature::{Data, Down, Lives, Nature, Rank, Traced};
use super::{Act, Change, Look, Probe, Seen, defined};
use crate::context::{Context, ports};
use crate::error::{Next, Problem, advice, again, kubectl, problem};
use crate::journal;
use crate::k8s::owned::{self, Fields};
use crate::k8s::refused::Refused;
use crate::k8s::{apply, kind, manifest, ready};
use crate::ui::Row;

/// How long a request that is under way elsewhere may keep a name, or a port that another service has by now.
const UNDER_WAY: Duration = Duration::from_secs(5);
/// How long the API server may take to serve a kind after its definition is established.
const NEW_KIND: Duration = Duration::from_secs(10);

/// An object as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The stack that wants it.
    part: String,
    /// The whole manifest, our mark included.
    manifest: Value,
}

/// What was under that name before.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// Nothing.
    #[default]
    Nothing,
    /// Ours, of another shape: this one.
    Was(Value),
}

/// What was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its UID: the precondition of its deletion.
    uid: String,
}

impl Object {
    /// An object of a part; gets opsctl's mark.
    pub fn new(part: &str, mut manifest: Value) -> Self {
        let key = manifest::key(&manifest);
        manifest::mark(&mut manifest, part, &key);
        Self { part: part.to_owned(), manifest }
    }

    /// The manifest, mark included.
    pub fn manifest(&self) -> &Value {
        &self.manifest
    }

    /// Applies it, `new` where there is none.
    ///
    /// A request that another run has under way, or had when it was killed, can take the name and the `NodePort`
    /// after the look: for a moment, that is no refusal. The API server gives the port back when it gives such a
    /// request up, which takes it as long as its writes do: on a busy machine more than six seconds. Neither is an
    /// operator's webhook that is not up yet a refusal, nor a kind whose definition was established just now.
    async fn apply(&self, cx: &Context, act: Act<'_>, client: &kube::Client, mut new: bool) -> Result<Value> {
        let began = Instant::now();
        loop {
            let done = if new && manifest::kind(&self.manifest) == "Service" {
                apply::create(client, &self.manifest, act.token).await
            } else {
                apply::apply(client, &self.manifest, act.token).await
            };
            let error = match done {
                Ok(live) => return Ok(live),
                Err(e) => e,
            };
            let Some(refused) = Refused::of(&error) else { return Err(error) };
            let of_port = refused.is_of_node_port() && has_usual_ports(&self.manifest);
            let patience = if refused.is_for_now() {
                act.row.doing(format!("{} is refused, retrying: {}", self.title(), refused.message()));
                cx.timeout
            } else if refused.is_of_kind() {
                NEW_KIND
            } else if of_port && port_taken(cx, &self.manifest).await?.is_none() {
                act.row.doing(format!("{} waits for its NodePort, which no service has", self.title()));
                cx.timeout
            } else if refused.is_name_taken() || of_port {
                UNDER_WAY
            } else {
                return Err(error);
            };
            if began.elapsed() >= patience {
                return Err(match port_taken(cx, &self.manifest).await? {
                    Some(problem) => error.context(problem),
                    None if of_port => error.context(self.port_without_service(cx)),
                    None => error,
                });
            }
            match apply::get(client, &self.manifest).await? {
                Some(live) if new && !is_leaving(&live) => {
                    self.must_be_ours(&live)?;
                    new = false;
                }
                _ => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
    }

    async fn look(&self, cx: &Context) -> Result<Probe<Before>> {
        let client = cx.client().await?;
        let Some(live) = apply::get(&client, &self.manifest).await? else {
            return Ok(match port_taken(cx, &self.manifest).await? {
                Some(problem) => Probe::Foreign(problem),
                None => Probe::Absent(Before::Nothing),
            });
        };
        if manifest::made_by(&live) != Some(self.key().as_str()) {
            return Ok(Probe::Foreign(foreign(&self.manifest)));
        }
        if is_leaving(&live) {
            // On its way out after an interrupted `down`: `up` waits for that first.
            return Ok(Probe::Absent(Before::Nothing));
        }
        let is = manifest::stripped(&live);
        let ours = Fields::ours(&live);
        let wanted = match apply::dry_run(&client, &self.manifest).await {
            Ok(wanted) => wanted,
            Err(e) => match port_taken(cx, &self.manifest).await? {
                Some(problem) => return Ok(Probe::Foreign(problem)),
                // The operator whose webhook is asked may be what `up` has to bring back first.
                None if Refused::of(&e).is_some_and(Refused::is_for_now) => {
                    let was = Before::Was(owned::pick(&is, &ours));
                    return Ok(Probe::Differs(was, "a way that cannot be checked yet".into()));
                }
                None => return Err(e),
            },
        };
        if former_claim(&client, &live).await?.is_some() {
            return Ok(Probe::Differs(Before::Nothing, "the claim that it was bound to is gone".into()));
        }
        let differences = manifest::differences(&is, &manifest::stripped(&wanted));
        if differences.is_empty() {
            return Ok(Probe::Same);
        }
        // What is not ours, and does not become ours, is not ours to take back.
        let was = Before::Was(owned::pick(&is, &ours.and(Fields::ours(&wanted))));
        Ok(Probe::Differs(was, differences.join(", ")))
    }

    /// A namespace or a definition stays while it holds what opsctl did not make: that would go with it.
    async fn must_be_free(&self, client: &kube::Client, uids: &UidsOf) -> Result<()> {
        let problem = match kind::of(&self.manifest).rank {
            kind::Rank::Namespace => {
                let namespace = manifest::name(&self.manifest);
                let others = foreign_in(client, namespace, uids).await?;
                let delete = kubectl(format!("-n {namespace} delete {}", others.join(" ")));
                problem!(HoldsForeign, "{} contains resources that opsctl did not make", self.title())
                    .found(others.join("\n"))
                    .next(delete)
            }
            kind::Rank::Definition => self.used_by(&defined::resources(client, &self.manifest).await?),
            _ => return Ok(()),
        };
        if problem.found.is_empty() {
            return Ok(());
        }
        Err(problem.next(again()).into())
    }

    /// Refuses where this definition is to go and somebody else has a resource of its kind, before anything goes: its
    /// operator, which may have to end that resource, would be gone when the definition is refused. `going` is what
    /// goes with it.
    pub async fn must_be_unused(&self, cx: &Context, going: &[&Value]) -> Result<()> {
        if kind::of(&self.manifest).rank != kind::Rank::Definition {
            return Ok(());
        }
        let client = cx.client().await?;
        let live = apply::get(&client, &self.manifest).await?;
        if live.is_none_or(|live| manifest::made_by(&live) != Some(self.key().as_str())) {
            return Ok(());
        }
        let mut others = defined::resources(&client, &self.manifest).await?;
        others.retain(|other| !other.is_owned() && !going.iter().any(|object| other.is(object)));
        if others.is_empty() {
            return Ok(());
        }
        Err(self.used_by(&others).found("Nothing was touched.").next(again()).into())
    }

    fn used_by(&self, others: &[defined::Resource]) -> Problem {
        let what = "deleting it would delete all resources of that kind";
        let problem = problem!(HoldsForeign, "{} stays: {what}", self.title());
        others.iter().fold(problem.found(defined::listed(others)), |p, o| p.next(o.deletion()))
    }

    /// Made by somebody since the look: a forced apply would take it over.
    fn must_be_ours(&self, live: &Value) -> Result<()> {
        if manifest::made_by(live) == Some(self.key().as_str()) {
            return Ok(());
        }
        Err(foreign(&self.manifest).into())
    }

    /// A request cut short left its port held by no service at all.
    fn port_without_service(&self, cx: &Context) -> Problem {
        problem!(PortHeld, "the NodePort of {} is taken, though no service has it", self.title())
            .found("A command killed while it created a service can leave this behind.")
            .found("The API server frees the port by itself within about ten minutes.")
            .next(again().remark("then"))
            .next(another_port(cx, node_ports(&self.manifest).first().copied(), &[]))
    }
}

impl Change for Object {
    type Before = Before;
    type Made = Made;
    type Kept = ();

    fn key(&self) -> String {
        manifest::key(&self.manifest)
    }

    fn title(&self) -> String {
        manifest::title(&self.manifest)
    }

    fn command(&self) -> String {
        format!("kubectl apply --server-side -f manifests/{}  # {}", self.part, self.title())
    }

    fn nature(&self) -> Nature {
        let traits = kind::of(&self.manifest);
        let lives = match manifest::namespace(&self.manifest) {
            Some(ns) => Lives::Namespace(ns.to_owned()),
            None if traits.rank == kind::Rank::Namespace => {
                Lives::AsNamespace(manifest::name(&self.manifest).to_owned())
            }
            None => Lives::Cluster,
        };
        Nature {
            lives,
            rank: Rank::Object(traits.rank),
            data: if traits.data { Data::Holds } else { Data::None },
            traced: Traced::Look,
            down: Down::Whole,
            looks_again: true,
            takes_away: false,
            only_if_needed: false,
        }
    }

    fn removes(&self, before: &Before) -> bool {
        matches!(before, Before::Nothing)
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<Before>> {
        self.look(cx).await
    }

    async fn up(&self, cx: &Context, act: Act<'_>, _: &Before, _: Option<&()>, _: Seen) -> Result<Made> {
        let client = cx.client().await?;
        let there = apply::get(&client, &self.manifest).await?;
        let mut new = there.is_none();
        if let Some(live) = there {
            self.must_be_ours(&live)?;
            if is_leaving(&live) {
                act.row.doing(format!("{} is still being deleted", self.title()));
                let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
                apply::gone(&client, &self.manifest, uid, cx.timeout).await?;
                new = true;
            }
        }
        let mut live = self.apply(cx, act, &client, new).await?;
        remember_port(cx, &self.manifest)?;
        if let Some(claim) = former_claim(&client, &live).await? {
            // On its way out, it would be bound once more.
            let uid = claim["metadata"]["uid"].as_str().unwrap_or_default();
            apply::gone(&client, &claim, uid, cx.timeout).await?;
            live = apply::reserve_again(&client, &self.manifest, act.token).await?;
        }
        if cx.wait {
            ready::volume(&client, &live, act.token).await?;
        }
        let uid = live["metadata"]["uid"].as_str().context("the API server returned no UID")?;
        Ok(Made { uid: uid.to_owned() })
    }

    async fn settle(&self, cx: &Context, row: &Row) -> Result<String> {
        // Also where it stood so already: an earlier opsctl did not remember.
        remember_port(cx, &self.manifest)?;
        if !cx.wait {
            return Ok("applied".into());
        }
        ready::object(&cx.client().await?, &self.manifest, cx.timeout, row).await?;
        Ok(ready::fact(&self.manifest).into())
    }

    async fn down(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Before,
        made: Option<&Made>,
    ) -> Result<(String, ())> {
        let client = cx.client().await?;
        let Some(live) = apply::get(&client, &self.manifest).await? else {
            return Ok(("was gone already".into(), ()));
        };
        if manifest::made_by(&live) != Some(self.key().as_str()) {
            return Ok(("no longer opsctl's; left alone".into(), ()));
        }
        let uids = UidsOf::here(cx, act).await?;
        let very_one = match made {
            Some(made) => live["metadata"]["uid"].as_str() == Some(made.uid.as_str()),
            None => uids.has(&live),
        };
        if !very_one {
            return Ok(("left alone: it is not the one that opsctl made".into(), ()));
        }
        if let Before::Was(former) = before {
            apply::apply(&client, &owned::to_restore(former, &live), act.token).await?;
            remember_port(cx, former)?;
            if cx.wait {
                // Until then its pods are others, on an image that may be next to go.
                ready::object(&client, former, cx.timeout, act.row).await?;
            }
            return Ok(("restored".into(), ()));
        }
        self.must_be_free(&client, &uids).await?;
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        let there = apply::delete(&client, &self.manifest, uid, cx.timeout, act.token).await?;
        Ok((if there { "removed" } else { "was gone already" }.into(), ()))
    }
}

/// The UIDs that the journal has of objects, by their keys. An object that bears our marks need not be ours: whoever
/// makes one from a copy copies them, too.
pub struct UidsOf(BTreeMap<String, Known>);

#[derive(Default)]
struct Known {
    uids: BTreeSet<String>,
    /// One was being made, by a run that was cut short before it had its UID.
    and_more: bool,
}

impl UidsOf {
    /// Those that the journal has of what may stand in this cluster.
    pub async fn here(cx: &Context, act: Act<'_>) -> Result<Self> {
        let here = journal::Scope::Cluster(cx.cluster().await?.uid);
        let mut all: BTreeMap<String, Known> = BTreeMap::new();
        for e in act.journal.borrow().history().standing(&here) {
            let known = all.entry(e.is.key.clone()).or_default();
            match e.made.as_ref().and_then(|made| made["uid"].as_str()) {
                Some(uid) => drop(known.uids.insert(uid.to_owned())),
                None => known.and_more = true,
            }
            known.and_more |= e.pending();
        }
        Ok(Self(all))
    }

    /// Whether opsctl made this very object. Where its UID is not known, whoever made it by a copy is no owner of its
    /// fields by our name.
    pub fn has(&self, live: &Value) -> bool {
        let Some(key) = manifest::made_by(live) else { return false };
        let known = self.0.get(key);
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        known.is_some_and(|known| known.uids.contains(uid))
            || (known.is_none_or(|known| known.and_more) && !Fields::ours(live).is_empty())
    }
}

/// The claim that a volume is bound to, if that is gone or going: the volume waits for that very claim for
/// ever, and a new one of the same name would stay pending. (A namespace removed by hand, a `down` cut short.)
/// Asked for by its UID: the volume's phase says so only a moment later. Its namespace is asked too: Kubernetes
/// begins with the claims of one that goes only after five seconds.
async fn former_claim(client: &kube::Client, volume: &Value) -> Result<Option<Value>> {
    let bound = &volume["spec"]["claimRef"];
    if manifest::kind(volume) != "PersistentVolume" || !bound["uid"].is_string() {
        return Ok(None);
    }
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata":
        {"namespace": bound["namespace"], "name": bound["name"], "uid": bound["uid"]}});
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bound["namespace"]}});
    let (live, around) = tokio::try_join!(apply::get(client, &claim), apply::get(client, &namespace))?;
    let stands = live.is_some_and(|live| live["metadata"]["uid"] == bound["uid"] && !is_leaving(&live))
        && around.is_some_and(|namespace| !is_leaving(&namespace));
    Ok((!stands).then_some(claim))
}

/// Whether it is being deleted.
fn is_leaving(live: &Value) -> bool {
    live["metadata"]["deletionTimestamp"].is_string()
}

fn foreign(object: &Value) -> Problem {
    let place = manifest::namespace(object).map(|ns| format!("-n {ns} ")).unwrap_or_default();
    let title = manifest::title(object);
    problem!(Foreign, "{title} exists already, and opsctl did not make it")
        .found("Nothing was touched: it may hold something of value.")
        .next(kubectl(format!("{place}get {title} -o yaml")))
        .next(kubectl(format!("{place}delete {title}")))
}

/// The `NodePorts` that a Service wants.
fn node_ports(object: &Value) -> Vec<i64> {
    let ports = object["spec"]["ports"].as_array().into_iter().flatten();
    ports.filter_map(|p| p["nodePort"].as_i64()).collect()
}

/// Whether the `NodePorts` that a Service wants lie where Kubernetes gives them, unless it is told otherwise.
fn has_usual_ports(object: &Value) -> bool {
    node_ports(object).iter().all(|port| ports::NODE_PORTS.contains(&u16::try_from(*port).unwrap_or(0)))
}

/// A Service's port, for those who later ask for the Service without asking the API server.
fn remember_port(cx: &Context, object: &Value) -> Result<()> {
    let port = node_ports(object).first().and_then(|port| u16::try_from(*port).ok());
    match (manifest::kind(object), manifest::namespace(object), port) {
        ("Service", Some(ns), Some(port)) => {
            cx.ports.remember(&cx.paths, &cx.target, &format!("{ns}/{}", manifest::name(object)), port)
        }
        _ => Ok(()),
    }
}

/// The command that takes another port than this one; `used` are those of all services.
fn another_port(cx: &Context, taken: Option<i64>, used: &[i64]) -> Next {
    match taken.and_then(|taken| cx.ports.instead(taken, used)) {
        Some(variables) => again().where_set(variables),
        None => advice("repeat the command with another port"),
    }
}

/// Whether a `NodePort` that this Service wants is another's: names the owner.
async fn port_taken(cx: &Context, object: &Value) -> Result<Option<Problem>> {
    let wanted = node_ports(object);
    if manifest::kind(object) != "Service" || wanted.is_empty() {
        return Ok(None);
    }
    let services: Api<Service> = Api::all(cx.client().await?);
    let services = services.list(&ListParams::default()).await?.items;
    let ports = services.iter().flat_map(|s| s.spec.iter().flat_map(|s| s.ports.iter().flatten()));
    let used: Vec<i64> = ports.filter_map(|p| p.node_port).map(i64::from).collect();
    for service in services {
        let itself = service.metadata.name.as_deref() == Some(manifest::name(object))
            && service.metadata.namespace.as_deref() == manifest::namespace(object);
        if itself {
            continue;
        }
        let ports = service.spec.iter().flat_map(|s| s.ports.iter().flatten());
        for port in ports.filter_map(|p| p.node_port).map(i64::from) {
            if wanted.contains(&port) {
                let ns = service.metadata.namespace.clone().unwrap_or_default();
                let name = service.metadata.name.clone().unwrap_or_default();
                let problem = problem!(
                    PortTaken,
                    "NodePort {port}, needed by {}, is used by service {ns}/{name}",
                    manifest::title(object)
                );
                return Ok(Some(
                    problem
                        .found("Nothing was touched.")
                        .next(kubectl(format!("-n {ns} get service {name} -o yaml")))
                        .next(another_port(cx, Some(port), &used)),
                ));
            }
        }
    }
    Ok(None)
}

/// Objects in a namespace that neither opsctl nor the cluster itself made, as `kind/name`.
///
/// Of every kind that the cluster knows: what opsctl has never heard of goes with a namespace, too.
async fn foreign_in(client: &kube::Client, namespace: &str, uids: &UidsOf) -> Result<Vec<String>> {
    // At once, or, where an old API server does not know that, group by group.
    let discovery = match Discovery::new(client.clone()).run_aggregated().await {
        Ok(discovery) => discovery,
        Err(_) => Discovery::new(client.clone()).run().await.context("could not list the cluster's kinds")?,
    };
    let kinds = discovery.groups().flat_map(ApiGroup::recommended_resources).filter(|(kind, can)| {
        can.scope == Scope::Namespaced
            && can.supports_operation(verbs::LIST)
            && can.supports_operation(verbs::DELETE)
            && !matches!(kind.kind.as_str(), "Event" | "Endpoints" | "EndpointSlice")
    });
    let looks = kinds.map(|(kind, _)| async move {
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind);
        let mut found = Vec::new();
        for object in defined::all_of(&api, &kind.plural).await? {
            let name = object.metadata.name.clone().unwrap_or_default();
            let owned = object.metadata.owner_references.as_ref().is_some_and(|o| !o.is_empty());
            let built_in = matches!(
                (kind.kind.as_str(), name.as_str()),
                ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default")
            );
            let value = serde_json::to_value(&object)?;
            let leaving = object.metadata.deletion_timestamp.is_some();
            if !owned && !built_in && !leaving && !uids.has(&value) {
                found.push(format!("{}/{name}", kind.kind.to_lowercase()));
            }
        }
        anyhow::Ok(found)
    });
    let looks: Vec<_> = looks.collect();
    let found: Vec<Vec<String>> = futures::stream::iter(looks).buffered(8).try_collect().await?;
    let mut all = found.concat();
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Paths, Port, Ports, Target};
    use crate::ui::Ui;

    #[test]
    fn the_port_of_a_service_is_remembered_with_its_profile_and_no_other_objects() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::below(dir.path());
        std::fs::create_dir_all(paths.profile("p")).unwrap();
        std::fs::write(paths.profile("p").join("config.json"), "{}").unwrap();
        let target = Target::Profile("p".into());
        let mut cx =
            Context::new(Ui::new(crate::ui::Options::default()), paths, target, Duration::from_secs(1));
        let declared = || {
            let port = |name: &str, usual| Port {
                variable: format!("OPSCTL_PORT_{name}"),
                service: format!("redis/{name}"),
                usual,
            };
            vec![port("redis", 32400), port("redis-replica", 32401)]
        };
        cx.ports = Ports::of(&cx.paths, &cx.target, declared()).unwrap();
        let object = |kind: &str, name: &str, port: u16| {
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "redis"},
                "spec": {"ports": [{"port": 6379, "nodePort": port}]}})
        };
        remember_port(&cx, &object("Service", "redis", 32500)).unwrap();
        remember_port(&cx, &object("Service", "theirs", 32501)).unwrap();
        remember_port(&cx, &object("Deployment", "redis-replica", 32502)).unwrap();
        let known = Ports::of(&cx.paths, &cx.target, declared()).unwrap();
        assert_eq!((known.get("redis/redis"), known.get("redis/redis-replica")), (32500, 32401));
    }
}
