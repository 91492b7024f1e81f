//! A kept snapshot in the place of all that a redis holds; the inverse puts back what it held before.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dataset::{Dataset, master_answers};
use super::nature::Nature;
use super::replacement::{self, Kept, Way};
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::redis::keys;
use crate::redis::snapshot::Meta;
use crate::ui::Row;

/// A snapshot where it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The RDB file, its description beside it.
    file: PathBuf,
    /// The data that it takes the place of.
    data: Dataset,
}

/// What was put in place.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// What the redis held before; none where it held no key.
    former: Option<PathBuf>,
    /// Keys of the snapshot.
    keys: u64,
}

impl Restore {
    /// This snapshot in the place of this data.
    pub fn new(file: &Path, data: Dataset) -> Self {
        Self { file: file.to_owned(), data }
    }

    /// The key of a restore of this file.
    pub fn key_of(file: &Path) -> String {
        format!("redis/restore of {}", file.display())
    }
}

/// How many keys a snapshot's description names.
fn held(file: &Path) -> Option<u64> {
    let text = std::fs::read(file.with_extension("json")).ok()?;
    Some(serde_json::from_slice::<Meta>(&text).ok()?.holds.keys)
}

/// Of a snapshot's keys, those that are not restored: their time is over.
fn left_out(held: u64, keys: u64) -> Option<String> {
    match held.checked_sub(keys)? {
        0 => None,
        1 => Some(format!("1 of {held} keys has expired since the snapshot, and is left out")),
        n => Some(format!("{n} of {held} keys have expired since the snapshot, and are left out")),
    }
}

impl Change for Restore {
    type Before = ();
    type Made = Made;
    type Kept = Kept;

    fn key(&self) -> String {
        Self::key_of(&self.file)
    }

    fn title(&self) -> String {
        format!("restore of {}", self.file.file_name().unwrap_or(self.file.as_os_str()).display())
    }

    fn command(&self) -> String {
        let file = self.file.display();
        format!("redis-cli -p {} RESTORE …  # each key of {file}, after a snapshot", self.data.port())
    }

    fn nature(&self) -> Nature {
        Nature::content(self.data.namespace())
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn loss(&self, cx: &Context, _: Option<&Made>) -> Vec<String> {
        replacement::loss(cx, &self.data, "the restore").await.into_iter().collect()
    }

    async fn probe(&self, _: &Context, _: &mut Look) -> Result<Probe<()>> {
        // Data changes all the time: who asks for it again wants it again.
        Ok(Probe::Absent(()))
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), kept: Option<&Kept>, _: Seen) -> Result<Made> {
        let addr = self.data.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        let file = kept.and_then(|k| k.snapshot.as_ref()).unwrap_or(&self.file);
        let spared = vec![file.clone(), self.file.clone()];
        let change =
            replacement::Replacement { cx, act, data: &self.data, addr: &addr, spared, touched: None };
        let done = change.replace(Way::Forward, Some(file.clone()), "before restore").await?;
        if let (Some(held), Some(keys)) = (held(file), done.keys)
            && let Some(told) = left_out(held, keys)
        {
            cx.ui.note(format!("   {told}"));
            cx.ui.event(&json!({"event": "note", "part": "data", "snapshot": held, "keys": keys, "expired": held - keys}));
        }
        let keys = match done.keys {
            Some(keys) => keys,
            None => keys::summary(&addr).await?.keys,
        };
        Ok(Made { former: done.former, keys })
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(format!("{} keys in the master", keys::summary(&self.data.addr(cx).await?).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        let former = made.map(|m| m.former.clone());
        replacement::down(cx, act, &self.data, "restore", former, vec![self.file.clone()]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::snapshot::{self, Snapshot};
    use crate::step::replacement::Note;
    use crate::step::testing::{World, killed_after};

    #[test]
    fn keys_whose_time_is_over_are_counted_apart() {
        assert_eq!(left_out(4, 4), None);
        assert_eq!(left_out(4, 2).unwrap(), "2 of 4 keys have expired since the snapshot, and are left out");
        assert_eq!(left_out(4, 3).unwrap(), "1 of 4 keys has expired since the snapshot, and is left out");
        assert_eq!(left_out(4, 5), None, "written meanwhile");
    }

    fn restore_of(w: &World, snapshot: &Snapshot) -> Restore {
        Restore::new(&snapshot.path, w.data())
    }

    async fn up(w: &World, restore: &Restore, kept: Option<&Kept>) -> Result<Made> {
        let row = w.row();
        restore.up(&w.cx, w.act(&row), &(), kept, Seen::default()).await
    }

    /// `made`: what was recorded at its end; its inner none: there was no key.
    #[expect(clippy::option_option, reason = "whether it ended, and whether there was anything before")]
    async fn take_back(
        w: &World,
        restore: &Restore,
        made: Option<Option<PathBuf>>,
    ) -> Result<(String, Kept)> {
        let (row, addr) = (w.row(), w.server.addr());
        let spared = vec![restore.file.clone()];
        let change = replacement::Replacement {
            cx: &w.cx,
            act: w.act(&row),
            data: &restore.data,
            addr: &addr,
            spared,
            touched: None,
        };
        replacement::take_back(change, "restore", made).await
    }

    #[tokio::test]
    async fn a_snapshot_takes_the_place_of_all_data_and_what_was_there_comes_back() {
        let w = World::new();
        w.server.cli(b"SET a old\nSET b old\n");
        let restore = restore_of(&w, &w.taken().await);
        w.server.cli(b"FLUSHALL\nSET a new\nLPUSH later 1\n");
        let made = up(&w, &restore, None).await.unwrap();
        assert_eq!((w.keys(), made.keys), (vec!["a".into(), "b".into()], 2));
        assert_eq!(w.server.ask::<String>(&["GET", "a"]), "old");
        assert_eq!(w.note::<Note>().unwrap().former.first(), made.former.as_ref());
        w.done();

        w.server.cli(b"SET meanwhile 1\n");
        let (fact, kept) = take_back(&w, &restore, Some(made.former)).await.unwrap();
        assert_eq!((w.keys(), fact), (vec!["a".into(), "later".into()], "2 keys, as before".to_owned()));
        w.done();
        // Once more forward: what it held when it was taken back.
        up(&w, &restore, Some(&kept)).await.unwrap();
        assert_eq!(w.keys(), ["a", "b", "meanwhile"]);
    }

    #[tokio::test]
    async fn a_second_try_after_an_earlier_version_knows_what_was_there_before_the_first() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let restore = restore_of(&w, &w.taken().await);
        w.server.cli(b"FLUSHALL\nSET first 1\n");
        let before = w.taken().await;
        // An earlier version noted nothing of how far it came.
        w.act(&w.row()).set_note(&serde_json::json!({"former": [before.path]})).unwrap();
        w.server.cli(b"SET between 1\n");
        let made = up(&w, &restore, None).await.unwrap();
        assert_eq!((made.former, w.keys()), (Some(before.path), vec!["a".to_owned()]));
        let kept = snapshot::list(&w.cx.paths.snapshots()).unwrap().snapshots;
        assert_eq!(kept[0].meta.holds.keys, 2, "first and between");
    }

    #[tokio::test]
    async fn into_an_empty_redis_and_back_to_empty() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let restore = restore_of(&w, &w.taken().await);
        w.server.cli(b"FLUSHALL\n");
        let made = up(&w, &restore, None).await.unwrap();
        assert_eq!((made.former.is_none(), w.keys()), (true, vec!["a".to_owned()]));
        w.done();
        take_back(&w, &restore, Some(None)).await.unwrap();
        assert_eq!(w.keys(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_damaged_snapshot_costs_no_data() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let snapshot = w.taken().await;
        let mut bytes = std::fs::read(&snapshot.path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&snapshot.path, bytes).unwrap();
        w.server.cli(b"SET b 1\n");
        up(&w, &restore_of(&w, &snapshot), None).await.unwrap_err();
        assert_eq!(w.keys(), ["a", "b"]);
        assert_eq!(w.note::<Note>(), None, "nothing was begun");
    }

    /// A redis with other data than the snapshot, and a restore of that.
    fn begun(w: &mut World, snapshot: &Snapshot) -> Restore {
        w.anew();
        w.server.cli(b"SET both new\nSET former 1 EX 9000\nHSET opsctl:imports f 1\n");
        restore_of(w, snapshot)
    }

    async fn wanted(w: &World) -> Snapshot {
        w.server.cli(b"SET wanted 1\nSET both old\n");
        w.taken().await
    }

    #[tokio::test]
    async fn killed_after_any_round_trip_it_goes_on_forward_or_back_and_loses_nothing() {
        let mut w = World::new();
        let snapshot = wanted(&w).await;
        let then = w.digest().await;
        for back in [false, true] {
            let mut deaths = 0;
            for waits in (1..).step_by(3) {
                let restore = begun(&mut w, &snapshot);
                let before = w.digest().await;
                if killed_after(waits, up(&w, &restore, None)).await.is_some() {
                    break;
                }
                deaths += 1;
                let made = if back { None } else { Some(up(&w, &restore, None).await.unwrap().former) };
                if !back {
                    assert_eq!((w.digest().await, w.databases()), (then.clone(), "db0".into()), "{waits}");
                    w.done();
                }
                take_back(&w, &restore, made).await.unwrap();
                assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}");
                assert_eq!(w.server.ask::<u64>(&["EXISTS", "opsctl:imports"]), 1);
            }
            assert!(deaths >= 5, "{deaths}");
        }
    }

    #[tokio::test]
    async fn an_undo_killed_after_any_round_trip_goes_on_back_or_forward() {
        let mut w = World::new();
        let snapshot = wanted(&w).await;
        let then = w.digest().await;
        for forward in [false, true] {
            let mut deaths = 0;
            for waits in (1..).step_by(3) {
                let restore = begun(&mut w, &snapshot);
                let before = w.digest().await;
                let former = up(&w, &restore, None).await.unwrap().former;
                w.done();
                w.server.cli(b"SET later 1\n");
                if killed_after(waits, take_back(&w, &restore, Some(former.clone()))).await.is_some() {
                    break;
                }
                deaths += 1;
                if forward {
                    up(&w, &restore, None).await.unwrap();
                    assert_eq!((w.digest().await, w.databases()), (then.clone(), "db0".into()), "{waits}");
                } else {
                    let (_, kept) = take_back(&w, &restore, Some(former)).await.unwrap();
                    assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}");
                    let kept = snapshot::read(&kept.snapshot.unwrap()).unwrap();
                    assert_eq!(kept.meta.holds.keys, 3, "both, later and wanted");
                }
            }
            assert!(deaths >= 5, "{deaths}");
        }
    }
}
