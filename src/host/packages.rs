//! Packages of the distribution: what is installed, installing, and removing just what was added.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::error::{Problem, again, problem, shell, sudo_opsctl};
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

/// Of these packages those that are installed.
pub async fn there(names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let there = installed().await?;
    Ok(names.iter().filter(|name| there.contains(*name)).cloned().collect())
}

/// Refuses unless purging these packages removes them and nothing else: apt takes along what depends on them, and
/// may install something in their place.
pub async fn goes_alone(names: &[String]) -> Result<()> {
    let simulated = apt(&["-s", "purge"]).args(names).ok().await?;
    let more = besides(&simulated.stdout, names);
    if more.is_empty() {
        return Ok(());
    }
    Err(problem!(InUse, "purging {} would also change: {}", names.join(" "), more.join(", "))
        .found("Nothing was touched: opsctl did not install these.")
        .next(shell(format!("apt-get -s purge {}", names.join(" "))).to("look"))
        .next(shell(format!("sudo apt-get purge {}", more.join(" "))).to("let them go").then(again()))
        .into())
}

/// What a simulation of apt's changes besides these packages: removed, purged, or installed in their place.
fn besides(simulated: &str, names: &[String]) -> Vec<String> {
    let changed = simulated.lines().filter_map(|line| {
        let (verb, rest) = line.split_once(' ')?;
        matches!(verb, "Purg" | "Remv" | "Inst").then(|| (verb, rest.split(' ').next().unwrap_or_default()))
    });
    let more = changed.filter(|(verb, name)| *verb == "Inst" || !names.iter().any(|n| n == name));
    let mut more: Vec<_> = more.map(|(_, name)| name.to_owned()).collect();
    more.sort();
    more.dedup();
    more
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
    let names = there(names).await?;
    if names.is_empty() {
        return Ok(0);
    }
    if !super::is_root() {
        return Err(problem!(Missing, "only root can remove packages").next(sudo_opsctl("uninstall")).into());
    }
    goes_alone(&names).await?;
    apt(&["purge", "-y"]).args(&names).watched(|line| row.hears(line)).await?;
    Ok(names.len())
}

fn apt(args: &[&str]) -> Run {
    Run::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_apt_would_change_besides_is_found() {
        let text = "NOTE: This is only a simulation!\nReading package lists...\n\
            The following packages will be REMOVED:\n  gcc* g++*\n\
            Inst tcc [0.9] (0.10 Debian:12)\nPurg g++ [4:12] []\nPurg libc6-dev:i386 [2] \nRemv gcc [4:12]\n";
        assert_eq!(besides(text, &["gcc".into(), "libc6-dev".into()]), ["g++", "libc6-dev:i386", "tcc"]);
        assert!(besides("Purg gcc [4:12]\n", &["gcc".into()]).is_empty());
    }
}
