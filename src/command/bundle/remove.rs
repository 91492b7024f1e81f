//! `bundle remove`.

use anyhow::Result;

use crate::bundle;
use crate::context::Context;

/// Removes it, after asking.
pub async fn run(cx: &Context) -> Result<()> {
    cx.ui.confirm("Remove the bundle? Rebuilding it takes about twelve minutes.")?;
    let removed = bundle::remove(cx).await?;
    cx.ui.report(&removed, String::new, Vec::new)
}
