//! `bundle status`.

use anyhow::Result;

use crate::bundle;
use crate::context::Context;
use crate::ui::{bytes, table};

/// Shows the pieces.
pub async fn run(cx: &Context) -> Result<()> {
    let pieces = bundle::status(cx).await?;
    cx.ui.report(
        &pieces,
        || {
            let rows: Vec<_> = pieces
                .iter()
                .map(|p| {
                    let state = format!("{:?}", p.state).to_lowercase();
                    vec![p.name.clone(), p.version.clone(), state, p.bytes.map(bytes).unwrap_or_default()]
                })
                .collect();
            table(&["PIECE", "VERSION", "STATE", "SIZE"], &rows)
        },
        || pieces.iter().map(|p| p.name.clone()).collect(),
    )
}
