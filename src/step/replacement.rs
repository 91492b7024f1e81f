//! All data of a redis replaced, what gave way kept, and the way back: for the steps that do so.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Act;
use super::dataset::{Dataset, STARTING, whole};
use crate::context::Context;
use crate::error::{opsctl, problem, said};
use crate::journal;
use crate::redis::import::{self, Remembered};
use crate::redis::keys;
use crate::redis::replace::{self, Aside, Names, Replaced};
use crate::redis::snapshot::Snapshot;
use crate::ui::bytes;

/// What a step changed, where that is not all data: only this gives way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// The keys.
    pub names: Vec<Names>,
    /// What opsctl's own record is to say again.
    pub record: Remembered,
}

/// What a step notes before it changes data.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Snapshots of what gave way, oldest first; none where there was no key.
    pub former: Vec<PathBuf>,
    /// A replacement that has not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
    /// A replacement that has come to its end, and whose step has only to be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_place: Option<Way>,
    /// Of some keys alone: these, and what the record said before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<Touched>,
    /// An import that keeps what it overwrites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeping: Option<Keeping>,
}

/// Where an import keeps what it overwrites, and what that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// The keys of all tries, and what the record said before the first.
    pub touched: Touched,
    /// Where the former values are until the import has ended.
    pub aside: Aside,
    /// Set once they are saved, and the keys that were touched are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
}

/// Which way a replacement goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It is what the step is for.
    Forward,
    /// It takes the step back.
    Back,
}

impl Note {
    /// Of an import that keeps what it overwrites.
    pub fn keeping(keeping: &Keeping) -> Self {
        Self { keeping: Some(keeping.clone()), ..Self::default() }
    }

    /// Whether a replacement of that way was begun, or has come to its end.
    pub fn went(&self, way: Way) -> bool {
        self.in_place == Some(way) || self.under_way.as_ref().is_some_and(|under_way| under_way.way == way)
    }

    /// Whether that is of some keys alone.
    pub fn is_of_keys(&self) -> bool {
        let of = |under_way: &UnderWay| under_way.touched.is_some();
        self.under_way.as_ref().map_or(self.touched.is_some(), of)
    }

    /// What was there before the first try; none where there was no key.
    pub fn before(former: Option<PathBuf>) -> Self {
        Self { former: former.into_iter().collect(), ..Self::default() }
    }
}

/// A replacement of all data that has been begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnderWay {
    way: Way,
    /// The snapshot that takes the place of all; none: nothing does.
    wanted: Option<PathBuf>,
    /// Where what gives way is moved.
    aside: Aside,
    /// Set once that is saved: the snapshot; its inner none: there was no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saved: Option<Saved>,
    /// What gives way; none: all data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<Touched>,
    /// What the record said when it was begun.
    #[serde(default, skip_serializing_if = "Remembered::is_empty")]
    said: Remembered,
}

impl UnderWay {
    /// Of some keys alone: what restores what was there when it was begun.
    fn way_back(&self) -> Option<Touched> {
        let touched = self.touched.clone()?;
        Some(Touched { record: self.said.clone(), ..touched })
    }
}

/// What is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The snapshot; none where there was no key.
    pub snapshot: Option<PathBuf>,
}

/// What the redis held when the step was taken back.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// All of it; none where it held no key. Of keys that were touched: what they held.
    pub snapshot: Option<PathBuf>,
    /// These keys, and what the record said; none: all data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<Touched>,
}

/// For the preview of the undo of what changed some keys: only they change.
pub async fn loss_of_touched(cx: &Context, data: &Dataset) -> Option<String> {
    let held = keys::summary(&data.addr(cx).await.ok()?).await.ok()?;
    let text =
        "restores what its keys held before; what they hold now is saved as a snapshot, other keys stay";
    (held.keys > 0).then(|| text.to_owned())
}

/// What is in the redis now, for the preview: all of it gives way to what was there before that.
pub async fn loss(cx: &Context, data: &Dataset, what: &str) -> Option<String> {
    let held = keys::summary(&data.addr(cx).await.ok()?).await.ok()?;
    (held.keys > 0).then(|| {
        format!("replaces {} keys with those from before {what} (they are saved as a snapshot)", held.keys)
    })
}

/// A replacement of all data of a redis, and what is known of it.
pub struct Replacement<'a> {
    /// Where the run is.
    pub cx: &'a Context,
    /// The change in hand.
    pub act: Act<'a>,
    /// The data.
    pub data: &'a Dataset,
    /// Where it is served.
    pub addr: &'a str,
    /// Snapshots that are not pruned for it.
    pub spared: Vec<PathBuf>,
    /// What alone gives way; none: all data.
    pub touched: Option<Touched>,
}

/// What a replacement came to.
pub struct Done {
    /// The snapshot of what gave way; none where there was no key.
    pub former: Option<PathBuf>,
    /// Keys in place, opsctl's own record not counted; not known where an earlier try has put them there.
    pub keys: Option<u64>,
    /// Of some keys alone: these, and what the record said before.
    pub touched: Option<Touched>,
}

impl Replacement<'_> {
    /// What was noted by an earlier try.
    fn noted(&self) -> Result<Note> {
        Ok(self.act.note()?.unwrap_or_default())
    }

    /// Puts the snapshot in the place of all data; none: nothing. An earlier try goes on; one of the other way is
    /// brought to its end first. `reason` is told with the snapshot of what gives way.
    pub async fn replace(&self, way: Way, wanted: Option<PathBuf>, reason: &str) -> Result<Done> {
        let note = self.noted()?;
        if note.in_place == Some(way) {
            return Ok(Done { former: note.former.into_iter().next(), keys: None, touched: note.touched });
        }
        // An earlier version, which did not note how far it came, has noted what was there before its first try.
        let known = (way == Way::Forward && note.under_way.is_none() && note.in_place.is_none())
            .then(|| note.former.first().cloned())
            .flatten();
        let under_way = match note.under_way {
            Some(same) if same.way == way && same.wanted == wanted => same,
            Some(other) => {
                self.carry_out(other, reason).await?;
                self.begin(way, wanted).await?
            }
            None => self.begin(way, wanted).await?,
        };
        let touched = under_way.way_back();
        let (replaced, saved) = self.carry_out(under_way, reason).await?;
        let former = known.or(saved);
        self.act.set_note(&Note {
            former: former.iter().cloned().collect(),
            in_place: Some(way),
            touched: touched.clone(),
            keeping: self.noted()?.keeping,
            ..Note::default()
        })?;
        Ok(Done { former, keys: replaced.map(|r| r.restored + r.stayed), touched })
    }

    /// What was there before a try that did not come to its end, which is brought there first, so that it can be taken
    /// back as a whole. None where nothing had begun.
    pub async fn finish(&self) -> Result<Option<Option<PathBuf>>> {
        let Some(note) = self.act.note::<Note>()? else { return Ok(None) };
        match note.under_way {
            Some(back) if back.way == Way::Back => Ok(Some(back.wanted)),
            Some(forward) => {
                let touched = forward.way_back();
                let (_, saved) = self.carry_out(forward, "before undo").await?;
                let former = saved.iter().cloned().collect();
                self.act.set_note(&Note {
                    former,
                    in_place: Some(Way::Forward),
                    touched,
                    ..Note::default()
                })?;
                Ok(Some(saved))
            }
            None => Ok(Some(note.former.into_iter().next())),
        }
    }

    /// The same, and what an undo left half done is brought to its end, too.
    pub async fn before_the_first_try(&self) -> Result<Option<Option<PathBuf>>> {
        let back = self.act.note::<Note>()?.and_then(|note| note.under_way).filter(|u| u.way == Way::Back);
        let Some(back) = back else { return self.finish().await };
        let former = back.wanted.clone();
        self.carry_out(back, "before undo").await?;
        self.act.set_note(&Note::before(former.clone()))?;
        Ok(Some(former))
    }

    /// What the note knows better than the record: of an import that was made once more the keys, and what they held
    /// before that, which is brought to its end first; of an undo that was begun, to what it leads.
    pub async fn noted_way_back(&self) -> Result<Option<(Touched, Option<PathBuf>)>> {
        let note = self.noted()?;
        if let Some(UnderWay { way: Way::Back, touched: Some(touched), wanted, .. }) = note.under_way {
            return Ok(Some((touched, wanted)));
        }
        if let (Some(Way::Forward), Some(touched)) = (note.in_place, note.touched) {
            return Ok(Some((touched, note.former.into_iter().next())));
        }
        let Some(forward) = note.under_way.filter(|under_way| under_way.way == Way::Forward) else {
            return Ok(None);
        };
        let Some(touched) = forward.way_back() else { return Ok(None) };
        let (_, saved) = self.carry_out(forward, "overwritten by import").await?;
        let former = saved.iter().cloned().collect();
        let again = Some(touched.clone());
        self.act.set_note(&Note {
            former,
            in_place: Some(Way::Forward),
            touched: again,
            ..Note::default()
        })?;
        Ok(Some((touched, saved)))
    }

    /// Brings an undo that was left half done to its end.
    pub async fn end_undo(&self) -> Result<()> {
        match self.noted()?.under_way {
            Some(back) if back.way == Way::Back => {
                self.carry_out(back, "overwritten by undo").await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn begin(&self, way: Way, wanted: Option<PathBuf>) -> Result<UnderWay> {
        let snapshot = self.sound(wanted.as_ref()).await?;
        let (aside, said) = match &self.touched {
            Some(touched) => {
                let said = import::remembered(self.addr, touched.record.keys()).await?;
                (Aside::choose_for_main(self.addr, snapshot.as_ref()).await?, said)
            }
            None => (Aside::choose(self.addr, snapshot.as_ref()).await?, Remembered::new()),
        };
        let under_way = UnderWay { way, wanted, aside, saved: None, touched: self.touched.clone(), said };
        self.note(&under_way)?;
        Ok(under_way)
    }

    fn note(&self, under_way: &UnderWay) -> Result<()> {
        let Note { former, keeping, .. } = self.noted()?;
        self.act.set_note(&Note { former, keeping, under_way: Some(under_way.clone()), ..Note::default() })
    }

    /// The snapshot, proven whole before anything gives way to it.
    async fn sound(&self, wanted: Option<&PathBuf>) -> Result<Option<Snapshot>> {
        let Some(path) = wanted else { return Ok(None) };
        match whole(self.cx, path).await? {
            Some(snapshot) => Ok(Some(snapshot)),
            None => Err(problem!(DataNotBack, "there is nothing to restore; no data was touched").into()),
        }
    }

    async fn carry_out(
        &self,
        mut under_way: UnderWay,
        reason: &str,
    ) -> Result<(Option<Replaced>, Option<PathBuf>)> {
        let row = self.act.row;
        let wanted = self.sound(under_way.wanted.as_ref()).await?;
        let mut replaced = None;
        let saved = if let Some(saved) = under_way.saved.clone() {
            saved.snapshot
        } else {
            replaced = Some(self.give_way(&under_way, wanted.as_ref()).await?);
            let (origin, folder) = (self.data.origin(self.cx, reason).await, self.cx.paths.snapshots());
            let (aside, told) = (&under_way.aside, |n| row.doing(format!("snapshot: {}", bytes(n))));
            let saved = if under_way.touched.is_some() {
                replace::save_named(&folder, self.addr, aside, origin, told).await?
            } else {
                replace::save_aside(&folder, self.addr, wanted.as_ref(), aside, origin, told).await?
            };
            if let Some(saved) = &saved {
                let mut spared = [&self.spared[..], self.act.spared].concat();
                spared.extend(under_way.wanted.clone());
                spared.extend(self.noted()?.former);
                self.data.saved(self.cx, saved, &spared).await?;
            }
            let saved = saved.map(|snapshot| snapshot.path);
            under_way.saved = Some(Saved { snapshot: saved.clone() });
            self.note(&under_way)?;
            saved
        };
        if let Some(wanted) = wanted.filter(|_| under_way.touched.is_none()) {
            replace::load_functions(self.addr, &wanted).await?;
        }
        under_way.aside.drop(self.addr).await?;
        Ok((replaced, saved))
    }

    async fn give_way(&self, under_way: &UnderWay, wanted: Option<&Snapshot>) -> Result<Replaced> {
        let (row, aside) = (self.act.row, &under_way.aside);
        let Some(touched) = &under_way.touched else {
            let told = |n, of| row.doing(format!("{n} of {of} keys"));
            return replace::replace(self.addr, wanted, aside, told).await;
        };
        let told = |n, _| row.doing(format!("{n} keys"));
        let replaced = replace::replace_named(self.addr, wanted, aside, &touched.names, told).await?;
        import::remember(self.addr, &touched.record).await?;
        Ok(replaced)
    }

    /// Saves what an import has kept, and frees the database where it lay: from then on the way back starts from a file.
    pub async fn save(&self, mut keeping: Keeping) -> Result<Keeping> {
        // Where nothing says so, what lies there is not the import's.
        let reached = import::reached(self.addr, &keeping.aside).await?;
        if keeping.saved.is_none() {
            for (number, names) in keeping.touched.names.iter_mut().enumerate() {
                names.until = names.until.or_else(|| Some(reached.get(&number).copied().unwrap_or(0)));
            }
            let (origin, folder) =
                (self.data.origin(self.cx, "overwritten by import").await, self.cx.paths.snapshots());
            let told = |n| self.act.row.doing(format!("former values: {}", bytes(n)));
            let saved = if reached.is_empty() {
                None
            } else {
                import::leave_former(self.addr, &keeping.aside, &keeping.touched.names).await?;
                replace::save_named(&folder, self.addr, &keeping.aside, origin, told).await?
            };
            if let Some(saved) = &saved {
                let spared = [&self.spared[..], self.act.spared].concat();
                self.data.saved(self.cx, saved, &spared).await?;
            }
            keeping.saved = Some(Saved { snapshot: saved.map(|snapshot| snapshot.path) });
            self.act.set_note(&Note::keeping(&keeping))?;
        }
        if !reached.is_empty() {
            keeping.aside.drop(self.addr).await?;
        }
        Ok(keeping)
    }
}

/// Deletes what imports have kept in a redis and no entry of the journal waits for any more: an import that was cut short
/// and went with its data comes back with that, but is not resumed. The snapshot that was restored still has it.
pub async fn drop_forgotten(cx: &Context, addr: &str) -> Result<()> {
    let kept = Aside::of_imports(addr).await?;
    if kept.is_empty() {
        return Ok(());
    }
    let history = journal::read_sound(&cx.paths.state)?;
    let notes = history.entries().filter(|e| e.pending()).filter_map(|e| Note::deserialize(e.noted()?).ok());
    let awaited: Vec<Aside> = notes.filter_map(|note| Some(note.keeping?.aside)).collect();
    for aside in kept.iter().filter(|aside| !awaited.contains(aside)) {
        aside.drop(addr).await?;
    }
    Ok(())
}

/// Whether the lists of keys are whole; an error unless the data is to be discarded.
async fn named(cx: &Context, touched: &Touched) -> Result<bool> {
    for names in &touched.names {
        match names.sound().await {
            Ok(()) => {}
            Err(e) if cx.discard_data.load(Ordering::Relaxed) => {
                cx.ui.warn(format!("the former values are not restored, as requested: {}", said(&e)));
                return Ok(false);
            }
            Err(e) => {
                let headline = "the keys to restore are not known any more; no data was touched";
                let on = opsctl("undo --discard-data").to("continue without it");
                return Err(problem!(DataNotBack, "{headline}").next(on).because(&e).into());
            }
        }
    }
    Ok(true)
}

/// Takes back what an import did to the keys that it touched: what they hold now is kept, and gives way to what they
/// held before. `former`: the snapshot of that; none where they were not there.
pub async fn take_back_touched(
    mut change: Replacement<'_>,
    touched: Touched,
    former: Option<PathBuf>,
) -> Result<(String, Kept)> {
    let stays = || Ok(("stays: the data from before it is gone".into(), Kept::default()));
    if let Some(path) = &former
        && whole(change.cx, path).await?.is_none()
    {
        return stays();
    }
    if !named(change.cx, &touched).await? {
        return stays();
    }
    change.spared.extend(former.clone());
    change.touched = Some(touched);
    let done = change.replace(Way::Back, former, "overwritten by undo of import").await?;
    let fact = match done.keys {
        Some(0) | None => "its keys are as before".to_owned(),
        Some(keys) => format!("its keys are as before, {keys} with a former value"),
    };
    Ok((fact, Kept { snapshot: done.former, touched: done.touched }))
}

/// Where the data is, of which a change is taken back, or why nothing is to be done. `made`: the change was recorded.
pub async fn reach(
    cx: &Context,
    act: Act<'_>,
    data: &Dataset,
    made: bool,
) -> Result<Result<String, &'static str>> {
    if data.is_lost(cx).await? {
        return Ok(Err("the redis is gone, and so is its data"));
    }
    if !made && act.note::<Note>()?.is_none() {
        return Ok(Err("had not started"));
    }
    // It may be starting just now.
    data.master(cx, STARTING.min(cx.timeout)).await.map(Ok)
}

/// Takes back what a step did to this data: what is there now is kept, and gives way to what was there before.
/// `made` is what the step recorded at its end (its inner none: there was no key); `spared` snapshots are not
/// pruned for it.
pub async fn down(
    cx: &Context,
    act: Act<'_>,
    data: &Dataset,
    what: &str,
    made: Option<Option<PathBuf>>,
    spared: Vec<PathBuf>,
) -> Result<(String, Kept)> {
    let addr = match reach(cx, act, data, made.is_some()).await? {
        Ok(addr) => addr,
        Err(fact) => return Ok((fact.to_owned(), Kept::default())),
    };
    let change = Replacement { cx, act, data, addr: &addr, spared, touched: None };
    take_back(change, what, made).await
}

/// The same at an address that answers.
pub async fn take_back(
    mut change: Replacement<'_>,
    what: &str,
    made: Option<Option<PathBuf>>,
) -> Result<(String, Kept)> {
    let former = match made {
        Some(former) => former,
        None => match change.finish().await? {
            Some(former) => former,
            None => return Ok(("had not started".into(), Kept::default())),
        },
    };
    if let Some(path) = &former
        && whole(change.cx, path).await?.is_none()
    {
        return Ok(("stays: the data from before it is gone".into(), Kept::default()));
    }
    change.spared.extend(former.clone());
    let done = change.replace(Way::Back, former, &format!("before undo of {what}")).await?;
    let keys = match done.keys {
        Some(keys) => keys,
        None => keys::summary(change.addr).await?.keys,
    };
    Ok((format!("{keys} keys, as before"), Kept { snapshot: done.former, touched: None }))
}
