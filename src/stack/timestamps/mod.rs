//! The timestamp API: its pods, a redis with a volume, the Secret between them.

mod environment;
pub mod rotation;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client};
use serde_json::{Value, json};

use super::status::{self, Status};
use super::{Folder, NodePort, Stack, manifests};
use crate::context::{Context, node_address};
use crate::engine::Plan;
use crate::error::{opsctl, problem};
use crate::image::{self, own};
use crate::k8s::manifest;
use crate::serve::http_call;
use crate::step::secret;

pub use environment::Environment;

/// The stack's name, and its namespace.
pub const PART: &str = "timestamps";
/// The Service of the API.
pub const SERVICE: &str = "timestamps/api";
/// The Secret, the redis and the API, as their objects are called.
const SECRET: &str = "redis";
const REDIS: &str = "redis";
const API: &str = "api";
/// The hash of the Secret's recipe that pods were started with: another one starts others.
const STARTED_WITH: &str = "opsctl.dev/started-with";

/// The stack.
pub fn stack() -> Stack {
    Stack {
        ports: vec![NodePort::new("TIMESTAMPS", SERVICE, "timestamp API")],
        images: vec![image::REDIS.into(), own::REPOSITORY.into()],
        // The user that the image runs as: a hostPath volume has to belong to it.
        folder: Some(Folder { path: "/var/lib/opsctl/timestamps".into(), owner: Some(999), seed: None }),
        edit: |_, objects| Environment::Development.set(objects),
        status: |stack, cx| Box::pin(status(stack, cx)),
        prove: Some(|cx| Box::pin(prove(cx))),
        ..Stack::new(
            PART,
            "An HTTP API that keeps timestamps in redis",
            manifests!("timestamps": "0-namespace", "1-storage", "2-secret", "2-services", "3-network-policy",
                "4-redis", "5-api"),
        )
    }
}

/// The plan of it in one environment.
pub fn plan(cx: &Context, environment: Environment) -> Result<Plan> {
    let stack = stack();
    let mut objects = stack.objects()?;
    environment.set(&mut objects)?;
    stack.plan_of(cx, objects)
}

/// The environment that the cluster has, as the settings of its pods name it; none where there are none.
pub async fn standing(client: &Client) -> Result<Option<Environment>> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), PART);
    let Some(live) = deployments.get_opt(API).await? else { return Ok(None) };
    let mut live = serde_json::to_value(live)?;
    let list = variables(&mut live)?.as_array().cloned().unwrap_or_default();
    let named = list.iter().find(|variable| variable["name"] == "TIMESTAMPS_ENVIRONMENT");
    Ok(named.and_then(|variable| variable["value"].as_str()).and_then(Environment::named))
}

/// The variables of a Deployment's container.
fn variables(deployment: &mut Value) -> Result<&mut Value> {
    let container = deployment.pointer_mut("/spec/template/spec/containers/0");
    Ok(&mut container.context("a Deployment has no container")?["env"])
}

/// Where the host reaches the API: `host:port`.
pub fn authority(cx: &Context) -> Result<String> {
    Ok(format!("{}:{}", node_address(&cx.profile()?)?, cx.ports.get(SERVICE)))
}

async fn status(stack: &Stack, cx: &Context) -> Result<Option<Status>> {
    let Some(mut status) = status::of_workloads(stack, cx).await? else { return Ok(None) };
    let environment = standing(&cx.client().await?).await?.map(Environment::name);
    let url = authority(cx).map(|at| format!("http://{at}")).unwrap_or_default();
    if let Some(row) = status.rows.first_mut() {
        row.endpoint.clone_from(&url);
        if let Some(environment) = environment.filter(|_| row.state == "ready") {
            row.state = format!("ready, {environment}");
        }
    }
    status.report["environment"] = json!(environment);
    status.report["url"] = json!(url);
    Ok(Some(status))
}

/// What an `up` proves: the API answers at its `NodePort`, with what redis says.
async fn prove(cx: &Context) -> Result<String> {
    const LIMIT: Duration = Duration::from_secs(5);
    let authority = authority(cx)?;
    let began = Instant::now();
    loop {
        let reply = http_call::get(&authority, "/timestamps?limit=1", LIMIT).await;
        let why = match reply {
            Ok(reply) if reply.status == 200 => return Ok(format!("answers at http://{authority}")),
            Ok(reply) => format!("{} {}", reply.status, reply.body),
            Err(error) => format!("{error:#}"),
        };
        if began.elapsed() >= cx.timeout {
            let what = format!("the timestamp API does not answer at http://{authority}");
            return Err(problem!(NotReady, "{what}").found(why).next(opsctl("timestamps status")).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The one of that kind and name.
fn find<'a>(objects: &'a mut [Value], kind: &str, name: &str) -> Result<&'a mut Value> {
    let is = |o: &Value| manifest::kind(o) == kind && manifest::name(o) == name;
    objects.iter_mut().find(|o| is(o)).with_context(|| format!("the manifests have no {kind} {name}"))
}

/// Notes on a Deployment's pods what they are started with.
fn note(objects: &mut [Value], deployment: &str, hash: &str) -> Result<()> {
    let template = &mut find(objects, "Deployment", deployment)?["spec"]["template"];
    template["metadata"]["annotations"][STARTED_WITH] = json!(hash);
    Ok(())
}

/// The hash of the Secret's recipe: redis reads it at its start alone.
fn recipe(objects: &mut [Value]) -> Result<String> {
    Ok(secret::hash_of(find(objects, "Secret", SECRET)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::timestamps::settings::Settings;

    fn in_environment(environment: Environment) -> Vec<Value> {
        let mut objects = stack().objects().unwrap();
        environment.set(&mut objects).unwrap();
        objects
    }

    fn settings(objects: &mut [Value]) -> Vec<(String, String)> {
        let list = variables(find(objects, "Deployment", API).unwrap()).unwrap().as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        list.iter().map(|pair| (text(&pair["name"]), text(&pair["value"]))).collect()
    }

    #[test]
    fn every_environment_is_one_that_the_server_takes() {
        for environment in Environment::ALL {
            let mut objects = in_environment(environment);
            let settings =
                Settings::of(settings(&mut objects)).unwrap_or_else(|e| panic!("{environment:?}: {e:?}"));
            assert_eq!(settings.environment, environment.name());
            let pods = &find(&mut objects, "Deployment", API).unwrap()["spec"]["template"]["spec"];
            let grace = pods["terminationGracePeriodSeconds"].as_u64().unwrap();
            assert!(
                settings.drain.as_secs() + 15 <= grace,
                "{environment:?} drains for longer than it may live"
            );
        }
    }

    #[test]
    fn the_service_leads_to_pods_on_one_redis_alone() {
        let by_hand = stack().objects().unwrap();
        let mut names = std::collections::BTreeMap::<_, std::collections::BTreeSet<_>>::new();
        let all = Environment::ALL.into_iter().map(in_environment).chain([by_hand]);
        for mut objects in all {
            let selector = find(&mut objects, "Service", API).unwrap()["spec"]["selector"].clone();
            let pods = find(&mut objects, "Deployment", API).unwrap();
            let labels = pods["spec"]["template"]["metadata"]["labels"].clone();
            let selected = selector.as_object().unwrap();
            assert!(selected.iter().all(|(name, value)| labels[name] == *value), "{selector} {labels}");
            let at =
                settings(&mut objects).into_iter().find(|(name, _)| name == "TIMESTAMPS_REDIS").unwrap().1;
            names.entry(at).or_default().insert(selector[environment::ON_REDIS].to_string());
        }
        let each: Vec<_> = names.values().map(std::collections::BTreeSet::len).collect();
        assert_eq!(each, [1, 1], "one name for each redis: {names:?}");
        assert!(names.values().flatten().collect::<std::collections::BTreeSet<_>>().len() == 2, "{names:?}");
    }

    #[test]
    fn the_manifest_by_itself_is_of_development() {
        let of = |mut objects: Vec<Value>| settings(&mut objects);
        let (by_hand, with_opsctl) =
            (of(stack().objects().unwrap()), of(in_environment(Environment::Development)));
        // The file says a little more, where the usual would do as well.
        assert!(by_hand.iter().all(|pair| with_opsctl.contains(pair)), "{by_hand:?} {with_opsctl:?}");
        assert!(Settings::of(by_hand).is_ok());
    }

    #[test]
    fn the_apis_user_may_do_what_the_store_does_and_nothing_more() {
        let mut objects = stack().objects().unwrap();
        let acl = find(&mut objects, "Secret", SECRET).unwrap()["stringData"]["users.acl"].clone();
        let line =
            acl.as_str().unwrap().lines().find(|l| l.starts_with("user timestamps ")).unwrap().to_owned();
        let allowed: Vec<_> = line.split(' ').filter_map(|word| word.strip_prefix('+')).collect();
        assert_eq!(allowed, ["ping", "multi", "exec", "zadd", "zrange", "zremrangebylex"]);
        assert!(line.contains(" ~timestamps ") && line.contains(" -@all ") && line.contains(" resetkeys "));
    }

    /// A redis-server of its own, with the rules of the manifest, on a folder that stays.
    fn redis(port: u16, folder: &std::path::Path) -> std::process::Child {
        let mut command = std::process::Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--aclfile"]);
        let command = command.arg(folder.join("users.acl")).stdout(std::process::Stdio::null());
        command.spawn().expect("redis-server is needed: apt-get install redis-server")
    }

    /// A connection as the API's user, once redis answers.
    fn connected(port: u16) -> ::redis::Connection {
        let began = Instant::now();
        loop {
            let url = format!("redis://timestamps:p@127.0.0.1:{port}/");
            match ::redis::Client::open(url).and_then(|client| client.get_connection()) {
                Ok(link) => return link,
                Err(error) => assert!(began.elapsed() < Duration::from_secs(20), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_redis_with_these_rules_reads_its_transactions_back() {
        let mut objects = stack().objects().unwrap();
        let acl = find(&mut objects, "Secret", SECRET).unwrap()["stringData"]["users.acl"].clone();
        let hash = secret::sha256("p");
        let acl = acl
            .as_str()
            .unwrap()
            .replace("(sha256 of password)", &hash)
            .replace("(sha256 of operator)", &hash);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.acl"), acl).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = redis(port, folder.path());
        let mut add = ::redis::pipe();
        add.atomic().cmd("ZREMRANGEBYLEX").arg("timestamps").arg("[a ").arg("(a!");
        add.cmd("ZADD").arg("timestamps").arg(0).arg("a 2026-01-01T00:00:00Z");
        let _: (u64, u64) = add.query(&mut connected(port)).unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        let mut server = redis(port, folder.path());
        let all: Vec<String> =
            ::redis::cmd("ZRANGE").arg("timestamps").arg(0).arg(-1).query(&mut connected(port)).unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(all, ["a 2026-01-01T00:00:00Z"], "an acknowledged write is lost at a restart");
    }
}
