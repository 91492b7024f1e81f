//! What a witness reports: each pod's own words, with the times of question and answer.

use serde::{Deserialize, Serialize};

use super::protocol::Time;
use super::status::Master;

/// A line from the witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// What time it is there; the answer to [`Order::Now`].
    Now(Time),
    /// What a pod said: whenever that changed, and always of one that says that it leads.
    Heard(Heard),
}

/// A pod's answer, or that there was none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The pod.
    pub pod: String,
    /// When the question was sent: what it says was true at some moment from here …
    pub asked: Time,
    /// … to here.
    pub answered: Time,
    /// What it said; none when it did not answer in time.
    pub says: Option<Master>,
}

/// A line to the witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Say what time it is.
    Now,
    /// Ask this pod from now on.
    Ask {
        /// The pod.
        pod: String,
        /// Its `host:port`.
        at: String,
    },
    /// Ask it no more.
    Drop {
        /// The pod.
        pod: String,
    },
}
