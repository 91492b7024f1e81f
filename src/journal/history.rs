//! What the journal means: the runs, and the state of every change, folded from its records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::format::Read;
use super::record::{EntryId, Phase, Record, Scope, Subject, Target, Verb};
use super::v1;

/// One run's effect on an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Transition {
    by: u64,
    up: bool,
    complete: bool,
    reverses: Option<u64>,
}

/// What a step noted of a change that it had begun.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Note {
    /// Nothing: it had not come to change anything.
    None,
    /// This.
    Here(Value),
    /// What a file beside the journal says, as format 1 had it.
    Beside,
}

/// The state of one change, folded from its records.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// What it is about.
    pub is: Subject,
    /// What was made, once known.
    pub made: Option<Value>,
    /// What was kept when it was taken down.
    pub kept: Option<Value>,
    /// How long it last took to make.
    pub ms: Option<u64>,
    /// What was noted for the next try, or for the way back, while it is pending.
    pub(super) note: Note,
    transitions: Vec<Transition>,
    order: u64,
}

impl Entry {
    /// Whether something of it may stand now: made, begun, or not surely taken back.
    pub fn stands(&self) -> bool {
        self.transitions.last().is_some_and(|t| t.up || !t.complete)
    }

    /// Whether the last thing done to it was interrupted.
    pub fn pending(&self) -> bool {
        self.transitions.last().is_some_and(|t| !t.complete)
    }

    /// The run that the last thing done to it was of, and whether it put it up; none where that came to its end.
    pub fn cut_short(&self) -> Option<(u64, bool)> {
        self.transitions.last().filter(|t| !t.complete).map(|t| (t.by, t.up))
    }

    /// Whether anything was noted of it, while it is pending: if not, it had not come to change any data.
    pub fn is_noted(&self) -> bool {
        self.note != Note::None
    }

    /// What was noted of it, while it is pending.
    pub fn noted(&self) -> Option<&Value> {
        match &self.note {
            Note::Here(value) => Some(value),
            Note::None | Note::Beside => None,
        }
    }

    /// The run that brought it to its present state, if any run's effect is left.
    pub fn last_run(&self) -> Option<u64> {
        self.transitions.last().map(|t| t.reverses.unwrap_or(t.by))
    }

    fn begin(&mut self, by: u64, up: bool, reverses: Option<u64>, order: u64) {
        // A retry takes over what an interrupted run left pending in the same direction.
        if let Some(last) = self.transitions.last()
            && !last.complete
            && (last.up == up || reverses.is_some())
        {
            self.transitions.pop();
        }
        self.order = order;
        self.transitions.push(Transition { by, up, complete: false, reverses });
    }

    fn finish(&mut self, by: u64, up: bool) {
        let reverses = match self.transitions.last() {
            Some(t) if t.by == by && t.up == up => t.reverses,
            _ => None,
        };
        self.transitions.retain(|t| t.complete);
        if let Some(run) = reverses {
            self.transitions.retain(|t| t.by != run);
            // Another run's effect may be left that says otherwise: a dependent went with what was undone.
            if self.transitions.last().is_some_and(|t| t.up) == up {
                return;
            }
        }
        self.transitions.push(Transition { by, up, complete: true, reverses: None });
    }
}

/// A run as `history` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Its number.
    pub run: u64,
    /// When it began.
    pub at: Timestamp,
    /// What kind it was.
    pub verb: Verb,
    /// What was typed.
    pub command: String,
    /// The cluster it was for.
    #[serde(serialize_with = "in_words")]
    pub target: Target,
    /// The run it reversed.
    pub reverses: Option<u64>,
    /// Whether it ended, and how: none means that it was cut short.
    pub ok: Option<bool>,
    /// How many changes it made.
    pub changes: usize,
}

fn in_words<S: serde::Serializer>(target: &Target, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(target)
}

/// The journal's meaning: all runs and the state of every entry.
#[derive(Debug, Default)]
pub struct History {
    runs: BTreeMap<u64, Run>,
    entries: BTreeMap<EntryId, Entry>,
    records: u64,
}

impl History {
    /// The runs, oldest first.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.values()
    }

    /// A run by number.
    pub fn run(&self, run: u64) -> Option<&Run> {
        self.runs.get(&run)
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    /// What may stand in this scope, in the order in which it was made.
    pub fn standing(&self, scope: &Scope) -> Vec<&Entry> {
        self.entries.values().filter(|e| e.is.scope.meets(scope) && e.stands()).collect()
    }

    /// The newest standing entry for a target.
    pub fn newest(&self, scope: &Scope, key: &str) -> Option<&Entry> {
        self.entries.values().rev().find(|e| e.is.scope.meets(scope) && e.is.key == key && e.stands())
    }

    /// What a run's reversal has to touch, in the order of the reversal (what came last, first).
    ///
    /// `true`: put up by the run, so take it down. `false`: taken down, so put it up.
    pub fn effects(&self, run: u64) -> Vec<(EntryId, bool)> {
        let mut list: Vec<_> = self
            .entries
            .values()
            .filter_map(|e| {
                let last = e.transitions.last()?;
                // An interrupted reversal of this run is part of what is left to do.
                let up = match (last.by == run, last.reverses == Some(run)) {
                    (true, _) => last.up,
                    (false, true) => !last.up,
                    (false, false) => return None,
                };
                Some((e.order, e.id, up))
            })
            .collect();
        list.sort_by(|a, b| b.cmp(a));
        list.into_iter().map(|(_, id, up)| (id, up)).collect()
    }

    /// The newest run whose effects in these scopes are not yet reversed.
    pub fn newest_effective(&self, scopes: &[Scope]) -> Option<&Run> {
        self.runs.values().rev().filter(|r| r.verb != Verb::Undo).find(|r| {
            self.effects(r.run).iter().any(|(id, _)| {
                self.entries.get(id).is_some_and(|e| scopes.iter().any(|s| s.meets(&e.is.scope)))
            })
        })
    }

    /// The number of the next run. A damaged journal may have lost the first line of a run, but not its number.
    pub(super) fn next_run(&self) -> u64 {
        let named = self.entries.values().flat_map(|e| e.transitions.iter().map(|t| t.by).chain([e.id.run]));
        named.chain(self.runs.keys().copied()).max().map_or(1, |run| run + 1)
    }

    /// An entry by name.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// How long this target last took to make, in milliseconds.
    pub fn usual(&self, key: &str) -> Option<u64> {
        self.entries.values().rev().find(|e| e.is.key == key && e.ms.is_some()).and_then(|e| e.ms)
    }

    /// Folds one record in; what it names and nobody knows is damage.
    pub(super) fn apply(&mut self, read: Read) -> Result<(), String> {
        self.records += 1;
        let Read { format, at, record } = read;
        match record {
            Record::Run { run, verb, command, target, reverses } => {
                let info = Run { run, at, verb, command, target, reverses, ok: None, changes: 0 };
                self.runs.insert(run, info);
            }
            Record::End { run, ok } => {
                let info = self.runs.get_mut(&run).ok_or(format!("end of unknown run {run}"))?;
                info.ok = Some(ok);
            }
            Record::Note { entry, value, .. } => {
                let e = self.entries.get_mut(&entry).ok_or(format!("unknown entry {entry}"))?;
                e.note = Note::Here(value);
            }
            Record::Entry { entry, by, phase, is, result, ms, scope } => {
                let reverses = self.runs.get(&by).and_then(|r| r.reverses);
                if let Some(is) = is {
                    self.entries.entry(entry).or_insert(Entry {
                        id: entry,
                        is,
                        made: None,
                        kept: None,
                        ms: None,
                        note: Note::None,
                        transitions: Vec::new(),
                        order: 0,
                    });
                }
                let order = self.records;
                let e = self.entries.get_mut(&entry).ok_or(format!("unknown entry {entry}"))?;
                if let Some(scope) = scope {
                    e.is.scope = scope;
                }
                match phase {
                    Phase::Begun if format == v1::FORMAT => e.note = Note::Beside,
                    // What is over has nothing left to note.
                    Phase::Done | Phase::Undone | Phase::Gone => e.note = Note::None,
                    Phase::Begun | Phase::Undoing => {}
                }
                match phase {
                    Phase::Begun => e.begin(by, true, reverses, order),
                    Phase::Undoing => e.begin(by, false, reverses, order),
                    Phase::Done => {
                        e.finish(by, true);
                        e.made = result;
                        // Put back, or not wanted any more: a later `up` must not bring it over newer data.
                        e.kept = None;
                        e.ms = ms.or(e.ms);
                    }
                    Phase::Undone => {
                        e.finish(by, false);
                        e.kept = result;
                    }
                    Phase::Gone => e.transitions.clear(),
                }
                if matches!(phase, Phase::Done | Phase::Undone)
                    && let Some(run) = self.runs.get_mut(&by)
                {
                    run.changes += 1;
                }
            }
        }
        Ok(())
    }
}
