//! The binding for redis: what each role means to it, and how much data it has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::sync::Mutex;

use super::{Holder, clock};
use crate::election::protocol::{Role, Time, can_hold};
use crate::election::survey::Standing;

/// Where a master keeps its epoch: written first, so that whoever has any of its data has this.
pub const EPOCH: &str = "opsctl:election:epoch";
/// Writes the epoch also where memory is full: a master that cannot note it would count as without data.
const NOTE: &str = "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], ARGV[1])";
/// Epoch and replication at one moment: the offset must not be another epoch's. No MULTI: where memory is full,
/// that is refused, and a master that is full would count as one that does not answer.
const LOOK: &str = "#!lua flags=no-writes,allow-stale\n\
                    return {redis.call('GET', KEYS[1]), redis.call('INFO', 'replication')}";
/// Following nobody: as the replica of an address where nothing listens, redis takes no writes, serves
/// no replicas ("NOMASTERLINK"), and remembers where it was in its old master's stream.
const NOBODY: (&str, u16) = ("127.0.0.1", 1);

/// For so many milliseconds an answer serves whoever asks.
const SHARED: Time = 20;

/// The redis beside this elector.
pub struct Redis {
    client: Client,
    port: u16,
    /// For changes of role, and what must be known for them.
    connection: Mutex<Option<MultiplexedConnection>>,
    /// For what anybody may ask, and as often as he likes: a demotion must not stand in that queue.
    asked: Mutex<Asked>,
    /// Counts the changes of role: what was answered before one is not repeated after it.
    changes: AtomicU64,
}

/// The last answer to anybody, of that time and after so many changes; none where redis gave none.
#[derive(Default)]
struct Asked {
    connection: Option<MultiplexedConnection>,
    answer: Option<(Time, u64, Option<Replication>)>,
}

/// What `INFO replication` says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replication {
    /// Whether it is a master.
    pub master: bool,
    /// Whom it follows, if it is a replica.
    pub follows: Option<String>,
    /// Whether that link is up.
    pub linked: bool,
    /// Replicas that are attached.
    pub replicas: usize,
    /// A whole new copy is being loaded.
    pub syncing: bool,
    /// How far it is in the stream.
    pub offset: u64,
}

impl Redis {
    /// The redis on that port of this pod.
    pub fn new(port: u16) -> Result<Self> {
        let client = Client::open(("127.0.0.1", port)).context("no address for redis")?;
        Ok(Self {
            client,
            port,
            connection: Mutex::default(),
            asked: Mutex::default(),
            changes: AtomicU64::default(),
        })
    }

    async fn query<T: redis::FromRedisValue>(&self, pipe: &redis::Pipeline) -> Result<T> {
        self.query_over(&mut *self.connection.lock().await, pipe).await
    }

    async fn query_over<T: redis::FromRedisValue>(
        &self,
        slot: &mut Option<MultiplexedConnection>,
        pipe: &redis::Pipeline,
    ) -> Result<T> {
        let mut connection = if let Some(connection) = slot.take() {
            connection
        } else {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(Duration::from_millis(250)))
                .set_response_timeout(Some(Duration::from_millis(500)));
            self.client.get_multiplexed_async_connection_with_config(&config).await?
        };
        let answer = pipe.query_async(&mut connection).await?;
        *slot = Some(connection);
        Ok(answer)
    }

    /// Makes redis what the role says.
    pub async fn apply(&self, role: &Role<Holder>) -> Result<()> {
        let mut pipe = redis::pipe();
        match role {
            Role::Idle | Role::Hold { .. } => {
                pipe.cmd("REPLICAOF").arg(NOBODY.0).arg(NOBODY.1).ignore();
            }
            Role::Follow { holder, .. } => {
                pipe.cmd("REPLICAOF").arg(&holder.address).arg(self.port).ignore();
            }
            Role::Lead { epoch } => {
                // Sent as one packet, executed back to back: no write comes in between the two.
                pipe.cmd("REPLICAOF").arg("NO").arg("ONE").ignore();
                noting(&mut pipe, *epoch);
            }
        }
        let done = self.query::<()>(&pipe).await;
        self.changes.fetch_add(1, Ordering::Relaxed);
        done
    }

    /// Leads on, though somebody else made it a replica. False: it no longer has the data that it led with.
    pub async fn lead_again(&self, epoch: u64) -> Result<bool> {
        let mut pipe = redis::pipe();
        // First no replica, then the look: what it has by then is what it would lead with.
        pipe.cmd("REPLICAOF").arg("NO").arg("ONE").ignore();
        looking(&mut pipe);
        let ((noted, _),): (Look,) = self.query(&pipe).await?;
        Ok(noted.is_some_and(|noted| noted == epoch.to_string()))
    }

    /// Connects again at once to a master that has just begun to lead: redis itself tries once a second.
    pub async fn hurry(&self, leader: &Holder) -> Result<()> {
        if self.look().await?.1.linked {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        // The same address again would be no change to redis.
        pipe.cmd("REPLICAOF").arg(NOBODY.0).arg(NOBODY.1).ignore();
        pipe.cmd("REPLICAOF").arg(&leader.address).arg(self.port).ignore();
        self.query::<()>(&pipe).await
    }

    /// Writes the epoch again that it leads.
    pub async fn note(&self, epoch: u64) -> Result<()> {
        let mut pipe = redis::pipe();
        noting(&mut pipe, epoch);
        self.query::<()>(&pipe).await
    }

    /// Lets replicas catch up before the master lets go, at most that long; from then on no write is taken.
    ///
    /// `WAIT` speaks of this connection's last write, so there is one, behind all that came before. And a redis
    /// that is paused asks nobody how far he is, so the pause comes last.
    /// Returns how many replicas have all of it, of how many.
    pub async fn drain(&self, epoch: u64, limit: Duration) -> Result<(usize, usize)> {
        let replicas = self.look().await?.1.replicas;
        let millis = u64::try_from(limit.as_millis()).unwrap_or(200);
        let mut pipe = redis::pipe();
        noting(&mut pipe, epoch);
        pipe.cmd("WAIT").arg(replicas).arg(millis);
        pipe.cmd("CLIENT").arg("PAUSE").arg(millis * 2).arg("WRITE").ignore();
        let (caught_up,): (usize,) = self.query(&pipe).await?;
        Ok((caught_up, replicas))
    }

    /// How much data it has, and its links.
    pub async fn look(&self) -> Result<(Standing, Replication)> {
        let mut pipe = redis::pipe();
        looking(&mut pipe);
        let ((epoch, info),): (Look,) = self.query(&pipe).await?;
        let replication = parse(&info);
        let epoch = epoch.and_then(|e| e.parse().ok()).filter(|e| can_hold(*e)).unwrap_or(0);
        let standing = if replication.syncing || epoch == 0 {
            Standing::default()
        } else {
            Standing { epoch, offset: replication.offset }
        };
        Ok((standing, replication))
    }

    /// Its links, for whoever asks: many at once share an answer.
    pub async fn replication(&self) -> Option<Replication> {
        let mut asked = self.asked.lock().await;
        let changes = self.changes.load(Ordering::Relaxed);
        if let Some((at, then, answer)) = &asked.answer
            && *then == changes
            && clock::now().saturating_sub(*at) < SHARED
        {
            return answer.clone();
        }
        let mut pipe = redis::pipe();
        looking(&mut pipe);
        let looked: Result<(Look,)> = self.query_over(&mut asked.connection, &pipe).await;
        let answer = looked.ok().map(|((_, info),)| parse(&info));
        asked.answer = Some((clock::now(), changes, answer.clone()));
        answer
    }
}

/// The note of the epoch, and `INFO replication`.
type Look = (Option<String>, String);

fn looking(pipe: &mut redis::Pipeline) {
    pipe.cmd("EVAL").arg(LOOK).arg(1).arg(EPOCH);
}

fn noting(pipe: &mut redis::Pipeline, epoch: u64) {
    pipe.cmd("EVAL").arg(NOTE).arg(1).arg(EPOCH).arg(epoch).ignore();
}

fn parse(info: &str) -> Replication {
    let fields: HashMap<&str, &str> =
        info.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
    let number = |key: &str| fields.get(key).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let master = fields.get("role") == Some(&"master");
    let follows = fields.get("master_host").filter(|_| !master).map(|host| (*host).to_owned());
    Replication {
        master,
        follows: follows.filter(|host| host != NOBODY.0),
        linked: fields.get("master_link_status") == Some(&"up"),
        replicas: usize::try_from(number("connected_slaves")).unwrap_or(0),
        syncing: number("master_sync_in_progress") == 1,
        offset: number("master_repl_offset").max(number("slave_repl_offset")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;

    fn binding(server: &RedisServer) -> Redis {
        let addr = server.addr();
        Redis::new(addr.rsplit_once(':').unwrap().1.parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_master_whose_memory_is_full_notes_its_epoch_all_the_same() {
        let server = RedisServer::start(&["--maxmemory", "1kb"]);
        assert!(server.cli(b"SET a 1\n").contains("OOM"));
        let redis = binding(&server);
        redis.apply(&Role::Lead { epoch: 7 }).await.unwrap();
        assert_eq!(redis.look().await.unwrap().0.epoch, 7);
    }

    #[tokio::test]
    async fn a_note_with_an_epoch_that_cannot_be_is_none() {
        let server = RedisServer::start(&[]);
        let redis = binding(&server);
        redis.apply(&Role::Lead { epoch: 7 }).await.unwrap();
        server.cli(format!("SET {EPOCH} {}\n", i32::MAX).as_bytes());
        assert_eq!(redis.look().await.unwrap().0.epoch, 0);
    }

    #[tokio::test]
    async fn a_note_that_was_flushed_is_written_again() {
        let server = RedisServer::start(&[]);
        let redis = binding(&server);
        redis.apply(&Role::Lead { epoch: 7 }).await.unwrap();
        server.cli(b"FLUSHALL\n");
        assert_eq!(redis.look().await.unwrap().0.epoch, 0);
        redis.note(7).await.unwrap();
        assert_eq!(redis.look().await.unwrap().0.epoch, 7);
    }

    #[tokio::test]
    async fn a_drained_master_knows_who_has_all_and_takes_no_more() {
        let server = RedisServer::start(&[]);
        let replica = server.replica(&[]);
        let redis = binding(&server);
        redis.apply(&Role::Lead { epoch: 7 }).await.unwrap();
        server.cli(b"SET a 1\n");
        let mut late = Client::open(format!("redis://{}", server.addr())).unwrap().get_connection().unwrap();
        late.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        // A replica that is slow just then is counted as what it is; it will be quick enough some time.
        let began = std::time::Instant::now();
        while !matches!(redis.drain(7, Duration::from_millis(250)).await, Ok((1, 1))) {
            assert!(began.elapsed() < Duration::from_secs(30), "the replica never has all");
            server.cli(b"CLIENT UNPAUSE\n");
        }
        assert!(redis::cmd("SET").arg("b").arg(1).query::<()>(&mut late).is_err(), "a write went through");
        assert_eq!(replica.ask::<String>(&["GET", "a"]), "1");
    }

    #[tokio::test]
    async fn many_that_ask_share_an_answer_and_a_change_of_role_stands_in_no_queue() {
        let server = RedisServer::start(&[]);
        let redis = binding(&server);
        redis.apply(&Role::Idle).await.unwrap();
        let before = calls(&server, "eval");
        let asking: Vec<_> = (0..1000).map(|_| redis.replication()).collect();
        let answers = futures::future::join_all(asking).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_some_and(|r| !r.master)));
        let looks = calls(&server, "eval") - before;
        assert!(looks < 100, "redis was asked {looks} times");
        // While a question waits for its answer, roles change.
        let held = redis.asked.lock().await;
        redis.apply(&Role::Lead { epoch: 7 }).await.unwrap();
        drop(held);
        assert!(redis.replication().await.unwrap().master, "an answer of before the change");
    }

    fn calls(server: &RedisServer, command: &str) -> u64 {
        let stats = server.cli(b"INFO commandstats\n");
        let line = stats.lines().find_map(|l| l.strip_prefix(&format!("cmdstat_{command}:calls=")));
        line.and_then(|l| l.split(',').next()?.parse().ok()).unwrap_or(0)
    }

    #[test]
    fn a_replica_in_the_middle_of_a_full_copy_has_nothing() {
        let info = "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.2\r\nmaster_link_status:down\r\n\
                    master_sync_in_progress:1\r\nslave_repl_offset:17\r\nmaster_repl_offset:17\r\n";
        let replication = parse(info);
        assert!(replication.syncing && !replication.linked && !replication.master);
        assert_eq!(replication.follows.as_deref(), Some("10.0.0.2"));
        assert_eq!(replication.offset, 17);
    }

    #[test]
    fn following_nobody_is_not_following() {
        assert_eq!(parse("role:slave\r\nmaster_host:127.0.0.1\r\n").follows, None);
        assert_eq!(parse("role:master\r\nconnected_slaves:4\r\n").replicas, 4);
    }
}
