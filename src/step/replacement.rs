//! All data of a redis replaced, what gave way kept, and the way back: for the steps that do so.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Act;
use super::dataset::{Dataset, STARTING, whole};
use crate::context::Context;
use crate::error::problem;
use crate::redis::keys;
use crate::redis::replace::{self, Aside, Replaced};
use crate::redis::snapshot::Snapshot;
use crate::ui::bytes;

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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    snapshot: Option<PathBuf>,
}

/// What the redis held when the step was taken back.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// All of it; none where it held no key.
    pub snapshot: Option<PathBuf>,
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
}

/// What a replacement came to.
pub struct Done {
    /// The snapshot of what gave way; none where there was no key.
    pub former: Option<PathBuf>,
    /// Keys in place, opsctl's own record not counted; not known where an earlier try has put them there.
    pub keys: Option<u64>,
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
            return Ok(Done { former: note.former.into_iter().next(), keys: None });
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
        let (replaced, saved) = self.carry_out(under_way, reason).await?;
        let former = known.or(saved);
        self.act.set_note(&Note {
            former: former.iter().cloned().collect(),
            under_way: None,
            in_place: Some(way),
        })?;
        Ok(Done { former, keys: replaced.map(|r| r.restored + r.stayed) })
    }

    /// What was there before a try that did not come to its end, which is brought there first, so that it can be taken
    /// back as a whole. None where nothing had begun.
    pub async fn finish(&self) -> Result<Option<Option<PathBuf>>> {
        let Some(note) = self.act.note::<Note>()? else { return Ok(None) };
        match note.under_way {
            Some(back) if back.way == Way::Back => Ok(Some(back.wanted)),
            Some(forward) => {
                let (_, saved) = self.carry_out(forward, "before undo").await?;
                let former = saved.iter().cloned().collect();
                self.act.set_note(&Note { former, under_way: None, in_place: Some(Way::Forward) })?;
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

    async fn begin(&self, way: Way, wanted: Option<PathBuf>) -> Result<UnderWay> {
        let snapshot = self.sound(wanted.as_ref()).await?;
        let aside = Aside::choose(self.addr, snapshot.as_ref()).await?;
        let under_way = UnderWay { way, wanted, aside, saved: None };
        self.note(&under_way)?;
        Ok(under_way)
    }

    fn note(&self, under_way: &UnderWay) -> Result<()> {
        let former = self.noted()?.former;
        self.act.set_note(&Note { former, under_way: Some(under_way.clone()), in_place: None })
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
            let done = replace::replace(self.addr, wanted.as_ref(), &under_way.aside, |n, of| {
                row.doing(format!("{n} of {of} keys"));
            })
            .await?;
            replaced = Some(done);
            let (origin, folder) = (self.data.origin(self.cx, reason).await, self.cx.paths.snapshots());
            let (wanted, told) = (wanted.as_ref(), |n| row.doing(format!("snapshot: {}", bytes(n))));
            let saved =
                replace::save_aside(&folder, self.addr, wanted, &under_way.aside, origin, told).await?;
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
        if let Some(wanted) = &wanted {
            replace::load_functions(self.addr, wanted).await?;
        }
        under_way.aside.drop(self.addr).await?;
        Ok((replaced, saved))
    }
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
    let nothing = |fact: &str| Ok((fact.to_owned(), Kept::default()));
    if data.is_lost(cx).await? {
        return nothing("the redis is gone, and so is its data");
    }
    if made.is_none() && act.note::<Note>()?.is_none() {
        return nothing("had not started");
    }
    // It may be starting just now.
    let addr = data.master(cx, STARTING.min(cx.timeout)).await?;
    take_back(Replacement { cx, act, data, addr: &addr, spared }, what, made).await
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
    Ok((format!("{keys} keys, as before"), Kept { snapshot: done.former }))
}
