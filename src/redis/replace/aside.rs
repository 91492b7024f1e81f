//! The databases into which keys are moved.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use redis::{Pipeline, Value};
use serde::{Deserialize, Serialize};

use crate::error::problem;
use crate::redis::Role;
use crate::redis::link::{self, Info, KEPT, REACHED};
use crate::redis::snapshot::Snapshot;

/// The key among the moved ones that says how far the replacement has come.
pub(super) const MARK: &str = "opsctl:aside";

/// Keys of opsctl's own there: they are not saved.
pub(super) const OWN: [&str; 3] = [MARK, REACHED, KEPT];

/// Why there is no room for what gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cramped {
    /// Every database is in use, or the wanted data needs it.
    Databases,
    /// `maxmemory` does not allow for both.
    Memory,
}

/// For each database that holds keys, one that holds none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aside {
    pub(super) databases: BTreeMap<u64, u64>,
}

impl Aside {
    /// Chooses databases of the redis at `addr` that neither hold keys nor will. An error where there are too few, or
    /// where the wanted data would not fit beside what is there: nothing is changed.
    pub async fn choose(addr: &str, wanted: Option<&Snapshot>) -> Result<Self> {
        let mut main = link::connect(addr).await?;
        let info = link::info(&mut main, addr, "all").await?;
        let used = info.databases().into_keys().collect();
        Self::beside(addr, &info, used, wanted).await
    }

    /// The same for keys of the first database alone, whether it holds any or not.
    pub async fn choose_for_main(addr: &str, wanted: Option<&Snapshot>) -> Result<Self> {
        let mut main = link::connect(addr).await?;
        let info = link::info(&mut main, addr, "all").await?;
        Self::beside(addr, &info, BTreeSet::from([0]), wanted).await
    }

    /// The database for what was in the first one.
    pub fn of_main(&self) -> Option<u64> {
        self.databases.get(&0).copied()
    }

    /// Databases in which imports have kept former values.
    pub async fn of_imports(addr: &str) -> Result<Vec<Self>> {
        let mut main = link::connect(addr).await?;
        let held = link::info(&mut main, addr, "keyspace").await?.databases();
        let mut found = Vec::new();
        for db in held.into_keys().filter(|db| *db > 0) {
            let mut link = link::connect_db(addr, db).await?;
            if link::ask::<u64>(&mut link, addr, redis::cmd("EXISTS").arg(REACHED)).await? > 0 {
                found.push(Self { databases: BTreeMap::from([(0, db)]) });
            }
        }
        Ok(found)
    }

    /// For each of the `used` databases one.
    async fn beside(addr: &str, info: &Info, used: BTreeSet<u64>, wanted: Option<&Snapshot>) -> Result<Self> {
        let mut main = link::connect(addr).await?;
        let mut taken = used.clone();
        taken.extend(info.databases().into_keys());
        taken.extend(wanted.iter().flat_map(|snapshot| snapshot.meta.holds.databases.keys()));
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("databases");
        let said: Vec<String> = link::ask(&mut main, addr, &ask).await.unwrap_or_default();
        let all: u64 = said.get(1).and_then(|n| n.parse().ok()).unwrap_or(16);
        let mut free = (0..all).rev().filter(|db| !taken.contains(db));
        let databases: BTreeMap<_, _> = used.iter().zip(&mut free).map(|(from, to)| (*from, to)).collect();
        if databases.len() < used.len() {
            return Err(problem!(
                RedisRefused,
                "redis at {addr} has {all} databases and uses {} of them: none is free for what gives way",
                info.databases().len()
            )
            .found("Nothing was touched: what gives way is moved aside before it is saved and deleted.")
            .caused_by(Cramped::Databases)
            .into());
        }
        let (limit, now) = (info.number("maxmemory").unwrap_or(0), info.number("used_memory").unwrap_or(0));
        // Its values take at least the bytes that they take in the file.
        let more = wanted.map_or(0, |snapshot| snapshot.meta.holds.bytes);
        if limit > 0 && !databases.is_empty() && now + more > limit {
            let mib = |bytes: u64| bytes >> 20;
            return Err(problem!(
                RedisRefused,
                "redis at {addr} uses {} of {} MiB, so {} MiB do not fit beside what is there",
                mib(now),
                mib(limit),
                mib(more)
            )
            .found("Nothing was touched: what gives way stays until the data in its place is complete.")
            .caused_by(Cramped::Memory)
            .into());
        }
        Ok(Self { databases })
    }

    /// Whether nothing lies there.
    pub async fn is_empty(&self, addr: &str) -> Result<bool> {
        let mut main = link::connect(addr).await?;
        let held = link::info(&mut main, addr, "keyspace").await?.databases();
        let keys: u64 = self.databases.values().filter_map(|db| held.get(db)).map(|(keys, _)| keys).sum();
        let Some(db) = self.databases.values().next() else { return Ok(true) };
        let mut link = link::connect_db(addr, *db).await?;
        let ours: u64 = link::ask(&mut link, addr, redis::cmd("EXISTS").arg(&OWN)).await?;
        Ok(keys <= ours)
    }

    /// Deletes what lies there; it must be saved by then.
    pub async fn drop(&self, addr: &str) -> Result<()> {
        for db in self.databases.values() {
            let mut link = link::connect_db(addr, *db).await?;
            let _: Value = link::ask(&mut link, addr, redis::cmd("FLUSHDB").arg("ASYNC")).await?;
            if let Role::Master { replicas, .. } = link::role(&mut link, addr).await? {
                link::all_acknowledge(&mut link, addr, replicas.len(), link::PATIENCE).await?;
            }
        }
        Ok(())
    }

    /// How many chunks of the wanted data are in place.
    pub(super) async fn chunks_done(&self, addr: &str) -> Result<u64> {
        let Some(db) = self.databases.values().next() else { return Ok(0) };
        let mut link = link::connect_db(addr, *db).await?;
        let done: Option<u64> = link::ask(&mut link, addr, redis::cmd("GET").arg(MARK)).await?;
        Ok(done.unwrap_or(0))
    }

    /// Notes within a transaction on database `db` that so many chunks are in place.
    pub(super) fn mark(&self, transaction: &mut Pipeline, chunks: u64, db: u64) {
        let Some(to) = self.databases.values().next() else { return };
        transaction.cmd("SELECT").arg(*to).cmd("SET").arg(MARK).arg(chunks).cmd("SELECT").arg(db);
    }
}
