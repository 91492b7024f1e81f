//! A master whose folder is lost: what is left of its data is saved and comes back, whenever opsctl dies.
//!
//! Nodes and pods are stand-ins: `docker exec` runs its script here, a Deployment is a redis-server of this test, and
//! `kubectl port-forward` leads to the replica.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use opsctl::context::Context;
use opsctl::engine::{self, Place, Plan, Reach};
use opsctl::error::{problems, ways_on};
use opsctl::journal;
use opsctl::redis::snapshot::{self, Origin};
use opsctl::step::Step;
use opsctl::step::dataset::Dataset;
use opsctl::step::directory::Directory;
use opsctl::step::object::Object;
use opsctl::step::rescue::Rescue;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::child::{self, Act};
use crate::profile::here;
use crate::world::World;

/// What a child does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Puts it up.
    Up,
    /// Says what an `up` would do.
    DryRun,
    /// Undoes the newest run.
    Undo,
    /// Takes it down.
    Down,
    /// Imports a file into it.
    Import,
    /// Deletes all its data.
    Clean,
    /// Restores a snapshot into it.
    Restore,
}

/// Does it, in the child.
pub async fn act(w: &World, deed: Deed) {
    let mut cx = here(w);
    cx.timeout = Duration::from_secs(30);
    let plans = [plan(w)];
    let reach = match deed {
        Deed::Up => return report(engine::up(&cx, &plans).await.map(|summary| summary.changed)),
        Deed::Import | Deed::Clean | Deed::Restore => {
            let plans =
                [if deed == Deed::Import { crate::import::plan(w) } else { crate::trips::plan(w, deed) }];
            return report(engine::up(&cx, &plans).await.map(|summary| summary.changed));
        }
        Deed::DryRun => {
            cx.dry_run = true;
            let all = engine::dry_run(&cx, &plans).await;
            return report(all.map(|all| {
                for one in &all {
                    println!("{} {}: {}", one.would.sign(), one.title, one.why.join("; "));
                }
                all.len()
            }));
        }
        Deed::Undo => Reach::LastRun,
        Deed::Down => Reach::Parts(vec!["redis".into()]),
    };
    report(taken_back(&cx, &reach, &plans).await);
}

async fn taken_back(cx: &Context, reach: &Reach, plans: &[Plan]) -> anyhow::Result<usize> {
    let reverse = engine::reverse(cx, reach, plans).await?;
    Ok(engine::carry_out(cx, reverse).await?.changed)
}

fn report(end: anyhow::Result<usize>) {
    match end {
        Ok(changed) => println!("changed {changed}"),
        Err(e) => {
            let found: Vec<_> = problems(&e).flat_map(|p| p.found.clone()).collect();
            panic!("{e:#}: {}; {:?}", found.join("; "), ways_on(&e));
        }
    }
}

/// A redis as the stack of that name has it, without images.
fn plan(w: &World) -> Plan {
    let object = |object: Value| Step::from(Object::new("redis", object));
    let deployment = |name: &str| {
        object(
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": w.ns},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}},
                "template": {"metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{"name": "redis", "image": "redis:1"}]}}}}),
        )
    };
    let service = |name: &str, port: u16| {
        object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": w.ns},
            "spec": {"type": "NodePort", "selector": {"app": name}, "ports": [{"port": 6379, "nodePort": port}]}}))
    };
    let folder = folder(w).display().to_string();
    let data =
        Dataset::new(&w.ns, "redis", w.port).lies_in("dev", &folder).copied_to("redis-replica", w.port + 1);
    let directory = Directory::new("dev", &folder, None).with(".redis-volume", "empty");
    let waves = vec![
        vec![Rescue::of(&data).unwrap().into()],
        vec![object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": w.ns}}))],
        vec![directory.into(), service("redis", w.port), service("redis-replica", w.port + 1)],
        vec![deployment("redis"), deployment("redis-replica")],
        vec![data.into()],
    ];
    Plan { part: "redis".into(), place: Place::Cluster, waves, proof: None }
}

/// Where the node has the master's folder.
fn folder(w: &World) -> PathBuf {
    w.state.join("node/redis")
}

/// The UID of the Deployment that the stand-in of a kubelet has last acted for; none: there is none, or it goes.
type Seen = Arc<Mutex<Option<String>>>;

/// Keeps a master running as its Deployment and its folder allow, and the replica in its wake.
fn kubelet(
    w: &World,
    port: u16,
    replica: String,
    seen: Seen,
    ends: Arc<AtomicBool>,
) -> std::thread::JoinHandle<()> {
    let (ns, folder) = (w.ns.clone(), folder(w));
    let config = crate::api_server::shared().config();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async { kube::Client::try_from(config).unwrap() });
        let deployments: kube::Api<Deployment> = kube::Api::namespaced(client, &ns);
        let mut master: Option<(String, Server)> = None;
        while !ends.load(Ordering::Relaxed) {
            let Ok(wanted) = runtime.block_on(deployments.get_opt("redis")) else { continue };
            let wanted = wanted.and_then(standing);
            let (mark, data) = (folder.join(".redis-volume"), folder.join("appendonlydir"));
            let holds = std::fs::read_to_string(&mark).unwrap_or_default();
            if data.join("appendonly.aof.manifest").exists() && holds != "holds-data\n" {
                // The test may delete the folder at any moment.
                let _ = std::fs::write(&mark, "holds-data\n");
            }
            master = master.filter(|(of, _)| Some(of) == wanted.as_ref());
            if master.as_mut().is_some_and(|(_, m)| m.0.try_wait().unwrap().is_some()) {
                master = None;
            }
            // As the image's guard has it: a folder that lost its data starts no redis.
            if master.is_none() && (data.exists() || holds == "empty\n") {
                master = wanted.clone().map(|of| (of, redis(port, &folder)));
            }
            if master.is_some() {
                follow(&replica, port);
            }
            *seen.lock().unwrap() = wanted;
            std::thread::sleep(Duration::from_millis(20));
        }
    })
}

/// The UID of a Deployment that does not go.
fn standing(deployment: Deployment) -> Option<String> {
    deployment.metadata.uid.filter(|_| deployment.metadata.deletion_timestamp.is_none())
}

/// A redis-server that ends with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn redis(port: u16, folder: &Path) -> Server {
    let mut server = Command::new("redis-server");
    server.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
    server.args(["--repl-diskless-sync-delay", "0", "--dir"]).arg(folder);
    let server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = Server(server.spawn().unwrap());
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) && server.0.try_wait().unwrap().is_none() {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    server
}

/// The name of the Service stands for the master here. What does not answer is asked again in the next round.
fn follow(replica: &str, port: u16) {
    let said = asking::<String>(replica, &["INFO", "replication"]);
    if said.is_ok_and(|said| !said.contains("master_host:127.0.0.1")) {
        let _ = asking::<String>(replica, &["REPLICAOF", "127.0.0.1", &port.to_string()]);
    }
}

fn asking<T: ::redis::FromRedisValue>(addr: &str, words: &[&str]) -> ::redis::RedisResult<T> {
    let client = ::redis::Client::open(format!("redis://{addr}"))?;
    let mut link = client.get_connection_with_timeout(Duration::from_secs(5))?;
    link.set_read_timeout(Some(Duration::from_secs(10)))?;
    ::redis::cmd(words[0]).arg(&words[1..]).query(&mut link)
}

fn ask<T: ::redis::FromRedisValue>(addr: &str, words: &[&str]) -> T {
    asking(addr, words).unwrap_or_else(|e| panic!("{addr}: {words:?}: {e}"))
}

const KEYS: usize = 500;

/// A redis that stands, with data, and a replica in step.
pub struct Scene {
    /// Its world.
    pub w: World,
    /// Where the master itself listens.
    port: u16,
    _replica: Server,
    seen: Seen,
    ends: Arc<AtomicBool>,
    kubelet: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(kubelet) = self.kubelet.take() {
            let _ = kubelet.join();
        }
    }
}

impl Scene {
    pub async fn new(name: &str, port: u16) -> Self {
        Self::behind(name, port, port).await
    }

    /// One whose master listens elsewhere than at its node port, to which something else leads.
    pub async fn behind(name: &str, port: u16, real: u16) -> Self {
        let w = World::new(name, port);
        let copy = w.state.join("replica");
        std::fs::create_dir_all(&copy).unwrap();
        let replica = redis(port + 1, &copy);
        let at = format!("127.0.0.1:{}", port + 1);
        let tool = |name: &str, text: String| {
            let file = w.state.join("bin").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        // docker exec -i MACHINE sh …
        tool("docker", "shift 3; exec \"$@\"".into());
        tool("kubectl", format!("echo 'Forwarding from {at} -> 6379'; exec cat"));
        let ends = Arc::new(AtomicBool::new(false));
        let seen = Seen::default();
        let kubelet = Some(kubelet(&w, real, at, Arc::clone(&seen), Arc::clone(&ends)));
        let scene = Self { w, port: real, _replica: replica, seen, ends, kubelet };
        scene.well(Deed::Up).await;
        let uid = scene.w.value("apps/v1", "Deployment", "redis-replica", "/metadata/uid").await;
        let owner =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "redis-replica", "uid": uid});
        scene
            .w
            .foreign(json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "redis-replica-6d5f7c9b8d-abcde", "namespace": scene.w.ns, "ownerReferences": [owner]},
                "spec": {"containers": [{"name": "redis", "image": "redis:1"}]}}))
            .await;
        scene.replica_has_started(true).await;
        scene.wait_until_it_runs();
        for n in 0..KEYS {
            let _: String = scene.asked(&["SET", &format!("k:{n}"), &n.to_string()]);
        }
        scene.in_step();
        scene
    }

    /// Whether the replica's pod says that it had its master's data.
    async fn replica_has_started(&self, started: bool) {
        let status = json!({"name": "redis", "image": "redis:1", "imageID": "", "ready": started, "started": started,
            "restartCount": 0, "state": {}});
        let patch = Patch::Merge(json!({"status": {"containerStatuses": [status]}}));
        let pods = self.w.api("v1", "Pod").await;
        pods.patch_status("redis-replica-6d5f7c9b8d-abcde", &PatchParams::default(), &patch).await.unwrap();
    }

    pub fn master(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn replica(&self) -> String {
        format!("127.0.0.1:{}", self.w.port + 1)
    }

    fn runs(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// Waits until the kubelet has acted for the Deployment as it is now. Whether that stands and a master runs for it.
    pub async fn is_served(&self) -> bool {
        let deployments: kube::Api<Deployment> = kube::Api::namespaced(self.w.client().await, &self.w.ns);
        let began = Instant::now();
        loop {
            let now = deployments.get_opt("redis").await.unwrap().and_then(standing);
            if *self.seen.lock().unwrap() == now {
                return now.is_some() && self.runs();
            }
            assert!(began.elapsed() < Duration::from_secs(20), "the kubelet does not see {now:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn wait_until_it_runs(&self) {
        let began = Instant::now();
        while !self.runs() {
            assert!(began.elapsed() < Duration::from_secs(20), "no master");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn asked<T: ::redis::FromRedisValue>(&self, words: &[&str]) -> T {
        ask(&self.master(), words)
    }

    /// Waits until the replica has what the master has.
    fn in_step(&self) {
        let began = Instant::now();
        loop {
            let [ours, theirs]: [u64; 2] = [self.master(), self.replica()].map(|at| ask(&at, &["DBSIZE"]));
            let linked = ask::<String>(&self.replica(), &["INFO", "replication"]);
            if ours == theirs && linked.contains("master_link_status:up") {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "master {ours}, replica {theirs}: {linked}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub async fn child(&self, deed: Deed, kill_at: Option<u64>) -> (std::process::ExitStatus, String) {
        child::run_with(&self.w, Act::Redis(deed), kill_at, &self.w.state.join("bin")).await
    }

    /// Runs to its end and well; how much it changed.
    pub async fn well(&self, deed: Deed) -> usize {
        let (status, said) = self.child(deed, None).await;
        assert!(status.success(), "{deed:?}: {said}");
        let changed = said.split("changed ").nth(1).and_then(|rest| rest.split_whitespace().next());
        changed.unwrap_or_else(|| panic!("{said}")).parse().unwrap()
    }

    /// Fails, and touches nothing; what it said.
    async fn refused(&self, deed: Deed) -> String {
        let (journal, dump) = (self.w.journal(), self.w.dump().await);
        let (status, said) = self.child(deed, None).await;
        assert!(!status.success(), "{deed:?}: {said}");
        assert_eq!(self.w.journal(), journal, "{said}");
        crate::world::assert_same(&dump, &self.w.dump().await, &said);
        said
    }

    /// Fails because only the replica has the data; all stays.
    async fn stays(&self, deed: Deed) {
        let dump = self.w.dump().await;
        let (status, said) = self.child(deed, None).await;
        let why = format!("redis-replica still has {KEYS} keys");
        assert!(!status.success() && said.contains(&why), "{deed:?}: {said}");
        crate::world::assert_same(&dump, &self.w.dump().await, &said);
    }

    /// Deletes the folder, with the mark beside it or without, under a master that runs on or not.
    fn lose(&self, mark_too: bool, runs_on: bool) {
        let folder = folder(&self.w);
        std::fs::remove_dir_all(if mark_too { folder.parent().unwrap() } else { &folder }).unwrap();
        if !runs_on {
            let _ = asking::<()>(&self.master(), &["SHUTDOWN", "NOSAVE", "NOW"]);
            let began = Instant::now();
            while self.runs() {
                assert!(began.elapsed() < Duration::from_secs(10), "it does not stop");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn data_is_pending(&self) -> bool {
        let key = format!("{}/data of redis", self.w.ns);
        journal::read(&self.w.state).unwrap().entries().any(|e| e.is.key == key && e.pending())
    }

    /// All of these keys, and of those that are in the snapshot each as it was.
    fn has_all(&self, besides: &[String], when: &str) {
        self.wait_until_it_runs();
        let there: Vec<Option<String>> = {
            let names: Vec<String> = (0..KEYS).map(|n| format!("k:{n}")).collect();
            let words: Vec<&str> = std::iter::once("MGET").chain(names.iter().map(String::as_str)).collect();
            self.asked(&words)
        };
        let missing = (0..KEYS).filter(|n| there[*n] != Some(n.to_string())).count();
        assert_eq!(missing, 0, "{when}: keys are missing");
        for key in besides {
            assert_eq!(self.asked::<u64>(&["EXISTS", key]), 1, "{when}: {key}");
        }
        self.in_step();
    }

    pub async fn end(self) {
        let all = self.child(Deed::Down, None).await;
        assert!(all.0.success(), "{}", all.1);
    }
}

/// Loses the folder again and again, with a death at each record of the `up` that rescues the data, and lets `next`
/// follow. Returns how many deaths there were.
async fn killed_at_every_record(scene: &Scene, runs_on: bool, next: &[Deed]) -> u64 {
    let mut late = Vec::new();
    for n in 1.. {
        let when = format!("killed at record {n}, master runs on: {runs_on}, then {next:?}");
        scene.lose(n % 2 == 0, runs_on);
        if runs_on {
            late.push(format!("before:{n}"));
            let _: String = scene.asked(&["SET", &late[late.len() - 1], "1"]);
        }
        let (status, said) = scene.child(Deed::Up, Some(n)).await;
        let died = status.signal().is_some();
        assert!(died || status.success(), "{when}: {said}");
        if died && scene.is_served().await {
            // The minute is over in which who writes waits for the new master.
            let _: String = scene.asked(&["CLIENT", "UNPAUSE"]);
            if scene.data_is_pending() {
                // As if it had come no further than to a part of the keys.
                let _: u64 = scene.asked(&["DEL", "k:1", "k:2", "k:3"]);
            }
            late.push(format!("after:{n}"));
            let _: String = scene.asked(&["SET", &late[late.len() - 1], "1"]);
        }
        for deed in next {
            if n == 1 && *deed == Deed::Undo {
                // A run that changed nothing is not undone. The one before it is, whose data only the replica has.
                scene.stays(*deed).await;
            } else {
                scene.well(*deed).await;
            }
            // A pod that goes has ended when a real `undo` does; the stand-in follows a moment later.
            scene.is_served().await;
        }
        scene.has_all(&late, &when);
        assert_eq!(scene.well(Deed::Up).await, 0, "{when}: up after up");
        if !died {
            let after = late.iter().filter(|key| key.starts_with("after:")).count();
            assert!(after >= if runs_on { 5 } else { 2 }, "only {late:?} were written after a death");
            return n - 1;
        }
    }
    0
}

#[tokio::test]
async fn killed_at_every_record_of_a_rescue_from_the_replica() {
    let scene = Scene::new("rescuereplica", 30170).await;
    // A run; intention, note and end of the rescue; those of folder, Deployment and data; an end.
    assert_eq!(killed_at_every_record(&scene, false, &[Deed::Up]).await, 11);
    scene.end().await;
}

#[tokio::test]
async fn killed_at_every_record_of_a_rescue_from_a_master_that_runs_on() {
    let scene = Scene::new("rescuemaster", 30172).await;
    assert_eq!(killed_at_every_record(&scene, true, &[Deed::Up]).await, 11);
    scene.end().await;
}

#[tokio::test]
async fn an_undone_rescue_keeps_the_data_for_the_next_up_wherever_it_died() {
    let scene = Scene::new("rescueundo", 30174).await;
    assert_eq!(killed_at_every_record(&scene, false, &[Deed::Undo, Deed::Up]).await, 11);
    scene.end().await;
}

#[tokio::test]
async fn an_undone_rescue_comes_back_though_the_replica_had_no_time_to_copy_it() {
    let scene = Scene::new("rescuecopy", 30150).await;
    scene.lose(true, false);
    scene.well(Deed::Up).await;
    scene.has_all(&[], "up");
    let _: String = scene.asked(&["SET", "late", "1"]);
    scene.well(Deed::Undo).await;
    assert!(!scene.is_served().await);
    // A replica that begins anew holds nothing until its master has sent all.
    for words in [&["REPLICAOF", "NO", "ONE"][..], &["FLUSHALL"]] {
        let _: String = ask(&scene.replica(), words);
    }
    scene.well(Deed::Up).await;
    scene.has_all(&["late".into()], "up again");
    scene.end().await;
}

#[tokio::test]
async fn what_a_rescue_saved_is_in_the_snapshot_of_a_down_that_comes_in_between() {
    let scene = Scene::new("rescuedown", 30176).await;
    scene.lose(true, false);
    // The new master is there, and has nothing of it yet.
    let (status, said) = scene.child(Deed::Up, Some(9)).await;
    assert!(status.signal().is_some() && scene.data_is_pending(), "{said}");
    scene.well(Deed::Down).await;
    let pods = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scene.w.ns}});
    let client = scene.w.client().await;
    assert!(opsctl::k8s::apply::get(&client, &pods).await.unwrap().is_none());
    scene.well(Deed::Undo).await;
    scene.has_all(&[], "undo of the down");
    scene.end().await;
}

#[tokio::test]
async fn without_a_copy_nothing_is_touched_and_a_dry_run_touches_nothing_either() {
    let scene = Scene::new("rescuenone", 30178).await;
    scene.lose(false, false);
    let journal = scene.w.journal();
    let (status, said) = scene.child(Deed::DryRun, None).await;
    let step = format!("~ rescue of {}/redis: the folder", scene.w.ns);
    assert!(status.success() && said.contains(&step), "{said}");
    assert!(said.contains(&format!("the replica still has {KEYS} keys")), "{said}");
    assert_eq!(scene.w.journal(), journal);
    assert!(!scene.runs() && !folder(&scene.w).exists());
    scene.replica_has_started(false).await;
    let said = scene.refused(Deed::Up).await;
    assert!(said.contains("lost its contents") && said.contains("snapshots list"), "{said}");
    scene.replica_has_started(true).await;
    scene.well(Deed::Up).await;
    scene.has_all(&[], "with the copy again");
    let (status, said) = scene.child(Deed::DryRun, None).await;
    assert!(status.success() && !said.contains("rescue of"), "{said}");
    scene.end().await;
}

#[tokio::test]
async fn a_rescue_that_an_earlier_build_began_is_ended() {
    let scene = Scene::new("rescuev1", 30180).await;
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scene.w.ns}});
    let space = opsctl::k8s::apply::get(&scene.w.client().await, &space).await.unwrap().unwrap();
    let snapshots = here(&scene.w).paths.snapshots();
    let kept = snapshot::take(&snapshots, &scene.master(), Origin::default(), |_| {}).await.unwrap();
    let note =
        scene.w.state.join("rescues").join(format!("{}.json", space["metadata"]["uid"].as_str().unwrap()));
    std::fs::create_dir_all(note.parent().unwrap()).unwrap();
    std::fs::write(&note, serde_json::to_vec(&kept.path).unwrap()).unwrap();
    // It died when a part was restored, and a client has written since.
    let _: u64 = scene.asked(&["DEL", "k:1", "k:2", "k:3"]);
    let _: String = scene.asked(&["SET", "k:new", "1"]);
    scene.well(Deed::Up).await;
    scene.has_all(&["k:new".into()], "after up");
    assert!(!note.exists());
    assert_eq!(scene.well(Deed::Up).await, 0);
    scene.end().await;
}
