//! `timestamps smoke`: tests a running API, with a timestamp of its own that it removes again.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{opsctl, problem};
use crate::serve::http_call::{self, Reply};
use crate::stack::timestamps;
use crate::ui::{Mark, table};

/// Limit of each request.
const LIMIT: Duration = Duration::from_secs(10);

/// The flags of `timestamps smoke`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The API, such as `http://192.168.49.2:32450` [default: that of this cluster]
    #[arg(env = "TIMESTAMPS_URL", hide_env = true)]
    pub url: Option<String>,
}

/// One request, and whether its answer was as it should be.
#[derive(Clone, Debug, Serialize)]
struct Check {
    /// The request.
    request: String,
    /// The answer's status; none where there was no answer.
    status: Option<u16>,
    /// How long it took, in milliseconds.
    ms: f64,
    /// What is wrong with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
}

/// Tests it; exit 1 if an answer is not as it should be.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    let authority = match &args.url {
        Some(url) => authority(url)?,
        None => timestamps::authority(cx)?,
    };
    cx.ui.note(format!("Testing http://{authority}"));
    let checks = checks(&authority).await;
    let failed = checks.iter().filter(|check| check.wrong.is_some()).count();
    let rows = || {
        let row = |c: &Check| {
            let status = c.status.map_or_else(|| "-".to_owned(), |s| s.to_string());
            vec![
                c.request.clone(),
                status,
                format!("{:.1} ms", c.ms),
                c.wrong.clone().unwrap_or_else(|| "ok".into()),
            ]
        };
        checks.iter().map(row).collect::<Vec<_>>()
    };
    let report = json!({"url": format!("http://{authority}"), "failed": failed, "checks": checks});
    cx.ui.report(
        &report,
        || table(&["REQUEST", "STATUS", "TIME", "ANSWER"], &rows()),
        || checks.iter().map(|check| check.request.clone()).collect(),
    )?;
    let (mark, fact) = match failed {
        0 => (Mark::Done, format!("all {} answers are as they should be", checks.len())),
        n => (Mark::Fail, format!("{n} of {} answers are not as they should be", checks.len())),
    };
    cx.ui.fact(mark, timestamps::PART, &fact, None);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `host:port` of a URL.
fn authority(url: &str) -> Result<String> {
    let wrong = || {
        problem!(Usage, "\"{url}\" is not an address such as http://192.168.49.2:32450")
            .next(opsctl("timestamps smoke http://HOST:PORT"))
    };
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    if rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
        return Err(wrong().into());
    }
    Ok(if rest.contains(':') { rest.to_owned() } else { format!("{rest}:80") })
}

/// A walk through the API.
async fn checks(authority: &str) -> Vec<Check> {
    let name = format!("smoke-{}", jiff::Timestamp::now().as_microsecond());
    let path = format!("/timestamps/{name}");
    let mut walk = Walk { authority, checks: Vec::new() };
    let is = |value: &Value, time: &str| value["name"] == *name && value["time"] == *time;
    walk.ask("GET", "/openapi.json", "", 200, |v| v["openapi"].is_string()).await;
    walk.ask("GET", &path, "", 404, |v| v["status"] == 404).await;
    walk.ask("PUT", &path, "", 201, |v| v["time"].is_string()).await;
    let given = r#"{"time":"2000-01-01T01:00:00+01:00"}"#;
    walk.ask("PUT", &path, given, 200, |v| is(v, "2000-01-01T00:00:00Z")).await;
    walk.ask("GET", &path, "", 200, |v| is(v, "2000-01-01T00:00:00Z")).await;
    let before = &name[..name.len() - 1];
    let page = format!("/timestamps?limit=1&after={before}");
    walk.ask("GET", &page, "", 200, |v| is(&v["timestamps"][0], "2000-01-01T00:00:00Z")).await;
    walk.ask("PUT", &path, r#"{"time":"yesterday"}"#, 400, |v| v["detail"].is_string()).await;
    walk.ask("DELETE", &path, "", 200, |v| is(v, "2000-01-01T00:00:00Z")).await;
    walk.ask("DELETE", &path, "", 404, |v| v["status"] == 404).await;
    walk.ask("GET", "/timestamps/not%20a%20name", "", 400, |v| v["status"] == 400).await;
    walk.checks
}

struct Walk<'a> {
    authority: &'a str,
    checks: Vec<Check>,
}

impl Walk<'_> {
    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
        status: u16,
        fits: impl Fn(&Value) -> bool,
    ) {
        let headers = if body.is_empty() { &[][..] } else { &[("Content-Type", "application/json")] };
        let began = Instant::now();
        let reply = http_call::request(method, self.authority, path, headers, body, LIMIT).await;
        let ms = began.elapsed().as_secs_f64() * 1e3;
        let wrong = match &reply {
            Ok(reply) => judge(reply, status, fits).err().map(|e| e.to_string()),
            Err(error) => Some(format!("{error:#}")),
        };
        let request = format!("{method} {path}");
        self.checks.push(Check { request, status: reply.ok().map(|reply| reply.status), ms, wrong });
    }
}

fn judge(reply: &Reply, status: u16, fits: impl Fn(&Value) -> bool) -> Result<()> {
    anyhow::ensure!(reply.status == status, "not {status}: {:.200}", reply.body.trim());
    let kind = reply.header("content-type").unwrap_or_default();
    let wanted = if status < 400 { "application/json" } else { "application/problem+json" };
    anyhow::ensure!(kind == wanted, "it is {kind}, not {wanted}");
    let value = serde_json::from_str(&reply.body).context("it is no JSON")?;
    anyhow::ensure!(fits(&value), "it says something else: {:.200}", reply.body.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_without_a_path() {
        assert_eq!(authority("http://10.0.0.1:32450/").unwrap(), "10.0.0.1:32450");
        assert_eq!(authority("http://api").unwrap(), "api:80");
        for wrong in ["10.0.0.1:32450", "https://x", "http://", "http://x/y", "http://a@b", ""] {
            assert!(authority(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn where_nobody_answers_every_check_fails() {
        let checks = checks("127.0.0.1:1").await;
        assert!(checks.len() >= 10 && checks.iter().all(|check| check.wrong.is_some()));
    }
}
