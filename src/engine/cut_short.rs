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
    if data == Data::Content && is_gone(history, e, &step) {
        return None;
    }
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

/// Whether the data that it changes was taken down since, and has not come back.
fn is_gone(history: &History, e: &Entry, step: &Step) -> bool {
    let keeps = |of: &&Entry| {
        let same =
            |s: Step| s.nature().data == Data::Keeps && s.nature().namespace() == step.nature().namespace();
        of.id < e.id && of.is.scope == e.is.scope && read_step(&of.is.step).is_ok_and(same)
    };
    let before: Vec<_> = history.entries().filter(keeps).collect();
    !before.is_empty() && !before.iter().any(|of| of.stands())
}

/// What forbids these plans: one of them changes data that waits for the end of another change. A step that is itself
/// what was cut short goes on with it. Who asks for changes of data alone may go over half an import: what is there is
/// kept like everything that gives way.
pub(super) fn forbids(history: &History, scope: &Scope, plans: &[Plan]) -> Option<Problem> {
    let steps: Vec<&Step> = plans.iter().flat_map(Plan::steps).collect();
    let is_content = |step: &Step| step.nature().data == Data::Content;
    let alone = steps.iter().all(|step| is_content(step));
    // A rescue is of another moment: it looks whether all is lost.
    let changes = |step: &&Step| is_content(step) && !matches!(step, Step::Rescue(_));
    let content: Vec<_> = steps.into_iter().filter(changes).collect();
    let in_the_way = |e: &&Entry| {
        let Ok(step) = read_step(&e.is.step) else { return false };
        let same_data = content.iter().any(|s| s.nature().namespace() == step.nature().namespace());
        let goes_on = content.iter().any(|s| s.key() == e.is.key);
        let half_an_import = matches!((&step, e.cut_short()), (Step::Import(_), Some((_, true))));
        let stands = !is_gone(history, e, &step);
        is_content(&step) && e.is_noted() && stands && same_data && !goes_on && !(alone && half_an_import)
    };
    let mut pending = history.entries().filter(|e| e.pending() && e.is.scope == *scope);
    let cut_short = told(history, pending.rfind(in_the_way)?)?;
    let up = cut_short.next.to_string() != "opsctl undo";
    let problem = problem!(Conflict, "the {} was cut short, and data waits for its end", cut_short.what)
        .found("Its data is left as it is: nothing is built on a half of it.")
        .next(cut_short.next.to("go on with it"));
    Some(if up { problem.next(opsctl("undo").to("undo it")) } else { problem })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::Place;
    use crate::journal::{self, Journal, Subject, Verb};
    use crate::redis::reader::Reading;
    use crate::step::dataset::Dataset;
    use crate::step::import::Import;
    use crate::step::rescue::Rescue;

    #[test]
    fn a_change_of_data_that_was_taken_down_since_is_in_nobodys_way_until_the_data_is_back() {
        let dir = tempfile::tempdir().unwrap();
        let data = || Dataset::new("redis", "redis", 32400).lies_in("n", "/d").copied_to("replica", 32401);
        let import = || Step::from(Import::new(&["/a.txt".into()], Reading::default(), data(), false));
        let scope = Scope::Cluster("uid".into());
        let subject = |step: &Step| Subject {
            scope: scope.clone(),
            part: "redis".into(),
            key: step.key(),
            step: serde_json::to_value(step).unwrap(),
            before: Value::Null,
        };
        let target = Target::Context("c".into());
        let run = |verb: Verb, reverses: Option<u64>| {
            let mut j = Journal::open(dir.path(), "opsctl", None).unwrap();
            j.begin_run(verb, "opsctl", target.clone(), reverses).unwrap();
            j
        };
        let up = || {
            let mut j = run(Verb::Up, None);
            let token = j.begin(vec![subject(&data().into())]).unwrap().remove(0);
            j.done(&token, Value::Null, 1).unwrap();
            j.history().entries().last().unwrap().id
        };
        let first = up();
        let mut j = run(Verb::Up, None);
        let token = j.begin(vec![subject(&import())]).unwrap().remove(0);
        j.note(&token, json!({"former": []})).unwrap();
        drop(j);
        let plan = |step: Step| {
            [Plan {
                part: "data".into(),
                place: Place::Cluster,
                waves: vec![vec![data().into(), step]],
                proof: None,
            }]
        };
        let other = || plan(Import::new(&["/b.txt".into()], Reading::default(), data(), false).into());
        let seen = |plans: &[Plan]| {
            let history = journal::read(dir.path()).unwrap();
            let told = cut_short(&history, &target, Some(&scope)).len();
            (told, forbids(&history, &scope, plans).is_some())
        };
        assert_eq!(seen(&other()), (1, true));
        assert_eq!(
            seen(&plan(Rescue::of(&data()).unwrap().into())),
            (1, false),
            "redis up looks, and changes no data"
        );
        let mut j = run(Verb::Down, None);
        let down = j.run();
        let token = j.begin_down(&[first]).unwrap().remove(0);
        j.undone(&token, Value::Null).unwrap();
        drop(j);
        assert_eq!(seen(&other()), (0, false), "it went with its data");
        up();
        assert_eq!(seen(&other()), (0, false), "that is other data");
        let mut back = run(Verb::Undo, Some(down));
        let token = back.begin_again(&[first]).unwrap().remove(0);
        back.done(&token, Value::Null, 1).unwrap();
        drop(back);
        assert_eq!(seen(&other()), (1, true), "the data is back, and half of it missing");
    }
}
