//! `uninstall`: takes back what `check --fix` installed, then the bundle, state and caches.

use anyhow::Result;

use crate::context::{Context, Paths};
use crate::engine::{self, Reach};
use crate::error::{again, opsctl, problem};
use crate::fs::remove_if_there;
use crate::host::docker;
use crate::image::Docker;
use crate::journal::{self, Scope};

/// Removes all of it, after asking.
pub async fn run(cx: &Context) -> Result<()> {
    let history = journal::read(&cx.paths.state)?;
    for entry in history.entries().filter(|e| e.stands() && e.is.scope != Scope::Host) {
        let Some(target) = history.run(entry.id.run).map(|r| &r.target) else { continue };
        let here = target.profile().is_none_or(|p| p.may_be(&journal::Profile::of(&cx.paths, &p.name)));
        let home = target.profile().filter(|_| !here).and_then(|p| p.home.clone());
        let paths = Paths { minikube: home.unwrap_or(cx.paths.minikube.clone()), ..cx.paths.clone() };
        if paths.profile(target.name()).join("config.json").exists() {
            let elsewhere = if here { String::new() } else { format!(", in {}", paths.minikube.display()) };
            return Err(problem!(InUse, "changes by opsctl remain in {target}{elsewhere}")
                .found("Nothing was touched: without the journal they could not be undone.")
                .next(opsctl("undo --all").of(target.name()))
                .into());
        }
    }
    let bundle = cx.paths.bundle().exists();
    if bundle && !docker::answers().await {
        return Err(problem!(Missing, "Docker does not answer, so opsctl's images in it would remain")
            .next(opsctl("check --fix"))
            .next(again())
            .into());
    }
    cx.ui.note("Undoes what `opsctl check --fix` did to this machine, and removes:");
    for folder in [&cx.paths.cache, &cx.paths.state] {
        cx.ui.note(format!("  {}", folder.display()));
    }
    cx.ui.note("This includes snapshots of data. Go's own module and build caches stay.");
    if cx.dry_run {
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    cx.ui.confirm("Continue?")?;
    if docker::answers().await {
        let docker = Docker::new(&cx.paths);
        for (name, id) in docker.built().await? {
            docker.remove_built(&name, &id, None).await?;
        }
        if bundle {
            crate::bundle::remove(cx).await?;
        }
    }
    let reverse = engine::reverse(cx, &Reach::Host, &[]).await?;
    if !reverse.list.is_empty() {
        engine::carry_out(cx, reverse).await?;
    }
    for folder in [&cx.paths.cache, &cx.paths.state] {
        remove_if_there(folder)?;
    }
    cx.ui.note("Removed. To remove the binary and its completions: make uninstall");
    Ok(())
}
