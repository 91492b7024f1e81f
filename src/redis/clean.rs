//! Deletes all data of a master, and proves that none is left.

use std::collections::BTreeMap;

use anyhow::Result;
use redis::Value;

use super::link::{self, Link, RECORD};
use crate::error::problem;

/// Keys that one `SCAN` is asked for.
const STEP: usize = 1000;
/// Rounds through all databases before giving up against a writer that never stops.
const ROUNDS: usize = 5;

/// What a redis holds, for the question before it is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Keys in all databases, opsctl's own record not counted.
    pub keys: u64,
    /// By type: `string`, `list` …
    pub types: BTreeMap<String, u64>,
}

/// Counts keys by database and type. Nothing is changed; a replica can be asked as well.
pub async fn summary(addr: &str) -> Result<Summary> {
    let mut main = link::connect(addr).await?;
    let info = link::info(&mut main, addr, "keyspace").await?;
    let mut found = Summary::default();
    for db in info.databases().into_keys() {
        let mut link = link::connect_db(addr, db).await?;
        let mut cursor = 0;
        loop {
            let (next, page) = scan(&mut link, addr, cursor).await?;
            let page: Vec<_> = page.into_iter().filter(|k| db != 0 || k != RECORD.as_bytes()).collect();
            if !page.is_empty() {
                let mut types = redis::pipe();
                for key in &page {
                    types.cmd("TYPE").arg(key);
                }
                for reply in link::each(&mut link, addr, &types, link::PATIENCE).await? {
                    // A key that expired in between has the type `none`.
                    if let Value::SimpleString(name) = reply
                        && name != "none"
                    {
                        found.keys += 1;
                        *found.types.entry(name).or_default() += 1;
                    }
                }
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
    }
    Ok(found)
}

/// Deletes every key of every database of the master at `addr`, and opsctl's record with them.
///
/// SCAN and UNLINK: a large redis keeps answering others meanwhile. Then every database must count
/// zero, at the replica (if one is named) as well. Functions are no data and stay.
pub async fn clean(addr: &str, replica: Option<&str>, mut progress: impl FnMut(u64, u64)) -> Result<()> {
    let mut main = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut main, addr, "clean").await?;
    // Without it there would be no proof: better before the first key goes.
    let mut follower = match replica {
        Some(replica) => Some((link::connect(replica).await?, replica)),
        None => None,
    };
    let total = link::count_keys(&mut main, addr).await?;
    let mut deleted = 0;
    progress(0, total);
    for _ in 0..ROUNDS {
        let databases = link::info(&mut main, addr, "keyspace").await?.databases();
        if databases.is_empty() {
            break;
        }
        for db in databases.into_keys() {
            let mut link = link::connect_db(addr, db).await?;
            let mut cursor = 0;
            loop {
                let (next, page) = scan(&mut link, addr, cursor).await?;
                if !page.is_empty() {
                    let ours = u64::from(db == 0 && page.iter().any(|k| k == RECORD.as_bytes()));
                    let gone: u64 = link::ask(&mut link, addr, redis::cmd("UNLINK").arg(&page)).await?;
                    deleted += gone.saturating_sub(ours);
                    progress(deleted, total.max(deleted));
                }
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
            link::acknowledged(&mut link, addr, replicas, link::PATIENCE).await?;
        }
    }
    empty(&mut main, addr).await?;
    if let Some((link, replica)) = &mut follower {
        empty(link, replica).await?;
    }
    Ok(())
}

/// Somebody writes while all data is deleted.
#[derive(Clone, Copy, Debug)]
pub struct StillWritten;

/// An error unless no database holds a key.
async fn empty(link: &mut Link, addr: &str) -> Result<()> {
    let databases = link::info(link, addr, "keyspace").await?.databases();
    let left: u64 = databases.values().map(|(keys, _)| keys).sum();
    if left == 0 {
        return Ok(());
    }
    Err(problem!(Unwell, "{left} keys are left at {addr}: something is writing to it")
        .found(format!(
            "in databases {}",
            databases.keys().map(u64::to_string).collect::<Vec<_>>().join(", ")
        ))
        .caused_by(StillWritten)
        .into())
}

/// A page of keys, and the cursor of the next; 0 after the last.
pub(super) async fn scan(link: &mut Link, addr: &str, cursor: u64) -> Result<(u64, Vec<Vec<u8>>)> {
    link::ask(link, addr, redis::cmd("SCAN").arg(cursor).arg("COUNT").arg(STEP)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, class_of};
    use crate::redis::testing::RedisServer;
    use std::fmt::Write as _;

    #[tokio::test]
    async fn the_summary_counts_the_types_of_all_databases() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a 1\nSET b 2 EX 1000\nLPUSH l 1\nHSET opsctl:imports x y\nSELECT 3\nSADD s 1 2\n");
        let found = summary(&server.addr()).await.unwrap();
        assert_eq!(found.keys, 4);
        let types: Vec<_> = found.types.iter().map(|(t, n)| (t.as_str(), *n)).collect();
        assert_eq!(types, [("list", 1), ("set", 1), ("string", 2)]);
    }

    #[tokio::test]
    async fn clean_empties_every_database_here_and_at_the_replica() {
        let server = RedisServer::start(&[]);
        let replica = server.replica(&[]);
        let mut script = String::from("HSET opsctl:imports x y\n");
        for n in 0..2500 {
            let _ = writeln!(script, "SET k:{n} v EX 10000");
        }
        script.push_str("SELECT 7\nSET other 1\n");
        server.cli(script.as_bytes());
        let mut seen = (0, 0);
        clean(&server.addr(), Some(&replica.addr()), |n, of| seen = (n, of)).await.unwrap();
        assert_eq!(seen, (2501, 2501));
        for server in [&server, &replica] {
            assert_eq!(server.cli(b"INFO keyspace\n").trim(), "# Keyspace");
        }
        clean(&server.addr(), Some(&replica.addr()), |n, of| seen = (n, of)).await.unwrap();
        assert_eq!(seen, (0, 0));
    }

    #[tokio::test]
    async fn without_the_replica_that_is_named_nothing_is_deleted() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a 1\n");
        let gone = RedisServer::start(&[]);
        let addr = gone.addr();
        drop(gone);
        clean(&server.addr(), Some(&addr), |_, _| {}).await.unwrap_err();
        assert_eq!(server.ask::<u64>(&["DBSIZE"]), 1);
    }

    #[tokio::test]
    async fn a_replica_is_refused_and_keeps_its_data() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a 1\n");
        let replica = server.replica(&[]);
        let error = clean(&replica.addr(), None, |_, _| {}).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
        assert_eq!(replica.ask::<u64>(&["DBSIZE"]), 1);
    }

    #[tokio::test]
    async fn a_writer_that_never_stops_is_an_error_not_a_false_zero() {
        let server = RedisServer::start(&[]);
        let replica = RedisServer::start(&[]);
        // Stands for a replica that still holds data: nobody deletes there.
        replica.cli(b"SET a 1\n");
        let error = clean(&server.addr(), Some(&replica.addr()), |_, _| {}).await.unwrap_err();
        assert!(error.to_string().contains("1 keys are left"), "{error}");
    }
}
