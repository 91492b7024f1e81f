//! What is taken back though the journal does not know it: ownership lives in the cluster.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::Value;

use super::Reversal;
use super::order::data_of;
use super::recorded::Draft;
use crate::context::Context;
use crate::engine::{Place, Plan};
use crate::journal::{Scope, Verb};
use crate::step::{Data, Look, Probe, Step, Traced};

/// A step of today's plans, and where it lives.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub part: String,
    pub scope: Scope,
    pub step: Step,
}

/// The steps of plans, in their order; none of a plan whose place does not exist.
pub(super) fn planned(
    plans: &[Plan],
    scope: impl Fn(Place) -> Result<Option<Scope>>,
) -> Result<Vec<Planned>> {
    let mut all = Vec::new();
    for plan in plans {
        let Some(scope) = scope(plan.place)? else { continue };
        all.extend(plan.steps().map(|step| Planned {
            part: plan.part.clone(),
            scope: scope.clone(),
            step: step.clone(),
        }));
    }
    Ok(all)
}

impl Draft {
    /// Which of the planned steps a look is to tell whether they are ours.
    pub fn to_be_looked_at(&self, planned: &[Planned], is_traced: impl Fn(&Step) -> bool) -> Vec<Planned> {
        // A run that was cut short may have made what holds data, but not come to record the data itself.
        let going: BTreeSet<&str> = self
            .list
            .iter()
            .filter(|r| r.removes() && data_of(r) == Data::Holds)
            .map(|r| r.part.as_str())
            .collect();
        let wanted = |p: &Planned| match self.verb {
            Verb::Undo => going.contains(p.part.as_str()) && p.step.nature().data == Data::Keeps,
            Verb::Up | Verb::Down => is_traced(&p.step),
        };
        let known = |p: &Planned| self.list.iter().any(|r| r.is_of(&p.scope, &p.step.key()));
        planned.iter().filter(|p| !known(p) && wanted(p)).cloned().collect()
    }

    /// Leaves out what several parts have, where nothing else of its own part is there.
    pub fn of_these_parts(&self, mut found: Vec<Planned>) -> Vec<Planned> {
        let says_whose = |step: &Step| step.nature().traced != Traced::Shared;
        let of_found = found.iter().filter(|p| says_whose(&p.step)).map(|p| p.part.clone());
        let there: BTreeSet<_> = of_found.chain(self.list.iter().map(|r| r.part.clone())).collect();
        found.retain(|p| says_whose(&p.step) || there.contains(&p.part));
        found
    }

    /// Adds what was found to be ours: each where the plans have it, before what was made earlier, and before the
    /// cluster itself.
    pub fn add(&mut self, found: Vec<Planned>, planned: &[Planned]) {
        let place = |r: &Reversal| planned.iter().position(|p| r.is_of(&p.scope, &p.step.key()));
        for Planned { part, scope, step } in found.into_iter().rev() {
            let reversal = Reversal {
                entries: Vec::new(),
                step,
                part,
                down: true,
                scope,
                before: Value::Null,
                made: None,
                kept: None,
            };
            let its = place(&reversal);
            let outside = !matches!(reversal.scope, Scope::Cluster(_));
            let at = self.list.iter().position(|r| match place(r) {
                Some(other) => Some(other) < its,
                None => !outside && !matches!(r.scope, Scope::Cluster(_)),
            });
            self.list.insert(at.unwrap_or(self.list.len()), reversal);
        }
    }
}

/// Those of the steps that a look finds as ours.
pub(super) async fn ours(cx: &Context, steps: Vec<Planned>) -> Vec<Planned> {
    let probes = steps.iter().map(|p| async { p.step.probe(cx, &mut Look::default()).await });
    let probes = futures::future::join_all(probes).await;
    let ours = |(planned, probe): (Planned, Result<Probe<Value>>)| match probe {
        Ok(Probe::Same | Probe::Differs(..)) => Some(planned),
        Ok(_) => None,
        // Today's shape may be refused; `down` looks again whose it is.
        Err(e) => {
            cx.ui.detail(format!("   {}: {e:#}", planned.step.title()));
            matches!(planned.scope, Scope::Cluster(_)).then_some(planned)
        }
    };
    steps.into_iter().zip(probes).filter_map(ours).collect()
}
