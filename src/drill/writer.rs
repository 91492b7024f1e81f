//! Clients that write through the master's port, by the rule for what counts as acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisResult, Value};
use tokio::task::JoinHandle;

use super::ledger::{Entry, Ledger};
use super::world::Settings;
use crate::election::protocol::Time;
use crate::serve::election::clock;
use crate::serve::election::confirmed::{Executed, packet};
use crate::serve::election::redis::EPOCH;

/// From an answer to the next write.
const PAUSE: Duration = Duration::from_millis(10);
/// An answer that takes longer is given up on.
const LIMIT: Duration = Duration::from_millis(600);
/// How long replicas are waited for, within that.
const WAIT: u64 = 400;

/// Where and what to write.
#[derive(Clone, Debug)]
pub struct Target {
    /// Host and port of the master's service.
    pub at: (String, u16),
    /// Replicas that must confirm.
    pub confirmations: usize,
    /// The prefix of this drill's keys.
    pub prefix: String,
}

impl Target {
    /// The target that the settings name.
    pub fn of(settings: &Settings, prefix: String) -> Self {
        Self { at: settings.master.clone(), confirmations: settings.confirmations, prefix }
    }

    /// The key of a writer's hash.
    fn key(&self, writer: usize) -> String {
        format!("{}:{writer}", self.prefix)
    }

    async fn connect(&self, answer: Option<Duration>) -> RedisResult<MultiplexedConnection> {
        let client = Client::open((self.at.0.as_str(), self.at.1))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(400)))
            .set_response_timeout(answer);
        client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// A write in one packet: the epoch and the write in one transaction, then the replicas' word.
    fn write(&self, writer: usize, number: u64) -> Pipeline {
        let mut command = redis::cmd("HSET");
        command.arg(self.key(writer)).arg(number).arg(value(number));
        packet([&command], self.confirmations, WAIT)
    }
}

/// What a number is written with: an old value in its place would be seen.
fn value(number: u64) -> u64 {
    number * 7 + 1
}

/// Sends a write. Where it was not executed: what came instead.
async fn executed(connection: &mut MultiplexedConnection, write: &Pipeline) -> Result<Executed, String> {
    // Each reply by itself, errors among them: a master that is demoted refuses the wait after the write.
    let sent = connection.send_packed_commands(write, 0, write.len()).await;
    let replies = sent.map_err(|error| error.to_string())?;
    Executed::read(&replies).ok_or_else(|| format!("{replies:?}"))
}

/// Writers at work until they are dropped.
pub struct Writers {
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Writers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Writers {
    /// So many clients, each with a connection of its own.
    pub fn start(count: usize, target: &Target, ledger: &Arc<Ledger>) -> Self {
        let one = |writer| tokio::spawn(keep_writing(writer, target.clone(), ledger.clone()));
        Self { tasks: (0..count).map(one).collect() }
    }
}

async fn keep_writing(writer: usize, target: Target, ledger: Arc<Ledger>) {
    let (mut number, mut newest) = (0, 0);
    loop {
        match target.connect(Some(LIMIT)).await {
            Err(error) => ledger.meet(writer, error.to_string()),
            Ok(mut connection) => loop {
                number += 1;
                let sent = clock::now();
                let write = executed(&mut connection, &target.write(writer, number)).await;
                let answered = clock::now();
                let write = match write {
                    Ok(executed) => executed,
                    Err(instead) => {
                        ledger.meet(writer, instead);
                        break;
                    }
                };
                let acknowledged = write.is_acknowledged(newest, target.confirmations);
                let Executed { epoch, replicas, .. } = write;
                newest = newest.max(epoch);
                ledger.enter(Entry { writer, number, epoch, sent, answered, acknowledged });
                if !acknowledged {
                    ledger.meet(writer, format!("epoch {epoch} of {newest}, confirmed by {replicas}"));
                    // This connection may lead to a master that is no more.
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            },
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// When the master slept: what is sent meanwhile cannot be executed before it wakes.
#[derive(Debug)]
struct Sleep {
    from: AtomicU64,
    to: AtomicU64,
}

impl Sleep {
    /// The earliest moment at which something sent then can have been executed.
    fn earliest(&self, sent: Time) -> Time {
        let (from, to) = (self.from.load(Ordering::Relaxed), self.to.load(Ordering::Relaxed));
        if (from..to).contains(&sent) { to } else { sent }
    }
}

/// A client that goes on sending on one connection without waiting for answers, as one does whose master
/// is frozen: what its socket holds is executed when the master wakes.
pub struct Insistent {
    task: JoinHandle<()>,
    sleep: Arc<Sleep>,
    stop: Arc<AtomicBool>,
}

impl Drop for Insistent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Insistent {
    /// Connects to who is master now, and begins to send.
    pub async fn start(writer: usize, target: &Target, ledger: &Arc<Ledger>) -> Result<Self> {
        let began = std::time::Instant::now();
        let connection = loop {
            // The port may lead elsewhere for a moment yet.
            match target.connect(None).await {
                Ok(connection) => break connection,
                Err(error) if began.elapsed() > Duration::from_secs(20) => {
                    return Err(error).context("could not connect to the master");
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        let sleep = Arc::new(Sleep { from: AtomicU64::new(Time::MAX), to: AtomicU64::new(0) });
        let stop = Arc::new(AtomicBool::new(false));
        let (target, ledger, slept, stopped) = (target.clone(), ledger.clone(), sleep.clone(), stop.clone());
        let task = tokio::spawn(async move {
            let mut number = u64::from(u32::MAX) * writer as u64;
            while !stopped.load(Ordering::Relaxed) {
                number += 1;
                let (mut connection, target, ledger, slept) =
                    (connection.clone(), target.clone(), ledger.clone(), slept.clone());
                tokio::spawn(async move {
                    let sent = clock::now();
                    let write = executed(&mut connection, &target.write(writer, number)).await;
                    let answered = clock::now();
                    if let Ok(write) = write {
                        let sent = slept.earliest(sent).min(answered);
                        let (epoch, acknowledged) =
                            (write.epoch, write.is_acknowledged(0, target.confirmations));
                        ledger.enter(Entry { writer, number, epoch, sent, answered, acknowledged });
                    }
                });
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        Ok(Self { task, sleep, stop })
    }

    /// The master sleeps by now.
    pub fn sleeps(&self, at: Time) {
        self.sleep.from.store(at, Ordering::Relaxed);
    }

    /// The master goes on soon.
    pub fn wakes(&self, at: Time) {
        self.sleep.to.store(at, Ordering::Relaxed);
    }

    /// Sends nothing more; answers are still heard.
    pub fn silence(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// How long the master's port is tried, once all agree: the nodes' rules may come later.
const REACHED: Duration = Duration::from_mins(1);

/// A connection to who is master, patiently.
async fn master(target: &Target) -> Result<MultiplexedConnection> {
    let began = std::time::Instant::now();
    loop {
        let reached: RedisResult<_> = async {
            let mut connection = target.connect(Some(Duration::from_secs(20))).await?;
            let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut connection).await?;
            Ok((connection, role))
        }
        .await;
        let why = match reached {
            Ok((connection, role))
                if redis::from_redis_value_ref::<String>(role.first().unwrap_or(&Value::Nil))
                    .is_ok_and(|r| r == "master") =>
            {
                return Ok(connection);
            }
            Ok((_, role)) => anyhow::anyhow!("it is not a master: {role:?}"),
            Err(error) => error.into(),
        };
        if began.elapsed() > REACHED {
            return Err(why);
        }
        tokio::time::sleep(PAUSE * 10).await;
    }
}

/// Reads all acknowledged writes back; how many are missing.
pub async fn missing(target: &Target, entries: &[Entry]) -> Result<usize> {
    let mut connection = master(target).await.context("could not read back")?;
    let mut missing = 0;
    for chunk in entries.chunk_by(|a, b| a.writer == b.writer).flat_map(|same| same.chunks(1000)) {
        let Some(first) = chunk.first() else { continue };
        let mut get = redis::cmd("HMGET");
        get.arg(target.key(first.writer));
        for entry in chunk {
            get.arg(entry.number);
        }
        let found: Vec<Option<u64>> =
            get.query_async(&mut connection).await.context("could not read back")?;
        missing += chunk.iter().zip(found).filter(|(e, f)| *f != Some(value(e.number))).count();
    }
    Ok(missing)
}

/// What the keys of every drill begin with.
pub const KEYS: &str = "opsctl:drill:";

/// Removes what drills that were cut short have written; how many keys.
pub async fn sweep(at: &(String, u16)) -> Result<usize> {
    let target = Target { at: at.clone(), confirmations: 0, prefix: String::new() };
    let mut connection = target.connect(Some(LIMIT)).await?;
    let (mut cursor, mut removed) = (0_u64, 0);
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{KEYS}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut connection).await?;
        if !keys.is_empty() {
            removed += redis::cmd("UNLINK").arg(&keys).query_async::<usize>(&mut connection).await?;
        }
        cursor = next;
        if cursor == 0 {
            return Ok(removed);
        }
    }
}

/// Removes what the drill wrote.
pub async fn clean(target: &Target, writers: usize) -> Result<()> {
    let mut connection = master(target).await.context("could not clean up")?;
    let mut unlink = redis::cmd("UNLINK");
    for writer in 0..writers {
        unlink.arg(target.key(writer));
    }
    unlink.query_async::<()>(&mut connection).await.context("could not clean up")
}

/// Whether a key can be read at an address: what is still served when nobody leads.
pub async fn readable(at: &(String, u16)) -> bool {
    let target = Target { at: at.clone(), confirmations: 0, prefix: String::new() };
    let asked = async {
        let mut connection = target.connect(Some(LIMIT)).await?;
        redis::cmd("GET").arg(EPOCH).query_async::<Option<String>>(&mut connection).await
    };
    matches!(asked.await, Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_to_a_sleeper_is_executed_when_it_wakes_at_the_earliest() {
        let sleep = Sleep { from: AtomicU64::new(10), to: AtomicU64::new(30) };
        assert_eq!([5, 10, 29, 30].map(|at| sleep.earliest(at)), [5, 30, 30, 30]);
    }
}
