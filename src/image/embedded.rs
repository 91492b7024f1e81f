//! The images that opsctl carries the recipes of.

use anyhow::Result;

use super::Recipe;
use crate::error::Problem;

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../images/", $folder, "/", $name)) as &[u8])),*]
    };
}

/// The recipe of an image by its name, such as `opsctl/redis:8.0`.
pub fn recipe(name: &str) -> Result<Recipe> {
    match name {
        crate::stack::redis::IMAGE => Ok(Recipe::new(
            name,
            files!("redis": "Dockerfile", "collect.sh", "redis-config.awk", "redis-entrypoint", "redis-probe", "redis-volume.sh"),
        )),
        _ => Err(Problem::failure(format!("opsctl carries no recipe of the image {name}")).into()),
    }
}
