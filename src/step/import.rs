//! Data files loaded into a redis master; the inverse brings back what the redis held before.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, master_answers};
use super::nature::Nature;
use super::replacement::{self, Kept, Note, Way};
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::redis::import::{self, Options};
use crate::redis::keys;
use crate::redis::reader::{self, Source};
use crate::ui::Row;

/// An import as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct Made {
    /// What the redis held before; none where it held no key.
    former: Option<PathBuf>,
    /// Commands answered.
    commands: u64,
}

impl Import {
    /// An import of files (none: the embedded sample) into the master of this data.
    pub fn new(files: &[PathBuf], data: Dataset, again: bool) -> Self {
        Self { files: files.to_vec(), port: data.port(), again, data: Some(data) }
    }

    fn data(&self) -> Dataset {
        Dataset::recorded(self.data.as_ref(), self.port)
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

    fn nature(&self) -> Nature {
        Nature::content(self.data().namespace())
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn loss(&self, cx: &Context) -> Vec<String> {
        replacement::loss(cx, &self.data(), "the import").await.into_iter().collect()
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<()>> {
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

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), kept: Option<&Kept>, _: Seen) -> Result<Made> {
        let addr = self.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        let (data, again) = (self.data(), kept.and_then(|k| k.snapshot.clone()));
        let spared = again.iter().cloned().collect();
        let change = replacement::Replacement { cx, act, data: &data, addr: &addr, spared };
        if let Some(path) = again {
            // Once more forward: to what it held when the import was undone, later additions included.
            let done = change.replace(Way::Forward, Some(path), "before import").await?;
            return Ok(Made { former: done.former, commands: done.keys.unwrap_or(0) });
        }
        let former = match change.before_the_first_try().await? {
            Some(former) => former,
            None => data.keep(cx, &addr, "before import", &[], change.act.row).await?.map(|s| s.path),
        };
        let act = change.act;
        act.set_note(&Note::before(former.clone()))?;
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
        Ok(format!("{} keys in the master", keys::summary(&self.addr(cx).await?).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        replacement::down(cx, act, &self.data(), "import", made.map(|m| m.former.clone()), Vec::new()).await
    }
}
