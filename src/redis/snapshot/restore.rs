//! A snapshot put back, key by key.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use redis::{Pipeline, Value};
use tokio::sync::mpsc;

use super::{Snapshot, check};
use crate::error::problem;
use crate::redis::commands::shown;
use crate::redis::link::{self, Link, RECORD};
use crate::redis::rdb::{Entry, Item, Walk};

/// Bytes of `RESTORE` commands in one round trip.
const CHUNK_BYTES: usize = 1 << 20;
/// `RESTORE` commands in one round trip.
const CHUNK_KEYS: usize = 1000;

/// Puts a snapshot back into the master at `addr`; `progress` gets keys done and keys in all.
///
/// What the master has of the same names is newer than the snapshot, and stays: a second try changes nothing. The
/// snapshot is checked as a whole before the first write. Keys whose time is over by now are left out, the others keep
/// theirs. Afterwards every database is counted, and all replicas have acknowledged. How many keys were put back,
/// opsctl's own record not counted.
pub async fn restore(snapshot: &Snapshot, addr: &str, progress: impl FnMut(u64, u64)) -> Result<u64> {
    acknowledged_within(link::PATIENCE, snapshot, addr, progress).await
}

/// The same, with the time that the replicas may take.
pub(super) async fn acknowledged_within(
    limit: Duration,
    snapshot: &Snapshot,
    addr: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64> {
    let kept = snapshot.clone();
    tokio::task::spawn_blocking(move || check(&kept))
        .await
        .context("the check of the snapshot did not end")??;

    let mut main = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut main, addr, "restore").await?;
    readable(&mut main, addr, snapshot).await?;

    let (sender, mut items) = mpsc::channel(2);
    let path = snapshot.path.clone();
    let walking = tokio::task::spawn_blocking(move || walk(&path, &sender));
    let mut writer = Restorer {
        addr,
        db: 0,
        link: main,
        limit,
        keys: 0,
        stayed: 0,
        expired: 0,
        touched: Vec::new(),
        replicas,
    };
    while let Some(batch) = items.recv().await {
        writer.send(batch).await?;
        progress(writer.keys + writer.stayed + writer.expired, snapshot.meta.holds.keys);
    }
    walking.await.context("the reading of the snapshot did not end")??;
    writer.finish(snapshot).await
}

/// A newer redis' values cannot be read by an older one: said before the first write.
pub(in crate::redis) async fn readable(link: &mut Link, addr: &str, snapshot: &Snapshot) -> Result<()> {
    let holds = &snapshot.meta.holds;
    let what = format!("the snapshot is of redis {}", holds.redis_version);
    readable_version(link, addr, holds.rdb_version, &what).await
}

/// The same of any RDB file; `what` begins the sentence: `the snapshot is of redis 8.0`.
pub(in crate::redis) async fn readable_version(
    link: &mut Link,
    addr: &str,
    ours: u16,
    what: &str,
) -> Result<()> {
    // The payload of FUNCTION DUMP ends like any other: version of the format, then checksum.
    let reply = link::ask::<Vec<u8>>(link, addr, redis::cmd("FUNCTION").arg("DUMP")).await;
    let Ok(payload) = reply else { return Ok(()) };
    let Some(version) = payload.len().checked_sub(10).and_then(|at| payload.get(at..at + 2)) else {
        return Ok(());
    };
    let theirs = u16::from_le_bytes([version[0], version[1]]);
    if ours > theirs {
        return Err(problem!(
            DataNotBack,
            "{what} (RDB version {ours}); the redis at {addr} is older and reads version {theirs} at most"
        )
        .into());
    }
    Ok(())
}

/// What goes to redis in one round trip; all of one database.
pub(in crate::redis) struct Batch {
    pub(in crate::redis) db: u64,
    pub(in crate::redis) entries: Vec<Entry>,
    pub(in crate::redis) functions: Vec<Vec<u8>>,
}

/// Reads the snapshot into batches; two at most are waiting, so memory holds a few batches, or the
/// largest single value.
pub(in crate::redis) fn walk(path: &Path, batches: &mpsc::Sender<Batch>) -> Result<()> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut walk = Walk::new(BufReader::with_capacity(1 << 16, file), true)?;
    let mut batch = Batch { db: 0, entries: Vec::new(), functions: Vec::new() };
    let mut bytes = 0;
    loop {
        let item = walk.step()?;
        let db = if let Some(Item::Entry(e)) = &item { e.db } else { batch.db };
        let ended = item.is_none();
        let full = bytes >= CHUNK_BYTES || batch.entries.len() >= CHUNK_KEYS;
        if (ended || full || db != batch.db) && !(batch.entries.is_empty() && batch.functions.is_empty()) {
            let ready =
                std::mem::replace(&mut batch, Batch { db, entries: Vec::new(), functions: Vec::new() });
            bytes = 0;
            if batches.blocking_send(ready).is_err() {
                return Ok(());
            }
        }
        batch.db = db;
        match item {
            None => return Ok(()),
            Some(Item::Entry(entry)) => {
                bytes += entry.payload.len() + entry.key.len();
                batch.entries.push(entry);
            }
            Some(Item::Function(code)) => batch.functions.push(code),
            Some(Item::Aux(..)) => {}
        }
    }
}

struct Restorer<'a> {
    addr: &'a str,
    db: u64,
    link: Link,
    limit: Duration,
    keys: u64,
    stayed: u64,
    expired: u64,
    /// Databases written to, with the keys of each that are still to be there.
    touched: Vec<(u64, u64)>,
    replicas: usize,
}

impl Restorer<'_> {
    async fn send(&mut self, batch: Batch) -> Result<()> {
        if batch.db != self.db {
            self.settle().await?;
            self.link = link::connect_db(self.addr, batch.db).await?;
            self.db = batch.db;
        }
        for code in &batch.functions {
            self.load(code).await?;
        }
        let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
        let mut pipeline: Pipeline = redis::pipe();
        let mut sent = Vec::new();
        let mut bytes = 0;
        for entry in &batch.entries {
            let ours = entry.db == 0 && entry.key == RECORD.as_bytes();
            if entry.expires.is_some_and(|at| at <= now) {
                self.expired += u64::from(!ours);
                continue;
            }
            bytes += entry.payload.len() as u64;
            let expires = entry.expires.unwrap_or(0);
            let cmd = pipeline.cmd("RESTORE").arg(&entry.key).arg(expires).arg(&entry.payload);
            if entry.expires.is_some() {
                cmd.arg("ABSTTL");
            }
            sent.push((&entry.key, ours));
        }
        if sent.is_empty() {
            return Ok(());
        }
        let replies = link::each(&mut self.link, self.addr, &pipeline, link::patience(bytes)).await;
        let replies = replies.with_context(|| format!("restore: {} keys were restored", self.keys))?;
        for (reply, (key, ours)) in replies.into_iter().zip(sent) {
            if let Value::ServerError(e) = reply {
                if e.code() == "BUSYKEY" {
                    self.stayed += u64::from(!ours);
                    continue;
                }
                let why = e.details().map_or_else(|| e.code().to_owned(), |d| format!("{} {d}", e.code()));
                let key = shown(key);
                return Err(problem!(
                    ImportedInPart,
                    "redis at {} refused to restore {key}: {why}",
                    self.addr
                )
                .found(format!("{} keys were restored; the snapshot is unchanged", self.keys))
                .into());
            }
            self.keys += u64::from(!ours);
            match self.touched.last_mut() {
                Some((db, keys)) if *db == self.db => *keys += 1,
                _ => self.touched.push((self.db, 1)),
            }
        }
        Ok(())
    }

    async fn load(&mut self, code: &[u8]) -> Result<()> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("FUNCTION").arg("LOAD").arg(code);
        let replies = link::each(&mut self.link, self.addr, &pipeline, link::PATIENCE).await?;
        let Some(Value::ServerError(e)) = replies.first() else { return Ok(()) };
        let why = e.details().unwrap_or_else(|| e.code());
        // Redis has no code for it.
        if why.contains("already exists") {
            return Ok(());
        }
        Err(problem!(RedisRefused, "redis at {} refused to restore its functions: {why}", self.addr).into())
    }

    /// Waits for the replicas, on the connection that wrote.
    async fn settle(&mut self) -> Result<()> {
        link::all_acknowledge(&mut self.link, self.addr, self.replicas, self.limit).await
    }

    async fn finish(mut self, snapshot: &Snapshot) -> Result<u64> {
        self.settle().await?;
        let expected = snapshot.meta.holds.keys;
        if self.keys + self.stayed + self.expired != expected {
            return Err(problem!(
                DataNotBack,
                "{} keys were restored and {} had expired; the snapshot holds {expected}",
                self.keys + self.stayed,
                self.expired
            )
            .into());
        }
        let databases = link::info(&mut self.link, self.addr, "keyspace").await?.databases();
        for (db, put) in &self.touched {
            let there = databases.get(db).map_or(0, |(keys, _)| *keys);
            // Keys may expire meanwhile, and others may write.
            let expiring = snapshot.meta.holds.databases.get(db).map_or(0, |k| k.expiring);
            if there < put.saturating_sub(expiring) {
                return Err(problem!(
                    DataNotBack,
                    "{put} keys were restored into database {db} of {}, but it counts {there}",
                    self.addr
                )
                .into());
            }
        }
        Ok(self.keys)
    }
}
