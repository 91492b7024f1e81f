//! A snapshot of one database into which nobody else writes: read key by key, so that what it costs goes by what lies
//! there, not by all that the redis holds.

use std::collections::HashSet;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use redis::Value;
use sha2::{Digest as _, Sha256};

use super::narrow::{BEHIND, Sealed};
use super::take::{keep, make_dir, unfinished};
use super::{Origin, Snapshot};
use crate::error::problem;
use crate::redis::keys::scan;
use crate::redis::link;

/// Values of one round trip: few enough that they may be large.
const STEP: usize = 100;

/// Takes a snapshot of database `from`, as if it were database `to`, without the keys that are left out and without
/// functions; none where all of it has expired. `progress` gets the bytes of values so far.
pub(in crate::redis) async fn gather(
    dir: &Path,
    addr: &str,
    (from, to): (u64, u64),
    left_out: &[&str],
    origin: Origin,
    mut progress: impl FnMut(u64),
) -> Result<Option<Snapshot>> {
    make_dir(dir)?;
    let at = Timestamp::now();
    let part = unfinished(dir)?;
    let mut main = link::connect_db(addr, from).await?;
    let server = link::info(&mut main, addr, "server").await?;
    let mut out = None;
    let mut bytes = 0;
    // SCAN may return a key twice while its table is resized.
    let mut seen = HashSet::new();
    let mut cursor = 0;
    loop {
        let (next, mut page) = scan(&mut main, addr, cursor).await?;
        page.retain(|key| !left_out.iter().any(|own| own.as_bytes() == key));
        page.retain(|key| seen.insert(<[u8; 32]>::from(Sha256::digest(key))));
        for keys in page.chunks(STEP) {
            let mut ask = redis::pipe();
            for key in keys {
                ask.cmd("PEXPIRETIME").arg(key).cmd("DUMP").arg(key);
            }
            let replies = link::each(&mut main, addr, &ask, link::patience(1 << 30)).await?;
            for (key, said) in keys.iter().zip(replies.chunks(2)) {
                let (expires, payload) = match said {
                    [Value::Int(at), Value::BulkString(payload)] => (u64::try_from(*at).ok(), payload),
                    // Its time is over.
                    [Value::Int(_), Value::Nil] => continue,
                    other => {
                        return Err(problem!(
                            RedisRefused,
                            "redis at {addr} does not give a value: {other:?}"
                        )
                        .into());
                    }
                };
                let mut file = if let Some(file) = out.take() {
                    file
                } else {
                    let behind = payload.len().checked_sub(BEHIND).and_then(|at| payload.get(at..at + 2));
                    let version = behind.context("a value without its version")?;
                    begin(&part, u16::from_le_bytes([version[0], version[1]]), server.text("redis_version"))?
                };
                file.entry(to, expires, key, payload)?;
                out = Some(file);
                bytes += payload.len() as u64;
            }
            progress(bytes);
        }
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    let Some(file) = out else { return Ok(None) };
    file.end()?;
    keep(dir, addr, part, at, origin).await.map(Some)
}

fn begin(
    part: &tempfile::NamedTempFile,
    version: u16,
    redis: Option<&str>,
) -> Result<Sealed<BufWriter<std::fs::File>>> {
    let mut file = Sealed::begin(BufWriter::with_capacity(1 << 16, part.reopen()?), version)?;
    file.aux("redis-ver", redis.unwrap_or_default().as_bytes())?;
    Ok(file)
}
