//! The cluster itself: a two-node minikube.

use anyhow::Result;

use crate::cli::MinikubeUp;
use crate::engine::{Place, Plan};
use crate::error::Problem;
use crate::minikube::Settings;
use crate::step::cluster::Cluster;

/// The part's name.
pub const PART: &str = "minikube";

/// The plan: one step, the profile.
pub fn plan(profile: &str, wish: &MinikubeUp) -> Result<Plan> {
    let extra = wish
        .rest
        .iter()
        .map(|word| {
            word.to_str().map(str::to_owned).ok_or_else(|| Problem::usage("minikube's options must be UTF-8"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let settings = Settings {
        nodes: usize::from(wish.nodes),
        cpus: wish.cpus.to_string(),
        memory: wish.memory.clone(),
        driver: wish.driver.clone(),
        extra,
    };
    let step = Cluster::new(profile, settings);
    Ok(Plan { part: PART, place: Place::Profile, waves: vec![vec![step.into()]], proof: None })
}
