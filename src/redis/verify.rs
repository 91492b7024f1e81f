//! Proves that replication works: what is written at the master is read at the replica.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::link;
use super::probe::probe;
use super::role::Role;
use crate::error::{Code, Problem, problem};

/// What was proven, and how long each part took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Both answered with the right role.
    pub roles: Duration,
    /// A write at the master.
    pub write: Duration,
    /// From the write until the replica acknowledged it.
    pub acknowledged: Duration,
    /// The value read at the replica.
    pub read: Duration,
}

/// Writes a key of its own at the master, waits for the replica, reads it there, deletes it.
///
/// The key expires by itself within a minute, should this be ended in between.
pub async fn verify(master: &str, replica: &str) -> Result<Verified> {
    let began = Instant::now();
    let (at_master, at_replica) = tokio::join!(probe(master), probe(replica));
    match (at_master?, at_replica?) {
        (Role::Master { .. }, Role::Replica { state, .. }) if state == "connected" => {}
        (Role::Master { .. }, Role::Replica { master: of, state, .. }) => {
            return Err(problem!(Unwell, "the replica at {replica} does not follow {of}: {state}").into());
        }
        (first, second) => {
            return Err(problem!(
                Unwell,
                "{master} should be a master and is a {}; {replica} should be a replica and is a {}",
                first.name(),
                second.name()
            )
            .into());
        }
    }
    let roles = began.elapsed();

    let mut link = link::connect(master).await?;
    let mut there = link::connect(replica).await?;
    let token = token();
    let key = format!("opsctl:verify:{token}");
    let began = Instant::now();
    let () = link::ask(&mut link, master, redis::cmd("SET").arg(&key).arg(&token).arg("EX").arg(60)).await?;
    let write = began.elapsed();
    let proven = async {
        let acked = link::acknowledged(&mut link, master, 1, Duration::from_secs(5)).await?;
        let acknowledged = began.elapsed();
        if acked == 0 {
            return Err::<_, anyhow::Error>(
                problem!(NotAcknowledged, "no replica acknowledged a write within 5 s").into(),
            );
        }
        let began = Instant::now();
        let value: Option<String> = link::ask(&mut there, replica, redis::cmd("GET").arg(&key)).await?;
        if value.as_ref() != Some(&token) {
            let what = format!("a write at {master} was acknowledged, but cannot be read at {replica}");
            return Err(Problem::new(Code::Unwell, what)
                .found("does the replica follow another master?")
                .into());
        }
        Ok(Verified { roles, write, acknowledged, read: began.elapsed() })
    }
    .await;
    // Taken back whether it was seen or not.
    let deleted: Result<()> = link::ask(&mut link, master, redis::cmd("DEL").arg(&key)).await;
    let proven = proven?;
    deleted?;
    Ok(proven)
}

/// A word that no other run uses.
fn token() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    // The standard library seeds its hash maps at random.
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{random:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;

    #[tokio::test]
    async fn a_write_is_seen_at_the_replica_and_nothing_is_left_behind() {
        let master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let verified = verify(&master.addr(), &replica.addr()).await.unwrap();
        assert!(verified.acknowledged >= verified.write);
        assert_eq!(master.ask::<u64>(&["DBSIZE"]), 0);
    }

    #[tokio::test]
    async fn a_replica_of_another_master_is_found_out() {
        let master = RedisServer::start(&[]);
        let _follower = master.replica(&[]);
        let other = RedisServer::start(&[]);
        let stranger = other.replica(&[]);
        let error = verify(&master.addr(), &stranger.addr()).await.unwrap_err().to_string();
        assert!(error.contains("cannot be read at"), "{error}");
        assert_eq!(master.ask::<u64>(&["DBSIZE"]), 0);
    }

    #[tokio::test]
    async fn two_masters_are_no_pair() {
        let (one, two) = (RedisServer::start(&[]), RedisServer::start(&[]));
        let error = verify(&one.addr(), &two.addr()).await.unwrap_err().to_string();
        assert!(error.contains("should be a replica and is a master"), "{error}");
    }
}
