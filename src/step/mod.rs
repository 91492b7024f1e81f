//! Steps: one kind of change a file, up beside down.
//!
//! A step is data. It goes into the plan and, as it stands, into the journal, so that undo
//! never depends on what today's plan looks like.

pub mod clean;
pub mod cluster;
pub mod dataset;
pub mod directory;
pub mod former;
pub mod host;
pub mod image;
pub mod import;
mod intent;
pub mod object;
pub mod restore;

use std::future::Future;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::error::Problem;
use crate::journal::Recorded;
use crate::ui::Row;

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
    /// Where progress is shown.
    pub row: &'a Row,
}

/// One change and its inverse. No default bodies: half a pair does not compile.
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
    /// Looks, never touches.
    fn probe(&self, cx: &Context) -> impl Future<Output = Result<Probe<Self::Before>>>;
    /// Makes the change. Safe to repeat.
    fn up(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Self::Before,
        kept: Option<&Self::Kept>,
    ) -> impl Future<Output = Result<Self::Made>>;
    /// Waits until what stands also holds, and says what was proven.
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

async fn probe<C: Change>(step: &C, cx: &Context) -> Result<Probe<Value>> {
    Ok(match step.probe(cx).await? {
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
) -> Result<Value> {
    let before = before_of::<C>(before)?;
    let kept = kept_of::<C>(kept)?;
    let made = step.up(cx, act, &before, kept.as_ref()).await?;
    Ok(serde_json::to_value(made)?)
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

            /// See [`Change::probe`].
            pub async fn probe(&self, cx: &Context) -> Result<Probe<Value>> {
                match self { $(Self::$variant(s) => probe(s, cx).await),* }
            }

            /// See [`Change::up`].
            pub async fn up(&self, cx: &Context, act: Act<'_>, before: &Value, kept: Option<&Value>) -> Result<Value> {
                match self { $(Self::$variant(s) => up(s, cx, act, before, kept).await),* }
            }

            /// See [`Change::settle`].
            pub async fn settle(&self, cx: &Context, row: &Row) -> Result<String> {
                match self { $(Self::$variant(s) => s.settle(cx, row).await),* }
            }

            /// See [`Change::down`].
            pub async fn down(&self, cx: &Context, act: Act<'_>, before: &Value, made: Option<&Value>) -> Result<(String, Value)> {
                match self { $(Self::$variant(s) => down(s, cx, act, before, made).await),* }
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
    /// A kept snapshot in a redis.
    Restore(restore::Restore),
}

impl Step {
    /// Whether its `down` keeps data that must not be lost: what it guards waits for it.
    pub fn keeps_data(&self) -> bool {
        matches!(self, Self::Dataset(_))
    }

    /// What comes after the next look is `up`: what takes long there may begin meanwhile.
    pub fn expect_up(&self) {
        if let Self::Image(image) = self {
            image.expect_up();
        }
    }

    /// Whether its `up` looks again at what was absent: then an earlier look, however old, is enough.
    pub fn looks_before_it_acts(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Image(_) | Self::Directory(_) | Self::Dataset(_))
    }

    /// Whether it lies on the nodes themselves: nothing that is put up in the cluster makes it another.
    pub fn is_outside_the_cluster(&self) -> bool {
        matches!(self, Self::Image(_) | Self::Directory(_))
    }

    /// Whether data goes when it goes: then the dataset of its part has to go first, and be kept.
    pub fn holds_data(&self) -> bool {
        match self {
            Self::Object(object) => object.holds_data(),
            Self::Directory(_) => true,
            _ => false,
        }
    }

    /// Whether a look tells that opsctl made it, so that it can be taken down without a journal.
    pub fn traces(&self, cx: &Context) -> bool {
        match self {
            Self::Object(_) | Self::Directory(_) | Self::Image(_) | Self::Dataset(_) => true,
            Self::Cluster(cluster) => cluster.marked(cx),
            _ => false,
        }
    }

    /// Whether a `down` removes it whole, whatever shapes of ours it had before.
    pub fn goes_whole(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether taking it back with this `before` leaves nothing of it, rather than a former shape.
    pub fn removes(&self, before: &Value) -> bool {
        match self {
            Self::Object(_) => object::removes(before),
            Self::Cluster(_) => self.deletes_cluster(before),
            _ => true,
        }
    }

    /// Whether taking it back with this `before` deletes the cluster and all that is in it.
    pub fn deletes_cluster(&self, before: &Value) -> bool {
        matches!(self, Self::Cluster(_)) && cluster::was_absent(before)
    }

    /// What was before, said anew where another cluster stands in the place of the one that was made: that
    /// one is left alone.
    pub async fn spares(&self, cx: &Context, before: &Value, made: Option<&Value>) -> Option<Value> {
        match self {
            Self::Cluster(cluster) => cluster.spares(cx, before, made).await,
            _ => None,
        }
    }

    /// Whether it changes what is in a dataset: when the dataset itself goes, that is kept as a whole.
    pub fn is_content(&self) -> bool {
        matches!(self, Self::Import(_) | Self::Clean(_) | Self::Restore(_))
    }

    /// Steps of the same batch do not lean on one another; none: alone.
    pub fn batch(&self) -> Option<&'static str> {
        match self {
            Self::Object(object) => Some(object.batch()),
            _ => None,
        }
    }

    /// What of value goes with it, for the question before it goes.
    pub async fn loss(&self, cx: &Context) -> Vec<String> {
        match self {
            Self::Dataset(data) => data.loss(cx).await.into_iter().collect(),
            Self::Import(import) => import.loss(cx).await.into_iter().collect(),
            Self::Restore(restore) => restore.loss(cx).await.into_iter().collect(),
            Self::Cluster(cluster) => cluster.loss(cx).await,
            _ => Vec::new(),
        }
    }
}
