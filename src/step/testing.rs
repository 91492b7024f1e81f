//! A profile whose node is this host, a redis on it, and a change that stands in the journal.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Act;
use super::dataset::Dataset;
use crate::context::{Context, Paths, Target};
use crate::fs::write_whole;
use crate::journal::{self, Journal, Recorded, Scope, Subject, Verb};
use crate::redis::digest::digest;
use crate::redis::snapshot::{self, Origin, Snapshot};
use crate::redis::testing::RedisServer;
use crate::ui::{Level, Options, Row, Ui};

pub(super) struct World {
    _dir: tempfile::TempDir,
    pub(super) server: RedisServer,
    pub(super) cx: Context,
    journal: RefCell<Journal>,
    token: Recorded,
}

impl World {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::below(dir.path());
        let profile = br#"{"Name":"p","Nodes":[{"Name":"","IP":"127.0.0.1","ControlPlane":true}]}"#;
        write_whole(&paths.profile("p").join("config.json"), profile).unwrap();
        let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
        let cx = Context::new(ui, paths, Target::Profile("p".into()), Duration::from_secs(5));
        let mut journal = Journal::open(&cx.paths.state, "test", None).unwrap();
        journal.begin_run(Verb::Up, "test", journal::Target::of(&cx), None).unwrap();
        let token = begun(&mut journal);
        Self { _dir: dir, server: RedisServer::start(&[]), cx, journal: RefCell::new(journal), token }
    }

    /// An empty redis, and a change that has only been begun.
    pub(super) fn anew(&mut self) {
        self.server.cli(b"FLUSHALL\n");
        self.token = begun(&mut self.journal.borrow_mut());
    }

    pub(super) fn port(&self) -> u16 {
        self.server.addr().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap()
    }

    pub(super) fn data(&self) -> Dataset {
        Dataset::new("redis", "redis", self.port())
    }

    pub(super) fn act<'a>(&'a self, row: &'a Row) -> Act<'a> {
        Act { token: &self.token, journal: &self.journal, row, spared: &[] }
    }

    pub(super) fn row(&self) -> Row {
        self.cx.ui.row("data", "")
    }

    pub(super) async fn taken(&self) -> Snapshot {
        let folder = self.cx.paths.snapshots();
        snapshot::take(&folder, &self.server.addr(), Origin::default(), |_| {}).await.unwrap()
    }

    /// What was noted of the change.
    pub(super) fn note<T: DeserializeOwned>(&self) -> Option<T> {
        self.act(&self.row()).note().unwrap()
    }

    /// The change is recorded as done, or as taken back.
    pub(super) fn done(&self) {
        self.journal.borrow_mut().done(&self.token, Value::Null, 1).unwrap();
    }

    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.server.ask(&["KEYS", "*"]);
        keys.sort();
        keys
    }

    pub(super) async fn digest(&self) -> String {
        digest(&self.server.addr(), |_, _| {}).await.unwrap().digest
    }

    /// Database that hold keys: no other than the first may, when all is over.
    pub(super) fn databases(&self) -> String {
        let said = self.server.cli(b"INFO keyspace\n");
        said.lines().filter_map(|line| line.split_once(':')).map(|(db, _)| db).collect()
    }
}

fn begun(journal: &mut Journal) -> Recorded {
    let subject = Subject {
        scope: Scope::Cluster("c".into()),
        part: "data".into(),
        key: "redis/data".into(),
        step: Value::Null,
        before: Value::Null,
    };
    journal.begin(vec![subject]).unwrap().remove(0)
}

/// Drops the work once it has waited so many times, which is after each of its round trips in turn; none then.
pub(super) async fn killed_after<T>(waits: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut waited = 0;
    std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            waited += 1;
            if waited >= waits { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}
