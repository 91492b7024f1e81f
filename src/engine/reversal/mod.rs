//! What is to be taken back, and in which order: worked out from the journal and from what the cluster
//! itself says is ours. Nothing is touched here.

#[cfg(test)]
mod fixtures;
mod order;
mod recorded;
#[cfg(test)]
mod tests;
mod unrecorded;

use std::sync::atomic::Ordering;

use anyhow::Result;
use serde_json::Value;

use super::{Place, Plan, Would, forget_what_is_gone, scope_of};
use crate::context::{Context, Profile, Target};
use crate::error::{Code, Problem, opsctl};
use crate::journal::{self, EntryId, History, Journal, Scope, Verb};
use crate::k8s::kind;
use crate::step::{Step, Taken};
use recorded::Draft;
pub(super) use recorded::read_step;

/// One thing to be taken back (or, when a `down` is undone, put up again).
#[derive(Clone, Debug)]
pub struct Reversal {
    pub(super) entries: Vec<EntryId>,
    /// What it is about.
    pub step: Step,
    /// The part it belongs to.
    pub part: String,
    /// True: it is taken down. False: it is put up again.
    pub down: bool,
    pub(super) scope: Scope,
    pub(super) before: Value,
    pub(super) made: Option<Value>,
    pub(super) kept: Option<Value>,
}

impl Reversal {
    /// Whether its target is gone afterwards: not put up again, nor restored to a former shape.
    pub fn removes(&self) -> bool {
        self.down && self.step.removes(&self.before)
    }

    /// Whether something is there again afterwards: what was taken down, or what the step itself took away.
    pub fn brings_back(&self) -> bool {
        !self.down || self.step.nature().takes_away
    }

    /// What becomes of its target.
    pub fn would(&self) -> Would {
        match (self.brings_back(), self.removes()) {
            (true, _) => Would::Make,
            (false, true) => Would::Remove,
            (false, false) => Would::Change,
        }
    }

    /// What of value goes with it, in words.
    pub async fn loss(&self, cx: &Context) -> Vec<String> {
        self.step.loss(cx, self.made.as_ref()).await
    }

    /// What goes with it that its title does not name.
    pub async fn takes(&self, cx: &Context) -> Result<Vec<Taken>> {
        self.step.takes(cx, &self.before, self.made.as_ref()).await
    }

    /// Whether it is about this target.
    fn is_of(&self, scope: &Scope, key: &str) -> bool {
        self.scope.meets(scope) && self.step.key() == key
    }

    /// What may be reversed side by side with its neighbours of the same batch; none: alone.
    pub(super) fn batch(&self) -> Option<Batch> {
        let nature = self.step.nature();
        let rank = nature.object()?;
        if self.removes() && nature.namespace().is_some() && rank != kind::Rank::Custom {
            return Some(Batch::WithNamespace);
        }
        Some(Batch::Rank(rank))
    }
}

/// What does not depend on one another when it is reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batch {
    /// A namespace and all in it: Kubernetes takes five seconds to begin with a namespace, in which the pods end.
    /// But for custom resources: their operator must run until they are gone.
    WithNamespace,
    /// Objects of one rank.
    Rank(kind::Rank),
}

/// What to reverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The newest run that is not undone yet.
    LastRun,
    /// Everything in this cluster and the profile itself.
    All,
    /// Whatever these parts have standing.
    Parts(Vec<String>),
    /// What was put onto this machine itself.
    Host,
}

/// A reversal in full, before anything is touched: for the preview, the question, and the run.
pub struct Reverse {
    /// In the order in which it will be done.
    pub list: Vec<Reversal>,
    /// The run that is undone, if it is one run.
    pub run: Option<u64>,
    pub(super) journal: Journal,
    pub(super) verb: Verb,
}

impl Reverse {
    /// The history that it was made from.
    pub fn history(&self) -> &History {
        self.journal.history()
    }
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
            let here = journal::Profile::of(&cx.paths, name);
            let inside = history.entries().filter(|e| {
                let target = history.run(e.id.run).and_then(|r| r.target.profile());
                let ours = target.is_some_and(|profile| profile.may_be(&here));
                ours && e.stands() && matches!(e.is.scope, Scope::Cluster(_))
            });
            let inside = inside.count();
            if exists && inside > 0 && !cx.discard_data.load(Ordering::Relaxed) {
                let words = format!("{inside} recorded changes are in a cluster that does not answer");
                return Err(e.context(
                    Problem::new(Code::ClusterSilent, words)
                        .found("Nothing was touched.")
                        .next(opsctl("minikube up")),
                ));
            }
        }
    }
    if let Target::Profile(name) = &cx.target {
        scopes.push(Scope::Profile(journal::Profile::of(&cx.paths, name)));
    }
    Ok(scopes)
}

/// What was put onto this machine and stands, for a look that takes no lock and writes nothing.
pub fn on_this_machine(history: &History) -> Result<Vec<Reversal>> {
    Ok(Draft::recorded(history, &Reach::Host, &[Scope::Host])?.list)
}

/// Works out a reversal and takes the lock, but for a dry run. `plans` are today's plans of the parts: what they
/// find as ours in the cluster is taken down too, even where the journal does not know it.
pub async fn reverse(cx: &Context, reach: &Reach, plans: &[Plan]) -> Result<Reverse> {
    // What a part has standing is found by the cluster's labels, too: the sound lines are enough.
    let sound = matches!(reach, Reach::Parts(_));
    let mut journal = match (cx.dry_run, sound) {
        (true, _) => Journal::look(&cx.paths.state, sound)?,
        (false, true) => Journal::open_sound(&cx.paths.state, &cx.command, cx.kill_at)?,
        (false, false) => Journal::open(&cx.paths.state, &cx.command, cx.kill_at)?,
    };
    if let Some(damage) = journal.damage() {
        cx.ui.warn(format!("{damage}; opsctl uses its intact lines and the cluster's labels"));
        cx.ui.note("   The damaged file is renamed, not deleted, before the first change.");
    }
    forget_what_is_gone(cx, &mut journal).await?;
    let scopes = match reach {
        // Its changes lie in no cluster: none has to answer.
        Reach::Host => vec![Scope::Host],
        _ => scopes(cx, journal.history()).await?,
    };
    let mut draft = Draft::recorded(journal.history(), reach, &scopes)?;
    let uid = cx.cluster().await.ok().map(|c| c.uid);
    let planned = unrecorded::planned(plans, |place| match place {
        Place::Cluster if uid.is_none() => Ok(None),
        place => scope_of(cx, place, uid.as_deref()).map(Some),
    })?;
    let unknown = draft.to_be_looked_at(&planned, |step| step.is_traced(cx));
    let mut found = unrecorded::ours(cx, unknown).await;
    if matches!(reach, Reach::Parts(_)) {
        found = draft.of_these_parts(found);
    }
    draft.add(found, &planned);
    for reversal in draft.list.iter_mut().filter(|r| r.down) {
        if let Some(before) = reversal.step.spares(cx, &reversal.before, reversal.made.as_ref()).await {
            let title = reversal.step.title();
            cx.ui.warn(format!("{title} is not the one that opsctl created: it is left alone"));
            reversal.before = before;
        }
    }
    draft.order(journal.history(), &scopes)?;
    let Draft { list, run, verb } = draft;
    Ok(Reverse { list, run, journal, verb })
}
