//! Part B.1 to B.3: the image by itself, a cluster, one redis behind a Service.

use std::process::Command;
use std::time::Duration;

use super::harness::{SINGLE_PORT, ask, run, secs, test, until};

const IMAGE: &str = "opsctl/redis:8.0";
const NAME: &str = "opsctl-test-redis-image";

fn docker(args: &[&str]) -> super::harness::Ran {
    run(Command::new("docker").args(args))
}

/// Removes the container, whatever happens.
struct Container;

impl Drop for Container {
    fn drop(&mut self) {
        docker(&["rm", "-f", NAME]);
    }
}

#[test]
fn b01_the_image_serves_redis_and_is_configured_by_variables() {
    test("B.1 image", |rig, facts| {
        rig.redis_stands(); // which builds the image
        docker(&["rm", "-f", NAME]);
        let _container = Container;
        let policy = "REDIS_CONF_MAXMEMORY_POLICY=allkeys-lru";
        let args = ["run", "-d", "--name", NAME, "-e", "REDIS_CONF_MAXMEMORY=64mb", "-e", policy, IMAGE];
        docker(&args).ok();
        let cli = |words: &[&str]| {
            let args: Vec<&str> = ["exec", NAME, "redis-cli"].iter().chain(words).copied().collect();
            docker(&args)
        };
        until("PONG from the container", || (cli(&["ping"]).out.trim() == "PONG").then_some(()));
        assert_eq!(cli(&["set", "greeting", "hello world"]).ok().out.trim(), "OK");
        assert_eq!(cli(&["get", "greeting"]).ok().out.trim(), "hello world");
        assert_eq!(cli(&["config", "get", "maxmemory"]).ok().out.trim(), "maxmemory\n67108864");
        assert_eq!(
            cli(&["config", "get", "maxmemory-policy"]).ok().out.trim(),
            "maxmemory-policy\nallkeys-lru"
        );

        let refused = docker(&["run", "--rm", "-e", "REDIS_CONF_NO_SUCH_SETTING=1", IMAGE]).code(78);
        assert!(refused.err.contains("REDIS_CONF_NO_SUCH_SETTING"), "{}", refused.err);
        let refused = docker(&["run", "--rm", "-e", "REDIS_CONF_MAXMEMORY=much", IMAGE]).code(78);
        assert!(refused.err.contains("REDIS_CONF_MAXMEMORY"), "{}", refused.err);
        facts
            .push("set and get, two settings by variable, an unknown and a wrong one refused by name".into());
    });
}

#[test]
fn b02_a_kubernetes_cluster_answers() {
    test("B.2 cluster", |rig, facts| {
        until("the API server is ready", || {
            (rig.kubectl(&["get", "--raw", "/readyz"]).out == "ok").then_some(())
        });
        let version = rig.kubectl(&["version", "-o", "json"]).ok().json();
        let server = version["serverVersion"]["gitVersion"].as_str().expect("a version").to_owned();
        until("DNS is ready", || {
            let dns = rig.get(&["-n", "kube-system", "deploy/coredns"]);
            (dns["status"]["readyReplicas"].as_u64() >= Some(1)).then_some(())
        });
        facts.push(format!("Kubernetes {server}, ready, with DNS"));
    });
}

#[test]
fn b03_a_service_redis_with_one_pod_on_a_hostpath_volume() {
    test("B.3 redis-single", |rig, facts| {
        let ns = "redis-single";
        let up = rig.opsctl(&["redis-single", "up"]).ok();
        let named = rig.asked(&["-n", ns, "get", "service/redis", "deployment/redis", "-o", "name"]);
        assert_eq!(named, "service/redis\ndeployment.apps/redis");
        let pods = rig.asked(&["-n", ns, "get", "pods", "-o", "name"]);
        assert_eq!(pods.lines().count(), 1, "{pods}");
        let volume = rig.asked(&["-n", ns, "get", "pvc/redis", "-o", "jsonpath={.spec.volumeName}"]);
        let path = rig.asked(&["get", "pv", &volume, "-o", "jsonpath={.spec.hostPath.path}"]);
        assert!(path.starts_with('/'), "{path}");

        let mut link = rig.redis(SINGLE_PORT);
        let () = ask(&mut link, "SET live:b03 kept");
        rig.asked(&["-n", ns, "delete", &pods]);
        until("the data at a new pod", || {
            let url = format!("redis://{}:{SINGLE_PORT}/", rig.address());
            let mut link = super::harness::connect(&url, Duration::from_mins(1)).ok()?;
            let value: Option<String> = redis::cmd("GET").arg("live:b03").query(&mut link).ok()?;
            (value.as_deref() == Some("kept")).then_some(())
        });
        assert_ne!(rig.asked(&["-n", ns, "get", "pods", "-o", "name"]), pods);

        let down = rig.opsctl(&["redis-single", "down", "--yes"]).ok();
        assert_ne!(rig.kubectl(&["get", "namespace", ns]).code, Some(0));
        let gone = super::harness::Rig::on_node(&rig.profile, &["test", "-e", &path]);
        assert_eq!(gone.code, Some(1), "{path} is still on the node");
        facts.push(format!(
            "up in {}, data kept over a deletion, down in {}",
            secs(up.took),
            secs(down.took)
        ));
    });
}
