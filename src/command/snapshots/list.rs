//! `snapshots list`.

use anyhow::Result;

use super::name;
use crate::context::Context;
use crate::redis::snapshot::{self, Snapshot};
use crate::ui::bytes;

/// Shows them, and names those that are damaged.
pub fn run(cx: &Context) -> Result<()> {
    let folder = cx.paths.snapshots();
    let listing = snapshot::list(&folder)?;
    for (path, why) in &listing.damaged {
        cx.ui.warn(format!("{}: {why}", path.display()));
    }
    if listing.snapshots.is_empty() {
        cx.ui.note(format!("No snapshots in {}", folder.display()));
    } else {
        cx.ui.note(format!("In {}:", folder.display()));
    }
    let row = |s: &Snapshot| {
        vec![
            s.meta.at.strftime("%Y-%m-%d %H:%M").to_string(),
            s.meta.origin.reason.clone(),
            s.meta.holds.keys.to_string(),
            bytes(s.meta.holds.bytes),
            s.path.file_name().unwrap_or_default().display().to_string(),
        ]
    };
    cx.ui.list(&listing.snapshots, &["WHEN", "WHY", "KEYS", "SIZE", "FILE"], row, name)
}
