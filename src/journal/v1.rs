//! Format 1, as opsctl wrote it at first: all that is known of it is here.
//!
//! Its lines name a target in words and a profile without its home, and what a step has to know before its first
//! change lies beside the journal, in a file of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::record::{EntryId, Record};
use crate::fs::remove_if_there;

/// Its number.
pub const FORMAT: u32 = 1;

/// What a line of it says in today's words.
pub fn record(mut value: Value) -> Result<Record, String> {
    match value["kind"].as_str() {
        Some("run") => value["target"] = target(value["target"].as_str().unwrap_or_default())?,
        Some("entry" | "end") => {}
        kind => return Err(format!("format 1 has no record of the kind {}", kind.unwrap_or("\"\""))),
    }
    for path in ["/scope/profile", "/is/scope/profile"] {
        if let Some(profile) = value.pointer_mut(path) {
            *profile = json!({"name": profile.take()});
        }
    }
    serde_json::from_value(value).map_err(|e| e.to_string())
}

/// `minikube profile "NAME"` or `context "NAME"`.
fn target(words: &str) -> Result<Value, String> {
    for (kind, lead) in [("profile", "minikube profile \""), ("context", "context \"")] {
        if let Some(name) = words.strip_prefix(lead).and_then(|rest| rest.strip_suffix('"')) {
            return Ok(if kind == "profile" { json!({kind: {"name": name}}) } else { json!({kind: name}) });
        }
    }
    Err(format!("no target: {words:?}"))
}

/// What a step noted of an entry that was begun in this format.
pub fn note(state: &Path, entry: EntryId) -> Result<Option<Value>> {
    read(&state.join("intents").join(format!("{entry}.json")))
}

/// Snapshots of rescues that were begun: the UID of the namespace whose data they are, and the file.
pub fn rescues(state: &Path) -> Result<Vec<(String, PathBuf)>> {
    let entries = match std::fs::read_dir(rescue_folder(state)) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e).context("could not read the rescues of an earlier opsctl"),
    };
    let mut rescues = Vec::new();
    for note in entries {
        let note = note?.path();
        let Some(namespace) = note.file_stem().filter(|_| note.extension().is_some_and(|e| e == "json"))
        else {
            continue;
        };
        if let Some(file) = read(&note)? {
            let file =
                PathBuf::deserialize(file).with_context(|| format!("{} is damaged", note.display()))?;
            rescues.push((namespace.to_string_lossy().into_owned(), file));
        }
    }
    Ok(rescues)
}

/// Forgets the rescue of the data in this namespace: it is restored.
pub fn end_rescue(state: &Path, namespace: &str) -> Result<()> {
    remove_if_there(&rescue_folder(state).join(format!("{namespace}.json")))
}

fn rescue_folder(state: &Path) -> PathBuf {
    state.join("rescues")
}

fn read(path: &Path) -> Result<Option<Value>> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let value = serde_json::from_slice(&bytes);
            Ok(Some(value.with_context(|| format!("{} is damaged", path.display()))?))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("could not read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::write_whole;
    use crate::journal::record::{Profile, Scope, Subject, Target, Verb};
    use crate::journal::{Journal, Recorded};

    /// A copy of a state folder that an earlier build left.
    fn state(name: &str) -> tempfile::TempDir {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal").join(name);
        let dir = tempfile::tempdir().unwrap();
        for part in [
            "journal.jsonl",
            "intents/3.0.json",
            "intents/4.0.json",
            "rescues/a53d61e4-c1d0-4d36-9ffa-544b25ebd7a3.json",
        ] {
            if let Ok(bytes) = std::fs::read(from.join(part)) {
                write_whole(&dir.path().join(part), &bytes).unwrap();
            }
        }
        dir
    }

    fn again(journal: &mut Journal, entry: &str) -> Recorded {
        journal.begin_again(&[entry.parse().unwrap()]).unwrap().remove(0)
    }

    #[test]
    fn a_target_in_words_and_a_profile_without_its_home_are_todays() {
        let run =
            |target: &str| json!({"kind": "run", "run": 1, "verb": "up", "command": "", "target": target});
        let target = |words: &str| match record(run(words)).unwrap() {
            Record::Run { target, .. } => target,
            other => panic!("{other:?}"),
        };
        let dev = Profile { name: "dev".into(), home: None };
        assert_eq!(target("minikube profile \"dev\""), Target::Profile(dev.clone()));
        assert_eq!(target("context \"prod\""), Target::Context("prod".into()));
        assert_eq!(record(run("dev")).unwrap_err(), "no target: \"dev\"");
        let mut entry = json!({"kind": "entry", "entry": "1.0", "by": 1, "phase": "begun", "is": {
            "scope": {"profile": "dev"}, "part": "", "key": "", "step": null, "before": null}});
        entry["scope"] = json!({"profile": "dev"});
        let Record::Entry { is: Some(is), scope: Some(home), .. } = record(entry).unwrap() else { panic!() };
        assert_eq!([is.scope, home], [Scope::Profile(dev.clone()), Scope::Profile(dev)]);
    }

    #[test]
    fn a_record_that_format_1_never_had_is_damage() {
        let note = json!({"kind": "note", "entry": "1.0", "by": 1, "value": 1});
        assert_eq!(record(note).unwrap_err(), "format 1 has no record of the kind note");
        assert!(record(json!({"kind": "end", "run": 1, "ok": true, "later": 1})).is_err());
    }

    #[test]
    fn what_was_noted_beside_the_journal_is_known_while_its_entry_is_pending() {
        let state = state("v1-import-cut-short");
        let kept = "/home/dev/.local/state/opsctl/snapshots/redis-20261126T092718478Z-00e607a0.rdb";
        let mut journal = Journal::open(state.path(), "opsctl redis import", None).unwrap();
        let target = Target::Context("test".into());
        journal.begin_run(Verb::Up, "opsctl redis import", target.clone(), None).unwrap();
        let [ended, cut_short] = ["3.0", "4.0"].map(|entry| again(&mut journal, entry));
        assert!(state.path().join("intents/3.0.json").exists());
        assert_eq!(journal.noted(&ended).unwrap(), None, "it ended: what lies there is of the first time");
        assert_eq!(journal.noted(&cut_short).unwrap(), Some(json!({"former": [kept]})));
        journal.note(&cut_short, json!({"former": []})).unwrap();
        drop(journal);
        let mut journal = Journal::open(state.path(), "opsctl undo", None).unwrap();
        journal.begin_run(Verb::Undo, "opsctl undo", target, Some(4)).unwrap();
        let token = journal.begin_down(&["4.0".parse().unwrap()]).unwrap().remove(0);
        assert_eq!(journal.noted(&token).unwrap(), Some(json!({"former": []})), "the newest note counts");
        journal.undone(&token, Value::Null).unwrap();
        let token = again(&mut journal, "4.0");
        assert_eq!(journal.noted(&token).unwrap(), None, "it was taken back");
    }

    #[test]
    fn a_note_beside_the_journal_says_nothing_of_an_entry_of_today() {
        let dir = tempfile::tempdir().unwrap();
        write_whole(&dir.path().join("intents/1.0.json"), b"{\"former\":[\"/ancient.rdb\"]}").unwrap();
        let mut journal = Journal::open(dir.path(), "opsctl redis import", None).unwrap();
        journal.begin_run(Verb::Up, "opsctl redis import", Target::Context("test".into()), None).unwrap();
        let (scope, step, before) = (Scope::Host, Value::Null, Value::Null);
        let subject = Subject { scope, part: "data".into(), key: "redis/import".into(), step, before };
        let token = journal.begin(vec![subject]).unwrap().remove(0);
        assert_eq!(journal.noted(&token).unwrap(), None);
    }

    #[test]
    fn a_rescue_that_was_begun_is_known_until_it_is_ended() {
        let state = state("v1-rescue-cut-short");
        let namespace = "a53d61e4-c1d0-4d36-9ffa-544b25ebd7a3".to_owned();
        let file = "/home/dev/.local/state/opsctl/snapshots/redis-20261126T092828891Z-748b34ab.rdb";
        assert_eq!(rescues(state.path()).unwrap(), [(namespace.clone(), file.into())]);
        end_rescue(state.path(), &namespace).unwrap();
        assert_eq!(rescues(state.path()).unwrap(), []);
        end_rescue(state.path(), &namespace).unwrap();
        assert_eq!(rescues(&state.path().join("none")).unwrap(), []);
    }

    #[test]
    fn a_damaged_note_is_an_error_of_its_own_entry_alone() {
        let state = state("v1-import-cut-short");
        std::fs::write(state.path().join("intents/4.0.json"), "{").unwrap();
        let mut journal = Journal::open(state.path(), "opsctl undo", None).unwrap();
        let token = journal.begin_down(&["4.0".parse().unwrap()]).unwrap().remove(0);
        assert!(journal.noted(&token).unwrap_err().to_string().contains("4.0.json is damaged"));
    }
}
