//! An election as somebody asks for it, and as its Deployment says it.

use anyhow::Result;
use serde_json::Value;

use crate::error::{opsctl, problem};
use crate::k8s::manifest;

/// How many pods, unless told otherwise.
const REPLICAS: u16 = 5;
/// The argument of the elector that says how many replicas confirm a write.
pub(super) const CONFIRMATIONS: &str = "--confirmations=";

/// What the pods of an election run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// A redis under an elector.
    Redis,
    /// An elector alone: its page names the master.
    Web,
}

impl Sample {
    /// The Deployment's name, which is also the Lease's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Web => "web",
        }
    }

    /// The sample of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Redis, Self::Web].into_iter().find(|s| s.name() == name)
    }
}

/// What was asked for; of the rest what stands stays, else it is as usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// What the pods run.
    pub sample: Option<Sample>,
    /// How many.
    pub replicas: Option<u16>,
    /// How many replicas have a write before it counts.
    pub confirmations: Option<u16>,
}

/// An election as it is wanted, or as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What the pods run.
    pub sample: Sample,
    /// How many.
    pub replicas: u16,
    /// How many replicas have a write before it counts; so many pods may be away without a vote.
    pub confirmations: u16,
}

impl Wish {
    /// What was asked for, else what stands, else the defaults.
    pub fn of(asked: &Asked, stands: Option<Self>) -> Result<Self> {
        let sample = asked.sample.or(stands.map(|s| s.sample)).unwrap_or(Sample::Redis);
        if let Some(other) = stands.filter(|s| s.sample != sample) {
            return Err(problem!(Conflict, "the election is running the sample {}", other.sample.name())
                .found("Only one sample can run: both would write the page's endpoints.")
                .next(opsctl("election down"))
                .next(opsctl(format!("election up --sample {}", sample.name())))
                .into());
        }
        let replicas = asked.replicas.or(stands.map(|s| s.replicas)).unwrap_or(REPLICAS);
        let most = replicas.saturating_sub(1);
        let confirmations = match (asked.confirmations, stands) {
            (Some(asked), _) if asked > most => {
                return Err(problem!(
                    Usage,
                    "{asked} confirmations, but {replicas} pods have only {most} replicas of a master"
                )
                .next(opsctl(format!("election up --replicas {replicas} --confirmations {}", replicas / 2)))
                .into());
            }
            (Some(asked), _) => asked,
            // Chosen by hand before, and still possible.
            (None, Some(s)) if s.confirmations != s.replicas / 2 && s.confirmations <= most => {
                s.confirmations
            }
            // The node with fewer pods may go: on two nodes, and so on more, none of the others has more.
            _ => replicas / 2,
        };
        Ok(Self { sample, replicas, confirmations })
    }

    /// What a Deployment of ours says; none where it is no election's.
    pub fn read(deployment: &Value) -> Option<Self> {
        let sample = Sample::named(manifest::name(deployment))?;
        let replicas = deployment["spec"]["replicas"].as_u64()?;
        let containers = deployment.pointer("/spec/template/spec/containers")?.as_array()?;
        let arguments = containers.iter().filter_map(|c| c["args"].as_array()).flatten();
        let confirmations =
            arguments.filter_map(Value::as_str).find_map(|a| a.strip_prefix(CONFIRMATIONS)?.parse().ok())?;
        Some(Self { sample, replicas: u16::try_from(replicas).ok()?, confirmations })
    }

    /// What that means to who writes, in a sentence.
    pub fn promise(&self) -> String {
        match (self.sample, self.confirmations) {
            (Sample::Web, _) => "a master is found however few pods answer: there is no data to lose".into(),
            (Sample::Redis, 0) => "a write counts at once, and is lost with its pod".into(),
            (Sample::Redis, 1) => "a write counts once 1 replica has it, so any 1 pod may fail".into(),
            (Sample::Redis, k) => {
                format!("a write counts once {k} replicas have it, so any {k} pods may fail")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(replicas: Option<u16>, confirmations: Option<u16>) -> Asked {
        Asked { replicas, sample: None, confirmations }
    }

    fn stands(replicas: u16, confirmations: u16) -> Wish {
        Wish { sample: Sample::Redis, replicas, confirmations }
    }

    #[test]
    fn confirmations_follow_the_number_of_pods() {
        for (replicas, k) in [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (10, 5)] {
            let wish = Wish::of(&asked(Some(replicas), None), None).unwrap();
            assert_eq!(wish, stands(replicas, k));
        }
    }

    #[test]
    fn what_stands_is_kept_and_a_choice_by_hand_as_long_as_it_is_possible() {
        assert_eq!(Wish::of(&asked(None, None), None).unwrap(), stands(5, 2));
        assert_eq!(Wish::of(&asked(None, None), Some(stands(10, 5))).unwrap(), stands(10, 5));
        assert_eq!(Wish::of(&asked(Some(3), None), Some(stands(10, 5))).unwrap(), stands(3, 1));
        assert_eq!(Wish::of(&asked(Some(10), None), Some(stands(5, 3))).unwrap(), stands(10, 3));
        assert_eq!(Wish::of(&asked(Some(3), None), Some(stands(5, 3))).unwrap(), stands(3, 1));
    }

    #[test]
    fn more_confirmations_than_replicas_are_refused_and_so_is_the_other_sample() {
        let error = Wish::of(&asked(Some(2), Some(2)), None).unwrap_err();
        assert_eq!(crate::error::class_of(&error), crate::error::Class::Usage);
        let web = Asked { sample: Some(Sample::Web), ..asked(None, None) };
        let error = Wish::of(&web, Some(stands(5, 2))).unwrap_err();
        assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
    }
}
