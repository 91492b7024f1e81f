//! `bundle status`.

use anyhow::Result;

use crate::bundle::{self, Piece};
use crate::command::lifecycle::plural;
use crate::context::Context;
use crate::error::opsctl;
use crate::ui::bytes;

/// Days after which packages are called old: Debian's fixes come about weekly.
const FRESH: u64 = 30;

/// Shows the pieces.
pub async fn run(cx: &Context) -> Result<()> {
    let pieces = bundle::status(cx).await?;
    let row = |p: &Piece| {
        let state = format!("{:?}", p.state).to_lowercase();
        let age = p.days.map(|days| plural(days, "day")).unwrap_or_default();
        vec![p.name.clone(), p.version.clone(), state, p.bytes.map(bytes).unwrap_or_default(), age]
    };
    cx.ui.list(&pieces, &["PIECE", "VERSION", "STATE", "SIZE", "AGE"], row, |p| p.name.clone())?;
    if let Some(days) = stale(&pieces) {
        cx.ui.note(format!(
            "The Debian packages in the nodes' image are {days} days old, security fixes included."
        ));
        cx.ui.next(opsctl("bundle remove").then(opsctl("bundle build")), None);
    }
    Ok(())
}

/// The age of the oldest piece that holds packages of Debian's, if that is much.
fn stale(pieces: &[Piece]) -> Option<u64> {
    pieces.iter().filter(|piece| piece.ages).filter_map(|piece| piece.days).max().filter(|days| *days > FRESH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::State;

    #[test]
    fn only_what_holds_packages_of_debians_ages() {
        let piece = |ages, days| Piece {
            name: "p".into(),
            version: "1".into(),
            state: State::Present,
            bytes: None,
            path: String::new(),
            days: Some(days),
            ages,
            seconds: 1,
        };
        assert_eq!(stale(&[piece(false, 400), piece(true, FRESH)]), None);
        assert_eq!(stale(&[piece(false, 400), piece(true, 31), piece(true, 45)]), Some(45));
    }
}
