//! Data files loaded into a redis master; the inverse brings back what the redis held before.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, master_answers};
use super::nature::Nature;
use super::replacement::{self, Kept, Note, Way};
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::redis::import::{self, Options, Progress};
use crate::redis::keys;
use crate::redis::reader::{self, Reading, Source};
use crate::ui::{Row, bytes, human};

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
    /// How the files are read; entries of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Reading::is_plain")]
    reading: Reading,
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
    /// An import of files (none: the embedded sample), read so, into the master of this data.
    pub fn new(files: &[PathBuf], reading: Reading, data: Dataset, again: bool) -> Self {
        Self { files: files.to_vec(), port: data.port(), again, reading, data: Some(data) }
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
            let checked = reader::check(&source, &self.reading)?;
            // No redis yet is no record yet: an earlier part brings it up.
            let already = import::already(&addr, &checked.sha256, &self.reading).await;
            if !matches!(already, Ok(Some(_))) {
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
        let act = change.act;
        let former = match change.before_the_first_try().await? {
            Some(former) => former,
            None => data.keep(cx, &addr, "before import", act.spared, act.row).await?.map(|s| s.path),
        };
        act.set_note(&Note::before(former.clone()))?;
        let options = Options { reading: self.reading.clone(), again: self.again, ..Options::default() };
        let mut pace = Pace::new();
        let imported = import::import(&self.sources(), &addr, &options, |p| {
            act.row.doing(pace.told(p));
        })
        .await?;
        if let Some(problem) = imported.problem() {
            return Err(problem.into());
        }
        Ok(Made { former, commands: imported.commands })
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(format!("{} keys in the master", keys::count(&self.addr(cx).await?).await?))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        replacement::down(cx, act, &self.data(), "import", made.map(|m| m.former.clone()), Vec::new()).await
    }
}

/// How fast it goes.
struct Pace {
    began: Instant,
    /// What an earlier try had done.
    before: Option<Progress>,
}

impl Pace {
    fn new() -> Self {
        Self { began: Instant::now(), before: None }
    }

    /// How far it has come, how fast, and how long it will take.
    fn told(&mut self, now: Progress) -> String {
        let before = *self.before.get_or_insert(now);
        let took = self.began.elapsed().as_secs_f64();
        let far = format!(
            "{} of {} commands, {} of {}",
            now.done,
            now.total,
            bytes(now.bytes),
            bytes(now.bytes_total)
        );
        let (done, left) = (now.done.saturating_sub(before.done), now.total.saturating_sub(now.done));
        if took < 1.0 || done == 0 {
            return far;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate is told in three digits")]
        let rate = done as f64 / took;
        #[expect(clippy::cast_precision_loss, reason = "likewise")]
        let left = Duration::from_secs_f64((left as f64 / rate).min(1e9));
        format!("{far}; {rate:.0}/s, {} left", human(left))
    }
}
