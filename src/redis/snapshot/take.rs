//! A snapshot taken: a full copy asked for as a new replica would, kept only when all of it was walked through.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::narrow::narrow;
use super::{Meta, Origin, PART, SCHEMA, Snapshot, examine};
use crate::error::problem;
use crate::redis::address::host_port;
use crate::redis::rdb::LONGEST;

/// A master that is saving sends a newline every ten seconds.
const SILENCE: Duration = Duration::from_mins(1);

/// Takes a snapshot of the redis at `addr` into `dir`; `progress` gets the bytes received.
///
/// It is kept only when its whole content has been walked through: every value, the number of keys
/// that redis announced for each database, the checksum.
pub async fn take(dir: &Path, addr: &str, origin: Origin, progress: impl FnMut(u64)) -> Result<Snapshot> {
    take_from(dir, addr, Giver::Any, origin, None, progress).await
}

/// The same of what was moved into other databases: as if it still lay in those that it came from. `moved` leads from
/// where it lies to where it was; nothing else is in the file, but for the functions.
pub(in crate::redis) async fn take_moved(
    dir: &Path,
    addr: &str,
    moved: &Moved,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Snapshot> {
    take_from(dir, addr, Giver::Any, origin, Some(moved), progress).await
}

/// What lies in other databases than it came from.
pub(in crate::redis) struct Moved {
    /// From where it lies to where it was.
    pub(in crate::redis) databases: BTreeMap<u64, u64>,
    /// Keys of opsctl's own among it.
    pub(in crate::redis) left_out: &'static [&'static str],
}

/// The same of a replica whose master is gone, and with it perhaps all other copies. Such a one gives no copy
/// before it follows nobody, which it does from then on; its data stays as it is.
pub async fn take_orphaned(
    dir: &Path,
    addr: &str,
    origin: Origin,
    progress: impl FnMut(u64),
) -> Result<Snapshot> {
    take_from(dir, addr, Giver::Orphan, origin, None, progress).await
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
    moved: Option<&Moved>,
    progress: impl FnMut(u64),
) -> Result<Snapshot> {
    make_dir(dir)?;
    let mut part = unfinished(dir)?;
    let at = Timestamp::now();
    receive(addr, giver, part.reopen()?, progress).await?;
    if let Some(Moved { databases, left_out }) = moved {
        let (databases, left_out, whole) = (databases.clone(), *left_out, part);
        let narrower = unfinished(dir)?;
        let narrowing = tokio::task::spawn_blocking(move || {
            let input = BufReader::with_capacity(1 << 16, whole.reopen()?);
            let output = BufWriter::with_capacity(1 << 16, narrower.reopen()?);
            narrow(input, output, &databases, left_out)?;
            anyhow::Ok(narrower)
        });
        part = narrowing.await.context("the writing of the snapshot did not end")??;
    }
    keep(dir, addr, part, at, origin).await
}

/// Keeps a file, if all of it can be walked through, with its description.
pub(super) async fn keep(
    dir: &Path,
    addr: &str,
    part: tempfile::NamedTempFile,
    at: Timestamp,
    origin: Origin,
) -> Result<Snapshot> {
    let checking = tokio::task::spawn_blocking(move || {
        part.as_file().sync_all().context("could not write the snapshot to the disk")?;
        let (holds, sha256) = examine(part.path())?;
        anyhow::Ok((part, holds, sha256))
    });
    let (part, holds, sha256) = checking.await.context("the check of the snapshot did not end")??;
    if holds.largest + 16 > LONGEST {
        return Err(problem!(Snapshot, "one value has {} bytes serialised; redis restores {LONGEST} at most, so the snapshot would be useless",
            holds.largest)
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

pub(super) fn unfinished(dir: &Path) -> Result<tempfile::NamedTempFile> {
    let made = tempfile::Builder::new().prefix(PART).tempfile_in(dir);
    made.with_context(|| format!("could not write to {}", dir.display()))
}

pub(super) fn make_dir(dir: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("could not make the folder {}", dir.display()))
}

/// Asks for a full copy as a new replica would, and writes it to a file.
async fn receive(addr: &str, giver: Giver, file: File, mut progress: impl FnMut(u64)) -> Result<()> {
    let failed = |e: std::io::Error| -> anyhow::Error {
        problem!(RedisAway, "redis at {addr} stopped sending its data: {e}").into()
    };
    let (host, port) = host_port(addr)?;
    let connecting = TcpStream::connect((host.as_str(), port));
    let stream = quiet(addr, connecting)
        .await?
        .map_err(|e| anyhow::Error::from(problem!(RedisAway, "no redis answers at {addr}: {e}")))?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut stream = tokio::io::BufReader::with_capacity(1 << 16, stream);
    if giver == Giver::Orphan {
        // Over the same connection: behind one address there may be several.
        stream.write_all(b"REPLICAOF NO ONE\r\n").await.map_err(failed)?;
        let said = line(addr, &mut stream).await?;
        if !said.starts_with("+OK") {
            return Err(problem!(RedisRefused, "redis at {addr} refused REPLICAOF NO ONE: {said}").into());
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
    let refused = || problem!(RedisRefused, "redis at {addr} sends no copy of its data: {head}");
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
    problem!(RedisAway, "redis at {addr} stopped sending its data after {received} bytes").into()
}

/// Waits, but not for ever.
async fn quiet<T>(addr: &str, waiting: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(SILENCE, waiting)
        .await
        .map_err(|_| problem!(RedisSilent, "redis at {addr} sent nothing for {} s", SILENCE.as_secs()).into())
}

async fn more<'a>(addr: &str, stream: &'a mut tokio::io::BufReader<TcpStream>) -> Result<&'a [u8]> {
    let read = quiet(addr, stream.fill_buf()).await?;
    read.map_err(|e| problem!(RedisAway, "redis at {addr} stopped sending its data: {e}").into())
}

/// A line without its end; an overlong one is no redis talking.
async fn line(addr: &str, stream: &mut tokio::io::BufReader<TcpStream>) -> Result<String> {
    let mut line = Vec::new();
    let mut limited = stream.take(4096);
    let read = quiet(addr, limited.read_until(b'\n', &mut line)).await?;
    read.map_err(|e| problem!(RedisAway, "redis at {addr} stopped sending its data: {e}"))?;
    if !line.ends_with(b"\n") {
        return Err(
            problem!(RedisAway, "what answers at {addr} is not redis, or it closed the connection").into()
        );
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
