//! The faults: what each is, how long it lasts, and what must come of it.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

/// A way to break the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Its pod is deleted (SIGTERM)
    Delete,
    /// Its container is killed (SIGKILL)
    Kill,
    /// Its elector and its redis are stopped, and resume later
    Freeze,
    /// Its elector alone is stopped
    FreezeElector,
    /// Its redis alone is stopped
    FreezeRedis,
    /// Its node is paused
    Pause,
    /// Its node is disconnected from the network
    Unplug,
    /// It cannot reach the API server
    Partition,
    /// 5 % of its packets are lost, its API calls 50 ms late
    #[value(name = "loss-5")]
    #[serde(rename = "loss-5")]
    LossLight,
    /// 30 % of its packets are lost, its API calls 200 ms late
    #[value(name = "loss-30")]
    #[serde(rename = "loss-30")]
    LossHeavy,
    /// The API server is killed
    ApiserverKill,
    /// The API server is unavailable
    ApiserverAway,
    /// The Lease is deleted
    LeaseDeleted,
}

/// What must come of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Another epoch is led.
    Change,
    /// Nothing changes.
    Steady,
    /// Changes are counted, and allowed.
    Any,
    /// Nobody is promoted while there is no API server; with it they agree again.
    Headless,
}

/// Which pods must agree while the fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Electorate {
    /// All that were there.
    All,
    /// All but the one that was master.
    Others,
    /// All on other nodes.
    OtherNodes,
}

impl Fault {
    /// Every fault, in the order of a drill of all.
    pub fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    /// What must come of it.
    pub fn effect(self) -> Effect {
        match self {
            Self::LossLight => Effect::Steady,
            Self::LossHeavy => Effect::Any,
            Self::ApiserverKill | Self::ApiserverAway => Effect::Headless,
            _ => Effect::Change,
        }
    }

    /// Who must agree while it lasts.
    pub fn electorate(self) -> Electorate {
        match self {
            Self::Delete | Self::Freeze | Self::FreezeElector | Self::FreezeRedis => Electorate::Others,
            Self::Pause | Self::Unplug => Electorate::OtherNodes,
            _ => Electorate::All,
        }
    }

    /// How long it lasts, where that is not its own affair.
    pub fn hold(self) -> Duration {
        Duration::from_secs(match self {
            Self::Freeze | Self::FreezeElector | Self::FreezeRedis => 20,
            Self::Pause | Self::Unplug | Self::Partition => 10,
            Self::LossLight | Self::LossHeavy => 15,
            Self::ApiserverAway => 60,
            Self::Delete | Self::Kill | Self::ApiserverKill | Self::LeaseDeleted => 0,
        })
    }

    /// Until all who must agree do: what is aimed at, in milliseconds.
    pub fn bar(self) -> Option<u64> {
        match self {
            Self::Delete => Some(1000),
            Self::Kill => Some(3000),
            Self::Pause | Self::Unplug => Some(5000),
            _ => None,
        }
    }

    /// Whether the nodes must have caught up with what happened last: a kubelet hears late of the deletion of
    /// a pod that just became ready, and without an API server what kube-proxy has not heard it never hears.
    pub fn needs_calm(self) -> bool {
        matches!(self, Self::Delete | Self::ApiserverKill | Self::ApiserverAway)
    }

    /// Whether the master lives on without its office, and may still say something of its own.
    pub fn leaves_it_alive(self) -> bool {
        !matches!(self, Self::Delete | Self::Kill)
    }

    /// Whether the master must be on a worker: the API of a frozen control plane cannot be asked.
    pub fn needs_worker(self) -> bool {
        matches!(self, Self::Pause | Self::Unplug)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |v| v.get_name()))
    }
}

/// What a fault is, as a sentence for people.
pub fn told(fault: Fault) -> String {
    let value = fault.to_possible_value();
    value.as_ref().and_then(|v| v.get_help()).map(ToString::to_string).unwrap_or_default()
}
