//! The loops: plans forward, the journal backward. Every command's effect goes through here.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use crate::context::{Context, Profile, Target};
use crate::error::{Class, Problem, class_of};
use crate::journal::{EntryId, History, Journal, Recorded, Scope, Subject, Verb};
use crate::step::{Act, Probe, Step};
use crate::ui::{Mark, Row, human};

/// Where a plan's changes live; resolved to a [`Scope`] when its turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This machine.
    Host,
    /// The minikube profile itself.
    Profile,
    /// Inside the cluster.
    Cluster,
}

/// What a part proves at its end, as one fact for its line.
pub type Proof = for<'a> fn(&'a Context) -> Pin<Box<dyn Future<Output = Result<String>> + 'a>>;

/// A part of an environment: steps in waves. A wave's steps do not depend on one another and
/// run side by side; the next wave begins when all of them hold.
pub struct Plan {
    /// Its name, such as `redis`: the label on the screen, in the journal and on the objects.
    pub part: &'static str,
    /// Where its changes live.
    pub place: Place,
    /// The steps.
    pub waves: Vec<Vec<Step>>,
    /// What is proven once all steps hold.
    pub proof: Option<Proof>,
}

impl Plan {
    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.waves.iter().flatten()
    }
}

/// How a run went.
#[derive(Debug, Default)]
pub struct Summary {
    /// Steps that changed something.
    pub changed: usize,
    /// Steps that were as wanted already.
    pub same: usize,
    /// How long it took.
    pub took: Duration,
    /// The run's number, if it changed anything.
    pub run: Option<u64>,
}

static INTERRUPTS: AtomicU8 = AtomicU8::new(0);

/// Listens for Ctrl-C and SIGTERM: the first lets the steps in hand finish, the second ends at once.
pub fn listen(ui: crate::ui::Ui) {
    tokio::spawn(async move {
        let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            return;
        };
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            if INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0 || !BUSY.load(Ordering::SeqCst) {
                ui.restore();
                std::process::exit(i32::from(Class::Interrupted.code()));
            }
            ui.note(
                "\nFinishing the step in hand. Ctrl-C again stops at once; the journal holds either way.",
            );
        }
    });
}

static BUSY: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Marks the time in which Ctrl-C waits for the step in hand.
pub struct Busy;

impl Busy {
    /// From now until it is dropped.
    pub fn new() -> Self {
        BUSY.store(true, Ordering::SeqCst);
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.store(false, Ordering::SeqCst);
    }
}

/// Whether a first Ctrl-C came: no further step is begun.
pub fn interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}

fn scope_of(cx: &Context, place: Place, uid: Option<&str>) -> Result<Scope> {
    Ok(match place {
        Place::Host => Scope::Host,
        Place::Profile => Scope::Profile(cx.profile_name()?.to_owned()),
        Place::Cluster => match uid {
            Some(uid) => Scope::Cluster(uid.to_owned()),
            None => anyhow::bail!("a plan inside the cluster came before the cluster"),
        },
    })
}

/// Puts plans up, in order. Everything is looked at before anything is touched, as far as it exists.
pub async fn up(cx: &Context, plans: &[Plan]) -> Result<Summary> {
    let began = Instant::now();
    let mut journal = Journal::open(&cx.paths.state, &cx.command, cx.kill_at)?;
    forget_what_is_gone(cx, &mut journal).await?;
    let _busy = Busy::new();
    let looked_at = preflight(cx, plans).await?;
    let journal = RefCell::new(journal);
    let mut summary = Summary::default();
    let mut stand = 0;
    for plan in plans {
        if interrupted() {
            return Err(cut_short(cx, &journal, stand, plans, began));
        }
        match part_up(cx, plan, looked_at && plan.place == Place::Cluster, &journal).await {
            Ok((changed, same)) => {
                summary.changed += changed;
                summary.same += same;
                stand += 1;
            }
            Err(e) => {
                let _ = journal.borrow_mut().end(false);
                for left in plans.iter().skip(stand + 1) {
                    cx.ui.fact(Mark::Skip, left.part, "not begun", None);
                }
                return Err(with_the_way_on(e, &journal));
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

fn with_the_way_on(error: anyhow::Error, journal: &RefCell<Journal>) -> anyhow::Error {
    let journal = journal.borrow();
    if !journal.begun() {
        return error;
    }
    let class = class_of(&error);
    let words = format!("run {} stopped: what was done is recorded", journal.run());
    let next =
        Problem::new(class, words).next("the same command again, to go on").next("opsctl undo, to go back");
    error.context(next)
}

fn cut_short(
    cx: &Context,
    journal: &RefCell<Journal>,
    stand: usize,
    plans: &[Plan],
    began: Instant,
) -> anyhow::Error {
    let _ = journal.borrow_mut().end(false);
    let left: Vec<_> = plans.iter().skip(stand).map(|p| p.part).collect();
    cx.ui.fact(Mark::Skip, "", &format!("{} not begun", left.join(", ")), None);
    Problem::new(
        Class::Interrupted,
        format!(
            "interrupted after {}; {stand} of {} parts stand, all recorded (run {})",
            human(began.elapsed()),
            plans.len(),
            journal.borrow().run()
        ),
    )
    .next(format!("{}, to go on", cx.command))
    .next("opsctl undo, to go back")
    .into()
}

/// Looks for what is in the way of plans inside a cluster that exists already; all of it at once.
/// Returns whether it could look.
async fn preflight(cx: &Context, plans: &[Plan]) -> Result<bool> {
    let inside: Vec<_> = plans.iter().filter(|p| p.place == Place::Cluster).collect();
    if inside.is_empty() {
        return Ok(false);
    }
    if let Err(e) = cx.cluster().await {
        if plans.iter().any(|p| p.place == Place::Profile) {
            return Ok(false); // an earlier part brings it up; each part is looked at again then
        }
        return Err(e);
    }
    let probes = look(cx, inside.iter().flat_map(|p| p.steps())).await?;
    refuse(probes.into_iter().filter_map(in_the_way).collect())?;
    Ok(true)
}

/// Looks at steps side by side, in their order. Not at all at once: each look in flight is a connection of
/// its own, and to open one costs more than the look.
async fn look<'a>(cx: &Context, steps: impl Iterator<Item = &'a Step>) -> Result<Vec<Probe<Value>>> {
    let looks: Vec<_> = steps.map(|s| s.probe(cx)).collect();
    futures::stream::iter(looks).buffered(8).try_collect().await
}

fn in_the_way(probe: Probe<Value>) -> Option<Problem> {
    match probe {
        Probe::Foreign(problem) => Some(problem),
        _ => None,
    }
}

/// One error of all the problems: each named, the commands of the first.
fn refuse(problems: Vec<Problem>) -> Result<()> {
    let mut all = problems.into_iter();
    let Some(mut first) = all.next() else { return Ok(()) };
    for other in all {
        first.found.insert(0, format!("also: {}", other.what));
    }
    Err(first.into())
}

enum Todo {
    /// As wanted already.
    Nothing,
    /// A change of its own.
    New(Value),
    /// What an interrupted run left: the entry is gone on with.
    Resume(EntryId, Value, Option<Value>),
}

/// What each step of a wave needs; refuses all of it when something is in the way.
async fn todo(cx: &Context, scope: &Scope, wave: &[Step], journal: &RefCell<Journal>) -> Result<Vec<Todo>> {
    let probes = look(cx, wave.iter()).await?;
    let mut todos = Vec::new();
    let mut problems = Vec::new();
    for (step, probe) in wave.iter().zip(probes) {
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
            (_, Some((id, before, kept))) => Todo::Resume(id, before, kept),
            (Probe::Same, None) => Todo::Nothing,
            (Probe::Absent(before), None) => Todo::New(before),
            (Probe::Differs(before, how), None) => {
                cx.ui.detail(format!("   {} differs in {how}", step.title()));
                Todo::New(before)
            }
        });
    }
    refuse(problems)?;
    Ok(todos)
}

async fn part_up(
    cx: &Context,
    plan: &Plan,
    looked_at: bool,
    journal: &RefCell<Journal>,
) -> Result<(usize, usize)> {
    let began = Instant::now();
    let row = cx.ui.row(plan.part, "looking");
    // The cluster is known only when its own part is done.
    let uid = if plan.place == Place::Cluster { Some(cx.cluster().await?.uid) } else { None };
    let scope = scope_of(cx, plan.place, uid.as_deref())?;
    if !looked_at {
        let probes = look(cx, plan.steps()).await?;
        refuse(probes.into_iter().filter_map(in_the_way).collect())?;
    }
    let (mut changed, mut same) = (0, 0);
    for wave in &plan.waves {
        if interrupted() {
            break;
        }
        // Looked at when its turn comes: an earlier wave may have waited for the end of what was there.
        let todos = todo(cx, &scope, wave, journal).await?;
        let work: Vec<_> = wave.iter().zip(todos).collect();
        changed += work.iter().filter(|(_, t)| !matches!(t, Todo::Nothing)).count();
        same += work.iter().filter(|(_, t)| matches!(t, Todo::Nothing)).count();
        wave_up(cx, plan.part, &scope, work, journal, &row).await?;
    }
    if interrupted() {
        return Err(Problem::new(Class::Interrupted, format!("interrupted in part {}", plan.part)).into());
    }
    let fact = match plan.proof {
        Some(proof) if cx.wait => {
            row.doing("proving");
            proof(cx).await?
        }
        _ if changed == 0 => format!("{same} unchanged"),
        _ => format!("{changed} made, {same} unchanged"),
    };
    row.drop_quietly();
    let mark = if changed == 0 { Mark::Same } else { Mark::Done };
    let took = (changed > 0).then(|| began.elapsed());
    cx.ui.fact(mark, plan.part, &fact, took);
    cx.ui.event(
        &json!({"event": "part", "part": plan.part, "state": if changed == 0 { "same" } else { "done" },
        "fact": fact, "changed": changed, "same": same, "ms": millis(began.elapsed())}),
    );
    Ok((changed, same))
}

fn ensure_run(cx: &Context, journal: &RefCell<Journal>, verb: Verb) -> Result<()> {
    let mut journal = journal.borrow_mut();
    if !journal.begun() {
        journal.begin_run(verb, &cx.command, &cx.target.to_string(), None)?;
    }
    Ok(())
}

async fn wave_up(
    cx: &Context,
    part: &str,
    scope: &Scope,
    work: Vec<(&Step, Todo)>,
    journal: &RefCell<Journal>,
    row: &Row,
) -> Result<()> {
    let mut subjects = Vec::new();
    let mut again = Vec::new();
    for (step, todo) in &work {
        match todo {
            Todo::Nothing => {}
            Todo::New(before) => subjects.push(Subject {
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
        acts.push(match todo {
            Todo::Nothing => (step, None),
            Todo::New(before) => (step, new.next().map(|t| (t, before, None))),
            Todo::Resume(_, before, kept) => (step, resumed.next().map(|t| (t, before, kept))),
        });
    }
    let ends = futures::future::join_all(acts.into_iter().map(|(step, act)| async move {
        let result = one_up(cx, step, act, journal, row).await;
        (step, result)
    }))
    .await;
    let mut first = None;
    for (step, end) in ends {
        if let Err(e) = end {
            cx.ui.fact(Mark::Fail, part, &format!("{}: {e}", step.title()), None);
            cx.ui.event(&json!({"event": "step", "part": part, "step": step.key(), "state": "failed", "error": format!("{e:#}")}));
            first.get_or_insert(e.context(step.title()));
        }
    }
    first.map_or(Ok(()), Err)
}

async fn one_up(
    cx: &Context,
    step: &Step,
    act: Option<(Recorded, Value, Option<Value>)>,
    journal: &RefCell<Journal>,
    row: &Row,
) -> Result<()> {
    let began = Instant::now();
    let Some((token, before, kept)) = act else {
        step.settle(cx, row).await?;
        return Ok(());
    };
    let usual = journal.borrow().history().usual(&step.key()).map(Duration::from_millis);
    let hint = usual.map(|u| format!(", usually {}", human(u))).unwrap_or_default();
    row.doing(format!("{}{hint}", step.title()));
    cx.ui.detail(format!("   $ {}", step.command()));
    let act = Act { token: &token, row };
    let made = step.up(cx, act, &before, kept.as_ref()).await?;
    journal.borrow_mut().done(&token, made, millis(began.elapsed()))?;
    let fact = step.settle(cx, row).await?;
    cx.ui.fact(Mark::Done, "", &format!("{}  {fact}", step.title()), Some(began.elapsed()));
    cx.ui.event(&json!({"event": "step", "step": step.key(), "state": "done", "fact": fact, "ms": millis(began.elapsed())}));
    Ok(())
}

/// What an `up` of these plans would change, as lines; nothing is touched.
pub async fn dry_run(cx: &Context, plans: &[Plan]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let exists = cx.cluster().await.is_ok();
    for plan in plans {
        for step in plan.steps() {
            let sign = if plan.place == Place::Cluster && !exists {
                "+"
            } else {
                match step.probe(cx).await? {
                    Probe::Absent(_) => "+",
                    Probe::Differs(..) => "~",
                    Probe::Same => "=",
                    Probe::Foreign(_) => "!",
                }
            };
            lines.push(format!("{sign} {:<11} {}", plan.part, step.command()));
        }
    }
    Ok(lines)
}

/// One thing to be taken back (or, when a `down` is undone, put up again).
#[derive(Clone, Debug)]
pub struct Reversal {
    entries: Vec<EntryId>,
    /// What it is about.
    pub step: Step,
    /// The part it belongs to.
    pub part: String,
    /// True: it is taken down. False: it is put up again.
    pub down: bool,
    scope: Scope,
    before: Value,
    made: Option<Value>,
    kept: Option<Value>,
}

impl Reversal {
    /// Whether its target is gone afterwards: not put up again, nor restored to a former shape.
    fn removes(&self) -> bool {
        let restores = matches!(&self.step, Step::Object(_)) && !crate::step::object::removes(&self.before);
        self.down && !restores
    }
}

/// What to reverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The newest run that is not undone yet.
    LastRun,
    /// Everything in this cluster and the profile itself.
    All,
    /// Whatever these parts have standing.
    Parts(Vec<&'static str>),
    /// What was put onto this machine itself.
    Host,
}

/// A reversal in full, before anything is touched: for the preview, the question, and the run.
pub struct Reverse {
    /// In the order in which it will be done.
    pub list: Vec<Reversal>,
    /// The run that is undone, if it is one run.
    pub run: Option<u64>,
    journal: Journal,
    verb: Verb,
}

impl Reverse {
    /// The history that it was made from.
    pub fn history(&self) -> &History {
        self.journal.history()
    }
}

fn read_step(value: &Value) -> Result<Step> {
    serde_json::from_value(value.clone()).map_err(|e| {
        Problem::failure(format!("the journal holds a step that this opsctl does not know: {e}")).into()
    })
}

/// The scopes that a reversal on this target may touch.
///
/// A cluster that does not answer is not the same as none: what stands in it is newer than the
/// cluster itself, and must not be passed over on the way to deleting it, unless data may go.
async fn scopes(cx: &Context, history: &History) -> Result<Vec<Scope>> {
    let mut scopes = Vec::new();
    match (cx.cluster().await, &cx.target) {
        (Ok(cluster), _) => scopes.push(Scope::Cluster(cluster.uid)),
        (Err(e), Target::Context(_)) => return Err(e),
        (Err(e), Target::Profile(name)) => {
            let exists = !Profile::read(&cx.paths, name).is_ok_and(|p| p.is_none());
            let target = cx.target.to_string();
            let inside = history.entries().filter(|e| {
                let ours = history.run(e.id.run).is_some_and(|r| r.target == target);
                ours && e.stands() && matches!(e.is.scope, Scope::Cluster(_))
            });
            let inside = inside.count();
            if exists && inside > 0 && !cx.discard_data.load(Ordering::Relaxed) {
                let words = format!("{inside} recorded changes stand in a cluster that does not answer");
                return Err(e.context(
                    Problem::failure(words).found("Nothing was touched.").next("opsctl minikube up"),
                ));
            }
        }
    }
    if let Target::Profile(name) = &cx.target {
        scopes.push(Scope::Profile(name.clone()));
    }
    Ok(scopes)
}

/// Entries of a cluster that no longer exists must not block: they become `gone`.
async fn forget_what_is_gone(cx: &Context, journal: &mut Journal) -> Result<()> {
    let Target::Profile(name) = &cx.target else { return Ok(()) };
    let profile_gone = Profile::read(&cx.paths, name).is_ok_and(|p| p.is_none());
    let uid = if profile_gone { None } else { cx.cluster().await.ok().map(|c| c.uid) };
    if !profile_gone && uid.is_none() {
        return Ok(()); // it does not answer: that is not the same as gone
    }
    let target = cx.target.to_string();
    let history = journal.history();
    let gone: Vec<EntryId> = history
        .entries()
        .filter(|e| e.stands() && history.run(e.id.run).is_some_and(|r| r.target == target))
        // The profile's own step still restores the kubeconfig, cluster or no cluster.
        .filter(|e| matches!(&e.is.scope, Scope::Cluster(of) if Some(of) != uid.as_ref()))
        .map(|e| e.id)
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    cx.ui.detail(format!("{} recorded changes went with a cluster that no longer exists", gone.len()));
    journal.gone(&gone)
}

/// Works out a reversal and takes the lock. `plans` are today's plans of the parts: what they
/// find as ours in the cluster is taken down too, even where the journal does not know it.
pub async fn reverse(cx: &Context, reach: &Reach, plans: &[Plan]) -> Result<Reverse> {
    let mut journal = match Journal::open(&cx.paths.state, &cx.command, cx.kill_at) {
        Ok(journal) => journal,
        Err(e) if class_of(&e) == Class::Conflict && matches!(reach, Reach::Parts(_)) && is_damage(&e) => {
            let aside = crate::journal::set_aside(&cx.paths.state)?;
            cx.ui.warn(format!("{e}; put aside as {}, going by the cluster's own labels", aside.display()));
            Journal::open(&cx.paths.state, &cx.command, cx.kill_at)?
        }
        Err(e) => return Err(e),
    };
    forget_what_is_gone(cx, &mut journal).await?;
    let scopes = match reach {
        // Its changes lie in no cluster: none has to answer.
        Reach::Host => vec![Scope::Host],
        _ => scopes(cx, journal.history()).await?,
    };
    let (mut list, run, verb) = match reach {
        Reach::LastRun => match journal.history().newest_effective(&scopes).map(|r| r.run) {
            Some(run) => (of_run(journal.history(), run, &scopes)?, Some(run), Verb::Undo),
            None => (Vec::new(), None, Verb::Undo),
        },
        Reach::All | Reach::Host => (standing(journal.history(), &scopes, None)?, None, Verb::Down),
        Reach::Parts(parts) => (standing(journal.history(), &scopes, Some(parts))?, None, Verb::Down),
    };
    if verb == Verb::Down {
        add_unrecorded(cx, plans, &mut list).await?;
    }
    let going: BTreeSet<String> = list.iter().filter(|r| r.removes()).map(|r| r.step.key()).collect();
    dependents_first(&mut list, journal.history(), &scopes, &going)?;
    Ok(Reverse { list, run, journal, verb })
}

fn is_damage(error: &anyhow::Error) -> bool {
    error.to_string().starts_with("the journal is damaged")
}

fn of_run(history: &History, run: u64, scopes: &[Scope]) -> Result<Vec<Reversal>> {
    let mut list = Vec::new();
    let effects = history.effects(run);
    // A run that took the cluster down took what was in it along: with the cluster it comes back.
    let cluster_returns = effects.iter().any(|(id, up)| {
        let scope = history.entry(*id).map(|e| &e.is.scope);
        !up && scope.is_some_and(|s| matches!(s, Scope::Profile(_)) && scopes.contains(s))
    });
    for (id, up) in effects {
        let Some(e) = history.entry(id) else { continue };
        let with_it = cluster_returns && !up && matches!(e.is.scope, Scope::Cluster(_));
        if !with_it && !scopes.contains(&e.is.scope) {
            continue;
        }
        list.push(Reversal {
            entries: vec![id],
            step: read_step(&e.is.step)?,
            part: e.is.part.clone(),
            down: up,
            scope: e.is.scope.clone(),
            before: e.is.before.clone(),
            made: e.made.clone(),
            kept: e.kept.clone(),
        });
    }
    Ok(list)
}

/// Everything that stands in the scopes, newest first; several entries of one target as one
/// reversal, in the place of the first: a namespace that was changed last still goes last.
/// What was there before the first, what was made by the last.
fn standing(history: &History, scopes: &[Scope], parts: Option<&[&'static str]>) -> Result<Vec<Reversal>> {
    let mut list: Vec<Reversal> = Vec::new();
    for scope in scopes {
        let mut here: Vec<Reversal> = Vec::new();
        for e in history.standing(scope) {
            if parts.is_some_and(|p| !p.contains(&e.is.part.as_str())) {
                continue;
            }
            if let Some(known) = here.iter_mut().find(|r| r.step.key() == e.is.key) {
                known.entries.insert(0, e.id);
                known.step = read_step(&e.is.step)?;
                known.made.clone_from(&e.made);
                known.kept.clone_from(&e.kept);
                continue;
            }
            let step = read_step(&e.is.step)?;
            if parts.is_some() && step.is_content() {
                continue; // it comes and goes with its dataset
            }
            // Taken down whole, it goes even where the record of its making was lost.
            let before = if step.goes_whole() { Value::Null } else { e.is.before.clone() };
            here.push(Reversal {
                entries: vec![e.id],
                step,
                part: e.is.part.clone(),
                down: true,
                scope: scope.clone(),
                before,
                made: e.made.clone(),
                kept: e.kept.clone(),
            });
        }
        list.extend(here.into_iter().rev());
    }
    Ok(list)
}

/// What the plans find as ours, but the journal does not know: ownership lives in the cluster.
async fn add_unrecorded(cx: &Context, plans: &[Plan], list: &mut Vec<Reversal>) -> Result<()> {
    let uid = cx.cluster().await.ok().map(|c| c.uid);
    let mut order: Vec<(Scope, String)> = Vec::new();
    let mut found = Vec::new();
    for plan in plans {
        if plan.place == Place::Cluster && uid.is_none() {
            continue;
        }
        let scope = scope_of(cx, plan.place, uid.as_deref())?;
        let probes = futures::future::join_all(plan.steps().map(|s| s.probe(cx))).await;
        for (step, probe) in plan.steps().zip(probes) {
            order.push((scope.clone(), step.key()));
            let known = list.iter().any(|r| r.scope == scope && r.step.key() == step.key());
            if known || !step.traces(cx) {
                continue;
            }
            let ours = match probe {
                Ok(probe) => matches!(probe, Probe::Same | Probe::Differs(..)),
                // Today's shape may be refused; `down` looks again whose it is.
                Err(e) => {
                    cx.ui.detail(format!("   {}: {e:#}", step.title()));
                    plan.place == Place::Cluster
                }
            };
            if ours {
                found.push(Reversal {
                    entries: Vec::new(),
                    step: step.clone(),
                    part: plan.part.to_owned(),
                    down: true,
                    scope: scope.clone(),
                    before: Value::Null,
                    made: None,
                    kept: None,
                });
            }
        }
    }
    // Each goes where the plans have it: before what was made earlier, and before the cluster itself.
    let place =
        |r: &Reversal| order.iter().position(|(scope, key)| *scope == r.scope && *key == r.step.key());
    for reversal in found.into_iter().rev() {
        let its = place(&reversal);
        let outside = !matches!(reversal.scope, Scope::Cluster(_));
        let at = list.iter().position(|r| match place(r) {
            Some(other) => Some(other) < its,
            None => !outside && !matches!(r.scope, Scope::Cluster(_)),
        });
        list.insert(at.unwrap_or(list.len()), reversal);
    }
    Ok(())
}

/// `redis down` while info-cron stands: what lives in a namespace that goes, goes first.
fn dependents_first(
    list: &mut Vec<Reversal>,
    history: &History,
    scopes: &[Scope],
    going: &BTreeSet<String>,
) -> Result<()> {
    let namespaces: Vec<String> =
        going.iter().filter_map(|k| k.strip_prefix("namespace/").map(str::to_owned)).collect();
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    let mut dependents = Vec::new();
    for r in standing(history, scopes, None)? {
        let key = r.step.key();
        let inside = namespaces.iter().any(|ns| key.starts_with(&format!("{ns}/")));
        let inside = inside || (cluster_goes && matches!(r.scope, Scope::Cluster(_)));
        if inside && !r.step.is_content() && !list.iter().any(|l| l.scope == r.scope && l.step.key() == key) {
            dependents.push(r);
        }
    }
    dependents.append(list);
    *list = dependents;
    Ok(())
}

/// Carries a reversal out: goes on past a failure, reports every one, can be run again.
pub async fn carry_out(cx: &Context, reverse: Reverse) -> Result<Summary> {
    let began = Instant::now();
    let _busy = Busy::new();
    let Reverse { list, run, mut journal, verb } = reverse;
    let mut summary = Summary::default();
    if list.is_empty() {
        journal.end(true)?;
        return Ok(summary);
    }
    let home = cx.cluster().await.ok().map(|c| Scope::Cluster(c.uid));
    let coming = list.iter().filter(|r| !r.down && Some(&r.scope) == home.as_ref());
    let looks = look(cx, coming.map(|r| &r.step)).await?;
    refuse(looks.into_iter().filter_map(in_the_way).collect())?;
    if !journal.begun() {
        journal.begin_run(verb, &cx.command, &cx.target.to_string(), run)?;
    }
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    let mut failures: Vec<anyhow::Error> = Vec::new();
    let mut guarded: BTreeSet<String> = BTreeSet::new();
    let data_goes = list.iter().any(|r| r.down && r.step.keeps_data());
    let mut with_the_data = Vec::new();
    let mut with_the_cluster = Vec::new();
    let mut left = 0;
    let mut rest = list.as_slice();
    while let Some(first) = rest.first() {
        // Neighbours that do not depend on one another go side by side; two shapes of one target never do.
        let mut targets = BTreeSet::new();
        let together = rest
            .iter()
            .take_while(|r| r.down == first.down && r.step.batch() == first.step.batch())
            .take_while(|r| targets.insert(r.step.key()))
            .count();
        let (group, later) = rest.split_at(if first.step.batch().is_some() { together } else { 1 });
        rest = later;
        let mut doing = Vec::new();
        for reversal in group {
            // What data could not be kept must not go; and the cluster must not go under it.
            let blocked = guarded.contains(&reversal.part)
                || (!guarded.is_empty() && matches!(reversal.scope, Scope::Profile(_)));
            let in_cluster = matches!(reversal.scope, Scope::Cluster(_));
            let with_data = data_goes && reversal.step.is_content();
            let with_cluster = cluster_goes && in_cluster && !reversal.step.keeps_data();
            if interrupted() {
                left += 1;
            } else if reversal.down && blocked {
                let fact = format!("{} left: its data could not be kept", reversal.step.title());
                cx.ui.fact(Mark::Skip, &reversal.part, &fact, None);
                left += 1;
            } else if reversal.down && with_data {
                with_the_data.extend(reversal.entries.iter().copied());
            } else if reversal.down && with_cluster {
                with_the_cluster.extend(journal.begin_down(&reversal.entries)?);
            } else {
                doing.push(reversal);
            }
        }
        for (reversal, end) in doing.iter().zip(reverse_group(cx, &mut journal, &doing).await?) {
            let Err(e) = end else {
                summary.changed += 1;
                continue;
            };
            cx.ui.fact(Mark::Fail, &reversal.part, &format!("{}: {e}", reversal.step.title()), None);
            if reversal.step.keeps_data() {
                guarded.insert(reversal.part.clone());
            }
            failures.push(e.context(reversal.step.title()));
        }
    }
    if failures.is_empty() && left == 0 {
        journal.gone(&with_the_data)?;
        for token in &with_the_cluster {
            journal.undone(token, Value::Null)?;
        }
        summary.changed += with_the_data.len() + with_the_cluster.len();
    }
    journal.end(failures.is_empty() && left == 0)?;
    summary.run = Some(journal.run());
    summary.took = began.elapsed();
    cx.ui.event(&json!({"event": "end", "ok": failures.is_empty() && left == 0, "run": summary.run,
        "changed": summary.changed, "ms": millis(summary.took)}));
    if interrupted() {
        return Err(Problem::new(
            Class::Interrupted,
            format!("interrupted; {left} changes are left, all recorded"),
        )
        .next(format!("{}, to go on", cx.command))
        .into());
    }
    let total = failures.len();
    let Some(first) = failures.into_iter().next() else { return Ok(summary) };
    let class = if summary.changed > 0 { Class::Partial } else { class_of(&first) };
    let words = format!("{} taken back, {total} failed, {left} left", summary.changed);
    Err(first.context(Problem::new(class, words).next(format!("{}, when that is mended", cx.command))))
}

/// Reverses a group side by side: all intentions on disk first, then the acts, then their ends.
async fn reverse_group(cx: &Context, journal: &mut Journal, group: &[&Reversal]) -> Result<Vec<Result<()>>> {
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
            entries = journal.begin(vec![subject])?.iter().map(Recorded::entry).collect();
        }
        tokens.push(match (&r.scope, r.down) {
            (_, true) => journal.begin_down(&entries)?,
            (Scope::Cluster(_), false) => {
                let home = Scope::Cluster(cx.cluster().await?.uid);
                journal.begin_again_in(&entries, &home)?
            }
            (_, false) => journal.begin_again(&entries)?,
        });
    }
    let acts = group.iter().zip(&tokens).map(|(r, tokens)| one_reversal(cx, r, tokens));
    let ends = futures::future::join_all(acts).await;
    let mut results = Vec::new();
    for ((r, tokens), end) in group.iter().zip(&tokens).zip(ends) {
        results.push(match end {
            Ok((result, ms)) => {
                for token in tokens {
                    if r.down {
                        journal.undone(token, result.clone())?;
                    } else {
                        journal.done(token, result.clone(), ms)?;
                    }
                }
                Ok(())
            }
            Err(e) => Err(e),
        });
    }
    Ok(results)
}

async fn one_reversal(cx: &Context, r: &Reversal, tokens: &[Recorded]) -> Result<(Value, u64)> {
    let began = Instant::now();
    let Some(token) = tokens.first() else { anyhow::bail!("{} has no journal entry", r.step.title()) };
    let row = cx.ui.row(&r.part, &r.step.title());
    cx.ui.detail(format!("   {} {}", if r.down { "undoing" } else { "redoing" }, r.step.command()));
    let act = Act { token, row: &row };
    let (fact, result) = if r.down {
        r.step.down(cx, act, &r.before, r.made.as_ref()).await?
    } else {
        let made = r.step.up(cx, act, &r.before, r.kept.as_ref()).await?;
        (r.step.settle(cx, &row).await?, made)
    };
    row.drop_quietly();
    cx.ui.fact(Mark::Done, &r.part, &format!("{}  {fact}", r.step.title()), Some(began.elapsed()));
    let state = if r.down { "undone" } else { "done" };
    cx.ui.event(&json!({"event": "step", "part": r.part, "step": r.step.key(), "state": state, "fact": fact,
        "ms": millis(began.elapsed())}));
    Ok((result, millis(began.elapsed())))
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
