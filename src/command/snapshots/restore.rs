//! `snapshots restore`: puts a snapshot in the place of all data.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::candidates;
use crate::command::EXAMPLES_FIRST;
use crate::command::lifecycle::{self, plural};
use crate::context::Context;
use crate::engine;
use crate::error::{Problem, opsctl, problem};
use crate::redis::snapshot::{self, Snapshot};
use crate::redis::{self, Role};
use crate::stack;
use crate::step::Change as _;
use crate::step::restore::Restore;
use crate::ui::human;

/// The argument of `snapshots restore`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl snapshots list                        the snapshots
  opsctl snapshots restore redis-20261120T175339232Z-fa77859f.rdb
  opsctl undo                                  restores the former data")]
pub struct Args {
    /// A snapshot: its name in `snapshots list`, or its path
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath,
          add = clap_complete::ArgValueCandidates::new(candidates::snapshots))]
    pub file: PathBuf,
}

/// Shows what goes and what comes, asks, keeps what is there, puts the snapshot in its place.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    // The file first: a wrong name must be told even where no cluster answers.
    let snapshot = sound(&cx.paths.snapshots(), &args.file).await?;
    lifecycle::target_line(cx).await;
    stack::redis::status::one_address(cx).await?;
    // Said at once: the step itself would wait for a redis that nobody brings up.
    stack::redis::status::report(cx).await?;
    let data = stack::redis::data(cx);
    let addr = data.addr(cx).await?;
    let role = redis::probe(&addr).await?;
    if !matches!(role, Role::Master { .. }) {
        let words = format!("{addr} is a {}, and takes no writes; nothing was touched", role.name());
        return Err(Problem::failure(words).next(opsctl("redis status")).into());
    }
    let held = redis::keys::count(&addr).await?;
    let comes = snapshot.meta.holds.keys;
    let (at, origin) = (snapshot.meta.at.strftime("%Y-%m-%d %H:%M:%S UTC"), &snapshot.meta.origin);
    cx.ui.note(format!("Replaces {} at {addr}", plural(held, "key")));
    cx.ui.note(format!("by       {} of {}, {at} ({})", plural(comes, "key"), origin.source, origin.reason));
    if held > 0 {
        cx.ui.note(format!(
            "A snapshot of the present data is saved first in {}",
            cx.paths.snapshots().display()
        ));
    }
    let step = Restore::new(&snapshot.path, data);
    if cx.dry_run {
        cx.ui.event(&json!({"event": "preview", "would": "change", "part": stack::data::PART,
            "title": step.title(), "keys": held, "keys_then": comes}));
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0, "dry_run": true}));
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    cx.ui.confirm(&format!("Replace all data ({}) with the snapshot?", plural(held, "key")))?;
    let summary = engine::up(cx, &[stack::data::one(step.into())]).await?;
    cx.ui.note(format!("Restored in {}", human(summary.took)));
    cx.ui.next(opsctl("redis cli -- dbsize"), Some(opsctl("undo")));
    Ok(())
}

/// The snapshot of this path, or of this name in the folder; whole, and as it was taken.
async fn sound(folder: &Path, file: &Path) -> Result<Snapshot> {
    let beside = std::path::absolute(file).with_context(|| format!("could not find {}", file.display()))?;
    let path = if beside.with_extension("json").exists() { beside } else { folder.join(file) };
    if !path.exists() {
        let words =
            format!("there is no snapshot {}, neither here nor in {}", file.display(), folder.display());
        return Err(Problem::usage(words).next(opsctl("snapshots list")).into());
    }
    snapshot::sound(&path).await.map_err(|e| {
        problem!(Input, "{} is not a snapshot that can be restored", file.display())
            .next(opsctl("snapshots list"))
            .because(&e)
            .into()
    })
}
