//! The journal's words: what a line can say.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a line says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    Run {
        run: u64,
        verb: Verb,
        command: String,
        target: String,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
        /// With `Begun` of a change that returns in another cluster: where it lives from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Scope>,
    },
    End {
        run: u64,
        ok: bool,
    },
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

/// Where a change lives, and so when it is out of reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// This machine: packages, daemons. Only `uninstall` takes it back.
    Host,
    /// A minikube profile: the cluster itself.
    Profile(String),
    /// Inside a cluster, named by the UID of its `kube-system` namespace.
    Cluster(String),
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
