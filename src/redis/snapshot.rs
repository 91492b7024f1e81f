//! Verified copies of all of a redis' data: taken, listed, pruned, put back.
//!
//! A snapshot is the RDB file that redis sends to a new replica: every database at one moment, in the
//! standard format. It is put back with `RESTORE`, key by key. Both need a client connection and
//! nothing else: no file on the server, no address that the server could reach us at, no second redis.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use redis::{Pipeline, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::address::host_port;
use super::link::{self, Link, RECORD};
use super::rdb::{Entry, Item, LONGEST, Summary, Walk, summarise};
use super::reader::hex;
use crate::error::{Code, Problem};

/// Version of the description's format.
const SCHEMA: u32 = 1;
/// Bytes of `RESTORE` commands in one round trip.
const CHUNK_BYTES: usize = 1 << 20;
/// `RESTORE` commands in one round trip.
const CHUNK_KEYS: usize = 1000;
/// A master that is saving sends a newline every ten seconds.
const SILENCE: Duration = Duration::from_mins(1);
/// What the name of an unfinished snapshot begins with.
const PART: &str = ".part-";

/// Where a snapshot comes from: for its description only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The cluster's UID; none outside of one.
    pub cluster: Option<String>,
    /// What it was, for people: `redis in minikube`.
    pub source: String,
    /// Why it was taken: `redis clean`.
    pub reason: String,
}

/// A snapshot's description, the JSON file beside the RDB file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Version of this description's format.
    pub schema: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// Where it comes from.
    pub origin: Origin,
    /// Where redis answered.
    pub addr: String,
    /// The sha256 of the RDB file, in hex.
    pub sha256: String,
    /// What it holds.
    pub holds: Summary,
}

/// A snapshot that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The RDB file.
    pub path: PathBuf,
    /// Its description.
    pub meta: Meta,
}

/// What a folder of snapshots holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The snapshots, newest first.
    pub snapshots: Vec<Snapshot>,
    /// Descriptions that cannot be read, or whose RDB file is gone or of another size, and why.
    pub damaged: Vec<(PathBuf, String)>,
}

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Keys put back, opsctl's own record not counted.
    pub keys: u64,
    /// Keys left out because their time was over by now.
    pub expired: u64,
    /// Libraries of functions put back.
    pub functions: u64,
    /// How long it took, verification included.
    pub took: Duration,
    /// Replicas attached.
    pub replicas: usize,
    /// Replicas that acknowledged all of it.
    pub replicas_acked: usize,
}

/// Takes a snapshot of the redis at `addr` into `dir`; `progress` gets the bytes received.
///
/// It is kept only when its whole content has been walked through: every value, the number of keys
/// that redis announced for each database, the checksum.
pub async fn take(dir: &Path, addr: &str, origin: Origin, progress: impl FnMut(u64)) -> Result<Snapshot> {
    take_from(dir, addr, Giver::Any, origin, progress).await
}

/// The same of a replica whose master is gone, and with it perhaps all other copies. Such a one gives no copy
/// before it follows nobody, which it does from then on; its data stays as it is.
pub async fn take_orphaned(
    dir: &Path,
    addr: &str,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Snapshot> {
    take_from(dir, addr, Giver::Orphan, origin, progress).await
}

/// Who gives the copy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Giver {
    /// A master, or a replica whose link is up.
    Any,
    /// A replica without a master.
    Orphan,
}

async fn take_from(
    dir: &Path,
    addr: &str,
    giver: Giver,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Snapshot> {
    make_dir(dir)?;
    let part = tempfile::Builder::new()
        .prefix(PART)
        .tempfile_in(dir)
        .with_context(|| format!("could not write to {}", dir.display()))?;
    let at = Timestamp::now();
    receive(addr, giver, part.reopen()?, progress).await?;
    let checking = tokio::task::spawn_blocking(move || {
        part.as_file().sync_all().context("could not write the snapshot to the disk")?;
        let (holds, sha256) = examine(part.path())?;
        anyhow::Ok((part, holds, sha256))
    });
    let (part, holds, sha256) = checking.await.context("the check of the snapshot did not end")??;
    if holds.largest + 16 > LONGEST {
        return Err(Problem::new(Code::Snapshot, format!(
            "one value has {} bytes serialised; redis restores {LONGEST} at most, so the snapshot would be useless",
            holds.largest
        ))
        .into());
    }
    let meta = Meta { schema: SCHEMA, at, origin, addr: addr.to_owned(), sha256, holds };
    let name = format!("redis-{}-{}", at.strftime("%Y%m%dT%H%M%S%3fZ"), &meta.sha256[..8]);
    let path = dir.join(format!("{name}.rdb"));
    part.persist(&path).with_context(|| format!("could not write {}", path.display()))?;
    // The description comes last: without it the file is no snapshot.
    let text = serde_json::to_string_pretty(&meta)?;
    let mut description = tempfile::Builder::new().prefix(PART).tempfile_in(dir)?;
    std::io::Write::write_all(&mut description, text.as_bytes())?;
    description.as_file().sync_all()?;
    description.persist(path.with_extension("json"))?;
    File::open(dir)?.sync_all()?;
    Ok(Snapshot { path, meta })
}

fn make_dir(dir: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("could not make the folder {}", dir.display()))
}

/// Walks through an RDB file; its digest comes out of the same reading.
fn examine(path: &Path) -> Result<(Summary, String)> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut input = Hashing { inner: file, digest: Sha256::new() };
    let holds = summarise(BufReader::with_capacity(1 << 16, &mut input))?;
    Ok((holds, hex(&input.digest.finalize())))
}

struct Hashing<R> {
    inner: R,
    digest: Sha256,
}

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.digest.update(&buffer[..n]);
        Ok(n)
    }
}

/// Asks for a full copy as a new replica would, and writes it to a file.
async fn receive(addr: &str, giver: Giver, file: File, mut progress: impl FnMut(u64)) -> Result<()> {
    let failed = |e: std::io::Error| -> anyhow::Error {
        Problem::new(Code::RedisAway, format!("redis at {addr} stopped sending its data: {e}")).into()
    };
    let (host, port) = host_port(addr)?;
    let connecting = TcpStream::connect((host.as_str(), port));
    let stream = quiet(addr, connecting).await?.map_err(|e| {
        anyhow::Error::from(Problem::new(Code::RedisAway, format!("no redis answers at {addr}: {e}")))
    })?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut stream = tokio::io::BufReader::with_capacity(1 << 16, stream);
    if giver == Giver::Orphan {
        // Over the same connection: behind one address there may be several.
        stream.write_all(b"REPLICAOF NO ONE\r\n").await.map_err(failed)?;
        let said = line(addr, &mut stream).await?;
        if !said.starts_with("+OK") {
            return Err(Problem::new(
                Code::RedisRefused,
                format!("redis at {addr} refused REPLICAOF NO ONE: {said}"),
            )
            .into());
        }
    }
    // `capa eof`: straight over the connection, with no file on the server's disk. `rdb-only`: no
    // stream of changes afterwards. A redis that knows neither refuses them, and sends all the same.
    for ask in ["REPLCONF capa eof\r\n", "REPLCONF rdb-only 1\r\n"] {
        stream.write_all(ask.as_bytes()).await.map_err(failed)?;
        line(addr, &mut stream).await?;
    }
    stream.write_all(b"SYNC\r\n").await.map_err(failed)?;
    let head = loop {
        let line = line(addr, &mut stream).await?;
        if !line.is_empty() {
            break line;
        }
    };
    let refused =
        || Problem::new(Code::RedisRefused, format!("redis at {addr} sends no copy of its data: {head}"));
    let announced = head.strip_prefix('$').ok_or_else(refused)?;
    let mut file = tokio::io::BufWriter::with_capacity(1 << 18, tokio::fs::File::from_std(file));
    let mut received = 0;
    if let Some(mark) = announced.strip_prefix("EOF:") {
        // Of unknown length: it ends with the mark, and nothing is sent behind it.
        let mark = mark.as_bytes();
        if mark.len() != 40 {
            return Err(refused().into());
        }
        let mut tail: Vec<u8> = Vec::new();
        loop {
            let chunk = more(addr, &mut stream).await?;
            if chunk.is_empty() {
                return Err(cut_short(addr, received));
            }
            received += chunk.len() as u64;
            tail.extend_from_slice(chunk);
            let n = chunk.len();
            stream.consume(n);
            if tail.ends_with(mark) {
                file.write_all(&tail[..tail.len() - mark.len()])
                    .await
                    .context("could not write the snapshot")?;
                break;
            }
            // What may be the beginning of the mark is held back.
            let sure = tail.len().saturating_sub(mark.len());
            file.write_all(&tail[..sure]).await.context("could not write the snapshot")?;
            tail.drain(..sure);
            progress(received);
        }
    } else {
        let mut left: u64 = announced.parse().map_err(|_| refused())?;
        while left > 0 {
            let chunk = more(addr, &mut stream).await?;
            if chunk.is_empty() {
                return Err(cut_short(addr, received));
            }
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
            file.write_all(&chunk[..n]).await.context("could not write the snapshot")?;
            stream.consume(n);
            left -= n as u64;
            received += n as u64;
            progress(received);
        }
    }
    file.flush().await.context("could not write the snapshot")?;
    progress(received);
    Ok(())
}

fn cut_short(addr: &str, received: u64) -> anyhow::Error {
    Problem::new(Code::RedisAway, format!("redis at {addr} stopped sending its data after {received} bytes"))
        .into()
}

/// Waits, but not for ever.
async fn quiet<T>(addr: &str, waiting: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(SILENCE, waiting).await.map_err(|_| {
        Problem::new(Code::RedisSilent, format!("redis at {addr} sent nothing for {} s", SILENCE.as_secs()))
            .into()
    })
}

async fn more<'a>(addr: &str, stream: &'a mut tokio::io::BufReader<TcpStream>) -> Result<&'a [u8]> {
    let read = quiet(addr, stream.fill_buf()).await?;
    read.map_err(|e| {
        Problem::new(Code::RedisAway, format!("redis at {addr} stopped sending its data: {e}")).into()
    })
}

/// A line without its end; an overlong one is no redis talking.
async fn line(addr: &str, stream: &mut tokio::io::BufReader<TcpStream>) -> Result<String> {
    let mut line = Vec::new();
    let mut limited = stream.take(4096);
    let read = quiet(addr, limited.read_until(b'\n', &mut line)).await?;
    read.map_err(|e| {
        Problem::new(Code::RedisAway, format!("redis at {addr} stopped sending its data: {e}"))
    })?;
    if !line.ends_with(b"\n") {
        return Err(Problem::new(
            Code::RedisAway,
            format!("what answers at {addr} is not redis, or it closed the connection"),
        )
        .into());
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// The snapshots in a folder; a folder that is not there holds none.
pub fn list(dir: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(listing),
        Err(e) => return Err(e).with_context(|| format!("could not read {}", dir.display())),
    };
    for entry in entries {
        let description = entry.with_context(|| format!("could not read {}", dir.display()))?.path();
        if description.extension().is_none_or(|e| e != "json") {
            continue;
        }
        match read(&description) {
            Ok(snapshot) => listing.snapshots.push(snapshot),
            Err(e) => listing.damaged.push((description, format!("{e:#}"))),
        }
    }
    listing.snapshots.sort_by(|a, b| (b.meta.at, &b.path).cmp(&(a.meta.at, &a.path)));
    listing.damaged.sort();
    Ok(listing)
}

/// Reads a snapshot's description (`….json`) or that beside an RDB file; the RDB file itself is only
/// looked at for its size.
pub fn read(path: &Path) -> Result<Snapshot> {
    let text = std::fs::read_to_string(path.with_extension("json"))
        .with_context(|| format!("could not read {}", path.with_extension("json").display()))?;
    let meta: Meta = serde_json::from_str(&text).context("the description is damaged")?;
    if meta.schema > SCHEMA {
        return Err(Problem::new(Code::Snapshot, "a newer opsctl wrote this snapshot").into());
    }
    let path = path.with_extension("rdb");
    let size = std::fs::metadata(&path).with_context(|| format!("could not read {}", path.display()))?.len();
    if size != meta.holds.bytes {
        let what = format!("{} has {size} bytes and should have {}", path.display(), meta.holds.bytes);
        return Err(Problem::new(Code::Snapshot, what).into());
    }
    Ok(Snapshot { path, meta })
}

/// Removes all but the newest `keep`, and of these the oldest until they take `bytes` at most.
///
/// The newest one stays whatever its size, and so do those that are spared: about to be put back. What a
/// killed run left half-done goes as well.
pub fn prune(dir: &Path, keep: usize, bytes: u64, spared: &[PathBuf]) -> Result<Vec<Snapshot>> {
    let mut removed = Vec::new();
    let mut total = 0_u64;
    for (n, snapshot) in list(dir)?.snapshots.into_iter().enumerate() {
        total = total.saturating_add(snapshot.meta.holds.bytes);
        if n > 0 && (n >= keep || total > bytes) && !spared.contains(&snapshot.path) {
            remove(&snapshot)?;
            removed.push(snapshot);
        }
    }
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(removed) };
    for path in entries.flatten().map(|e| e.path()) {
        let unfinished = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(PART))
            || (path.extension().is_some_and(|e| e == "rdb") && !path.with_extension("json").exists());
        // A day: another opsctl may be at it just now.
        let old = path
            .metadata()
            .and_then(|m| m.modified())
            .is_ok_and(|t| t.elapsed().is_ok_and(|age| age > Duration::from_hours(24)));
        if unfinished && old {
            std::fs::remove_file(&path).with_context(|| format!("could not remove {}", path.display()))?;
        }
    }
    Ok(removed)
}

/// Removes a snapshot: the description first, so that what is left of a torn removal is none.
pub fn remove(snapshot: &Snapshot) -> Result<()> {
    for path in [snapshot.path.with_extension("json"), snapshot.path.clone()] {
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("could not remove {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The snapshot of this path, proven to be whole and as it was taken.
pub async fn sound(path: &Path) -> Result<Snapshot> {
    let path = path.to_owned();
    let look = tokio::task::spawn_blocking(move || {
        let snapshot = read(&path)?;
        check(&snapshot)?;
        Ok(snapshot)
    });
    look.await.context("the check of the snapshot did not end")?
}

/// Walks through a snapshot again and compares it with its description.
pub fn check(snapshot: &Snapshot) -> Result<()> {
    let name = snapshot.path.display();
    let (holds, sha256) = examine(&snapshot.path).with_context(|| format!("the snapshot {name}"))?;
    if sha256 != snapshot.meta.sha256 || holds != snapshot.meta.holds {
        return Err(Problem::new(
            Code::Snapshot,
            format!("the snapshot {name} is not the file that was saved: its sha256 differs"),
        )
        .into());
    }
    Ok(())
}

/// Puts a snapshot back into the master at `addr`; `progress` gets keys done and keys in all.
///
/// Its keys replace those of the same name, the others stay. The snapshot is checked as a whole before the first
/// write. Keys whose time is over by now are left out, the others keep theirs. Afterwards every database is
/// counted.
pub async fn restore(
    snapshot: &Snapshot,
    addr: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<Restored> {
    let began = Instant::now();
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
        keys: 0,
        expired: 0,
        functions: 0,
        touched: Vec::new(),
        replicas,
        acked: replicas,
    };
    while let Some(batch) = items.recv().await {
        writer.send(batch).await?;
        progress(writer.keys + writer.expired, snapshot.meta.holds.keys);
    }
    walking.await.context("the reading of the snapshot did not end")??;
    writer.finish(snapshot, began).await
}

/// A newer redis' values cannot be read by an older one: said before the first write.
async fn readable(link: &mut Link, addr: &str, snapshot: &Snapshot) -> Result<()> {
    // The payload of FUNCTION DUMP ends like any other: version of the format, then checksum.
    let reply = link::ask::<Vec<u8>>(link, addr, redis::cmd("FUNCTION").arg("DUMP")).await;
    let Ok(payload) = reply else { return Ok(()) };
    let Some(version) = payload.len().checked_sub(10).and_then(|at| payload.get(at..at + 2)) else {
        return Ok(());
    };
    let theirs = u16::from_le_bytes([version[0], version[1]]);
    let ours = snapshot.meta.holds.rdb_version;
    if ours > theirs {
        return Err(Problem::new(Code::DataNotBack, format!(
            "the snapshot is of redis {} (RDB version {ours}); the redis at {addr} is older and reads version {theirs} at most",
            snapshot.meta.holds.redis_version
        ))
        .into());
    }
    Ok(())
}

/// What goes to redis in one round trip; all of one database.
struct Batch {
    db: u64,
    entries: Vec<Entry>,
    functions: Vec<Vec<u8>>,
}

/// Reads the snapshot into batches; two at most are waiting, so memory holds a few batches, or the
/// largest single value.
fn walk(path: &Path, batches: &mpsc::Sender<Batch>) -> Result<()> {
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
    keys: u64,
    expired: u64,
    functions: u64,
    /// Databases written to, with the keys of each that are still to be there.
    touched: Vec<(u64, u64)>,
    replicas: usize,
    acked: usize,
}

impl Restorer<'_> {
    async fn send(&mut self, batch: Batch) -> Result<()> {
        if batch.db != self.db {
            self.settle().await?;
            self.link = link::connect_db(self.addr, batch.db).await?;
            self.db = batch.db;
        }
        for code in &batch.functions {
            let mut load = redis::cmd("FUNCTION");
            load.arg("LOAD").arg("REPLACE").arg(code.as_slice());
            let _: Value = link::ask(&mut self.link, self.addr, &load).await?;
            self.functions += 1;
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
            let cmd = pipeline.cmd("RESTORE").arg(&entry.key).arg(expires).arg(&entry.payload).arg("REPLACE");
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
                let why = e.details().map_or_else(|| e.code().to_owned(), |d| format!("{} {d}", e.code()));
                let key = super::commands::shown(key);
                return Err(Problem::new(
                    Code::ImportedInPart,
                    format!("redis at {} refused to restore {key}: {why}", self.addr),
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

    /// Waits for the replicas, on the connection that wrote.
    async fn settle(&mut self) -> Result<()> {
        let acked = link::acknowledged(&mut self.link, self.addr, self.replicas, link::PATIENCE).await?;
        self.acked = self.acked.min(acked);
        Ok(())
    }

    async fn finish(mut self, snapshot: &Snapshot, began: Instant) -> Result<Restored> {
        self.settle().await?;
        let expected = snapshot.meta.holds.keys;
        if self.keys + self.expired != expected {
            return Err(Problem::new(
                Code::DataNotBack,
                format!(
                    "{} keys were restored and {} had expired; the snapshot holds {expected}",
                    self.keys, self.expired
                ),
            )
            .into());
        }
        let databases = link::info(&mut self.link, self.addr, "keyspace").await?.databases();
        for (db, put) in &self.touched {
            let there = databases.get(db).map_or(0, |(keys, _)| *keys);
            // Keys may expire meanwhile, and others may write.
            let expiring = snapshot.meta.holds.databases.get(db).map_or(0, |k| k.expiring);
            if there < put.saturating_sub(expiring) {
                return Err(Problem::new(
                    Code::DataNotBack,
                    format!(
                        "{put} keys were restored into database {db} of {}, but it counts {there}",
                        self.addr
                    ),
                )
                .into());
            }
        }
        Ok(Restored {
            keys: self.keys,
            expired: self.expired,
            functions: self.functions,
            took: began.elapsed(),
            replicas: self.replicas,
            replicas_acked: self.acked,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, class_of};
    use crate::redis::testing::RedisServer;
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    fn origin() -> Origin {
        Origin { cluster: Some("7c1e04".into()), source: "test".into(), reason: "a test".into() }
    }

    /// A redis with every type in every encoding that data can bring about, in two databases.
    fn full() -> RedisServer {
        filled(5000)
    }

    /// The same with collections of about so many elements.
    fn filled(size: usize) -> RedisServer {
        let server = RedisServer::start(&[
            "--hash-max-listpack-entries",
            "4",
            "--zset-max-listpack-entries",
            "4",
            "--list-max-listpack-size",
            "8",
        ]);
        let mut script = String::new();
        let many = |n: usize, each: &dyn Fn(usize) -> String| (0..n).map(each).collect::<Vec<_>>().join(" ");
        let _ = writeln!(script, "SET string plain");
        let _ = writeln!(script, "SET number 12345");
        let _ = writeln!(script, "SET small -7");
        let _ = writeln!(script, "SET \"bin\\x00\\xff\\r\\nkey\" \"\\x00\\x01\\xfe\\xff\\r\\n\"");
        let _ = writeln!(script, "SET 12345678 \"a key that is a number\"");
        let _ = writeln!(script, "SET 300 int16");
        let _ = writeln!(script, "SET {} long-key-that-packs", "abcdefgh".repeat(20));
        let _ = writeln!(script, "SET packs {}", "0123456789".repeat(size));
        let _ = writeln!(script, "SET empty \"\"");
        let _ = writeln!(script, "RPUSH list:small a b \"\\x00c\"");
        let _ = writeln!(script, "RPUSH list:large {}", many(size, &|n| format!("element-{n}")));
        let _ = writeln!(script, "RPUSH list:plain {} b", "y".repeat(size * 14));
        let _ = writeln!(script, "SADD set:numbers 1 2 300 70000 5000000000");
        let _ = writeln!(script, "SADD set:small a b c");
        let _ = writeln!(script, "SADD set:large {}", many(size / 5, &|n| format!("member-{n}")));
        let _ = writeln!(script, "HSET hash:small f v g w");
        let _ = writeln!(script, "HSET hash:large {}", many(size / 15, &|n| format!("f{n} {}", n * n)));
        let _ = writeln!(script, "ZADD zset:small 1 a 2.5 b -inf c +inf d");
        let _ = writeln!(script, "ZADD zset:large {}", many(size / 10, &|n| format!("{}.125 m{n}", n * 3)));
        let _ = writeln!(script, "GEOADD geo 13.361389 38.115556 Palermo");
        let _ = writeln!(script, "PFADD hll:sparse a b c");
        let _ = writeln!(script, "PFADD hll:dense {}", many(size, &|n| format!("v{n}")));
        let _ = writeln!(script, "SETBIT bits {} 1", size * 8);
        for n in 1..=size / 10 {
            let _ = writeln!(script, "XADD stream {n}-1 f v{n} g w");
        }
        let _ = writeln!(script, "XDEL stream 5-1 9-1");
        let _ = writeln!(script, "XGROUP CREATE stream workers 0");
        let _ = writeln!(script, "XGROUP CREATE stream idle $");
        let _ = writeln!(script, "XREADGROUP GROUP workers alice COUNT 7 STREAMS stream >");
        let _ = writeln!(script, "XREADGROUP GROUP workers bob COUNT 2 STREAMS stream >");
        let _ = writeln!(script, "XACK stream workers 2-1");
        let _ = writeln!(script, "XADD stream:empty 1-1 f v");
        let _ = writeln!(script, "XDEL stream:empty 1-1");
        let _ = writeln!(script, "SET ttl:long v EX 1000000");
        let _ = writeln!(script, "HSET ttl:hash f v");
        let _ = writeln!(script, "PEXPIREAT ttl:hash 4102444800123");
        let _ = writeln!(script, "HSET opsctl:imports abc {{}}");
        let _ = writeln!(script, "SELECT 9");
        let _ = writeln!(script, "SET other \"in database 9\"");
        let _ = writeln!(script, "SADD other:set a");
        let out = server.cli(script.as_bytes());
        assert!(!out.contains("ERR") && !out.contains("WRONGTYPE"), "{out}");
        let code = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";
        server.ask::<String>(&["FUNCTION", "LOAD", code]);
        server
    }

    const KEYS: u64 = 29;

    async fn taken(server: &RedisServer) -> (tempfile::TempDir, Snapshot) {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = take(dir.path(), &server.addr(), origin(), |_| {}).await.unwrap();
        (dir, snapshot)
    }

    /// Everything there is, by redis' own reckoning: a digest of all data, and each time to live.
    fn everything(server: &RedisServer) -> (String, BTreeMap<Vec<u8>, i64>) {
        let digest = server.cli(b"DEBUG DIGEST\n");
        assert_eq!(digest.trim().len(), 40);
        let mut link =
            redis::Client::open(format!("redis://{}", server.addr())).unwrap().get_connection().unwrap();
        let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query(&mut link).unwrap();
        let times = keys.into_iter().map(|k| {
            let at: i64 = redis::cmd("PEXPIRETIME").arg(&k).query(&mut link).unwrap();
            (k, at)
        });
        (digest, times.collect())
    }

    #[tokio::test]
    async fn every_type_time_to_live_database_and_function_comes_back() {
        let server = full();
        let (dir, snapshot) = taken(&server).await;
        let holds = &snapshot.meta.holds;
        assert_eq!((holds.keys, holds.expiring, holds.functions), (KEYS, 2, 1));
        assert_eq!(holds.databases.keys().copied().collect::<Vec<_>>(), [0, 9]);
        assert_eq!(
            holds.types.keys().map(String::as_str).collect::<Vec<_>>(),
            ["hash", "list", "set", "stream", "string", "zset"]
        );
        assert!(holds.checksum);
        assert_eq!(list(dir.path()).unwrap().snapshots, std::slice::from_ref(&snapshot));

        let target = RedisServer::start(&["--appendonly", "yes"]);
        let replica = target.replica(&[]);
        let mut last = (0, 0);
        let restored = restore(&snapshot, &target.addr(), |n, of| last = (n, of)).await.unwrap();
        assert_eq!((restored.keys, restored.expired, restored.functions), (KEYS, 0, 1));
        assert_eq!((restored.replicas, restored.replicas_acked), (1, 1));
        assert_eq!(last, (KEYS, KEYS));
        let before = everything(&server);
        assert_eq!(before.1[&b"ttl:hash"[..].to_vec()], 4_102_444_800_123);
        assert_eq!(everything(&target), before);
        assert_eq!(everything(&replica), before);
        assert_eq!(target.ask::<i64>(&["FCALL", "f", "0"]), 1);
        let groups = |s: &RedisServer| s.cli(b"XINFO STREAM stream FULL\n");
        let (theirs, ours) = (groups(&server), groups(&target));
        assert!(theirs.contains("alice"));
        assert_eq!(theirs.lines().count(), ours.lines().count());
    }

    /// Both came after redis 7.0: with an older server only the absence of the commands is seen.
    #[tokio::test]
    async fn fields_that_expire_and_vector_sets_come_back_where_redis_has_them() {
        let server = RedisServer::start(&["--hash-max-listpack-entries", "4"]);
        let knows =
            |command: &str| !server.cli(format!("COMMAND INFO {command}\n").as_bytes()).trim().is_empty();
        let mut keys = 0;
        if knows("HPEXPIREAT") {
            server.cli(
                b"HSET packed a 1 b 2\nHPEXPIREAT packed 4102444800123 FIELDS 1 a\n\
                  HSET table a 1 b 2 c 3 d 4 e 5 f 6\nHPEXPIREAT table 4102444800456 FIELDS 1 f\n",
            );
            keys += 2;
        }
        if knows("VADD") {
            server.cli(b"VADD vectors VALUES 3 0.1 0.2 0.3 one\nVADD vectors VALUES 3 0.3 0.2 0.1 two SETATTR '{\"n\":2}'\n");
            keys += 1;
        }
        let (_dir, snapshot) = taken(&server).await;
        assert_eq!(snapshot.meta.holds.keys, keys);
        let target = RedisServer::start(&[]);
        restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
        for ask in [
            "HPEXPIRETIME packed FIELDS 2 a b\nHGETALL packed\n",
            "HPEXPIRETIME table FIELDS 2 e f\n",
            "VCARD vectors\nVGETATTR vectors two\nVEMB vectors one\n",
        ] {
            assert_eq!(target.cli(ask.as_bytes()), server.cli(ask.as_bytes()));
        }
        assert_eq!(knows("VADD"), server.cli(b"VCARD vectors\n").trim() == "2");
        assert_eq!(
            knows("HPEXPIREAT"),
            server.cli(b"HPEXPIRETIME table FIELDS 1 f\n").trim() == "4102444800456"
        );
    }

    #[tokio::test]
    async fn what_was_put_back_survives_a_restart_with_an_append_only_file() {
        let server = full();
        let (_dir, snapshot) = taken(&server).await;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let mut target = RedisServer::start_in(dir, &["--appendonly", "yes", "--appendfsync", "always"]);
        restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
        target.kill();
        let copy = tempfile::tempdir().unwrap();
        let copied =
            std::process::Command::new("cp").arg("-a").arg(path.join(".")).arg(copy.path()).status().unwrap();
        assert!(copied.success());
        let again = RedisServer::start_in(copy, &["--appendonly", "yes"]);
        assert_eq!(everything(&again), everything(&server));
    }

    #[tokio::test]
    async fn the_file_is_one_that_any_redis_loads() {
        let server = full();
        let (_dir, snapshot) = taken(&server).await;
        let checked = std::process::Command::new("redis-check-rdb").arg(&snapshot.path).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(&snapshot.path, dir.path().join("dump.rdb")).unwrap();
        let other = RedisServer::start_in(dir, &[]);
        assert_eq!(everything(&other), everything(&server));
    }

    #[tokio::test]
    async fn a_snapshot_by_way_of_a_file_on_the_server_is_the_same() {
        let server = full();
        server.ask::<()>(&["CONFIG", "SET", "repl-diskless-sync", "no"]);
        let (_dir, snapshot) = taken(&server).await;
        assert_eq!(snapshot.meta.holds.keys, KEYS);
    }

    #[tokio::test]
    async fn an_empty_redis_has_a_snapshot_too() {
        let (server, target) = (RedisServer::start(&[]), RedisServer::start(&[]));
        let (_dir, snapshot) = taken(&server).await;
        assert_eq!(snapshot.meta.holds.keys, 0);
        let restored = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
        assert_eq!(restored.keys, 0);
    }

    #[tokio::test]
    async fn it_is_one_moment_of_a_redis_that_is_being_written_to() {
        let server = RedisServer::start(&[]);
        let addr = server.addr();
        let mut script = String::new();
        for n in 0..3000 {
            let _ = writeln!(script, "SET filler:{n} {}", "x".repeat(100));
        }
        server.cli(script.as_bytes());
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (flag, to) = (stop.clone(), addr.clone());
        let (begun, begins) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || {
            let mut link = redis::Client::open(format!("redis://{to}")).unwrap().get_connection().unwrap();
            let mut n = 0_u64;
            while !flag.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                // Both or neither: at no moment do they differ.
                let () = redis::pipe()
                    .atomic()
                    .set("first", n)
                    .set(format!("z:{n}"), n)
                    .set("last", n)
                    .query(&mut link)
                    .unwrap();
                let _ = begun.send(());
            }
        });
        begins.recv().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut snapshots = Vec::new();
        for _ in 0..2 {
            snapshots.push(take(dir.path(), &addr, origin(), |_| {}).await.unwrap());
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        writer.join().unwrap();
        for snapshot in snapshots {
            let target = RedisServer::start(&[]);
            restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
            let (first, last): (u64, u64) = (target.ask(&["GET", "first"]), target.ask(&["GET", "last"]));
            assert_eq!(first, last);
            assert_eq!(snapshot.meta.holds.keys, 3000 + 2 + first);
        }
    }

    #[tokio::test]
    async fn a_file_cut_short_anywhere_or_with_any_byte_changed_is_refused_before_a_write() {
        let server = filled(100);
        let (_dir, snapshot) = taken(&server).await;
        let whole = std::fs::read(&snapshot.path).unwrap();
        // Every position at both ends, where the structure is dense, and a spread in between.
        let n = whole.len();
        let positions: Vec<usize> = (0..250).chain((250..n - 250).step_by(13)).chain(n - 250..n).collect();
        for &at in &positions {
            assert!(summarise(&whole[..at]).is_err(), "cut short at {at} of {n}");
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            assert!(summarise(&changed[..]).is_err(), "changed at {at} of {n}");
        }
        let longer = [&whole[..], b"x"].concat();
        assert!(summarise(&longer[..]).is_err());
        assert_eq!(summarise(&whole[..]).unwrap(), snapshot.meta.holds);

        // Without a checksum of redis' own the structure alone has to notice a cut.
        let mut bare = whole.clone();
        bare[n - 8..].fill(0);
        assert!(!summarise(&bare[..]).unwrap().checksum);
        for &at in &positions {
            assert!(summarise(&bare[..at]).is_err(), "cut short at {at} of {n}");
        }

        let target = RedisServer::start(&[]);
        for damaged in [&whole[..n / 2], &longer, &bare, &{
            let mut changed = whole.clone();
            changed[n / 2] ^= 1;
            changed
        }] {
            std::fs::write(&snapshot.path, damaged).unwrap();
            let error = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap_err();
            assert!(format!("{error:#}").contains("the snapshot"), "{error:#}");
        }
        assert_eq!(target.ask::<u64>(&["DBSIZE"]), 0);
        std::fs::write(&snapshot.path, &whole).unwrap();
        restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
    }

    #[tokio::test]
    async fn keys_whose_time_is_over_are_left_out_and_counted() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET stays 1\nSET goes 1 PX 1\nSET lives 1 EX 1000\nDEBUG SET-ACTIVE-EXPIRE 0\nSET goes 1 PX 300\n");
        let (_dir, snapshot) = taken(&server).await;
        assert_eq!(snapshot.meta.holds.keys, 3);
        // The time to live itself is what is tested.
        tokio::time::sleep(Duration::from_millis(350)).await;
        let target = RedisServer::start(&[]);
        let restored = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap();
        assert_eq!((restored.keys, restored.expired), (2, 1));
        assert_eq!(target.ask::<Option<String>>(&["GET", "goes"]), None);
        assert!(target.ask::<i64>(&["TTL", "lives"]) > 900);
    }

    #[tokio::test]
    async fn keys_of_the_same_name_are_replaced_and_others_stay() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a old\nSET b old\n");
        let (_dir, snapshot) = taken(&server).await;
        server.cli(b"SET a new\nDEL b\nSET c new\n");
        restore(&snapshot, &server.addr(), |_, _| {}).await.unwrap();
        let values: Vec<String> = server.ask(&["MGET", "a", "b", "c"]);
        assert_eq!(values, ["old", "old", "new"]);
    }

    #[tokio::test]
    async fn a_replica_gives_a_snapshot_but_takes_none() {
        let server = full();
        let replica = server.replica(&[]);
        let (_dir, snapshot) = taken(&replica).await;
        assert_eq!(snapshot.meta.holds.keys, KEYS);
        let error = restore(&snapshot, &replica.addr(), |_, _| {}).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
    }

    #[tokio::test]
    async fn a_snapshot_of_a_newer_redis_is_refused_before_a_write() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a 1\n");
        let (_dir, mut snapshot) = taken(&server).await;
        // As a redis of the future would have written it.
        let mut bytes = std::fs::read(&snapshot.path).unwrap();
        bytes[5..9].copy_from_slice(b"0099");
        let n = bytes.len();
        let sum = super::super::crc64::update(0, &bytes[..n - 8]);
        bytes[n - 8..].copy_from_slice(&sum.to_le_bytes());
        std::fs::write(&snapshot.path, &bytes).unwrap();
        snapshot.meta.holds.rdb_version = 99;
        snapshot.meta.sha256 = hex(&Sha256::digest(&bytes));
        let target = RedisServer::start(&[]);
        let error = restore(&snapshot, &target.addr(), |_, _| {}).await.unwrap_err();
        assert!(error.to_string().contains("is older and reads version"), "{error}");
        assert_eq!(target.ask::<u64>(&["DBSIZE"]), 0);
    }

    #[tokio::test]
    async fn a_server_that_stops_in_the_middle_leaves_no_snapshot() {
        for sends in [
            &b"+OK\r\n+OK\r\n$1000\r\nREDIS0010"[..],
            b"+OK\r\n+OK\r\n\n\n$EOF:0123456789012345678901234567890123456789\r\nREDIS0010\xfa\x00\x00\xff",
            b"+OK\r\n+OK\r\n-NOMASTERLINK Can't SYNC while not connected with my master\r\n",
            b"+OK\r\n-ERR Unrecognized\r\n",
            b"+OK\r\n+OK\r\n$EOF:short\r\n",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
        ] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap().to_string();
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0; 18];
                stream.read_exact(&mut asked).await.unwrap();
                stream.write_all(sends).await.unwrap();
                stream.shutdown().await.unwrap();
                // Until the client closes too: a reset would discard what was sent.
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
            });
            let dir = tempfile::tempdir().unwrap();
            assert!(take(dir.path(), &addr, origin(), |_| {}).await.is_err());
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
            server.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_replica_without_its_master_gives_a_copy_and_keeps_what_it_has() {
        let mut master = RedisServer::start(&[]);
        master.cli(b"MSET a 1 b 2\n");
        let replica = master.replica(&[]);
        master.kill();
        let dir = tempfile::tempdir().unwrap();
        // It notices a moment later.
        let began = Instant::now();
        while take(dir.path(), &replica.addr(), origin(), |_| {}).await.is_ok() {
            assert!(began.elapsed() < Duration::from_secs(30), "it gives copies without a master");
        }
        let snapshot = take_orphaned(dir.path(), &replica.addr(), origin(), |_| {}).await.unwrap();
        assert_eq!(snapshot.meta.holds.keys, 2);
        assert_eq!(replica.ask::<u64>(&["DBSIZE"]), 2);
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_of_rdb_only_still_gives_its_data() {
        let server = full();
        let (_dir, snapshot) = taken(&server).await;
        let rdb = std::fs::read(&snapshot.path).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let bytes = rdb.clone();
        let old = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mark = "0123456789abcdef0123456789abcdef01234567";
            stream.write_all(b"+OK\r\n-ERR Unrecognized REPLCONF option: rdb-only\r\n\n\n").await.unwrap();
            stream.write_all(format!("$EOF:{mark}\r\n").as_bytes()).await.unwrap();
            // The mark comes in two pieces.
            stream.write_all(&bytes).await.unwrap();
            stream.write_all(&mark.as_bytes()[..17]).await.unwrap();
            stream.flush().await.unwrap();
            stream.write_all(&mark.as_bytes()[17..]).await.unwrap();
            stream
        });
        let dir = tempfile::tempdir().unwrap();
        let copy = take(dir.path(), &addr, origin(), |_| {}).await.unwrap();
        assert_eq!(std::fs::read(&copy.path).unwrap(), rdb);
        drop(old.await);
    }

    fn kept(dir: &Path, second: i64, bytes: u64) -> Snapshot {
        let at = Timestamp::from_second(1_790_000_000 + second).unwrap();
        let path = dir.join(format!("redis-{second}.rdb"));
        let file = File::create(&path).unwrap();
        file.set_len(bytes).unwrap();
        let holds = Summary { bytes, ..Summary::default() };
        let meta = Meta { schema: 1, at, origin: origin(), addr: "a:1".into(), sha256: String::new(), holds };
        std::fs::write(path.with_extension("json"), serde_json::to_string(&meta).unwrap()).unwrap();
        Snapshot { path, meta }
    }

    #[test]
    fn the_newest_are_kept_within_count_and_size() {
        let dir = tempfile::tempdir().unwrap();
        let all: Vec<_> = (0..7).map(|n| kept(dir.path(), n, 100)).collect();
        let listed = list(dir.path()).unwrap().snapshots;
        assert_eq!(
            listed.iter().map(|s| s.meta.at).collect::<Vec<_>>(),
            all.iter().rev().map(|s| s.meta.at).collect::<Vec<_>>()
        );
        let removed = prune(dir.path(), 5, 1000, &[]).unwrap();
        assert_eq!(removed, [all[1].clone(), all[0].clone()]);
        assert_eq!(prune(dir.path(), 5, 250, &[]).unwrap().len(), 3);
        assert_eq!(prune(dir.path(), 5, 10, &[]).unwrap().len(), 1);
        // The newest stays, whatever its size.
        assert_eq!(list(dir.path()).unwrap().snapshots, [all[6].clone()]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn damaged_descriptions_are_listed_as_such_and_hide_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let good = kept(dir.path(), 1, 10);
        let torn = kept(dir.path(), 2, 10).path.with_extension("json");
        std::fs::write(&torn, "{\"schema\":1,").unwrap();
        let gone = kept(dir.path(), 3, 10);
        std::fs::remove_file(&gone.path).unwrap();
        let short = kept(dir.path(), 4, 10);
        std::fs::write(&short.path, b"x").unwrap();
        let newer = kept(dir.path(), 5, 10);
        let text = std::fs::read_to_string(newer.path.with_extension("json")).unwrap();
        std::fs::write(newer.path.with_extension("json"), text.replace("\"schema\":1", "\"schema\":2"))
            .unwrap();
        let listing = list(dir.path()).unwrap();
        assert_eq!(listing.snapshots, [good]);
        assert_eq!(listing.damaged.len(), 4);
        assert!(list(&dir.path().join("none")).unwrap().snapshots.is_empty());
    }

    #[test]
    fn leftovers_of_a_killed_run_go_after_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let names = [".part-old", ".part-new", "orphan-old.rdb", "orphan-new.rdb"];
        for name in names {
            let file = File::create(dir.path().join(name)).unwrap();
            if name.contains("old") {
                file.set_modified(std::time::SystemTime::now() - Duration::from_secs(100_000)).unwrap();
            }
        }
        prune(dir.path(), 5, 10, &[]).unwrap();
        let left: Vec<_> = names.iter().filter(|n| dir.path().join(n).exists()).collect();
        assert_eq!(left, [&".part-new", &"orphan-new.rdb"]);
    }
}
