//! Steps: one kind of change a file, up beside down.
//!
//! A step is data. It goes into the plan and, as it stands, into the journal, so that undo
//! never depends on what today's plan looks like.

pub mod clean;
pub mod cluster;
pub mod dataset;
mod defined;
pub mod directory;
pub mod host;
pub mod image;
pub mod import;
pub mod nature;
pub mod object;
pub mod replacement;
pub mod rescue;
pub mod restore;
pub mod secret;
#[cfg(test)]
mod testing;

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::error::{Problem, with_cause};
use crate::fs::Size;
use crate::journal::{Journal, Recorded};
use crate::k8s::{kind, ready};
use crate::ui::Row;

pub use nature::{Data, Down, Lives, Nature, Rank, Traced};

/// The namespace in which a step failed. Which stack that is, and what to type about it, is known above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct In(pub String);

/// What a look found.
#[derive(Debug)]
pub enum Probe<B> {
    /// Not there. Holds what `down` needs to restore.
    Absent(B),
    /// Ours, but other than wanted: what was there, and how it differs.
    Differs(B, String),
    /// Ours, and as wanted.
    Same,
    /// Not ours, and in the way.
    Foreign(Problem),
}

/// Leave to act: the journal line that covers it, and the line on the screen.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// The change stands in the journal.
    pub token: &'a Recorded,
    /// That journal.
    pub journal: &'a RefCell<Journal>,
    /// Where progress is shown.
    pub row: &'a Row,
    /// Snapshots that the run comes to later: none of them is pruned.
    pub spared: &'a [PathBuf],
}

impl Act<'_> {
    /// What an earlier try of this change noted; none: it had not come to change anything.
    pub fn note<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let note = self.journal.borrow().noted(self.token)?;
        note.map(|note| read(&note)).transpose()
    }

    /// Notes what a later try, or the way back, has to know: on the disk when this returns, so before the change.
    /// What was made is recorded only at the end, too late for a try that fails or is killed on the way.
    pub fn set_note<T: Serialize>(&self, note: &T) -> Result<()> {
        self.journal.borrow_mut().note(self.token, serde_json::to_value(note)?)
    }
}

/// A look at a step's target: what it is for, and what it leaves.
#[derive(Debug, Default)]
pub struct Look {
    /// `up` comes next, unless all is as wanted: what takes long there may be begun.
    pub before_up: bool,
    /// What the look began or found besides, for that `up`.
    pub seen: Seen,
}

/// What a look leaves for the `up` that follows it.
#[derive(Default)]
pub struct Seen(Option<Box<dyn Any + Send>>);

impl Seen {
    /// Something for `up`.
    pub fn new(what: impl Any + Send) -> Self {
        Self(Some(Box::new(what)))
    }

    /// What the look of this kind of step left.
    pub fn take<T: Any>(self) -> Option<T> {
        self.0.and_then(|what| what.downcast().ok()).map(|what| *what)
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Seen(..)" } else { "Seen" })
    }
}

/// How long the counting of one folder may take, before the question.
pub const COUNTING: Duration = Duration::from_secs(2);

/// Something of this machine that goes when a change is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub what: String,
    /// Its size, if it has one.
    pub size: Option<Size>,
    /// Whether root alone can remove it.
    pub by_root: bool,
}

/// One change and its inverse: half a pair does not compile, nor does a step that does not say what it is.
pub trait Change: Clone + Serialize + DeserializeOwned {
    /// What was there: enough for `down` to restore it. The default says: nothing.
    type Before: Default + Serialize + DeserializeOwned;
    /// What was made: enough for `down` to remove just that.
    type Made: Serialize + DeserializeOwned;
    /// What `down` kept: enough for `up` to bring it back.
    type Kept: Serialize + DeserializeOwned;

    /// Names the target: the same in every run.
    fn key(&self) -> String;
    /// What it is about, in a few words.
    fn title(&self) -> String;
    /// The shell command that it stands for.
    fn command(&self) -> String;
    /// What the engine must know to order it and to care for its data.
    fn nature(&self) -> Nature;
    /// Whether taking it back with this `before` leaves nothing of it, rather than a former shape.
    fn removes(&self, before: &Self::Before) -> bool;
    /// What of value goes when it is taken back, for the question before it goes; besides its own title.
    fn loss(&self, _: &Context, _: Option<&Self::Made>) -> impl Future<Output = Vec<String>> {
        std::future::ready(Vec::new())
    }
    /// What goes when it is taken back, each with its size, for the question before that. An error refuses.
    fn takes(
        &self,
        _: &Context,
        _: &Self::Before,
        _: Option<&Self::Made>,
    ) -> impl Future<Output = Result<Vec<Taken>>> {
        std::future::ready(Ok(Vec::new()))
    }
    /// Where another thing than the one that was made has its place: the `before` with which taking it back
    /// leaves that one alone. None: it is the one that was made, or `down` itself tells.
    fn spares(
        &self,
        _: &Context,
        _: &Self::Before,
        _: Option<&Self::Made>,
    ) -> impl Future<Output = Option<Self::Before>> {
        std::future::ready(None)
    }
    /// Looks, never touches.
    fn probe(&self, cx: &Context, look: &mut Look) -> impl Future<Output = Result<Probe<Self::Before>>>;
    /// Makes the change. Safe to repeat.
    fn up(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Self::Before,
        kept: Option<&Self::Kept>,
        seen: Seen,
    ) -> impl Future<Output = Result<Self::Made>>;
    /// Waits until what was made is also ready, and says what was proven.
    fn settle(&self, cx: &Context, row: &Row) -> impl Future<Output = Result<String>>;
    /// Takes it back and says what became of it. A missing target is success.
    /// `made` is none when `up` was cut short.
    fn down(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Self::Before,
        made: Option<&Self::Made>,
    ) -> impl Future<Output = Result<(String, Self::Kept)>>;
}

async fn probe<C: Change>(step: &C, cx: &Context, look: &mut Look) -> Result<Probe<Value>> {
    Ok(match step.probe(cx, look).await? {
        Probe::Absent(before) => Probe::Absent(serde_json::to_value(before)?),
        Probe::Differs(before, how) => Probe::Differs(serde_json::to_value(before)?, how),
        Probe::Same => Probe::Same,
        Probe::Foreign(problem) => Probe::Foreign(problem),
    })
}

async fn up<C: Change>(
    step: &C,
    cx: &Context,
    act: Act<'_>,
    before: &Value,
    kept: Option<&Value>,
    seen: Seen,
) -> Result<Value> {
    let before = before_of::<C>(before)?;
    let kept = kept_of::<C>(kept)?;
    let made = step.up(cx, act, &before, kept.as_ref(), seen).await?;
    Ok(serde_json::to_value(made)?)
}

/// What the journal has of a step, read in today's words and written again.
#[cfg(test)]
fn written_again<C: Change>(_: &C, recorded: [Option<&Value>; 3]) -> Result<[Option<Value>; 3]> {
    fn again<T: Serialize + DeserializeOwned>(value: Option<&Value>) -> Result<Option<Value>> {
        value.map(|value| Ok(serde_json::to_value(read::<T>(value)?)?)).transpose()
    }
    let [before, made, kept] = recorded;
    Ok([again::<C::Before>(before)?, again::<C::Made>(made)?, again::<C::Kept>(kept)?])
}

/// A `before` of another shape than this opsctl knows counts as one that is not removed.
fn removes<C: Change>(step: &C, before: &Value) -> bool {
    before_of::<C>(before).is_ok_and(|before| step.removes(&before))
}

async fn spares<C: Change>(step: &C, cx: &Context, before: &Value, made: Option<&Value>) -> Option<Value> {
    let before = before_of::<C>(before).ok()?;
    let made = made.and_then(|made| C::Made::deserialize(made).ok());
    let spared = step.spares(cx, &before, made.as_ref()).await?;
    serde_json::to_value(spared).ok()
}

async fn loss<C: Change>(step: &C, cx: &Context, made: Option<&Value>) -> Vec<String> {
    let made = made.and_then(|made| C::Made::deserialize(made).ok());
    step.loss(cx, made.as_ref()).await
}

async fn takes<C: Change>(
    step: &C,
    cx: &Context,
    before: &Value,
    made: Option<&Value>,
) -> Result<Vec<Taken>> {
    let made = made.map(read).transpose()?;
    step.takes(cx, &before_of::<C>(before)?, made.as_ref()).await
}

async fn down<C: Change>(
    step: &C,
    cx: &Context,
    act: Act<'_>,
    before: &Value,
    made: Option<&Value>,
) -> Result<(String, Value)> {
    let before = before_of::<C>(before)?;
    let made = made.map(read).transpose()?;
    let (fact, kept) = step.down(cx, act, &before, made.as_ref()).await?;
    Ok((fact, serde_json::to_value(kept)?))
}

fn before_of<C: Change>(value: &Value) -> Result<C::Before> {
    if value.is_null() { Ok(C::Before::default()) } else { read(value) }
}

/// What went with its cluster kept nothing.
fn kept_of<C: Change>(value: Option<&Value>) -> Result<Option<C::Kept>> {
    value.filter(|value| !value.is_null()).map(read).transpose()
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).context("the journal holds a step of another shape than this opsctl knows")
}

macro_rules! steps {
    ($($(#[$doc:meta])* $variant:ident($kind:ty)),* $(,)?) => {
        /// Every kind of step: the plan's element and the journal's record.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Step {
            $($(#[$doc])* $variant($kind)),*
        }

        impl Step {
            /// Names the target: the same in every run.
            pub fn key(&self) -> String {
                match self { $(Self::$variant(s) => s.key()),* }
            }

            /// What it is about, in a few words.
            pub fn title(&self) -> String {
                match self { $(Self::$variant(s) => s.title()),* }
            }

            /// The shell command that it stands for.
            pub fn command(&self) -> String {
                match self { $(Self::$variant(s) => s.command()),* }
            }

            /// Its error, with the namespace in which it failed.
            fn located(&self, error: anyhow::Error) -> anyhow::Error {
                match self.nature().namespace() {
                    Some(namespace) => with_cause(error, In(namespace.to_owned())),
                    None => error,
                }
            }

            /// See [`Change::nature`].
            pub fn nature(&self) -> Nature {
                match self { $(Self::$variant(s) => s.nature()),* }
            }

            /// See [`Change::removes`].
            pub fn removes(&self, before: &Value) -> bool {
                match self { $(Self::$variant(s) => removes(s, before)),* }
            }

            /// What was there before, what was made and what was kept, each written as it is read.
            #[cfg(test)]
            pub(crate) fn written_again(&self, recorded: [Option<&Value>; 3]) -> Result<[Option<Value>; 3]> {
                match self { $(Self::$variant(s) => written_again(s, recorded)),* }
            }

            /// See [`Change::loss`].
            pub async fn loss(&self, cx: &Context, made: Option<&Value>) -> Vec<String> {
                match self { $(Self::$variant(s) => loss(s, cx, made).await),* }
            }

            /// See [`Change::takes`].
            pub async fn takes(&self, cx: &Context, before: &Value, made: Option<&Value>) -> Result<Vec<Taken>> {
                match self { $(Self::$variant(s) => takes(s, cx, before, made).await),* }
            }

            /// See [`Change::spares`].
            pub async fn spares(&self, cx: &Context, before: &Value, made: Option<&Value>) -> Option<Value> {
                match self { $(Self::$variant(s) => spares(s, cx, before, made).await),* }
            }

            /// See [`Change::probe`].
            pub async fn probe(&self, cx: &Context, look: &mut Look) -> Result<Probe<Value>> {
                let probe = match self { $(Self::$variant(s) => probe(s, cx, look).await),* };
                probe.map_err(|e| self.located(e))
            }

            /// See [`Change::up`].
            pub async fn up(&self, cx: &Context, act: Act<'_>, before: &Value, kept: Option<&Value>, seen: Seen) -> Result<Value> {
                let up = match self { $(Self::$variant(s) => up(s, cx, act, before, kept, seen).await),* };
                up.map_err(|e| self.located(e))
            }

            /// See [`Change::settle`].
            pub async fn settle(&self, cx: &Context, row: &Row) -> Result<String> {
                let settled = match self { $(Self::$variant(s) => s.settle(cx, row).await),* };
                settled.map_err(|e| self.located(e))
            }

            /// See [`Change::down`].
            pub async fn down(&self, cx: &Context, act: Act<'_>, before: &Value, made: Option<&Value>) -> Result<(String, Value)> {
                let down = match self { $(Self::$variant(s) => down(s, cx, act, before, made).await),* };
                down.map_err(|e| self.located(e))
            }
        }

        $(impl From<$kind> for Step {
            fn from(step: $kind) -> Self {
                Self::$variant(step)
            }
        })*
    };
}

steps! {
    /// All data of a redis deleted.
    Clean(clean::Clean),
    /// The cluster of a minikube profile.
    Cluster(cluster::Cluster),
    /// The Docker daemon, running.
    Daemon(host::Daemon),
    /// The data behind a Deployment.
    Dataset(dataset::Dataset),
    /// A directory on a node.
    Directory(directory::Directory),
    /// An image on every node.
    Image(image::Image),
    /// Data files in a redis.
    Import(import::Import),
    /// The bundle's kubectl on PATH.
    Kubectl(host::Kubectl),
    /// One object of the Kubernetes API.
    Object(object::Object),
    /// Packages of the distribution.
    Packages(host::Packages),
    /// What is left of data whose folder is lost, saved.
    Rescue(rescue::Rescue),
    /// A kept snapshot in a redis.
    Restore(restore::Restore),
    /// A Secret whose values are made here.
    Secret(secret::Secret),
}

impl Step {
    /// The object that it applies, if it is one.
    pub fn manifest(&self) -> Option<&Value> {
        match self {
            Self::Object(object) => Some(object.manifest()),
            _ => None,
        }
    }

    /// Whether it is a resource that an operator looks after, or what calls the operator.
    pub fn is_resource(&self) -> bool {
        self.nature().object() == Some(kind::Rank::Custom)
    }

    /// Waits a moment for the first status of a custom resource that was just applied. Its operator must run.
    pub async fn first_word(&self, cx: &Context) -> Result<()> {
        match self {
            Self::Object(object) if cx.wait && self.is_resource() => {
                ready::first_word(&cx.client().await?, object.manifest()).await
            }
            _ => Ok(()),
        }
    }

    /// Whether taking it back with this `before` deletes the cluster and all that is in it.
    pub fn deletes_cluster(&self, before: &Value) -> bool {
        matches!(self.nature().lives, Lives::Profile(_)) && self.removes(before)
    }

    /// Whether a look, or a mark, tells that opsctl made it, so that `down` finds it without a journal.
    pub fn is_traced(&self, cx: &Context) -> bool {
        let nature = self.nature();
        match (nature.traced, nature.lives) {
            (Traced::Look | Traced::Shared, _) => true,
            (Traced::Mark, Lives::Profile(name)) => cluster::mark(&cx.paths, &name).is_file(),
            (Traced::Mark | Traced::Never, _) => false,
        }
    }
}
