//! New passwords, without a request that fails: redis knows both, the API's pods take the new one, the old one goes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use serde_json::{Map, Value, json};

use super::{API, PART, REDIS, SECRET, find, stack};
use crate::context::Context;
use crate::error::{again, opsctl, problem};
use crate::k8s::{apply, has_ended, inside, manifest, unrecorded, values};
use crate::step::secret::{random, sha256};

/// The users of redis, and the value of the Secret with the password of each.
const USERS: [(&str, &str); 2] = [("timestamps", "password"), ("operator", "operator")];
/// The value with the rules of the users.
const RULES: &str = "users.acl";
/// The port of a pod's health.
const OPS_PORT: u16 = 8081;
/// Limit of each question to a pod.
const LIMIT: Duration = Duration::from_secs(10);
/// Makes redis read its users' rules again. The password is in a file of the pod, so nobody else sees it.
const RELOAD: &str = "REDISCLI_AUTH=$(cat /secrets/operator) redis-cli --user operator ACL LOAD";

/// What a rotation is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Redis gets to know the new passwords beside the old ones.
    Both,
    /// The API's pods take the new one.
    Api,
    /// Redis forgets the old ones.
    New,
}

/// The Secret as it is in the cluster.
async fn live(cx: &Context, client: &Client) -> Result<Value> {
    let stack = stack();
    let mut objects = stack.objects()?;
    let live = apply::get(client, find(&mut objects, "Secret", SECRET)?).await?;
    live.filter(|live| manifest::made_by(live).is_some()).ok_or_else(|| {
        problem!(NotUp, "timestamps is not up in {}", cx.target).next(opsctl("timestamps up")).into()
    })
}

/// Gives redis and the API new passwords; `tell` hears of each stage that is done. The new version.
pub async fn rotate(cx: &Context, mut tell: impl FnMut(Stage, &str)) -> Result<String> {
    let client = cx.client().await?;
    let secret = live(cx, &client).await?;
    let mut held = values::of(&secret)?;
    let version = next_version(&held);
    let rules = RuleSet::of(&held)?;
    let mut new = Map::new();
    for (_, value) in USERS {
        new.insert(value.to_owned(), json!(random()?));
    }
    // Also what an earlier rotation left that was cut short: some pod may still use it.
    held.insert(RULES.into(), json!(rules.also(&new)?));
    let secret = unrecorded::set_values(&client, &secret, &held).await?;
    tell(Stage::Both, &redis_reads(cx, &client, &held).await?);
    held.extend(new.clone());
    held.insert("version".into(), json!(version));
    let secret = unrecorded::set_values(&client, &secret, &held).await?;
    tell(Stage::Api, &api_reads(cx, &client, &version).await?);
    held.insert(RULES.into(), json!(rules.only(&new)?));
    unrecorded::set_values(&client, &secret, &held).await?;
    tell(Stage::New, &redis_reads(cx, &client, &held).await?);
    Ok(version)
}

fn next_version(held: &Map<String, Value>) -> String {
    let version = held.get("version").and_then(Value::as_str).and_then(|v| v.parse::<u64>().ok());
    (version.unwrap_or(0) + 1).to_string()
}

/// The rules of the users, the hashes of their passwords apart.
struct RuleSet {
    text: String,
    hashes: BTreeMap<&'static str, Vec<String>>,
}

impl RuleSet {
    fn of(held: &Map<String, Value>) -> Result<Self> {
        let text = held.get(RULES).and_then(Value::as_str).context("the Secret has no rules of users")?;
        let of_user = |user: &str| {
            let line = text.lines().find(|line| line.split(' ').nth(1) == Some(user));
            let words = line.unwrap_or_default().split(' ');
            words.filter(|word| word.starts_with('#')).map(str::to_owned).collect()
        };
        Ok(Self {
            hashes: USERS.iter().map(|(user, _)| (*user, of_user(user))).collect(),
            text: text.to_owned(),
        })
    }

    /// With the hashes of these passwords instead.
    fn only(&self, passwords: &Map<String, Value>) -> Result<String> {
        self.with(passwords, false)
    }

    /// With the hashes of these passwords as well.
    fn also(&self, passwords: &Map<String, Value>) -> Result<String> {
        self.with(passwords, true)
    }

    fn with(&self, passwords: &Map<String, Value>, also: bool) -> Result<String> {
        let mut lines = Vec::new();
        for line in self.text.lines() {
            let user = line.split(' ').nth(1).unwrap_or_default();
            let Some((user, value)) = USERS.iter().find(|(name, _)| *name == user) else {
                lines.push(line.to_owned());
                continue;
            };
            let password = passwords.get(*value).and_then(Value::as_str).context("a password is missing")?;
            let mut hashes = if also { self.hashes[user].clone() } else { Vec::new() };
            hashes.push(format!("#{}", sha256(password)));
            let words: Vec<&str> = line.split(' ').filter(|word| !word.starts_with('#')).collect();
            // `user NAME on`, the passwords, and the rest.
            let (head, rest) = words.split_at_checked(3).context("a rule is too short")?;
            lines.push(format!("{} {} {}", head.join(" "), hashes.join(" "), rest.join(" ")));
        }
        Ok(lines.join("\n") + "\n")
    }
}

/// Pods of a Deployment that are there to stay.
async fn pods(client: &Client, app: &str) -> Result<Vec<String>> {
    let api: Api<Pod> = Api::namespaced(client.clone(), PART);
    let selector = format!("app.kubernetes.io/name={app}");
    let list = api.list(&ListParams::default().labels(&selector)).await?;
    let stays = |pod: &Pod| pod.metadata.deletion_timestamp.is_none() && !has_ended(pod);
    Ok(list.items.into_iter().filter(stays).filter_map(|pod| pod.metadata.name).collect())
}

/// Waits until redis has read the rules that the Secret has.
async fn redis_reads(cx: &Context, client: &Client, held: &Map<String, Value>) -> Result<String> {
    let rules = held.get(RULES).and_then(Value::as_str).unwrap_or_default();
    let wanted = sha256(rules);
    until(cx, "redis", async || {
        let Some(pod) = pods(client, REDIS).await?.pop() else { anyhow::bail!("redis has no pod") };
        unrecorded::hurry(client, PART, &pod, &wanted[..12]).await?;
        let file = ["sha256sum", "/secrets/users.acl"];
        let found = inside::exec(client, PART, &pod, REDIS, &file, LIMIT).await?;
        anyhow::ensure!(found.starts_with(&wanted), "pod {pod} does not have the new file yet");
        let said = inside::exec(client, PART, &pod, REDIS, &["sh", "-c", RELOAD], LIMIT).await?;
        anyhow::ensure!(said.trim() == "OK", "redis said: {}", said.trim());
        Ok(format!("pod {pod}"))
    })
    .await
}

/// Waits until every pod of the API uses the password of this version, over all its connections.
async fn api_reads(cx: &Context, client: &Client, version: &str) -> Result<String> {
    until(cx, "the API", async || {
        let pods = pods(client, API).await?;
        anyhow::ensure!(!pods.is_empty(), "the API has no pod");
        for pod in &pods {
            unrecorded::hurry(client, PART, pod, version).await?;
        }
        for pod in &pods {
            let reply = inside::get(client, PART, pod, OPS_PORT, "/readyz", LIMIT).await?;
            let said: Value = serde_json::from_str(&reply.body).context("it answered with something else")?;
            let has = |lane: &str| said[lane]["password_version"] == version && said[lane]["now"] == true;
            anyhow::ensure!(has("reads") && has("writes"), "pod {pod} does not use the new password yet");
        }
        Ok(format!("{} pods", pods.len()))
    })
    .await
}

/// Looks again until it is so, or the time is over.
async fn until(cx: &Context, who: &str, look: impl AsyncFn() -> Result<String>) -> Result<String> {
    let began = Instant::now();
    loop {
        let why = match look().await {
            Ok(fact) => return Ok(fact),
            Err(why) => why,
        };
        if began.elapsed() >= cx.timeout {
            let what = format!("{who} did not take the new password within {} s", cx.timeout.as_secs());
            let problem = problem!(NotReady, "{what}").found(format!("{why:#}"));
            let problem = problem.found("The old passwords are valid, too: nothing is cut off.");
            return Err(problem.next(again()).next(opsctl("timestamps status")).into());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(acl: &str) -> Map<String, Value> {
        Map::from_iter([("version".to_owned(), json!("4")), (RULES.to_owned(), json!(acl))])
    }

    #[test]
    fn both_passwords_count_and_then_the_new_one_alone() {
        let acl = "user probe on nopass +ping\nuser timestamps on #old1 #old2 ~timestamps +ping\nuser operator on #op allkeys +@all\n";
        let rules = RuleSet::of(&held(acl)).unwrap();
        let new = Map::from_iter([("password".to_owned(), json!("p")), ("operator".to_owned(), json!("o"))]);
        let (p, o) = (sha256("p"), sha256("o"));
        assert_eq!(
            rules.also(&new).unwrap(),
            format!(
                "user probe on nopass +ping\nuser timestamps on #old1 #old2 #{p} ~timestamps +ping\nuser operator on #op #{o} allkeys +@all\n"
            )
        );
        assert_eq!(
            rules.only(&new).unwrap(),
            format!(
                "user probe on nopass +ping\nuser timestamps on #{p} ~timestamps +ping\nuser operator on #{o} allkeys +@all\n"
            )
        );
        assert_eq!(next_version(&held(acl)), "5");
        assert_eq!(next_version(&Map::new()), "1");
    }

    #[test]
    fn the_rules_of_the_manifest_are_such_that_they_can_be_rotated() {
        let mut objects = stack().objects().unwrap();
        let recipe = find(&mut objects, "Secret", SECRET).unwrap()["stringData"].as_object().unwrap().clone();
        let text = recipe[RULES].as_str().unwrap();
        for (user, value) in USERS {
            assert_eq!(recipe[value], "(random)");
            assert!(text.contains(&format!("user {user} on #(sha256 of {value}) ")), "{text}");
        }
    }
}
