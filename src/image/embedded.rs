//! Where each image comes from: the recipes that opsctl carries, its own executable, or Docker alone.

use anyhow::Result;

use super::{Held, Recipe, own};
use crate::error::{Problem, opsctl, problem};

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../images/", $folder, "/", $name)) as &[u8])),*]
    };
}

/// The redis that several stacks run.
pub const REDIS: &str = "opsctl/redis:8.0";

/// Where an image comes from.
#[derive(Debug)]
pub enum Source {
    /// It is built here.
    Recipe(Recipe),
    /// Only Docker can have it. Where it has not, this is the problem.
    Docker(Problem),
}

impl Source {
    /// Whether what Docker holds under the name is as wanted.
    pub fn is(&self, held: &Held) -> bool {
        match self {
            Self::Recipe(recipe) => held.recipe() == Some(recipe.hash()),
            Self::Docker(_) => true,
        }
    }
}

/// Where the image of that name comes from, such as `opsctl/redis:8.0`.
pub fn source(name: &str) -> Result<Source> {
    if !name.starts_with(&format!("{}:", own::REPOSITORY)) {
        return recipe(name).map(Source::Recipe);
    }
    Ok(match own::running() {
        Ok(recipe) if recipe.name() == name => Source::Recipe(recipe),
        // Named in the journal by another build of opsctl; this one cannot make it again.
        Ok(_) => Source::Docker(
            problem!(Image, "{name} was built by another build of opsctl")
                .found("Docker no longer has it, and this opsctl is not that build.")
                .advice("repeat the command with that build")
                .next(opsctl("election up").remark("with this one")),
        ),
        Err(unfit) => Source::Docker(unfit.downcast::<Problem>()?),
    })
}

/// The recipe of an image by its name.
pub fn recipe(name: &str) -> Result<Recipe> {
    match name {
        REDIS => Ok(Recipe::new(
            name,
            files!("redis": "Dockerfile", "collect.sh", "redis-config.awk", "redis-entrypoint", "redis-probe", "redis-volume.sh"),
        )),
        _ => Err(problem!(Image, "opsctl carries no recipe of the image {name}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opsctls_own_image_is_built_only_by_the_build_that_it_is_named_after() {
        assert!(matches!(source(&own::name()).unwrap(), Source::Recipe(_)));
        assert!(matches!(source("opsctl/opsctl:000000000000").unwrap(), Source::Docker(_)));
        assert!(matches!(source(REDIS).unwrap(), Source::Recipe(_)));
        assert!(source("nginx:1").is_err());
    }
}
