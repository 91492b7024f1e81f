//! One connection to redis, and the groups that go over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, Cmd, IntoConnectionInfo as _, Pipeline, Value};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::ask::{Answer, Ask};
use super::password::Secret;
use super::{Away, Reached};
use crate::serve::election::confirmed::{self, Executed};
use crate::serve::timestamps::metrics::Metrics;
use crate::serve::timestamps::settings::{Mode, Settings};

/// The most questions of a group.
const GROUP: usize = 256;
/// How often an idle connection is looked after, and the password's file.
const CARE: Duration = Duration::from_millis(500);
/// After a connection that failed, nobody tries again for so long.
const PAUSE: Duration = Duration::from_millis(100);
/// What a read of an elected redis writes: replicas confirm writes alone.
const BARRIER: &str = "timestamps:read";

/// A question with the way back.
pub struct Job {
    /// The question.
    pub ask: Ask,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Answer, Away>>,
}

/// One connection.
pub struct Lane {
    name: &'static str,
    writes: bool,
    settings: Arc<Settings>,
    metrics: Arc<Metrics>,
    /// The newest epoch that any of this server's connections has seen.
    newest: Arc<AtomicU64>,
    reached: watch::Sender<Reached>,
    link: Option<Link>,
    /// When connecting last failed.
    failed: Option<Instant>,
    /// What the log last heard of it, so that an outage is a line and not thousands.
    told: String,
}

struct Link {
    connection: MultiplexedConnection,
    secret: Secret,
}

impl Lane {
    /// A lane that is not connected yet.
    pub fn new(
        name: &'static str,
        writes: bool,
        settings: Arc<Settings>,
        metrics: Arc<Metrics>,
        newest: Arc<AtomicU64>,
        reached: watch::Sender<Reached>,
    ) -> Self {
        let told = String::new();
        Self { name, writes, settings, metrics, newest, reached, link: None, failed: None, told }
    }

    /// Serves until nobody can ask any more.
    pub async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut care = tokio::time::interval(CARE);
        care.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut group = Vec::new();
        loop {
            tokio::select! {
                count = jobs.recv_many(&mut group, GROUP) => {
                    if count == 0 {
                        return;
                    }
                    self.serve(std::mem::take(&mut group)).await;
                }
                _ = care.tick() => self.look_after().await,
            }
            if self.link.is_none() {
                refuse(&mut jobs);
            }
        }
    }

    /// Connects where there is no connection; connects again where the password is another now. The old connection
    /// serves until the new one does.
    async fn look_after(&mut self) {
        let Some(link) = &mut self.link else {
            self.connect().await;
            return;
        };
        // One that broke while nobody asked must not cost the next who does.
        let limit = self.settings.redis_timeout;
        let ping = redis::cmd("PING");
        let answers = tokio::time::timeout(limit, ping.query_async::<()>(&mut link.connection)).await;
        if !matches!(answers, Ok(Ok(()))) {
            // The next round connects: nobody is to wait for both.
            self.drop_link("the connection broke");
            return;
        }
        match Secret::read(&self.settings.password) {
            Ok(secret) if self.link.as_ref().is_some_and(|link| link.secret == secret) => {}
            Ok(secret) => match self.open(&secret).await {
                Ok(connection) => self.take(Link { connection, secret }),
                Err(why) => self.tell(&format!("the new password does not open redis yet: {why}")),
            },
            Err(why) => self.tell(&why),
        }
    }

    async fn connect(&mut self) {
        if self.failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        let opened = match Secret::read(&self.settings.password) {
            Ok(secret) => self.open(&secret).await.map(|connection| Link { connection, secret }),
            Err(why) => Err(why),
        };
        match opened {
            Ok(link) => self.take(link),
            Err(why) => {
                self.failed = Some(Instant::now());
                self.tell(&why);
            }
        }
    }

    fn take(&mut self, link: Link) {
        let version = link.secret.version.clone();
        tracing::info!(lane = self.name, password_version = version, "connected to redis");
        self.reached.send_replace(Reached { once: true, now: true, password_version: version });
        self.metrics.connected(self.name, true);
        (self.link, self.failed) = (Some(link), None);
        self.told.clear();
    }

    fn drop_link(&mut self, why: &str) {
        self.link = None;
        self.reached.send_modify(|reached| reached.now = false);
        self.metrics.connected(self.name, false);
        self.tell(why);
    }

    /// Says it once.
    fn tell(&mut self, why: &str) {
        if self.told != why {
            tracing::warn!(lane = self.name, why, "redis is unavailable");
            why.clone_into(&mut self.told);
        }
    }

    /// Opens a connection, and proves that it may be used.
    async fn open(&self, secret: &Secret) -> Result<MultiplexedConnection, String> {
        let limit = self.settings.redis_timeout;
        let (host, port) = &self.settings.redis;
        let opened = async {
            let info = (host.as_str(), *port).into_connection_info()?;
            let mut who = info.redis_settings().clone().set_skip_set_lib_name();
            if let Some(user) = &self.settings.user {
                who = who.set_username(user);
            }
            if let Some(password) = &secret.text {
                who = who.set_password(password);
            }
            // Without TCP_NODELAY small commands wait for the server's delayed acknowledgement.
            let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
            let client = Client::open(info.set_redis_settings(who))?;
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(limit))
                .set_response_timeout(Some(limit));
            let mut connection =
                Box::pin(client.get_multiplexed_async_connection_with_config(&config)).await?;
            redis::cmd("PING").query_async::<()>(&mut connection).await?;
            Ok::<_, redis::RedisError>(connection)
        };
        match tokio::time::timeout(limit, opened).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(format!("{host}:{port}: {error}")),
            Err(_) => Err(format!("{host}:{port} did not answer within {} ms", limit.as_millis())),
        }
    }

    async fn serve(&mut self, mut group: Vec<Job>) {
        // Who gave up has been told that nothing is known: then nothing is sent, either.
        group.retain(|job| !job.answer.is_closed());
        if group.is_empty() {
            return;
        }
        if self.link.is_none() {
            self.connect().await;
        }
        let began = Instant::now();
        let answers = match self.execute(&group).await {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(why) => {
                if self.link.is_some() {
                    // It may lead to a redis that is none any more, or answer what was given up on.
                    self.drop_link(&why);
                }
                vec![Err(Away); group.len()]
            }
        };
        let counts = answers.iter().all(Result::is_ok);
        self.metrics.asked(self.name, group.len(), began.elapsed(), counts);
        for (job, answer) in group.into_iter().zip(answers) {
            // Nobody is there any more who wants it.
            let _ = job.answer.send(answer);
        }
    }

    /// The answers to all of a group; else why none of them counts.
    async fn execute(&mut self, group: &[Job]) -> Result<Vec<Answer>, String> {
        let Some(link) = &self.link else { return Err(self.told.clone()) };
        let mut connection = link.connection.clone();
        let commands: Vec<Vec<Cmd>> = group.iter().map(|job| job.ask.commands()).collect();
        let limit = self.settings.redis_timeout;
        let pipe = match self.settings.mode {
            Mode::Single if self.writes => transaction(&commands),
            Mode::Single => plain(&commands),
            Mode::Elected { confirmations } => {
                let wait = u64::try_from(limit.as_millis() * 2 / 3).unwrap_or(u64::MAX);
                confirmed::packet(self.barrier().iter().chain(commands.iter().flatten()), confirmations, wait)
            }
        };
        let sent = connection.send_packed_commands(&pipe, 0, pipe.len());
        let replies = match tokio::time::timeout(limit, sent).await {
            Ok(Ok(replies)) => replies,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err(format!("no answer within {} ms", limit.as_millis())),
        };
        let answers = self.counted(&replies)?;
        let mut rest = answers.as_slice();
        let mut read = Vec::with_capacity(group.len());
        for (job, commands) in group.iter().zip(&commands) {
            let (own, others) = rest.split_at_checked(commands.len()).ok_or("answers are missing")?;
            rest = others;
            read.push(job.ask.read(own).ok_or_else(|| refusal(own))?);
        }
        Ok(read)
    }

    /// A redis that was demoted and does not know it yet would answer reads with what was true before. So a read of
    /// an elected redis counts as a write does.
    fn barrier(&self) -> Option<Cmd> {
        (!self.writes).then(|| {
            let mut set = redis::cmd("SET");
            set.arg(BARRIER).arg("");
            set
        })
    }

    /// The answers to the group's commands, if they count.
    fn counted(&self, replies: &[Value]) -> Result<Vec<Value>, String> {
        let confirmations = match self.settings.mode {
            Mode::Single if self.writes => {
                return match replies.last() {
                    Some(Value::Array(answers)) => Ok(answers.clone()),
                    _ => Err(refusal(replies)),
                };
            }
            Mode::Single => return Ok(replies.to_vec()),
            Mode::Elected { confirmations } => confirmations,
        };
        let executed = Executed::read(replies).ok_or_else(|| refusal(replies))?;
        let newest = self.newest.fetch_max(executed.epoch, Ordering::Relaxed);
        if !executed.is_acknowledged(newest, confirmations) {
            let Executed { epoch, replicas, .. } = executed;
            return Err(format!("epoch {epoch} of {newest}, confirmed by {replicas} of {confirmations}"));
        }
        let barrier = usize::from(!self.writes);
        Ok(executed.answers.get(barrier..).unwrap_or_default().to_vec())
    }
}

/// Whoever asked while redis gave no answer has waited for it as well: the next try is not theirs to wait for.
fn refuse(jobs: &mut mpsc::Receiver<Job>) {
    while let Ok(job) = jobs.try_recv() {
        let _ = job.answer.send(Err(Away));
    }
}

/// The commands of all, executed together.
fn transaction(commands: &[Vec<Cmd>]) -> Pipeline {
    let mut pipe = redis::pipe();
    pipe.cmd("MULTI");
    for command in commands.iter().flatten() {
        pipe.add_command(command.clone());
    }
    pipe.cmd("EXEC");
    pipe
}

/// The commands of all, one after the other.
fn plain(commands: &[Vec<Cmd>]) -> Pipeline {
    let mut pipe = redis::pipe();
    for command in commands.iter().flatten() {
        pipe.add_command(command.clone());
    }
    pipe
}

/// What redis said instead of an answer.
fn refusal(replies: &[Value]) -> String {
    let error = replies.iter().rev().find_map(|reply| match reply {
        Value::ServerError(error) => Some(error.to_string()),
        _ => None,
    });
    error.map_or_else(
        || "redis answered with something else".into(),
        |error| format!("redis refused: {error}"),
    )
}
