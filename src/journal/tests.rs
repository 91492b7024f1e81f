//! What the journal promises, run after run.

use std::path::Path;

use serde_json::{Value, json};

use super::*;

pub(super) fn target() -> Target {
    Target::Context("c1".into())
}

pub(super) fn subject(key: &str) -> Subject {
    Subject {
        scope: Scope::Cluster("c1".into()),
        part: "redis".into(),
        key: key.into(),
        step: json!({"object": key}),
        before: Value::Null,
    }
}

pub(super) fn up(dir: &Path, keys: &[&str]) -> u64 {
    let mut j = Journal::open(dir, "up", None).unwrap();
    j.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
    for key in keys {
        let tokens = j.begin(vec![subject(key)]).unwrap();
        j.done(&tokens[0], json!({"uid": key}), 1).unwrap();
    }
    j.end(true).unwrap();
    j.run()
}

pub(super) fn standing(dir: &Path) -> Vec<String> {
    let history = read(dir).unwrap();
    history.standing(&Scope::Cluster("c1".into())).iter().map(|e| e.is.key.clone()).collect()
}

pub(super) fn down_all(dir: &Path, verb: Verb, reverses: Option<u64>) -> u64 {
    let mut j = Journal::open(dir, "down", None).unwrap();
    let effects = if let Some(run) = reverses {
        j.history().effects(run)
    } else {
        let scope = Scope::Cluster("c1".into());
        j.history().standing(&scope).iter().rev().map(|e| (e.id, true)).collect()
    };
    j.begin_run(verb, "opsctl down", target(), reverses).unwrap();
    for (id, stands) in effects {
        if stands {
            let token = j.begin_down(&[id]).unwrap();
            j.undone(&token[0], json!("kept")).unwrap();
        } else {
            let token = j.begin_again(&[id]).unwrap();
            j.done(&token[0], json!({"uid": "again"}), 1).unwrap();
        }
    }
    j.end(true).unwrap();
    j.run()
}

#[test]
fn what_was_made_last_is_taken_back_first() {
    let dir = tempfile::tempdir().unwrap();
    let run = up(dir.path(), &["a", "b", "c"]);
    let history = read(dir.path()).unwrap();
    let order: Vec<_> = history.effects(run).into_iter().map(|(id, up)| (id.index, up)).collect();
    assert_eq!(order, [(2, true), (1, true), (0, true)]);
}

#[test]
fn undo_of_down_puts_up_again_and_the_next_undo_reverses_the_first_up() {
    let dir = tempfile::tempdir().unwrap();
    let scope = [Scope::Cluster("c1".into())];
    let first = up(dir.path(), &["a", "b"]);
    let down = down_all(dir.path(), Verb::Down, None);
    assert!(standing(dir.path()).is_empty());
    assert_eq!(read(dir.path()).unwrap().newest_effective(&scope).unwrap().run, down);
    down_all(dir.path(), Verb::Undo, Some(down));
    assert_eq!(standing(dir.path()), ["a", "b"]);
    let history = read(dir.path()).unwrap();
    assert_eq!(history.newest_effective(&scope).unwrap().run, first);
    assert_eq!(history.entries().next().unwrap().made, Some(json!({"uid": "again"})));
    down_all(dir.path(), Verb::Undo, Some(first));
    assert!(standing(dir.path()).is_empty());
    assert!(read(dir.path()).unwrap().newest_effective(&scope).is_none());
}

#[test]
fn a_change_begun_but_not_done_still_has_to_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut j = Journal::open(dir.path(), "up", None).unwrap();
    j.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
    j.begin(vec![subject("a")]).unwrap();
    drop(j);
    let history = read(dir.path()).unwrap();
    assert!(history.entries().next().unwrap().pending());
    assert_eq!(history.effects(1).len(), 1);
}

#[test]
fn what_is_noted_is_known_until_the_change_is_done_or_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let begin = |verb| {
        let mut j = Journal::open(dir.path(), "up", None).unwrap();
        j.begin_run(verb, "opsctl up", target(), None).unwrap();
        j
    };
    let mut j = begin(Verb::Up);
    let token = j.begin(vec![subject("a")]).unwrap().remove(0);
    assert_eq!(j.noted(&token).unwrap(), None);
    for note in [json!("first"), json!({"second": [null]})] {
        j.note(&token, note.clone()).unwrap();
        assert_eq!(j.noted(&token).unwrap(), Some(note));
    }
    drop(j);
    // Whichever way it goes on.
    let mut j = begin(Verb::Down);
    let token = j.begin_down(&[token.entry()]).unwrap().remove(0);
    assert_eq!(j.noted(&token).unwrap(), Some(json!({"second": [null]})));
    drop(j);
    let mut j = begin(Verb::Up);
    let token = j.begin_again(&[token.entry()]).unwrap().remove(0);
    assert_eq!(j.noted(&token).unwrap(), Some(json!({"second": [null]})));
    j.done(&token, Value::Null, 1).unwrap();
    assert_eq!(j.noted(&token).unwrap(), None);
    let token = j.begin_down(&[token.entry()]).unwrap().remove(0);
    j.note(&token, json!("down")).unwrap();
    j.undone(&token, Value::Null).unwrap();
    assert_eq!(j.noted(&token).unwrap(), None);
}

#[test]
fn what_was_made_is_known_also_where_it_is_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut j = Journal::open(dir.path(), "up", None).unwrap();
    j.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
    let tokens = j.begin(vec![subject("done"), subject("begun")]).unwrap();
    j.done(&tokens[0], Value::Null, 1).unwrap();
    let made = |h: &History| h.entries().map(|e| e.made.clone()).collect::<Vec<_>>();
    assert_eq!(made(j.history()), [Some(Value::Null), None]);
    drop(j);
    assert_eq!(made(&read(dir.path()).unwrap()), [Some(Value::Null), None]);
}

#[test]
fn an_interrupted_undo_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let first = up(dir.path(), &["a", "b"]);
    let mut j = Journal::open(dir.path(), "undo", None).unwrap();
    j.begin_run(Verb::Undo, "opsctl undo", target(), Some(first)).unwrap();
    let id = j.history().effects(first)[0].0;
    j.begin_down(&[id]).unwrap();
    drop(j);
    assert_eq!(read(dir.path()).unwrap().effects(first).len(), 2);
    down_all(dir.path(), Verb::Undo, Some(first));
    assert!(standing(dir.path()).is_empty());
}

#[test]
fn a_torn_last_line_is_tolerated_and_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a"]);
    let file = path(dir.path());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"v\":2,\"t\":\"20");
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(standing(dir.path()), ["a"]);
    up(dir.path(), &["b"]);
    assert_eq!(standing(dir.path()), ["a", "b"]);
}

#[test]
fn a_damaged_line_is_refused_with_its_place_and_repair_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a", "b"]);
    let file = path(dir.path());
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"kind\":\"end\",\"ok\":true", "\"kind\":\"end\",\"ok\":false", 1))
        .unwrap();
    let error = Journal::open(dir.path(), "up", None).unwrap_err();
    assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
    assert!(error.to_string().contains("journal.jsonl:6: its checksum"), "{error}");
    let (aside, dropped) = repair(dir.path()).unwrap().unwrap();
    assert!(aside.exists());
    assert_eq!(dropped, 1);
    assert_eq!(standing(dir.path()), ["a", "b"]);
}

#[test]
fn a_newer_format_is_refused_and_never_put_aside() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a"]);
    let file = path(dir.path());
    let text = std::fs::read_to_string(&file).unwrap().replace("\"v\":2", "\"v\":99");
    // Also of another shape than today's, and also behind a damaged line.
    for text in [text.clone(), text.replace("\"sum\"", "\"digest\""), format!("{{}}\n{text}")] {
        std::fs::write(&file, &text).unwrap();
        for error in [
            Journal::open_sound(dir.path(), "down", None).unwrap_err(),
            repair(dir.path()).unwrap_err(),
            read_sound(dir.path()).unwrap_err(),
        ] {
            assert!(error.to_string().contains("newer opsctl"), "{error}");
            assert_eq!(crate::error::class_of(&error), crate::error::Class::Conflict);
        }
        read(dir.path()).unwrap_err();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_damaged_journal_stays_as_it_is_until_a_run_begins_and_then_its_sound_lines_are_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a", "b"]);
    let file = path(dir.path());
    let text = std::fs::read_to_string(&file).unwrap();
    let damaged = text.replacen("\"key\":\"a\"", "\"key\":\"A\"", 1);
    std::fs::write(&file, &damaged).unwrap();
    let files = || std::fs::read_dir(dir.path()).unwrap().count();
    let before = files();
    let mut j = Journal::open_sound(dir.path(), "down", None).unwrap();
    assert!(j.damage().unwrap().contains("journal.jsonl:2: its checksum"), "{:?}", j.damage());
    let ids: Vec<_> = j.history().entries().map(|e| e.id).collect();
    assert_eq!(ids.len(), 1, "the entry whose first line is lost is lost with it");
    j.forget(&ids).unwrap();
    assert_eq!((std::fs::read_to_string(&file).unwrap(), files()), (damaged.clone(), before));
    j.begin_run(Verb::Down, "opsctl down", target(), None).unwrap();
    j.end(true).unwrap();
    assert_eq!(j.damage(), None);
    drop(j);
    let history = read(dir.path()).unwrap();
    assert_eq!(history.runs().map(|r| r.run).collect::<Vec<_>>(), [1, 2]);
    assert!(!history.entries().any(Entry::stands), "what was found before the run began is recorded");
    let mut aside = std::fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.path());
    let aside = aside.find(|p| p.to_string_lossy().contains("journal.damaged-")).unwrap();
    assert_eq!(std::fs::read_to_string(aside).unwrap(), damaged);
}

#[test]
fn a_run_whose_first_line_is_lost_keeps_its_number_to_itself() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a"]);
    up(dir.path(), &["b"]);
    let file = path(dir.path());
    let text = std::fs::read_to_string(&file).unwrap();
    let second = text.match_indices("\"kind\":\"run\"").nth(1).unwrap().0;
    std::fs::write(&file, format!("{}{}", &text[..second], &text[second..].replacen("run", "ruin", 1)))
        .unwrap();
    repair(dir.path()).unwrap().unwrap();
    assert_eq!(up(dir.path(), &["c"]), 3);
    assert_eq!(standing(dir.path()), ["a", "b", "c"]);
}

#[test]
fn the_loser_of_the_lock_is_told_who_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    let _held = Journal::open(dir.path(), "opsctl redis up", None).unwrap();
    let error = Journal::open(dir.path(), "opsctl undo", None).unwrap_err().to_string();
    assert!(error.contains("`opsctl redis up`"), "{error}");
    assert!(error.contains(&std::process::id().to_string()), "{error}");
}

#[test]
fn a_run_that_changes_nothing_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    Journal::open(dir.path(), "up", None).unwrap().end(true).unwrap();
    assert!(!path(dir.path()).exists());
}

#[test]
fn a_dependent_that_went_with_an_undo_no_longer_stands() {
    let dir = tempfile::tempdir().unwrap();
    let first = up(dir.path(), &["namespace"]);
    up(dir.path(), &["inside"]);
    let mut j = Journal::open(dir.path(), "undo", None).unwrap();
    j.begin_run(Verb::Undo, "opsctl undo", target(), Some(first)).unwrap();
    let all: Vec<_> = j.history().standing(&Scope::Cluster("c1".into())).iter().rev().map(|e| e.id).collect();
    for id in all {
        let token = j.begin_down(&[id]).unwrap();
        j.undone(&token[0], Value::Null).unwrap();
    }
    assert!(standing(dir.path()).is_empty());
    assert!(read(dir.path()).unwrap().newest_effective(&[Scope::Cluster("c1".into())]).is_none());
}

#[test]
fn what_went_with_its_cluster_makes_no_run_and_the_next_run_is_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let first = up(dir.path(), &["a"]);
    let mut j = Journal::open(dir.path(), "up", None).unwrap();
    let id = j.history().entries().next().unwrap().id;
    j.gone(&[id]).unwrap();
    assert!(!j.begun());
    drop(j);
    assert!(standing(dir.path()).is_empty());
    let second = up(dir.path(), &["b"]);
    assert_eq!(second, first + 1);
    let history = read(dir.path()).unwrap();
    assert_eq!(history.newest_effective(&[Scope::Cluster("c1".into())]).unwrap().run, second);
}

#[test]
fn what_was_put_back_is_not_put_back_again_by_a_later_run() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["data"]);
    let down = down_all(dir.path(), Verb::Down, None);
    let kept = |dir: &Path| read(dir).unwrap().entries().next().unwrap().kept.clone();
    assert_eq!(kept(dir.path()), Some(json!("kept")));
    down_all(dir.path(), Verb::Undo, Some(down));
    assert_eq!(kept(dir.path()), None);
}

#[test]
fn what_is_opened_is_left_as_it_is_until_a_run_begins() {
    let dir = tempfile::tempdir().unwrap();
    up(dir.path(), &["a"]);
    let file = path(dir.path());
    let whole = std::fs::read(&file).unwrap();
    let torn = [&whole[..], b"{\"v\":2,"].concat();
    std::fs::write(&file, &torn).unwrap();
    let mut j = Journal::open(dir.path(), "up", None).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), torn);
    j.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
    let after = std::fs::read(&file).unwrap();
    assert!(after.starts_with(&whole) && after.len() > whole.len());
    drop(j);
    assert_eq!(read(dir.path()).unwrap().runs().count(), 2);
}

#[test]
fn a_long_journal_is_made_shorter_only_by_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let big = "x".repeat(512 << 10);
    let mut j = Journal::open(dir.path(), "up", None).unwrap();
    j.begin_run(Verb::Up, "opsctl up", target(), None).unwrap();
    let token = j.begin(vec![subject("a")]).unwrap().remove(0);
    for _ in 0..=compact::ABOVE / (512 << 10) {
        j.note(&token, json!(big)).unwrap();
    }
    j.undone(&token, Value::Null).unwrap();
    drop(j);
    // The long entry is of the oldest run that is kept.
    for _ in 0..compact::RUNS_KEPT / 2 {
        let run = up(dir.path(), &["x"]);
        down_all(dir.path(), Verb::Undo, Some(run));
    }
    let file = path(dir.path());
    let long = std::fs::metadata(&file).unwrap().len();
    drop(Journal::open(dir.path(), "up", None).unwrap());
    assert_eq!(std::fs::metadata(&file).unwrap().len(), long);
    up(dir.path(), &["y"]);
    assert!(std::fs::metadata(&file).unwrap().len() < long);
}
