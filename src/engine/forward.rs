//! Forward: plans are looked at, recorded, put up and proven.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::cut_short::forbids;
use super::{
    Looked, Place, Plan, Summary, forget_what_is_gone, in_the_way, look, look_unless_foreign, millis, refuse,
    scope_of,
};
use crate::context::Context;
use crate::error::{Code, Next, Problem, again, cause, code_of, opsctl, problem, said};
use crate::interrupt::{Busy, interrupted};
use crate::journal::{self, EntryId, History, Journal, Recorded, Scope, Subject, Target, Verb};
use crate::redis::import::Unfinished;
use crate::step::{Act, Data, Look, Probe, Rank, Seen, Step};
use crate::ui::{Mark, Row, human};

/// Puts plans up, in order. Everything is looked at before anything is touched, as far as it exists.
pub async fn up(cx: &Context, plans: &[Plan]) -> Result<Summary> {
    let began = Instant::now();
    let mut journal = Journal::open(&cx.paths.state, &cx.command, cx.kill_at)?;
    forget_what_is_gone(cx, &mut journal).await?;
    let _busy = Busy::new();
    must_not_build_on_a_half(journal.history(), place_of_data(cx, plans).await.as_ref(), plans)?;
    let mut looks = preflight(cx, plans).await?;
    let journal = RefCell::new(journal);
    let mut summary = Summary::default();
    let mut stand = 0;
    for plan in plans {
        if interrupted() {
            return Err(cut_short(cx, &journal, stand, plans, began));
        }
        let seen = if plan.place == Place::Cluster { looks.pop_front() } else { None };
        // A cluster that was away before may have such data, too.
        let place = place_of_data(cx, std::slice::from_ref(plan)).await;
        let built_on = must_not_build_on_a_half(journal.borrow().history(), place.as_ref(), plans);
        let end = match built_on {
            Ok(()) => part_up(cx, plan, seen, summary.changed > 0, &journal).await,
            Err(e) => Err(e),
        };
        match end {
            Ok((changed, same)) => {
                summary.changed += changed;
                summary.same += same;
                stand += 1;
                if plan.place == Place::Profile && changed > 0 {
                    // Another cluster than the one that was looked at, or one with more nodes.
                    looks.clear();
                }
            }
            Err(e) => {
                let _ = journal.borrow_mut().end(false);
                for left in plans.iter().skip(stand + 1) {
                    cx.ui.fact(Mark::Skip, &left.part, "not started", None);
                }
                return Err(with_the_way_on(e, &journal, way_back(plans)));
            }
        }
    }
    journal.borrow_mut().end(true)?;
    let j = journal.borrow();
    summary.run = j.begun().then(|| j.run());
    summary.took = began.elapsed();
    cx.ui.event(&json!({"event": "end", "ok": true, "run": summary.run, "changed": summary.changed,
        "same": summary.same, "ms": millis(summary.took)}));
    Ok(summary)
}

/// Where the data lies that these plans change, if they do. A cluster that does not answer is brought up first.
async fn place_of_data(cx: &Context, plans: &[Plan]) -> Option<Scope> {
    let changes = plans.iter().flat_map(Plan::steps).any(|step| step.nature().data == Data::Content);
    if changes { cx.cluster().await.ok().map(|cluster| Scope::Cluster(cluster.uid)) } else { None }
}

/// Refuses to build on data whose change was cut short.
fn must_not_build_on_a_half(history: &History, place: Option<&Scope>, plans: &[Plan]) -> Result<()> {
    refuse(place.and_then(|place| forbids(history, place, plans)).into_iter().collect())
}

/// What takes these plans back: `undo` leaves this machine itself alone.
fn way_back(plans: &[Plan]) -> Next {
    opsctl(if plans.iter().all(|p| p.place == Place::Host) { "uninstall" } else { "undo" })
}

fn with_the_way_on(error: anyhow::Error, journal: &RefCell<Journal>, back: Next) -> anyhow::Error {
    let journal = journal.borrow();
    if !journal.begun() {
        return error;
    }
    let code = code_of(&error);
    let words = format!("run {} stopped; what it did is recorded", journal.run());
    let problem = Problem::new(code, words);
    // Of an import in part, what adds to a value would be added twice.
    let doubles = cause::<Unfinished>(&error).is_some();
    let problem = if doubles { problem } else { problem.next(again().to("resume")) };
    error.context(problem.next(back.to("undo it")))
}

fn cut_short(
    cx: &Context,
    journal: &RefCell<Journal>,
    stand: usize,
    plans: &[Plan],
    began: Instant,
) -> anyhow::Error {
    let _ = journal.borrow_mut().end(false);
    let left: Vec<_> = plans.iter().skip(stand).map(|p| p.part.as_str()).collect();
    cx.ui.fact(Mark::Skip, "", &format!("{} not started", left.join(", ")), None);
    let journal = journal.borrow();
    let (took, all) = (human(began.elapsed()), plans.len());
    if !journal.begun() {
        let words = format!("interrupted after {took}; {stand} of {all} parts are up, nothing was changed");
        return Problem::new(Code::Interrupted, words).next(again().to("resume")).into();
    }
    let run = journal.run();
    problem!(Interrupted, "interrupted after {took}; {stand} of {all} parts are up, all recorded (run {run})")
        .next(again().to("resume"))
        .next(way_back(plans).to("undo it"))
        .into()
}

/// What was seen of a part's steps, in their order.
type PartLooked = VecDeque<Looked>;

/// Looks for what is in the way of plans inside a cluster that exists already; all of it at once.
/// What was seen of each of them; empty where an earlier part must first bring the cluster up.
async fn preflight(cx: &Context, plans: &[Plan]) -> Result<VecDeque<PartLooked>> {
    let inside: Vec<_> = plans.iter().filter(|p| p.place == Place::Cluster).collect();
    if inside.is_empty() {
        return Ok(VecDeque::new());
    }
    let looked = async {
        cx.cluster().await?;
        look(cx, inside.iter().flat_map(|p| p.steps())).await
    };
    let looks = match looked.await {
        Ok(looks) => looks,
        // An earlier part brings the cluster up, or a node of it that is away; each part is looked at then.
        Err(e) if plans.iter().any(|p| p.place == Place::Profile) => {
            cx.ui.detail(format!("   checked later: {}", said(&e)));
            return Ok(VecDeque::new());
        }
        Err(e) => return Err(e),
    };
    let (mut looks, mut all, mut problems) = (looks.into_iter(), VecDeque::new(), Vec::new());
    for plan in inside {
        let mut seen: Vec<_> = looks.by_ref().take(plan.steps().count()).collect();
        problems.extend(in_the_way(plan.steps(), &mut seen));
        all.push_back(seen.into());
    }
    refuse(problems)?;
    Ok(all)
}

/// What a step needs, with what a look left for it.
enum Todo {
    /// Nothing: it is as wanted.
    Nothing,
    /// A change of its own.
    New(Value, Seen),
    /// What an interrupted run left: its entry is resumed.
    Resume(EntryId, Value, Option<Value>, Seen),
}

/// What each step of a wave needs; refuses all of it when something is in the way.
///
/// What was seen before this run changed anything still holds, and what was absent is looked for again by
/// the step itself. Objects are looked at anew: an earlier wave may have waited for the end of what was there.
async fn todo(
    cx: &Context,
    scope: &Scope,
    wave: &[Step],
    seen: Vec<Looked>,
    changed: bool,
    journal: &RefCell<Journal>,
) -> Result<Vec<Todo>> {
    let holds = |step: &Step, looked: &Looked| match looked.probe {
        Probe::Absent(_) => step.nature().looks_again,
        Probe::Same => step.nature().is_on_nodes(),
        _ => false,
    };
    let stale: Vec<bool> = wave.iter().zip(&seen).map(|(s, l)| changed && !holds(s, l)).collect();
    let again = wave.iter().zip(&stale).filter(|(_, stale)| **stale).map(|(step, _)| step);
    let mut again = look(cx, again).await?.into_iter();
    let mut todos = Vec::new();
    let mut problems = Vec::new();
    for ((step, former), stale) in wave.iter().zip(seen).zip(stale) {
        let Looked { probe, seen } = if stale { again.next().unwrap_or(former) } else { former };
        let known = {
            let j = journal.borrow();
            let pending = j.history().newest(scope, &step.key()).filter(|e| e.pending());
            pending.map(|e| (e.id, e.is.before.clone(), e.kept.clone()))
        };
        todos.push(match (probe, known) {
            (Probe::Foreign(problem), _) => {
                problems.push(problem);
                Todo::Nothing
            }
            (_, Some((id, before, kept))) => Todo::Resume(id, before, kept, seen),
            (Probe::Same, None) => Todo::Nothing,
            (Probe::Absent(before), None) => Todo::New(before, seen),
            (Probe::Differs(before, how), None) => {
                cx.ui.detail(format!("   {} differs in {how}", step.title()));
                Todo::New(before, seen)
            }
        });
    }
    refuse(problems)?;
    Ok(todos)
}

/// `seen`: what a look before the run saw; `changed_before`: the run has changed something since.
async fn part_up(
    cx: &Context,
    plan: &Plan,
    seen: Option<PartLooked>,
    changed_before: bool,
    journal: &RefCell<Journal>,
) -> Result<(usize, usize)> {
    let began = Instant::now();
    let row = cx.ui.row(&plan.part, "looking");
    // The cluster is known only when its own part is done.
    let uid = if plan.place == Place::Cluster { Some(cx.cluster().await?.uid) } else { None };
    let scope = scope_of(cx, plan.place, uid.as_deref())?;
    let mut seen = match seen {
        Some(seen) => seen,
        None => look_unless_foreign(cx, plan.steps()).await?.into(),
    };
    // A part of one step is one line: the step's.
    let alone = plan.proof.is_none() && plan.steps().count() == 1;
    let (mut changed, mut same) = (0, 0);
    let label = if alone { plan.part.as_str() } else { "" };
    let mut applied = Vec::new();
    for (n, wave) in plan.waves.iter().enumerate() {
        if interrupted() {
            break;
        }
        if wave.iter().any(|step| step.nature().rank == Rank::Data) {
            settle(cx, (&plan.part, label), std::mem::take(&mut applied), &row).await?;
        }
        let of_wave = seen.drain(..wave.len().min(seen.len())).collect();
        let todos = todo(cx, &scope, wave, of_wave, changed_before || changed > 0, journal).await?;
        let work: Vec<_> = wave.iter().zip(todos).collect();
        let (idle, busy): (Vec<_>, Vec<_>) = work.iter().partition(|(_, t)| matches!(t, Todo::Nothing));
        changed += busy.len();
        same += idle.iter().filter(|(step, _)| !step.nature().only_if_needed).count();
        let clears = busy.iter().any(|(step, _)| step.nature().rank == Rank::Clearing);
        // An operator must run before its resource is ready, and a pod may need what a resource brings: these are
        // waited for once all are applied.
        applied.extend(wave_up(cx, (&plan.part, label), &scope, work, journal, &row).await?);
        if clears {
            seen = look_unless_foreign(cx, plan.waves[n + 1..].iter().flatten()).await?.into();
        }
    }
    if !interrupted() {
        settle(cx, (&plan.part, label), applied, &row).await?;
    }
    if interrupted() {
        return Err(problem!(Interrupted, "interrupted in part {}", plan.part).into());
    }
    if alone && changed > 0 {
        row.drop_quietly();
        return Ok((changed, same)); // its step's line has said it
    }
    let fact = match plan.proof {
        Some(proof) if cx.wait => {
            row.doing("proving");
            proof(cx).await?
        }
        _ if changed == 0 => format!("{same} unchanged"),
        _ => format!("{changed} created or changed, {same} unchanged"),
    };
    row.drop_quietly();
    let mark = if changed == 0 { Mark::Same } else { Mark::Done };
    let took = (changed > 0).then(|| began.elapsed());
    cx.ui.fact(mark, &plan.part, &fact, took);
    cx.ui.event(
        &json!({"event": "part", "part": plan.part, "state": if changed == 0 { "same" } else { "done" },
        "fact": fact, "changed": changed, "same": same, "ms": millis(began.elapsed())}),
    );
    Ok((changed, same))
}

fn ensure_run(cx: &Context, journal: &RefCell<Journal>, verb: Verb) -> Result<()> {
    let mut journal = journal.borrow_mut();
    if !journal.begun() {
        journal.begin_run(verb, &cx.command, Target::of(cx), None)?;
    }
    Ok(())
}

/// A step whose change was made, if any, and that is to become ready.
struct Applied<'a> {
    step: &'a Step,
    /// When its change began; none where there was nothing to change.
    began: Option<Instant>,
}

/// Records and makes what a wave needs, side by side. Returns what is waited for later.
async fn wave_up<'a>(
    cx: &Context,
    (part, label): (&str, &str),
    scope: &Scope,
    work: Vec<(&'a Step, Todo)>,
    journal: &RefCell<Journal>,
    row: &Row,
) -> Result<Vec<Applied<'a>>> {
    let mut subjects = Vec::new();
    let mut again = Vec::new();
    for (step, todo) in &work {
        match todo {
            Todo::Nothing => {}
            Todo::New(before, _) => subjects.push(Subject {
                scope: scope.clone(),
                part: part.to_owned(),
                key: step.key(),
                step: serde_json::to_value(step)?,
                before: before.clone(),
            }),
            Todo::Resume(id, ..) => again.push(*id),
        }
    }
    let (new, resumed) = if subjects.is_empty() && again.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        ensure_run(cx, journal, Verb::Up)?;
        let mut j = journal.borrow_mut();
        (j.begin(subjects)?, j.begin_again(&again)?)
    };
    let (mut new, mut resumed) = (new.into_iter(), resumed.into_iter());
    let mut acts = Vec::new();
    for (step, todo) in work {
        let change = match todo {
            Todo::Nothing => None,
            Todo::New(before, seen) => new.next().map(|t| (t, before, None, seen)),
            Todo::Resume(_, before, kept, seen) => resumed.next().map(|t| (t, before, kept, seen)),
        };
        acts.push((step, change));
    }
    let ends = futures::future::join_all(acts.into_iter().map(|(step, change)| async move {
        let end = async {
            let applied = match change {
                None => Applied { step, began: None },
                Some((token, before, kept, seen)) => {
                    let change = Change { token: &token, before: &before, kept: kept.as_ref() };
                    one_up(cx, step, change, seen, journal, row).await?
                }
            };
            if step.nature().runs() {
                return Ok(Some(applied));
            }
            settle_one(cx, label, &applied, row).await.map(|()| None)
        };
        (step, end.await)
    }))
    .await;
    Ok(all_well(cx, part, ends)?.into_iter().flatten().collect())
}

/// Waits until steps are ready, side by side.
async fn settle(
    cx: &Context,
    (part, label): (&str, &str),
    applied: Vec<Applied<'_>>,
    row: &Row,
) -> Result<()> {
    // A resource is judged once its operator runs: until that has seen it, it looks ready.
    let (resources, others): (Vec<_>, Vec<_>) = applied.iter().partition(|one| one.step.is_resource());
    let mut ends = Vec::new();
    for side_by_side in [others, resources] {
        let settles = side_by_side.into_iter();
        let settles = settles.map(|one| async move { (one.step, settle_one(cx, label, one, row).await) });
        ends.extend(futures::future::join_all(settles).await);
    }
    all_well(cx, part, ends).map(drop)
}

/// Waits until a step is ready, and says so where it was changed.
async fn settle_one(cx: &Context, label: &str, applied: &Applied<'_>, row: &Row) -> Result<()> {
    let step = applied.step;
    if applied.began.is_some() {
        step.first_word(cx).await?;
    }
    let fact = step.settle(cx, row).await?;
    let Some(began) = applied.began else { return Ok(()) };
    let took = began.elapsed();
    cx.ui.fact(Mark::Done, label, &format!("{}  {fact}", step.title()), Some(took));
    cx.ui.event(
        &json!({"event": "step", "step": step.key(), "state": "done", "fact": fact, "ms": millis(took)}),
    );
    Ok(())
}

/// What all steps came to; each failure is shown, and the first one returned.
fn all_well<T>(cx: &Context, part: &str, ends: Vec<(&Step, Result<T>)>) -> Result<Vec<T>> {
    let mut well = Vec::new();
    let mut first = None;
    for (step, end) in ends {
        match end {
            Ok(end) => well.push(end),
            Err(e) => {
                cx.ui.fact(Mark::Fail, part, &format!("{}: {e}", step.title()), None);
                cx.ui.event(&json!({"event": "step", "part": part, "step": step.key(),
                    "state": "failed", "error": said(&e), "code": code_of(&e)}));
                first.get_or_insert(e.context(step.title()));
            }
        }
    }
    first.map_or(Ok(well), Err)
}

/// A change that stands in the journal.
struct Change<'a> {
    token: &'a Recorded,
    before: &'a Value,
    kept: Option<&'a Value>,
}

async fn one_up<'a>(
    cx: &Context,
    step: &'a Step,
    change: Change<'_>,
    seen: Seen,
    journal: &RefCell<Journal>,
    row: &Row,
) -> Result<Applied<'a>> {
    let began = Instant::now();
    let usual = journal.borrow().history().usual(&step.key()).map(Duration::from_millis);
    let hint = usual.map(|u| format!(", usually {}", human(u))).unwrap_or_default();
    row.doing(format!("{}{hint}", step.title()));
    cx.ui.detail(format!("   $ {}", step.command()));
    let act = Act { token: change.token, journal, row, spared: &[] };
    let made = step.up(cx, act, change.before, change.kept, seen).await?;
    journal.borrow_mut().done(change.token, made, millis(began.elapsed()))?;
    Ok(Applied { step, began: Some(began) })
}

/// What would become of a step's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Would {
    /// It is made, or comes back.
    Make,
    /// It gets another shape.
    Change,
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// It is not ours: nothing at all would be touched.
    Refuse,
}

impl Would {
    /// One character for it.
    pub fn sign(self) -> char {
        match self {
            Self::Make => '+',
            Self::Change => '~',
            Self::Keep => '=',
            Self::Remove => '-',
            Self::Refuse => '!',
        }
    }
}

/// What a run would do to one step's target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// What would become of it.
    pub would: Would,
    /// The part that it belongs to.
    pub part: String,
    /// Names the target.
    pub step: String,
    /// What it is about, in a few words.
    pub title: String,
    /// The shell command that it stands for.
    pub command: String,
    /// Why: how it differs, or what is in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What to type where something is in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Next>,
}

impl Preview {
    /// Of a step, without a reason.
    pub fn new(would: Would, part: &str, step: &Step) -> Self {
        let (key, title, command) = (step.key(), step.title(), step.command());
        Self { would, part: part.to_owned(), step: key, title, command, why: Vec::new(), next: Vec::new() }
    }
}

/// What an `up` of these plans would do, step by step; nothing is touched.
pub async fn dry_run(cx: &Context, plans: &[Plan]) -> Result<Vec<Preview>> {
    let mut all = Vec::new();
    let here = cx.cluster().await.ok().map(|cluster| Scope::Cluster(cluster.uid));
    let exists = here.is_some();
    let history = journal::read(&cx.paths.state)?;
    let forbidden = |step: &Step| match &here {
        Some(here) if step.nature().data == Data::Content => forbids(&history, here, plans),
        _ => None,
    };
    let refused = |problem: Problem, preview: Preview| {
        let why = std::iter::once(problem.what).chain(problem.found).collect();
        Preview { why, next: problem.next, ..preview }
    };
    for plan in plans {
        for step in plan.steps() {
            let preview = |would| Preview::new(would, &plan.part, step);
            let quiet = step.nature().only_if_needed;
            if plan.place == Place::Cluster && !exists {
                all.extend((!quiet).then(|| preview(Would::Make)));
                continue;
            }
            if let Some(problem) = forbidden(step) {
                all.push(refused(problem, preview(Would::Refuse)));
                continue;
            }
            all.push(match step.probe(cx, &mut Look::default()).await? {
                Probe::Same if quiet => continue,
                Probe::Absent(_) => preview(Would::Make),
                Probe::Same => preview(Would::Keep),
                Probe::Differs(_, how) => Preview { why: vec![how], ..preview(Would::Change) },
                Probe::Foreign(problem) => refused(problem, preview(Would::Refuse)),
            });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{self, Paths};
    use crate::ui::{Options, Ui};

    #[tokio::test]
    async fn an_interrupted_run_is_named_where_it_was_recorded_and_no_other_is() {
        let dir = tempfile::tempdir().unwrap();
        let ui = Ui::new(Options::default());
        let target = context::Target::Profile("p".into());
        let cx = Context::new(ui, Paths::below(dir.path()), target, Duration::from_secs(1));
        let journal = RefCell::new(Journal::open(&cx.paths.state, "opsctl up", None).unwrap());
        let said = || format!("{:#}", cut_short(&cx, &journal, 0, &[], Instant::now()));
        assert!(said().contains("nothing was changed") && !said().contains("run 1"), "{}", said());
        ensure_run(&cx, &journal, Verb::Up).unwrap();
        assert!(said().contains("all recorded (run 1)"), "{}", said());
    }
}
