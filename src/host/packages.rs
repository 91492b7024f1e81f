//! Packages of the distribution: what is installed, installing, and removing just what was added.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::error::{Problem, problem, sudo_opsctl};
use crate::exec::Run;
use crate::ui::Row;

/// Names of all packages that are installed. Debian and its kin only.
pub async fn installed() -> Result<BTreeSet<String>> {
    let output = Run::new("dpkg-query").args(["-W", "-f", "${db:Status-Abbrev} ${Package}\n"]).ok().await?;
    Ok(output.stdout.lines().filter_map(|l| l.strip_prefix("ii  ")).map(|n| n.trim().to_owned()).collect())
}

/// Whether packages can be installed here by us: apt is there, and we are root.
pub fn possible() -> Result<(), Problem> {
    if which::which("apt-get").is_err() {
        return Err(problem!(
            Missing,
            "this system has no apt-get: opsctl installs packages on Debian and its derivatives only"
        )
        .advice("https://docs.docker.com/engine/install"));
    }
    if !super::is_root() {
        return Err(problem!(Missing, "only root can install packages").next(sudo_opsctl("check --fix")));
    }
    Ok(())
}

/// Installs packages and returns every package that is new, dependencies included.
pub async fn install(names: &[String], row: &Row) -> Result<Vec<String>> {
    possible()?;
    let before = installed().await?;
    // A fresh machine has no lists, and a stale one has old ones: a first try tells.
    let command = apt(&["install", "-y", "--no-install-recommends"]).args(names);
    if !command.any().await?.ok() {
        row.doing("apt-get update");
        apt(&["update"]).watched(|line| row.hears(line)).await?;
        command.watched(|line| row.hears(line)).await?;
    }
    let after = installed().await?;
    Ok(after.difference(&before).cloned().collect())
}

/// Removes packages with their configuration; those that are gone already are no error.
pub async fn remove(names: &[String], row: &Row) -> Result<usize> {
    let there = installed().await?;
    let names: Vec<_> = names.iter().filter(|n| there.contains(*n)).collect();
    if names.is_empty() {
        return Ok(0);
    }
    possible()?;
    apt(&["purge", "-y"]).args(&names).watched(|line| row.hears(line)).await?;
    Ok(names.len())
}

fn apt(args: &[&str]) -> Run {
    Run::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive")
}
