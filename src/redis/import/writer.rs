//! Sends chunks, each as one transaction with how far the import has come, and judges every reply.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use redis::{Cmd, Pipeline, ServerError, Value};
use tokio::sync::mpsc;

use super::chunk::{Body, Chunk, End, Keep, New, Origin, Packed, label, over_others, pack};
use super::former::Former;
use super::record::{Ids, Part};
use super::{File, Imported, Progress, Rejected, Unfinished};
use crate::error::{Code, Problem, code_of, problem};
use crate::redis::link::{self, Link, NEW};
use crate::redis::reader::{Checked, Place, Words};

/// Error replies that are kept with their place; the rest is counted.
const SHOWN: usize = 10;

/// How long replicas that lag are waited for before the import goes on all the same.
const LAG: Duration = Duration::from_secs(30);

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
        while let Some(chunk) = chunks.recv().await {
            self.state.bytes = self.read_before + chunk.read;
            self.send(&sending, chunk, &mut part).await?;
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

    /// Waits for the replicas. Who left meanwhile is not counted, unless nobody is there that has it all.
    pub(super) async fn end(mut self, wait: Duration) -> Result<Imported> {
        let mut replicas = self.imported.replicas;
        let acked = link::acknowledged(&mut self.link, self.addr, replicas, wait).await?;
        if 0 < acked && acked < replicas && link::is_all_there_is(&mut self.link, self.addr, acked).await? {
            replicas = acked;
        }
        Ok(Imported { commands: self.state.done, replicas, replicas_acked: acked, ..self.imported })
    }

    /// Sends a chunk, and notes how far the import has come with it.
    async fn send(&mut self, file: &Sending<'_>, chunk: Chunk, part: &mut Part) -> Result<()> {
        let before = part.clone();
        part.items = chunk.items;
        part.commands += chunk.commands;
        let limit = link::patience(chunk.bytes as u64);
        let any = match chunk.body {
            Body::New(new) => self.send_new(file, new, part, limit).await?,
            Body::Any(packed, keys) => Some((packed, keys)),
        };
        if let Some((packed, keys)) = any {
            let keep = self.former.map(|former| former.keep(&keys, file.number, chunk.start..chunk.items));
            self.send_any(file, packed, keep, (&before, part), limit).await?;
            self.count_known();
        }
        if part.errors > before.errors {
            // Not known when the transaction was sent.
            let noting: Result<()> = link::ask(&mut self.link, self.addr, &file.ids.come_to(part)?).await;
            noting.map_err(|error| self.cut_off(file.name, &error, None))?;
        }
        self.state.done += part.commands - before.commands;
        self.imported.errors += part.errors - before.errors;
        self.keep_pace(chunk.bytes as u64).await.map_err(|error| self.cut_off(file.name, &error, None))
    }

    /// Sends what goes only where none of its keys is there; gives it back where one is.
    async fn send_new(
        &mut self,
        file: &Sending<'_>,
        mut new: New,
        part: &Part,
        limit: Duration,
    ) -> Result<Option<(Vec<Packed>, Words)>> {
        let Some(former) = self.former else { return Ok(Some(over_others(&new.cmd, new.places))) };
        let token = RandomState::new().hash_one(part.items);
        new.cmd.arg(NEW).arg(token);
        let (field, text) = file.ids.noted(part)?;
        let origin = Origin::Sets(new.places);
        let mut transaction = redis::pipe();
        transaction.cmd("MULTI").add_command(new.cmd);
        transaction.add_command(former.note(token, (field, &text), file.number, part.items)).cmd("EXEC");
        let replies = link::each(&mut self.link, self.addr, &transaction, limit).await;
        let replies = replies
            .map_err(|e| self.cut_off(file.name, &e, Some(one_transaction(file.name, [&origin, &origin]))))?;
        let Origin::Sets(places) = origin else { return Ok(None) };
        match replies.last() {
            Some(Value::Array(done)) => match &done[..] {
                [Value::Int(1), Value::Int(1)] => {
                    self.known.1 = 1;
                    return Ok(None);
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
        Ok(transaction.cmd_iter().nth(1).map(|cmd| over_others(cmd, places)))
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
        packed: Vec<Packed>,
        keep: Option<Cmd>,
        (before, part): (&Part, &mut Part),
        limit: Duration,
    ) -> Result<()> {
        let lead = usize::from(keep.is_some());
        let mut start = redis::pipe();
        start.cmd("MULTI");
        if let Some(keep) = keep {
            start.add_command(keep);
        }
        let mut packed = packed;
        loop {
            let mut origins = Vec::with_capacity(packed.len());
            let mut transaction = start;
            for Packed { cmd, origin } in packed {
                transaction.add_command(cmd);
                origins.push(origin);
            }
            transaction.add_command(file.ids.come_to(part)?).cmd("EXEC");
            let replies = match link::each(&mut self.link, self.addr, &transaction, limit).await {
                Ok(replies) => replies,
                Err(error) => {
                    let ends = [origins.first(), origins.last()].map(|o| o.unwrap_or(&NOWHERE));
                    return Err(self.cut_off(file.name, &error, Some(one_transaction(file.name, ends))));
                }
            };
            let sent = |transaction: &Pipeline, n| transaction.cmd_iter().nth(1 + lead + n).cloned();
            match judge(&replies, lead, origins.len()) {
                Judged::CarriedOut(outcomes) => {
                    for (n, (origin, outcome)) in origins.iter().zip(outcomes).enumerate() {
                        if let Err(reply) = outcome {
                            let cmd = sent(&transaction, n).unwrap_or_default();
                            self.refused(file.name, &cmd, origin, reply, part);
                        }
                    }
                    return Ok(());
                }
                Judged::Aborted { outcomes, why } => {
                    let mut left = Vec::new();
                    let count = origins.len();
                    let cmds = transaction.cmd_iter().skip(1 + lead);
                    for ((cmd, origin), outcome) in cmds.zip(origins).zip(outcomes) {
                        match outcome {
                            Ok(()) => left.push(Packed { cmd: cmd.clone(), origin }),
                            // Who may not send `MSET` may be allowed to `SET`.
                            Err(reply)
                                if reply.starts_with("NOPERM") && matches!(origin, Origin::Sets(_)) =>
                            {
                                left.extend(Packed { cmd: cmd.clone(), origin }.apart());
                            }
                            Err(reply) if stops(&reply) => {
                                *part = before.clone();
                                return Err(self.stopped(file.name, cmd, &origin, &reply));
                            }
                            Err(reply) => self.refused(file.name, cmd, &origin, reply, part),
                        }
                    }
                    if left.len() == count {
                        *part = before.clone();
                        let what = problem!(ImportedInPart, "redis takes no more data: {why}");
                        return Err(self.broken(what, Unfinished::BrokenOff));
                    }
                    packed = left;
                }
                Judged::NotKept(why) => {
                    let what =
                        problem!(ImportedInPart, "redis did not keep what a chunk has overwritten: {why}");
                    return Err(self.broken(what, Unfinished::BrokenOff));
                }
                Judged::Nonsense(what) => {
                    let what = Problem::new(Code::RedisRefused, format!("redis at {} {what}", self.addr));
                    return Err(self.broken(what, Unfinished::BrokenOff));
                }
            }
            start = redis::pipe();
            for cmd in transaction.cmd_iter().take(1 + lead) {
                start.add_command(cmd.clone());
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
            let (replicas, second) = (self.imported.replicas, Duration::from_secs(1));
            if link::acknowledged(&mut self.link, self.addr, replicas, second).await? >= replicas {
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

/// Where nothing was sent.
const NOWHERE: Origin = Origin::One(Place::Line { line: 1, column: None });

/// What is known of a transaction from the first to the last of these whose end was not told.
fn one_transaction(file: &str, [first, last]: [&Origin; 2]) -> String {
    let (first, last) = (first.place(), last.last());
    format!("{file}{first} to {file}{last} were sent as one transaction: redis has all of them, or none")
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
