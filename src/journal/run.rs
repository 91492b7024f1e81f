//! The journal of one run: each intention is on disk before its act.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use serde_json::Value;

use super::compact::{ABOVE, compact};
use super::file::{Sound, load, parse, path, replace, sound, to_append};
use super::format::{Read, VERSION, encode};
use super::history::{History, Note};
use super::lock::{Lock, lock};
use super::record::{EntryId, Phase, Record, Scope, Subject, Target, Verb};
use super::v1;
use crate::error::{problem, shell};

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
    /// Open once something is recorded.
    file: Option<File>,
    path: PathBuf,
    history: History,
    run: u64,
    next_index: u32,
    appended: u64,
    kill_at: Option<u64>,
    damage: Option<Damage>,
    /// Known to be gone, and recorded as such when a run begins.
    forgotten: Vec<EntryId>,
    /// None: it can only be looked at.
    lock: Option<Lock>,
}

/// A damaged file that is left as it is until a run begins.
#[derive(Debug)]
struct Damage {
    /// What is wrong with it.
    what: String,
    /// All that it holds.
    whole: Vec<u8>,
    /// Its sound lines.
    sound: Vec<u8>,
}

/// What only some records of an entry say.
#[derive(Default)]
struct Rest {
    is: Option<Subject>,
    result: Option<Value>,
    ms: Option<u64>,
    scope: Option<Scope>,
}

impl Journal {
    /// Opens the journal for a run and takes the lock.
    ///
    /// The file is left as it is until the run begins: a run that changes nothing leaves no trace in it.
    /// `kill_at` ends the process after that many appends (the tests' way to die at every step).
    pub fn open(state: &Path, command: &str, kill_at: Option<u64>) -> Result<Self> {
        let lock = lock(state, command)?;
        Ok(Self { kill_at, ..Self::of(path(state), Some(lock), false)? })
    }

    /// The same, but of a damaged journal the sound lines count. When a run begins the file is put aside, and its
    /// sound lines are gone on with.
    pub fn open_sound(state: &Path, command: &str, kill_at: Option<u64>) -> Result<Self> {
        let lock = lock(state, command)?;
        Ok(Self { kill_at, ..Self::of(path(state), Some(lock), true)? })
    }

    /// Opens the journal only to be looked at: without the lock, and nothing can be recorded. `sound`: of a damaged
    /// one the sound lines count.
    pub fn look(state: &Path, sound: bool) -> Result<Self> {
        Self::of(path(state), None, sound)
    }

    fn of(path: PathBuf, lock: Option<Lock>, or_sound: bool) -> Result<Self> {
        let whole = load(&path)?;
        let (history, damage) = match parse(&path, &whole) {
            Ok((history, _)) => (history, None),
            Err(error) if or_sound => {
                let Sound { history, bytes, .. } = sound(&path, &whole)?;
                (history, Some(Damage { what: error.to_string(), whole, sound: bytes }))
            }
            Err(error) => return Err(error),
        };
        let run = history.next_run();
        Ok(Self {
            file: None,
            path,
            history,
            run,
            next_index: 0,
            appended: 0,
            kill_at: None,
            damage,
            forgotten: Vec::new(),
            lock,
        })
    }

    /// What is wrong with the file, in words, while it is left as it is.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_ref().map(|d| d.what.as_str())
    }

    /// The file, behind its last whole line; a long one is made shorter first.
    fn open_file(&mut self) -> Result<&mut File> {
        let file = if let Some(file) = self.file.take() {
            file
        } else {
            anyhow::ensure!(self.lock.is_some(), "a journal that is only looked at records nothing");
            let bytes = load(&self.path)?;
            // By what the file says: what is known besides is not recorded yet.
            let (history, mut whole) = parse(&self.path, &bytes)?;
            if whole > ABOVE {
                compact(&self.path, &bytes, &history)?;
                whole = parse(&self.path, &load(&self.path)?)?.1;
            }
            to_append(&self.path, whole)?
        };
        Ok(self.file.insert(file))
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
        target: Target,
        reverses: Option<u64>,
    ) -> Result<()> {
        if let Some(damage) = &self.damage {
            replace(&self.path, &damage.whole, &damage.sound)?;
            self.damage = None;
        }
        let run = Record::Run { run: self.run, verb, command: command.to_owned(), target, reverses };
        let mut records = vec![run];
        for entry in std::mem::take(&mut self.forgotten) {
            records.push(self.entry_record(entry, Phase::Gone, Rest::default()));
        }
        self.append(records, true)
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
            records.push(self.entry_record(entry, Phase::Begun, Rest { is: Some(is), ..Rest::default() }));
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
        let in_it = |id: &EntryId| {
            let rest = Rest { scope: Some(home.clone()), ..Rest::default() };
            self.entry_record(*id, Phase::Begun, rest)
        };
        let records = entries.iter().map(in_it).collect();
        self.append(records, true)?;
        Ok(entries.iter().map(|id| Recorded(*id)).collect())
    }

    /// Records that these entries are about to be taken back.
    pub fn begin_down(&mut self, entries: &[EntryId]) -> Result<Vec<Recorded>> {
        self.intend(entries, Phase::Undoing)
    }

    fn intend(&mut self, entries: &[EntryId], phase: Phase) -> Result<Vec<Recorded>> {
        let records = entries.iter().map(|id| self.entry_record(*id, phase, Rest::default())).collect();
        self.append(records, true)?;
        Ok(entries.iter().map(|id| Recorded(*id)).collect())
    }

    /// Notes what a later try of a change, or its way back, has to know; on disk when this returns. It takes the
    /// place of an earlier note, and is gone when the change is done or taken back.
    pub fn note(&mut self, token: &Recorded, value: Value) -> Result<()> {
        self.append(vec![Record::Note { entry: token.0, by: self.run, value }], true)
    }

    /// What was noted of a change that an earlier run begun and did not end.
    pub fn noted(&self, token: &Recorded) -> Result<Option<Value>> {
        match self.history.entry(token.0).map(|e| &e.note) {
            Some(Note::Here(value)) => Ok(Some(value.clone())),
            Some(Note::Beside) => v1::note(self.path.parent().unwrap_or(Path::new(".")), token.0),
            Some(Note::None) | None => Ok(None),
        }
    }

    /// Records that a change stands. Synced with the next intention, or at the end:
    /// losing it costs a second look, never a change.
    pub fn done(&mut self, token: &Recorded, made: Value, ms: u64) -> Result<()> {
        let rest = Rest { result: Some(made), ms: Some(ms), ..Rest::default() };
        self.append(vec![self.entry_record(token.0, Phase::Done, rest)], false)
    }

    /// Records that a change was taken back, with what its return needs.
    ///
    /// Synced: what was kept must be known before the next thing goes.
    pub fn undone(&mut self, token: &Recorded, kept: Value) -> Result<()> {
        let rest = Rest { result: Some(kept), ..Rest::default() };
        self.append(vec![self.entry_record(token.0, Phase::Undone, rest)], true)
    }

    /// Counts entries as gone with their cluster. Recorded when a run begins: a look records nothing.
    pub fn forget(&mut self, entries: &[EntryId]) -> Result<()> {
        if self.begun() {
            return self.gone(entries);
        }
        for entry in entries {
            let record = self.entry_record(*entry, Phase::Gone, Rest::default());
            let read = Read { format: VERSION, at: Timestamp::now(), record };
            self.history.apply(read).map_err(anyhow::Error::msg)?;
        }
        self.forgotten.extend_from_slice(entries);
        Ok(())
    }

    /// Records that entries went with their cluster, or with the data that they changed.
    pub fn gone(&mut self, entries: &[EntryId]) -> Result<()> {
        let records = entries.iter().map(|id| self.entry_record(*id, Phase::Gone, Rest::default())).collect();
        self.append(records, true)
    }

    /// Ends the run.
    pub fn end(&mut self, ok: bool) -> Result<()> {
        if !self.begun() {
            return Ok(());
        }
        self.append(vec![Record::End { run: self.run, ok }], true)
    }

    fn entry_record(&self, entry: EntryId, phase: Phase, rest: Rest) -> Record {
        let Rest { is, result, ms, scope } = rest;
        Record::Entry { entry, by: self.run, phase, is, result, ms, scope }
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
        self.write(&bytes, sync)?;
        for record in records {
            self.history.apply(Read { format: VERSION, at: now, record }).map_err(anyhow::Error::msg)?;
            self.appended += 1;
            if self.kill_at == Some(self.appended) {
                std::process::abort();
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], sync: bool) -> Result<()> {
        let file = self.open_file()?;
        let end = file.stream_position()?;
        let mut write = || -> std::io::Result<()> {
            file.write_all(bytes)?;
            if sync { file.sync_data() } else { Ok(()) }
        };
        let Err(e) = write() else { return Ok(()) };
        // What does not fit must not stay as half a line.
        let _ = file.set_len(end);
        let _ = file.seek(SeekFrom::Start(end));
        Err(problem!(State, "could not write the journal {}: {e}", self.path.display())
            .found("opsctl changes nothing without a journal line, so it did not start the step.")
            .next(shell(format!("df -h {}", self.path.parent().unwrap_or(Path::new(".")).display())))
            .into())
    }
}
