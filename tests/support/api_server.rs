//! A real API server without nodes: the bundle's etcd, kube-apiserver and, so that namespaces
//! really go and owners are collected, the few controllers of kube-controller-manager for that.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kube::api::ListParams;
use kube::core::Request;

/// What answers once nothing in it changes by itself any more.
const READY: [&str; 3] = [
    "/readyz",
    "/api/v1/namespaces/default/endpoints/kubernetes",
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
];

/// Controllers without which deletions never finish. None that acts on workloads.
const CONTROLLERS: &str = "namespace-controller,garbage-collector-controller,\
    persistentvolumeclaim-protection-controller,persistentvolume-protection-controller";

/// Starts `$1` to `$3` (one shell command each) and ends them all, and their folder `$4`, when its
/// input closes: whatever way the test process dies, nothing is left.
const KEEPER: &str = r#"
pids=
for c in "$1" "$2" "$3"; do sh -c "exec $c" </dev/null & pids="$pids $!"; done
cat >/dev/null
kill -9 $pids 2>/dev/null
wait
rm -rf "$4"
"#;

/// A running API server; ends when this is dropped or the process is gone.
pub struct ApiServer {
    keeper: Child,
    /// Its kubeconfig: context `api`, a user of `system:masters`.
    pub kubeconfig: PathBuf,
    /// Where it listens.
    pub url: String,
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The one API server of this test binary, started with its first use.
pub fn shared() -> &'static ApiServer {
    static SERVER: OnceLock<ApiServer> = OnceLock::new();
    SERVER.get_or_init(ApiServer::start)
}

/// The folder of the bundle's binaries: `OPSCTL_TEST_BIN`, else where `opsctl bundle build` puts them.
fn binaries() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|h| h.join(".cache")));
    let dir =
        set("OPSCTL_TEST_BIN").or_else(|| cache().map(|c| c.join("opsctl/bundle/bin"))).unwrap_or_default();
    for tool in ["etcd", "kube-apiserver", "kube-controller-manager", "kubeadm"] {
        assert!(
            dir.join(tool).is_file(),
            "these tests need the bundle's {tool}, and {} has none; type: opsctl bundle build",
            dir.display()
        );
    }
    dir
}

/// Ports that are free now, all at once so that they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let held: Vec<_> = (0..N).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
    std::array::from_fn(|i| held[i].local_addr().expect("its address").port())
}

fn write(path: &Path, text: &str) {
    std::fs::File::create(path)
        .and_then(|mut f| f.write_all(text.as_bytes()))
        .expect("a file in the temporary folder");
}

impl ApiServer {
    /// Starts a server and waits until it is ready.
    pub fn start() -> Self {
        let bin = binaries();
        let dir =
            tempfile::Builder::new().prefix("opsctl-api-").tempdir().expect("a temporary folder").keep();
        let [etcd, peer, port] = free_ports();
        let url = format!("https://127.0.0.1:{port}");
        let kubeconfig = dir.join("kubeconfig");
        write(&dir.join("tokens.csv"), "test-token,tester,1,system:masters\n");
        write(
            &kubeconfig,
            &format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: api\n\
                 clusters:\n- name: api\n  cluster: {{server: \"{url}\", insecure-skip-tls-verify: true}}\n\
                 users:\n- name: api\n  user: {{token: test-token}}\n\
                 contexts:\n- name: api\n  context: {{cluster: api, user: api}}\n"
            ),
        );
        let keys = Command::new(bin.join("kubeadm"))
            .args(["init", "phase", "certs", "sa", "--cert-dir"])
            .arg(&dir)
            .output()
            .expect("kubeadm runs");
        assert!(keys.status.success(), "kubeadm made no keys: {}", String::from_utf8_lossy(&keys.stderr));
        let (b, d) = (bin.display(), dir.display());
        let commands = [
            format!(
                "{b}/etcd --data-dir {d}/etcd --listen-client-urls http://127.0.0.1:{etcd} \
                 --advertise-client-urls http://127.0.0.1:{etcd} --listen-peer-urls http://127.0.0.1:{peer} \
                 --unsafe-no-fsync --log-level error >{d}/etcd.log 2>&1"
            ),
            format!(
                "{b}/kube-apiserver --etcd-servers=http://127.0.0.1:{etcd} --secure-port={port} \
                 --bind-address=127.0.0.1 --cert-dir={d}/certs --authorization-mode=RBAC \
                 --token-auth-file={d}/tokens.csv --service-account-issuer=https://kubernetes.default.svc \
                 --service-account-key-file={d}/sa.pub --service-account-signing-key-file={d}/sa.key \
                 --service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount \
                 --allow-privileged=true >{d}/apiserver.log 2>&1"
            ),
            // It gives up when the API server is not there yet; then it is started again.
            format!(
                "sh -c 'until [ -s {d}/ready ]; do sleep 0.1; done; exec {b}/kube-controller-manager \
                 --kubeconfig={d}/kubeconfig --controllers={CONTROLLERS} --leader-elect=false --secure-port=0 \
                 --kube-api-qps=500 --kube-api-burst=500 --concurrent-namespace-syncs=20 >{d}/controllers.log 2>&1'"
            ),
        ];
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .args(&commands)
            .arg(&dir)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let server = Self { keeper, kubeconfig, url };
        server.wait_until_ready(&dir);
        write(&dir.join("ready"), "yes");
        server
    }

    fn wait_until_ready(&self, dir: &Path) {
        let config = self.config();
        // A thread of its own: the caller may stand inside a runtime already.
        let ready = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let client = kube::Client::try_from(config).expect("a client");
                let began = Instant::now();
                // It makes the endpoints of its own service a moment after it is ready.
                for path in READY {
                    let request = || Request::new(path).list(&ListParams::default()).expect("a request");
                    while client.request_text(request()).await.is_err() {
                        if began.elapsed() > Duration::from_mins(4) {
                            return false;
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
                true
            })
        });
        if !ready.join().unwrap_or(false) {
            let log = std::fs::read_to_string(dir.join("apiserver.log")).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(10).collect();
            panic!(
                "the API server was not ready within 60 s; its last words, newest first:\n{}",
                tail.join("\n")
            );
        }
    }

    /// A client configuration for it.
    pub fn config(&self) -> kube::Config {
        let mut config = kube::Config::new(self.url.parse().expect("its own address"));
        config.accept_invalid_certs = true;
        config.auth_info.token = Some("test-token".to_owned().into());
        config
    }
}
