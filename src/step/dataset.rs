//! The data of a redis: kept as a verified snapshot before its pod and volume go, put back when
//! they return.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Act, Change, Probe};
use crate::context::{Context, node_address};
use crate::error::Problem;
use crate::k8s::{apply, manifest};
use crate::node;
use crate::redis::snapshot::{self, Onto, Origin};
use crate::redis::{self, Role, clean};
use crate::ui::{Row, bytes};

/// Snapshots that are kept, newest first.
pub const KEPT: usize = 5;
/// What they may take together, in bytes.
pub const KEPT_BYTES: u64 = 2 << 30;

/// The data behind one Deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dataset {
    /// The namespace and stack.
    part: String,
    /// The Deployment that serves it.
    deployment: String,
    /// Its `NodePort`.
    port: u16,
    /// Where it lies: machine and directory.
    #[serde(default)]
    lies_in: Option<(String, String)>,
}

/// How long `down` waits for a redis that does not answer yet, before it says that data cannot be kept.
const STARTING: Duration = Duration::from_secs(30);

/// Prints `data` when redis has ever written to the directory.
const HOLDS: &str = r#"
for f in "$1"/appendonlydir "$1"/*.rdb; do [ ! -e "$f" ] || { echo data; exit; }; done
echo none"#;

/// What was kept when it went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The snapshot; none where there was no key.
    snapshot: Option<PathBuf>,
}

impl Dataset {
    /// The data of a Deployment in the part's namespace, reached through a `NodePort`.
    pub fn new(namespace: &str, deployment: &str, port: u16) -> Self {
        Self { part: namespace.to_owned(), deployment: deployment.to_owned(), port, lies_in: None }
    }

    /// The same, lying in this directory of a machine.
    #[must_use]
    pub fn lies_in(self, machine: &str, directory: &str) -> Self {
        Self { lies_in: Some((machine.to_owned(), directory.to_owned())), ..self }
    }

    /// Whether redis never came so far as to write anything: then there is nothing to keep.
    async fn never_written(&self, cx: &Context) -> bool {
        let Some((machine, directory)) = &self.lies_in else { return false };
        let Ok(look) = node::script(cx, machine, HOLDS, &[directory]) else { return false };
        look.timeout(STARTING).text().await.is_ok_and(|said| said.trim() == "none")
    }

    /// A snapshot; a redis that only begins to start, after an `up` that was cut short, is waited for.
    async fn keep_patiently(&self, cx: &Context, row: &Row) -> Result<Option<snapshot::Snapshot>> {
        let addr = self.addr(cx)?;
        if redis::probe(&addr).await.is_err() && !cx.discard_data.load(Ordering::Relaxed) {
            if self.never_written(cx).await {
                return Ok(None);
            }
            row.doing("waiting for redis to answer, to keep its data");
            master_answers(&addr, STARTING.min(cx.timeout)).await?;
        }
        self.keep(cx, "down", row).await
    }

    fn addr(&self, cx: &Context) -> Result<String> {
        Ok(format!("{}:{}", node_address(&cx.profile()?)?, self.port))
    }

    /// Whether something serves it. A Deployment on its way out does not: its pods are gone, or going, and
    /// the data was kept before it was told to go.
    async fn stands(&self, cx: &Context) -> Result<bool> {
        let object = serde_json::json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": self.deployment, "namespace": self.part},
        });
        let live = apply::get(&cx.client().await?, &object).await?;
        let going = |l: &Value| l["metadata"]["deletionTimestamp"].is_string();
        Ok(live.is_some_and(|l| manifest::made_by(&l).is_some() && !going(&l)))
    }

    /// Keeps all of it in the snapshots' folder; none where it holds no key.
    pub async fn keep(&self, cx: &Context, reason: &str, row: &Row) -> Result<Option<snapshot::Snapshot>> {
        keep(cx, &self.addr(cx)?, &format!("{}/{}", self.part, self.deployment), reason, row).await
    }

    /// How many keys would go, for the preview.
    pub async fn loss(&self, cx: &Context) -> Option<String> {
        let held = clean::summary(&self.addr(cx).ok()?).await.ok()?;
        (held.keys > 0).then(|| {
            format!("{} keys of {}/{} (a snapshot is kept first)", held.keys, self.part, self.deployment)
        })
    }
}

/// Takes a verified snapshot of a redis; none where it holds no key. Older ones are pruned.
pub async fn keep(
    cx: &Context,
    addr: &str,
    source: &str,
    reason: &str,
    row: &Row,
) -> Result<Option<snapshot::Snapshot>> {
    if clean::summary(addr).await?.keys == 0 {
        return Ok(None);
    }
    let origin = Origin {
        cluster: cx.cluster().await.ok().map(|c| c.uid),
        source: source.to_owned(),
        reason: reason.to_owned(),
    };
    let folder = cx.paths.snapshots();
    let taken =
        snapshot::take(&folder, addr, origin, |n| row.doing(format!("snapshot: {}", bytes(n)))).await?;
    snapshot::prune(&folder, KEPT, KEPT_BYTES)?;
    // The path by itself: a line that is broken cannot be copied.
    let held = format!("   snapshot: {} keys, {} in", taken.meta.holds.keys, bytes(taken.meta.holds.bytes));
    cx.ui.note(format!("{held}\n   {}", taken.path.display()));
    Ok(Some(taken))
}

/// Waits until a master answers at an address: a fresh `NodePort` takes a moment to be routed.
pub async fn master_answers(addr: &str, limit: Duration) -> Result<()> {
    let began = Instant::now();
    loop {
        let why = match redis::probe(addr).await {
            Ok(Role::Master { .. }) => return Ok(()),
            Ok(other) => format!("it is a {}", other.name()),
            Err(e) => format!("{e:#}"),
        };
        if began.elapsed() >= limit {
            return Err(Problem::timeout(format!("no redis master answers at {addr}"))
                .found(why)
                .next("opsctl redis status")
                .into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Change for Dataset {
    type Before = ();
    type Made = ();
    type Kept = Kept;

    fn key(&self) -> String {
        format!("{}/data of {}", self.part, self.deployment)
    }

    fn title(&self) -> String {
        format!("data of {}/{}", self.part, self.deployment)
    }

    fn command(&self) -> String {
        format!("redis-cli -p {} --rdb snapshot.rdb  # before it goes", self.port)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<()>> {
        Ok(if self.stands(cx).await? { Probe::Same } else { Probe::Absent(()) })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), kept: Option<&Kept>) -> Result<()> {
        let Some(path) = kept.and_then(|k| k.snapshot.as_ref()) else { return Ok(()) };
        let addr = self.addr(cx)?;
        master_answers(&addr, cx.timeout).await?;
        let held = clean::summary(&addr).await?;
        let snapshot = snapshot::read(path)?;
        if held.keys == snapshot.meta.holds.keys && held.keys > 0 {
            return Ok(()); // put back already, by a run that was cut short before it could say so
        }
        snapshot::restore(&snapshot, &addr, Onto::Existing, |n, of| {
            act.row.doing(format!("restoring: {n} of {of} keys"));
        })
        .await?;
        Ok(())
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        if !cx.wait {
            return Ok("not waited for".into());
        }
        let addr = self.addr(cx)?;
        master_answers(&addr, cx.timeout).await?;
        Ok(format!("{} keys at {addr}", clean::summary(&addr).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&()>) -> Result<(String, Kept)> {
        if !self.stands(cx).await? {
            return Ok(("nothing serves it any more".into(), Kept { snapshot: None }));
        }
        match self.keep_patiently(cx, act.row).await {
            Ok(Some(snapshot)) => {
                let fact = format!("{} keys kept and verified", snapshot.meta.holds.keys);
                Ok((fact, Kept { snapshot: Some(snapshot.path) }))
            }
            Ok(None) => Ok(("no keys; nothing to keep".into(), Kept { snapshot: None })),
            Err(e) if cx.discard_data.load(Ordering::Relaxed) => {
                cx.ui.warn(format!("the data goes without a snapshot, as asked for: {e:#}"));
                Ok(("discarded".into(), Kept { snapshot: None }))
            }
            Err(e) => Err(e.context(
                Problem::failure("the data could not be kept, so it stays")
                    .next("opsctl redis status")
                    .next(format!("{} --discard-data, to let it go", cx.command)),
            )),
        }
    }
}
