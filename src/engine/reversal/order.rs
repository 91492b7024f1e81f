//! The order in which things are taken back.

use anyhow::Result;

use super::Reversal;
use super::recorded::{Draft, standing};
use crate::journal::{History, Scope};
use crate::k8s::kind;
use crate::step::{Data, Lives};

impl Draft {
    /// Brings all of it into the order in which it will be done, with what cannot stay behind.
    pub fn order(&mut self, history: &History, scopes: &[Scope]) -> Result<()> {
        dependents_first(&mut self.list, history, scopes)?;
        data_first(&mut self.list);
        namespaces_first(&mut self.list);
        Ok(())
    }
}

pub(super) fn data_of(reversal: &Reversal) -> Data {
    reversal.step.nature().data
}

/// What must be kept is kept before anything goes: where it cannot be, nothing has been touched.
pub(super) fn data_first(list: &mut [Reversal]) {
    list.sort_by_key(|r| !(r.down && data_of(r) == Data::Keeps));
}

/// Custom resources go first, while their operator runs: it may have to end them. Then what lives in namespaces,
/// the namespaces last of it; then what that depended on: volumes, definitions, images, which stay on a node while
/// a pod runs on them, folders. A later run than the one that made a workload may have brought its image. Never
/// across what has to be kept before anything else goes.
pub(super) fn namespaces_first(list: &mut [Reversal]) {
    let parted =
        |r: &Reversal| !r.removes() || data_of(r) == Data::Keeps || !matches!(r.scope, Scope::Cluster(_));
    for stretch in list.split_mut(parted) {
        stretch.sort_by_key(|r| {
            let nature = r.step.nature();
            match (nature.object(), &nature.lives) {
                (Some(kind::Rank::Custom), _) => 0,
                (Some(_), Lives::Namespace(_)) => 1,
                (Some(_), Lives::AsNamespace(_)) => 2,
                (Some(kind::Rank::Definition), _) => 4,
                // Volumes among them, bound to claims that are gone: the sooner the better.
                (Some(_), _) => 3,
                (None, _) => 5,
            }
        });
    }
}

/// `redis down` while info-cron stands: what lives in a namespace that goes, goes first.
fn dependents_first(list: &mut Vec<Reversal>, history: &History, scopes: &[Scope]) -> Result<()> {
    let namespaces: Vec<String> = list
        .iter()
        .filter(|r| r.removes())
        .filter_map(|r| match r.step.nature().lives {
            Lives::AsNamespace(ns) => Some(ns),
            _ => None,
        })
        .collect();
    let cluster_goes = list.iter().any(|r| r.down && r.step.deletes_cluster(&r.before));
    let mut dependents = Vec::new();
    for r in standing(history, scopes, None)? {
        let key = r.step.key();
        let nature = r.step.nature();
        let inside = nature.namespace().is_some_and(|ns| namespaces.iter().any(|n| n == ns));
        let inside = inside || (cluster_goes && matches!(r.scope, Scope::Cluster(_)));
        if inside
            && nature.data != Data::Content
            && !list.iter().any(|l| l.scope == r.scope && l.step.key() == key)
        {
            dependents.push(r);
        }
    }
    dependents.append(list);
    *list = dependents;
    Ok(())
}
