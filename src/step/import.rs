//! Data files loaded into a redis master; the inverse brings back what the redis held before.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, STARTING, keep, master_answers, whole};
use super::intent::Intent;
use super::{Act, Change, Probe};
use crate::context::Context;
use crate::redis::clean;
use crate::redis::import::{self, Options};
use crate::redis::reader::{self, Source};
use crate::redis::snapshot::{self, Onto, Snapshot};
use crate::ui::Row;

/// Where the master of entries without data is.
const NAMESPACE: &str = "redis";
const MASTER: &str = "redis";
/// The same, in a snapshot's description.
const SOURCE: &str = "redis/redis";

/// An import as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The files; none means the embedded sample.
    files: Vec<PathBuf>,
    /// The master's `NodePort`.
    port: u16,
    /// Load it even if the target remembers it.
    again: bool,
    /// The data that it becomes part of; entries of earlier versions have none.
    #[serde(default)]
    data: Option<Dataset>,
}

/// What was loaded.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// What the redis held before; none where it held no key.
    former: Option<PathBuf>,
    /// Commands answered.
    commands: u64,
}

/// What the redis held when the import was taken back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// All of it.
    snapshot: Option<PathBuf>,
}

impl Import {
    /// An import of files (none: the embedded sample) into the master of this data.
    pub fn new(files: &[PathBuf], data: Dataset, again: bool) -> Self {
        Self { files: files.to_vec(), port: data.port(), again, data: Some(data) }
    }

    fn data(&self) -> Dataset {
        self.data.clone().unwrap_or_else(|| Dataset::new(NAMESPACE, MASTER, self.port))
    }

    /// What is in the redis now, for the preview: all of it gives way to what was there before.
    pub async fn loss(&self, cx: &Context) -> Option<String> {
        let held = clean::summary(&self.addr(cx).await.ok()?).await.ok()?;
        (held.keys > 0).then(|| {
            format!("{} keys give way to those of before the import (a snapshot is kept first)", held.keys)
        })
    }

    async fn addr(&self, cx: &Context) -> Result<String> {
        self.data().addr(cx).await
    }

    fn sources(&self) -> Vec<Source> {
        if self.files.is_empty() {
            return vec![Source::Embedded];
        }
        self.files.iter().cloned().map(Source::File).collect()
    }

    fn names(&self) -> String {
        self.sources().iter().map(Source::name).collect::<Vec<_>>().join(", ")
    }
}

/// Puts a snapshot, already proven whole, in the place of all that is there.
pub(super) async fn put_back(addr: &str, former: Option<&Snapshot>, row: &Row) -> Result<u64> {
    clean::clean(addr, None, |n, of| row.doing(format!("removing: {n} of {of} keys"))).await?;
    let Some(snapshot) = former else { return Ok(0) };
    let restored = snapshot::restore(snapshot, addr, Onto::Existing, |n, of| {
        row.doing(format!("restoring: {n} of {of} keys"));
    })
    .await?;
    Ok(restored.keys)
}

impl Change for Import {
    type Before = ();
    type Made = Made;
    type Kept = Kept;

    fn key(&self) -> String {
        format!("redis/import of {}", self.names())
    }

    fn title(&self) -> String {
        // As the user would type it, where it lies below this folder.
        let here = std::env::current_dir().unwrap_or_default();
        let shown = |name: String| {
            Path::new(&name).strip_prefix(&here).map(|p| p.display().to_string()).unwrap_or(name)
        };
        let names: Vec<_> = self.sources().iter().map(|s| shown(s.name())).collect();
        format!("import of {}", names.join(", "))
    }

    fn command(&self) -> String {
        format!("redis-cli -p {} --pipe < {}", self.port, self.names())
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<()>> {
        if self.again {
            return Ok(Probe::Absent(()));
        }
        let Ok(addr) = self.addr(cx).await else { return Ok(Probe::Absent(())) };
        for source in self.sources() {
            let checked = reader::check(&source)?;
            // No redis yet is no record yet: an earlier part brings it up.
            if !matches!(import::already(&addr, &checked.sha256).await, Ok(Some(_))) {
                return Ok(Probe::Absent(()));
            }
        }
        Ok(Probe::Same)
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), kept: Option<&Kept>) -> Result<Made> {
        let addr = self.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        let again = match kept.and_then(|k| k.snapshot.as_ref()) {
            Some(path) => whole(cx, path).await?,
            None => None,
        };
        // Gone on with after a death: what was there before is what was there before the first try.
        let former = if let Some(intent) = Intent::read(cx, act.token.entry())? {
            intent.former.into_iter().next()
        } else {
            let spared: Vec<_> = again.iter().map(|s| s.path.clone()).collect();
            keep(cx, &addr, SOURCE, "before import", &spared, act.row).await?.map(|s| s.path)
        };
        Intent { former: former.iter().cloned().collect() }.write(cx, act.token.entry())?;
        if let Some(snapshot) = &again {
            let keys = put_back(&addr, Some(snapshot), act.row).await?;
            return Ok(Made { former, commands: keys });
        }
        let options = Options { again: self.again, ..Options::default() };
        let imported = import::import(&self.sources(), &addr, &options, |p| {
            act.row.doing(format!("{} of {} commands", p.done, p.total));
        })
        .await?;
        if let Some(problem) = imported.problem() {
            return Err(problem.into());
        }
        Ok(Made { former, commands: imported.commands })
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(format!("{} keys in the master", clean::summary(&self.addr(cx).await?).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        let nothing = |fact: &str| Ok((fact.to_owned(), Kept { snapshot: None }));
        if self.data().is_lost(cx).await? {
            return nothing("the redis is gone, and the data with it");
        }
        let former = match (made, Intent::read(cx, act.token.entry())?) {
            (Some(made), _) => made.former.clone(),
            (None, Some(intent)) => intent.former.into_iter().next(),
            (None, None) => return nothing("had not begun"),
        };
        // It may be starting just now.
        let addr = self.data().master(cx, STARTING.min(cx.timeout)).await?;
        let snapshot = match &former {
            Some(path) => match whole(cx, path).await? {
                Some(snapshot) => Some(snapshot),
                None => return nothing("stays: what was there before it is gone"),
            },
            None => None,
        };
        let spared: Vec<_> = former.into_iter().collect();
        let kept = match keep(cx, &addr, SOURCE, "before undo of import", &spared, act.row).await {
            Err(e) if !cx.discard_data.load(Ordering::Relaxed) => return Err(e),
            kept => kept.ok().flatten(),
        };
        let keys = put_back(&addr, snapshot.as_ref(), act.row).await?;
        Ok((format!("{keys} keys, as before it"), Kept { snapshot: kept.map(|k| k.path) }))
    }
}
