//! A connection to a redis, and the questions that several parts ask.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo as _, Pipeline, RedisError,
    RedisResult, Value,
};

use super::address::host_port;
use super::role::{Role, role_of};
use crate::error::{Code, Problem, problem};

/// An open connection.
pub type Link = MultiplexedConnection;

/// The one key that opsctl keeps in a redis: a hash, what was imported by the sha256 of its file.
///
/// It lives beside the data so that it comes and goes with it. No count of keys that opsctl prints
/// includes it.
pub const RECORD: &str = "opsctl:imports";

/// The key that says how much of each file an import has written, in the database where it keeps former values.
pub(crate) const REACHED: &str = "opsctl:reached";

/// The key there that says of each copy where in its file the chunk began that made it.
pub(crate) const KEPT: &str = "opsctl:kept";

/// A key of the first database that is there only within a transaction: whether the keys of a chunk were new.
pub(crate) const NEW: &str = "opsctl:new";

/// How long a redis may take for an answer that needs no work.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a connection to `host:port`, database 0.
pub async fn connect(addr: &str) -> Result<Link> {
    connect_db(addr, 0).await
}

/// Opens a connection to one of the databases.
pub(crate) async fn connect_db(addr: &str, db: u64) -> Result<Link> {
    let (host, port) = host_port(addr)?;
    let info = (host, port).into_connection_info().map_err(|e| lost(addr, &e))?;
    // Without TCP_NODELAY small commands wait for the server's delayed acknowledgement.
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let settings =
        info.redis_settings().clone().set_db(i64::try_from(db).unwrap_or(i64::MAX)).set_skip_set_lib_name();
    let client = Client::open(info.set_redis_settings(settings)).map_err(|e| lost(addr, &e))?;
    // The library gives up on an answer after 500 ms; the limits here are each caller's own.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(5)))
        .set_response_timeout(None);
    let opening = Box::pin(client.get_multiplexed_async_connection_with_config(&config));
    answer(addr, Duration::from_secs(10), opening).await
}

/// Asks one command, with a limit on the wait.
pub(crate) async fn ask<T: FromRedisValue>(link: &mut Link, addr: &str, cmd: &Cmd) -> Result<T> {
    answer(addr, PATIENCE, cmd.query_async(link)).await
}

/// Sends a pipeline and returns each reply, error replies among them.
pub(crate) async fn each(
    link: &mut Link,
    addr: &str,
    pipeline: &Pipeline,
    limit: Duration,
) -> Result<Vec<Value>> {
    answer(addr, limit, link.send_packed_commands(pipeline, 0, pipeline.len())).await
}

/// Waits for an answer, but not for ever; the connection's errors become problems.
pub(crate) async fn answer<T>(
    addr: &str,
    limit: Duration,
    asked: impl Future<Output = RedisResult<T>>,
) -> Result<T> {
    within(addr, limit, asked).await?.map_err(|e| lost(addr, &e))
}

/// How long a chunk of so many bytes may take: a slow forwarded port does about 1 MB a second.
pub(crate) fn patience(bytes: u64) -> Duration {
    Duration::from_secs(60 + bytes / 1_000_000)
}

/// What redis said, as it said it: `WRONGTYPE Operation against a key …`.
pub(crate) fn said(e: &RedisError) -> String {
    match (e.code(), e.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => e.to_string(),
    }
}

fn lost(addr: &str, e: &RedisError) -> anyhow::Error {
    if e.code().is_some() {
        return problem!(RedisRefused, "redis at {addr} refused: {}", said(e)).into();
    }
    let what = if e.is_connection_refusal() || e.is_io_error() || e.is_timeout() {
        format!("no redis answers at {addr}: {e}")
    } else {
        format!("redis at {addr}: {e}")
    };
    Problem::new(Code::RedisAway, what).into()
}

/// What comes within the limit; else the error that this redis is silent.
pub(crate) async fn within<T>(addr: &str, limit: Duration, waiting: impl Future<Output = T>) -> Result<T> {
    let silent = || problem!(RedisSilent, "redis at {addr} did not answer within {} s", limit.as_secs());
    tokio::time::timeout(limit, waiting).await.map_err(|_| silent().into())
}

/// The fields of `INFO`; without sections, the default ones.
pub(crate) async fn info(link: &mut Link, addr: &str, section: &str) -> Result<Info> {
    let text: String = ask(link, addr, redis::cmd("INFO").arg(section)).await?;
    Ok(Info::parse(&text))
}

/// What `INFO` says, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info(BTreeMap<String, String>);

impl Info {
    fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|l| l.trim_end().split_once(':'));
        Self(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// The databases that hold keys: number → (keys, keys that expire).
    pub(crate) fn databases(&self) -> BTreeMap<u64, (u64, u64)> {
        let mut found = BTreeMap::new();
        for (name, fields) in &self.0 {
            let Some(db) = name.strip_prefix("db").and_then(|n| n.parse().ok()) else { continue };
            let field = |wanted: &str| {
                fields
                    .split(',')
                    .filter_map(|f| f.split_once('='))
                    .find(|(k, _)| *k == wanted)
                    .and_then(|(_, v)| v.parse().ok())
            };
            if let Some(keys) = field("keys") {
                found.insert(db, (keys, field("expires").unwrap_or(0)));
            }
        }
        found
    }
}

/// Number of keys in all databases, without opsctl's own record.
pub(crate) async fn count_keys(link: &mut Link, addr: &str) -> Result<u64> {
    let info = info(link, addr, "keyspace").await?;
    let all: u64 = info.databases().values().map(|(keys, _)| keys).sum();
    let ours: u64 = ask(link, addr, redis::cmd("EXISTS").arg(RECORD)).await?;
    Ok(all.saturating_sub(ours))
}

/// The server's role.
pub(crate) async fn role(link: &mut Link, addr: &str) -> Result<Role> {
    let value: Value = ask(link, addr, &redis::cmd("ROLE")).await?;
    role_of(&value).ok_or_else(|| {
        problem!(RedisRefused, "redis at {addr} answered ROLE with something else: {value:?}").into()
    })
}

/// An error unless the server is a master: what is written to a replica is refused, or lost.
pub(crate) async fn must_be_master(link: &mut Link, addr: &str, doing: &str) -> Result<usize> {
    match role(link, addr).await? {
        Role::Master { replicas, .. } => Ok(replicas.len()),
        Role::Replica { master, .. } => {
            Err(problem!(Usage, "{doing}: {addr} is a replica of {master}, and takes no writes").into())
        }
        Role::Sentinel => Err(problem!(Usage, "{doing}: {addr} is a sentinel, and holds no data").into()),
    }
}

/// How many replicas acknowledge everything written through this connection within the limit.
///
/// `WAIT` speaks for the writes of its own connection alone, so it is asked on the one that wrote.
pub(crate) async fn acknowledged(
    link: &mut Link,
    addr: &str,
    replicas: usize,
    limit: Duration,
) -> Result<usize> {
    if replicas == 0 {
        return Ok(0);
    }
    let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let mut wait = redis::cmd("WAIT");
    wait.arg(replicas).arg(milliseconds);
    answer(addr, limit + PATIENCE, wait.query_async(link)).await
}

/// The same, and how many of the replicas count: who left meanwhile, as in a rolling restart, copies all of it when it
/// comes again. One at least must be there that has it.
pub(crate) async fn settled(
    link: &mut Link,
    addr: &str,
    replicas: usize,
    limit: Duration,
) -> Result<(usize, usize)> {
    let by = acknowledged(link, addr, replicas, limit).await?;
    if by == 0 || by >= replicas {
        return Ok((by, replicas));
    }
    let others_left =
        matches!(role(link, addr).await?, Role::Master { replicas, .. } if replicas.len() <= by);
    Ok((by, if others_left { by } else { replicas }))
}

/// An error unless all of the replicas that are left acknowledge everything written through this connection within the
/// limit.
pub(crate) async fn all_acknowledge(
    link: &mut Link,
    addr: &str,
    replicas: usize,
    limit: Duration,
) -> Result<()> {
    let (by, of) = settled(link, addr, replicas, limit).await?;
    if by < of { Err(unacknowledged(by, of).into()) } else { Ok(()) }
}

/// The error of replicas that did not acknowledge what is written.
pub(crate) fn unacknowledged(by: usize, of: usize) -> Problem {
    problem!(NotAcknowledged, "all is written, but only {by} of {of} replicas acknowledged it in time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_host_and_port() {
        assert_eq!(host_port("192.168.49.2:32400").unwrap(), ("192.168.49.2".into(), 32400));
        assert_eq!(host_port("[::1]:6379").unwrap(), ("::1".into(), 6379));
        for wrong in ["", "redis", ":6379", "redis:", "redis:0", "redis:65536", "redis:x"] {
            assert!(host_port(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn databases_are_read_from_the_keyspace_section() {
        let info = Info::parse("# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=0\r\ndb12:keys=1,expires=0\r\n");
        assert_eq!(info.databases(), BTreeMap::from([(0, (3, 1)), (12, (1, 0))]));
    }
}
