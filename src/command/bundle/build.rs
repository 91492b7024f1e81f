//! `bundle build`.

use anyhow::Result;

use crate::bundle;
use crate::command::DryRun;
use crate::context::Context;

/// It acts at once.
pub const DRY_RUN: DryRun = DryRun::Refuses;

/// Builds what is missing or outdated.
pub async fn run(cx: &Context) -> Result<()> {
    bundle::build(cx).await?;
    Ok(())
}
