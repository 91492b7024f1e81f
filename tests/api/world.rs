//! What each test has to itself: a namespace, names, a state folder, and the eyes to compare clusters.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt as _;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::discovery::{self, Discovery, verbs};
use kube::{Api, Client};
use opsctl::context::{Context, Paths, Target};
use opsctl::engine::{self, Place, Plan, Reach, Summary};
use opsctl::journal::{self, Journal, Recorded, Scope, Subject, Verb};
use opsctl::k8s;
use opsctl::step::Step;
use opsctl::step::dataset::Dataset;
use opsctl::step::object::Object;
use opsctl::ui::{Level, Options, Ui};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::api_server;

/// All the names of one test begin with `t-<name>`; `name` holds no dash.
pub struct World {
    /// The namespace of its plan.
    pub ns: String,
    /// The `NodePort` of its service.
    pub port: u16,
    /// The state folder.
    pub state: PathBuf,
    kubeconfig: PathBuf,
    client: OnceCell<Client>,
    _dir: Option<tempfile::TempDir>,
}

/// A state of the cluster: every object by kind and name, without what changes by itself.
pub type Dump = BTreeMap<String, Value>;

impl World {
    /// A world of its own for the test of this name.
    pub fn new(name: &str, port: u16) -> Self {
        assert!(!name.contains('-'), "names with dashes could begin with one another");
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let kubeconfig = api_server::shared().kubeconfig.clone();
        Self { ns: format!("t-{name}"), port, state, kubeconfig, client: OnceCell::new(), _dir: Some(dir) }
    }

    /// A world that another process made.
    pub fn joined(ns: &str, port: u16, state: &Path, kubeconfig: &Path) -> Self {
        Self {
            ns: ns.into(),
            port,
            state: state.into(),
            kubeconfig: kubeconfig.into(),
            client: OnceCell::new(),
            _dir: None,
        }
    }

    /// The API server's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// What a command gets to act in this world. No waiting for readiness: nothing runs here.
    pub fn cx(&self) -> Context {
        let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
        let paths = Paths {
            home: self.state.clone(),
            state: self.state.clone(),
            cache: self.state.join("cache"),
            minikube: self.state.join("minikube"),
            kubeconfig: self.kubeconfig.clone(),
        };
        let mut cx = Context::new(ui, paths, Target::Context("api".into()), Duration::from_mins(2));
        cx.wait = false;
        cx.command = "opsctl up".into();
        cx
    }

    /// A client for the cluster.
    pub async fn client(&self) -> Client {
        self.client.get_or_init(|| async { self.cx().client().await.unwrap() }).await.clone()
    }

    /// One part: a namespace, then in it one object of each kind that stacks are made of.
    pub fn plan(&self, version: u32) -> Vec<Plan> {
        let ns = &self.ns;
        let of = |object| vec![Step::from(Object::new("test", object))];
        let waves = vec![
            of(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})),
            [
                of(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": ns},
                    "data": {"version": version.to_string(), format!("only-{version}"): "yes"}})),
                of(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": ns},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}})),
                of(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": ns},
                    "spec": {"type": "NodePort", "selector": {"app": "web"},
                        "ports": [{"name": "web", "port": 80, "nodePort": self.port}]}})),
            ]
            .concat(),
            [
                of(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": ns},
                    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}},
                        "template": {"metadata": {"labels": {"app": "web"}},
                            "spec": {"containers": [{"name": "web", "image": "web:1"}]}}}})),
                of(json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick", "namespace": ns},
                    "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec":
                        {"restartPolicy": "Never", "containers": [{"name": "tick", "image": "tick:1"}]}}}}}})),
            ]
            .concat(),
        ];
        vec![Plan { part: "test".into(), place: Place::Cluster, waves, proof: None }]
    }

    /// The same part with data behind its Deployment. No redis runs here: that data cannot be kept.
    pub fn plan_with_data(&self) -> Vec<Plan> {
        let mut plans = self.plan(1);
        plans[0].waves.push(vec![Dataset::new(&self.ns, "web", self.port).into()]);
        plans
    }

    /// Puts the plan up.
    pub async fn up(&self, version: u32) -> Result<Summary> {
        engine::up(&self.cx(), &self.plan(version)).await
    }

    /// Undoes the newest run.
    pub async fn undo(&self) -> Result<Summary> {
        self.reverse(&Reach::LastRun).await
    }

    /// Takes the part down.
    pub async fn down(&self) -> Result<Summary> {
        self.reverse(&Reach::Parts(vec!["test".into()])).await
    }

    /// `undo --all`.
    pub async fn undo_all(&self) -> Result<Summary> {
        self.reverse(&Reach::All).await
    }

    async fn reverse(&self, reach: &Reach) -> Result<Summary> {
        let cx = self.cx();
        let plans = self.plan(2);
        let reverse =
            engine::reverse(&cx, reach, if *reach == Reach::LastRun { &[] } else { &plans }).await?;
        engine::carry_out(&cx, reverse).await
    }

    /// Records a run of one step that ended well, with what was there before and what it made, as an earlier
    /// opsctl would have.
    pub fn record(&self, cx: &Context, scope: Scope, part: &str, step: &Step, [before, made]: [Value; 2]) {
        let mut journal = Journal::open(&self.state, &cx.command, None).unwrap();
        journal.begin_run(Verb::Up, &cx.command, journal::Target::of(cx), None).unwrap();
        let key = step.key();
        let subject =
            Subject { scope, part: part.into(), key, step: serde_json::to_value(step).unwrap(), before };
        let tokens = journal.begin(vec![subject]).unwrap();
        journal.done(&tokens[0], made, 1).unwrap();
        journal.end(true).unwrap();
    }

    /// Leave to change the cluster as this test likes; the world takes back what comes of it.
    pub fn token() -> Recorded {
        let state = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(state.path(), "test", None).unwrap();
        journal.begin_run(Verb::Up, "test", journal::Target::Context("test".into()), None).unwrap();
        let (scope, step, before) = (Scope::Host, Value::Null, Value::Null);
        let subject = Subject { scope, part: "test".into(), key: "test".into(), step, before };
        journal.begin(vec![subject]).unwrap().remove(0)
    }

    /// The journal's bytes; nothing where there is none.
    pub fn journal(&self) -> Vec<u8> {
        std::fs::read(journal::path(&self.state)).unwrap_or_default()
    }

    /// An API for a kind, in the test's namespace where it has one.
    pub async fn api(&self, version: &str, kind: &str) -> Api<DynamicObject> {
        k8s::api(&self.client().await, &k8s::kind::known(version, kind).unwrap(), Some(&self.ns))
    }

    /// Makes an object as somebody else would.
    pub async fn foreign(&self, manifest: Value) -> DynamicObject {
        let version = manifest["apiVersion"].as_str().unwrap();
        let kind = manifest["kind"].as_str().unwrap();
        let ns = manifest["metadata"]["namespace"].as_str();
        let api = k8s::api(&self.client().await, &k8s::kind::known(version, kind).unwrap(), ns);
        api.create(&PostParams::default(), &serde_json::from_value(manifest.clone()).unwrap()).await.unwrap()
    }

    /// Makes a namespace as somebody else would.
    pub async fn foreign_namespace(&self, name: &str) {
        self.foreign(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
    }

    /// Deletes the test's namespace, as somebody else would.
    pub async fn remove_namespace(&self) {
        let api = k8s::api(&self.client().await, &k8s::kind::known("v1", "Namespace").unwrap(), None);
        api.delete(&self.ns, &DeleteParams::default()).await.unwrap();
    }

    /// A foreign config map in the test's namespace.
    pub fn scratch(&self) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "scratch", "namespace": self.ns},
            "data": {"mine": "yes"}})
    }

    /// `kubectl scale`.
    pub async fn scale(&self, replicas: i32) {
        let params = PatchParams { field_manager: Some("kubectl".into()), ..PatchParams::default() };
        let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
        self.api("apps/v1", "Deployment").await.patch_scale("web", &params, &patch).await.unwrap();
    }

    /// A value of a live object, by JSON pointer.
    pub async fn value(&self, version: &str, kind: &str, name: &str, pointer: &str) -> Value {
        let live = self.api(version, kind).await.get(name).await.unwrap();
        serde_json::to_value(live).unwrap().pointer(pointer).cloned().unwrap_or_default()
    }

    /// Everything in the cluster but what other tests make meanwhile.
    pub async fn dump(&self) -> Dump {
        let client = self.client().await;
        let mut dump = Dump::new();
        let lists = kinds(&client).await.iter().map(|(kind, scope)| {
            let api: Api<DynamicObject> = Api::all_with(client.clone(), kind);
            async move { (kind, scope, api.list(&ListParams::default()).await.unwrap()) }
        });
        for (kind, scope, list) in futures::stream::iter(lists).buffered(4).collect::<Vec<_>>().await {
            for object in list {
                let name = object.metadata.name.clone().unwrap_or_default();
                let place = match scope {
                    // A service's address, named by itself: belongs to the service's namespace.
                    discovery::Scope::Cluster if kind.kind == "IPAddress" => {
                        object.data["spec"]["parentRef"]["namespace"].as_str().unwrap_or_default().to_owned()
                    }
                    discovery::Scope::Cluster => name.clone(),
                    discovery::Scope::Namespaced => object.metadata.namespace.clone().unwrap_or_default(),
                };
                let another = place.starts_with("t-")
                    && place != self.ns
                    && !place.starts_with(&format!("{}-", self.ns));
                if !another {
                    let mut value = serde_json::to_value(object).unwrap();
                    settle(&mut value);
                    dump.insert(format!("{} {place}/{name}", kind.kind), value);
                }
            }
        }
        dump
    }
}

/// Every kind that can be made and deleted; asked for once.
async fn kinds(client: &Client) -> &'static [(ApiResource, discovery::Scope)] {
    static KINDS: OnceCell<Vec<(ApiResource, discovery::Scope)>> = OnceCell::const_new();
    KINDS
        .get_or_init(|| async {
            let discovery = Discovery::new(client.clone()).run_aggregated().await.unwrap();
            let all = discovery.groups().flat_map(discovery::ApiGroup::recommended_resources);
            let ours = all.filter(|(kind, can)| {
                let passing = matches!(kind.kind.as_str(), "Event" | "Lease");
                !passing && can.supports_operation(verbs::LIST) && can.supports_operation(verbs::DELETE)
            });
            ours.map(|(kind, can)| (kind, can.scope)).collect()
        })
        .await
}

/// Takes out what changes without anybody's doing, or with every write.
pub fn settle(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| {
                !matches!(
                    key.as_str(),
                    "resourceVersion" | "managedFields" | "generation" | "observedGeneration"
                ) && !key.ends_with("Time")
            });
            map.values_mut().for_each(settle);
        }
        Value::Array(list) => list.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Fails with the objects that differ, by name, rather than with two whole clusters.
pub fn assert_same(before: &Dump, after: &Dump, when: &str) {
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter(|n| before.get(*n) != after.get(*n))
        .map(|n| format!("{n}:\n  before {:?}\n  after  {:?}", before.get(n), after.get(n)))
        .collect();
    assert!(differing.is_empty(), "{when}: the cluster is not the same:\n{}", differing.join("\n"));
}

/// Takes out what two makings of the same thing never share.
pub fn without_identity(dump: &Dump) -> Dump {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|k, _| {
                    !matches!(k.as_str(), "uid" | "creationTimestamp" | "clusterIP" | "clusterIPs")
                });
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut dump = dump.clone();
    dump.retain(|name, _| !name.starts_with("IPAddress "));
    dump.values_mut().for_each(strip);
    dump
}
