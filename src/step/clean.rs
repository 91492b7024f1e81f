//! All data of a redis deleted, after a verified snapshot; the inverse puts it back.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{keep, master_answers};
use super::{Act, Change, Probe};
use crate::context::{Context, node_address};
use crate::redis::clean;
use crate::redis::snapshot::{self, Onto};
use crate::ui::Row;

/// A clean master.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clean {
    /// The master's `NodePort`.
    port: u16,
    /// The replica's.
    replica: u16,
}

/// What was deleted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// The snapshot of it; none where there was no key.
    snapshot: Option<PathBuf>,
}

impl Clean {
    /// The master behind this `NodePort`, and the replica behind that one.
    pub fn new(port: u16, replica: u16) -> Self {
        Self { port, replica }
    }

    fn addrs(&self, cx: &Context) -> Result<(String, String)> {
        let profile = cx.profile()?;
        let ip = node_address(&profile)?;
        Ok((format!("{ip}:{}", self.port), format!("{ip}:{}", self.replica)))
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

    async fn probe(&self, cx: &Context) -> Result<Probe<()>> {
        let (master, _) = self.addrs(cx)?;
        Ok(if clean::summary(&master).await?.keys == 0 { Probe::Same } else { Probe::Absent(()) })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&()>) -> Result<Made> {
        let (master, replica) = self.addrs(cx)?;
        let snapshot = keep(cx, &master, "redis/redis", "clean", act.row).await?;
        clean::clean(&master, Some(&replica), |n, of| act.row.doing(format!("{n} of {of} keys"))).await?;
        Ok(Made { snapshot: snapshot.map(|s| s.path) })
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("0 keys, on master and replica".into())
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, ())> {
        let Some(path) = made.and_then(|m| m.snapshot.as_ref()) else {
            return Ok(("nothing was deleted".into(), ()));
        };
        let (master, _) = self.addrs(cx)?;
        master_answers(&master, cx.timeout).await?;
        let restored = snapshot::restore(&snapshot::read(path)?, &master, Onto::Existing, |n, of| {
            act.row.doing(format!("restoring: {n} of {of} keys"));
        })
        .await?;
        Ok((format!("{} keys back", restored.keys), ()))
    }
}
