//! A cluster that is told rather than run: an API server of fixed answers, in which redis is up. Its `NodePort`s are
//! those of servers on this machine, so that the program itself can be tried on them, from the check to the undo.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::redis_server::RedisServer;
use crate::sandbox::Sandbox;

/// Where master and replica are, by their `NodePort`s.
#[derive(Clone, Copy)]
struct Ports {
    master: u16,
    replica: u16,
}

impl Sandbox {
    /// A profile `minikube` whose redis is this master; without a replica, it stands for that as well.
    pub fn with_redis(self, master: &RedisServer, replica: Option<&RedisServer>) -> Self {
        let ports = Ports { master: master.port(), replica: replica.unwrap_or(master).port() };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("its address");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(&stream, ports));
            }
        });
        let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "current-context": "minikube",
            "clusters": [{"name": "minikube", "cluster": {"server": format!("http://{at}")}}],
            "users": [{"name": "minikube", "user": {}}],
            "contexts": [{"name": "minikube", "context": {"cluster": "minikube", "user": "minikube"}}]});
        self.profile("minikube", &["127.0.0.1", "127.0.0.1"])
            .kubeconfig(&kubeconfig.to_string())
            .env("OPSCTL_PORT_REDIS_MASTER", &ports.master.to_string())
            .env("OPSCTL_PORT_REDIS_REPLICA", &ports.replica.to_string())
    }
}

/// Answers one connection until it closes.
fn serve(stream: &TcpStream, ports: Ports) {
    let mut input = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            match input.read_line(&mut line) {
                Ok(n) if n > 0 => {}
                _ => return,
            }
            if line.trim_end().is_empty() {
                break;
            }
            lines.push(line);
        }
        let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let (status, body) = match answer(path, ports) {
            Some(body) => ("200 OK", body),
            None => (
                "404 Not Found",
                json!({"kind": "Status", "apiVersion": "v1", "status": "Failure",
                "reason": "NotFound", "message": format!("{path} is not here"), "code": 404}),
            ),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut output = stream;
        if output.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

/// What the API server says of a path; none: there is no such thing.
fn answer(path: &str, ports: Ports) -> Option<Value> {
    let ours = |name: &str, uid: &str| {
        json!({"name": name, "namespace": "redis", "uid": uid, "resourceVersion": "1",
            "labels": {"app.kubernetes.io/managed-by": "opsctl"}, "annotations": {"opsctl.dev/step": name}})
    };
    let service = |name: &str, port: u16| {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": ours(name, name),
            "spec": {"type": "NodePort", "ports": [{"port": 6379, "nodePort": port}]}})
    };
    let deployment = |name: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": ours(name, name),
            "spec": {"replicas": 1}, "status": {"readyReplicas": 1}})
    };
    let pod = |name: &str, node: &str| {
        json!({"metadata": ours(name, name), "spec": {"nodeName": node, "containers": []},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})
    };
    let namespace = |name: &str, uid: &str| {
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": uid},
            "status": {"phase": "Active"}})
    };
    Some(match path {
        "/api/v1/namespaces/kube-system" => namespace("kube-system", "cab1e000-0000-0000-0000-000000000000"),
        "/api/v1/namespaces/redis" => namespace("redis", "redis"),
        "/api/v1/namespaces/redis/services/redis" => service("redis", ports.master),
        "/api/v1/namespaces/redis/services/redis-replica" => service("redis-replica", ports.replica),
        "/apis/apps/v1/namespaces/redis/deployments/redis" => deployment("redis"),
        "/apis/apps/v1/namespaces/redis/deployments/redis-replica" => deployment("redis-replica"),
        "/api/v1/namespaces/redis/pods" => json!({"apiVersion": "v1", "kind": "PodList",
            "metadata": {"resourceVersion": "1"},
            "items": [pod("redis-6b-aa", "minikube"), pod("redis-replica-6c-bb", "minikube-m02")]}),
        _ => return None,
    })
}
