//! Data files loaded into a redis master; the inverse restores what their keys held before, and touches no other.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::error::cause;
use crate::journal::{self, Entry, History};
use crate::redis::import::{self, Former, Options, Progress, Ready};
use crate::redis::keys;
use crate::redis::reader::{self, Reading, Source};
use crate::redis::replace::{Aside, Cramped, Names};
use crate::step::dataset::{Dataset, master_answers};
use crate::step::nature::Nature;
use crate::step::replacement::{self, Keeping, Kept, Note, Replacement, Touched, Way};
use crate::step::{Act, Change, Look, Probe, Seen};
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

/// How long a list of keys is kept that no entry names.
const UNKNOWN_FOR: Duration = Duration::from_hours(24);

/// What was loaded.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// What the keys held before; none where they were not there.
    former: Option<PathBuf>,
    /// Commands answered.
    commands: u64,
    /// The keys. Entries of earlier versions have none: theirs is the former value of all data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<Touched>,
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

    async fn loss(&self, cx: &Context, made: Option<&Made>) -> Vec<String> {
        let whole = made.is_some_and(|made| made.touched.is_none());
        let data = self.data();
        let loss = if whole {
            replacement::loss(cx, &data, "the import").await
        } else {
            replacement::loss_of_touched(cx, &data).await
        };
        loss.into_iter().collect()
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
        let data = self.data();
        let kept = kept.filter(|kept| kept.snapshot.is_some() || kept.touched.is_some());
        let spared = kept.and_then(|kept| kept.snapshot.clone()).into_iter().collect();
        let touched = kept.and_then(|kept| kept.touched.clone());
        let change = Replacement { cx, act, data: &data, addr: &addr, spared, touched };
        match kept {
            // Once more forward: to what it held when the import was undone, later additions included.
            Some(kept) => Box::pin(again(&change, kept)).await,
            None => Box::pin(self.load(&change)).await,
        }
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(format!("{} keys in the master", keys::count(&self.addr(cx).await?).await?))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        let data = self.data();
        let addr = match replacement::reach(cx, act, &data, made.is_some()).await? {
            Ok(addr) => addr,
            Err(fact) => return Ok((fact.to_owned(), Kept::default())),
        };
        let change = Replacement { cx, act, data: &data, addr: &addr, spared: Vec::new(), touched: None };
        take_back(change, made).await
    }
}

/// What an undo took back, once more.
async fn again(change: &Replacement<'_>, kept: &Kept) -> Result<Made> {
    let reason = if kept.touched.is_some() { "overwritten by import" } else { "before import" };
    let done = change.replace(Way::Forward, kept.snapshot.clone(), reason).await?;
    Ok(Made { former: done.former, commands: done.keys.unwrap_or(0), touched: done.touched })
}

/// Takes an import back, however far it came.
async fn take_back(change: Replacement<'_>, made: Option<&Made>) -> Result<(String, Kept)> {
    if let Some((touched, former)) = change.noted_way_back().await? {
        return replacement::take_back_touched(change, touched, former).await;
    }
    if let Some(Made { touched: Some(touched), former, .. }) = made {
        return replacement::take_back_touched(change, touched.clone(), former.clone()).await;
    }
    match change.act.note::<Note>()?.and_then(|note| note.keeping) {
        Some(keeping) if made.is_none() => {
            let keeping = change.save(keeping).await?;
            let former = keeping.saved.and_then(|saved| saved.snapshot);
            replacement::take_back_touched(change, keeping.touched, former).await
        }
        _ => {
            let whole = "   this import is recorded with all data from before it: all of it is restored";
            change.cx.ui.note(whole);
            replacement::take_back(change, "import", made.map(|made| made.former.clone())).await
        }
    }
}

impl Import {
    /// Checks the files, then sends them.
    async fn load(&self, change: &Replacement<'_>) -> Result<Made> {
        let Replacement { cx, act, addr, .. } = *change;
        let mut ready = import::read(&self.sources(), &self.reading, Some(&cx.paths.touched())).await?;
        ready.fits(addr).await?;
        let keeping = match act.note::<Note>()? {
            // What is noted of a try that was undone is over.
            Some(note) if note.went(Way::Back) && note.is_of_keys() => {
                change.end_undo().await?;
                None
            }
            Some(Note { keeping: Some(keeping), .. }) if keeping.saved.is_some() => {
                return ended(change, keeping, 0).await;
            }
            Some(Note { keeping: Some(keeping), .. }) => self.go_on(change, &mut ready, keeping).await?,
            Some(_) => return self.load_whole(change, ready).await,
            None => None,
        };
        let Some((former, keeping)) = (match keeping {
            Some(keeping) => Some(keeping),
            None => self.begin(change, &mut ready).await?,
        }) else {
            return self.load_whole(change, ready).await;
        };
        let commands = self.send(change, ready, Some(&former)).await?;
        ended(change, keeping, commands).await
    }

    async fn send(&self, change: &Replacement<'_>, ready: Ready, former: Option<&Former>) -> Result<u64> {
        let options = Options { reading: self.reading.clone(), again: self.again, ..Options::default() };
        let mut pace = Pace::new();
        let told = |p| change.act.row.doing(pace.told(p));
        let imported = import::send(ready, change.addr, &options, former, told).await?;
        match imported.problem() {
            Some(problem) => Err(problem.into()),
            None => Ok(imported.commands),
        }
    }

    /// As earlier versions did, and where what the keys hold cannot be kept beside: all data is saved first.
    async fn load_whole(&self, change: &Replacement<'_>, ready: Ready) -> Result<Made> {
        let (cx, act) = (change.cx, change.act);
        let noted = act.note::<Note>()?.is_some_and(|note| note.keeping.is_none() && !note.is_of_keys());
        let before = if noted { change.before_the_first_try().await? } else { None };
        let former = match before {
            Some(former) => former,
            None => {
                change.data.keep(cx, change.addr, "before import", act.spared, act.row).await?.map(|s| s.path)
            }
        };
        act.set_note(&Note::before(former.clone()))?;
        let commands = self.send(change, ready, None).await?;
        Ok(Made { former, commands, touched: None })
    }

    /// Begins to keep what the keys hold, in a database that nobody uses; none where that is not possible, as it says.
    async fn begin(&self, change: &Replacement<'_>, ready: &mut Ready) -> Result<Option<(Former, Keeping)>> {
        let Replacement { cx, act, addr, .. } = *change;
        let instead = |why: &str| {
            cx.ui.warn(format!("{why}: all data is saved first, and the undo will restore all of it"));
            Ok(None)
        };
        if ready.is_begun(addr).await? {
            return instead(
                "another run has imported a part of this, and what that overwrote is not known here",
            );
        }
        let aside = match Aside::choose_for_main(addr, None).await {
            Ok(aside) => aside,
            Err(e) if cause::<Cramped>(&e).is_some() => {
                return instead("redis has no room to keep what the import overwrites");
            }
            Err(e) => return Err(e),
        };
        let names = Self::keep_names(cx, ready)?;
        if !import::fits(addr, &names).await? {
            return instead("redis has no room to keep what the import overwrites");
        }
        let touched = Touched { names, record: ready.remembered(addr).await? };
        let keeping = Keeping { touched, aside, saved: None };
        act.set_note(&Note::keeping(&keeping))?;
        let former = Former::new(&keeping.aside, 0).context("a database for former values")?;
        match former.claim(addr).await? {
            None => Ok(Some((former, keeping))),
            Some(why) => {
                if !import::reached(addr, &keeping.aside).await?.is_empty() {
                    keeping.aside.drop(addr).await?;
                }
                instead(&format!("redis does not keep what the import overwrites ({why})"))
            }
        }
    }

    /// Goes on with what an earlier try has begun; none where nothing is left of that in the redis.
    async fn go_on(
        &self,
        change: &Replacement<'_>,
        ready: &mut Ready,
        mut keeping: Keeping,
    ) -> Result<Option<(Former, Keeping)>> {
        let Replacement { cx, act, addr, .. } = *change;
        let reached = import::reached(addr, &keeping.aside).await?;
        if reached.is_empty() {
            return Ok(None);
        }
        let names = &mut keeping.touched.names;
        let earlier = names.iter().take_while(|names| names.until.is_some()).count();
        let mine = reached.iter().filter_map(|(file, n)| Some((file.checked_sub(earlier)?, *n))).collect();
        let same = names[earlier..].iter().map(|names| &names.of).eq(&ready.ids());
        let former = |before| Former::new(&keeping.aside, before).context("a database for former values");
        if same && ready.goes_on(addr, self.again, &mine).await? {
            return Ok(Some((former(earlier)?, keeping)));
        }
        // Other files, or the same from the beginning: what was touched is the import's own by now.
        let former = former(names.len())?;
        for (number, names) in names.iter_mut().enumerate() {
            names.until = names.until.or_else(|| Some(reached.get(&number).copied().unwrap_or(0)));
        }
        names.extend(Self::keep_names(cx, ready)?);
        for (field, said) in ready.remembered(addr).await? {
            keeping.touched.record.entry(field).or_insert(said);
        }
        act.set_note(&Note::keeping(&keeping))?;
        Ok(Some((former, keeping)))
    }

    /// Keeps the names of the keys that these files touch.
    fn keep_names(cx: &Context, ready: &mut Ready) -> Result<Vec<Names>> {
        let folder = cx.paths.touched();
        prune(&folder, &journal::read_sound(&cx.paths.state)?);
        let at = Timestamp::now().strftime("%Y%m%dT%H%M%S%9fZ").to_string();
        let ids = ready.ids();
        let file = |number: usize| folder.join(format!("{at}-{number}.names"));
        let names: Vec<_> =
            ids.into_iter().enumerate().map(|(n, of)| Names { file: file(n), of, until: None }).collect();
        ready.keep_names(&names)?;
        Ok(names)
    }
}

/// Saves what an import overwrote, once that has ended.
async fn ended(change: &Replacement<'_>, keeping: Keeping, commands: u64) -> Result<Made> {
    let keeping = change.save(keeping).await?;
    let former = keeping.saved.and_then(|saved| saved.snapshot);
    Ok(Made { former, commands, touched: Some(keeping.touched) })
}

/// Removes lists of keys that no entry of the journal names. One of today may belong to a run that has not noted it.
fn prune(folder: &Path, history: &History) {
    let said =
        |e: &Entry| [e.noted(), e.made.as_ref(), e.kept.as_ref()].map(|value| value.map(Value::to_string));
    let known: Vec<String> = history.entries().flat_map(said).flatten().collect();
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let age = path.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > UNKNOWN_FOR) && !known.iter().any(|said| said.contains(&name)) {
            // What cannot be removed is tried again with the next import.
            let _ = std::fs::remove_file(&path);
        }
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

#[cfg(test)]
mod tests;
