//! The journal's words: what a line can say.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::{self, Context, Paths};

/// What a line says. A word that is not known is damage: a newer opsctl gives its lines a newer format.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    Run {
        run: u64,
        verb: Verb,
        command: String,
        target: Target,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reverses: Option<u64>,
    },
    Entry {
        entry: EntryId,
        by: u64,
        phase: Phase,
        /// With the first record of an entry only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<Subject>,
        /// With `Done`: what was made. With `Undone`: what was kept, to put it up again.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
        result: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
        /// With `Begun` of a change that returns in another cluster: where it lives from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Scope>,
    },
    /// What a later try of a change, or its way back, has to know: on the disk before the change.
    Note {
        entry: EntryId,
        by: u64,
        value: Value,
    },
    End {
        run: u64,
        ok: bool,
    },
}

/// A value that is there, also where it is null.
fn given<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

/// One journaled change: the run that first made it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The run.
    pub run: u64,
    /// Its number in the run, from 0.
    pub index: u32,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.run, self.index)
    }
}

impl FromStr for EntryId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (run, index) = text.split_once('.').ok_or_else(|| format!("bad entry id {text:?}"))?;
        match (run.parse(), index.parse()) {
            (Ok(run), Ok(index)) => Ok(Self { run, index }),
            _ => Err(format!("bad entry id {text:?}")),
        }
    }
}

impl Serialize for EntryId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A minikube profile: another one of that name may lie in another home of minikube's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The home of minikube's that it lies in; entries of format 1 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PathBuf>,
}

impl Profile {
    /// The profile of this name, in the home of minikube's in use.
    pub fn of(paths: &Paths, name: &str) -> Self {
        // A path that is no text cannot stand in a line; as such it names no other home.
        let home = std::path::absolute(&paths.minikube).unwrap_or_else(|_| paths.minikube.clone());
        Self { name: name.to_owned(), home: Some(home.to_string_lossy().into_owned().into()) }
    }

    /// Whether it is surely that one: what is concluded from its absence needs that.
    pub fn is(&self, other: &Self) -> bool {
        self.home.is_some() && other.home.is_some() && self.may_be(other)
    }

    /// Whether it may be that one: where its home is not known, its name decides.
    pub fn may_be(&self, other: &Self) -> bool {
        let same = |a: &PathBuf, b: &PathBuf| a == b || resolved(a) == resolved(b);
        self.name == other.name && self.home.as_ref().zip(other.home.as_ref()).is_none_or(|(a, b)| same(a, b))
    }
}

/// The path without links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    for known in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), path.strip_prefix(known)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// The cluster that a run was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The cluster of a minikube profile.
    Profile(Profile),
    /// A context of the kubeconfig.
    Context(String),
}

impl Target {
    /// The one that a command is for.
    pub fn of(cx: &Context) -> Self {
        match &cx.target {
            context::Target::Profile(name) => Self::Profile(Profile::of(&cx.paths, name)),
            context::Target::Context(name) => Self::Context(name.clone()),
        }
    }

    /// The minikube profile, if it is one.
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Profile(profile) => Some(profile),
            Self::Context(_) => None,
        }
    }

    /// Its name alone.
    pub fn name(&self) -> &str {
        match self {
            Self::Profile(profile) => &profile.name,
            Self::Context(name) => name,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(profile) => write!(f, "minikube profile \"{}\"", profile.name),
            Self::Context(name) => write!(f, "context \"{name}\""),
        }
    }
}

/// Where a change lives, and so when it is out of reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// This machine: packages, daemons. Only `uninstall` takes it back.
    Host,
    /// A minikube profile: the cluster itself.
    Profile(Profile),
    /// Inside a cluster, named by the UID of its `kube-system` namespace.
    Cluster(String),
}

impl Scope {
    /// Whether a change there is within reach of this one.
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Profile(one), Self::Profile(other)) => one.may_be(other),
            _ => self == other,
        }
    }
}

/// What kind of run it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Puts things up.
    Up,
    /// Takes things down.
    Down,
    /// Reverses another run.
    Undo,
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// About to be made.
    Begun,
    /// Made.
    Done,
    /// About to be taken back.
    Undoing,
    /// Taken back.
    Undone,
    /// Its cluster no longer exists.
    Gone,
}

/// What an entry is about; written once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Where it lives.
    pub scope: Scope,
    /// The part (stack) it belongs to, such as `redis`.
    pub part: String,
    /// Names its target: two entries with the same key in the same scope change the same thing.
    pub key: String,
    /// The step itself.
    pub step: Value,
    /// What was there before.
    pub before: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, home: Option<&Path>) -> Profile {
        Profile { name: name.into(), home: home.map(Into::into) }
    }

    #[test]
    fn a_profile_of_another_home_is_another_one_however_the_home_is_spelled() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("a");
        std::fs::create_dir(&home).unwrap();
        std::os::unix::fs::symlink(&home, dir.path().join("link")).unwrap();
        let here = profile("dev", Some(&home.join(".minikube")));
        for same in [home.join(".minikube"), home.join("../a/.minikube"), dir.path().join("link/.minikube")] {
            assert!(here.is(&profile("dev", Some(&same))), "{}", same.display());
        }
        for other in [profile("dev", Some(dir.path())), profile("work", here.home.as_deref())] {
            assert!(!here.may_be(&other) && !here.is(&other), "{other:?}");
        }
    }

    #[test]
    fn a_profile_of_an_unknown_home_may_be_any_of_its_name_and_is_surely_none() {
        let (here, unknown) = (profile("dev", Some(Path::new("/home/dev/.minikube"))), profile("dev", None));
        assert!(unknown.may_be(&here) && here.may_be(&unknown) && !profile("work", None).may_be(&here));
        assert!(!unknown.is(&here) && !here.is(&unknown) && !unknown.is(&unknown));
        let scope = |of: &Profile| Scope::Profile(of.clone());
        assert!(scope(&unknown).meets(&scope(&here)) && !scope(&unknown).meets(&Scope::Host));
    }
}
