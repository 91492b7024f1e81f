//! What is to be taken back, and in which order: worked out from the journal and from what the cluster
//! itself says is ours. Nothing is touched here.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde_json::Value;

use super::{Place, Plan, forget_what_is_gone, scope_of};
use crate::context::{Context, Profile, Target};
use crate::error::{Problem, opsctl};
use crate::journal::{EntryId, History, Journal, Scope, Verb};
use crate::k8s::kind;
use crate::step::{Data, Down, Lives, Look, Probe, Step};

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
                    Problem::failure(words).found("Nothing was touched.").next(opsctl("minikube up")),
                ));
            }
        }
    }
    if let Target::Profile(name) = &cx.target {
        scopes.push(Scope::Profile(name.clone()));
    }
    Ok(scopes)
}

/// Works out a reversal and takes the lock. `plans` are today's plans of the parts: what they
/// find as ours in the cluster is taken down too, even where the journal does not know it.
pub async fn reverse(cx: &Context, reach: &Reach, plans: &[Plan]) -> Result<Reverse> {
    let mut journal = match reach {
        // What a part has standing is found by the cluster's labels, too: the sound lines are enough.
        Reach::Parts(_) => Journal::open_sound(&cx.paths.state, &cx.command, cx.kill_at)?,
        _ => Journal::open(&cx.paths.state, &cx.command, cx.kill_at)?,
    };
    if let Some(damage) = journal.damage() {
        cx.ui.warn(format!("{damage}; going by its sound lines and by the cluster's own labels"));
        cx.ui.note("   The damaged one is put aside, beside it, when this is carried out.");
    }
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
        add_unrecorded(cx, plans, &mut list, Step::is_traced).await?;
    } else {
        // A run that was cut short may have made what holds data, but not come to record the data itself.
        let going: BTreeSet<String> = list
            .iter()
            .filter(|r| r.removes() && data_of(r) == Data::Holds)
            .map(|r| r.part.clone())
            .collect();
        let plans = plans.iter().filter(|p| going.contains(&p.part));
        add_unrecorded(cx, plans, &mut list, |step, _| step.nature().data == Data::Keeps).await?;
    }
    for reversal in list.iter_mut().filter(|r| r.down) {
        if let Some(before) = reversal.step.spares(cx, &reversal.before, reversal.made.as_ref()).await {
            let title = reversal.step.title();
            cx.ui.warn(format!("{title} is not the one that opsctl made: it is left alone"));
            reversal.before = before;
        }
    }
    dependents_first(&mut list, journal.history(), &scopes)?;
    data_first(&mut list);
    namespaces_first(&mut list);
    Ok(Reverse { list, run, journal, verb })
}

fn data_of(reversal: &Reversal) -> Data {
    reversal.step.nature().data
}

/// What must be kept is kept before anything goes: where it cannot be, nothing has been touched.
fn data_first(list: &mut [Reversal]) {
    list.sort_by_key(|r| !(r.down && data_of(r) == Data::Keeps));
}

/// Custom resources go first, while their operator runs: it may have to end them. Then what lives in namespaces,
/// the namespaces last of it; then what that depended on: volumes, definitions, images, which stay on a node while
/// a pod runs on them, folders. A later run than the one that made a workload may have brought its image. Never
/// across what has to be kept before anything else goes.
fn namespaces_first(list: &mut [Reversal]) {
    let parted =
        |r: &Reversal| !r.removes() || data_of(r) == Data::Keeps || !matches!(r.scope, Scope::Cluster(_));
    for stretch in list.split_mut(parted) {
        stretch.sort_by_key(|r| {
            let nature = r.step.nature();
            match (nature.object(), &nature.lives) {
                (Some(kind::Rank::Custom), _) => 0,
                (Some(_), Lives::Namespace(_)) => 1,
                (Some(_), Lives::AsNamespace(_)) => 2,
                (Some(kind::Rank::Definition), _) => 4,
                // Volumes among them, bound to claims that are gone: the sooner the better.
                (Some(_), _) => 3,
                (None, _) => 5,
            }
        });
    }
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
        let reversal = Reversal {
            entries: vec![id],
            step: read_step(&e.is.step)?,
            part: e.is.part.clone(),
            down: up,
            scope: e.is.scope.clone(),
            before: e.is.before.clone(),
            made: e.made.clone(),
            kept: e.kept.clone(),
        };
        put_up_once(&mut list, reversal);
    }
    Ok(list)
}

/// Adds what comes after all in the list. Where several runs changed one target and one `down` took it away,
/// it is put up once, in its last shape: in the place of the first, since others lean on it; but a workload,
/// and the data behind it, in the place of the last, since they lean on what the others brought.
fn put_up_once(list: &mut Vec<Reversal>, mut reversal: Reversal) {
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
fn standing(history: &History, scopes: &[Scope], parts: Option<&[String]>) -> Result<Vec<Reversal>> {
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
                    known.made.clone_from(&e.made);
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

/// What the plans find as ours, but the journal does not know: ownership lives in the cluster. Only of the
/// steps that are `wanted`.
async fn add_unrecorded(
    cx: &Context,
    plans: impl IntoIterator<Item = &Plan>,
    list: &mut Vec<Reversal>,
    wanted: impl Fn(&Step, &Context) -> bool,
) -> Result<()> {
    let uid = cx.cluster().await.ok().map(|c| c.uid);
    let mut order: Vec<(Scope, String)> = Vec::new();
    let mut found = Vec::new();
    for plan in plans {
        if plan.place == Place::Cluster && uid.is_none() {
            continue;
        }
        let scope = scope_of(cx, plan.place, uid.as_deref())?;
        let known = |step: &Step| list.iter().any(|r| r.scope == scope && r.step.key() == step.key());
        order.extend(plan.steps().map(|step| (scope.clone(), step.key())));
        let steps: Vec<_> = plan.steps().filter(|s| !known(s) && wanted(s, cx)).collect();
        let probes = steps.iter().map(|s| async { s.probe(cx, &mut Look::default()).await });
        let probes = futures::future::join_all(probes).await;
        for (step, probe) in steps.into_iter().zip(probes) {
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
                    part: plan.part.clone(),
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
fn dependents_first(list: &mut Vec<Reversal>, history: &History, scopes: &[Scope]) -> Result<()> {
    let namespaces: Vec<String> = list
        .iter()
        .filter(|r| r.removes())
        .filter_map(|r| match r.step.nature().lives {
            Lives::AsNamespace(ns) => Some(ns),
            _ => None,
        })
        .collect();
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    let mut dependents = Vec::new();
    for r in standing(history, scopes, None)? {
        let key = r.step.key();
        let nature = r.step.nature();
        let inside = nature.namespace().is_some_and(|ns| namespaces.iter().any(|n| n == ns));
        let inside = inside || (cluster_goes && matches!(r.scope, Scope::Cluster(_)));
        if inside
            && nature.data != Data::Content
            && !list.iter().any(|l| l.scope == r.scope && l.step.key() == key)
        {
            dependents.push(r);
        }
    }
    dependents.append(list);
    *list = dependents;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Subject;
    use crate::minikube::Settings;
    use crate::step::cluster::Cluster;
    use crate::step::dataset::Dataset;
    use crate::step::image::Image;
    use crate::step::object::Object;
    use serde_json::json;

    fn down(step: Step) -> Reversal {
        Reversal {
            entries: Vec::new(),
            step,
            part: "test".into(),
            down: true,
            scope: Scope::Cluster("c".into()),
            before: Value::Null,
            made: None,
            kept: None,
        }
    }

    fn object(kind: &str, name: &str, namespace: Option<&str>) -> Reversal {
        let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
        let mut manifest = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
        if let Some(namespace) = namespace {
            manifest["metadata"]["namespace"] = namespace.into();
        }
        down(Object::new("test", manifest).into())
    }

    fn keys(list: &[Reversal]) -> Vec<String> {
        list.iter().map(|r| r.step.key()).collect()
    }

    #[test]
    fn what_lives_in_a_namespace_goes_with_it_at_once_and_before_what_it_leans_on() {
        let image = |name: &str| down(Image::new(name).into());
        let mut list = vec![
            image("new:1"),
            object("Pod", "a", Some("n")),
            object("Service", "a", Some("n")),
            image("old:1"),
            object("PersistentVolume", "v", None),
            object("Namespace", "n", None),
        ];
        namespaces_first(&mut list);
        assert_eq!(
            keys(&list),
            ["n/pod/a", "n/service/a", "namespace/n", "persistentvolume/v", "image/new:1", "image/old:1"]
        );
        assert!(list[0].batch().is_some() && list[..3].iter().all(|r| r.batch() == list[0].batch()));
        assert!(list[3..].iter().all(|r| r.batch() != list[0].batch()));
    }

    #[test]
    fn which_cluster_is_ours_is_told_by_the_change_that_made_it() {
        let dir = tempfile::tempdir().unwrap();
        let scope = Scope::Profile("dev".into());
        let step: Step = Cluster::new("dev", Settings::default()).into();
        // Made; deleted by hand, and made by somebody else; that one's context made current.
        for (was, uid) in [("absent", "ours"), ("there", "theirs")] {
            let mut journal = Journal::open(dir.path(), "opsctl up", None).unwrap();
            journal.begin_run(Verb::Up, "opsctl up", "dev", None).unwrap();
            let subject = Subject {
                scope: scope.clone(),
                part: "minikube".into(),
                key: step.key(),
                step: serde_json::to_value(&step).unwrap(),
                before: json!({"profile": was, "kubeconfig": {"existed": true, "context": null}}),
            };
            let tokens = journal.begin(vec![subject]).unwrap();
            journal.done(&tokens[0], json!({"uid": uid}), 1).unwrap();
        }
        let list = standing(&crate::journal::read(dir.path()).unwrap(), &[scope], None).unwrap();
        assert_eq!(list.len(), 1);
        assert!(list[0].removes());
        assert_eq!(list[0].made, Some(json!({"uid": "ours"})));
    }

    #[test]
    fn what_several_runs_changed_and_one_down_took_away_is_put_up_once_in_its_last_shape() {
        let mut entry = 0;
        let mut back = |mut r: Reversal| {
            r.down = false;
            entry += 1;
            r.entries = vec![EntryId { run: entry, index: 0 }];
            r.before = json!(entry);
            r
        };
        let (image, ns) = (|name: &str| down(Image::new(name).into()), || object("Namespace", "n", None));
        let workload = || object("Deployment", "d", Some("n"));
        let all = [
            back(ns()),
            back(image("old:1")),
            back(workload()),
            back(ns()),
            back(image("old:1")),
            back(image("new:1")),
            back(workload()),
        ];
        let mut list = Vec::new();
        for reversal in all {
            put_up_once(&mut list, reversal);
        }
        assert_eq!(keys(&list), ["namespace/n", "image/old:1", "image/new:1", "n/deployment.apps/d"]);
        let of = |r: &Reversal| (r.entries.iter().map(|e| e.run).collect::<Vec<_>>(), r.before.clone());
        let [ns, old, new, workload] = [0, 1, 2, 3].map(|i| of(&list[i]));
        assert_eq!(ns, (vec![1, 4], json!(1)));
        assert_eq!((old, new), ((vec![2, 5], json!(2)), (vec![6], json!(6))));
        assert_eq!(workload, (vec![3, 7], json!(3)));
        // What is taken back goes shape by shape.
        let mut list = Vec::new();
        for reversal in [object("Service", "s", Some("n")), object("Service", "s", Some("n"))] {
            put_up_once(&mut list, reversal);
        }
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn data_is_kept_before_even_a_dependent_goes() {
        let data = || down(Dataset::new("n", "redis", 1).into());
        let mut list = vec![object("CronJob", "info", Some("n")), data(), object("Service", "s", Some("n"))];
        data_first(&mut list);
        assert_eq!(keys(&list), ["n/data of redis", "n/cronjob/info", "n/service/s"]);
        // What comes back has its place behind what it is in.
        let mut back = vec![object("Service", "s", Some("n")), data()];
        for reversal in &mut back {
            reversal.down = false;
        }
        data_first(&mut back);
        assert_eq!(keys(&back), ["n/service/s", "n/data of redis"]);
    }

    #[test]
    fn nothing_goes_before_data_is_kept_or_a_former_shape_is_restored() {
        let data = || down(Dataset::new("n", "redis", 1).into());
        let mut restored = object("Service", "s", Some("n"));
        restored.before = json!({"was": {}});
        assert!(!restored.removes());
        let mut list = vec![
            down(Image::new("a:1").into()),
            data(),
            object("Namespace", "n", None),
            restored,
            down(Image::new("b:1").into()),
            object("Pod", "a", Some("m")),
        ];
        let before = keys(&list);
        namespaces_first(&mut list);
        let after = keys(&list);
        assert_eq!(after[..4], before[..4]);
        assert_eq!(after[4..], ["m/pod/a", "image/b:1"]);
        assert_ne!(list[3].batch(), list[2].batch());
        // What is brought back keeps its order: the image first.
        let mut back = vec![down(Image::new("new:1").into()), object("Pod", "a", Some("n"))];
        for reversal in &mut back {
            reversal.down = false;
        }
        namespaces_first(&mut back);
        assert_eq!(keys(&back), ["image/new:1", "n/pod/a"]);
    }
}
