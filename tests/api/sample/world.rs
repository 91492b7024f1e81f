//! What each test of the sample has to itself: names, a home, and the eyes to compare clusters.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kube::api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::discovery::{ApiGroup, Discovery, Scope, verbs};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Api, Client, Config};
use opsctl::journal;
use opsctl::k8s;
use opsctl::stack::Stack;
use serde_json::{Value, json};

use super::{controllers, stack};
use crate::api_server::ApiServer;
use crate::world::{Dump, settle};

/// The namespace of the stack's manifests, and the group of its definition.
const NAMESPACE: &str = "workshop";
const GROUP: &str = "sample.dev";

/// The sample stack under names of its own. No name may begin with another one.
pub struct World {
    name: String,
    dir: tempfile::TempDir,
    client: Client,
}

/// The server of all these tests, with the stand-ins at work.
fn server() -> &'static ApiServer {
    static SERVER: OnceLock<ApiServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = ApiServer::start();
        controllers::start(server.config());
        server
    })
}

/// The stack with the names of a world: as with a team's manifests, they are known at run time only.
pub fn stack_of(world: &str) -> Stack {
    let mut stack = stack::stack();
    for file in &mut stack.files {
        let text = file.replace(NAMESPACE, &namespace_of(world)).replace(GROUP, &group_of(world));
        *file = text.into();
    }
    stack
}

fn namespace_of(world: &str) -> String {
    format!("{NAMESPACE}-{world}")
}

fn group_of(world: &str) -> String {
    format!("{world}.{GROUP}")
}

impl World {
    /// A world of its own.
    pub fn new(name: impl Into<String>) -> Self {
        let config: Config = server().config();
        let client = Client::try_from(config).unwrap();
        Self { name: name.into(), dir: tempfile::tempdir().unwrap(), client }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its namespace.
    pub fn namespace(&self) -> String {
        namespace_of(&self.name)
    }

    /// The group of its definition.
    pub fn group(&self) -> String {
        group_of(&self.name)
    }

    /// The variables of a process that is to act here.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let home = self.dir.path().to_owned();
        vec![
            ("KUBECONFIG", server().kubeconfig.clone()),
            ("XDG_STATE_HOME", home.join("state")),
            ("XDG_CACHE_HOME", home.join("cache")),
            ("HOME", home),
        ]
    }

    /// The journal's bytes.
    pub fn journal(&self) -> Vec<u8> {
        std::fs::read(journal::path(&self.state())).unwrap_or_default()
    }

    /// The keys of what the journal has standing.
    pub fn standing(&self) -> Vec<String> {
        let history = journal::read(&self.state()).unwrap();
        history.entries().filter(|e| e.stands()).map(|e| e.is.key.clone()).collect()
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state/opsctl")
    }

    /// The API of its kilns, in one of its namespaces.
    pub fn kilns(&self, namespace: &str) -> Api<DynamicObject> {
        let group = self.group();
        let resource = ApiResource {
            api_version: format!("{group}/v1"),
            group,
            version: "v1".into(),
            kind: "Kiln".into(),
            plural: "kilns".into(),
        };
        Api::namespaced_with(self.client.clone(), namespace, &resource)
    }

    /// The API of a kind that opsctl knows, in its namespace where it has one.
    pub fn api(&self, version: &str, kind: &str) -> Api<DynamicObject> {
        k8s::api(&self.client, &k8s::kind::known(version, kind).unwrap(), Some(&self.namespace()))
    }

    /// Makes an object as somebody else would; its UID.
    pub async fn make(&self, api: &Api<DynamicObject>, object: Value) -> String {
        let object: DynamicObject = serde_json::from_value(object).unwrap();
        api.create(&PostParams::default(), &object).await.unwrap().metadata.uid.unwrap()
    }

    /// Returns once an object that is being deleted is gone.
    pub async fn gone(&self, version: &str, kind: &str, name: &str) {
        let api = self.api(version, kind);
        let Some(object) = api.get_opt(name).await.unwrap() else { return };
        let uid = object.metadata.uid.unwrap();
        let gone = await_condition(api, name, conditions::is_deleted(&uid));
        tokio::time::timeout(Duration::from_mins(1), gone).await.unwrap().unwrap();
    }

    /// Whether the operator's pods become available.
    pub async fn breaks(&self, broken: bool) {
        let api = self.api("apps/v1", "Deployment");
        let value = if broken { json!("yes") } else { Value::Null };
        let patch = Patch::Merge(json!({"metadata": {"annotations": {controllers::BROKEN: value}}}));
        api.patch("operator", &PatchParams::default(), &patch).await.unwrap();
        let seen = await_condition(api, "operator", |o: Option<&DynamicObject>| {
            o.is_some_and(|o| (o.data["status"]["availableReplicas"] == 1) != broken)
        });
        tokio::time::timeout(Duration::from_mins(1), seen).await.unwrap().unwrap();
    }

    /// Everything in the cluster but what is another world's, of the kinds that the API server names now.
    pub async fn dump(&self) -> Dump {
        self.listed(|kind, _| Api::all_with(self.client.clone(), kind).into()).await
    }

    /// What is in its namespace, of the same kinds.
    pub async fn inside(&self) -> Dump {
        let namespace = self.namespace();
        let api = |kind: &ApiResource| Api::namespaced_with(self.client.clone(), &namespace, kind);
        self.listed(|kind, scope| (*scope == Scope::Namespaced).then(|| api(kind))).await
    }

    async fn listed(&self, of: impl Fn(&ApiResource, &Scope) -> Option<Api<DynamicObject>>) -> Dump {
        let discovery = self.discovered().await;
        let _turn = Self::turn().await;
        let mut dump = Dump::new();
        for (kind, can) in discovery.groups().flat_map(ApiGroup::recommended_resources) {
            let passing = matches!(kind.kind.as_str(), "Event" | "Lease") || self.is_anothers(&kind.group);
            let stays = can.supports_operation(verbs::LIST) && can.supports_operation(verbs::DELETE);
            let Some(api) = of(&kind, &can.scope).filter(|_| stays && !passing) else { continue };
            for object in api.list(&ListParams::default()).await.unwrap() {
                let name = object.metadata.name.clone().unwrap_or_default();
                let place = object.metadata.namespace.clone().unwrap_or_default();
                if !self.is_anothers(&name) && !self.is_anothers(&place) {
                    let mut value = serde_json::to_value(object).unwrap();
                    settle(&mut value);
                    dump.insert(format!("{} {place}/{name}", kind.kind), value);
                }
            }
        }
        dump
    }

    /// Whether a name, a namespace or a group belongs to another world.
    fn is_anothers(&self, name: &str) -> bool {
        let in_namespace = name.starts_with(&format!("{NAMESPACE}-"));
        let of_group = name.ends_with(&format!(".{GROUP}"));
        let ours = name.starts_with(&self.namespace())
            || name == self.group()
            || name.ends_with(&format!(".{}", self.group()));
        (in_namespace || of_group) && !ours
    }

    /// The kinds of the API server, once they follow from its definitions: it makes and removes what a definition
    /// brings by itself, a moment later.
    async fn discovered(&self) -> Discovery {
        let definition = format!("kilns.{}", self.group());
        let resource = ApiResource {
            group: "apiregistration.k8s.io".into(),
            version: "v1".into(),
            api_version: "apiregistration.k8s.io/v1".into(),
            kind: "APIService".into(),
            plural: "apiservices".into(),
        };
        let services: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let began = Instant::now();
        loop {
            let definitions = self.api("apiextensions.k8s.io/v1", "CustomResourceDefinition");
            let is_defined = definitions.get_opt(&definition).await.unwrap().is_some();
            let has_service = services.get_opt(&format!("v1.{}", self.group())).await.unwrap().is_some();
            let discovery = Discovery::new(self.client.clone()).run_aggregated().await.unwrap();
            let is_known = discovery.groups().any(|group| group.name() == self.group());
            if (has_service, is_known) == (is_defined, is_defined) {
                return discovery;
            }
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "{}: {is_defined} {has_service} {is_known}",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
