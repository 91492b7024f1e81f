//! `peering status --watch`: each change of what the peers say, as it happens.

use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::{status, table};
use crate::context::Context;
use crate::error::said;
use crate::peering::report::State;
use crate::stack::peering::status::{Report, Said, live, not_up, report};
use crate::ui::Format;

/// How often all are asked.
const EVERY: Duration = Duration::from_millis(500);
/// So many changes stand below the table.
const CHANGES: usize = 200;

/// Shows each change until Ctrl-C, or until nobody reads any more.
pub async fn run(cx: &Context) -> Result<ExitCode> {
    if live(&cx.client().await?).await?.is_none() {
        return Err(not_up().into());
    }
    let mut screen = (cx.ui.format() == Format::Table).then(|| cx.ui.screen()).flatten();
    let (mut before, mut changes) = (BTreeMap::new(), VecDeque::new());
    while !cx.ui.nobody_reads() {
        let report = report(cx).await;
        let now = match &report {
            Ok(report) => words(report),
            // Those that were there may be there still: nobody knows.
            Err(error) => {
                let mut now = before.clone();
                now.insert("=".to_owned(), format!("cannot be asked: {}", said(error)));
                now
            }
        };
        for (who, what) in changed(&before, &now) {
            if cx.ui.format() == Format::Json {
                cx.ui.event(&json!({"at": jiff::Timestamp::now(), "who": who, "what": what}));
                continue;
            }
            let line = format!("{}  {who}  {what}", jiff::Zoned::now().strftime("%H:%M:%S%.3f"));
            if screen.is_none() {
                cx.ui.data(line);
            } else {
                changes.push_back(line);
            }
        }
        while changes.len() > CHANGES {
            changes.pop_front();
        }
        before = now;
        if let (Some(screen), Ok(report)) = (&mut screen, &report) {
            let mut lines: Vec<String> = table::table(&report.peers).lines().map(str::to_owned).collect();
            lines.push(String::new());
            let room = screen.rows().saturating_sub(lines.len() + 2).max(3);
            lines.extend(changes.iter().skip(changes.len().saturating_sub(room)).cloned());
            lines.push("Ctrl-C ends".into());
            screen.draw(&lines);
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(ExitCode::SUCCESS)
}

/// What each peer says, and what follows from all, in a few words each.
fn words(report: &Report) -> BTreeMap<String, String> {
    let mut all: BTreeMap<_, _> =
        report.peers.iter().map(|said| (said.place.pod.clone(), of_one(said))).collect();
    let verdict = status::verdict(report);
    all.insert("=".into(), verdict.lines().map(str::trim).take(2).collect::<Vec<_>>().join(": "));
    all
}

fn of_one(said: &Said) -> String {
    let Some(report) = &said.report else {
        let why = said.error.as_deref().unwrap_or_default();
        return format!("does not answer: {why}");
    };
    if said.place.ending {
        return "is ending".into();
    }
    let good = report.peers.iter().filter(|seen| matches!(seen.state, State::Up | State::Me)).count();
    let uses = report.generation.map_or_else(|| "no configuration".into(), |g| format!("generation {g}"));
    format!("{uses}, has a pong of {good} of {}", report.peers.len())
}

/// What is new or different, and who is gone.
fn changed(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let new = now.iter().filter(|(who, what)| before.get(*who) != Some(*what));
    let gone = before.keys().filter(|who| !now.contains_key(*who)).map(|who| (who.clone(), "is gone".into()));
    gone.chain(new.map(|(who, what)| (who.clone(), what.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::peering::status::tests::said;

    #[test]
    fn only_what_changed_is_told_and_who_is_gone() {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let (before, now) =
            (of(&[("a", "1"), ("b", "1"), ("c", "1")]), of(&[("a", "1"), ("b", "2"), ("d", "1")]));
        let told: Vec<_> =
            changed(&before, &now).into_iter().map(|(who, what)| format!("{who} {what}")).collect();
        assert_eq!(told, ["c is gone", "b 2", "d 1"]);
        assert_eq!(
            of_one(&said(0, &[State::Me, State::Up, State::Down])),
            "generation 2, has a pong of 2 of 3"
        );
    }
}
