//! stand-in
use anyhow::Result;
use crate::context::Context;
/// u
pub async fn run(_cx: &Context) -> Result<()> { Ok(()) }
