//! Loads data files into a master: checked as a whole, then pipelined, every reply counted.
//!
//! Three parts that know nothing of one another: the reader yields checked commands, a packer makes
//! chunks of bounded size from them, the writer sends a chunk and judges its replies. So memory stays
//! flat whatever the file's size, and a later version can give each chunk a transaction of its own.

use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use redis::{Cmd, Pipeline, ServerError, Value};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::link::{self, Link, RECORD};
use super::reader::{Checked, Opened, Source, check_opened};
use crate::error::{Code, Problem, code_of, problem};

/// A chunk ends after so many commands …
const CHUNK_COMMANDS: usize = 10_000;
/// … or so many bytes, whichever comes first. (A single command may be larger.)
const CHUNK_BYTES: usize = 1 << 20;
/// Error replies that are kept with their place; the rest is counted.
const SHOWN: usize = 10;

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Import a file even if the target's record says that it was imported already.
    pub again: bool,
    /// How long to wait for the replicas' acknowledgement at the end.
    pub wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { again: false, wait: Duration::from_secs(30) }
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Commands answered.
    pub done: u64,
    /// Commands in all.
    pub total: u64,
}

/// What the target remembers of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it ended.
    pub at: Timestamp,
    /// The file, as it was called.
    pub file: String,
    /// Its commands.
    pub commands: u64,
}

/// A command that redis refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u64,
    /// The command's name and its key.
    pub command: String,
    /// Redis' words.
    pub reply: String,
}

/// How an import went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Commands sent and answered.
    pub commands: u64,
    /// Error replies among the answers.
    pub errors: u64,
    /// The first error replies, with their place.
    pub rejected: Vec<Rejected>,
    /// Replicas attached when it began.
    pub replicas: usize,
    /// Replicas that acknowledged all of it.
    pub replicas_acked: usize,
}

/// Why an import is in the redis in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// redis refused some of its commands.
    Rejected,
    /// It broke off: what adds to a value would add twice if it were sent again.
    BrokenOff,
}

impl Imported {
    /// What is not as it should be, as an error; `None` when all went well.
    pub fn problem(&self) -> Option<Problem> {
        if self.errors > 0 {
            let mut problem = problem!(
                ImportedInPart,
                "redis refused {} of {} commands; the others are written",
                self.errors,
                self.commands
            );
            for r in &self.rejected {
                problem = problem.found(format!("{}:{}: {}: {}", r.file, r.line, r.command, r.reply));
            }
            if self.errors > self.rejected.len() as u64 {
                problem = problem.found(format!("and {} more", self.errors - self.rejected.len() as u64));
            }
            return Some(problem.caused_by(Unfinished::Rejected));
        }
        if self.replicas_acked < self.replicas {
            return Some(link::unacknowledged(self.replicas_acked, self.replicas));
        }
        None
    }
}

/// What the target remembers of a file, by its sha256; `None` when it was not imported.
pub async fn already(addr: &str, sha256: &str) -> Result<Option<Record>> {
    recorded(&mut link::connect(addr).await?, addr, sha256).await
}

async fn recorded(link: &mut Link, addr: &str, sha256: &str) -> Result<Option<Record>> {
    let text: Option<String> = link::ask(link, addr, redis::cmd("HGET").arg(RECORD).arg(sha256)).await?;
    // A record that cannot be read is none: importing once more is the lesser harm.
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()))
}

/// Imports files into the master at `addr`.
///
/// All files are read and checked before the first write. Error replies do not end it, they are
/// counted: see [`Imported::problem`]. A connection that breaks does, with the number of commands
/// that were answered.
pub async fn import(
    sources: &[Source],
    addr: &str,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Imported> {
    let sources = sources.to_vec();
    let checking = tokio::task::spawn_blocking(move || {
        sources
            .iter()
            .map(|s| s.open().and_then(|mut o| Ok((check_opened(&mut o)?, o))))
            .collect::<Result<Vec<_>>>()
    });
    let opened = checking.await.context("the check of the files did not end")??;

    let mut link = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut link, addr, "import").await?;
    let mut todo = Vec::new();
    for (checked, input) in opened {
        if options.again || recorded(&mut link, addr, &checked.sha256).await?.is_none() {
            todo.push((checked, input));
        }
    }
    let mut writer = Writer {
        link,
        addr,
        state: Progress { done: 0, total: todo.iter().map(|(c, _)| c.commands).sum() },
        errors: 0,
        rejected: Vec::new(),
    };
    progress(writer.state);
    for (checked, input) in todo {
        writer.file(&checked, input, &mut progress).await?;
    }
    let replicas_acked = link::acknowledged(&mut writer.link, addr, replicas, options.wait).await?;
    let Writer { state, errors, rejected, .. } = writer;
    Ok(Imported { commands: state.done, errors, rejected, replicas, replicas_acked })
}

/// Commands packed for one round trip, and where they came from.
struct Chunk {
    pipeline: Pipeline,
    lines: Vec<(u64, String)>,
    bytes: usize,
}

impl Chunk {
    fn new() -> Self {
        Self { pipeline: redis::pipe(), lines: Vec::new(), bytes: 0 }
    }

    fn full(&self) -> bool {
        self.lines.len() >= CHUNK_COMMANDS || self.bytes >= CHUNK_BYTES
    }
}

/// Reads the file once more, into chunks; two at most are waiting, so memory stays bounded. The sha256 of what was
/// read; none where the writer gave up.
fn pack(mut input: Opened, chunks: &mpsc::Sender<Chunk>) -> Result<Option<String>> {
    let name = input.name.clone();
    let mut commands = input.commands()?;
    let mut chunk = Chunk::new();
    loop {
        let next = commands.next().with_context(|| format!("could not read {name}"))?;
        let ended = next.is_none();
        if let Some(command) = next {
            // It passed before: a fault means that the file is another one now. Nothing unchecked is sent.
            let Ok(command) = command else { break };
            let size: usize = command.words().iter().map(|w| w.len() + 16).sum();
            let mut cmd = Cmd::with_capacity(command.words().len(), size);
            for word in command.words() {
                cmd.arg(word.as_slice());
            }
            chunk.lines.push((command.line, label(command.words())));
            chunk.pipeline.add_command(cmd);
            chunk.bytes += size;
        }
        if (chunk.full() || ended) && !chunk.lines.is_empty() {
            let ready = std::mem::replace(&mut chunk, Chunk::new());
            if chunks.blocking_send(ready).is_err() {
                // The writer gave up, and says why.
                return Ok(None);
            }
        }
        if ended {
            break;
        }
    }
    Ok(Some(commands.sha256()))
}

/// A command as a message names it: its name and its key.
fn label(words: &[Vec<u8>]) -> String {
    let name = words.first().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
    match words.get(1) {
        Some(key) => format!("{name} {}", super::commands::shown(key)),
        None => name,
    }
}

struct Writer<'a> {
    link: Link,
    addr: &'a str,
    state: Progress,
    errors: u64,
    rejected: Vec<Rejected>,
}

impl Writer<'_> {
    async fn file(
        &mut self,
        checked: &Checked,
        input: Opened,
        progress: &mut impl FnMut(Progress),
    ) -> Result<()> {
        let (sender, mut chunks) = mpsc::channel(2);
        let packing = tokio::task::spawn_blocking(move || pack(input, &sender));
        let (done_before, errors_before) = (self.state.done, self.errors);
        while let Some(chunk) = chunks.recv().await {
            self.send(&checked.file, chunk).await?;
            progress(self.state);
        }
        let end = packing.await.context("the reading of the file did not end")??;
        let sent = self.state.done - done_before;
        if end.is_none_or(|sha256| sha256 != checked.sha256) || sent != checked.commands {
            return Err(self.broken(problem!(ImportedInPart, "{} changed during the import", checked.file)));
        }
        if self.errors == errors_before {
            let record =
                Record { at: Timestamp::now(), file: checked.file.clone(), commands: checked.commands };
            let mut remember = redis::cmd("HSET");
            remember.arg(RECORD).arg(&checked.sha256).arg(serde_json::to_string(&record)?);
            let () = link::ask(&mut self.link, self.addr, &remember).await?;
        }
        Ok(())
    }

    /// Sends a chunk and judges every reply.
    async fn send(&mut self, file: &str, chunk: Chunk) -> Result<()> {
        let limit = link::patience(chunk.bytes as u64);
        let replies = match link::each(&mut self.link, self.addr, &chunk.pipeline, limit).await {
            Ok(replies) => replies,
            Err(e) => {
                let code = if self.state.done > 0 { Code::ImportedInPart } else { code_of(&e) };
                let lines = (chunk.lines.first().map_or(0, |l| l.0), chunk.lines.last().map_or(0, |l| l.0));
                let problem = Problem::new(code, format!("the import of {file} was cut off: {e}")).found(
                    format!("lines {} to {} were sent; some of them may be written", lines.0, lines.1),
                );
                return Err(self.broken(problem));
            }
        };
        if replies.len() != chunk.lines.len() {
            let what = format!("redis sent {} replies to {} commands", replies.len(), chunk.lines.len());
            return Err(self.broken(Problem::new(Code::RedisRefused, what)));
        }
        self.state.done += replies.len() as u64;
        let mut stop = None;
        for (reply, (line, command)) in replies.into_iter().zip(chunk.lines) {
            let Value::ServerError(error) = reply else { continue };
            self.errors += 1;
            let rejected = Rejected { file: file.to_owned(), line, command, reply: words_of(&error) };
            if self.rejected.len() < SHOWN {
                self.rejected.push(rejected.clone());
            }
            // These are no fault of the line: every later one would meet with the same.
            if stop.is_none()
                && matches!(
                    error.code(),
                    "OOM" | "READONLY" | "MISCONF" | "LOADING" | "NOREPLICAS" | "NOAUTH" | "NOPERM"
                )
            {
                stop = Some(rejected);
            }
        }
        match stop {
            None => Ok(()),
            Some(r) => Err(self.broken(
                problem!(ImportedInPart, "redis takes no more data: {}", r.reply)
                    .found(format!("{}:{}: {}: {}", r.file, r.line, r.command, r.reply)),
            )),
        }
    }

    /// Adds how far it had come.
    fn broken(&self, problem: Problem) -> anyhow::Error {
        let Progress { done, total } = self.state;
        let written = done - self.errors;
        problem
            .found(format!("{done} of {total} commands were answered, {written} of them written"))
            .caused_by(Unfinished::BrokenOff)
            .into()
    }
}

fn words_of(error: &ServerError) -> String {
    match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, class_of};
    use crate::redis::testing::RedisServer;
    use std::fmt::Write as _;
    use std::os::unix::fs::FileExt as _;
    use std::path::PathBuf;

    fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.txt");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    async fn load(path: &std::path::Path, addr: &str) -> Result<Imported> {
        import(&[Source::File(path.to_owned())], addr, &Options::default(), |_| {}).await
    }

    fn details(error: &anyhow::Error) -> String {
        error.downcast_ref::<Problem>().unwrap().found.join("\n")
    }

    #[tokio::test]
    async fn the_sample_arrives_whole_at_master_and_replica_and_is_not_repeated() {
        let master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let mut last = Progress::default();
        let sources = [Source::Embedded];
        let imported = import(&sources, &master.addr(), &Options::default(), |p| last = p).await.unwrap();
        assert_eq!(imported.problem().map(|p| p.found), None);
        assert_eq!((imported.commands, imported.errors), (1024, 0));
        assert_eq!((imported.replicas, imported.replicas_acked), (1, 1));
        assert_eq!(last, Progress { done: 1024, total: 1024 });
        let mut link = link::connect(&master.addr()).await.unwrap();
        let keys = link::count_keys(&mut link, &master.addr()).await.unwrap();
        // The record is one key more than is counted.
        assert_eq!(keys + 1, master.ask::<u64>(&["DBSIZE"]));
        assert_eq!(keys + 1, replica.ask::<u64>(&["DBSIZE"]));
        for kind in ["string", "hash", "list", "set", "zset", "stream"] {
            let found: (String, Vec<String>) = master.ask(&["SCAN", "0", "COUNT", "100000", "TYPE", kind]);
            assert!(!found.1.is_empty(), "{kind}");
        }
        let banner: String = replica.ask(&["GET", "setting:banner"]);
        assert_eq!(banner, "Open day on Saturday:\n\t10:00 roasting,\n\t14:00 tasting \"Éthiopie\"\n");

        let sha256 = super::super::reader::check(&Source::Embedded).unwrap().sha256;
        let record = already(&master.addr(), &sha256).await.unwrap().unwrap();
        assert_eq!(record.commands, 1024);
        let again = import(&sources, &master.addr(), &Options::default(), |_| {}).await.unwrap();
        assert_eq!(again.commands, 0);
        assert_eq!(link::count_keys(&mut link, &master.addr()).await.unwrap(), keys);
        assert_eq!(already(&master.addr(), &sha256).await.unwrap(), Some(record));
    }

    #[tokio::test]
    async fn what_redis_cli_makes_of_the_sample_is_the_same_data() {
        let (ours, theirs) = (RedisServer::start(&[]), RedisServer::start(&[]));
        import(&[Source::Embedded], &ours.addr(), &Options::default(), |_| {}).await.unwrap();
        ours.ask::<()>(&["DEL", RECORD]);
        let lines = super::super::reader::SAMPLE.split(|b| *b == b'\n');
        let commands: Vec<_> = lines.filter(|l| !l.is_empty() && l[0] != b'#').collect();
        theirs.cli(&commands.join(&b'\n'));
        let digest = |s: &RedisServer| s.cli(b"DEBUG DIGEST\n");
        for server in [&ours, &theirs] {
            // Times to live are counted from the command's arrival.
            for pattern in ["session:*", "cart:*", "coupon:*"] {
                let keys: Vec<String> = server.ask(&["KEYS", pattern]);
                for key in keys {
                    server.ask::<()>(&["PERSIST", &key]);
                }
            }
        }
        assert_eq!(digest(&ours).trim().len(), 40);
        assert_eq!(digest(&ours), digest(&theirs));
    }

    #[tokio::test]
    async fn nothing_is_written_when_one_line_is_wrong() {
        let server = RedisServer::start(&[]);
        let mut text = String::new();
        for n in 0..30_000 {
            let _ = writeln!(text, "SET k:{n} v");
        }
        text.push_str("FLUSHALL\n");
        let (_dir, path) = file(text);
        let error = load(&path, &server.addr()).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
        assert!(details(&error).contains("data.txt:30001: FLUSHALL is refused"));
        assert_eq!(server.ask::<u64>(&["DBSIZE"]), 0);
    }

    #[tokio::test]
    async fn error_replies_are_counted_and_named_with_their_line() {
        let server = RedisServer::start(&[]);
        let mut text = String::from("# a string\nSET s text\n");
        for _ in 0..15 {
            text.push_str("LPUSH s x\n");
        }
        text.push_str("INCR s\nSET t 1\n");
        let (_dir, path) = file(text);
        let imported = load(&path, &server.addr()).await.unwrap();
        assert_eq!((imported.commands, imported.errors, imported.rejected.len()), (18, 16, 10));
        let problem = imported.problem().unwrap();
        assert_eq!(problem.code.class(), Class::Partial);
        assert!(problem.found[0].contains("data.txt:3: LPUSH \"s\": WRONGTYPE"), "{:?}", problem.found);
        assert_eq!(problem.found[10], "and 6 more");
        assert_eq!(server.ask::<i64>(&["GET", "t"]), 1);
        // Not recorded as imported.
        let sha256 = super::super::reader::check(&Source::File(path)).unwrap().sha256;
        assert_eq!(already(&server.addr(), &sha256).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_server_that_dies_during_the_import_is_an_error_that_counts() {
        let mut server = RedisServer::start(&[]);
        let mut text = String::new();
        for n in 0..120_000 {
            let _ = writeln!(text, "SET k:{n} v");
        }
        let (_dir, path) = file(text);
        let addr = server.addr();
        let error = import(&[Source::File(path)], &addr, &Options::default(), |p| {
            if p.done == 20_000 {
                server.kill();
            }
        })
        .await
        .unwrap_err();
        assert_eq!(class_of(&error), Class::Partial);
        assert!(error.to_string().contains("was cut off"), "{error}");
        assert!(details(&error).contains("lines 20001 to 30000 were sent"), "{}", details(&error));
        assert!(details(&error).contains("20000 of 120000 commands were answered"), "{}", details(&error));
    }

    #[tokio::test]
    async fn a_full_redis_ends_the_import_at_once() {
        let server = RedisServer::start(&["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
        let mut text = String::new();
        for n in 0..100_000 {
            let _ = writeln!(text, "SET k:{n} {}", "v".repeat(90));
        }
        let (_dir, path) = file(text);
        let error = load(&path, &server.addr()).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Partial);
        assert!(error.to_string().contains("OOM command not allowed"), "{error}");
        let said = details(&error);
        let answered: u64 = said.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(answered < 100_000, "{said}");
    }

    #[tokio::test]
    async fn a_file_that_changes_during_the_import_is_noticed() {
        let server = RedisServer::start(&[]);
        let mut text = String::new();
        for n in 0..200_000 {
            let _ = writeln!(text, "SET k:{n:06} v");
        }
        let (_dir, path) = file(&text);
        let (mut changed, target) = (false, path.clone());
        let error = import(&[Source::File(path)], &server.addr(), &Options::default(), |p| {
            if p.done > 0 && !changed {
                changed = true;
                // In place, near the end, the same size: only the content tells.
                let file = std::fs::OpenOptions::new().write(true).open(&target).unwrap();
                file.write_all_at(b"w", text.len() as u64 - 2).unwrap();
            }
        })
        .await
        .unwrap_err();
        assert_eq!(class_of(&error), Class::Partial);
        assert!(error.to_string().contains("changed during the import"), "{error}");
    }

    #[tokio::test]
    async fn a_line_that_turns_dangerous_after_the_check_is_never_sent() {
        let server = RedisServer::start(&[]);
        let mut text = String::new();
        for n in 0..200_000 {
            let _ = writeln!(text, "SET k:{n:06} v");
        }
        let (_dir, path) = file(&text);
        let (mut changed, target) = (false, path.clone());
        let error = import(&[Source::File(path)], &server.addr(), &Options::default(), |p| {
            if p.done > 0 && !changed {
                changed = true;
                let file = std::fs::OpenOptions::new().write(true).open(&target).unwrap();
                file.write_all_at(b"FLUSHALL ASYNC\n", text.len() as u64 - 15).unwrap();
            }
        })
        .await
        .unwrap_err();
        assert!(error.to_string().contains("changed during the import"), "{error}");
        assert!(server.ask::<u64>(&["DBSIZE"]) >= 190_000);
    }

    #[tokio::test]
    async fn a_replica_is_refused_and_so_is_an_address_where_nothing_listens() {
        let mut master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let (_dir, path) = file("SET a 1\n");
        let error = load(&path, &replica.addr()).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
        assert!(error.to_string().contains("is a replica of"), "{error}");
        master.kill();
        let error = load(&path, &master.addr()).await.unwrap_err();
        assert!(error.to_string().contains("no redis answers"), "{error}");
    }

    #[tokio::test]
    async fn a_replica_that_does_not_acknowledge_is_reported() {
        let master = RedisServer::start(&[]);
        let replica = master.replica(&[]);
        let pid = replica.pid().to_string();
        let stop = |signal: &str| {
            assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
        };
        stop("-STOP");
        let (_dir, path) = file("SET a 1\n");
        let options = Options { wait: Duration::from_millis(300), ..Options::default() };
        let imported = import(&[Source::File(path)], &master.addr(), &options, |_| {}).await;
        stop("-CONT");
        let imported = imported.unwrap();
        assert_eq!((imported.replicas, imported.replicas_acked), (1, 0));
        assert_eq!(imported.problem().unwrap().code.class(), Class::Timeout);
    }

    #[tokio::test]
    async fn several_files_are_all_checked_before_the_first_is_sent() {
        let server = RedisServer::start(&[]);
        let ((_a, good), (_b, bad)) = (file("SET a 1\n"), file("SET b\n"));
        let sources = [Source::File(good.clone()), Source::File(bad.clone())];
        let error = import(&sources, &server.addr(), &Options::default(), |_| {}).await.unwrap_err();
        assert_eq!(class_of(&error), Class::Usage);
        assert_eq!(server.ask::<u64>(&["DBSIZE"]), 0);
        std::fs::write(&bad, "SET b 2\n").unwrap();
        let imported = import(&sources, &server.addr(), &Options::default(), |_| {}).await.unwrap();
        assert_eq!(imported.commands, 2);
        // Both values, and the record of both files.
        assert_eq!(server.ask::<u64>(&["DBSIZE"]), 3);
        assert_eq!(server.ask::<u64>(&["HLEN", RECORD]), 2);
    }

    #[tokio::test]
    async fn a_value_larger_than_a_chunk_and_than_the_library_s_patience_arrives() {
        let server = RedisServer::start(&[]);
        let (_dir, path) = file(format!("SET big {}\nSET small 1\n", "x".repeat(20_000_000)));
        let imported = load(&path, &server.addr()).await.unwrap();
        assert_eq!(imported.commands, 2);
        assert_eq!(server.ask::<u64>(&["STRLEN", "big"]), 20_000_000);
    }
}
