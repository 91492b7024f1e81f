//! `snapshots prune`: the newest stay.

use anyhow::Result;

use super::name;
use crate::context::Context;
use crate::journal;
use crate::redis::snapshot;
use crate::step::dataset::{KEPT, KEPT_BYTES};
use crate::step::rescue;
use crate::ui::bytes;

/// Removes the others.
pub fn run(cx: &Context) -> Result<()> {
    let _lock = journal::lock(&cx.paths.state, &cx.command)?;
    let waited_for = rescue::waited_for(&journal::read_sound(&cx.paths.state)?);
    let removed = snapshot::prune(&cx.paths.snapshots(), KEPT, KEPT_BYTES, &waited_for)?;
    for s in &removed {
        cx.ui.note(format!("removed {}", s.path.display()));
    }
    cx.ui.note(format!(
        "{} removed; the {KEPT} newest are kept, at most {}",
        removed.len(),
        bytes(KEPT_BYTES)
    ));
    cx.ui.report(&removed, String::new, || removed.iter().map(name).collect())
}
