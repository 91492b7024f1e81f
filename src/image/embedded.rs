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
/// The web server of the stack `web`, with opsctl in it.
pub const NGINX: &str = "opsctl/nginx:0.1.0";
/// Its balancer, with opsctl in it.
pub const HAPROXY: &str = "opsctl/haproxy:0.1.0";

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
            files!("redis": "Dockerfile", "collect.sh", "redis-config.awk", "redis-effective.awk", "redis-entrypoint", "redis-probe", "redis-volume.sh"),
        )),
        NGINX => Ok(with_opsctl(name, include_str!("../../images/nginx/Dockerfile"))),
        HAPROXY => Ok(with_opsctl(name, include_str!("../../images/haproxy/Dockerfile"))),
        _ => Err(problem!(Image, "opsctl carries no recipe of the image {name}").into()),
    }
}

/// A recipe that takes opsctl from its own image: that of this build, so that another build is another recipe.
fn with_opsctl(name: &str, dockerfile: &str) -> Recipe {
    let dockerfile = dockerfile.replace(&own::released(), &own::name());
    Recipe::new(name, &[]).file("Dockerfile", dockerfile.into_bytes())
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

    #[test]
    fn an_image_with_opsctl_in_it_is_made_from_this_build_and_from_the_base_by_its_name() {
        for name in [NGINX, HAPROXY] {
            assert_eq!(recipe(name).unwrap().bases(), [own::name(), "alpine:3.10".to_owned()]);
        }
        assert_ne!(recipe(NGINX).unwrap().hash(), recipe(HAPROXY).unwrap().hash());
    }
}
