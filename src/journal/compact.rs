//! Compaction: what a long journal need not say any more.

use std::path::Path;

use anyhow::Result;

use super::format::{Read, decode};
use super::history::{Entry, History};
use super::record::{EntryId, Record};
use crate::fs::write_whole;

/// Above this size the journal is compacted when it is opened for a run.
pub(super) const ABOVE: u64 = 4 << 20;

/// Runs that compaction always keeps, for `history`.
pub(super) const RUNS_KEPT: usize = 50;

/// Keeps the records of what stands and of what the newest runs did; everything else is history nobody needs.
///
/// With an entry all its records stay, and with these the runs that they name: whether a run
/// reversed another decides what its records mean. A line stays as it was written, whatever its format.
pub(super) fn compact(path: &Path, bytes: &[u8], history: &History) -> Result<()> {
    let recent: Vec<u64> = history.runs().rev().map(|r| r.run).take(RUNS_KEPT).collect();
    let oldest = recent.last().copied().unwrap_or(0);
    let undoable = |e: &&Entry| e.id.run >= oldest || e.last_run().is_some_and(|run| run >= oldest);
    let standing: Vec<EntryId> =
        history.entries().filter(|e| e.stands() || undoable(e)).map(|e| e.id).collect();
    let mut runs: Vec<u64> = standing.iter().map(|id| id.run).chain(recent).collect();
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let Ok(Read { record, .. }) = decode(line) else { continue };
        if let Record::Entry { entry, by, .. } | Record::Note { entry, by, .. } = &record
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
            Record::Entry { entry, .. } | Record::Note { entry, .. } => standing.contains(entry),
        };
        if keep {
            kept.extend_from_slice(line);
        }
    }
    write_whole(path, &kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{down_all, standing, subject, target, up};
    use super::super::{Journal, Verb, path, read};
    use super::*;

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
    fn compaction_leaves_each_line_as_it_was_written() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal");
        let dir = tempfile::tempdir().unwrap();
        let file = path(dir.path());
        std::fs::copy(fixtures.join("v1-import-cut-short/journal.jsonl"), &file).unwrap();
        let first = std::fs::read_to_string(&file).unwrap();
        for _ in 0..RUNS_KEPT {
            let run = up(dir.path(), &["x"]);
            down_all(dir.path(), Verb::Undo, Some(run));
        }
        let before = read(dir.path()).unwrap();
        compact(&file, &std::fs::read(&file).unwrap(), &before).unwrap();
        let compacted = std::fs::read_to_string(&file).unwrap();
        assert!(compacted.starts_with(&first), "all of it stands, so all of it stays, in its own format");
        assert!(compacted.contains("{\"v\":2,"));
        let after = read(dir.path()).unwrap();
        let told = |e: &Entry| (e.id, e.is.clone(), e.made.clone(), e.note.clone(), e.pending());
        let all = |h: &History| h.entries().filter(|e| e.stands()).map(told).collect::<Vec<_>>();
        assert_eq!(all(&after), all(&before));
    }

    #[test]
    fn a_note_stays_with_its_entry() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path(), "up", None).unwrap();
        journal.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
        let token = journal.begin(vec![subject("a")]).unwrap().remove(0);
        journal.note(&token, json!("kept")).unwrap();
        drop(journal);
        // Noted by a run of its own, which must stay known.
        let mut journal = Journal::open(dir.path(), "up", None).unwrap();
        journal.begin_run(Verb::Up, "opsctl up again", target(), None).unwrap();
        journal.note(&token, json!("kept again")).unwrap();
        drop(journal);
        for _ in 0..RUNS_KEPT {
            let run = up(dir.path(), &["x"]);
            down_all(dir.path(), Verb::Undo, Some(run));
        }
        let file = path(dir.path());
        compact(&file, &std::fs::read(&file).unwrap(), &read(dir.path()).unwrap()).unwrap();
        let journal = Journal::open(dir.path(), "up", None).unwrap();
        assert_eq!(journal.noted(&token).unwrap(), Some(json!("kept again")));
        assert!(journal.history().run(2).is_some());
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
