//! The cluster itself: a two-node minikube.

use anyhow::Result;

use crate::context::Profile;
use crate::engine::{Place, Plan};
use crate::error::problem;
use crate::minikube::{Settings, Wish, memory_size};
use crate::step::cluster::Cluster;

/// The part's name.
pub const PART: &str = "minikube";

/// The plan: one step, the profile.
pub fn plan(profile: &str, wish: &Wish) -> Result<Plan> {
    let extra = wish
        .rest
        .iter()
        .map(|word| {
            word.to_str()
                .map(str::to_owned)
                .ok_or_else(|| problem!(Usage, "minikube's options must be UTF-8"))
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
    Ok(Plan { part: PART.into(), place: Place::Profile, waves: vec![vec![step.into()]], proof: None })
}

/// What is asked for and will not come, because the profile was made with something else.
pub fn unheeded(wish: &Wish, profile: &Profile) -> Vec<String> {
    let usual = Wish::default();
    let mut found = Vec::new();
    // What nobody chose is no wish; and a profile may not say.
    if wish.cpus != usual.cpus && profile.cpus != 0 && u64::from(wish.cpus) != profile.cpus {
        found.push(format!("--cpus {}: the existing nodes have {} CPUs each", wish.cpus, profile.cpus));
    }
    let wanted = memory_size(&wish.memory).map(|bytes| bytes >> 20);
    if wish.memory != usual.memory && profile.memory != 0 && wanted.is_some_and(|mib| mib != profile.memory) {
        found.push(format!("--memory {}: the existing nodes have {} MiB each", wish.memory, profile.memory));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_size_that_was_chosen_and_differs_is_unheeded() {
        let profile: Profile =
            serde_json::from_str(r#"{"Name": "p", "CPUs": 4, "Memory": 6144, "Nodes": null}"#).unwrap();
        let wish = |cpus, memory: &str| Wish { cpus, memory: memory.into(), ..Wish::default() };
        assert_eq!(unheeded(&Wish::default(), &profile), Vec::<String>::new());
        assert_eq!(unheeded(&wish(4, "6g"), &profile), Vec::<String>::new());
        assert_eq!(unheeded(&wish(4, "6144"), &profile), Vec::<String>::new());
        let said = unheeded(&wish(3, "8g"), &profile);
        assert_eq!(
            said,
            [
                "--cpus 3: the existing nodes have 4 CPUs each",
                "--memory 8g: the existing nodes have 6144 MiB each"
            ]
        );
        let silent: Profile = serde_json::from_str(r#"{"Name": "p", "Nodes": null}"#).unwrap();
        assert_eq!(unheeded(&wish(3, "8g"), &silent), Vec::<String>::new());
    }
}
