//! The image by itself, and a cluster.

use std::process::Command;

use crate::images::images_stand;
use crate::rig::{Ran, Rig, run, until};

const IMAGE: &str = "opsctl/redis:8.0";
const NAME: &str = "opsctl-test-redis-image";

fn docker(args: &[&str]) -> Ran {
    run(Command::new("docker").args(args))
}

/// Removes the container, whatever happens.
struct Container;

impl Drop for Container {
    fn drop(&mut self) {
        docker(&["rm", "-f", NAME]);
    }
}

pub fn the_image_serves_redis_and_is_configured_by_variables(rig: &Rig, facts: &mut Vec<String>) {
    images_stand(rig);
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
    assert_eq!(cli(&["config", "get", "maxmemory-policy"]).ok().out.trim(), "maxmemory-policy\nallkeys-lru");

    let refused = docker(&["run", "--rm", "-e", "REDIS_CONF_NO_SUCH_SETTING=1", IMAGE]).code(78);
    assert!(refused.err.contains("REDIS_CONF_NO_SUCH_SETTING"), "{}", refused.err);
    let refused = docker(&["run", "--rm", "-e", "REDIS_CONF_MAXMEMORY=much", IMAGE]).code(78);
    assert!(refused.err.contains("REDIS_CONF_MAXMEMORY"), "{}", refused.err);
    facts.push("set and get, two settings by variable, an unknown and a wrong one refused by name".into());
}

pub fn a_kubernetes_cluster_answers(rig: &Rig, facts: &mut Vec<String>) {
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
}
