//! `uninstall`: takes back what `check --fix` installed, then the bundle, state and caches.

use anyhow::{Context as _, Result};

use super::lifecycle;
use crate::bundle;
use crate::context::Context;
use crate::engine::{self, Reach};
use crate::error::Problem;
use crate::host::docker;
use crate::image::Docker;
use crate::journal::{self, Scope};

/// Runs `uninstall`.
pub async fn run(cx: &Context) -> Result<()> {
    let history = journal::read(&cx.paths.state)?;
    let standing = history.entries().filter(|e| e.stands() && e.is.scope != Scope::Host).count();
    if standing > 0 && cx.paths.profile(cx.profile_name()?).exists() {
        return Err(Problem::conflict(format!("{standing} changes of opsctl still stand in a cluster"))
            .found("Nothing was touched: without the journal they could not be taken back.")
            .next("opsctl undo --all")
            .into());
    }
    cx.ui.note("Takes back what `opsctl check --fix` put onto this machine, and removes:");
    for folder in [&cx.paths.cache, &cx.paths.state] {
        cx.ui.note(format!("  {}", folder.display()));
    }
    cx.ui.note("Snapshots of data are in there. Go's own module and build caches are yours and stay.");
    if cx.dry_run {
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    if !cx.ui.confirm("Go on?")? {
        return Err(Problem::failure("not confirmed; nothing was touched").into());
    }
    if docker::answers().await {
        let docker = Docker::new(&cx.paths);
        for (name, id) in docker.built().await? {
            docker.remove_built(&name, &id, None).await?;
        }
        if cx.paths.bundle().exists() {
            bundle::remove(cx).await?;
        }
    }
    let reverse = engine::reverse(cx, &Reach::Host, &[]).await?;
    if !reverse.list.is_empty() {
        engine::carry_out(cx, reverse).await?;
    }
    for folder in [&cx.paths.cache, &cx.paths.state] {
        match std::fs::remove_dir_all(folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("could not remove {}", folder.display()));
            }
            _ => {}
        }
    }
    lifecycle::farewell(cx);
    Ok(())
}
