//! Backward: a reversal carried out. A failure is reported, and the rest goes on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Reversal, Reverse, Summary, look, millis, refuse_foreign};
use crate::context::Context;
use crate::error::{Code, Problem, again, code_of};
use crate::interrupt::{Busy, interrupted};
use crate::journal::{Journal, Recorded, Scope, Subject, Target};
use crate::step::{Act, Data, Seen};
use crate::ui::Mark;

/// Carries a reversal out: goes on past a failure, reports every one, can be run again.
pub async fn carry_out(cx: &Context, reverse: Reverse) -> Result<Summary> {
    let began = Instant::now();
    let _busy = Busy::new();
    let Reverse { list, run, journal, verb } = reverse;
    let journal = RefCell::new(journal);
    let mut summary = Summary::default();
    if list.is_empty() {
        journal.borrow_mut().end(true)?;
        return Ok(summary);
    }
    let home = cx.cluster().await.ok().map(|c| Scope::Cluster(c.uid));
    let coming = list.iter().filter(|r| !r.down && Some(&r.scope) == home.as_ref());
    let coming: Vec<_> = coming.map(|r| &r.step).collect();
    let looked = refuse_foreign(look(cx, coming.iter().copied()).await?)?;
    let keys = coming.iter().map(|step| step.key());
    let mut seen: BTreeMap<String, Seen> = keys.zip(looked.into_iter().map(|l| l.seen)).collect();
    if !journal.borrow().begun() {
        journal.borrow_mut().begin_run(verb, &cx.command, Target::of(cx), run)?;
    }
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    let mut failures: Vec<anyhow::Error> = Vec::new();
    let mut guarded = Guarded::default();
    let keeps = |r: &Reversal| r.step.nature().data == Data::Keeps;
    let is_content = |r: &Reversal| r.step.nature().data == Data::Content;
    let data_goes = list.iter().any(|r| r.down && keeps(r));
    let mut with_the_data = Vec::new();
    let mut with_the_cluster = Vec::new();
    let mut left = 0;
    let mut rest = list.as_slice();
    while let Some(first) = rest.first() {
        // Neighbours that do not depend on one another go side by side; two shapes of one target never do.
        let mut targets = BTreeSet::new();
        let together = rest
            .iter()
            .take_while(|r| r.down == first.down && r.batch() == first.batch())
            .take_while(|r| targets.insert(r.step.key()))
            .count();
        let (group, later) = rest.split_at(if first.batch().is_some() { together } else { 1 });
        rest = later;
        let mut doing = Vec::new();
        for reversal in group {
            let blocked = guarded.blocks(reversal);
            let in_cluster = matches!(reversal.scope, Scope::Cluster(_));
            let with_data = (data_goes || (cluster_goes && in_cluster)) && is_content(reversal);
            let with_cluster = cluster_goes && in_cluster && !keeps(reversal);
            if interrupted() {
                left += 1;
            } else if reversal.down && blocked {
                let fact = format!("{} stays: its data could not be saved", reversal.step.title());
                cx.ui.fact(Mark::Skip, &reversal.part, &fact, None);
                left += 1;
            } else if reversal.down && with_data {
                with_the_data.extend(reversal.entries.iter().copied());
            } else if reversal.down && with_cluster {
                with_the_cluster.extend(journal.borrow_mut().begin_down(&reversal.entries)?);
            } else {
                doing.push(reversal);
            }
        }
        for (reversal, end) in doing.iter().zip(reverse_group(cx, &journal, &doing, &mut seen).await?) {
            let Err(e) = end else {
                summary.changed += 1;
                continue;
            };
            cx.ui.fact(Mark::Fail, &reversal.part, &format!("{}: {e}", reversal.step.title()), None);
            cx.ui.event(&json!({"event": "step", "part": reversal.part, "step": reversal.step.key(),
                "state": "failed", "error": format!("{e:#}"), "code": code_of(&e)}));
            if keeps(reversal) {
                guarded.add(reversal);
            }
            failures.push(e.context(reversal.step.title()));
        }
    }
    if failures.is_empty() && left == 0 {
        journal.borrow_mut().gone(&with_the_data)?;
        for token in &with_the_cluster {
            journal.borrow_mut().undone(token, Value::Null)?;
        }
        summary.changed += with_the_data.len() + with_the_cluster.len();
    }
    journal.borrow_mut().end(failures.is_empty() && left == 0)?;
    summary.run = Some(journal.borrow().run());
    summary.took = began.elapsed();
    cx.ui.event(&json!({"event": "end", "ok": failures.is_empty() && left == 0, "run": summary.run,
        "changed": summary.changed, "ms": millis(summary.took)}));
    if interrupted() {
        return Err(Problem::new(
            Code::Interrupted,
            format!("interrupted; {left} changes remain, all recorded"),
        )
        .next(again().to("resume"))
        .into());
    }
    let total = failures.len();
    let Some(first) = failures.into_iter().next() else { return Ok(summary) };
    let code = if summary.changed > 0 { Code::Partial } else { code_of(&first) };
    let words = format!("{} undone, {total} failed, {left} left", summary.changed);
    Err(first.context(Problem::new(code, words).next(again().remark("once that is fixed"))))
}

/// Data that could not be kept: what holds it stays.
#[derive(Default)]
struct Guarded {
    parts: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Guarded {
    fn add(&mut self, data: &Reversal) {
        self.parts.insert(data.part.clone());
        self.namespaces.extend(data.step.nature().namespace().map(str::to_owned));
    }

    /// Whether this must stay: it belongs to such data or shares its namespace, or it is the cluster under it.
    fn blocks(&self, reversal: &Reversal) -> bool {
        self.parts.contains(&reversal.part)
            || reversal.step.nature().namespace().is_some_and(|ns| self.namespaces.contains(ns))
            || (!self.parts.is_empty() && matches!(reversal.scope, Scope::Profile(_)))
    }
}

/// Reverses a group side by side: all intentions on disk first, then the acts, then their ends.
async fn reverse_group(
    cx: &Context,
    journal: &RefCell<Journal>,
    group: &[&Reversal],
    seen: &mut BTreeMap<String, Seen>,
) -> Result<Vec<Result<()>>> {
    let mut tokens = Vec::new();
    for r in group {
        let mut entries = r.entries.clone();
        if entries.is_empty() {
            // Found by its label only: recorded first, like everything.
            let subject = Subject {
                scope: r.scope.clone(),
                part: r.part.clone(),
                key: r.step.key(),
                step: serde_json::to_value(&r.step)?,
                before: r.before.clone(),
            };
            entries = journal.borrow_mut().begin(vec![subject])?.iter().map(Recorded::entry).collect();
        }
        tokens.push(match (&r.scope, r.down) {
            (_, true) => journal.borrow_mut().begin_down(&entries)?,
            (Scope::Cluster(_), false) => {
                let home = Scope::Cluster(cx.cluster().await?.uid);
                journal.borrow_mut().begin_again_in(&entries, &home)?
            }
            (_, false) => journal.borrow_mut().begin_again(&entries)?,
        });
    }
    let acts = group.iter().zip(&tokens).map(|(r, tokens)| {
        let seen = seen.remove(&r.step.key()).unwrap_or_default();
        one_reversal(cx, r, tokens, seen, journal)
    });
    let ends = futures::future::join_all(acts).await;
    let mut results = Vec::new();
    for ((r, tokens), end) in group.iter().zip(&tokens).zip(ends) {
        results.push(match end {
            Ok((result, ms)) => {
                for token in tokens {
                    if r.down {
                        journal.borrow_mut().undone(token, result.clone())?;
                    } else {
                        journal.borrow_mut().done(token, result.clone(), ms)?;
                    }
                }
                Ok(())
            }
            Err(e) => Err(e),
        });
    }
    Ok(results)
}

async fn one_reversal(
    cx: &Context,
    r: &Reversal,
    tokens: &[Recorded],
    seen: Seen,
    journal: &RefCell<Journal>,
) -> Result<(Value, u64)> {
    let began = Instant::now();
    let Some(token) = tokens.first() else { anyhow::bail!("{} has no journal entry", r.step.title()) };
    let row = cx.ui.row(&r.part, &r.step.title());
    cx.ui.detail(format!("   {} {}", if r.down { "undoing" } else { "redoing" }, r.step.command()));
    let act = Act { token, journal, row: &row };
    let (fact, result) = if r.down {
        r.step.down(cx, act, &r.before, r.made.as_ref()).await?
    } else {
        let made = r.step.up(cx, act, &r.before, r.kept.as_ref(), seen).await?;
        (r.step.settle(cx, &row).await?, made)
    };
    row.drop_quietly();
    cx.ui.fact(Mark::Done, &r.part, &format!("{}  {fact}", r.step.title()), Some(began.elapsed()));
    let state = if r.down { "undone" } else { "done" };
    cx.ui.event(&json!({"event": "step", "part": r.part, "step": r.step.key(), "state": state, "fact": fact,
        "ms": millis(began.elapsed())}));
    Ok((result, millis(began.elapsed())))
}
