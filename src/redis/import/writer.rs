//! Sends chunks, each as one transaction with how far the import has come, and judges every reply.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use redis::{Cmd, ServerError, Value};
use tokio::sync::mpsc;

use super::chunk::{Again, Chunk, End, Packed, pack};
use super::former::Former;
use super::record::{Ids, Part};
use super::{File, Imported, Progress, Rejected, Unfinished};
use crate::error::{Code, Problem, code_of, problem};
use crate::redis::link::{self, Link};
use crate::redis::reader::{Checked, Place};

/// Error replies that are kept with their place; the rest is counted.
const SHOWN: usize = 10;

/// How long replicas that lag are waited for before the import goes on all the same.
const LAG: Duration = Duration::from_secs(30);

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
}

/// What became of a command.
type Outcome = Result<(), String>;

impl<'a> Writer<'a> {
    pub(super) fn new(link: Link, addr: &'a str, replicas: usize, former: Option<&'a Former>) -> Self {
        let imported = Imported { replicas, ..Imported::default() };
        Self { link, addr, state: Progress::default(), read_before: 0, imported, unasked: 0, lag: 0, former }
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

    /// Sends a file behind what an earlier try has sent of it. `again`: which of its keys come more than once.
    pub(super) async fn file(
        &mut self,
        file: File,
        again: Again,
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
        let (expected, done, again) = (checked.clone(), part.items, self.former.map(|_| again));
        let packing =
            tokio::task::spawn_blocking(move || pack(input, &expected, done, again.as_ref(), &sender));
        while let Some(chunk) = chunks.recv().await {
            self.state.bytes = self.read_before + chunk.read;
            let keep = self
                .former
                .map(|former| former.script(&chunk.touched.often, &chunk.touched.once, number, chunk.items));
            self.send(&checked.file, chunk, keep, &ids, &mut part).await?;
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

    /// Sends a chunk, again without what redis refuses to take, until all of it is carried out or refused. `keep` keeps
    /// what its keys hold before.
    async fn send(
        &mut self,
        file: &str,
        chunk: Chunk,
        keep: Option<Cmd>,
        ids: &Ids,
        part: &mut Part,
    ) -> Result<()> {
        let limit = link::patience(chunk.bytes as u64);
        let before = part.clone();
        part.items = chunk.items;
        part.commands += chunk.packed.iter().map(Packed::count).sum::<u64>();
        let mut packed = chunk.packed;
        loop {
            let mut transaction = redis::pipe();
            transaction.cmd("MULTI");
            if let Some(keep) = &keep {
                transaction.add_command(keep.clone());
            }
            for one in &packed {
                // The library has no way to lend it one.
                transaction.add_command(one.cmd().clone());
            }
            transaction.add_command(ids.come_to(part)?).cmd("EXEC");
            let replies = match link::each(&mut self.link, self.addr, &transaction, limit).await {
                Ok(replies) => replies,
                Err(error) => {
                    let (first, last) = (packed.first().map(Packed::place), packed.last().map(last_place));
                    let sent = format!(
                        "{file}{} to {file}{} were sent as one transaction: redis has all of them, or none",
                        first.unwrap_or_default(),
                        last.unwrap_or_default()
                    );
                    return Err(self.cut_off(file, &error, Some(sent)));
                }
            };
            match judge(&replies, usize::from(keep.is_some()), packed.len()) {
                Judged::CarriedOut(outcomes) => {
                    for (one, outcome) in packed.iter().zip(outcomes) {
                        if let Err(reply) = outcome {
                            self.refused(file, one, reply, part);
                        }
                    }
                    break;
                }
                Judged::Aborted { outcomes, why } => {
                    let mut left = Vec::new();
                    let count = packed.len();
                    for (one, outcome) in packed.into_iter().zip(outcomes) {
                        match outcome {
                            Ok(()) => left.push(one),
                            // Who may not send `MSET` may be allowed to `SET`.
                            Err(reply) if reply.starts_with("NOPERM") && matches!(one, Packed::Sets(..)) => {
                                left.extend(one.apart());
                            }
                            Err(reply) if stops(&reply) => {
                                *part = before;
                                return Err(self.stopped(file, &one, &reply));
                            }
                            Err(reply) => self.refused(file, &one, reply, part),
                        }
                    }
                    if left.len() == count {
                        *part = before;
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
        }
        if part.errors > before.errors {
            // Not known when the transaction was sent.
            let noting: Result<()> = link::ask(&mut self.link, self.addr, &ids.come_to(part)?).await;
            noting.map_err(|error| self.cut_off(file, &error, None))?;
        }
        self.state.done += part.commands - before.commands;
        self.imported.errors += part.errors - before.errors;
        self.keep_pace(chunk.bytes as u64).await.map_err(|error| self.cut_off(file, &error, None))
    }

    fn refused(&mut self, file: &str, one: &Packed, reply: String, part: &mut Part) {
        part.errors += one.count();
        if self.imported.rejected.len() < SHOWN {
            let place = format!("{file}{}", one.place());
            self.imported.rejected.push(Rejected { place, command: one.label(), reply });
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

    fn stopped(&self, file: &str, one: &Packed, reply: &str) -> anyhow::Error {
        let problem = problem!(ImportedInPart, "redis takes no more data: {reply}").found(format!(
            "{file}{}: {}: {reply}",
            one.place(),
            one.label()
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

fn last_place(packed: &Packed) -> Place {
    match packed {
        Packed::One(_, place) => *place,
        Packed::Sets(_, places) => places.last().copied().unwrap_or_default(),
    }
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
