//! stand-in
use crate::context::Context;
use anyhow::Result;
/// u
pub async fn run(_cx: &Context) -> Result<()> {
    Ok(())
}
