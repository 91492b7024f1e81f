//! All data of a redis deleted, after a verified snapshot; the inverse puts it back.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, STARTING, address, whole};
use super::nature::Nature;
use super::replacement::{self, Note, Way};
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::redis::keys;
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
        Ok(if keys::summary(&self.master(cx).await?).await?.keys == 0 {
            Probe::Same
        } else {
            Probe::Absent(())
        })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&()>, _: Seen) -> Result<Made> {
        let (master, replica) = (self.master(cx).await?, self.replica(cx).await?);
        // Without it there would be no proof: better before the first key goes.
        keys::summary(&replica).await?;
        let data = self.data();
        let change = replacement::Replacement {
            cx,
            act,
            data: &data,
            addr: &master,
            spared: Vec::new(),
            touched: None,
        };
        let done = change.replace(Way::Forward, None, "clean").await?;
        keys::same_number(&master, &replica).await?;
        Ok(Made { snapshot: done.former, earlier: Vec::new() })
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(match keys::summary(&self.master(cx).await?).await?.keys {
            0 => "0 keys, on master and replica".into(),
            1 => "1 key, written meanwhile, stays".into(),
            keys => format!("{keys} keys, written meanwhile, stay"),
        })
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, ())> {
        if self.data().is_lost(cx).await? {
            let paths: Vec<_> = made
                .iter()
                .flat_map(|made| made.earlier.iter().chain(&made.snapshot))
                .map(|path| path.display().to_string())
                .collect();
            let fact = format!("the redis is gone; the deleted data stays in {}", paths.join(", "));
            return Ok((if paths.is_empty() { "the redis is gone".into() } else { fact }, ()));
        }
        // It may be starting just now.
        let master = self.data().master(cx, STARTING.min(cx.timeout)).await?;
        Ok((self.bring_back(cx, act, &master, made).await?, ()))
    }
}

impl Clean {
    /// Restores what was deleted; what has been written since is newer, and stays.
    async fn bring_back(
        &self,
        cx: &Context,
        act: Act<'_>,
        master: &str,
        made: Option<&Made>,
    ) -> Result<String> {
        let row = act.row;
        let former: Vec<_> = if let Some(made) = made {
            made.earlier.iter().chain(&made.snapshot).cloned().collect()
        } else {
            // What an earlier version noted is older than what this one brings to its end.
            let noted = act.note::<Note>()?.map(|note| note.former).unwrap_or_default();
            let data = self.data();
            let change = replacement::Replacement {
                cx,
                act,
                data: &data,
                addr: master,
                spared: noted.clone(),
                touched: None,
            };
            let finished = change.finish().await?.flatten().filter(|path| !noted.contains(path));
            noted.into_iter().chain(finished).collect()
        };
        if former.is_empty() {
            return Ok("nothing was deleted".into());
        }
        let (mut keys, mut newer) = (0, 0);
        // What was deleted last is the newest of its name.
        for path in former.iter().rev() {
            let Some(snapshot) = whole(cx, path).await? else { continue };
            let progress = |n, of| row.doing(format!("restoring: {n} of {of} keys"));
            let restored = snapshot::restore(&snapshot, master, progress).await?;
            keys += restored;
            newer += snapshot.meta.holds.keys.saturating_sub(restored);
        }
        Ok(match newer {
            0 => format!("{keys} keys restored"),
            _ => format!("{keys} keys restored, {newer} stay as written since or have expired"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;
    use crate::step::testing::{World, killed_after};

    fn clean_of(w: &World, replica: &RedisServer) -> Clean {
        let port = replica.addr().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap();
        Clean::new(w.data(), port)
    }

    async fn up(w: &World, clean: &Clean) -> Result<Made> {
        let row = w.row();
        clean.up(&w.cx, w.act(&row), &(), None, Seen::default()).await
    }

    async fn take_back(w: &World, clean: &Clean, made: Option<&Made>) -> String {
        let (row, master) = (w.row(), w.server.addr());
        clean.bring_back(&w.cx, w.act(&row), &master, made).await.unwrap()
    }

    #[tokio::test]
    async fn all_data_goes_and_comes_back_and_what_was_written_since_stays() {
        let w = World::new();
        let replica = w.server.replica(&[]);
        w.server.cli(b"SET a 1\nSET c 1\nHSET opsctl:imports f 1\nSELECT 4\nSET other 1\n");
        let clean = clean_of(&w, &replica);
        let made = up(&w, &clean).await.unwrap();
        for server in [&w.server, &replica] {
            assert_eq!(server.cli(b"INFO keyspace\n").trim(), "# Keyspace");
        }
        w.done();
        w.server.cli(b"SET c 2\nSET d 2\n");
        let fact = take_back(&w, &clean, Some(&made)).await;
        assert_eq!(fact, "2 keys restored, 1 stay as written since or have expired");
        assert_eq!(w.keys(), ["a", "c", "d", "opsctl:imports"]);
        assert_eq!(w.server.ask::<u64>(&["GET", "c"]), 2);
        let before = w.digest().await;
        // Once more changes nothing.
        take_back(&w, &clean, Some(&made)).await;
        assert_eq!(w.digest().await, before);
    }

    #[tokio::test]
    async fn without_the_replica_that_is_named_nothing_is_deleted() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let gone = RedisServer::start(&[]);
        let clean = clean_of(&w, &gone);
        drop(gone);
        up(&w, &clean).await.unwrap_err();
        assert_eq!(w.keys(), ["a"]);
        assert_eq!(w.note::<Note>(), None, "nothing was begun");
    }

    #[tokio::test]
    async fn killed_after_any_round_trip_it_goes_on_forward_or_back_and_loses_nothing() {
        let mut w = World::new();
        let replica = w.server.replica(&[]);
        let clean = clean_of(&w, &replica);
        for back in [false, true] {
            let mut deaths = 0;
            for waits in (1..).step_by(2) {
                w.anew();
                w.server.cli(b"SET a 1\nSET b 1 EX 9000\nHSET opsctl:imports f 1\n");
                let before = w.digest().await;
                if killed_after(waits, up(&w, &clean)).await.is_some() {
                    break;
                }
                deaths += 1;
                let made = if back { None } else { Some(up(&w, &clean).await.unwrap()) };
                if !back {
                    assert_eq!(w.databases(), "", "{waits}");
                    w.done();
                }
                take_back(&w, &clean, made.as_ref()).await;
                assert_eq!((w.digest().await, w.databases()), (before, "db0".into()), "{waits}");
            }
            assert!(deaths >= 5, "{deaths}");
        }
    }
}
