//! Breaks the elected master in every way that it can be broken, under writers, and measures.
//!
//! [`fault`] says what is done, [`inject`] does it and takes it back, [`world`] knows the pods,
//! [`preference`] who inherits; [`listen`] and [`writer`] see what comes of it, [`timeline`] and [`report`] say
//! what it means.

pub mod fault;
mod inject;
mod ledger;
mod listen;
pub mod preference;
pub mod report;
mod round;
mod timeline;
mod world;
mod writer;

use std::time::Duration;

use anyhow::Result;
use kube::Api;

use crate::context::Context;
use crate::error::problem;
use crate::interrupt::{Busy, interruption};
use fault::Fault;
use report::{Report, Round};
use round::Rounds;

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which faults, in this order.
    pub faults: Vec<Fault>,
    /// How often each.
    pub rounds: u32,
    /// How long a fault lasts; each fault's own time without.
    pub hold: Option<Duration>,
    /// How many clients write meanwhile.
    pub writers: usize,
}

/// Takes back what a drill that was killed has left on the nodes, on pods and in redis; says what that was.
pub async fn restore(cx: &Context) -> Result<Vec<String>> {
    let mut mended = inject::mend(cx).await?;
    if let Ok(world) = world::World::new(cx).await {
        mended.extend(prefer_nobody(cx).await);
        match writer::sweep(&world.settings.master).await {
            Ok(0) => {}
            Ok(keys) => mended.push(format!("{keys} keys in redis")),
            Err(error) => cx.ui.warn(format!("keys written by a drill may remain in redis: {error:#}")),
        }
    }
    Ok(mended)
}

/// Gives pods that were to inherit what their deletion cost before; says which.
async fn prefer_nobody(cx: &Context) -> Vec<String> {
    let taken_back = async {
        let pods = Api::namespaced(cx.client().await?, world::NAMESPACE);
        preference::take_back(&pods).await
    };
    match taken_back.await {
        Ok(names) => names.iter().map(|name| format!("pod {name}: its original deletion cost")).collect(),
        Err(error) => {
            cx.ui.warn(format!(
                "could not check whether a pod still carries the drill's deletion cost: {error:#}"
            ));
            Vec::new()
        }
    }
}

/// Runs the plan. Whatever ends it, nothing stays paused, parted or moved away.
pub async fn run(cx: &Context, plan: &Plan, mut tell: impl FnMut(&Round)) -> Result<Report> {
    let _busy = Busy::new();
    let drilled = tokio::select! {
        drilled = drill(cx, plan, &mut tell) => drilled,
        () = interruption() => {
            Err(problem!(Interrupted, "interrupted; the fault was undone").into())
        }
    };
    let mended = inject::mend(cx).await;
    if drilled.is_err() && cx.client().await.is_ok() {
        prefer_nobody(cx).await;
    }
    let report = drilled?;
    mended?;
    Ok(report)
}

async fn drill(cx: &Context, plan: &Plan, tell: &mut impl FnMut(&Round)) -> Result<Report> {
    let mut left = inject::mend(cx).await?;
    let mut rounds = Rounds::begin(cx, plan).await?;
    left.extend(prefer_nobody(cx).await);
    for line in left {
        cx.ui.note(format!("left by an earlier drill, undone: {line}"));
    }
    let mut done = Vec::new();
    let mut end = Ok(());
    'all: for fault in &plan.faults {
        for number in 1..=plan.rounds {
            match rounds.one(*fault, number).await {
                Ok(round) => {
                    tell(&round);
                    done.push(round);
                }
                Err(error) => {
                    // First of all: with its fault in force nobody could read back what was acknowledged.
                    if let Err(error) = inject::mend(cx).await {
                        cx.ui.warn(format!("could not undo the fault: {error:#}"));
                    }
                    end = Err(error.context(format!("{fault}, round {number} of {}", plan.rounds)));
                    break 'all;
                }
            }
        }
    }
    let read_back = rounds.end().await;
    end?;
    Ok(Report::new(done, read_back?))
}
