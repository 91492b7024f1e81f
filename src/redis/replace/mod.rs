//! Gives a redis other data while it is read and written, and loses nothing that anybody was told is written.
//!
//! What gives way is moved into a database that nobody uses, and what is wanted takes its place in the same
//! transaction: no reader finds a key missing that was there before and is there afterwards. Only then the moved keys
//! are saved as a snapshot, synced to the disk, and only then deleted. So whatever was written before or meanwhile is
//! in the redis afterwards, or in that snapshot.
//!
//! How far it has come lies in the redis too, changed by the same transactions: after a kill it goes on from there.

mod aside;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use redis::{Pipeline, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::commands::shown;
use super::keys::{self, scan};
use super::link::{self, Link, RECORD};
use super::names::Reader;
use super::snapshot::{self, Batch, Moved, Origin, Snapshot, gather, readable, walk};
use crate::error::problem;
use aside::OWN;
pub use aside::{Aside, Cramped};

/// Names of one page.
const PAGE: usize = 1000;

/// What became of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Keys of the snapshot that are in place, opsctl's own record not counted.
    pub restored: u64,
    /// Of the snapshot's keys, those in whose place somebody wrote a newer value meanwhile: that one stays.
    pub stayed: u64,
    /// Keys that gave way, likewise.
    pub moved: u64,
}

/// Puts the snapshot in the place of all data of the master at `addr`; none: nothing. What gives way is in `aside`
/// afterwards. Functions are no data, and stay; [`load_functions`] has those of the snapshot.
///
/// The snapshot is checked as a whole before the first change, and all replicas have acknowledged the last one when this
/// returns. `progress` gets keys done and keys in all.
pub async fn replace(
    addr: &str,
    wanted: Option<&Snapshot>,
    aside: &Aside,
    progress: impl FnMut(u64, u64),
) -> Result<Replaced> {
    replace_in(addr, wanted, aside, None, progress).await
}

/// Keys of the first database that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The file.
    pub file: PathBuf,
    /// Of which import: its data file, by what is in it and how it is read.
    pub of: String,
    /// How much of that was read when these keys were touched; none: not known yet, or all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl Names {
    /// An error unless the file is whole.
    pub async fn sound(&self) -> Result<()> {
        self.open().await.map(drop)
    }

    pub(super) async fn open(&self) -> Result<Reader> {
        let Self { file, until, .. } = self.clone();
        tokio::task::spawn_blocking(move || Reader::open(&file, until))
            .await
            .context("the reading of names did not end")?
    }
}

/// The same, but of the keys that are there only those give way that the files name: all others stay as they are. The
/// snapshot has no other keys. `progress` gets keys done and 0: how many there are is not known.
pub async fn replace_named(
    addr: &str,
    wanted: Option<&Snapshot>,
    aside: &Aside,
    names: &[Names],
    progress: impl FnMut(u64, u64),
) -> Result<Replaced> {
    replace_in(addr, wanted, aside, Some(names), progress).await
}

async fn replace_in(
    addr: &str,
    wanted: Option<&Snapshot>,
    aside: &Aside,
    names: Option<&[Names]>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Replaced> {
    let mut main = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut main, addr, "restore").await?;
    if let Some(snapshot) = wanted {
        let kept = snapshot.clone();
        let checking = tokio::task::spawn_blocking(move || snapshot::check(&kept));
        checking.await.context("the check of the snapshot did not end")??;
        readable(&mut main, addr, snapshot).await?;
    }
    let there = link::count_keys(&mut main, addr).await?;
    let total =
        if names.is_some() { 0 } else { there + wanted.map_or(0, |snapshot| snapshot.meta.holds.keys) };
    let mut work = Work {
        addr,
        aside,
        link: main,
        db: 0,
        done: aside.chunks_done(addr).await?,
        chunk: 0,
        wanted: HashSet::new(),
        found: Replaced::default(),
        replicas,
    };
    if let Some(snapshot) = wanted {
        let (sender, mut batches) = mpsc::channel(2);
        let path = snapshot.path.clone();
        let walking = tokio::task::spawn_blocking(move || walk(&path, &sender));
        while let Some(batch) = batches.recv().await {
            work.put(&batch).await?;
            progress(work.count(), total);
        }
        walking.await.context("the reading of the snapshot did not end")??;
    }
    for names in names.unwrap_or_default() {
        let Some(to) = aside.of_main() else { break };
        work.select(0).await?;
        let mut file = names.open().await?;
        loop {
            let page = file.page(PAGE)?;
            if page.is_empty() {
                break;
            }
            work.give_way(&page, to).await?;
            progress(work.count(), total);
        }
    }
    for (from, to) in aside.databases.iter().filter(|_| names.is_none()) {
        work.select(*from).await?;
        let mut cursor = 0;
        loop {
            let (next, page) = scan(&mut work.link, addr, cursor).await?;
            work.give_way(&page, *to).await?;
            progress(work.count(), total);
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
    }
    work.settle().await?;
    Ok(work.found)
}

/// Saves what lies aside of the first database, and nothing else; none where nothing does.
pub async fn save_named(
    dir: &Path,
    addr: &str,
    aside: &Aside,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Option<Snapshot>> {
    let Some(from) = aside.of_main() else { return Ok(None) };
    if aside.is_empty(addr).await? {
        return Ok(None);
    }
    gather(dir, addr, (from, 0), &OWN, origin, progress).await
}

/// Saves what gives way to `wanted` as a verified snapshot: the keys that lie aside, and the functions, before
/// [`load_functions`] may replace one of them. None where there is neither.
pub async fn save_aside(
    dir: &Path,
    addr: &str,
    wanted: Option<&Snapshot>,
    aside: &Aside,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Option<Snapshot>> {
    let replaces = wanted.is_some_and(|snapshot| snapshot.meta.holds.functions > 0);
    if aside.is_empty(addr).await? && !(replaces && keys::functions(addr).await? > 0) {
        return Ok(None);
    }
    let databases = aside.databases.iter().map(|(from, to)| (*to, *from)).collect();
    let moved = Moved { databases, left_out: &OWN };
    snapshot::take_moved(dir, addr, &moved, origin, progress).await.map(Some)
}

/// Loads the functions of the snapshot, in the place of others of their name.
pub async fn load_functions(addr: &str, wanted: &Snapshot) -> Result<()> {
    if wanted.meta.holds.functions == 0 {
        return Ok(());
    }
    let mut link = link::connect(addr).await?;
    let (sender, mut batches) = mpsc::channel(2);
    let path = wanted.path.clone();
    let walking = tokio::task::spawn_blocking(move || walk(&path, &sender));
    while let Some(batch) = batches.recv().await {
        for code in &batch.functions {
            let mut load = redis::cmd("FUNCTION");
            load.arg("LOAD").arg("REPLACE").arg(code.as_slice());
            let _: Value = link::ask(&mut link, addr, &load).await?;
        }
    }
    walking.await.context("the reading of the snapshot did not end")?
}

struct Work<'a> {
    addr: &'a str,
    aside: &'a Aside,
    link: Link,
    /// The link's database.
    db: u64,
    /// Chunks of the snapshot that an earlier try has put in place.
    done: u64,
    /// The number of the next one.
    chunk: u64,
    /// The keys of the snapshot, as digests.
    wanted: HashSet<u128>,
    found: Replaced,
    replicas: usize,
}

impl Work<'_> {
    fn count(&self) -> u64 {
        self.found.restored + self.found.stayed + self.found.moved
    }

    /// A connection of its own for each database: `WAIT` speaks for the writes of its connection alone.
    async fn select(&mut self, db: u64) -> Result<()> {
        if db != self.db {
            self.settle().await?;
            self.link = link::connect_db(self.addr, db).await?;
            self.db = db;
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<()> {
        link::all_acknowledge(&mut self.link, self.addr, self.replicas, link::PATIENCE).await
    }

    /// One transaction: each key of the chunk takes the place of what is there, and the chunk is noted as done.
    async fn put(&mut self, batch: &Batch) -> Result<()> {
        let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
        let entries: Vec<_> = batch.entries.iter().filter(|e| e.expires.is_none_or(|at| at > now)).collect();
        for entry in &entries {
            self.wanted.insert(name(batch.db, &entry.key));
        }
        let chunk = self.chunk;
        self.chunk += 1;
        if chunk < self.done {
            self.found.restored += entries.iter().filter(|e| !is_record(batch.db, &e.key)).count() as u64;
            return Ok(());
        }
        self.select(batch.db).await?;
        let to = self.aside.databases.get(&batch.db);
        let mut pipeline = redis::pipe();
        pipeline.cmd("MULTI");
        let mut bytes = 0;
        for entry in &entries {
            bytes += entry.payload.len() as u64;
            if let Some(to) = to {
                pipeline.cmd("MOVE").arg(&entry.key).arg(*to);
            }
            let expires = entry.expires.unwrap_or(0);
            let cmd = pipeline.cmd("RESTORE").arg(&entry.key).arg(expires).arg(&entry.payload);
            if entry.expires.is_some() {
                cmd.arg("ABSTTL");
            }
        }
        self.aside.mark(&mut pipeline, chunk + 1, batch.db);
        pipeline.cmd("EXEC");
        let replies = link::each(&mut self.link, self.addr, &pipeline, link::patience(bytes)).await?;
        let replies = self.executed(replies)?;
        let each = if to.is_some() { 2 } else { 1 };
        for (entry, said) in entries.iter().zip(replies.chunks(each)) {
            let ours = is_record(batch.db, &entry.key);
            if to.is_some() && said.first() == Some(&Value::Int(1)) && !ours {
                self.found.moved += 1;
            }
            match said.last() {
                Some(Value::ServerError(e)) if e.code() == "BUSYKEY" => self.found.stayed += u64::from(!ours),
                Some(Value::ServerError(e)) => {
                    let why =
                        e.details().map_or_else(|| e.code().to_owned(), |d| format!("{} {d}", e.code()));
                    let key = shown(&entry.key);
                    return Err(problem!(
                        ImportedInPart,
                        "redis at {} refused to restore {key}: {why}",
                        self.addr
                    )
                    .found("what it held in its place is kept in a database that nobody uses")
                    .into());
                }
                _ => self.found.restored += u64::from(!ours),
            }
        }
        Ok(())
    }

    /// The replies within a transaction; an error where it was not carried out at all.
    fn executed(&self, replies: Vec<Value>) -> Result<Vec<Value>> {
        let mut why = None;
        for reply in &replies {
            // The first refusal says why; EXEC only that there was one.
            if let Value::ServerError(e) = reply
                && why.is_none()
            {
                why = Some(e.details().map_or_else(|| e.code().to_owned(), |d| format!("{} {d}", e.code())));
            }
        }
        match (replies.into_iter().next_back(), why) {
            (Some(Value::Array(replies)), None) => Ok(replies),
            (_, why) => Err(problem!(
                RedisRefused,
                "redis at {} refused to take the data: {}",
                self.addr,
                why.unwrap_or_else(|| "the transaction was not carried out".into())
            )
            .into()),
        }
    }

    /// Moves the keys of a page that are not wanted.
    async fn give_way(&mut self, page: &[Vec<u8>], to: u64) -> Result<()> {
        let mut pipeline: Pipeline = redis::pipe();
        let mut counted = Vec::new();
        for key in page.iter().filter(|key| !self.wanted.contains(&name(self.db, key))) {
            pipeline.cmd("MOVE").arg(key).arg(to);
            counted.push(!is_record(self.db, key));
        }
        if counted.is_empty() {
            return Ok(());
        }
        for (reply, counts) in
            link::each(&mut self.link, self.addr, &pipeline, link::PATIENCE).await?.into_iter().zip(counted)
        {
            match reply {
                Value::Int(moved) => self.found.moved += u64::from(moved == 1 && counts),
                Value::ServerError(e) => {
                    let why = e.details().unwrap_or_else(|| e.code()).to_owned();
                    return Err(problem!(RedisRefused, "redis at {} refused MOVE: {why}", self.addr).into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_record(db: u64, key: &[u8]) -> bool {
    db == 0 && key == RECORD.as_bytes()
}

/// A key of a database: 128 bits, so that no two of them are taken for one.
fn name(db: u64, key: &[u8]) -> u128 {
    let digest = Sha256::new().chain_update(db.to_be_bytes()).chain_update(key).finalize();
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests;
