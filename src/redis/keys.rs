//! What a redis holds: its keys, counted and listed.

use std::collections::BTreeMap;

use anyhow::Result;
use redis::Value;

use super::link::{self, Link, RECORD};
use crate::error::problem;

/// Keys that one `SCAN` is asked for.
const STEP: usize = 1000;

/// What a redis holds, for the question before it is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Keys in all databases, opsctl's own record not counted.
    pub keys: u64,
    /// By type: `string`, `list` …
    pub types: BTreeMap<String, u64>,
    /// Libraries of functions; a redis before 7.0 has none.
    pub functions: u64,
}

/// How many libraries of functions there are; a redis before 7.0 has none.
pub(super) async fn functions(addr: &str) -> Result<u64> {
    let mut link = link::connect(addr).await?;
    let libraries = link::ask::<Vec<Value>>(&mut link, addr, redis::cmd("FUNCTION").arg("LIST")).await;
    Ok(libraries.map_or(0, |libraries| libraries.len() as u64))
}

/// How many keys a redis holds, opsctl's own record not counted; as redis knows it, without a look at each.
pub async fn count(addr: &str) -> Result<u64> {
    link::count_keys(&mut link::connect(addr).await?, addr).await
}

/// Counts keys by database and type, with a look at each. Nothing is changed; a replica can be asked as well.
pub async fn summary(addr: &str) -> Result<Summary> {
    let mut main = link::connect(addr).await?;
    let info = link::info(&mut main, addr, "keyspace").await?;
    let mut found = Summary { functions: functions(addr).await?, ..Summary::default() };
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

/// An error unless the replica holds as many keys as its master, whose writes it has acknowledged.
pub async fn same_number(master: &str, replica: &str) -> Result<()> {
    let (mut here, mut there) = (link::connect(master).await?, link::connect(replica).await?);
    let (held, copied) =
        (link::count_keys(&mut here, master).await?, link::count_keys(&mut there, replica).await?);
    // Who writes meanwhile is ahead of the replica by a moment.
    if held > 0 || copied == 0 {
        return Ok(());
    }
    Err(problem!(Unwell, "{copied} keys are left at the replica {replica}, and none at its master").into())
}

/// A page of keys, and the cursor of the next; 0 after the last.
pub(super) async fn scan(link: &mut Link, addr: &str, cursor: u64) -> Result<(u64, Vec<Vec<u8>>)> {
    link::ask(link, addr, redis::cmd("SCAN").arg(cursor).arg("COUNT").arg(STEP)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;

    #[tokio::test]
    async fn the_summary_counts_the_types_of_all_databases() {
        let server = RedisServer::start(&[]);
        server.cli(b"SET a 1\nSET b 2 EX 1000\nLPUSH l 1\nHSET opsctl:imports x y\nSELECT 3\nSADD s 1 2\n");
        server
            .cli(b"FUNCTION LOAD \"#!lua name=f\\nredis.register_function('f', function() return 1 end)\"\n");
        let found = summary(&server.addr()).await.unwrap();
        assert_eq!((found.keys, found.functions), (4, 1));
        assert_eq!(count(&server.addr()).await.unwrap(), 4);
        let types: Vec<_> = found.types.iter().map(|(t, n)| (t.as_str(), *n)).collect();
        assert_eq!(types, [("list", 1), ("set", 1), ("string", 2)]);
    }

    #[tokio::test]
    async fn a_replica_that_still_holds_data_when_its_master_holds_none_is_an_error() {
        let master = RedisServer::start(&[]);
        // Nobody deletes there.
        let replica = RedisServer::start(&[]);
        same_number(&master.addr(), &replica.addr()).await.unwrap();
        replica.cli(b"SET a 1\n");
        let error = same_number(&master.addr(), &replica.addr()).await.unwrap_err();
        assert!(error.to_string().contains("1 keys are left at the replica"), "{error}");
    }
}
