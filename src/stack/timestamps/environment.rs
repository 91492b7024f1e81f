//! The environments that the API runs in: each is a file of settings, and a number of pods.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{API, REDIS, find, note, recipe, variables};

/// The label of a pod that says which redis it is on.
pub(super) const ON_REDIS: &str = "opsctl.dev/redis";

/// An environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Environment {
    /// A developer's own cluster
    Development,
    /// A pipeline
    Ci,
    /// Where it counts
    Production,
    /// A developer's own cluster, on the elected redis of `opsctl election up`
    Elected,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Development, Self::Ci, Self::Production, Self::Elected];

    /// Its name, and that of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Ci => "ci",
            Self::Production => "production",
            Self::Elected => "elected",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|environment| environment.name() == name)
    }

    fn file(self) -> &'static str {
        match self {
            Self::Development => include_str!("../../../manifests/timestamps/environments/development.env"),
            Self::Ci => include_str!("../../../manifests/timestamps/environments/ci.env"),
            Self::Production => include_str!("../../../manifests/timestamps/environments/production.env"),
            Self::Elected => include_str!("../../../manifests/timestamps/environments/elected.env"),
        }
    }

    /// How many pods serve.
    fn replicas(self) -> u16 {
        if self == Self::Production { 3 } else { 2 }
    }

    /// Its settings, as its file has them.
    fn settings(self) -> Result<Vec<Value>> {
        let lines = self.file().lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pair = |line: &str| {
            let (name, value) = line.split_once('=').with_context(|| format!("{line}: no NAME=VALUE"))?;
            Ok(json!({"name": name, "value": value}))
        };
        lines.map(pair).collect()
    }

    /// Which redis its pods are on, as their label and the Service's selector name it. Two that differ hold different
    /// data, so the Service must never lead to pods of both.
    pub(super) fn redis(self) -> &'static str {
        if self == Self::Elected { "elected" } else { "own" }
    }

    /// Sets it in the manifests.
    pub fn set(self, objects: &mut [Value]) -> Result<()> {
        let secrets = recipe(objects)?;
        find(objects, "Service", API)?["spec"]["selector"][ON_REDIS] = json!(self.redis());
        let api = find(objects, "Deployment", API)?;
        api["spec"]["replicas"] = json!(self.replicas());
        api["spec"]["template"]["metadata"]["labels"][ON_REDIS] = json!(self.redis());
        *variables(api)? = Value::Array(self.settings()?);
        note(objects, API, &secrets)?;
        note(objects, REDIS, &secrets)
    }
}
