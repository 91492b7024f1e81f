//! `snapshots …`: the data kept by clean, down and import.

use anyhow::Result;

use crate::cli;
use crate::context::Context;
use crate::redis::snapshot::{self, Snapshot};
use crate::step::dataset::{KEPT, KEPT_BYTES};
use crate::ui::{bytes, table};

/// Runs the verb.
pub fn run(cx: &Context, verb: cli::Snapshots) -> Result<()> {
    let folder = cx.paths.snapshots();
    match verb {
        cli::Snapshots::List => {
            let listing = snapshot::list(&folder)?;
            for (path, why) in &listing.damaged {
                cx.ui.warn(format!("{}: {why}", path.display()));
            }
            if listing.snapshots.is_empty() {
                cx.ui.note(format!("No snapshots in {}", folder.display()));
            } else {
                cx.ui.note(format!("In {}:", folder.display()));
            }
            cx.ui.report(
                &listing.snapshots,
                || {
                    let rows: Vec<_> = listing
                        .snapshots
                        .iter()
                        .map(|s| {
                            vec![
                                s.meta.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                                s.meta.origin.reason.clone(),
                                s.meta.holds.keys.to_string(),
                                bytes(s.meta.holds.bytes),
                                s.path.file_name().unwrap_or_default().display().to_string(),
                            ]
                        })
                        .collect();
                    if rows.is_empty() {
                        String::new()
                    } else {
                        table(&["WHEN", "WHY", "KEYS", "SIZE", "FILE"], &rows)
                    }
                },
                || names(&listing.snapshots),
            )
        }
        cli::Snapshots::Prune => {
            let removed = snapshot::prune(&folder, KEPT, KEPT_BYTES, &[])?;
            for s in &removed {
                cx.ui.note(format!("removed {}", s.path.display()));
            }
            cx.ui.note(format!(
                "{} removed; the {KEPT} newest stay, {} at most",
                removed.len(),
                bytes(KEPT_BYTES)
            ));
            cx.ui.report(&removed, String::new, || names(&removed))
        }
    }
}

fn names(snapshots: &[Snapshot]) -> Vec<String> {
    snapshots.iter().map(|s| s.path.display().to_string()).collect()
}
