//! The timestamps in redis: reads over one connection, changes over another, both in groups.
//!
//! What comes while a group is under way is the next group. So one connection serves any number of requests, and the
//! answer that many wait for (the disk's, the replicas') is waited for once.

pub mod ask;
mod lane;
mod password;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};

pub use ask::{Answer, Ask, Entry};
use lane::{Job, Lane};

use super::metrics::Metrics;
use super::settings::Settings;

/// Requests that may wait for a connection. One more is refused: it would be answered too late.
const QUEUE: usize = 4096;

/// There is no answer that counts. A change may have happened, or happen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away;

/// How one connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// It has been there since the start, if only once.
    pub once: bool,
    /// It is there.
    pub now: bool,
    /// Which password it was opened with; empty where passwords have no version.
    pub password_version: String,
}

/// The timestamps.
#[derive(Clone)]
pub struct Store {
    reads: mpsc::Sender<Job>,
    writes: mpsc::Sender<Job>,
    reached: [watch::Receiver<Reached>; 2],
}

impl Store {
    /// Connects, and stays connected, until the last copy of the store is dropped.
    pub fn start(settings: &Arc<Settings>, metrics: &Arc<Metrics>) -> Self {
        let newest = Arc::new(AtomicU64::new(0));
        let start = |name, writes| {
            let (jobs, queue) = mpsc::channel(QUEUE);
            let (reached, seen) = watch::channel(Reached::default());
            let lane = Lane::new(name, writes, settings.clone(), metrics.clone(), newest.clone(), reached);
            tokio::spawn(lane.run(queue));
            (jobs, seen)
        };
        let (reads, reads_reached) = start("reads", false);
        let (writes, writes_reached) = start("writes", true);
        Self { reads, writes, reached: [reads_reached, writes_reached] }
    }

    /// Asks, and waits for the answer. Who gives up meanwhile before it is sent has sent nothing.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Away> {
        let lane = if ask.writes() { &self.writes } else { &self.reads };
        let (answer, answered) = oneshot::channel();
        lane.try_send(Job { ask, answer }).map_err(|_| Away)?;
        answered.await.unwrap_or(Err(Away))
    }

    /// How the connections are: for reads, for changes.
    pub fn reached(&self) -> [Reached; 2] {
        self.reached.each_ref().map(|seen| seen.borrow().clone())
    }

    /// Whether redis has been reached over both, if only once.
    pub fn is_ready(&self) -> bool {
        self.reached.iter().all(|seen| seen.borrow().once)
    }
}

#[cfg(test)]
mod tests;
