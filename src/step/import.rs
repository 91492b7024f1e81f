//! Data files loaded into a redis master; the inverse brings back what the redis held before.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::dataset::{keep, master_answers};
use super::{Act, Change, Probe};
use crate::context::{Context, node_address, write_whole};
use crate::journal::EntryId;
use crate::redis::clean;
use crate::redis::import::{self, Options};
use crate::redis::reader::{self, Source};
use crate::redis::snapshot::{self, Onto};
use crate::ui::Row;

/// An import as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The files; none means the embedded sample.
    files: Vec<PathBuf>,
    /// The master's `NodePort`.
    port: u16,
    /// Load it even if the target remembers it.
    again: bool,
}

/// What was loaded.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// What the redis held before; none where it held no key.
    former: Option<PathBuf>,
    /// Commands answered.
    commands: u64,
}

/// What was there before, written to the disk before the first command is sent: `Made` comes too late
/// for an import that is cut short.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    former: Option<PathBuf>,
}

impl Intent {
    fn path(cx: &Context, entry: EntryId) -> PathBuf {
        cx.paths.state.join("imports").join(format!("{entry}.json"))
    }

    fn write(&self, cx: &Context, entry: EntryId) -> Result<()> {
        write_whole(&Self::path(cx, entry), &serde_json::to_vec(self)?)
    }

    /// None: the import died before it could write anything.
    fn read(cx: &Context, entry: EntryId) -> Result<Option<Self>> {
        let path = Self::path(cx, entry);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?,
            )),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
        }
    }
}

/// What the redis held when the import was taken back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// All of it.
    snapshot: Option<PathBuf>,
}

impl Import {
    /// An import of files (none: the embedded sample) into the master behind this `NodePort`.
    pub fn new(files: &[PathBuf], port: u16, again: bool) -> Self {
        Self { files: files.to_vec(), port, again }
    }

    /// What is in the redis now, for the preview: all of it gives way to what was there before.
    pub async fn loss(&self, cx: &Context) -> Option<String> {
        let held = clean::summary(&self.addr(cx).ok()?).await.ok()?;
        (held.keys > 0).then(|| {
            format!("{} keys give way to those of before the import (a snapshot is kept first)", held.keys)
        })
    }

    fn addr(&self, cx: &Context) -> Result<String> {
        Ok(format!("{}:{}", node_address(&cx.profile()?)?, self.port))
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

async fn put_back(cx: &Context, addr: &str, former: Option<&Path>, row: &Row) -> Result<u64> {
    clean::clean(addr, None, |n, of| row.doing(format!("removing: {n} of {of} keys"))).await?;
    let Some(path) = former else { return Ok(0) };
    let snapshot = snapshot::read(path).with_context(|| {
        format!("what the redis held before is gone from {}", cx.paths.snapshots().display())
    })?;
    let restored = snapshot::restore(&snapshot, addr, Onto::Existing, |n, of| {
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
        let Ok(addr) = self.addr(cx) else { return Ok(Probe::Absent(())) };
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
        let addr = self.addr(cx)?;
        master_answers(&addr, cx.timeout).await?;
        // Gone on with after a death: what was there before is what was there before the first try.
        let former = match Intent::read(cx, act.token.entry())? {
            Some(intent) => intent.former,
            None => keep(cx, &addr, "redis/redis", "before import", act.row).await?.map(|s| s.path),
        };
        Intent { former: former.clone() }.write(cx, act.token.entry())?;
        if let Some(path) = kept.and_then(|k| k.snapshot.as_ref()) {
            let keys = put_back(cx, &addr, Some(path), act.row).await?;
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
        Ok(format!("{} keys in the master", clean::summary(&self.addr(cx)?).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        let addr = self.addr(cx)?;
        if import::already(&addr, "").await.is_err() {
            return Ok(("the redis is gone, and the data with it".into(), Kept { snapshot: None }));
        }
        let former = match (made, Intent::read(cx, act.token.entry())?) {
            (Some(made), _) => made.former.clone(),
            (None, Some(intent)) => intent.former,
            (None, None) => return Ok(("had not begun".into(), Kept { snapshot: None })),
        };
        let kept = match keep(cx, &addr, "redis/redis", "before undo of import", act.row).await {
            Err(e) if !cx.discard_data.load(Ordering::Relaxed) => return Err(e),
            kept => kept.ok().flatten(),
        };
        let keys = put_back(cx, &addr, former.as_deref(), act.row).await?;
        Ok((format!("{keys} keys, as before it"), Kept { snapshot: kept.map(|k| k.path) }))
    }
}
