//! The commands: a verb's file has its flags, what it does under `--dry-run`, and what it does in terms of
//! stacks, engine and reports.

pub mod bundle;
pub mod check;
pub mod completions;
pub mod dev_vars;
pub mod down;
pub mod election;
pub mod hint;
pub mod history;
pub mod info_cron;
pub mod lifecycle;
pub mod minikube;
pub mod peering;
pub mod redis;
pub mod snapshots;
pub mod stack;
pub mod status;
pub mod timestamps;
pub mod undo;
pub mod uninstall;
pub mod up;
pub mod web;

use std::process::{ExitCode, Termination};
use std::time::Duration;

use anyhow::Result;
use futures::future::LocalBoxFuture;

/// What a command does under `--dry-run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// The same as without: it changes nothing.
    Reads,
    /// It shows what it would do.
    Shows,
    /// It acts at once and cannot show that before: it refuses.
    Refuses,
}

/// A verb that was typed: what it does under `--dry-run`, and its work, which has not begun.
pub struct Verb<'a> {
    /// What it does under `--dry-run`.
    pub dry_run: DryRun,
    /// The rest, with the exit code of what it found.
    pub work: LocalBoxFuture<'a, Result<ExitCode>>,
}

impl DryRun {
    /// The verb that does this work, and that under `--dry-run`.
    pub fn verb<'a, T: Termination>(self, work: impl Future<Output = Result<T>> + 'a) -> Verb<'a> {
        Verb { dry_run: self, work: Box::pin(async { Ok(work.await?.report()) }) }
    }
}

/// Examples stand before the options: most people read no further.
pub const EXAMPLES_FIRST: &str = "\
{about-with-newline}
{usage-heading} {usage}

{before-help}{all-args}{after-help}";

/// A time such as `90s`, `5m`, `1h` or a number of seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("use a number with s, m or h, such as 90s or 5m".into()),
    };
    match number.parse::<u32>() {
        Ok(n) if n > 0 => Ok(Duration::from_secs(u64::from(n) * factor)),
        _ => Err("use a number with s, m or h, such as 90s or 5m".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for bad in ["", "0s", "5x", "m", "-1s", "99999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
