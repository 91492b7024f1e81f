//! The API as clients meet it: through its ports, on a redis of the test's own.

mod contract;
mod limits;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tracing::Level;

use super::settings::PREFIX;
use super::*;
use crate::redis::testing::RedisServer;
use crate::serve::http_call::{self, Reply};

/// A running server.
struct World {
    server: RedisServer,
    /// The API's `host:port`.
    api: String,
    /// The second port's.
    ops: String,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

const LIMIT: Duration = Duration::from_secs(20);
const JSON: (&str, &str) = ("Content-Type", "application/json");

impl World {
    async fn new(more: &[(&str, &str)]) -> Self {
        let server = RedisServer::start(&[]);
        let own = [("REDIS", server.addr()), ("REDIS_TIMEOUT", "500ms".into()), ("DRAIN", "0s".into())];
        let own = own.into_iter().map(|(name, value)| (format!("{PREFIX}{name}"), value));
        let more = more.iter().map(|(name, value)| (format!("{PREFIX}{name}"), (*value).to_owned()));
        let settings = Arc::new(Settings::of(own.chain(more)).unwrap());
        let metrics = Arc::new(Metrics::default());
        let logs = Logs::start(Level::ERROR, "test", metrics.lines_lost().clone());
        let listen = || listen::on("127.0.0.1:0".parse().unwrap()).unwrap();
        let (api, ops) = (listen(), listen());
        let at = |listener: &TcpListener| listener.local_addr().unwrap().to_string();
        let (end, told) = tokio::sync::oneshot::channel();
        let addresses = (at(&api), at(&ops));
        let told = async { drop(told.await) };
        let serving = tokio::spawn(serve(settings, metrics, logs, api, ops, told));
        let world = Self { server, api: addresses.0, ops: addresses.1, end: Some(end), serving };
        let began = Instant::now();
        while world.ops("GET", "/readyz", "").await.status != 200 {
            assert!(began.elapsed() < LIMIT, "never ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world
    }

    async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        http_call::request(method, &self.api, path, headers, body, LIMIT).await.unwrap()
    }

    async fn ops(&self, method: &str, path: &str, body: &str) -> Reply {
        http_call::request(method, &self.ops, path, &[], body, LIMIT).await.unwrap()
    }

    async fn json(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let headers = if body.is_empty() { &[][..] } else { &[JSON][..] };
        let reply = self.call(method, path, headers, body).await;
        (reply.status, serde_json::from_str(&reply.body).unwrap())
    }
}

/// A problem's status and detail.
fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{reply:?}");
    let problem: problem::Problem = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(problem.status, reply.status);
    (problem.status, problem.detail)
}

#[tokio::test]
async fn a_timestamp_is_set_read_listed_and_reset() {
    let w = World::new(&[]).await;
    let body = r#"{"time": "2026-11-26T13:00:00+01:00"}"#;
    let kept = json!({"name": "deployed", "time": "2026-11-26T12:00:00Z"});
    assert_eq!(w.json("PUT", "/timestamps/deployed", body).await, (201, kept.clone()));
    assert_eq!(w.json("PUT", "/timestamps/deployed", body).await, (200, kept.clone()));
    assert_eq!(w.json("GET", "/timestamps/deployed", "").await, (200, kept.clone()));
    let before = jiff::Timestamp::now();
    let (status, now) = w.json("PUT", "/timestamps/now", "").await;
    let time: jiff::Timestamp = now["time"].as_str().unwrap().parse().unwrap();
    assert_eq!(status, 201);
    // To the microsecond, and so perhaps a part of one earlier.
    assert!(time.as_microsecond() >= before.as_microsecond() && time <= jiff::Timestamp::now());
    for body in ["{}", "null", r#"{"time": null}"#] {
        assert_eq!(w.json("PUT", "/timestamps/now", body).await.0, 200, "{body}");
    }
    let (_, page) = w.json("GET", "/timestamps?limit=1", "").await;
    assert_eq!(page, json!({"timestamps": [kept], "next": "deployed"}));
    let (_, page) = w.json("GET", "/timestamps?limit=1&after=deployed", "").await;
    assert_eq!((&page["timestamps"][0]["name"], page.get("next")), (&json!("now"), None));
    assert_eq!(w.json("DELETE", "/timestamps/deployed", "").await, (200, kept));
    assert_eq!(w.call("DELETE", "/timestamps/deployed", &[], "").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_a_problem_that_says_so() {
    let w = World::new(&[]).await;
    let long = format!("{{\"time\": \"{}\"}}", "x".repeat(20_000));
    for (method, path, headers, body, status, word) in [
        ("GET", "/timestamps/none", &[][..], "", 404, "no timestamp"),
        ("GET", "/timestamps/-x", &[], "", 400, "a name has"),
        ("GET", "/timestamps/a%2Fb", &[], "", 400, "a name has"),
        ("GET", "/timestamps/%ff", &[], "", 400, "UTF-8"),
        ("GET", "/timestamps?limit=0", &[], "", 400, "limit"),
        ("GET", "/timestamps?limit=many", &[], "", 400, "limit"),
        ("GET", "/timestamps?after=-", &[], "", 400, "after"),
        ("GET", "/timestamps?colour=red", &[], "", 400, "colour"),
        ("GET", "/elsewhere", &[], "", 404, "/elsewhere"),
        ("GET", "/timestamps/", &[], "", 404, "/timestamps/"),
        ("POST", "/timestamps", &[], "", 405, "Allow"),
        ("PUT", "/timestamps/a", &[JSON], "{", 400, "the body"),
        ("PUT", "/timestamps/a", &[JSON], "[1]", 400, "the body"),
        ("PUT", "/timestamps/a", &[JSON], "[null]", 400, "no object"),
        ("PUT", "/timestamps/a", &[JSON], r#"{"when": 1}"#, 400, "when"),
        ("PUT", "/timestamps/a", &[JSON], r#"{"time": "today"}"#, 400, "RFC 3339"),
        ("PUT", "/timestamps/a", &[JSON], r#"{"time": "2026-02-30T00:00:00Z"}"#, 400, "no such time"),
        ("PUT", "/timestamps/a", &[("Content-Type", "text/plain")], "now", 415, "application/json"),
        ("PUT", "/timestamps/a", &[JSON], &long, 413, "16384"),
    ] {
        let reply = w.call(method, path, headers, body).await;
        let (found, detail) = problem(&reply);
        assert!(found == status && detail.contains(word), "{method} {path} {body:.40}: {found} {detail}");
        assert!(status != 405 || reply.header("allow").is_some(), "{reply:?}");
    }
    assert_eq!(w.server.ask::<u64>(&["DBSIZE"]), 0, "nothing of that was kept");
}

#[tokio::test]
async fn without_redis_it_is_unavailable_and_stays_ready() {
    let mut w = World::new(&[]).await;
    w.json("PUT", "/timestamps/a", "").await;
    w.server.kill();
    for (method, path) in [
        ("GET", "/timestamps/a"),
        ("GET", "/timestamps"),
        ("PUT", "/timestamps/a"),
        ("DELETE", "/timestamps/a"),
    ] {
        let reply = w.call(method, path, &[], "").await;
        assert_eq!((problem(&reply).0, reply.header("retry-after")), (503, Some("1")), "{method} {path}");
    }
    assert_eq!(w.ops("GET", "/readyz", "").await.status, 200);
    assert_eq!(w.ops("GET", "/healthz", "").await.status, 200);
    assert_eq!(w.call("GET", "/openapi.json", &[], "").await.status, 200, "this needs no redis");
}

#[tokio::test]
async fn each_request_has_an_id_and_is_counted_by_its_route() {
    let w = World::new(&[]).await;
    let reply = w.call("GET", "/timestamps/secret-name", &[("X-Request-Id", "mine-1")], "").await;
    assert_eq!((reply.status, reply.header("x-request-id")), (404, Some("mine-1")));
    assert_eq!(reply.header("server"), Some(SERVER));
    w.call("BREW", "/coffee", &[], "").await;
    let text = w.ops("GET", "/metrics", "").await.body;
    let counted = r#"timestamps_http_requests_total{route="/timestamps/{name}",method="GET",status="404"} 1"#;
    assert!(text.contains(counted), "{text}");
    assert!(text.contains(r#"{route="other",method="other",status="404"} 1"#), "{text}");
    assert!(!text.contains("secret-name") && !text.contains("coffee"), "{text}");
    assert!(text.contains(r#"timestamps_redis_seconds_count{lane="reads"}"#) && text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_level_is_changed_while_it_runs_and_nothing_of_it_is_on_the_apis_port() {
    let w = World::new(&[]).await;
    assert_eq!(w.ops("GET", "/level", "").await.body, "error\n");
    assert_eq!(problem(&w.ops("PUT", "/level", "loud").await).0, 400);
    assert_eq!(w.ops("PUT", "/level", "warn\n").await.body, "warn\n");
    assert_eq!(w.ops("PUT", "/level", "error").await.body, "error\n");
    for path in ["/level", "/metrics", "/healthz", "/readyz"] {
        assert_eq!(w.call("GET", path, &[], "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_fetches_nothing_from_elsewhere() {
    let w = World::new(&[]).await;
    let page = w.call("GET", "/", &[], "").await;
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(!page.body.contains("http://") && !page.body.contains("https://") && !page.body.contains("src="));
}

#[tokio::test]
async fn told_to_end_it_answers_what_is_under_way_and_sends_clients_elsewhere() {
    let mut w = World::new(&[("DRAIN", "1s")]).await;
    w.json("PUT", "/timestamps/a", "").await;
    w.end.take().unwrap().send(()).unwrap();
    let began = Instant::now();
    while w.ops("GET", "/readyz", "").await.status == 200 {
        assert!(began.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A client that would go on on this connection.
    let mut stream = tokio::net::TcpStream::connect(&w.api).await.unwrap();
    stream.write_all(b"GET /timestamps/a HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    assert!(heard.starts_with("HTTP/1.1 200 ") && heard.contains("connection: close\r\n"), "{heard}");
    tokio::time::timeout(LIMIT, w.serving).await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(&w.api).await.is_err(), "it still listens");
}
