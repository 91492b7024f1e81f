//! All data of a redis deleted, after a verified snapshot; the inverse puts it back.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, STARTING, address, whole};
use super::former::Note;
use super::nature::Nature;
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::redis::clean;
use crate::redis::snapshot;
use crate::ui::Row;

/// A clean master.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clean {
    /// The master's `NodePort`.
    port: u16,
    /// The replica's.
    replica: u16,
    /// The data that goes; entries of earlier versions have none.
    #[serde(default)]
    data: Option<Dataset>,
}

/// What was deleted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The snapshot of it; none where there was no key.
    snapshot: Option<PathBuf>,
    /// The same of tries that failed on the way, oldest first.
    #[serde(default)]
    earlier: Vec<PathBuf>,
}

impl Clean {
    /// All of this data, and the replica's copy behind that `NodePort`.
    pub fn new(data: Dataset, replica: u16) -> Self {
        Self { port: data.port(), replica, data: Some(data) }
    }

    fn data(&self) -> Dataset {
        Dataset::recorded(self.data.as_ref(), self.port)
    }

    async fn master(&self, cx: &Context) -> Result<String> {
        self.data().addr(cx).await
    }

    async fn replica(&self, cx: &Context) -> Result<String> {
        address(cx, "redis", "redis-replica", self.replica).await
    }
}

impl Change for Clean {
    type Before = ();
    type Made = Made;
    type Kept = ();

    fn key(&self) -> String {
        "redis/clean".into()
    }

    fn title(&self) -> String {
        "all redis data".into()
    }

    fn command(&self) -> String {
        format!("redis-cli -p {} FLUSHALL  # after a snapshot", self.port)
    }

    fn nature(&self) -> Nature {
        Nature { takes_away: true, ..Nature::content(self.data().namespace()) }
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<()>> {
        Ok(if clean::summary(&self.master(cx).await?).await?.keys == 0 {
            Probe::Same
        } else {
            Probe::Absent(())
        })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&()>, _: Seen) -> Result<Made> {
        let (master, replica) = (self.master(cx).await?, self.replica(cx).await?);
        let earlier = act.note::<Note>()?.unwrap_or_default().former;
        let snapshot = self.data().keep(cx, &master, "clean", &earlier, act.row).await?.map(|s| s.path);
        let former = earlier.iter().chain(&snapshot).cloned().collect();
        act.set_note(&Note { former })?;
        clean::clean(&master, Some(&replica), |n, of| act.row.doing(format!("{n} of {of} keys"))).await?;
        Ok(Made { snapshot, earlier })
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("0 keys, on master and replica".into())
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, ())> {
        let former = match made {
            Some(made) => made.earlier.iter().chain(&made.snapshot).cloned().collect(),
            None => act.note::<Note>()?.unwrap_or_default().former,
        };
        if former.is_empty() {
            return Ok(("nothing was deleted".into(), ()));
        }
        if self.data().is_lost(cx).await? {
            let paths: Vec<_> = former.iter().map(|path| path.display().to_string()).collect();
            return Ok((format!("the redis is gone; the deleted data stays in {}", paths.join(", ")), ()));
        }
        let mut snapshots = Vec::new();
        for path in &former {
            snapshots.extend(whole(cx, path).await?);
        }
        // It may be starting just now.
        let master = self.data().master(cx, STARTING.min(cx.timeout)).await?;
        let mut keys = 0;
        // What was deleted last is the newest of its name.
        for snapshot in &snapshots {
            let restored = snapshot::restore(snapshot, &master, |n, of| {
                act.row.doing(format!("restoring: {n} of {of} keys"));
            })
            .await?;
            keys += restored;
        }
        Ok((format!("{keys} keys restored"), ()))
    }
}
