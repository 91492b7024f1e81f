//! What each test has to itself: a namespace with the operator's account, and operators in it.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Client, CustomResourceExt as _};
use opsctl::k8s::{self, manifest};
use opsctl::peering::{Peering, PeeringStatus};
use serde_json::{Value, json};

use super::pods::Pods;
use super::proxy::Proxy;
use crate::api_server::ApiServer;

const RIGHTS: &str = include_str!("../../../manifests/peering/1-rbac.yaml");
/// Far longer than anything here takes on a busy machine.
pub const LIMIT: Duration = Duration::from_mins(2);
/// What the operator writes for a resource.
pub const OWNED: [(&str, &str); 8] = [
    ("v1", "ConfigMap"),
    ("v1", "ServiceAccount"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("v1", "Service"),
    ("apps/v1", "StatefulSet"),
];

/// A namespace, and what is in it.
pub struct World {
    pub client: Client,
    pub namespace: String,
    pub proxy: Proxy,
    pub pods: Pods,
    dir: tempfile::TempDir,
}

/// An operator at work; killed when it is dropped.
pub struct Operator(Child);

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Operator {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it was killed.
    pub async fn ended(&mut self) {
        let began = Instant::now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < LIMIT, "it was not killed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The server of all these tests, as one may do anything on it.
fn config() -> kube::Config {
    static SERVER: OnceLock<ApiServer> = OnceLock::new();
    SERVER.get_or_init(ApiServer::start).config()
}

/// A client of the server of all these tests, once it serves the kind.
pub async fn server() -> Client {
    let client = Client::try_from(config()).unwrap();
    let (kind, _) = k8s::kind::known("apiextensions.k8s.io/v1", "CustomResourceDefinition").unwrap();
    let definitions: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
    let definition = serde_json::to_value(Peering::crd()).unwrap();
    let params = PatchParams::apply("test").force();
    definitions.patch(Peering::crd_name(), &params, &Patch::Apply(&definition)).await.unwrap();
    let peerings: Api<Peering> = Api::namespaced(client.clone(), "default");
    let began = Instant::now();
    while peerings.list(&ListParams::default()).await.is_err() {
        assert!(began.elapsed() < LIMIT, "the kind is never served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    client
}

impl World {
    /// A namespace of its own, and the operator's account with its rights in it.
    pub async fn new(name: &str) -> Self {
        let client = server().await;
        let namespace = format!("peering-{name}");
        let world = Self::api_of(&client, "v1", "Namespace", None);
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        world.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        for mut object in manifest::documents(RIGHTS).unwrap() {
            object["metadata"]["namespace"] = json!(namespace);
            if object["subjects"].is_array() {
                object["subjects"][0]["namespace"] = json!(namespace);
            }
            let (version, kind) = (object["apiVersion"].as_str().unwrap(), manifest::kind(&object));
            let api = Self::api_of(&client, version, kind, Some(&namespace));
            api.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        }
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &namespace);
        let request = TokenRequest { spec: TokenRequestSpec::default(), ..TokenRequest::default() };
        let token =
            accounts.create_token_request("operator", &PostParams::default(), &request).await.unwrap();
        let mut config = config();
        config.auth_info.token = Some(token.status.unwrap().token.into());
        let proxy = Proxy::start(config).await;
        let pods = Pods::start(client.clone(), &namespace).await;
        let dir = tempfile::tempdir().unwrap();
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: api\n\
             clusters:\n- name: api\n  cluster: {{server: \"http://{}\"}}\n\
             users:\n- name: api\n  user: {{}}\n\
             contexts:\n- name: api\n  context: {{cluster: api, user: api, namespace: {namespace}}}\n",
            proxy.address
        );
        std::fs::write(dir.path().join("kubeconfig"), kubeconfig).unwrap();
        Self { client, namespace, proxy, pods, dir }
    }

    fn api_of(client: &Client, version: &str, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
        k8s::api(client, &k8s::kind::known(version, kind).unwrap(), namespace)
    }

    /// The API of a kind, here.
    pub fn api(&self, version: &str, kind: &str) -> Api<DynamicObject> {
        Self::api_of(&self.client, version, kind, Some(&self.namespace))
    }

    /// The API of the resources, here.
    pub fn peerings(&self) -> Api<Peering> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Starts an operator, without an elector.
    pub fn operator(&self) -> Operator {
        let log =
            std::fs::File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_opsctl"))
            .args(["serve", "operator", "--always", "--image=peer:1"])
            .args(["--listen=127.0.0.1:0", "--role-listen=127.0.0.1:0"])
            .env("KUBECONFIG", self.dir.path().join("kubeconfig"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Operator(child)
    }

    /// What the operators here said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Makes the resource `ring`.
    pub async fn make(&self, replicas: i32) {
        let object = json!({"apiVersion": "peering.opsctl.dev/v1alpha1", "kind": "Peering",
            "metadata": {"name": "ring"}, "spec": {"replicas": replicas, "port": self.pods.port}});
        self.peerings()
            .create(&PostParams::default(), &serde_json::from_value(object).unwrap())
            .await
            .unwrap();
    }

    /// Changes its spec; the generation that it has then.
    pub async fn change(&self, spec: Value) -> i64 {
        let patch = Patch::Merge(json!({"spec": spec}));
        let changed = self.peerings().patch("ring", &PatchParams::default(), &patch).await.unwrap();
        changed.metadata.generation.unwrap()
    }

    /// Its status.
    pub async fn status(&self) -> PeeringStatus {
        self.peerings().get("ring").await.unwrap().status.unwrap_or_default()
    }

    /// Waits until this holds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let began = Instant::now();
        while !holds().await {
            assert!(began.elapsed() < LIMIT, "never: {what}; the operator said\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the operator says that all is as the resource says.
    pub async fn converges(&self) {
        self.until("it converges", || async {
            let Ok(peering) = self.peerings().get("ring").await else { return false };
            let status = peering.status.unwrap_or_default();
            let is_ready = status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "True");
            is_ready && Some(status.observed_generation) == peering.metadata.generation
        })
        .await;
    }

    /// The objects of the resource that exist, by kind, with their versions.
    pub async fn objects(&self) -> BTreeMap<String, DynamicObject> {
        let mut all = BTreeMap::new();
        for (version, kind) in OWNED {
            if let Some(object) = self.api(version, kind).get_opt("ring").await.unwrap() {
                all.insert(kind.to_owned(), object);
            }
        }
        all
    }

    /// Deletes the resource as opsctl does, and waits until it and all that belongs to it are gone.
    pub async fn ends(&self) {
        self.peerings().delete("ring", &DeleteParams::foreground()).await.unwrap();
        self.is_gone().await;
    }

    /// Waits until the resource and all that belongs to it are gone.
    pub async fn is_gone(&self) {
        self.until("it ends", || async {
            let pods = self.api("v1", "Pod").list(&ListParams::default()).await.unwrap();
            let here = self.peerings().get_opt("ring").await.unwrap();
            here.is_none() && self.objects().await.is_empty() && pods.items.is_empty()
        })
        .await;
    }

    /// From now on its peers say that they use this generation; negative: the newest.
    pub fn peers_say(&self, generation: i64) {
        self.pods.stale.store(generation, Ordering::Relaxed);
    }

    /// The number of pods that the set wants.
    pub async fn wants(&self) -> i64 {
        let set = self.api("apps/v1", "StatefulSet").get("ring").await.unwrap();
        set.data["spec"]["replicas"].as_i64().unwrap()
    }
}
