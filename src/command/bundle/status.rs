//! `bundle status`.

use anyhow::Result;

use crate::bundle::{self, Piece};
use crate::context::Context;
use crate::ui::bytes;

/// Shows the pieces.
pub async fn run(cx: &Context) -> Result<()> {
    let pieces = bundle::status(cx).await?;
    let row = |p: &Piece| {
        let state = format!("{:?}", p.state).to_lowercase();
        vec![p.name.clone(), p.version.clone(), state, p.bytes.map(bytes).unwrap_or_default()]
    };
    cx.ui.list(&pieces, &["PIECE", "VERSION", "STATE", "SIZE"], row, |p| p.name.clone())
}
