//! Which writes were acknowledged by the rule of `docs/election.md`, and which were merely answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::timeline::{Span, overlaps};
use crate::election::protocol::Time;

/// A write that was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub writer: usize,
    /// Its number.
    pub number: u64,
    /// The epoch that the same transaction read.
    pub epoch: u64,
    /// When it was sent.
    pub sent: Time,
    /// When the answer was there.
    pub answered: Time,
    /// Whether it counts: the newest epoch, and enough replicas.
    pub acknowledged: bool,
}

/// All writes of a drill.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<Vec<Entry>>,
    met: Mutex<BTreeMap<usize, String>>,
}

impl Ledger {
    /// Enters a write.
    pub fn enter(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// A writer came to nothing, and why.
    pub fn meet(&self, writer: usize, what: impl Into<String>) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(writer, what.into());
    }

    /// What each writer came to nothing by last, a line each.
    pub fn met(&self) -> Vec<String> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter().map(|(writer, what)| format!("writer {writer}, last error: {what}")).collect()
    }

    /// Those answered from a moment on.
    pub fn since(&self, at: Time) -> Vec<Entry> {
        let all = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|e| e.answered >= at).copied().collect()
    }

    /// All that count.
    pub fn acknowledged(&self) -> Vec<Entry> {
        self.since(0).into_iter().filter(|e| e.acknowledged).collect()
    }
}

/// The newest epoch that acknowledged.
pub fn newest(entries: &[Entry]) -> Option<u64> {
    entries.iter().filter(|e| e.acknowledged).map(|e| e.epoch).max()
}

/// When the first write of a newer epoch was acknowledged.
pub fn first_after(entries: &[Entry], epoch: u64) -> Option<Time> {
    entries.iter().filter(|e| e.acknowledged && e.epoch > epoch).map(|e| e.answered).min()
}

/// The longest time without an acknowledged write.
pub fn longest_gap(entries: &[Entry], from: Time, to: Time) -> Time {
    let mut times: Vec<Time> = entries.iter().filter(|e| e.acknowledged).map(|e| e.answered).collect();
    times.retain(|at| (from..=to).contains(at));
    times.extend([from, to]);
    times.sort_unstable();
    times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}

/// Proofs that two epochs acknowledged over the same interval.
pub fn acknowledged_at_once(entries: &[Entry]) -> usize {
    let spans = entries.iter().filter(|e| e.acknowledged);
    let spans = spans.map(|e| Span { epoch: e.epoch, begin: e.sent, end: e.answered });
    overlaps(&spans.collect::<Vec<_>>())
}

/// Writes that a former master executed after a newer epoch had acknowledged: answered, and worth nothing.
pub fn merely_answered(entries: &[Entry]) -> usize {
    let stale =
        |e: &&Entry| !e.acknowledged && first_after(entries, e.epoch).is_some_and(|newer| newer < e.answered);
    entries.iter().filter(stale).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_writer_met_last_is_told() {
        let ledger = Ledger::default();
        assert!(ledger.met().is_empty());
        ledger.meet(1, "refused");
        ledger.meet(0, "READONLY");
        ledger.meet(1, "epoch 3 of 4, confirmed by 0");
        assert_eq!(
            ledger.met(),
            ["writer 0, last error: READONLY", "writer 1, last error: epoch 3 of 4, confirmed by 0"]
        );
    }

    fn write(epoch: u64, sent: Time, answered: Time, acknowledged: bool) -> Entry {
        Entry { writer: 0, number: 0, epoch, sent, answered, acknowledged }
    }

    #[test]
    fn an_old_epoch_that_acknowledges_after_a_newer_one_is_an_overlap() {
        let fair = [write(1, 10, 15, true), write(2, 12, 20, true), write(1, 19, 30, true)];
        assert_eq!(acknowledged_at_once(&fair), 0, "each can have had its moment before 20");
        let foul = [write(2, 12, 20, true), write(1, 20, 30, true)];
        assert_eq!(acknowledged_at_once(&foul), 1);
    }

    #[test]
    fn an_answer_of_a_woken_master_is_counted_and_is_no_overlap() {
        let entries = [write(1, 1, 2, true), write(2, 12, 20, true), write(1, 15, 40, false)];
        assert_eq!((acknowledged_at_once(&entries), merely_answered(&entries)), (0, 1));
        assert_eq!(first_after(&entries, 1), Some(20));
        assert_eq!((newest(&entries), newest(&entries[2..])), (Some(2), None));
        assert_eq!(longest_gap(&entries, 2, 30), 18);
    }
}
