//! An API server that goes away and comes back: connections break, and new ones are refused.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kube::api::{DynamicObject, Patch, PatchParams};
use opsctl::context::Context;
use opsctl::engine::{self, Reach};
use opsctl::error::problems;
use opsctl::k8s::ready;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::api_server;
use crate::world::{World, assert_same};

/// The way to the API server, which can be cut, and on which answers may take longer.
struct Way {
    address: SocketAddr,
    late: Duration,
    open: Option<JoinHandle<()>>,
}

impl Way {
    async fn new() -> Self {
        Self::slow(Duration::ZERO).await
    }

    async fn slow(late: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, late, open: Some(tokio::spawn(carry(listener, late))) }
    }

    /// Breaks all connections, and refuses others.
    async fn cut(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            let _ = open.await;
        }
    }

    async fn mend(&mut self) {
        self.open = Some(tokio::spawn(carry(TcpListener::bind(self.address).await.unwrap(), self.late)));
    }

    /// What a command gets to act in this world on this way.
    fn cx(&self, w: &World) -> Context {
        let mut cx = w.cx();
        let text = std::fs::read_to_string(w.kubeconfig()).unwrap();
        let text = text.replace(&api_server::shared().url, &format!("https://{}", self.address));
        std::fs::create_dir_all(&w.state).unwrap();
        cx.paths.kubeconfig = w.state.join("kubeconfig-of-the-way");
        std::fs::write(&cx.paths.kubeconfig, text).unwrap();
        cx
    }
}

async fn carry(listener: TcpListener, late: Duration) {
    let server = api_server::shared().url.trim_start_matches("https://").to_owned();
    let mut all = JoinSet::new();
    while let Ok((here, _)) = listener.accept().await {
        let server = server.clone();
        all.spawn(async move {
            let (mut asked, mut answer) = here.into_split();
            let (mut answered, mut ask) = TcpStream::connect(server).await.unwrap().into_split();
            let asking = async {
                let _ = tokio::io::copy(&mut asked, &mut ask).await;
                let _ = ask.shutdown().await;
            };
            let answering = async {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(read @ 1..) = answered.read(&mut bytes).await {
                    tokio::time::sleep(late).await;
                    if answer.write_all(&bytes[..read]).await.is_err() {
                        break;
                    }
                }
                let _ = answer.shutdown().await;
            };
            tokio::join!(asking, answering);
        });
    }
}

/// Returns once an object is as wanted.
async fn until(w: &World, version: &str, kind: &str, name: &str, wanted: impl Fn(&DynamicObject) -> bool) {
    let api = w.api(version, kind).await;
    while !api.get_opt(name).await.unwrap().as_ref().is_some_and(&wanted) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const AWAY: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_wait_for_readiness_and_one_for_an_end_outlive_an_api_server_that_goes_away() {
    let w = World::new("away", 30151);
    let before = w.dump().await;
    let mut way = Way::new().await;
    let mut cx = way.cx(&w);
    cx.wait = true;
    let plans = w.plan(1);
    let ready = json!({"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
        "readyReplicas": 1, "availableReplicas": 1}});
    let meanwhile = async {
        until(&w, "apps/v1", "Deployment", "web", |_| true).await;
        until(&w, "batch/v1", "CronJob", "tick", |_| true).await;
        way.cut().await;
        tokio::time::sleep(AWAY).await;
        let workloads = w.api("apps/v1", "Deployment").await;
        workloads.patch_status("web", &PatchParams::default(), &Patch::Merge(ready)).await.unwrap();
        way.mend().await;
    };
    let (up, ()) = tokio::join!(engine::up(&cx, &plans), meanwhile);
    assert_eq!(up.unwrap().changed, 6);

    let held = |by: serde_json::Value| Patch::Merge(json!({"metadata": {"finalizers": by}}));
    let settings = w.api("v1", "ConfigMap").await;
    settings.patch("settings", &PatchParams::default(), &held(json!(["example.com/held"]))).await.unwrap();
    let reverse = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
    let meanwhile = async {
        let going = |o: &DynamicObject| o.metadata.deletion_timestamp.is_some();
        until(&w, "v1", "ConfigMap", "settings", going).await;
        way.cut().await;
        tokio::time::sleep(AWAY).await;
        settings.patch("settings", &PatchParams::default(), &held(json!(null))).await.unwrap();
        way.mend().await;
    };
    let (down, ()) = tokio::join!(engine::carry_out(&cx, reverse), meanwhile);
    assert_eq!(down.unwrap().changed, 6);
    assert_same(&before, &w.dump().await, "after undo");
}

#[tokio::test]
async fn a_request_that_is_refused_or_broken_off_is_made_again() {
    for (i, after) in [0, 30, 100, 250].into_iter().enumerate() {
        let w = World::new(&format!("refused{i}"), 30152 + u16::try_from(i).unwrap());
        let before = w.dump().await;
        let mut way = Way::new().await;
        let cx = way.cx(&w);
        let plans = w.plan(1);
        // Who did not answer at the beginning is away; this one answered.
        cx.cluster().await.unwrap();
        let mut gap = async || {
            tokio::time::sleep(Duration::from_millis(after)).await;
            way.cut().await;
            tokio::time::sleep(AWAY).await;
            way.mend().await;
        };
        let (up, ()) = tokio::join!(engine::up(&cx, &plans), gap());
        assert_eq!(up.unwrap().changed, 6, "{after}");
        let down = async {
            let reverse = engine::reverse(&cx, &Reach::LastRun, &[]).await?;
            engine::carry_out(&cx, reverse).await
        };
        let (down, ()) = tokio::join!(down, gap());
        assert_eq!(down.unwrap().changed, 6, "{after}");
        assert_same(&before, &w.dump().await, "after undo");
    }
}

#[tokio::test]
async fn an_api_server_that_stays_away_is_waited_for_until_the_timeout_which_names_the_cause() {
    let w = World::new("stays", 30156);
    let mut way = Way::new().await;
    let mut cx = way.cx(&w);
    (cx.wait, cx.timeout) = (true, Duration::from_secs(4));
    let plans = w.plan(1);
    let began = Instant::now();
    let meanwhile = async {
        until(&w, "batch/v1", "CronJob", "tick", |_| true).await;
        way.cut().await;
    };
    let (up, ()) = tokio::join!(engine::up(&cx, &plans), meanwhile);
    let error = up.unwrap_err();
    assert!(began.elapsed() >= cx.timeout, "{error:#}");
    let said: Vec<_> = problems(&error).flat_map(|p| p.found.clone()).collect();
    assert!(said.iter().any(|line| line.contains("refused")), "{said:?}, {error:#}");
    way.mend().await;
    w.undo_all().await.unwrap();
}

#[tokio::test]
async fn a_claim_that_is_shown_again_keeps_no_mark_where_answers_are_slow() {
    let w = World::new("slownudge", 31792);
    w.foreign_namespace(&w.ns).await;
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": w.ns},
        "spec": {"storageClassName": "", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}});
    let made = w.foreign(claim.clone()).await;
    let way = Way::slow(Duration::from_millis(800)).await;
    ready::volume(&way.cx(&w).client().await.unwrap(), &claim, &World::token()).await.unwrap();
    let now = w.api("v1", "PersistentVolumeClaim").await.get("data").await.unwrap();
    assert_ne!(now.metadata.resource_version, made.metadata.resource_version, "the controller sees a change");
    assert_eq!(now.metadata.annotations, made.metadata.annotations);
}
