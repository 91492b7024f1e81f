//! `redis clean`: deletes all data.

use anyhow::Result;
use serde_json::json;

use crate::command::lifecycle::{self, plural};
use crate::context::Context;
use crate::engine;
use crate::error::opsctl;
use crate::redis;
use crate::stack;
use crate::stack::redis::status;
use crate::step::clean::Clean;
use crate::ui::human;

/// Shows what goes, asks, keeps a snapshot, deletes, proves zero.
pub async fn run(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    let (master, _) = status::endpoints(cx)?;
    status::one_address(cx).await?;
    let held = redis::keys::summary(&master).await?;
    if held.keys == 0 {
        cx.ui.note(format!("Nothing to do: {master} holds no key."));
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0}));
        return Ok(());
    }
    let types: Vec<_> = held.types.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    cx.ui.prose(&format!("Deletes {} at {master}: {}", plural(held.keys, "key"), types.join(", ")));
    cx.ui.note(format!("A snapshot is saved first in {}", cx.paths.snapshots().display()));
    if cx.dry_run {
        cx.ui.event(&json!({"event": "preview", "would": "remove", "part": stack::data::PART,
            "title": "all redis data", "keys": held.keys, "types": held.types}));
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0, "dry_run": true}));
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    cx.ui.confirm(&format!("Delete all data ({})?", plural(held.keys, "key")))?;
    let step = Clean::new(stack::redis::data(cx), cx.ports.get(stack::redis::REPLICA_SERVICE));
    let summary = engine::up(cx, &[stack::data::one(step.into())]).await?;
    cx.ui.note(format!("All data deleted in {}", human(summary.took)));
    cx.ui.next(opsctl("redis import"), Some(opsctl("undo")));
    Ok(())
}
