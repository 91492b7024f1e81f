//! What the journal says is to be taken back: of one run, or all that stands.

use anyhow::Result;
use serde_json::Value;

use super::order::data_of;
use super::{Reach, Reversal};
use crate::error::problem;
use crate::journal::{Entry, History, Scope, Verb};
use crate::step::{Data, Down, Step};

/// A reversal that is being worked out.
pub(super) struct Draft {
    /// What is taken back.
    pub list: Vec<Reversal>,
    /// The run that is undone, if it is one run.
    pub run: Option<u64>,
    /// What kind of run this one will be.
    pub verb: Verb,
}

impl Draft {
    /// What the journal knows of it.
    pub fn recorded(history: &History, reach: &Reach, scopes: &[Scope]) -> Result<Self> {
        let (list, run, verb) = match reach {
            Reach::LastRun => match history.newest_effective(scopes).map(|r| r.run) {
                Some(run) => (of_run(history, run, scopes)?, Some(run), Verb::Undo),
                None => (Vec::new(), None, Verb::Undo),
            },
            Reach::All | Reach::Host => (standing(history, scopes, None)?, None, Verb::Down),
            Reach::Parts(parts) => (standing(history, scopes, Some(parts))?, None, Verb::Down),
        };
        Ok(Self { list, run, verb })
    }
}

pub(in crate::engine) fn read_step(value: &Value) -> Result<Step> {
    serde_json::from_value(value.clone()).map_err(|e| {
        problem!(StepUnknown, "the journal holds a step that this opsctl does not know: {e}").into()
    })
}

fn of_run(history: &History, run: u64, scopes: &[Scope]) -> Result<Vec<Reversal>> {
    let mut list = Vec::new();
    let effects = history.effects(run);
    // A run that took the cluster down took what was in it along: with the cluster it comes back.
    let cluster_returns = effects.iter().any(|(id, up)| {
        let scope = history.entry(*id).map(|e| &e.is.scope);
        !up && scope.is_some_and(|s| matches!(s, Scope::Profile(_)) && within(scopes, s))
    });
    for (id, up) in effects {
        let Some(e) = history.entry(id) else { continue };
        let with_it = cluster_returns && !up && matches!(e.is.scope, Scope::Cluster(_));
        if !with_it && !within(scopes, &e.is.scope) {
            continue;
        }
        let reversal = Reversal {
            entries: vec![id],
            step: read_step(&e.is.step)?,
            part: e.is.part.clone(),
            down: up,
            scope: e.is.scope.clone(),
            before: e.is.before.clone(),
            made: made_of(e, &read_step(&e.is.step)?),
            kept: e.kept.clone(),
        };
        put_up_once(&mut list, reversal);
    }
    Ok(list)
}

/// What the entry made. Of an object that was being made again, by a run that was cut short, that is not known.
fn made_of(e: &Entry, step: &Step) -> Option<Value> {
    let again = step.nature().object().is_some() && e.cut_short().is_some_and(|(_, up)| up);
    e.made.clone().filter(|_| !again)
}

fn within(scopes: &[Scope], scope: &Scope) -> bool {
    scopes.iter().any(|s| s.meets(scope))
}

/// Adds what comes after all in the list. Where several runs changed one target and one `down` took it away,
/// it is put up once, in its last shape: in the place of the first, since others lean on it; but a workload,
/// and the data behind it, in the place of the last, since they lean on what the others brought.
pub(super) fn put_up_once(list: &mut Vec<Reversal>, mut reversal: Reversal) {
    let mergeable =
        !reversal.down && matches!(reversal.scope, Scope::Cluster(_)) && data_of(&reversal) != Data::Content;
    let key = reversal.step.key();
    let same = |r: &Reversal| !r.down && r.scope == reversal.scope && r.step.key() == key;
    let Some(at) = list.iter().position(same).filter(|_| mergeable) else {
        list.push(reversal);
        return;
    };
    let at = if reversal.step.nature().depends_on_objects() {
        let earlier = list.remove(at);
        list.push(earlier);
        list.len() - 1
    } else {
        at
    };
    let earlier = &mut list[at];
    earlier.entries.append(&mut reversal.entries);
    // What was there before the first stays.
    (earlier.step, earlier.made, earlier.kept) = (reversal.step, reversal.made, reversal.kept);
}

/// Everything that stands in the scopes, newest first; several entries of one target as one
/// reversal, in the place of the first: a namespace that was changed last still goes last.
/// What was there before the first, what was made by the last.
pub(super) fn standing(
    history: &History,
    scopes: &[Scope],
    parts: Option<&[String]>,
) -> Result<Vec<Reversal>> {
    let mut list: Vec<Reversal> = Vec::new();
    for scope in scopes {
        let mut here: Vec<Reversal> = Vec::new();
        for e in history.standing(scope) {
            if parts.is_some_and(|p| !p.contains(&e.is.part)) {
                continue;
            }
            if let Some(known) = here.iter_mut().find(|r| r.step.key() == e.is.key) {
                known.entries.insert(0, e.id);
                known.step = read_step(&e.is.step)?;
                // Of a cluster, what was made when there was none says which one is ours: a later change may
                // have met with another one of that name.
                let deletes = |before| known.step.deletes_cluster(before);
                if deletes(&e.is.before) || !deletes(&known.before) {
                    known.made = made_of(e, &known.step);
                }
                known.kept.clone_from(&e.kept);
                continue;
            }
            let step = read_step(&e.is.step)?;
            let nature = step.nature();
            if parts.is_some() && nature.data == Data::Content {
                continue; // it comes and goes with its dataset
            }
            // Taken down whole, it goes even where the record of its making was lost.
            let before = if nature.down == Down::Whole { Value::Null } else { e.is.before.clone() };
            let made = made_of(e, &step);
            here.push(Reversal {
                entries: vec![e.id],
                step,
                part: e.is.part.clone(),
                down: true,
                scope: scope.clone(),
                before,
                made,
                kept: e.kept.clone(),
            });
        }
        list.extend(here.into_iter().rev());
    }
    Ok(list)
}
