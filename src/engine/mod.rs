//! The loops: plans forward, the journal backward. Every command's effect goes through here.

mod backward;
mod cut_short;
mod forward;
mod reversal;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use crate::context::{Context, Profile, Target};
use crate::error::Problem;
use crate::journal::{self, Entry, EntryId, Journal, Scope};
use crate::minikube;
use crate::step::{Look, Probe, Rank, Seen, Step};

pub use backward::{carry_out, carry_out_and_hold};
pub use cut_short::{CutShort, cut_short};
pub use forward::{Preview, Would, dry_run, up};
pub use reversal::{Reach, Reversal, Reverse, on_this_machine, reverse};

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
    pub part: String,
    /// Where its changes live.
    pub place: Place,
    /// The steps.
    pub waves: Vec<Vec<Step>>,
    /// What is proven once all steps hold.
    pub proof: Option<Proof>,
}

impl Plan {
    fn steps(&self) -> impl Iterator<Item = &Step> + Clone {
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

fn scope_of(cx: &Context, place: Place, uid: Option<&str>) -> Result<Scope> {
    Ok(match place {
        Place::Host => Scope::Host,
        Place::Profile => Scope::Profile(journal::Profile::of(&cx.paths, cx.profile_name()?)),
        Place::Cluster => match uid {
            Some(uid) => Scope::Cluster(uid.to_owned()),
            None => anyhow::bail!("a plan inside the cluster came before the cluster"),
        },
    })
}

/// What a look at a step found, and what it left for the step's `up`.
struct Looked {
    probe: Probe<Value>,
    seen: Seen,
}

/// Looks at steps that are to be put up, side by side, in their order. Not at all at once: each look in flight
/// is a connection of its own, and to open one costs more than the look.
async fn look<'a>(cx: &Context, steps: impl Iterator<Item = &'a Step>) -> Result<Vec<Looked>> {
    let looks: Vec<_> = steps
        .map(|step| async move {
            let mut look = Look { before_up: true, ..Look::default() };
            let probe = step.probe(cx, &mut look).await?;
            anyhow::Ok(Looked { probe, seen: look.seen })
        })
        .collect();
    futures::stream::iter(looks).buffered(8).try_collect().await
}

/// What is in the way of steps, by what was seen of them. Where one of them is to make way for the others, these are
/// looked at again after it.
fn in_the_way<'a>(steps: impl Iterator<Item = &'a Step> + Clone, looked: &mut [Looked]) -> Vec<Problem> {
    let clearing = |step: &Step| step.nature().rank == Rank::Clearing;
    let acts = |one: &Looked| matches!(one.probe, Probe::Absent(_) | Probe::Differs(..));
    let clears = steps.clone().zip(looked.iter()).any(|(step, one)| clearing(step) && acts(one));
    let mut problems = Vec::new();
    for (_, one) in steps.zip(looked).filter(|(step, _)| !clears || clearing(step)) {
        if matches!(one.probe, Probe::Foreign(_))
            && let Probe::Foreign(problem) = std::mem::replace(&mut one.probe, Probe::Same)
        {
            problems.push(problem);
        }
    }
    problems
}

/// All that was seen of steps, unless some of it is in the way.
async fn look_unless_foreign<'a>(
    cx: &Context,
    steps: impl Iterator<Item = &'a Step> + Clone,
) -> Result<Vec<Looked>> {
    let mut looked = look(cx, steps.clone()).await?;
    refuse(in_the_way(steps, &mut looked))?;
    Ok(looked)
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

/// Entries of a cluster that no longer exists must not block: they count as gone.
async fn forget_what_is_gone(cx: &Context, journal: &mut Journal) -> Result<()> {
    let Target::Profile(name) = &cx.target else { return Ok(()) };
    // Of another home of minikube's nothing is known here, nor of one that the journal does not name.
    let here = journal::Profile::of(&cx.paths, name);
    let history = journal.history();
    let was_here =
        |e: &Entry| history.run(e.id.run).and_then(|r| r.target.profile()).is_some_and(|p| p.is(&here));
    // The profile's own step still restores the kubeconfig, cluster or no cluster.
    let inside = |e: &&Entry| e.stands() && matches!(e.is.scope, Scope::Cluster(_)) && was_here(e);
    let inside: Vec<&Entry> = history.entries().filter(inside).collect();
    if inside.is_empty() {
        return Ok(());
    }
    let uid = match Profile::read(&cx.paths, name) {
        Ok(None) if minikube::is_gone(cx, name).await => None,
        Ok(None) => return Ok(()), // its machines are still there, or nobody can tell
        _ => match cx.cluster().await {
            Ok(cluster) => Some(Scope::Cluster(cluster.uid)),
            Err(_) => return Ok(()), // it does not answer: that is not the same as gone
        },
    };
    let gone: Vec<EntryId> =
        inside.into_iter().filter(|e| Some(&e.is.scope) != uid.as_ref()).map(|e| e.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    cx.ui.detail(format!("{} recorded changes belonged to a cluster that no longer exists", gone.len()));
    journal.forget(&gone)
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::context::Paths;
    use crate::journal::{Subject, Verb};
    use crate::ui::{Level, Options, Ui};

    /// A context below a folder, where minikube has no profile.
    fn context(dir: &Path, profile: &str) -> Context {
        let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
        Context::new(ui, Paths::below(dir), Target::Profile(profile.into()), Duration::from_secs(1))
    }

    fn recorded(cx: &Context) -> Journal {
        let mut journal = Journal::open(&cx.paths.state, "opsctl up", None).unwrap();
        journal.begin_run(Verb::Up, "opsctl up", journal::Target::of(cx), None).unwrap();
        let (scope, key) = (Scope::Cluster("c".into()), "namespace/n".into());
        let subject = Subject { scope, part: "test".into(), key, step: json!(null), before: json!(null) };
        journal.begin(vec![subject]).unwrap();
        journal
    }

    #[tokio::test]
    async fn what_stood_in_a_profile_that_is_gone_from_its_home_is_gone_and_in_another_home_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let stands = |journal: &Journal| journal.history().entries().filter(|e| e.stands()).count();
        let (here, mut elsewhere) = (context(dir.path(), "of-a-test"), context(dir.path(), "of-a-test"));
        let mut journal = recorded(&here);
        elsewhere.paths.minikube = dir.path().join("elsewhere/.minikube");
        forget_what_is_gone(&elsewhere, &mut journal).await.unwrap();
        assert_eq!(stands(&journal), 1);
        // Of a profile whose file is lost the machines may still run.
        let machine = dir.path().join(".minikube/machines/of-a-test");
        std::fs::create_dir_all(&machine).unwrap();
        forget_what_is_gone(&here, &mut journal).await.unwrap();
        assert_eq!(stands(&journal), 1);
        std::fs::remove_dir(machine).unwrap();
        forget_what_is_gone(&here, &mut journal).await.unwrap();
        assert_eq!(stands(&journal), 0);
    }

    #[tokio::test]
    async fn what_an_earlier_build_recorded_of_a_profile_it_knew_no_home_of_is_not_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let fixture =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal/v1-redis-up/journal.jsonl");
        let cx = context(dir.path(), "minikube");
        std::fs::create_dir_all(&cx.paths.state).unwrap();
        let file = journal::path(&cx.paths.state);
        std::fs::copy(&fixture, &file).unwrap();
        let mut journal = Journal::open(&cx.paths.state, "opsctl undo", None).unwrap();
        forget_what_is_gone(&cx, &mut journal).await.unwrap();
        assert_eq!(std::fs::read(file).unwrap(), std::fs::read(fixture).unwrap());
    }
}
