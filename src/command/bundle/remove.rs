//! `bundle remove`.

use anyhow::Result;

use crate::bundle;
use crate::context::Context;
use crate::error::{Code, Problem};

/// Removes it, after asking.
pub async fn run(cx: &Context) -> Result<()> {
    if !cx.ui.confirm("Remove the bundle? Rebuilding it takes about twelve minutes.")? {
        return Err(Problem::new(Code::NotConfirmed, "not confirmed; nothing was touched").into());
    }
    let removed = bundle::remove(cx).await?;
    cx.ui.report(&removed, String::new, Vec::new)
}
