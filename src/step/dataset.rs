//! The data of a redis: kept as a verified snapshot before its pod and volume go, put back when
//! they return.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::nature::{Data, Nature, Traced};
use super::restore::Restore;
use super::{Act, Change, Look, Probe, Seen, replacement, rescue};
use crate::context::{Context, node_address};
use crate::error::{Code, Problem, again, opsctl, problem, said};
use crate::journal::{self, Entry, History};
use crate::k8s::{apply, diagnose, manifest};
use crate::node;
use crate::redis::snapshot::{self, Origin, Snapshot};
use crate::redis::{self, Role, keys};
use crate::ui::{Row, bytes};

/// Snapshots that are kept, newest first.
pub const KEPT: usize = 5;
/// What they may take together, in bytes.
pub const KEPT_BYTES: u64 = 2 << 30;

/// The data behind one Deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// The namespace and stack.
    part: String,
    /// The Deployment that serves it.
    deployment: String,
    /// Its `NodePort`.
    port: u16,
    /// Where it lies: machine and directory.
    #[serde(default)]
    lies_in: Option<Place>,
    /// Who has a copy: a Service, and its `NodePort`.
    #[serde(default)]
    copy: Option<(String, u16)>,
}

/// A machine, and a directory on it.
pub type Place = (String, String);

/// How long `down` waits for a redis that does not answer yet, before it says that data cannot be kept.
pub const STARTING: Duration = Duration::from_secs(30);

/// Prints `data` when redis has ever written to the directory.
const HOLDS: &str = r#"
for f in "$1"/appendonlydir "$1"/*.rdb; do [ ! -e "$f" ] || { echo data; exit; }; done
echo none"#;

/// What `up` brought back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Snapshots that a rescue had saved.
    rescued: Vec<PathBuf>,
}

/// What was kept when it went.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The snapshot; none where there was no key.
    snapshot: Option<PathBuf>,
}

impl Dataset {
    /// The data of a Deployment in the part's namespace, reached through a `NodePort`.
    pub fn new(namespace: &str, deployment: &str, port: u16) -> Self {
        Self {
            part: namespace.to_owned(),
            deployment: deployment.to_owned(),
            port,
            lies_in: None,
            copy: None,
        }
    }

    /// The data that an entry names; one of an earlier version names the port of redis' master alone.
    pub fn recorded(data: Option<&Self>, port: u16) -> Self {
        data.cloned().unwrap_or_else(|| Self::new("redis", "redis", port))
    }

    /// The same, lying in this directory of a machine.
    #[must_use]
    pub fn lies_in(self, machine: &str, directory: &str) -> Self {
        Self { lies_in: Some((machine.to_owned(), directory.to_owned())), ..self }
    }

    /// The same, with a copy at the `NodePort` of this Service.
    #[must_use]
    pub fn copied_to(self, service: &str, port: u16) -> Self {
        Self { copy: Some((service.to_owned(), port)), ..self }
    }

    /// An error where nothing is left of what redis wrote, but for a copy.
    async fn is_nowhere_else(&self, cx: &Context) -> Result<()> {
        let Some((service, port)) = &self.copy else { return Ok(()) };
        let copies = copies(cx, &self.part, service).await?;
        if copies.in_step.is_empty() {
            return Ok(());
        }
        let at = address(cx, &self.part, service, *port).await?;
        let held = keys::summary(&at).await.map_err(|e| {
            let words =
                format!("the master's folder has no data, and {service}, which has some, does not answer");
            Problem::new(Code::RedisAway, words).because(&e)
        })?;
        // Who answers may be another one, that never had any.
        if held.keys == 0 && copies.never.is_empty() {
            return Ok(());
        }
        let has =
            if held.keys == 0 { "may have some".into() } else { format!("still has {} keys", held.keys) };
        Err(problem!(DataNotKept, "the master's folder has no data, but {service} {has}")
            .caused_by(Unserved::OnlyCopy)
            .into())
    }

    /// Whether redis has ever written to where the data lies; none where that is not known.
    async fn written(&self, cx: &Context) -> Result<Option<bool>> {
        let Some((machine, directory)) = &self.lies_in else { return Ok(None) };
        let said = node::script(cx, machine, HOLDS, &[directory])?.timeout(STARTING).text().await?;
        Ok(Some(said.trim() == "data"))
    }

    /// Whether neither a Deployment of ours serves it nor anything is left where it lies.
    pub async fn is_lost(&self, cx: &Context) -> Result<bool> {
        Ok(match served(cx, &self.part, &self.deployment).await? {
            Served::Yes => false,
            Served::NoMore => true,
            Served::No => self.written(cx).await? != Some(true),
        })
    }

    /// Where its master is served, once that answers.
    pub async fn master(&self, cx: &Context, limit: Duration) -> Result<String> {
        if served(cx, &self.part, &self.deployment).await? == Served::No {
            return Err(self.not_served("the former data cannot be restored").into());
        }
        let addr = self.addr(cx).await?;
        master_answers(&addr, limit).await?;
        Ok(addr)
    }

    /// The error of data that nothing serves.
    fn not_served(&self, headline: &str) -> Problem {
        let place = self.lies_in.as_ref().map(|(machine, directory)| format!("{directory} of {machine}"));
        Problem::new(Code::DataNotKept, headline)
            .found(format!(
                "{} holds data, but there is no deployment {}/{} to read it.",
                place.unwrap_or_default(),
                self.part,
                self.deployment
            ))
            .caused_by(Unserved::NoServer)
    }

    /// A snapshot; a redis that only begins to start, after an `up` that was cut short, is waited for.
    async fn keep_patiently(&self, cx: &Context, owed: &[PathBuf], act: Act<'_>) -> Result<Option<Snapshot>> {
        let row = act.row;
        let addr = self.addr(cx).await?;
        if redis::probe(&addr).await.is_err() && !cx.discard_data.load(Ordering::Relaxed) {
            // A redis that never came so far as to write anything has nothing to keep.
            if matches!(self.written(cx).await, Ok(Some(false))) {
                self.is_nowhere_else(cx).await?;
                return Ok(None);
            }
            row.doing("waiting for redis to answer, to save its data");
            master_answers(&addr, STARTING.min(cx.timeout)).await?;
        }
        self.bring_back(cx, &addr, owed, row).await?;
        // What is acknowledged after the snapshot would be lost on the way back.
        Box::pin(redis::paused(&addr, self.keep(cx, &addr, "down", act.spared, row))).await
    }

    /// The `NodePort` that it had when it was planned.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is served.
    pub async fn addr(&self, cx: &Context) -> Result<String> {
        address(cx, &self.part, &self.deployment, self.port).await
    }

    /// Where a snapshot of it comes from, and why it is taken.
    pub async fn origin(&self, cx: &Context, reason: &str) -> Origin {
        Origin {
            cluster: cx.cluster().await.ok().map(|c| c.uid),
            source: format!("{}/{}", self.part, self.deployment),
            reason: reason.to_owned(),
        }
    }

    /// Keeps all of it, served at `addr`, as a verified snapshot; none where it holds neither key nor function. Older ones are
    /// pruned,
    /// but not those that are spared.
    pub async fn keep(
        &self,
        cx: &Context,
        addr: &str,
        reason: &str,
        spared: &[PathBuf],
        row: &Row,
    ) -> Result<Option<Snapshot>> {
        let held = keys::summary(addr).await?;
        if held.keys == 0 && held.functions == 0 {
            return Ok(None);
        }
        let origin = self.origin(cx, reason).await;
        let folder = cx.paths.snapshots();
        let taken =
            snapshot::take(&folder, addr, origin, |n| row.doing(format!("snapshot: {}", bytes(n)))).await?;
        self.saved(cx, &taken, spared).await?;
        Ok(Some(taken))
    }

    /// Tells of a snapshot, and prunes older ones, but not those that are spared.
    pub async fn saved(&self, cx: &Context, taken: &Snapshot, spared: &[PathBuf]) -> Result<()> {
        let owed = rescue::owed(cx, self).await?;
        let waited_for = rescue::waited_for(&journal::read_sound(&cx.paths.state)?);
        snapshot::prune(&cx.paths.snapshots(), KEPT, KEPT_BYTES, &[spared, &owed, &waited_for].concat())?;
        // The path by itself: a line that is broken cannot be copied.
        let held =
            format!("   snapshot: {} keys, {} in", taken.meta.holds.keys, bytes(taken.meta.holds.bytes));
        cx.ui.note(format!("{held}\n   {}", taken.path.display()));
        Ok(())
    }

    /// The namespace of the Deployment that serves it.
    pub fn namespace(&self) -> &str {
        &self.part
    }

    /// The Deployment that serves it, and its Service.
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// Where it lies, where that is known.
    pub fn place(&self) -> Option<&Place> {
        self.lies_in.as_ref()
    }

    /// Who has a copy: a Service, and its `NodePort`.
    pub fn copy(&self) -> Option<&(String, u16)> {
        self.copy.as_ref()
    }

    /// What is still to be restored of a snapshot that a rescue saved: nothing once an `up` has restored it, unless that
    /// was undone. Then it is what was kept at that, and after it the snapshot itself.
    pub fn not_back(&self, history: &History, file: &Path) -> Vec<PathBuf> {
        let (key, restore) = (self.key(), Restore::key_of(file));
        let names = |made: &Value| {
            Option::<Made>::deserialize(made)
                .is_ok_and(|made| made.is_some_and(|made| made.rescued.iter().any(|rescued| rescued == file)))
        };
        let has = |e: &&Entry| match &e.made {
            Some(made) if e.is.key == key => names(made),
            // As an earlier version did it.
            made => made.is_some() && e.is.key == restore,
        };
        let restored: Vec<_> = history.entries().filter(has).collect();
        if restored.iter().any(|entry| entry.stands()) {
            return Vec::new();
        }
        let kept = restored.last().and_then(|entry| Kept::deserialize(entry.kept.as_ref()?).ok()?.snapshot);
        kept.into_iter().chain([file.to_owned()]).collect()
    }

    /// Restores what was saved when it went; what the master has by now is newer, or back already, and stays.
    async fn restore_kept(&self, cx: &Context, addr: &str, path: &Path, row: &Row) -> Result<()> {
        let Some(snapshot) = whole(cx, path).await? else { return Ok(()) };
        let progress = |n, of| row.doing(format!("restoring: {n} of {of} keys"));
        snapshot::restore(&snapshot, addr, progress).await?;
        replacement::drop_forgotten(cx, addr).await
    }

    /// Restores what a rescue saved; what the master has by now is newer, and stays.
    async fn bring_back(&self, cx: &Context, addr: &str, owed: &[PathBuf], row: &Row) -> Result<()> {
        for file in owed {
            if !file.exists() {
                cx.ui.warn(format!("{}, which was to be restored into redis, is gone", file.display()));
                continue;
            }
            let Some(snapshot) = whole(cx, file).await? else { continue };
            let progress = |n, of| row.doing(format!("restoring: {n} of {of} keys"));
            let keys = snapshot::restore(&snapshot, addr, progress).await?;
            cx.ui.note(format!("   {keys} keys restored from {}", file.display()));
        }
        Ok(())
    }

    /// How many keys would go, for the preview.
    async fn kept_first(&self, cx: &Context) -> Option<String> {
        let held = keys::summary(&self.addr(cx).await.ok()?).await.ok()?;
        (held.keys > 0).then(|| {
            format!("{} keys of {}/{} (a snapshot is saved first)", held.keys, self.part, self.deployment)
        })
    }
}

/// Why data cannot be had from its master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// It lies there, and nothing reads it.
    NoServer,
    /// Only a copy has it.
    OnlyCopy,
    /// Where it lay it is lost, and nobody is known who has a copy.
    Lost,
}

/// Whether something serves data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// A Deployment of ours stands.
    Yes,
    /// It is on its way out: its pods are gone, or going, and the data was kept before it was told to go.
    NoMore,
    /// There is none.
    No,
}

/// Whether a Deployment of ours stands.
pub async fn served(cx: &Context, namespace: &str, deployment: &str) -> Result<Served> {
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": deployment, "namespace": namespace}});
    let live = apply::get(&cx.client().await?, &object).await?;
    Ok(match live.filter(|live| manifest::made_by(live).is_some()) {
        Some(live) if live["metadata"]["deletionTimestamp"].is_string() => Served::NoMore,
        Some(_) => Served::Yes,
        None => Served::No,
    })
}

/// The pods of a replica of ours: who has a copy.
#[derive(Debug, Default)]
pub struct Copies {
    /// The names of those that had their master's data at some time: their startup probe passes only then.
    pub in_step: Vec<String>,
    /// The names of those that never had.
    pub never: Vec<String>,
}

/// Looks at the pods of a replica; none where no Deployment of ours has any.
pub async fn copies(cx: &Context, namespace: &str, deployment: &str) -> Result<Copies> {
    if served(cx, namespace, deployment).await? != Served::Yes {
        return Ok(Copies::default());
    }
    let pods: Api<Pod> = Api::namespaced(cx.client().await?, namespace);
    let list = pods.list(&ListParams::default()).await?;
    let ours = |pod: &Pod| diagnose::belongs(pod.metadata.name.as_deref().unwrap_or_default(), deployment);
    let mut copies = Copies::default();
    for pod in list.into_iter().filter(ours) {
        let containers = pod.status.iter().flat_map(|s| s.container_statuses.iter().flatten());
        let started = containers.into_iter().any(|c| c.started == Some(true));
        let list = if started { &mut copies.in_step } else { &mut copies.never };
        list.extend(pod.metadata.name);
    }
    Ok(copies)
}

/// Where a Service answers on the nodes: by the port that it has now, or else by the one that it had when it
/// was recorded.
pub async fn address(cx: &Context, namespace: &str, service: &str, recorded: u16) -> Result<String> {
    let host = node_address(&cx.profile()?)?.to_owned();
    let object = json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": service, "namespace": namespace}});
    let live = match cx.client().await {
        Ok(client) => apply::get(&client, &object).await.ok().flatten(),
        Err(_) => None,
    };
    let port = live.and_then(|live| live["spec"]["ports"][0]["nodePort"].as_u64());
    Ok(format!("{host}:{}", port.unwrap_or_else(|| recorded.into())))
}

/// A snapshot that is to be put back, whole and as it was taken. None: it is not, and may be done without.
pub async fn whole(cx: &Context, path: &Path) -> Result<Option<Snapshot>> {
    match snapshot::sound(path).await {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(e) if cx.discard_data.load(Ordering::Relaxed) => {
            cx.ui.warn(format!("the saved data is not restored, as requested: {}", said(&e)));
            Ok(None)
        }
        Err(e) => Err(problem!(DataNotBack, "the saved data cannot be restored; no data was touched")
            .next(opsctl("snapshots list"))
            .next(opsctl("undo --discard-data").to("continue without it"))
            .because(&e)
            .into()),
    }
}

/// Waits until a master answers at an address: a fresh `NodePort` takes a moment to be routed.
pub async fn master_answers(addr: &str, limit: Duration) -> Result<()> {
    let began = Instant::now();
    loop {
        let why = match redis::probe(addr).await {
            Ok(Role::Master { .. }) => return Ok(()),
            Ok(other) => format!("it is a {}", other.name()),
            Err(e) => said(&e),
        };
        if began.elapsed() >= limit {
            return Err(problem!(RedisSilent, "no redis master answers at {addr}").found(why).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Change for Dataset {
    type Before = ();
    type Made = Option<Made>;
    type Kept = Kept;

    fn key(&self) -> String {
        format!("{}/data of {}", self.part, self.deployment)
    }

    fn title(&self) -> String {
        format!("data of {}/{}", self.part, self.deployment)
    }

    fn command(&self) -> String {
        format!("redis-cli -p {} --rdb snapshot.rdb  # before it is deleted", self.port)
    }

    fn nature(&self) -> Nature {
        Nature { data: Data::Keeps, traced: Traced::Look, looks_again: true, ..Nature::content(&self.part) }
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn loss(&self, cx: &Context, _: Option<&Option<Made>>) -> Vec<String> {
        self.kept_first(cx).await.into_iter().collect()
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<()>> {
        if served(cx, &self.part, &self.deployment).await? != Served::Yes {
            return Ok(Probe::Absent(()));
        }
        Ok(if rescue::owed(cx, self).await?.is_empty() {
            Probe::Same
        } else {
            Probe::Differs((), "what a rescue saved is not restored".into())
        })
    }

    async fn up(
        &self,
        cx: &Context,
        act: Act<'_>,
        (): &(),
        kept: Option<&Kept>,
        _: Seen,
    ) -> Result<Option<Made>> {
        let owed = rescue::owed(cx, self).await?;
        let kept = kept.and_then(|k| k.snapshot.as_ref());
        if kept.is_none() && owed.is_empty() {
            return Ok(None);
        }
        let addr = self.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        if let Some(path) = kept {
            self.restore_kept(cx, &addr, path, act.row).await?;
        }
        if owed.is_empty() {
            return Ok(None);
        }
        self.bring_back(cx, &addr, &owed, act.row).await?;
        if let Some(namespace) = rescue::namespace(cx, self).await? {
            journal::end_rescue_of_format_1(&cx.paths.state, &namespace)?;
        }
        Ok(Some(Made { rescued: owed }))
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        if !cx.wait {
            return Ok("not waited for".into());
        }
        let addr = self.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        Ok(format!("{} keys at {addr}", keys::summary(&addr).await?.keys))
    }

    async fn down(
        &self,
        cx: &Context,
        act: Act<'_>,
        (): &(),
        _: Option<&Option<Made>>,
    ) -> Result<(String, Kept)> {
        // An `up` that was cut short has not restored it: what is saved here has to hold it as well.
        let owed = rescue::owed(cx, self).await?;
        let before = owed.first().cloned();
        let gone = || {
            let stays =
                before.as_ref().map(|file| format!("; what a rescue saved stays in {}", file.display()));
            let fact = format!("nothing serves it any more{}", stays.unwrap_or_default());
            Ok((fact, Kept { snapshot: before.clone() }))
        };
        let asked_for = cx.discard_data.load(Ordering::Relaxed);
        let kept = match served(cx, &self.part, &self.deployment).await? {
            Served::Yes => Box::pin(self.keep_patiently(cx, &owed, act)).await,
            Served::NoMore => return gone(),
            Served::No if asked_for => return gone(),
            Served::No if self.written(cx).await? != Some(true) => match self.is_nowhere_else(cx).await {
                Ok(()) => return gone(),
                Err(e) => Err(e),
            },
            Served::No => {
                let go = again().with("--discard-data").to("delete it");
                return Err(self.not_served("the data could not be saved, so it stays").next(go).into());
            }
        };
        match kept {
            Ok(Some(snapshot)) => {
                let fact = format!("{} keys saved and verified", snapshot.meta.holds.keys);
                Ok((fact, Kept { snapshot: Some(snapshot.path) }))
            }
            Ok(None) if before.is_some() => gone(),
            Ok(None) => Ok(("no keys; nothing to save".into(), Kept { snapshot: None })),
            Err(e) if cx.discard_data.load(Ordering::Relaxed) => {
                cx.ui.warn(format!("the data is deleted without a snapshot, as requested: {}", said(&e)));
                Ok(("discarded".into(), Kept { snapshot: None }))
            }
            Err(e) => Err(problem!(DataNotKept, "the data could not be saved, so it stays")
                .next(again().with("--discard-data").to("delete it"))
                .because(&e)
                .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::rescue::snapshots_in;
    use crate::step::testing::World;

    #[tokio::test]
    async fn a_snapshot_that_something_waits_for_is_not_pruned() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let mut taken = Vec::new();
        for _ in 0..KEPT + 2 {
            taken.push(w.taken().await.path);
        }
        let row = w.row();
        let keep = async |spared: &[PathBuf]| {
            w.data().keep(&w.cx, &w.server.addr(), "test", spared, &row).await.unwrap();
            [0, 1, 2, KEPT + 1].map(|n| taken[n].exists())
        };
        w.act(&row).set_note(&json!({"former": [taken[0]]})).unwrap();
        assert_eq!(keep(&taken[1..2]).await, [true, true, false, true]);
        w.done();
        assert_eq!(keep(&[]).await, [false, false, false, true]);
    }

    #[test]
    fn snapshots_are_found_wherever_a_record_names_them() {
        let record =
            json!({"former": ["/a.rdb", null], "under_way": {"wanted": "/b.rdb"}, "key": "c", "n": 1});
        assert_eq!(snapshots_in(&record), [PathBuf::from("/a.rdb"), "/b.rdb".into()]);
    }
}
