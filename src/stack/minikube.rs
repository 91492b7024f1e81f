//! The cluster itself: a two-node minikube.

use crate::cli::MinikubeUp;
use crate::engine::{Place, Plan};
use crate::step::cluster::Cluster;

/// The part's name.
pub const PART: &str = "minikube";

/// The plan: one step, the profile.
pub fn plan(profile: &str, wish: &MinikubeUp) -> Plan {
    let step = Cluster::new(profile, wish);
    Plan { part: PART, place: Place::Profile, waves: vec![vec![step.into()]], proof: None }
}
