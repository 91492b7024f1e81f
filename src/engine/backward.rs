//! Backward: a reversal carried out. A failure is reported, and the rest goes on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Reversal, Reverse, Summary, look_unless_foreign, millis};
use crate::context::Context;
use crate::error::{Code, Problem, again, code_of, problem, said};
use crate::interrupt::{Busy, interrupted};
use crate::journal::{Journal, Recorded, Scope, Subject, Target, Verb};
use crate::k8s::{kind, manifest};
use crate::step::rescue::snapshots_in;
use crate::step::{Act, Data, Rank, Seen, Step};
use crate::ui::Mark;

/// Carries a reversal out: goes on past a failure, reports every one, can be run again.
pub async fn carry_out(cx: &Context, reverse: Reverse) -> Result<Summary> {
    carry_out_and_hold(cx, reverse).await.map(|(summary, _)| summary)
}

/// The same, and returns the journal, whose lock is held until it is dropped.
pub async fn carry_out_and_hold(cx: &Context, reverse: Reverse) -> Result<(Summary, Journal)> {
    let Reverse { list, run, journal, verb } = reverse;
    let journal = RefCell::new(journal);
    let summary = carried_out(cx, &list, (verb, run), &journal).await?;
    Ok((summary, journal.into_inner()))
}

async fn carried_out(
    cx: &Context,
    list: &[Reversal],
    (verb, run): (Verb, Option<u64>),
    journal: &RefCell<Journal>,
) -> Result<Summary> {
    let began = Instant::now();
    let _busy = Busy::new();
    let mut summary = Summary::default();
    if list.is_empty() {
        journal.borrow_mut().end(true)?;
        return Ok(summary);
    }
    let home = cx.cluster().await.ok().map(|c| Scope::Cluster(c.uid));
    let coming = list.iter().filter(|r| !r.down && Some(&r.scope) == home.as_ref());
    let coming: Vec<_> = coming.map(|r| &r.step).collect();
    let looked = look_unless_foreign(cx, coming.iter().copied()).await?;
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    if !cluster_goes {
        must_be_unused(cx, list, home.as_ref()).await?;
    }
    let keys = coming.iter().map(|step| step.key());
    let mut seen: BTreeMap<String, Seen> = keys.zip(looked.into_iter().map(|l| l.seen)).collect();
    if !journal.borrow().begun() {
        journal.borrow_mut().begin_run(verb, &cx.command, Target::of(cx), run)?;
    }
    // What comes first takes snapshots, and older ones are pruned: but none that comes back later.
    let needed: Vec<PathBuf> =
        list.iter().flat_map(|r| r.made.iter().chain(&r.kept).flat_map(snapshots_in)).collect();
    let mut failures: Vec<anyhow::Error> = Vec::new();
    let mut unkept = Guarded::default();
    let mut unended = Guarded::default();
    let keeps = |r: &Reversal| r.step.nature().data == Data::Keeps;
    let is_content = |r: &Reversal| r.step.nature().data == Data::Content;
    let data_goes = list.iter().any(|r| r.down && keeps(r));
    let mut with_the_data = Vec::new();
    let mut with_the_cluster = Vec::new();
    let mut left = 0;
    // Applied, and not yet ready: waited for once all are applied, or when what comes next must find them so.
    let mut waiting = Vec::new();
    let mut rest = list;
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
        if first.down || first.step.nature().rank == Rank::Data {
            let ends = become_ready(cx, journal, std::mem::take(&mut waiting)).await?;
            reckon(cx, ends, &mut summary, &mut failures);
        }
        let mut doing = Vec::new();
        for reversal in group {
            let in_cluster = matches!(reversal.scope, Scope::Cluster(_));
            let with_data = (data_goes || (cluster_goes && in_cluster)) && is_content(reversal);
            let with_cluster = cluster_goes && in_cluster && !keeps(reversal);
            if interrupted() {
                left += 1;
            } else if let Some(why) = unkept.blocks(reversal).or_else(|| unended.blocks(reversal)) {
                let fact = format!("{} stays: {why}", reversal.step.title());
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
        let (ends, later) = reverse_group(cx, journal, &doing, &mut seen, &needed).await?;
        waiting.extend(later);
        for (reversal, _) in ends.iter().filter(|(reversal, end)| reversal.down && end.is_err()) {
            if keeps(reversal) {
                unkept.add_data(reversal);
            } else if reversal.step.is_resource() {
                unended.add_resource(reversal, list);
            }
        }
        reckon(cx, ends, &mut summary, &mut failures);
    }
    if interrupted() {
        left += waiting.len();
    } else {
        let ends = become_ready(cx, journal, waiting).await?;
        reckon(cx, ends, &mut summary, &mut failures);
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
        return Err(problem!(Interrupted, "interrupted; {left} changes remain, all recorded")
            .next(again().to("resume"))
            .into());
    }
    let total = failures.len();
    let Some(first) = failures.into_iter().next() else { return Ok(summary) };
    let code = if summary.changed > 0 { Code::Partial } else { code_of(&first) };
    let words = format!("{} undone, {total} failed, {left} left", summary.changed);
    Err(first.context(Problem::new(code, words).next(again().remark("once that is fixed"))))
}

/// Refuses where a definition is to go whose kind somebody else uses.
async fn must_be_unused(cx: &Context, list: &[Reversal], home: Option<&Scope>) -> Result<()> {
    let going: Vec<_> = list.iter().filter(|r| r.removes() && Some(&r.scope) == home).collect();
    let objects: Vec<_> = going.iter().filter_map(|r| r.step.manifest()).collect();
    for reversal in &going {
        if let Step::Object(object) = &reversal.step {
            object.must_be_unused(cx, &objects).await?;
        }
    }
    Ok(())
}

/// How the reversal of each target ended.
type Ends<'a> = Vec<(&'a Reversal, Result<()>)>;

/// Counts what is reversed, and shows and keeps what failed.
fn reckon(cx: &Context, ends: Ends<'_>, summary: &mut Summary, failures: &mut Vec<anyhow::Error>) {
    for (reversal, end) in ends {
        match end {
            Ok(()) => summary.changed += 1,
            Err(e) => {
                cx.ui.fact(Mark::Fail, &reversal.part, &format!("{}: {e}", reversal.step.title()), None);
                cx.ui.event(&json!({"event": "step", "part": reversal.part, "step": reversal.step.key(),
                    "state": "failed", "error": said(&e), "code": code_of(&e)}));
                failures.push(e.context(reversal.step.title()));
            }
        }
    }
}

/// What stays because something that depends on it could not be taken back: data that could not be kept, a custom
/// resource that did not end.
#[derive(Default)]
struct Guarded {
    parts: BTreeSet<String>,
    namespaces: BTreeSet<String>,
    /// The cluster under it stays, too.
    cluster: bool,
    why: String,
}

impl Guarded {
    /// Data that could not be kept: what holds it stays.
    fn add_data(&mut self, data: &Reversal) {
        self.parts.insert(data.part.clone());
        self.namespaces.extend(data.step.nature().namespace().map(str::to_owned));
        self.cluster = true;
        self.why = "its data could not be saved".into();
    }

    /// A custom resource that did not end: its operator may still have to end it, so that stays. Which workload that
    /// is nobody says: it comes with the resource, or with the definition of its kind.
    fn add_resource(&mut self, resource: &Reversal, list: &[Reversal]) {
        let defines = |r: &&Reversal| {
            let defined =
                r.step.manifest().filter(|_| r.step.nature().object() == Some(kind::Rank::Definition));
            let group = resource.step.manifest().map(manifest::group);
            defined.is_some_and(|definition| definition["spec"]["group"].as_str() == group)
        };
        self.parts.insert(resource.part.clone());
        self.parts.extend(list.iter().filter(defines).map(|r| r.part.clone()));
        let around = list.iter().filter(|r| self.parts.contains(&r.part)).map(|r| r.step.nature());
        self.namespaces.extend(around.filter_map(|nature| nature.namespace().map(str::to_owned)));
        self.why = format!("{} has not ended", resource.step.title());
    }

    /// Why this must stay: it belongs to such a part or shares its namespace, or it is the cluster under it.
    fn blocks(&self, reversal: &Reversal) -> Option<&str> {
        let blocks = self.parts.contains(&reversal.part)
            || reversal.step.nature().namespace().is_some_and(|ns| self.namespaces.contains(ns))
            || (self.cluster && matches!(reversal.scope, Scope::Profile(_)));
        (reversal.down && blocks).then_some(self.why.as_str())
    }
}

/// A reversal that brought something back which is not ready at once.
struct Waiting<'a> {
    reversal: &'a Reversal,
    tokens: Vec<Recorded>,
    result: Value,
    began: Instant,
}

/// Reverses a group side by side: all intentions on disk first, then the acts, then their ends. What runs is only
/// applied: an operator must run before its resource is ready, and a pod may need what a resource brings.
async fn reverse_group<'a>(
    cx: &Context,
    journal: &RefCell<Journal>,
    group: &[&'a Reversal],
    seen: &mut BTreeMap<String, Seen>,
    spared: &[PathBuf],
) -> Result<(Ends<'a>, Vec<Waiting<'a>>)> {
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
        one_reversal(cx, r, tokens, seen, journal, spared)
    });
    let acted = futures::future::join_all(acts).await;
    let (mut ends, mut later) = (Vec::new(), Vec::new());
    for ((reversal, tokens), end) in group.iter().copied().zip(tokens).zip(acted) {
        match end {
            Ok((result, began)) if !reversal.down && reversal.step.nature().runs() => {
                later.push(Waiting { reversal, tokens, result, began });
            }
            Ok((result, began)) => {
                record(journal, reversal, &tokens, &result, began)?;
                ends.push((reversal, Ok(())));
            }
            Err(e) => ends.push((reversal, Err(e))),
        }
    }
    Ok((ends, later))
}

fn record(
    journal: &RefCell<Journal>,
    r: &Reversal,
    tokens: &[Recorded],
    result: &Value,
    began: Instant,
) -> Result<()> {
    for token in tokens {
        if r.down {
            journal.borrow_mut().undone(token, result.clone())?;
        } else {
            journal.borrow_mut().done(token, result.clone(), millis(began.elapsed()))?;
        }
    }
    Ok(())
}

/// Waits until what was brought back is ready, side by side. Only then it is recorded as done: the next run resumes
/// what is not.
async fn become_ready<'a>(
    cx: &Context,
    journal: &RefCell<Journal>,
    waiting: Vec<Waiting<'a>>,
) -> Result<Ends<'a>> {
    // As forward: a resource is judged once its operator runs.
    let (resources, others): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|w| w.reversal.step.is_resource());
    let mut ends = Vec::new();
    for waiting in [others, resources] {
        let settles = waiting.iter().map(|w| async {
            let row = cx.ui.row(&w.reversal.part, &w.reversal.step.title());
            w.reversal.step.first_word(cx).await?;
            let fact = w.reversal.step.settle(cx, &row).await?;
            row.drop_quietly();
            tell(cx, w.reversal, &fact, w.began);
            anyhow::Ok(())
        });
        let settled = futures::future::join_all(settles).await;
        for (w, end) in waiting.into_iter().zip(settled) {
            if end.is_ok() {
                record(journal, w.reversal, &w.tokens, &w.result, w.began)?;
            }
            ends.push((w.reversal, end));
        }
    }
    Ok(ends)
}

/// Carries one out; what runs has still to become ready.
async fn one_reversal(
    cx: &Context,
    r: &Reversal,
    tokens: &[Recorded],
    seen: Seen,
    journal: &RefCell<Journal>,
    spared: &[PathBuf],
) -> Result<(Value, Instant)> {
    let began = Instant::now();
    let Some(token) = tokens.first() else { anyhow::bail!("{} has no journal entry", r.step.title()) };
    let row = cx.ui.row(&r.part, &r.step.title());
    cx.ui.detail(format!("   {} {}", if r.down { "undoing" } else { "redoing" }, r.step.command()));
    let act = Act { token, journal, row: &row, spared };
    if r.down {
        let (fact, result) = r.step.down(cx, act, &r.before, r.made.as_ref()).await?;
        row.drop_quietly();
        tell(cx, r, &fact, began);
        return Ok((result, began));
    }
    let made = r.step.up(cx, act, &r.before, r.kept.as_ref(), seen).await?;
    if !r.step.nature().runs() {
        let fact = r.step.settle(cx, &row).await?;
        row.drop_quietly();
        tell(cx, r, &fact, began);
    }
    Ok((made, began))
}

/// Says what became of a target.
fn tell(cx: &Context, r: &Reversal, fact: &str, began: Instant) {
    cx.ui.fact(Mark::Done, &r.part, &format!("{}  {fact}", r.step.title()), Some(began.elapsed()));
    let state = if r.down { "undone" } else { "done" };
    cx.ui.event(&json!({"event": "step", "part": r.part, "step": r.step.key(), "state": state, "fact": fact,
        "ms": millis(began.elapsed())}));
}
