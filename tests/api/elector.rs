//! `opsctl serve election` as a pod runs it: the first process of its own world, with the account and the rights
//! of `docs/examples/elected-app.yaml`, and a service that is its child.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use opsctl::election::status::Master;
use opsctl::k8s::manifest;
use opsctl::serve::http_call;
use serde_json::{Value, json};

use crate::api_server;
use crate::world::World;

const EXAMPLE: &str = include_str!("../../docs/examples/elected-app.yaml");

/// The elector becomes process 1 of a namespace whose account is mounted where pods have theirs.
const POD: &str = r#"
mount -t tmpfs tmpfs /var/run && mkdir -p /var/run/secrets/kubernetes.io || exit 99
cp -r "$1" /var/run/secrets/kubernetes.io/serviceaccount || exit 99
shift
exec "$@"
"#;

/// The example's namespace, account and rights.
async fn world(name: &str, port: u16) -> World {
    let w = World::new(name, port);
    for mut object in manifest::documents(EXAMPLE).unwrap() {
        match manifest::kind(&object) {
            "Namespace" => object["metadata"]["name"] = json!(w.ns),
            "RoleBinding" => {
                object["metadata"]["namespace"] = json!(w.ns);
                object["subjects"][0]["namespace"] = json!(w.ns);
            }
            "ServiceAccount" | "Role" => object["metadata"]["namespace"] = json!(w.ns),
            _ => continue,
        }
        w.foreign(object).await;
    }
    w
}

/// A running pod, as far as its one container goes.
struct Pod {
    maker: Child,
    address: String,
    /// Its files: what its service and actions write.
    dir: tempfile::TempDir,
}

impl Drop for Pod {
    fn drop(&mut self) {
        let _ = self.maker.kill();
        let _ = self.maker.wait();
    }
}

impl Pod {
    async fn start(w: &World, name: &str, options: &[String], service: &str) -> Self {
        Self::start_at("127.0.0.1", w, name, options, service).await
    }

    async fn start_at(ip: &str, w: &World, name: &str, options: &[String], service: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let account = dir.path().join("account");
        std::fs::create_dir(&account).unwrap();
        let accounts: Api<ServiceAccount> = Api::namespaced(w.client().await, &w.ns);
        let request = TokenRequest { spec: TokenRequestSpec::default(), ..TokenRequest::default() };
        let token = accounts.create_token_request("elector", &PostParams::default(), &request).await.unwrap();
        std::fs::write(account.join("token"), token.status.unwrap().token).unwrap();
        std::fs::write(account.join("namespace"), &w.ns).unwrap();
        let server = api_server::shared();
        // It signed its certificate itself.
        let certificate = server.kubeconfig.with_file_name("certs").join("apiserver.crt");
        std::fs::copy(certificate, account.join("ca.crt")).unwrap();
        let ports = [0; 2].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let [address, peers] = ports.each_ref().map(|p| p.local_addr().unwrap().to_string());
        drop(ports);
        let (host, port) = server.url.strip_prefix("https://").unwrap().rsplit_once(':').unwrap();
        let out = std::fs::File::create(dir.path().join("log")).unwrap();
        let maker = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", POD, "pod"])
            .arg(&account)
            .args([env!("CARGO_BIN_EXE_opsctl"), "serve", "election", "--name=app"])
            .args(["--pod", name, "--pod-uid", name, "--pod-ip", ip])
            .args(["--listen", &address, "--peer-listen", &peers])
            .args(options)
            .args(["--", "sh", "-c", service])
            .env("KUBERNETES_SERVICE_HOST", host)
            .env("KUBERNETES_SERVICE_PORT", port)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .expect("these tests make namespaces of processes: run them as root, or in `unshare -rm`");
        let pod = Self { maker, address, dir };
        pod.until("it serves", || pod.text("log").contains("elector of")).await;
        pod
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(file)).unwrap_or_default()
    }

    async fn until(&self, what: &str, done: impl Fn() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_mins(1), "never: {what}\n{}", self.text("log"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it says of the master.
    async fn says(&self) -> Option<Master> {
        let reply = http_call::get(&self.address, "/master", Duration::from_secs(2)).await.ok()?;
        serde_json::from_str(&reply.body).ok()
    }

    async fn until_it_says(&self, what: &str, done: impl Fn(&Master) -> bool) {
        let began = Instant::now();
        while !self.says().await.is_some_and(|master| done(&master)) {
            assert!(began.elapsed() < Duration::from_mins(1), "it never {what}\n{}", self.text("log"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The elector, as this machine numbers it.
    fn elector(&self) -> u32 {
        children(self.maker.id())[0]
    }

    fn signal(&self, name: &str) {
        signal(self.elector(), name);
    }

    /// How its container ended.
    async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.maker.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "it runs on\n{}", self.text("log"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success());
}

fn children(pid: u32) -> Vec<u32> {
    let file = PathBuf::from(format!("/proc/{pid}/task/{pid}/children"));
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn runs(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// A script that writes its role to `roles` in the pod's folder, and then does this.
fn on(role: &str, more: &str) -> impl Fn(&Path) -> String {
    let (role, more) = (role.to_owned(), more.to_owned());
    move |dir| {
        let script = dir.join(format!("on-{role}"));
        let line = r#"echo "$ELECTION_ROLE $ELECTION_EPOCH $ELECTION_LEADER $ELECTION_ADDRESS" >>roles"#;
        std::fs::write(&script, format!("{line}\n{more}\n")).unwrap();
        format!("--on-{role}=exec:sh {}", script.display())
    }
}

/// Writes what it hears; ends with 7 when it is asked to.
const LISTENS: &str = "for s in HUP USR1 USR2; do trap \"echo $s >>signals\" $s; done
    trap 'exit 7' TERM; echo up >up; while :; do sleep 0.05; done";

async fn holder(w: &World) -> Option<String> {
    let lease = w.api("coordination.k8s.io/v1", "Lease").await.get_opt("app").await.unwrap()?;
    Some(lease.data["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned())
}

async fn renewal(w: &World) -> u64 {
    let pointer = "/metadata/annotations/election.opsctl.dev~1renewal";
    let value = w.value("coordination.k8s.io/v1", "Lease", "app", pointer).await;
    value.as_str().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Takes POSTs, and keeps their first lines.
fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).unwrap_or(0);
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            kept.lock().unwrap().push(text.lines().next().unwrap_or_default().to_owned());
            let _ = stream.write_all(b"HTTP/1.0 204 No Content\r\n\r\n");
        }
    });
    (address, lines)
}

#[tokio::test]
async fn a_lone_elector_leads_tells_its_service_renews_and_gives_the_lease_back() {
    let w = world("lone", 30240).await;
    let scripts = tempfile::tempdir().unwrap();
    let (address, calls) = receiver();
    let options = [
        on("leading", "")(scripts.path()),
        "--on-leading=signal:USR2".into(),
        format!("--on-leading=http://{address}/role?from=app"),
        on("idle", "")(scripts.path()),
        // A busy machine takes its time to start a shell.
        "--demote=1500ms".into(),
        "--lease=5s".into(),
    ];
    let mut pod = Pod::start(&w, "a", &options, LISTENS).await;
    pod.until_it_says("leads", |m| m.leading && m.agreed && m.role == "leading").await;
    assert_eq!(pod.text("roles"), "idle 0  \nleading 1 a 127.0.0.1\n");
    let call = "POST /role?from=app&role=leading&epoch=1&leader=a&address=127.0.0.1 HTTP/1.0".to_owned();
    assert_eq!(*calls.lock().unwrap(), [call]);
    assert!(holder(&w).await.unwrap().starts_with("a/127.0.0.1/a/"));
    let before = renewal(&w).await;
    let began = Instant::now();
    while renewal(&w).await < before + 3 {
        assert!(began.elapsed() < Duration::from_secs(30), "it is not renewed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for name in ["HUP", "USR1"] {
        pod.signal(name);
        pod.until("the signal is passed on", || pod.text("signals").contains(name)).await;
    }
    assert_eq!(pod.text("signals"), "USR2\nHUP\nUSR1\n");
    pod.signal("TERM");
    assert_eq!(pod.ended().await.code(), Some(7), "{}", pod.text("log"));
    assert_eq!(holder(&w).await.as_deref(), Some(""), "{}", pod.text("log"));
    assert_eq!(pod.text("roles").lines().last(), Some("idle 0  "));
    w.remove_namespace().await;
}

#[tokio::test]
async fn neither_the_elector_nor_its_service_outlives_the_other() {
    let w = world("both", 30241).await;
    let scripts = tempfile::tempdir().unwrap();
    // Epochs are counted: none is to be lost to a busy machine.
    let lease = "--lease=8s".to_owned();
    let options = [on("following", "")(scripts.path()), lease.clone()];
    let mut a = Pod::start(&w, "a", &[lease], LISTENS).await;
    a.until_it_says("leads", |m| m.leading).await;
    let mut b = Pod::start(&w, "b", &options, LISTENS).await;
    b.until_it_says("follows", |m| m.role == "following" && m.agreed).await;
    b.until("it is told whom", || b.text("roles").starts_with("following 1 a 127.0.0.1\n")).await;
    // The service is killed: its elector ends, and leaves the lease at once.
    let service = children(a.elector())[0];
    signal(service, "KILL");
    assert_eq!(a.ended().await.code(), Some(137), "{}", a.text("log"));
    b.until_it_says("leads", |m| m.leading && m.epoch == 2).await;
    // The elector is killed. How unshare itself then ends says nothing of that.
    let elector = b.elector();
    let service = children(elector)[0];
    signal(elector, "KILL");
    b.until("both are gone", || !runs(elector) && !runs(service)).await;
    assert!(!b.ended().await.success());
    w.remove_namespace().await;
}

#[tokio::test]
async fn processes_that_lost_their_parent_are_reaped() {
    let w = world("orphans", 30242).await;
    let service = "for i in 1 2 3 4 5; do (sh -c 'sleep 0.1; echo x >>orphans' &); done; exec sleep 600";
    let pod = Pod::start(&w, "a", &[], service).await;
    pod.until("they ran", || pod.text("orphans").lines().count() == 5).await;
    pod.until("they are gone", || children(pod.elector()).len() == 1).await;
    w.remove_namespace().await;
}

#[tokio::test]
async fn a_slow_promotion_is_let_finish_and_nobody_leads_before() {
    let w = world("slow", 30243).await;
    let scripts = tempfile::tempdir().unwrap();
    // Longer than a lease: it is renewed meanwhile.
    let slow = on("leading", "sleep 7; echo done >done")(scripts.path());
    let options = [slow, "--lease=5s".into(), "--promote=60s".into()];
    let pod = Pod::start(&w, "a", &options, LISTENS).await;
    pod.until("the promotion begins", || pod.text("roles").contains("leading")).await;
    let before = renewal(&w).await;
    while pod.text("done").is_empty() {
        let Some(said) = pod.says().await else { continue };
        let early = (said.leading || said.agreed || said.role == "leading") && pod.text("done").is_empty();
        assert!(!early, "{said:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    pod.until_it_says("leads", |m| m.leading && m.agreed && m.epoch == 1).await;
    assert!(renewal(&w).await >= before + 3);
    assert_eq!(pod.text("roles"), "leading 1 a 127.0.0.1\n", "it was begun again");
    w.remove_namespace().await;
}

#[tokio::test]
async fn a_pod_that_cannot_be_promoted_leaves_the_lease_to_another() {
    let w = world("unable", 30244).await;
    let scripts = tempfile::tempdir().unwrap();
    let options = ["--promote=4s".into(), on("leading", "exit 1")(scripts.path())];
    let mut a = Pod::start(&w, "a", &options, LISTENS).await;
    a.until("it tries", || a.text("roles").contains("leading")).await;
    let b = Pod::start(&w, "b", &[], LISTENS).await;
    assert_eq!(a.ended().await.code(), Some(7), "the service's own code, which tells of no success");
    assert!(a.text("log").contains("the service cannot lead"), "{}", a.text("log"));
    assert!(a.text("roles").lines().count() > 2, "it is tried more than once");
    b.until_it_says("leads", |m| m.leading && m.pod == "b").await;
    w.remove_namespace().await;
}

#[tokio::test]
async fn the_endpoints_are_written_once_the_service_leads() {
    let w = world("written", 30245).await;
    let rights = json!([
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["*"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "resourceNames": ["app"],
            "verbs": ["get", "update"]}
    ]);
    let patch = kube::api::Patch::Merge(json!({"rules": rights}));
    let roles = w.api("rbac.authorization.k8s.io/v1", "Role").await;
    roles.patch("elector", &kube::api::PatchParams::default(), &patch).await.unwrap();
    w.foreign(json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "app", "namespace": w.ns}, "endpoints": [], "ports": [{"name": "app", "port": 80}]}))
        .await;
    let scripts = tempfile::tempdir().unwrap();
    // Slices do not hold addresses of this machine itself.
    let options =
        ["--endpoints=app=leader:80".into(), on("leading", "sleep 2; echo done >done")(scripts.path())];
    let pod = Pod::start_at("10.0.0.9", &w, "a", &options, LISTENS).await;
    pod.until("the promotion begins", || pod.text("roles").contains("leading")).await;
    loop {
        let value = w.value("discovery.k8s.io/v1", "EndpointSlice", "app", "/endpoints/0/addresses/0").await;
        if value == json!("10.0.0.9") {
            break;
        }
        assert_eq!(value, Value::Null);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(pod.text("done"), "done\n");
    w.remove_namespace().await;
}
