//! The write-ahead journal: what was done, in which order, and what to restore.
//!
//! JSON lines, appended and synced before each act. It is the sole maker of [`Recorded`], the
//! token without which no step acts: an effect without a journal line does not compile.

mod file;
mod format;
mod history;
mod lock;
mod record;

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Code, Problem, shell};
use crate::fs::write_whole;
use file::{Sound, parse, sound};
use format::{decode, encode};
use record::Record;

pub use history::{Entry, History, Run};
pub use lock::{Lock, lock};
pub use record::{EntryId, Phase, Scope, Subject, Verb};

/// Above this size the journal is compacted when it is opened for a run.
const COMPACT_ABOVE: u64 = 4 << 20;

/// Runs that compaction always keeps, for `history`.
const RUNS_KEPT: usize = 50;

/// Proof that a change stands in the journal. Only the journal makes one.
#[derive(Debug)]
pub struct Recorded(EntryId);

impl Recorded {
    /// Which entry it is.
    pub fn entry(&self) -> EntryId {
        self.0
    }
}

/// The journal, open for one run; the lock is held until it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    history: History,
    run: u64,
    next_index: u32,
    appended: u64,
    kill_at: Option<u64>,
    damage: Option<Damage>,
    _lock: Lock,
}

/// A damaged file that is left as it is until a run begins.
#[derive(Debug)]
struct Damage {
    /// What is wrong with it.
    what: String,
    /// All that it holds.
    whole: Vec<u8>,
    /// Its sound lines, and what was recorded since.
    sound: Vec<u8>,
}

/// Where the journal lies in the state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join("journal.jsonl")
}

/// Reads the journal without the lock, for reports.
pub fn read(state: &Path) -> Result<History> {
    parse(&path(state), &load(&path(state))?).map(|(history, _)| history)
}

/// The same by the sound lines alone, where others are damaged.
pub fn read_sound(state: &Path) -> Result<History> {
    sound(&path(state), &load(&path(state))?).map(|s| s.history)
}

fn load(path: &Path) -> Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
    }
}

/// Sets a damaged journal aside and keeps every line that can still be read.
///
/// Returns where the damaged one was put, and how many lines were dropped.
pub fn repair(state: &Path) -> Result<Option<(PathBuf, usize)>> {
    let _lock = lock(state, "opsctl history --repair")?;
    let path = path(state);
    let whole = load(&path)?;
    let Sound { bytes, dropped, .. } = sound(&path, &whole)?;
    if dropped == 0 {
        return Ok(None);
    }
    Ok(Some((replace(&path, &whole, &bytes)?, dropped)))
}

/// Keeps the damaged journal under another name, and leaves its sound lines in its place.
fn replace(path: &Path, whole: &[u8], sound: &[u8]) -> Result<PathBuf> {
    let aside = path.with_file_name(format!("journal.damaged-{}", Timestamp::now().as_second()));
    write_whole(&aside, whole)?;
    write_whole(path, sound)?;
    Ok(aside)
}

impl Journal {
    /// Opens the journal for a run and takes the lock.
    ///
    /// Nothing is written until the first change: a run that changes nothing leaves no trace.
    /// `kill_at` ends the process after that many appends (the tests' way to die at every step).
    pub fn open(state: &Path, command: &str, kill_at: Option<u64>) -> Result<Self> {
        let lock = lock(state, command)?;
        Self::open_locked(path(state), lock, kill_at)
    }

    /// The same, but of a damaged journal the sound lines count. The file is left as it is until a run begins:
    /// then it is put aside, and its sound lines are gone on with.
    pub fn open_sound(state: &Path, command: &str, kill_at: Option<u64>) -> Result<Self> {
        let lock = lock(state, command)?;
        let path = path(state);
        let whole = load(&path)?;
        let Err(error) = parse(&path, &whole) else { return Self::open_locked(path, lock, kill_at) };
        let Sound { history, bytes, .. } = sound(&path, &whole)?;
        let file = File::open(&path).with_context(|| format!("could not open {}", path.display()))?;
        let damage = Damage { what: error.to_string(), whole, sound: bytes };
        let run = history.next_run();
        Ok(Self {
            file,
            path,
            history,
            run,
            next_index: 0,
            appended: 0,
            kill_at,
            damage: Some(damage),
            _lock: lock,
        })
    }

    /// What is wrong with the file, in words, while it is left as it is.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_ref().map(|d| d.what.as_str())
    }

    fn open_locked(path: PathBuf, lock: Lock, kill_at: Option<u64>) -> Result<Self> {
        let bytes = load(&path)?;
        let (history, whole) = parse(&path, &bytes)?;
        if whole > COMPACT_ABOVE {
            compact(&path, &bytes, &history)?;
            let bytes = load(&path)?;
            let (history, whole) = parse(&path, &bytes)?;
            return Self::at(path, whole, history, lock, kill_at);
        }
        Self::at(path, whole, history, lock, kill_at)
    }

    fn at(path: PathBuf, whole: u64, history: History, lock: Lock, kill_at: Option<u64>) -> Result<Self> {
        let file = to_append(&path, whole)?;
        let run = history.next_run();
        Ok(Self { file, path, history, run, next_index: 0, appended: 0, kill_at, damage: None, _lock: lock })
    }

    /// What the journal says, this run included.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// This run's number.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// Names this run. To be called before the first change.
    pub fn begin_run(
        &mut self,
        verb: Verb,
        command: &str,
        target: &str,
        reverses: Option<u64>,
    ) -> Result<()> {
        if let Some(damage) = &self.damage {
            replace(&self.path, &damage.whole, &damage.sound)?;
            self.file = to_append(&self.path, damage.sound.len() as u64)?;
            self.damage = None;
        }
        let run = Record::Run {
            run: self.run,
            verb,
            command: command.to_owned(),
            target: target.to_owned(),
            reverses,
        };
        self.append(vec![run], true)
    }

    /// Whether [`Journal::begin_run`] has been called.
    pub fn begun(&self) -> bool {
        self.history.run(self.run).is_some()
    }

    /// Records that these new changes are about to be made; on disk when this returns.
    pub fn begin(&mut self, subjects: Vec<Subject>) -> Result<Vec<Recorded>> {
        let mut records = Vec::new();
        let mut tokens = Vec::new();
        for is in subjects {
            let entry = EntryId { run: self.run, index: self.next_index };
            self.next_index += 1;
            records.push(self.entry_record(entry, Phase::Begun, Some(is)));
            tokens.push(Recorded(entry));
        }
        self.append(records, true)?;
        Ok(tokens)
    }

    /// Records that entries known already are about to be made again.
    pub fn begin_again(&mut self, entries: &[EntryId]) -> Result<Vec<Recorded>> {
        self.intend(entries, Phase::Begun)
    }

    /// The same for entries whose cluster was deleted and made anew: they live in this scope from now on.
    pub fn begin_again_in(&mut self, entries: &[EntryId], home: &Scope) -> Result<Vec<Recorded>> {
        let records = entries.iter().map(|id| match self.entry_record(*id, Phase::Begun, None) {
            Record::Entry { entry, by, phase, is, result, ms, .. } => {
                Record::Entry { entry, by, phase, is, result, ms, scope: Some(home.clone()) }
            }
            other => other,
        });
        let records = records.collect();
        self.append(records, true)?;
        Ok(entries.iter().map(|id| Recorded(*id)).collect())
    }

    /// Records that these entries are about to be taken back.
    pub fn begin_down(&mut self, entries: &[EntryId]) -> Result<Vec<Recorded>> {
        self.intend(entries, Phase::Undoing)
    }

    fn intend(&mut self, entries: &[EntryId], phase: Phase) -> Result<Vec<Recorded>> {
        let records = entries.iter().map(|id| self.entry_record(*id, phase, None)).collect();
        self.append(records, true)?;
        Ok(entries.iter().map(|id| Recorded(*id)).collect())
    }

    /// Records that a change stands. Synced with the next intention, or at the end:
    /// losing it costs a second look, never a change.
    pub fn done(&mut self, token: &Recorded, made: Value, ms: u64) -> Result<()> {
        self.append(
            vec![Record::Entry {
                entry: token.0,
                by: self.run,
                phase: Phase::Done,
                is: None,
                result: Some(made),
                ms: Some(ms),
                scope: None,
            }],
            false,
        )
    }

    /// Records that a change was taken back, with what its return needs.
    ///
    /// Synced: what was kept must be known before the next thing goes.
    pub fn undone(&mut self, token: &Recorded, kept: Value) -> Result<()> {
        self.append(
            vec![Record::Entry {
                entry: token.0,
                by: self.run,
                phase: Phase::Undone,
                is: None,
                result: Some(kept),
                ms: None,
                scope: None,
            }],
            true,
        )
    }

    /// Records that entries went with their cluster. Needs no run: nothing is done to anything.
    pub fn gone(&mut self, entries: &[EntryId]) -> Result<()> {
        let records = entries.iter().map(|id| self.entry_record(*id, Phase::Gone, None)).collect();
        self.append(records, true)
    }

    /// Ends the run.
    pub fn end(&mut self, ok: bool) -> Result<()> {
        if !self.begun() {
            return Ok(());
        }
        self.append(vec![Record::End { run: self.run, ok }], true)
    }

    fn entry_record(&self, entry: EntryId, phase: Phase, is: Option<Subject>) -> Record {
        Record::Entry { entry, by: self.run, phase, is, result: None, ms: None, scope: None }
    }

    fn append(&mut self, records: Vec<Record>, sync: bool) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        let mut bytes = Vec::new();
        for record in &records {
            bytes.extend(encode(now, record)?);
        }
        match &mut self.damage {
            // Its file is left as it is: what is recorded before a run begins waits for that.
            Some(damage) => damage.sound.append(&mut bytes),
            None => self.write(&bytes, sync)?,
        }
        for record in records {
            self.history.apply(now, record).map_err(anyhow::Error::msg)?;
            self.appended += 1;
            if self.kill_at == Some(self.appended) {
                std::process::abort();
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], sync: bool) -> Result<()> {
        let end = self.file.stream_position()?;
        let mut write = || -> std::io::Result<()> {
            self.file.write_all(bytes)?;
            if sync { self.file.sync_data() } else { Ok(()) }
        };
        let Err(e) = write() else { return Ok(()) };
        // What does not fit must not stay as half a line.
        let _ = self.file.set_len(end);
        let _ = self.file.seek(SeekFrom::Start(end));
        Err(Problem::new(Code::State, format!("could not write the journal {}: {e}", self.path.display()))
            .found("opsctl changes nothing without a journal line, so it did not start the step.")
            .next(shell(format!("df -h {}", self.path.parent().unwrap_or(Path::new(".")).display())))
            .into())
    }
}

/// Opens the journal's file behind its last whole line.
fn to_append(path: &Path, whole: u64) -> Result<File> {
    let open = || -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path)?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        if whole == 0
            && let Some(folder) = path.parent()
        {
            File::open(folder)?.sync_all()?; // a new file's name must outlive a power cut, too
        }
        Ok(file)
    };
    open().with_context(|| format!("could not open {}", path.display()))
}

/// Keeps the records of what stands and of what the newest runs did; everything else is history nobody needs.
///
/// With an entry all its records stay, and with these the runs that they name: whether a run
/// reversed another decides what its records mean.
fn compact(path: &Path, bytes: &[u8], history: &History) -> Result<()> {
    let recent: Vec<u64> = history.runs().rev().map(|r| r.run).take(RUNS_KEPT).collect();
    let oldest = recent.last().copied().unwrap_or(0);
    let undoable = |e: &&Entry| e.id.run >= oldest || e.last_run().is_some_and(|run| run >= oldest);
    let standing: Vec<EntryId> =
        history.entries().filter(|e| e.stands() || undoable(e)).map(|e| e.id).collect();
    let mut runs: Vec<u64> = standing.iter().map(|id| id.run).chain(recent).collect();
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let Ok((_, record)) = decode(line) else { continue };
        if let Record::Entry { entry, by, .. } = &record
            && standing.contains(entry)
        {
            runs.push(*by);
        }
        lines.push((line, record));
    }
    let mut kept = Vec::new();
    for (line, record) in lines {
        let keep = match &record {
            Record::Run { run, .. } | Record::End { run, .. } => runs.contains(run),
            Record::Entry { entry, .. } => standing.contains(entry),
        };
        if keep {
            kept.extend_from_slice(line);
        }
    }
    write_whole(path, &kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subject(key: &str) -> Subject {
        Subject {
            scope: Scope::Cluster("c1".into()),
            part: "redis".into(),
            key: key.into(),
            step: json!({"object": key}),
            before: Value::Null,
        }
    }

    fn up(dir: &Path, keys: &[&str]) -> u64 {
        let mut j = Journal::open(dir, "up", None).unwrap();
        j.begin_run(Verb::Up, "opsctl up", "c1", None).unwrap();
        for key in keys {
            let tokens = j.begin(vec![subject(key)]).unwrap();
            j.done(&tokens[0], json!({"uid": key}), 1).unwrap();
        }
        j.end(true).unwrap();
        j.run()
    }

    fn standing(dir: &Path) -> Vec<String> {
        let history = read(dir).unwrap();
        history.standing(&Scope::Cluster("c1".into())).iter().map(|e| e.is.key.clone()).collect()
    }

    fn down_all(dir: &Path, verb: Verb, reverses: Option<u64>) -> u64 {
        let mut j = Journal::open(dir, "down", None).unwrap();
        let effects = if let Some(run) = reverses {
            j.history().effects(run)
        } else {
            let scope = Scope::Cluster("c1".into());
            j.history().standing(&scope).iter().rev().map(|e| (e.id, true)).collect()
        };
        j.begin_run(verb, "opsctl down", "c1", reverses).unwrap();
        for (id, stands) in effects {
            if stands {
                let token = j.begin_down(&[id]).unwrap();
                j.undone(&token[0], json!("kept")).unwrap();
            } else {
                let token = j.begin_again(&[id]).unwrap();
                j.done(&token[0], json!({"uid": "again"}), 1).unwrap();
            }
        }
        j.end(true).unwrap();
        j.run()
    }

    #[test]
    fn what_was_made_last_is_taken_back_first() {
        let dir = tempfile::tempdir().unwrap();
        let run = up(dir.path(), &["a", "b", "c"]);
        let history = read(dir.path()).unwrap();
        let order: Vec<_> = history.effects(run).into_iter().map(|(id, up)| (id.index, up)).collect();
        assert_eq!(order, [(2, true), (1, true), (0, true)]);
    }

    #[test]
    fn undo_of_down_puts_up_again_and_the_next_undo_reverses_the_first_up() {
        let dir = tempfile::tempdir().unwrap();
        let scope = [Scope::Cluster("c1".into())];
        let first = up(dir.path(), &["a", "b"]);
        let down = down_all(dir.path(), Verb::Down, None);
        assert!(standing(dir.path()).is_empty());
        assert_eq!(read(dir.path()).unwrap().newest_effective(&scope).unwrap().run, down);
        down_all(dir.path(), Verb::Undo, Some(down));
        assert_eq!(standing(dir.path()), ["a", "b"]);
        let history = read(dir.path()).unwrap();
        assert_eq!(history.newest_effective(&scope).unwrap().run, first);
        assert_eq!(history.entries().next().unwrap().made, Some(json!({"uid": "again"})));
        down_all(dir.path(), Verb::Undo, Some(first));
        assert!(standing(dir.path()).is_empty());
        assert!(read(dir.path()).unwrap().newest_effective(&scope).is_none());
    }

    #[test]
    fn a_change_begun_but_not_done_still_has_to_be_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut j = Journal::open(dir.path(), "up", None).unwrap();
        j.begin_run(Verb::Up, "opsctl up", "c1", None).unwrap();
        j.begin(vec![subject("a")]).unwrap();
        drop(j);
        let history = read(dir.path()).unwrap();
        assert!(history.entries().next().unwrap().pending());
        assert_eq!(history.effects(1).len(), 1);
    }

    #[test]
    fn an_interrupted_undo_is_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let first = up(dir.path(), &["a", "b"]);
        let mut j = Journal::open(dir.path(), "undo", None).unwrap();
        j.begin_run(Verb::Undo, "opsctl undo", "c1", Some(first)).unwrap();
        let id = j.history().effects(first)[0].0;
        j.begin_down(&[id]).unwrap();
        drop(j);
        assert_eq!(read(dir.path()).unwrap().effects(first).len(), 2);
        down_all(dir.path(), Verb::Undo, Some(first));
        assert!(standing(dir.path()).is_empty());
    }

    #[test]
    fn a_torn_last_line_is_tolerated_and_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["a"]);
        let file = path(dir.path());
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.extend_from_slice(b"{\"v\":1,\"t\":\"20");
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(standing(dir.path()), ["a"]);
        up(dir.path(), &["b"]);
        assert_eq!(standing(dir.path()), ["a", "b"]);
    }

    #[test]
    fn a_damaged_line_is_refused_with_its_place_and_repair_keeps_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["a", "b"]);
        let file = path(dir.path());
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(
            &file,
            text.replacen("\"kind\":\"end\",\"ok\":true", "\"kind\":\"end\",\"ok\":false", 1),
        )
        .unwrap();
        let error = Journal::open(dir.path(), "up", None).unwrap_err();
        assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
        assert!(error.to_string().contains("journal.jsonl:6: its checksum"), "{error}");
        let (aside, dropped) = repair(dir.path()).unwrap().unwrap();
        assert!(aside.exists());
        assert_eq!(dropped, 1);
        assert_eq!(standing(dir.path()), ["a", "b"]);
    }

    #[test]
    fn a_newer_format_is_refused_and_never_put_aside() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["a"]);
        let file = path(dir.path());
        let text = std::fs::read_to_string(&file).unwrap().replace("\"v\":1", "\"v\":99");
        // Also of another shape than today's, and also behind a damaged line.
        for text in [text.clone(), text.replace("\"sum\"", "\"digest\""), format!("{{}}\n{text}")] {
            std::fs::write(&file, &text).unwrap();
            for error in [
                Journal::open_sound(dir.path(), "down", None).unwrap_err(),
                repair(dir.path()).unwrap_err(),
                read_sound(dir.path()).unwrap_err(),
            ] {
                assert!(error.to_string().contains("newer opsctl"), "{error}");
                assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
            }
            read(dir.path()).unwrap_err();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn a_damaged_journal_stays_as_it_is_until_a_run_begins_and_then_its_sound_lines_are_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["a", "b"]);
        let file = path(dir.path());
        let text = std::fs::read_to_string(&file).unwrap();
        let damaged = text.replacen("\"key\":\"a\"", "\"key\":\"A\"", 1);
        std::fs::write(&file, &damaged).unwrap();
        let files = || std::fs::read_dir(dir.path()).unwrap().count();
        let before = files();
        let mut j = Journal::open_sound(dir.path(), "down", None).unwrap();
        assert!(j.damage().unwrap().contains("journal.jsonl:2: its checksum"), "{:?}", j.damage());
        let ids: Vec<_> = j.history().entries().map(|e| e.id).collect();
        assert_eq!(ids.len(), 1, "the entry whose first line is lost is lost with it");
        j.gone(&ids).unwrap();
        assert_eq!((std::fs::read_to_string(&file).unwrap(), files()), (damaged.clone(), before));
        j.begin_run(Verb::Down, "opsctl down", "c1", None).unwrap();
        j.end(true).unwrap();
        assert_eq!(j.damage(), None);
        drop(j);
        let history = read(dir.path()).unwrap();
        assert_eq!(history.runs().map(|r| r.run).collect::<Vec<_>>(), [1, 2]);
        assert!(!history.entries().any(Entry::stands), "what was found before the run began is recorded");
        let mut aside = std::fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.path());
        let aside = aside.find(|p| p.to_string_lossy().contains("journal.damaged-")).unwrap();
        assert_eq!(std::fs::read_to_string(aside).unwrap(), damaged);
    }

    #[test]
    fn a_run_whose_first_line_is_lost_keeps_its_number_to_itself() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["a"]);
        up(dir.path(), &["b"]);
        let file = path(dir.path());
        let text = std::fs::read_to_string(&file).unwrap();
        let second = text.match_indices("\"kind\":\"run\"").nth(1).unwrap().0;
        std::fs::write(&file, format!("{}{}", &text[..second], &text[second..].replacen("run", "ruin", 1)))
            .unwrap();
        repair(dir.path()).unwrap().unwrap();
        assert_eq!(up(dir.path(), &["c"]), 3);
        assert_eq!(standing(dir.path()), ["a", "b", "c"]);
    }

    #[test]
    fn the_loser_of_the_lock_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Journal::open(dir.path(), "opsctl redis up", None).unwrap();
        let error = Journal::open(dir.path(), "opsctl undo", None).unwrap_err().to_string();
        assert!(error.contains("`opsctl redis up`"), "{error}");
        assert!(error.contains(&std::process::id().to_string()), "{error}");
    }

    #[test]
    fn a_run_that_changes_nothing_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        Journal::open(dir.path(), "up", None).unwrap().end(true).unwrap();
        assert_eq!(std::fs::read(path(dir.path())).unwrap(), b"");
    }

    #[test]
    fn a_dependent_that_went_with_an_undo_no_longer_stands() {
        let dir = tempfile::tempdir().unwrap();
        let first = up(dir.path(), &["namespace"]);
        up(dir.path(), &["inside"]);
        let mut j = Journal::open(dir.path(), "undo", None).unwrap();
        j.begin_run(Verb::Undo, "opsctl undo", "c1", Some(first)).unwrap();
        let all: Vec<_> =
            j.history().standing(&Scope::Cluster("c1".into())).iter().rev().map(|e| e.id).collect();
        for id in all {
            let token = j.begin_down(&[id]).unwrap();
            j.undone(&token[0], Value::Null).unwrap();
        }
        assert!(standing(dir.path()).is_empty());
        assert!(read(dir.path()).unwrap().newest_effective(&[Scope::Cluster("c1".into())]).is_none());
    }

    #[test]
    fn what_went_with_its_cluster_makes_no_run_and_the_next_run_is_what_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let first = up(dir.path(), &["a"]);
        let mut j = Journal::open(dir.path(), "up", None).unwrap();
        let id = j.history().entries().next().unwrap().id;
        j.gone(&[id]).unwrap();
        assert!(!j.begun());
        drop(j);
        assert!(standing(dir.path()).is_empty());
        let second = up(dir.path(), &["b"]);
        assert_eq!(second, first + 1);
        let history = read(dir.path()).unwrap();
        assert_eq!(history.newest_effective(&[Scope::Cluster("c1".into())]).unwrap().run, second);
    }

    #[test]
    fn what_was_put_back_is_not_put_back_again_by_a_later_run() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["data"]);
        let down = down_all(dir.path(), Verb::Down, None);
        let kept = |dir: &Path| read(dir).unwrap().entries().next().unwrap().kept.clone();
        assert_eq!(kept(dir.path()), Some(json!("kept")));
        down_all(dir.path(), Verb::Undo, Some(down));
        assert_eq!(kept(dir.path()), None);
    }

    #[test]
    fn compaction_changes_nothing_of_what_undo_would_do() {
        let dir = tempfile::tempdir().unwrap();
        let first = up(dir.path(), &["stays"]);
        let down = down_all(dir.path(), Verb::Down, None);
        down_all(dir.path(), Verb::Undo, Some(down));
        for _ in 0..RUNS_KEPT {
            let run = up(dir.path(), &["x"]);
            down_all(dir.path(), Verb::Undo, Some(run));
        }
        let file = path(dir.path());
        let before = read(dir.path()).unwrap();
        assert_eq!(before.effects(first).len(), 1);
        compact(&file, &std::fs::read(&file).unwrap(), &before).unwrap();
        assert_eq!(read(dir.path()).unwrap().effects(first), before.effects(first));
        // What was made long ago and has just been taken down can be brought back all the same.
        let last = down_all(dir.path(), Verb::Down, None);
        let before = read(dir.path()).unwrap();
        assert_eq!(before.effects(last).len(), 1);
        compact(&file, &std::fs::read(&file).unwrap(), &before).unwrap();
        let after = read(dir.path()).unwrap();
        assert_eq!(after.effects(last), before.effects(last));
        assert_eq!(after.entry(before.effects(last)[0].0).unwrap().kept, Some(json!("kept")));
    }

    #[test]
    fn compaction_keeps_what_stands() {
        let dir = tempfile::tempdir().unwrap();
        up(dir.path(), &["stays"]);
        let file = path(dir.path());
        for _ in 0..RUNS_KEPT + 5 {
            let run = up(dir.path(), &["x"]);
            down_all(dir.path(), Verb::Undo, Some(run));
        }
        let bytes = std::fs::read(&file).unwrap();
        compact(&file, &bytes, &read(dir.path()).unwrap()).unwrap();
        assert!(std::fs::metadata(&file).unwrap().len() < bytes.len() as u64);
        assert_eq!(standing(dir.path()), ["stays"]);
        let next = Journal::open(dir.path(), "up", None).unwrap().run();
        assert_eq!(usize::try_from(next).unwrap(), 2 * (RUNS_KEPT + 5) + 2);
    }
}
