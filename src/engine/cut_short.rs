//! Data whose change was cut short: it is told, and nothing is built on it.

use serde::Serialize;

use super::Plan;
use super::reversal::read_step;
use crate::error::{Next, Problem, opsctl, problem, shell};
use crate::journal::{Entry, History, Scope, Target};
use crate::step::{Data, Step};

/// A change of data that was begun and came to no end: what is missing waits in a snapshot, in another database or in
/// a file.
#[derive(Clone, Debug, Serialize)]
pub struct CutShort {
    /// The part that it belongs to.
    pub part: String,
    /// What was cut short, in words.
    pub what: String,
    /// The command that goes on with it.
    pub next: Next,
}

/// All of them, of this target and, where it is known, in this cluster.
pub fn cut_short(history: &History, target: &Target, cluster: Option<&Scope>) -> Vec<CutShort> {
    let here = |e: &Entry| {
        let of = history.run(e.id.run).map(|run| &run.target);
        let same = match (of.and_then(Target::profile), target.profile()) {
            (Some(one), Some(other)) => one.may_be(other),
            _ => of == Some(target),
        };
        same && matches!(e.is.scope, Scope::Cluster(_)) && cluster.is_none_or(|scope| *scope == e.is.scope)
    };
    let pending = history.entries().filter(|e| e.pending() && here(e));
    pending.filter_map(|e| told(history, e)).collect()
}

/// What is to be told of a pending entry; none where no data waits for its end.
fn told(history: &History, e: &Entry) -> Option<CutShort> {
    let step = read_step(&e.is.step).ok()?;
    let data = step.nature().data;
    let (by, up) = e.cut_short()?;
    let waits = match data {
        Data::Content => e.is_noted(),
        Data::Keeps => up && e.kept.is_some(),
        Data::None | Data::Holds => false,
    };
    if !waits {
        return None;
    }
    let title = step.title();
    let what = match (step.nature().takes_away, data, up) {
        (true, _, true) => format!("removal of {title}"),
        (true, _, false) => format!("return of {title}"),
        (false, Data::Content, false) => format!("undo of the {title}"),
        (false, Data::Content, true) => title,
        (false, _, _) => format!("return of the {title}"),
    };
    let run = history.run(by);
    let next = match run {
        Some(run) if run.reverses.is_none() => shell(run.command.clone()),
        _ => opsctl("undo"),
    };
    Some(CutShort { part: e.is.part.clone(), what, next })
}

/// What forbids these plans: one of them changes data that waits for the end of another change. A step that is itself
/// what was cut short goes on with it. Who asks for changes of data alone may go over half an import: what is there is
/// kept like everything that gives way.
pub(super) fn forbids(history: &History, scope: &Scope, plans: &[Plan]) -> Option<Problem> {
    let steps: Vec<&Step> = plans.iter().flat_map(Plan::steps).collect();
    let is_content = |step: &Step| step.nature().data == Data::Content;
    let alone = steps.iter().all(|step| is_content(step));
    let content: Vec<_> = steps.into_iter().filter(|step| is_content(step)).collect();
    let in_the_way = |e: &&Entry| {
        let Ok(step) = read_step(&e.is.step) else { return false };
        let same_data = content.iter().any(|s| s.nature().namespace() == step.nature().namespace());
        let goes_on = content.iter().any(|s| s.key() == e.is.key);
        let half_an_import = matches!((&step, e.cut_short()), (Step::Import(_), Some((_, true))));
        is_content(&step) && e.is_noted() && same_data && !goes_on && !(alone && half_an_import)
    };
    let mut pending = history.entries().filter(|e| e.pending() && e.is.scope == *scope);
    let cut_short = told(history, pending.rfind(in_the_way)?)?;
    let up = cut_short.next.to_string() != "opsctl undo";
    let problem = problem!(Conflict, "the {} was cut short, and data waits for its end", cut_short.what)
        .found("Its data is left as it is: nothing is built on a half of it.")
        .next(cut_short.next.to("go on with it"));
    Some(if up { problem.next(opsctl("undo").to("undo it")) } else { problem })
}
