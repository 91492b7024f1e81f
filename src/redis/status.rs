//! How master and replica are: roles, link, lag, keys, memory, persistence.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::link;
use super::role::Role;

/// How long each server may take to tell.
const LIMIT: Duration = Duration::from_secs(3);

/// One server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Where it was asked.
    pub addr: String,
    /// Its role, with offsets.
    #[serde(flatten)]
    pub role: Role,
    /// Version of redis.
    pub version: String,
    /// Seconds since it started.
    pub uptime: u64,
    /// Keys in all databases, opsctl's own record not counted.
    pub keys: u64,
    /// Bytes that it uses.
    pub memory: u64,
    /// Bytes that it may use; none: no limit.
    pub memory_limit: Option<u64>,
    /// Clients connected, this one included.
    pub clients: u64,
    /// What it does for its data to survive a restart.
    pub persistence: Persistence,
    /// A replica's link to its master.
    pub link: Option<ReplicaLink>,
    /// How long it took to answer.
    pub answered: Duration,
}

/// What a server does for its data to survive a restart.
#[expect(clippy::struct_excessive_bools, reason = "each is a finding of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Persistence {
    /// Whether it writes an append-only file.
    pub aof: bool,
    /// Whether the last write to it, and the last rewrite of it, went well.
    pub aof_ok: bool,
    /// Whether the last RDB save went well.
    pub rdb_ok: bool,
    /// Whether it is still reading its data.
    pub loading: bool,
}

/// A replica's link to its master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplicaLink {
    /// Whether it is up.
    pub up: bool,
    /// Seconds since the master was heard.
    pub seconds_since_io: Option<u64>,
    /// Whether a full copy is under way.
    pub syncing: bool,
    /// Seconds since the link went down.
    pub seconds_down: Option<u64>,
}

/// Master and replica together. Each is a server or the reason why it could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// What answers at the master's address.
    pub master: Result<Server, String>,
    /// What answers at the replica's.
    pub replica: Result<Server, String>,
    /// Bytes of the replication stream that the replica has not acknowledged.
    pub lag: Option<u64>,
}

impl Status {
    /// What is not as it should be, a sentence each; none: all is well.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match &self.master {
            Err(why) => faults.push(format!("master: {why}")),
            Ok(server) => {
                if !matches!(server.role, Role::Master { .. }) {
                    faults.push(format!("the master at {} is a {}", server.addr, server.role.name()));
                }
                if matches!(&server.role, Role::Master { replicas, .. } if replicas.is_empty()) {
                    faults.push(format!("no replica is attached to the master at {}", server.addr));
                }
                let kept = &server.persistence;
                if !kept.aof {
                    faults
                        .push("the master writes no append-only file: its data would not survive".to_owned());
                } else if !kept.aof_ok {
                    faults.push(
                        "the master could not write its append-only file; is the disk full?".to_owned(),
                    );
                }
                if kept.loading {
                    faults.push("the master is still loading its data".to_owned());
                }
            }
        }
        match &self.replica {
            Err(why) => faults.push(format!("replica: {why}")),
            Ok(server) => match (&server.role, &server.link) {
                (Role::Replica { .. }, Some(link)) if link.up => {}
                (Role::Replica { master, state, .. }, Some(link)) => {
                    let since = link.seconds_down.map_or(String::new(), |s| format!(" for {s} s"));
                    faults.push(format!("the replica's link to {master} is down{since} ({state})"));
                }
                (role, _) => faults.push(format!("the replica at {} is a {}", server.addr, role.name())),
            },
        }
        faults
    }
}

/// Asks both servers at once; neither's silence keeps the other's answer back.
pub async fn status(master: &str, replica: &str) -> Status {
    let (master, replica) = tokio::join!(server(master), server(replica));
    let lag = match (&master, &replica) {
        (
            Ok(Server { role: Role::Master { offset, .. }, .. }),
            Ok(Server { role: Role::Replica { offset: theirs, .. }, .. }),
        ) => theirs.map(|theirs| offset.saturating_sub(theirs)),
        _ => None,
    };
    Status { master: master.map_err(|e| e.to_string()), replica: replica.map_err(|e| e.to_string()), lag }
}

/// Asks one server.
pub async fn server(addr: &str) -> Result<Server> {
    let asking = async {
        let began = Instant::now();
        let mut link = link::connect(addr).await?;
        let role = link::role(&mut link, addr).await?;
        let info = link::info(&mut link, addr, "default").await?;
        let keys = link::count_keys(&mut link, addr).await?;
        let ok = |name: &str| info.text(name).is_none_or(|v| v == "ok");
        let yes = |name: &str| info.text(name) == Some("1");
        let link = matches!(role, Role::Replica { .. }).then(|| ReplicaLink {
            up: info.text("master_link_status") == Some("up"),
            seconds_since_io: info.number("master_last_io_seconds_ago"),
            syncing: yes("master_sync_in_progress"),
            seconds_down: info.number("master_link_down_since_seconds"),
        });
        Ok(Server {
            addr: addr.to_owned(),
            role,
            version: info.text("redis_version").unwrap_or("?").to_owned(),
            uptime: info.number("uptime_in_seconds").unwrap_or(0),
            keys,
            memory: info.number("used_memory").unwrap_or(0),
            memory_limit: info.number("maxmemory").filter(|n| *n > 0),
            clients: info.number("connected_clients").unwrap_or(0),
            persistence: Persistence {
                aof: yes("aof_enabled"),
                aof_ok: ok("aof_last_write_status") && ok("aof_last_bgrewrite_status"),
                rdb_ok: ok("rdb_last_bgsave_status"),
                loading: yes("loading"),
            },
            link,
            answered: began.elapsed(),
        })
    };
    link::within(addr, LIMIT, asking).await?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;

    #[tokio::test]
    async fn a_pair_in_order_has_no_faults() {
        let master = RedisServer::start(&["--appendonly", "yes"]);
        let replica = master.replica(&[]);
        master.cli(b"SET a 1\nHSET opsctl:imports x y\nWAIT 1 5000\n");
        let status = status(&master.addr(), &replica.addr()).await;
        assert_eq!(status.faults(), Vec::<String>::new());
        let (master, replica) = (status.master.unwrap(), status.replica.unwrap());
        assert_eq!((master.keys, replica.keys), (1, 1));
        assert!(master.persistence.aof && !replica.persistence.aof);
        assert!(replica.link.unwrap().up && master.link.is_none());
        assert!(status.lag.is_some());
        assert!(master.version.contains('.'), "{}", master.version);
    }

    #[tokio::test]
    async fn a_server_that_is_gone_does_not_hide_the_other() {
        let mut master = RedisServer::start(&["--appendonly", "yes"]);
        let replica = master.replica(&[]);
        master.kill();
        // The replica notices at once that the connection is closed, but not before it looks.
        let mut found = status(&master.addr(), &replica.addr()).await;
        for _ in 0..200 {
            if found.faults().len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            found = status(&master.addr(), &replica.addr()).await;
        }
        let faults = found.faults();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("no redis answers"), "{faults:?}");
        assert!(faults[1].contains("is down"), "{faults:?}");
    }

    #[tokio::test]
    async fn swapped_addresses_and_a_master_without_aof_are_faults() {
        let master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let faults = status(&replica.addr(), &master.addr()).await.faults();
        assert!(faults[0].contains("is a replica"), "{faults:?}");
        assert!(faults.last().unwrap().contains("is a master"), "{faults:?}");
        let faults = status(&master.addr(), &replica.addr()).await.faults();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("append-only"), "{faults:?}");
    }
}
