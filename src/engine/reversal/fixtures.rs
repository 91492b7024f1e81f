//! The journals of an earlier build, and what that build would take back by each of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::recorded::Draft;
use super::unrecorded::{Planned, planned};
use super::{Reach, Reversal};
use crate::engine::{Place, Plan};
use crate::journal::{self, History, Scope};
use crate::minikube::Settings;
use crate::step::cluster::Cluster;
use crate::step::{Lives, Step};

/// A state folder as the earlier build left it.
struct Fixture {
    folder: PathBuf,
    /// What that build printed: the command, what becomes of the step, its part and its key. Besides, after `found`,
    /// the keys of what the cluster itself told it of.
    expected: String,
}

impl Fixture {
    fn of(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal").join(name);
        let expected = std::fs::read_to_string(folder.join("expected")).unwrap();
        Self { folder, expected }
    }

    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal");
        let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let names: BTreeSet<String> = names.filter(|name| name.starts_with("v1-")).collect();
        names.iter().map(|name| Self::of(name)).collect()
    }

    fn history(&self) -> History {
        journal::read(&self.folder).unwrap()
    }

    fn lines<'a>(&'a self, command: &str) -> Vec<&'a str> {
        let rest = |line: &'a str| line.strip_prefix(command)?.strip_prefix(' ');
        self.expected.lines().filter_map(rest).collect()
    }
}

/// The steps of a part, as the journal has them.
fn steps(history: &History, part: &str) -> Vec<Step> {
    let entries = history.entries().filter(|e| e.is.part == part && matches!(e.is.scope, Scope::Cluster(_)));
    entries.map(|e| serde_json::from_value(e.is.step.clone()).unwrap()).collect()
}

fn plan(part: &str, place: Place, steps: Vec<Step>) -> Plan {
    Plan { part: part.to_owned(), place, waves: vec![steps], proof: None }
}

/// What this build takes back, in the words of the earlier one.
fn taken_back(fixture: &Fixture, reach: &Reach, plans: &[Plan]) -> Vec<String> {
    let history = fixture.history();
    let profile = Scope::Profile(journal::Profile {
        name: "minikube".into(),
        home: Some("/home/dev/.minikube".into()),
    });
    let cluster = history.entries().map(|e| &e.is.scope).find(|s| matches!(s, Scope::Cluster(_))).cloned();
    let scopes: Vec<Scope> = cluster.iter().cloned().chain([profile.clone()]).collect();
    let mut draft = Draft::recorded(&history, reach, &scopes).unwrap();
    let planned = planned(plans, |place| {
        Ok(match place {
            Place::Host => None,
            Place::Profile => Some(profile.clone()),
            Place::Cluster => cluster.clone(),
        })
    })
    .unwrap();
    let found = fixture.lines("found");
    let ours = |p: &Planned| found.contains(&p.step.key().as_str());
    let unknown = draft.to_be_looked_at(&planned, |_| true);
    draft.add(unknown.into_iter().filter(ours).collect(), &planned);
    draft.order(&history, &scopes).unwrap();
    let would = |r: &Reversal| serde_json::to_value(r.would()).unwrap().as_str().unwrap().to_owned();
    draft.list.iter().map(|r| format!("{} {} {}", would(r), r.part, r.step.key())).collect()
}

#[test]
fn what_an_earlier_build_would_take_back_is_taken_back_in_the_same_order() {
    let redis = steps(&Fixture::of("v1-redis-up").history(), "redis");
    assert_eq!(redis.len(), 13);
    let plans = || {
        let cluster = Cluster::new("minikube", Settings::default()).into();
        vec![plan("minikube", Place::Profile, vec![cluster]), plan("redis", Place::Cluster, redis.clone())]
    };
    let parts = |names: &[&str]| Reach::Parts(names.iter().map(|name| (*name).to_owned()).collect());
    let all = Fixture::all();
    assert_eq!(all.len(), 17);
    let (mut compared, mut others) = (0, Vec::new());
    for fixture in &all {
        for (command, reach) in [
            ("undo", Reach::LastRun),
            ("all", Reach::All),
            ("down", parts(&["minikube", "redis", "info-cron", "redis-single", "election"])),
            ("redis-down", parts(&["redis", "info-cron"])),
        ] {
            let mut plans = plans();
            if command == "redis-down" {
                plans.remove(0);
            }
            let expected = fixture.lines(command);
            compared += expected.len();
            let taken = taken_back(fixture, &reach, &plans);
            if taken != expected {
                others.push(format!("{command} of {:?}: {taken:#?}, not {expected:#?}", fixture.folder));
            }
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
    assert_eq!(compared, 649);
}

#[test]
fn the_runs_of_an_earlier_build_are_told_as_it_told_them() {
    for fixture in Fixture::all() {
        let told = std::fs::read_to_string(fixture.folder.join("history.json")).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let runs: Vec<_> = fixture.history().runs().cloned().collect();
        assert_eq!(serde_json::to_value(runs).unwrap(), told, "{:?}", fixture.folder);
    }
}

/// Reads each step of a journal, and what was there before, made and kept, and writes it again: a field that was
/// renamed, or is not known any more, shows. Returns the kinds of steps.
fn every_step_is_known(history: &History, folder: &Path) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for entry in history.entries() {
        let step: Step = serde_json::from_value(entry.is.step.clone()).unwrap();
        let place = format!("{} of {}", entry.id, folder.display());
        assert_eq!(step.key(), entry.is.key, "{place}");
        assert_eq!(serde_json::to_value(&step).unwrap(), entry.is.step, "{place}");
        let recorded = [Some(&entry.is.before), entry.made.as_ref(), entry.kept.as_ref()];
        let again = step.written_again(recorded).unwrap();
        assert_eq!(again.each_ref().map(Option::as_ref), recorded, "{place}");
        let lives = step.nature().lives;
        let fits = match &entry.is.scope {
            Scope::Host => lives == Lives::Host,
            Scope::Profile(profile) => lives == Lives::Profile(profile.name.clone()),
            Scope::Cluster(_) => !matches!(lives, Lives::Host | Lives::Profile(_)),
        };
        assert!(fits, "{place} lives in {lives:?}");
        kinds.extend(entry.is.step.as_object().unwrap().keys().cloned());
    }
    kinds
}

const KINDS: [&str; 12] = [
    "clean",
    "cluster",
    "daemon",
    "dataset",
    "directory",
    "image",
    "import",
    "kubectl",
    "object",
    "packages",
    "rescue",
    "restore",
];

#[test]
fn every_step_of_an_earlier_build_is_known() {
    let all = Fixture::all();
    let kinds: BTreeSet<String> =
        all.iter().flat_map(|f| every_step_is_known(&f.history(), &f.folder)).collect();
    let never = ["kubectl", "rescue", "restore"];
    assert_eq!(
        kinds.iter().collect::<Vec<_>>(),
        KINDS.iter().filter(|k| !never.contains(k)).collect::<Vec<_>>()
    );
}

#[test]
fn every_step_of_format_2_is_known() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal/v2");
    let kinds = every_step_is_known(&journal::read(&fixture).unwrap(), &fixture);
    assert_eq!(kinds.iter().collect::<Vec<_>>(), KINDS);
}
