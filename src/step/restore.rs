//! A kept snapshot in the place of all that a redis holds; the inverse puts back what it held before.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, master_answers, whole};
use super::former::{self, Kept, Note};
use super::nature::Nature;
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::error::problem;
use crate::redis::clean;
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

    async fn loss(&self, cx: &Context) -> Vec<String> {
        former::loss(cx, &self.data, "the restore").await.into_iter().collect()
    }

    async fn probe(&self, _: &Context, _: &mut Look) -> Result<Probe<()>> {
        // Data changes all the time: who asks for it again wants it again.
        Ok(Probe::Absent(()))
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), kept: Option<&Kept>, _: Seen) -> Result<Made> {
        let addr = self.data.addr(cx).await?;
        master_answers(&addr, cx.timeout).await?;
        let file = kept.and_then(|k| k.snapshot.as_ref()).unwrap_or(&self.file);
        // Before anything goes: a damaged file must not cost what is there.
        let Some(snapshot) = whole(cx, file).await? else {
            return Err(problem!(DataNotBack, "there is nothing to restore; no data was touched").into());
        };
        let begun = act.note::<Note>()?;
        let mut spared = vec![snapshot.path.clone(), self.file.clone()];
        spared.extend(begun.iter().flat_map(|note| note.former.iter().cloned()));
        // Also where an earlier try died: what was written since then is nowhere else.
        let now = self.data.keep(cx, &addr, "before restore", &spared, act.row).await?.map(|s| s.path);
        // What was there before is what was there before the first try.
        let former = begun.map_or(now, |note| note.former.into_iter().next());
        act.set_note(&Note { former: former.iter().cloned().collect() })?;
        let keys = former::put_back(&addr, Some(&snapshot), act.row).await?;
        Ok(Made { former, keys })
    }

    async fn settle(&self, cx: &Context, _: &Row) -> Result<String> {
        Ok(format!("{} keys in the master", clean::summary(&self.data.addr(cx).await?).await?.keys))
    }

    async fn down(&self, cx: &Context, act: Act<'_>, (): &(), made: Option<&Made>) -> Result<(String, Kept)> {
        let former = made.map(|m| m.former.clone());
        former::down(cx, act, &self.data, "restore", former, vec![self.file.clone()]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Duration;

    use crate::context::{Paths, Target};
    use crate::fs::write_whole;
    use crate::journal::{self, Journal, Recorded, Scope, Subject, Verb};
    use crate::redis::snapshot::{self, Origin, Snapshot};
    use crate::redis::testing::RedisServer;
    use crate::ui::{Level, Options, Ui};

    /// A profile whose node is this host, and a redis on it.
    struct World {
        dir: tempfile::TempDir,
        server: RedisServer,
        cx: Context,
        journal: RefCell<Journal>,
        token: Recorded,
    }

    impl World {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let paths = Paths::below(dir.path());
            let profile = br#"{"Name":"p","Nodes":[{"Name":"","IP":"127.0.0.1","ControlPlane":true}]}"#;
            write_whole(&paths.profile("p").join("config.json"), profile).unwrap();
            let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
            let cx = Context::new(ui, paths, Target::Profile("p".into()), Duration::from_secs(5));
            let mut journal = Journal::open(&cx.paths.state, "test", None).unwrap();
            journal.begin_run(Verb::Up, "test", journal::Target::of(&cx), None).unwrap();
            let subject = Subject {
                scope: Scope::Cluster("c".into()),
                part: "data".into(),
                key: "redis/restore".into(),
                step: serde_json::Value::Null,
                before: serde_json::Value::Null,
            };
            let token = journal.begin(vec![subject]).unwrap().remove(0);
            Self { dir, server: RedisServer::start(&[]), cx, journal: RefCell::new(journal), token }
        }

        fn restore(&self, snapshot: &Snapshot) -> Restore {
            let port = self.server.addr().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap();
            Restore::new(&snapshot.path, Dataset::new("redis", "redis", port))
        }

        async fn taken(&self) -> Snapshot {
            let folder = self.cx.paths.snapshots();
            snapshot::take(&folder, &self.server.addr(), Origin::default(), |_| {}).await.unwrap()
        }

        async fn up(&self, restore: &Restore, kept: Option<&Kept>) -> Result<Made> {
            let row = self.cx.ui.row("data", "");
            restore.up(&self.cx, self.act(&row), &(), kept, Seen::default()).await
        }

        fn act<'a>(&'a self, row: &'a Row) -> Act<'a> {
            Act { token: &self.token, journal: &self.journal, row }
        }

        /// What was noted before the first change.
        fn note(&self) -> Option<Note> {
            self.act(&self.cx.ui.row("data", "")).note().unwrap()
        }

        async fn take_back(&self, restore: &Restore, former: Option<PathBuf>) -> (String, Kept) {
            let (row, spared) = (self.cx.ui.row("data", ""), vec![restore.file.clone()]);
            let (data, addr) = (&restore.data, self.server.addr());
            former::take_back(&self.cx, data, &addr, "restore", former, spared, &row).await.unwrap()
        }

        fn keys(&self) -> Vec<String> {
            let mut keys: Vec<String> = self.server.ask(&["KEYS", "*"]);
            keys.sort();
            keys
        }
    }

    #[tokio::test]
    async fn a_snapshot_takes_the_place_of_all_data_and_what_was_there_comes_back() {
        let w = World::new();
        w.server.cli(b"SET a old\nSET b old\n");
        let restore = w.restore(&w.taken().await);
        w.server.cli(b"FLUSHALL\nSET a new\nLPUSH later 1\n");
        let made = w.up(&restore, None).await.unwrap();
        assert_eq!((w.keys(), made.keys), (vec!["a".into(), "b".into()], 2));
        assert_eq!(w.server.ask::<String>(&["GET", "a"]), "old");
        assert_eq!(w.note().unwrap().former.first(), made.former.as_ref(), "known before the first change");

        w.server.cli(b"SET meanwhile 1\n");
        let (fact, kept) = w.take_back(&restore, made.former).await;
        assert_eq!((w.keys(), fact), (vec!["a".into(), "later".into()], "2 keys, as before".to_owned()));
        // Once more forward: what it held when it was taken back.
        w.up(&restore, Some(&kept)).await.unwrap();
        assert_eq!(w.keys(), ["a", "b", "meanwhile"]);
    }

    #[tokio::test]
    async fn a_second_try_knows_what_was_there_before_the_first_and_keeps_what_came_between() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let restore = w.restore(&w.taken().await);
        w.server.cli(b"FLUSHALL\nSET first 1\n");
        let first = w.up(&restore, None).await.unwrap();
        w.server.cli(b"SET between 1\n");
        let second = w.up(&restore, None).await.unwrap();
        assert_eq!((second.former, w.keys()), (first.former, vec!["a".to_owned()]));
        let kept = snapshot::list(&w.cx.paths.snapshots()).unwrap().snapshots;
        assert_eq!(kept[0].meta.holds.keys, 2, "a and between");
    }

    #[tokio::test]
    async fn into_an_empty_redis_and_back_to_empty() {
        let w = World::new();
        w.server.cli(b"SET a 1\n");
        let restore = w.restore(&w.taken().await);
        w.server.cli(b"FLUSHALL\n");
        let made = w.up(&restore, None).await.unwrap();
        assert_eq!((made.former.is_none(), w.keys()), (true, vec!["a".to_owned()]));
        w.take_back(&restore, None).await;
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
        w.up(&w.restore(&snapshot), None).await.unwrap_err();
        assert_eq!(w.keys(), ["a", "b"]);
        assert_eq!(w.note(), None, "nothing was begun");
        assert!(w.dir.path().exists());
    }
}
