//! `uninstall`: takes back what `check --fix` installed, then the bundle, state and caches.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::lifecycle::plural;
use crate::context::{Context, Paths};
use crate::engine::{self, Reach};
use crate::error::{Next, again, opsctl, problem, shell, sudo_opsctl};
use crate::exec::quoted;
use crate::fs::{remove_if_there, size_of};
use crate::host::{self, docker};
use crate::image::Docker;
use crate::journal::{self, History, Scope, Target};
use crate::step::{COUNTING, Taken};
use crate::ui::bytes;

/// Removes all of it, after asking.
pub async fn run(cx: &Context) -> Result<()> {
    let history = journal::read(&cx.paths.state)?;
    remains(cx, &history)?;
    let bundle = cx.paths.bundle().exists();
    let answers = docker::answers().await;
    if bundle && !answers {
        return Err(problem!(Missing, "Docker does not answer, so opsctl's images in it would remain")
            .next(opsctl("check --fix"))
            .next(again())
            .into());
    }
    let docker = Docker::new(&cx.paths);
    let built = if answers { docker.built().await? } else { Vec::new() };
    let taken = all_that_goes(cx, &history, &built).await?;
    cx.ui.note("Undoes what `opsctl check --fix` did to this machine, and removes:");
    for one in &taken {
        let size = one.size.map_or_else(String::new, |size| {
            let more = if size.whole { "" } else { "more than " };
            format!(": {more}{}", bytes(size.bytes))
        });
        cx.ui.note(format!("  {}{size}", one.what));
    }
    cx.ui.note("Go's own module and build caches stay.");
    if cx.dry_run {
        for one in &taken {
            cx.ui.event(&json!({"event": "preview", "part": "host", "would": "remove", "what": one.what,
                "bytes": one.size.map(|size| size.bytes)}));
        }
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    if taken.iter().any(|one| one.by_root) && !host::is_root() {
        return Err(problem!(Missing, "only root can remove packages, or stop the Docker daemon")
            .found("Nothing was touched.")
            .next(sudo_opsctl("uninstall"))
            .into());
    }
    cx.ui.confirm("Continue?")?;
    let reverse = engine::reverse(cx, &Reach::Host, &[]).await?;
    // Somebody may have gone on meanwhile; from here on the lock is held.
    remains(cx, reverse.history())?;
    if answers {
        for (name, id) in built {
            docker.remove_built(&name, &id, None).await?;
        }
        if bundle {
            crate::bundle::remove(cx).await?;
        }
    }
    let (_, held) = engine::carry_out_and_hold(cx, reverse).await?;
    remove_if_there(&cx.paths.cache)?;
    remove_with_lock(&cx.paths.state)?;
    drop(held);
    cx.ui.note("Removed. To remove the binary and its completions: make uninstall");
    Ok(())
}

/// Refuses while changes may remain in a cluster: without the journal they could not be undone. A cluster is known
/// to be gone by its profile, in the home of minikube's that the run named.
fn remains(cx: &Context, history: &History) -> Result<()> {
    for entry in history.entries().filter(|e| e.stands() && e.is.scope != Scope::Host) {
        let Some(target) = history.run(entry.id.run).map(|r| &r.target) else { continue };
        let (there, way) = match target {
            Target::Profile(profile) => {
                let home = profile.home.clone();
                let elsewhere =
                    home.clone().filter(|_| !profile.may_be(&journal::Profile::of(&cx.paths, &profile.name)));
                let paths =
                    Paths { minikube: home.clone().unwrap_or(cx.paths.minikube.clone()), ..cx.paths.clone() };
                if home.is_some() && !paths.profile(&profile.name).join("config.json").exists() {
                    continue;
                }
                (
                    elsewhere.map(|home| format!(", in {}", home.display())),
                    opsctl("undo --all").of(target.name()),
                )
            }
            Target::Context(name) => (None, opsctl(format!("--context {} undo --all", quoted(name)))),
        };
        let problem = problem!(InUse, "changes by opsctl remain in {target}{}", there.unwrap_or_default())
            .found("Nothing was touched: without the journal they could not be undone.")
            .next(way);
        let known = target.profile().is_some_and(|profile| profile.home.is_some());
        return Err(if known { problem } else { problem.next(by_hand(&cx.paths.state)) }.into());
    }
    Ok(())
}

/// For a cluster of which nobody can know that it is gone but the user.
fn by_hand(state: &Path) -> Next {
    let journal = journal::path(state);
    shell(format!("rm {}", quoted(&journal.to_string_lossy()))).remark("if that cluster is gone for good")
}

/// All that goes, in words, with its size.
async fn all_that_goes(cx: &Context, history: &History, built: &[(String, String)]) -> Result<Vec<Taken>> {
    let mut taken = Vec::new();
    if !built.is_empty() {
        let names: Vec<_> = built.iter().map(|(name, _)| name.as_str()).collect();
        let what = format!("images in Docker that opsctl built: {}", names.join(", "));
        taken.push(Taken { what, ..Taken::default() });
    }
    for reversal in engine::on_this_machine(history)? {
        taken.extend(reversal.takes(cx).await?);
    }
    let snapshots = std::fs::read_dir(cx.paths.snapshots()).into_iter().flatten().flatten();
    let snapshots = snapshots.filter(|e| e.path().extension().is_some_and(|e| e == "rdb")).count();
    for (folder, holds) in [
        (&cx.paths.cache, "with the bundle".to_owned()),
        (&cx.paths.state, format!("with the journal and {} of data", plural(snapshots, "snapshot"))),
    ] {
        if let Some(size) = size_of(folder, COUNTING) {
            let what = format!("{}, {holds}", folder.display());
            taken.push(Taken { what, size: Some(size), ..Taken::default() });
        }
    }
    Ok(taken)
}

/// Removes the state folder. Who waits for the lock in it, or comes just now, meets all of it or nothing.
fn remove_with_lock(state: &Path) -> Result<()> {
    let mut aside = state.as_os_str().to_owned();
    aside.push(format!(".removed-{}", std::process::id()));
    match std::fs::rename(state, &aside) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e).with_context(|| format!("could not remove {}", state.display())),
        Ok(()) => remove_if_there(Path::new(&aside)),
    }
}
