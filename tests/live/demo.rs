//! Pages that are run as they are written: every command, and what it says beside what the page says.

use std::fmt::Write as _;

use crate::rig::Rig;

const DEMO: (&str, &str) = ("docs/demo.md", include_str!("../../docs/demo.md"));
const PEERING: (&str, &str) = ("docs/peering.md", include_str!("../../docs/peering.md"));

/// A command of the page, and the output that the page shows.
pub struct Example {
    line: usize,
    /// What to type.
    pub command: String,
    shown: Vec<String>,
}

/// The commands in the page's `console` blocks: `$ ` begins one, a backslash at its end goes on with it.
pub fn examples(page: &str) -> Vec<Example> {
    let mut all: Vec<Example> = Vec::new();
    let (mut inside, mut open) = (false, false);
    for (i, text) in page.lines().enumerate() {
        if text.starts_with("```") {
            inside = text == "```console";
            open = false;
        } else if let Some(command) = text.strip_prefix("$ ").filter(|_| inside) {
            all.push(Example { line: i + 1, command: command.to_owned(), shown: Vec::new() });
            open = command.ends_with('\\');
        } else if let Some(last) = all.last_mut().filter(|_| inside) {
            if open {
                let _ = write!(last.command, "\n{text}");
                open = text.ends_with('\\');
            } else {
                last.shown.push(text.to_owned());
            }
        }
    }
    all
}

/// Whether a line is as shown; `…` stands for whatever is there.
fn line_fits(shown: &str, said: &str) -> bool {
    let Some((head, rest)) = shown.split_once('…') else { return shown.trim_end() == said.trim_end() };
    let Some(said) = said.strip_prefix(head) else { return false };
    (0..=said.len()).filter(|at| said.is_char_boundary(*at)).any(|at| line_fits(rest, &said[at..]))
}

/// Whether an output is as shown; a line of `…` alone stands for any lines, also none.
fn fits(shown: &[String], said: &[&str]) -> bool {
    match (shown.first().map(|s| s.trim()), said.first()) {
        (None, None) => true,
        (Some("…"), _) => fits(&shown[1..], said) || (!said.is_empty() && fits(shown, &said[1..])),
        (Some(_), Some(first)) => line_fits(&shown[0], first) && fits(&shown[1..], &said[1..]),
        _ => false,
    }
}

/// kubectl complains when the server greets it before it is ready for the greeting, which is empty: of 1.34,
/// at times, with nothing lost.
fn is_greeting(line: &str) -> bool {
    line.starts_with('E')
        && line.contains(" websocket.go:")
        && line.ends_with("] Unknown stream id 1, discarding message")
}

/// Types a command of a page, after some words that prepare for it, and compares what it says.
pub fn goes(rig: &Rig, page: &str, before: &str, example: &Example) {
    // As a reader would, from the project's folder.
    let line = format!("cd '{}' && exec 2>&1\n{before}\n{}", env!("CARGO_MANIFEST_DIR"), example.command);
    let ran = rig.bash(&line).ok();
    let said: Vec<&str> =
        ran.out.lines().map(str::trim_end).filter(|l| !l.is_empty() && !is_greeting(l)).collect();
    let shown: Vec<String> = example.shown.iter().filter(|l| !l.trim().is_empty()).cloned().collect();
    assert!(
        fits(&shown, &said),
        "{page}:{}: `{}` says\n{}\n--- where the page says\n{}",
        example.line,
        example.command,
        said.join("\n"),
        shown.join("\n")
    );
}

pub fn a_page_fits_only_when_every_line_does() {
    let shown = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    assert!(fits(&shown(&["pod …  ready"]), &["pod redis-1  ready"]));
    assert!(!fits(&shown(&["pod …  ready"]), &["pod redis-1  pending"]));
    assert!(fits(&shown(&["…", "end"]), &["a", "b", "end"]) && fits(&shown(&["…", "end"]), &["end"]));
    assert!(!fits(&shown(&["…", "end"]), &["end", "more"]) && !fits(&shown(&[]), &["more"]));
    assert!(!fits(&shown(&["more"]), &[]));
    assert!(is_greeting(
        "E1121 14:49:05.508351   26791 websocket.go:296] Unknown stream id 1, discarding message"
    ));
    assert!(!is_greeting(
        "E1121 14:49:05.508351   26791 websocket.go:296] Unknown stream id 2, discarding message"
    ));
}

pub fn the_demonstration_goes_as_its_page_says(rig: &Rig, facts: &mut Vec<String>) {
    // As a run that failed leaves it.
    crate::rig::run(std::process::Command::new("docker").args(["rm", "-f", "redis-demo"]));
    let all = examples(DEMO.1);
    assert_eq!(all.len(), 10, "the page says ten commands");
    for example in &all {
        goes(rig, DEMO.0, "", example);
    }
    let objects = rig.is_as_before();
    facts.push(format!("{} commands, output as shown; {objects} objects as before", all.len()));
}

pub fn so_does_the_page_of_the_peers(rig: &Rig, facts: &mut Vec<String>) {
    // As a reader begins, with nothing of it.
    if rig.kubectl(&["get", "namespace/peering"]).code == Some(0) {
        rig.opsctl(&["peering", "down", "--yes"]).ok();
    }
    let all = examples(PEERING.1);
    assert!(all.len() > 8, "{} commands", all.len());
    let (_, all) = all.split_last().expect("commands");
    for example in all {
        goes(rig, PEERING.0, "", example);
    }
    facts.push(format!("{} commands, output as shown", all.len()));
}

/// By itself: meanwhile the garbage collector learns of the kind, for which a `down` so soon after its `up` would wait.
pub fn and_its_last_line_leaves_nothing(rig: &Rig, facts: &mut Vec<String>) {
    let all = examples(PEERING.1);
    let last = all.last().expect("commands");
    assert_eq!(last.command, "opsctl peering down --yes");
    rig.opsctl(&["peering", "up"]).ok();
    goes(rig, PEERING.0, "", last);
    let objects = rig.is_as_before();
    facts.push(format!("output as shown; {objects} objects as before"));
}
