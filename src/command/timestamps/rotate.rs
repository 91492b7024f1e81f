//! `timestamps rotate`: new passwords of redis, while the API serves.

use anyhow::Result;
use serde_json::json;

use crate::command::lifecycle;
use crate::context::Context;
use crate::journal;
use crate::stack::timestamps::PART;
use crate::stack::timestamps::rotation::{Stage, rotate};

/// Rotates, and says what was done. The old passwords are gone then, so there is nothing to undo.
pub async fn run(cx: &Context) -> Result<()> {
    let _lock = journal::lock(&cx.paths.state, &cx.command)?;
    lifecycle::target_line(cx).await;
    let row = cx.ui.row(PART, "redis gets to know a new password");
    let told = |stage: Stage, who: &str| match stage {
        Stage::Both => row.doing(format!("{who} of redis knows both passwords; the API takes the new one")),
        Stage::Api => row.doing(format!("{who} of the API use the new password; redis forgets the old one")),
        Stage::New => row.doing(format!("{who} of redis knows the new password alone")),
    };
    let version = rotate(cx, told).await?;
    row.end(
        crate::ui::Mark::Done,
        format!("version {version} of the passwords; the former ones are invalid"),
    );
    cx.ui.event(&json!({"event": "end", "ok": true, "password_version": version}));
    Ok(())
}
