//! What a step is, as far as the engine has to know: where it lives, when its turn comes, what data goes with it.

use crate::k8s::kind;

/// Where a change lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lives {
    /// On this machine.
    Host,
    /// It is the cluster of this minikube profile.
    Profile(String),
    /// On the nodes, beside the cluster's objects.
    Node,
    /// In the cluster, in no namespace.
    Cluster,
    /// It is this namespace.
    AsNamespace(String),
    /// In this namespace.
    Namespace(String),
}

/// When its turn comes: `up` goes from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Changes of the machine and of the profile, in the order of their plan.
    Foundation,
    /// What makes way for the rest of its part: all that was seen of that before is looked at again.
    Clearing,
    /// What objects depend on and no object makes: an image, a directory.
    Ground,
    /// An object, by its kind.
    Object(kind::Rank),
    /// Data behind a workload.
    Data,
}

/// What data goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// None.
    None,
    /// Data goes when it goes: the data of its part is kept first.
    Holds,
    /// It is the data: its `down` keeps it, and what holds it waits for that.
    Keeps,
    /// It changed what is in the data: where all of that is kept and goes, it goes along.
    Content,
}

/// How `down` finds it without a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced {
    /// It does not: nothing says who made it.
    Never,
    /// By a look, which tells ours from others'.
    Look,
    /// By a look, with something else of its part or with all parts: several have it, so it does not say whose it is.
    Shared,
    /// By opsctl's mark in the folder of this minikube profile.
    Mark,
}

/// How it is taken back by a `down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// Removed, whatever shapes of ours it had before.
    Whole,
    /// Brought to the state before the first change of it.
    Before,
}

/// What a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nature {
    /// Where it lives.
    pub lives: Lives,
    /// When its turn comes.
    pub rank: Rank,
    /// What data goes with it.
    pub data: Data,
    /// How `down` finds it without a journal.
    pub traced: Traced,
    /// How a `down` takes it back.
    pub down: Down,
    /// Whether `up` looks again at what was absent: then an earlier look, however old, suffices.
    pub looks_again: bool,
    /// Whether its `up` takes something away, which its `down` brings back.
    pub takes_away: bool,
    /// Whether it is passed over in silence where there is nothing for it to do.
    pub only_if_needed: bool,
}

impl Nature {
    /// A change of this machine.
    pub fn of_host() -> Self {
        Self {
            lives: Lives::Host,
            rank: Rank::Foundation,
            data: Data::None,
            traced: Traced::Never,
            down: Down::Before,
            looks_again: false,
            takes_away: false,
            only_if_needed: false,
        }
    }

    /// Something on the nodes, which a look tells from others', and which `up` looks for again.
    pub fn on_nodes(data: Data) -> Self {
        Self {
            lives: Lives::Node,
            rank: Rank::Ground,
            data,
            traced: Traced::Look,
            looks_again: true,
            ..Self::of_host()
        }
    }

    /// A change of the data that a namespace's workload serves.
    pub fn content(namespace: &str) -> Self {
        Self {
            lives: Lives::Namespace(namespace.to_owned()),
            rank: Rank::Data,
            data: Data::Content,
            ..Self::of_host()
        }
    }

    /// The namespace that it lives in, or is.
    pub fn namespace(&self) -> Option<&str> {
        match &self.lives {
            Lives::Namespace(ns) | Lives::AsNamespace(ns) => Some(ns),
            _ => None,
        }
    }

    /// Whether it lives on the nodes: nothing that is put up in the cluster changes it.
    pub fn is_on_nodes(&self) -> bool {
        self.lives == Lives::Node
    }

    /// Its rank among objects; none where it is no object.
    pub fn object(&self) -> Option<kind::Rank> {
        match self.rank {
            Rank::Object(rank) => Some(rank),
            _ => None,
        }
    }

    /// Whether pods run for it: it becomes ready only after a while, and may need what is applied after it.
    pub fn runs(&self) -> bool {
        matches!(self.rank, Rank::Object(kind::Rank::Workload | kind::Rank::Custom))
    }

    /// Whether it waits for others of its part: a workload, a custom resource, the data behind them.
    pub fn depends_on_objects(&self) -> bool {
        self.rank == Rank::Data || self.runs()
    }
}
