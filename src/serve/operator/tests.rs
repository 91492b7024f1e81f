//! The rules of a reconciliation, against a faked API server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use kube::runtime::controller::Action;
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::desired::KINDS;
use super::desired::tests::peering;
use super::metrics::Metrics;
use super::reconcile::{Context, Error, reconcile};
use crate::peering::Peering;

const RESOURCE: &str = "/apis/peering.opsctl.dev/v1alpha1/namespaces/place/peerings/ring";

/// An API server: objects by path, what was written, and the code with which it refuses certain kinds.
#[derive(Clone, Default)]
struct Fake {
    objects: Arc<Mutex<BTreeMap<String, Value>>>,
    writes: Arc<Mutex<Vec<String>>>,
    refuses: Arc<Mutex<Option<(&'static str, u16)>>>,
}

impl Fake {
    /// One that holds this resource, and a context for it.
    async fn start(peering: &Peering, acts: bool) -> (Self, Arc<Context>) {
        let fake = Self::default();
        fake.objects.lock().unwrap().insert(RESOURCE.into(), serde_json::to_value(peering).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = Config::new(format!("http://{}", listener.local_addr().unwrap()).parse().unwrap());
        config.default_retry = false;
        let app = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        let client = Client::try_from(config).unwrap();
        let acting = watch::channel(acts).1;
        (fake, Arc::new(Context::new(client, "own:1".into(), acting, Metrics::new())))
    }

    fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.writes.lock().unwrap())
    }

    fn refuse(&self, kind: &'static str, code: u16) {
        *self.refuses.lock().unwrap() = Some((kind, code));
    }

    /// Status and reason of a condition of the resource.
    fn condition(&self, kind: &str) -> Option<(String, String)> {
        let objects = self.objects.lock().unwrap();
        let all = objects[RESOURCE]["status"]["conditions"].as_array()?;
        let found = all.iter().find(|c| c["type"] == kind)?;
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        Some((text("status"), text("reason")))
    }
}

fn refusal(code: u16) -> Response {
    let reason = if code == 404 { "NotFound" } else { "Whatever" };
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "message": "it may not", "reason": reason});
    (StatusCode::from_u16(code).unwrap(), Json(status)).into_response()
}

async fn answer(State(fake): State<Fake>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    if let Some((kind, code)) = *fake.refuses.lock().unwrap()
        && path.contains(&format!("/{kind}/"))
        && head.method != Method::GET
    {
        return refusal(code);
    }
    if path.ends_with("/pods") {
        return Json(json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}))
            .into_response();
    }
    let object = path.trim_end_matches("/status").to_owned();
    if head.method != Method::GET {
        let sent: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap();
        let mut objects = fake.objects.lock().unwrap();
        let mut writes = fake.writes.lock().unwrap();
        writes.push(path.rsplit('/').nth(1).unwrap().to_owned());
        let live = objects.entry(object.clone()).or_insert_with(|| json!({}));
        let uid =
            live["metadata"]["uid"].as_str().map_or_else(|| format!("u{}", writes.len()), str::to_owned);
        if path.ends_with("/status") {
            live["status"] = sent["status"].clone();
        } else {
            *live = sent;
        }
        live["metadata"]["resourceVersion"] = json!(writes.len().to_string());
        live["metadata"]["uid"] = json!(uid);
    }
    let objects = fake.objects.lock().unwrap();
    objects.get(&object).map_or_else(|| refusal(404), |live| Json(live.clone()).into_response())
}

async fn look(peering: &Peering, cx: &Arc<Context>) -> Result<Action, Error> {
    reconcile(Arc::new(peering.clone()), cx.clone()).await
}

#[tokio::test]
async fn what_is_missing_is_written_in_its_order_and_what_is_as_wanted_is_not_written_again() {
    let ring = peering(json!({"replicas": 0}));
    let (fake, cx) = Fake::start(&ring, true).await;
    look(&ring, &cx).await.unwrap();
    let mut order: Vec<_> = KINDS.iter().map(|(_, _, plural)| (*plural).to_owned()).collect();
    // The status is of `…/peerings/ring/status`.
    order.push("ring".into());
    assert_eq!(fake.writes(), order);
    for _ in 0..3 {
        look(&ring, &cx).await.unwrap();
        assert_eq!(fake.writes(), Vec::<String>::new());
    }
}

/// The tokens of its pods ended with the former account.
#[tokio::test]
async fn another_account_rolls_the_pods_and_nothing_else_that_comes_back_does() {
    let ring = peering(json!({"replicas": 0}));
    let (fake, cx) = Fake::start(&ring, true).await;
    look(&ring, &cx).await.unwrap();
    let path = |kind: &str| {
        let objects = fake.objects.lock().unwrap();
        objects.keys().find(|path| path.ends_with(&format!("/{kind}/ring"))).cloned().unwrap()
    };
    let set = path("statefulsets");
    let template = || fake.objects.lock().unwrap()[&set]["spec"]["template"].clone();
    for (_, _, kind) in &KINDS[..KINDS.len() - 1] {
        let before = template();
        let gone = path(kind);
        fake.objects.lock().unwrap().remove(&gone);
        fake.writes();
        look(&ring, &cx).await.unwrap();
        let rolls = *kind == "serviceaccounts";
        assert_eq!(fake.writes().len(), if rolls { 2 } else { 1 }, "{kind}");
        assert_eq!(template() != before, rolls, "{kind}");
    }
}

#[tokio::test]
async fn a_resource_that_is_being_deleted_is_left_alone() {
    let mut ring = peering(json!({}));
    let (fake, cx) = Fake::start(&ring, true).await;
    ring.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(look(&ring, &cx).await.unwrap(), Action::await_change());
    assert_eq!(fake.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_replica_that_does_not_act_writes_nothing() {
    let ring = peering(json!({}));
    let (fake, cx) = Fake::start(&ring, false).await;
    assert!(matches!(look(&ring, &cx).await, Err(Error::Idle)));
    assert_eq!(fake.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_is_told_in_the_status_and_what_passes_by_itself_is_not() {
    let ring = peering(json!({}));
    let (fake, cx) = Fake::start(&ring, true).await;
    for code in [500, 503, 409] {
        fake.refuse("services", code);
        look(&ring, &cx).await.unwrap_err();
        assert_eq!(fake.condition("Degraded"), None, "{code}");
    }
    fake.refuse("services", 403);
    look(&ring, &cx).await.unwrap_err();
    assert_eq!(fake.condition("Degraded"), Some(("True".into(), "Refused".into())));
    // Once: what is so already is not written again.
    fake.writes();
    look(&ring, &cx).await.unwrap_err();
    assert_eq!(fake.writes(), Vec::<String>::new());
    fake.refuse("nothing", 403);
    look(&ring, &cx).await.unwrap();
    assert_eq!(fake.condition("Degraded").unwrap().0, "False");
}

#[tokio::test]
async fn what_belongs_to_another_resource_of_that_name_is_not_touched() {
    let ring = peering(json!({}));
    let (fake, cx) = Fake::start(&ring, true).await;
    let mut former = ring.clone();
    former.metadata.uid = Some("u-0".into());
    look(&former, &cx).await.unwrap();
    fake.writes();
    assert!(matches!(look(&ring, &cx).await, Err(Error::Foreign(_))));
    assert_eq!(fake.writes(), ["ring"], "the status alone");
    assert_eq!(fake.condition("Degraded").unwrap().1, "Foreign");
}
