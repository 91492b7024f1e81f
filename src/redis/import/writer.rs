//! Sends chunks, each as one transaction with how far the import has come, and judges every reply.
//!
//! While redis carries one out, the commands of the next wait behind it in a transaction that is not ended yet: `EXEC` is
//! sent once all is known of the one before. Where that needs something else, the next one is discarded, and sent anew.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use redis::{Cmd, Pipeline, ServerError, Value};
use tokio::sync::mpsc;

use super::chunk::{Body, Chunk, End, Keep, Origin, Packed, label, over_others, pack};
use super::former::Former;
use super::record::{Ids, Part};
use super::{File, Imported, Progress, Rejected, Unfinished};
use crate::error::{Code, Problem, code_of, problem};
use crate::redis::link::{self, Link, NEW};
use crate::redis::reader::{Checked, Place};

/// Error replies that are kept with their place; the rest is counted.
const SHOWN: usize = 10;

/// How long replicas that lag are waited for before the import goes on all the same.
const LAG: Duration = Duration::from_secs(30);

/// How long replicas are waited for at a time.
const ASKED: Duration = Duration::from_secs(1);

/// Chunks at most that go at once as if keys were there, before it is tried again whether they are new.
const KNOWN: u32 = 64;

/// Refusals that are no fault of the command: every later one would meet with the same.
const STOPS: [&str; 7] = ["OOM", "READONLY", "MISCONF", "LOADING", "NOREPLICAS", "NOAUTH", "NOPERM"];

/// Sends what is imported.
pub(super) struct Writer<'a> {
    link: Link,
    addr: &'a str,
    state: Progress,
    /// What the files before this one had of bytes.
    read_before: u64,
    imported: Imported,
    /// Bytes that no replica was asked about yet, and how many may be.
    unasked: u64,
    lag: u64,
    /// Where what the keys hold is kept; none where it is not.
    former: Option<&'a Former>,
    /// Whether keys that are only set are likely to be new.
    new: Arc<AtomicBool>,
    /// After how many chunks they may be again, and how many it will be the next time.
    known: (u32, u32),
}

/// A chunk as a transaction that is not ended.
struct Begun {
    /// `MULTI`, what keeps what is there, and the commands.
    transaction: Pipeline,
    /// The replies to that; none where it has to be sent.
    replies: Option<Vec<Value>>,
    what: What,
    start: u64,
    items: u64,
    read: u64,
    bytes: u64,
    commands: u64,
}

/// What is in it.
enum What {
    /// One command for new keys, the places of what it does, and what [`NEW`] holds where it was carried out.
    New(Vec<Place>, u64),
    /// Commands, behind so many others that keep what is there.
    Any(Vec<Origin>, usize),
}

impl Begun {
    /// What is known where the connection breaks.
    fn sent(&self, file: &str) -> String {
        let (first, last) = match &self.what {
            What::New(places, _) => (places.first().copied(), places.last().copied()),
            What::Any(all, _) => (all.first().map(Origin::place), all.last().map(Origin::last)),
        };
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        format!("{file}{first} to {file}{last} were sent as one transaction: redis has all of them, or none")
    }
}

/// The file that is being sent.
struct Sending<'a> {
    name: &'a str,
    number: usize,
    ids: &'a Ids,
}

/// What became of a command.
type Outcome = Result<(), String>;

impl<'a> Writer<'a> {
    pub(super) fn new(link: Link, addr: &'a str, replicas: usize, former: Option<&'a Former>) -> Self {
        let imported = Imported { replicas, ..Imported::default() };
        let (state, new) = (Progress::default(), Arc::new(AtomicBool::new(true)));
        Self { link, addr, state, read_before: 0, imported, unasked: 0, lag: 0, former, new, known: (0, 1) }
    }

    pub(super) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    pub(super) fn progress(&self) -> Progress {
        self.state
    }

    /// A file that will be sent.
    pub(super) fn expect(&mut self, checked: &Checked) {
        self.state.total += checked.commands;
        self.state.bytes_total += checked.bytes;
    }

    /// Sends a file behind what an earlier try has sent of it.
    pub(super) async fn file(
        &mut self,
        file: File,
        part: Option<Part>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<()> {
        let File { number, checked, input, ids, .. } = file;
        self.learn_lag().await?;
        let mut part = part.unwrap_or_default();
        self.state.done += part.commands;
        self.imported.resumed += part.commands;
        self.imported.errors += part.errors;
        let (sender, mut chunks) = mpsc::channel(1);
        let (expected, done) = (checked.clone(), part.items);
        let keep = self.former.map(|_| Keep::new(&self.new));
        let packing = tokio::task::spawn_blocking(move || pack(input, &expected, done, keep, &sender));
        let sending = Sending { name: &checked.file, number, ids: &ids };
        let mut next = chunks.recv().await.map(|chunk| self.begin(&sending, chunk));
        while let Some(chunk) = next {
            self.state.bytes = self.read_before + chunk.read;
            next = self.send(&sending, chunk, &mut part, &mut chunks).await?;
            progress(self.state);
        }
        let end = packing.await.context("the reading of the file did not end")??;
        if !matches!(end, End::Same) || part.commands != checked.commands {
            let what = problem!(ImportedInPart, "{} changed during the import", checked.file);
            return Err(self.broken(what, Unfinished::Rejected));
        }
        self.read_before += checked.bytes;
        let mut last = redis::pipe();
        last.cmd("MULTI").add_command(ids.forget());
        if part.errors == 0 {
            last.add_command(ids.ended(&checked)?);
        }
        last.cmd("EXEC");
        let replies = link::each(&mut self.link, self.addr, &last, link::PATIENCE).await;
        let replies = replies.map_err(|error| self.cut_off(&checked.file, &error, None))?;
        match replies.into_iter().next_back() {
            Some(Value::Array(_)) => Ok(()),
            other => {
                Err(problem!(RedisRefused, "redis did not note that {} is imported: {other:?}", checked.file)
                    .into())
            }
        }
    }

    /// Waits for the replicas.
    pub(super) async fn end(mut self, wait: Duration) -> Result<Imported> {
        let (acked, replicas) =
            link::settled(&mut self.link, self.addr, self.imported.replicas, wait).await?;
        Ok(Imported { commands: self.state.done, replicas, replicas_acked: acked, ..self.imported })
    }

    /// The transaction of a chunk, so far as it is known before the one before has ended.
    fn begin(&self, file: &Sending<'_>, chunk: Chunk) -> Begun {
        let Chunk { body, start, items, read, bytes, commands } = chunk;
        let mut transaction = redis::pipe();
        transaction.cmd("MULTI");
        let what = match (body, self.former) {
            (Body::New(mut new), Some(_)) => {
                let token = RandomState::new().hash_one(items);
                new.cmd.arg(NEW).arg(token);
                transaction.add_command(new.cmd);
                What::New(new.places, token)
            }
            (body, former) => {
                let (packed, keys) = match body {
                    Body::New(new) => over_others(&new.cmd, new.places),
                    Body::Any(packed, keys) => (packed, keys),
                };
                if let Some(former) = former {
                    transaction.add_command(former.keep(&keys, file.number, start..items));
                }
                let origins = add_all(&mut transaction, packed);
                What::Any(origins, usize::from(former.is_some()))
            }
        };
        Begun { transaction, replies: None, what, start, items, read, bytes: bytes as u64, commands }
    }

    /// Ends the transaction of a chunk, and judges what it came to; the next one, whose commands may wait in redis by
    /// then.
    async fn send(
        &mut self,
        file: &Sending<'_>,
        mut chunk: Begun,
        part: &mut Part,
        chunks: &mut mpsc::Receiver<Chunk>,
    ) -> Result<Option<Begun>> {
        let before = part.clone();
        part.items = chunk.items;
        part.commands += chunk.commands;
        let limit = link::patience(chunk.bytes);
        let (replies, acked, mut next) = self.execute(file, &mut chunk, part, chunks).await?;
        let left = match &chunk.what {
            What::New(..) if self.all_new(&replies)? => None,
            What::New(places, _) => {
                let over = |cmd| over_others(cmd, places.clone());
                let (packed, keys) = chunk.transaction.cmd_iter().nth(1).map(over).unwrap_or_default();
                let keep = self.former.map(|f| f.keep(&keys, file.number, chunk.start..chunk.items));
                Some((packed, keep))
            }
            What::Any(origins, lead) => {
                self.count_known();
                let left =
                    self.judged(file, &chunk.transaction, &replies, (*lead, origins), (&before, part))?;
                let keep = || chunk.transaction.cmd_iter().nth(1).filter(|_| *lead > 0).cloned();
                left.map(|packed| (packed, keep()))
            }
        };
        drop(chunk.transaction);
        let is_carried_out = left.is_none();
        if let Some((packed, keep)) = left {
            self.discard(file, &mut next).await?;
            self.send_any(file, packed, keep, (&before, part), limit).await?;
        }
        if part.errors > before.errors {
            // Not known when the transaction was sent.
            self.discard(file, &mut next).await?;
            let noting: Result<()> = link::ask(&mut self.link, self.addr, &file.ids.come_to(part)?).await;
            noting.map_err(|error| self.cut_off(file.name, &error, None))?;
        }
        self.state.done += part.commands - before.commands;
        self.imported.errors += part.errors - before.errors;
        if is_carried_out && acked.is_some_and(|acked| acked >= self.imported.replicas) {
            self.unasked = 0;
        } else {
            if acked.is_some() {
                self.discard(file, &mut next).await?;
            }
            self.keep_pace(chunk.bytes).await.map_err(|error| self.cut_off(file.name, &error, None))?;
        }
        next.map_err(|error| self.cut_off(file.name, &error, None))
    }

    /// Ends a transaction: all replies to it; where replicas were asked for, how many have it; and the next chunk, whose
    /// commands are sent meanwhile.
    async fn execute(
        &mut self,
        file: &Sending<'_>,
        chunk: &mut Begun,
        part: &Part,
        chunks: &mut mpsc::Receiver<Chunk>,
    ) -> Result<(Vec<Value>, Option<usize>, Result<Option<Begun>>)> {
        let cut_off = |error| self.cut_off(file.name, &error, Some(chunk.sent(file.name)));
        let limit = link::patience(chunk.bytes);
        let mut link = self.link.clone();
        let mut replies = match &chunk.replies {
            Some(replies) => replies.clone(),
            None => link::each(&mut link, self.addr, &chunk.transaction, limit).await.map_err(cut_off)?,
        };
        let mut end = redis::pipe();
        match (&chunk.what, self.former) {
            (What::New(_, token), Some(former)) => {
                let (field, text) = file.ids.noted(part)?;
                end.add_command(former.note(*token, (field, &text), file.number, part.items));
            }
            _ => {
                end.add_command(file.ids.come_to(part)?);
            }
        }
        end.cmd("EXEC");
        let asks = self.imported.replicas > 0 && self.unasked + chunk.bytes >= self.lag;
        if asks {
            end.cmd("WAIT").arg(self.imported.replicas).arg(ASKED.as_millis().to_string());
        }
        let mut behind = self.link.clone();
        let ahead = async {
            let Some(next) = chunks.recv().await else { return Ok(None) };
            let mut next = self.begin(file, next);
            let limit = limit + link::patience(next.bytes);
            next.replies = Some(link::each(&mut behind, self.addr, &next.transaction, limit).await?);
            Ok(Some(next))
        };
        // In this order: what comes second would else become part of the transaction that is to end.
        let (ended, next) = tokio::join!(biased; link::each(&mut link, self.addr, &end, limit), ahead);
        let mut ended = ended.map_err(cut_off)?;
        let acked = if asks { ended.pop() } else { None };
        replies.append(&mut ended);
        let acked = acked.map(|n| redis::from_redis_value(n).unwrap_or(0));
        Ok((replies, acked, next))
    }

    /// Gives up the transaction that waits, so that something else can be sent; it has to be sent anew.
    async fn discard(&mut self, file: &Sending<'_>, next: &mut Result<Option<Begun>>) -> Result<()> {
        let waits = match next {
            Ok(next) => next.as_mut().and_then(|next| next.replies.take()).is_some(),
            Err(error) => return Err(self.cut_off(file.name, error, None)),
        };
        if !waits {
            return Ok(());
        }
        let done: Result<()> = link::ask(&mut self.link, self.addr, &redis::cmd("DISCARD")).await;
        done.map_err(|error| self.cut_off(file.name, &error, None))
    }

    /// Whether the keys of a chunk were all new, and it was carried out: else nothing of it was.
    fn all_new(&mut self, replies: &[Value]) -> Result<bool> {
        match replies.last() {
            Some(Value::Array(done)) => match &done[..] {
                [Value::Int(1), Value::Int(1)] => {
                    self.known.1 = 1;
                    return Ok(true);
                }
                [Value::Int(0) | Value::ServerError(_), _] => {}
                other => {
                    let what =
                        format!("redis at {} wrote a chunk, and did not note it: {other:?}", self.addr);
                    return Err(self.broken(Problem::new(Code::ImportedInPart, what), Unfinished::BrokenOff));
                }
            },
            // Nothing of it was carried out: why not is told by the commands themselves.
            _ => self.known.1 = KNOWN,
        }
        self.new.store(false, Ordering::Relaxed);
        self.known = (self.known.1, (self.known.1 * 2).min(KNOWN));
        Ok(false)
    }

    /// A chunk has gone as if its keys were there.
    fn count_known(&mut self) {
        self.known.0 = self.known.0.saturating_sub(1);
        if self.known.0 == 0 {
            self.new.store(true, Ordering::Relaxed);
        }
    }

    /// Sends commands, again without what redis refuses to take, until all of them are carried out or refused. `keep`
    /// keeps what their keys hold before. The part is that before them, and that after them.
    async fn send_any(
        &mut self,
        file: &Sending<'_>,
        mut packed: Vec<Packed>,
        keep: Option<Cmd>,
        (before, part): (&Part, &mut Part),
        limit: Duration,
    ) -> Result<()> {
        loop {
            let mut transaction = redis::pipe();
            transaction.cmd("MULTI");
            if let Some(keep) = &keep {
                transaction.add_command(keep.clone());
            }
            let what = (usize::from(keep.is_some()), &add_all(&mut transaction, packed)[..]);
            transaction.add_command(file.ids.come_to(part)?).cmd("EXEC");
            let replies = link::each(&mut self.link, self.addr, &transaction, limit).await;
            let replies = replies.map_err(|error| self.cut_off(file.name, &error, None))?;
            match self.judged(file, &transaction, &replies, what, (before, part))? {
                Some(left) => packed = left,
                None => return Ok(()),
            }
        }
    }

    /// Judges a transaction, of so many commands that keep what is there and others from these places: what is left of
    /// them where redis did not take some; none where all of it was carried out.
    fn judged(
        &mut self,
        file: &Sending<'_>,
        transaction: &Pipeline,
        replies: &[Value],
        (lead, origins): (usize, &[Origin]),
        (before, part): (&Part, &mut Part),
    ) -> Result<Option<Vec<Packed>>> {
        let sent = transaction.cmd_iter().skip(1 + lead).zip(origins);
        match judge(replies, lead, origins.len()) {
            Judged::CarriedOut(outcomes) => {
                for ((cmd, origin), outcome) in sent.zip(outcomes) {
                    if let Err(reply) = outcome {
                        self.refused(file.name, cmd, origin, reply, part);
                    }
                }
                Ok(None)
            }
            Judged::Aborted { outcomes, why } => {
                let mut left = Vec::new();
                for ((cmd, origin), outcome) in sent.zip(outcomes) {
                    let packed = || Packed { cmd: cmd.clone(), origin: origin.clone() };
                    match outcome {
                        Ok(()) => left.push(packed()),
                        // Who may not send `MSET` may be allowed to `SET`.
                        Err(reply) if reply.starts_with("NOPERM") && matches!(origin, Origin::Sets(_)) => {
                            left.extend(packed().apart());
                        }
                        Err(reply) if stops(&reply) => {
                            *part = before.clone();
                            return Err(self.stopped(file.name, cmd, origin, &reply));
                        }
                        Err(reply) => self.refused(file.name, cmd, origin, reply, part),
                    }
                }
                if left.len() == origins.len() {
                    *part = before.clone();
                    let what = problem!(ImportedInPart, "redis takes no more data: {why}");
                    return Err(self.broken(what, Unfinished::BrokenOff));
                }
                Ok(Some(left))
            }
            Judged::NotKept(why) => {
                let what = problem!(ImportedInPart, "redis did not keep what a chunk has overwritten: {why}");
                Err(self.broken(what, Unfinished::BrokenOff))
            }
            Judged::Nonsense(what) => {
                let what = Problem::new(Code::RedisRefused, format!("redis at {} {what}", self.addr));
                Err(self.broken(what, Unfinished::BrokenOff))
            }
        }
    }

    fn refused(&mut self, file: &str, cmd: &Cmd, origin: &Origin, reply: String, part: &mut Part) {
        part.errors += origin.count();
        if self.imported.rejected.len() < SHOWN {
            let place = format!("{file}{}", origin.place());
            self.imported.rejected.push(Rejected { place, command: label(cmd), reply });
        }
    }

    /// How far replicas may lag: half of what redis keeps for one that was away, and of what it keeps for a slow one.
    async fn learn_lag(&mut self) -> Result<()> {
        if self.imported.replicas == 0 || self.lag > 0 {
            return Ok(());
        }
        let mut number = async |name: &str, from_end: usize| -> Option<u64> {
            let mut ask = redis::cmd("CONFIG");
            ask.arg("GET").arg(name);
            let said: Vec<String> = link::ask(&mut self.link, self.addr, &ask).await.ok()?;
            // `normal 0 0 0 slave HARD SOFT SECONDS pubsub …`.
            let words: Vec<&str> = said.get(1)?.split(' ').collect();
            let at = if from_end == 0 { 0 } else { words.iter().position(|w| *w == "slave")? + from_end };
            words.get(at)?.parse().ok().filter(|n| *n > 0)
        };
        let backlog = number("repl-backlog-size", 0).await.unwrap_or(1 << 20);
        let hard = number("client-output-buffer-limit", 1).await.unwrap_or(u64::MAX);
        let soft = number("client-output-buffer-limit", 2).await.unwrap_or(u64::MAX);
        self.lag = (backlog.min(hard).min(soft) / 2).max(1);
        Ok(())
    }

    /// Waits for replicas that lag: one that falls behind the backlog would have to start from nothing.
    async fn keep_pace(&mut self, bytes: u64) -> Result<()> {
        self.unasked += bytes;
        if self.imported.replicas == 0 || self.unasked < self.lag {
            return Ok(());
        }
        self.unasked = 0;
        let began = Instant::now();
        while began.elapsed() < LAG {
            let replicas = self.imported.replicas;
            if link::acknowledged(&mut self.link, self.addr, replicas, ASKED).await? >= replicas {
                return Ok(());
            }
        }
        // It is away for good, or very slow: from now on only the end asks for it.
        self.lag = u64::MAX;
        Ok(())
    }

    /// The connection broke, while this was on its way.
    fn cut_off(&self, file: &str, error: &anyhow::Error, sent: Option<String>) -> anyhow::Error {
        let code = if self.state.done > 0 { Code::ImportedInPart } else { code_of(error) };
        let mut problem = Problem::new(code, format!("the import of {file} was cut off: {error}"));
        problem.found.extend(sent);
        self.broken(problem, Unfinished::BrokenOff)
    }

    fn stopped(&self, file: &str, cmd: &Cmd, origin: &Origin, reply: &str) -> anyhow::Error {
        let problem = problem!(ImportedInPart, "redis takes no more data: {reply}").found(format!(
            "{file}{}: {}: {reply}",
            origin.place(),
            label(cmd)
        ));
        self.broken(problem, Unfinished::BrokenOff)
    }

    /// Adds how far it had come.
    fn broken(&self, problem: Problem, why: Unfinished) -> anyhow::Error {
        let Progress { done, total, .. } = self.state;
        let written = done - self.imported.errors;
        problem
            .found(format!("{done} of {total} commands were answered, {written} of them written"))
            .caused_by(why)
            .into()
    }
}

/// Adds commands to a transaction; where they come from.
fn add_all(transaction: &mut Pipeline, packed: Vec<Packed>) -> Vec<Origin> {
    let add = |Packed { cmd, origin }: Packed| {
        transaction.add_command(cmd);
        origin
    };
    packed.into_iter().map(add).collect()
}

fn stops(reply: &str) -> bool {
    reply.split(' ').next().is_some_and(|code| STOPS.contains(&code))
}

/// What a transaction came to.
enum Judged {
    /// All of it, whatever each command said.
    CarriedOut(Vec<Outcome>),
    /// Nothing of it: redis did not take some of the commands.
    Aborted { outcomes: Vec<Outcome>, why: String },
    /// All of it, but what it has overwritten is lost.
    NotKept(String),
    /// What cannot be.
    Nonsense(String),
}

/// The replies to `MULTI`, `lead` commands that keep what is there, so many of the file, the note, and `EXEC`.
fn judge(replies: &[Value], lead: usize, commands: usize) -> Judged {
    let sent = lead + commands + 3;
    if replies.len() != sent {
        return Judged::Nonsense(format!("sent {} replies to {sent} commands", replies.len()));
    }
    let outcome = |reply: &Value| match reply {
        Value::ServerError(error) => Err(words_of(error)),
        _ => Ok(()),
    };
    let refused = |replies: &[Value]| replies.iter().take(lead).find_map(|reply| outcome(reply).err());
    match replies.last() {
        Some(Value::Array(done)) if done.len() == sent - 2 => match refused(done) {
            Some(why) => Judged::NotKept(why),
            None => Judged::CarriedOut(done.iter().skip(lead).take(commands).map(outcome).collect()),
        },
        Some(Value::ServerError(error)) => {
            let mut taken: Vec<Outcome> =
                replies.iter().skip(1 + lead).take(commands + 1).map(outcome).collect();
            // The note is refused for the same reasons as data, and says which.
            let note = taken.pop().and_then(Outcome::err).or_else(|| refused(&replies[1..]));
            Judged::Aborted { outcomes: taken, why: note.unwrap_or_else(|| words_of(error)) }
        }
        other => Judged::Nonsense(format!("answered EXEC with {other:?}")),
    }
}

fn words_of(error: &ServerError) -> String {
    match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().to_owned(),
    }
}
