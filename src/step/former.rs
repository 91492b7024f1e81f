//! What a redis held before a step gave it other data, and its way back.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Act;
use super::dataset::{Dataset, STARTING, whole};
use crate::context::Context;
use crate::redis::clean;
use crate::redis::snapshot::{self, Snapshot};
use crate::ui::Row;

/// What a step notes before it changes data: snapshots of what was there before each of its tries, oldest first; none
/// where there was no key.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The RDB files.
    pub former: Vec<PathBuf>,
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
    let held = clean::summary(&data.addr(cx).await.ok()?).await.ok()?;
    (held.keys > 0).then(|| {
        format!("replaces {} keys with those from before {what} (a snapshot is saved first)", held.keys)
    })
}

/// Puts a snapshot, already proven whole, in the place of all that is there; none: of nothing.
pub async fn put_back(addr: &str, former: Option<&Snapshot>, row: &Row) -> Result<u64> {
    clean::clean(addr, None, |n, of| row.doing(format!("removing: {n} of {of} keys"))).await?;
    let Some(snapshot) = former else { return Ok(0) };
    let restored = snapshot::restore(snapshot, addr, |n, of| {
        row.doing(format!("restoring: {n} of {of} keys"));
    })
    .await?;
    Ok(restored)
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
    let former = match (made, act.note::<Note>()?) {
        (Some(former), _) => former,
        (None, Some(note)) => note.former.into_iter().next(),
        (None, None) => return nothing("had not started"),
    };
    // It may be starting just now.
    let addr = data.master(cx, STARTING.min(cx.timeout)).await?;
    take_back(cx, data, &addr, what, former, spared, act.row).await
}

/// The same at an address that answers, with what was there before known.
pub async fn take_back(
    cx: &Context,
    data: &Dataset,
    addr: &str,
    what: &str,
    former: Option<PathBuf>,
    mut spared: Vec<PathBuf>,
    row: &Row,
) -> Result<(String, Kept)> {
    let snapshot = match &former {
        Some(path) => match whole(cx, path).await? {
            Some(snapshot) => Some(snapshot),
            None => return Ok(("stays: the data from before it is gone".into(), Kept::default())),
        },
        None => None,
    };
    spared.extend(former);
    let kept = match data.keep(cx, addr, &format!("before undo of {what}"), &spared, row).await {
        Err(e) if !cx.discard_data.load(Ordering::Relaxed) => return Err(e),
        kept => kept.ok().flatten(),
    };
    let keys = put_back(addr, snapshot.as_ref(), row).await?;
    Ok((format!("{keys} keys, as before"), Kept { snapshot: kept.map(|k| k.path) }))
}
