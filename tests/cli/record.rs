//! The journal and its lock as a person meets them: damage, a full disk, somebody else at work.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use opsctl::journal::Journal;

use crate::sandbox::Sandbox;
use crate::world::{DOCKER_RUNS, with_a_clean, with_a_cluster, with_an_undo_cut_short, with_snapshots};

/// All files and folders below a folder, with what is in them.
fn all_of(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(all_of(&path));
        }
        all.insert(path.clone(), std::fs::read(&path).ok());
    }
    all
}

/// A journal with lines of a cluster that is gone by now, and a last one that a crash has torn.
fn with_a_torn_journal(sandbox: &Sandbox) {
    with_a_clean(sandbox);
    with_a_cluster(sandbox, "gone");
    let file = sandbox.state().join("journal.jsonl");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"v\":2,\"t\":\"2026-");
    std::fs::write(&file, bytes).unwrap();
    std::fs::remove_file(sandbox.state().join("lock")).unwrap();
}

#[test]
fn a_dry_run_writes_nothing_at_all_and_a_question_leaves_the_journal_as_it_is() {
    let fresh = || Sandbox::new().tool("docker", DOCKER_RUNS).tool("minikube", "echo v1.38.1");
    let recorded = fresh().file("data.txt", "SET a 1\n");
    with_a_torn_journal(&recorded);
    with_snapshots(&recorded, 7);
    for sandbox in [fresh().file("data.txt", "SET a 1\n"), recorded] {
        let before = all_of(&sandbox.home());
        for args in [
            &["undo"][..],
            &["undo", "--all"],
            &["down"],
            &["up"],
            &["minikube", "up"],
            &["minikube", "down"],
            &["redis", "up"],
            &["redis", "down"],
            &["redis", "import", "data.txt"],
            &["redis", "clean"],
            &["snapshots", "restore", "redis-7.rdb"],
            &["web", "up"],
            &["web", "scale", "2"],
            &["timestamps", "down"],
            &["election", "drill"],
            &["check", "--fix"],
            &["uninstall"],
        ] {
            let ran = sandbox.opsctl(&[args, &["--dry-run"]].concat());
            assert_eq!(all_of(&sandbox.home()), before, "{args:?} --dry-run wrote something: {}", ran.stderr);
        }
        let journal = sandbox.state().join("journal.jsonl");
        for args in [&["undo"][..], &["undo", "--all"], &["down"], &["minikube", "down"]] {
            let _ = sandbox.opsctl(args);
            assert_eq!(std::fs::read(&journal).ok().as_ref(), before.get(&journal).and_then(Option::as_ref));
        }
    }
}

#[test]
fn whoever_changes_something_is_refused_while_another_does() {
    let sandbox = Sandbox::new();
    let held = Journal::open(&sandbox.state(), "opsctl up --nodes 3", None).unwrap();
    with_snapshots(&sandbox, 7);
    for args in [
        &["election", "drill", "--yes"][..],
        &["election", "drill", "--restore"],
        &["redis", "verify", "--disruptive", "--yes"],
        &["info-cron", "run"],
        &["timestamps", "rotate"],
        &["snapshots", "prune"],
        &["history", "--repair"],
    ] {
        let _ = sandbox.opsctl(args).ends(5).guides("`opsctl up --nodes 3`");
    }
    assert!(sandbox.state().join("snapshots/redis-1.rdb").exists());
    drop(held);
    let _ = sandbox.opsctl(&["snapshots", "prune"]).ends(0);
    assert!(!sandbox.state().join("snapshots/redis-1.rdb").exists());
}

#[test]
fn nobody_else_reads_the_state_or_holds_its_lock() {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let sandbox = Sandbox::new();
    // As an earlier opsctl left it.
    with_a_clean(&sandbox);
    let state = sandbox.state();
    for (path, open) in
        [(state.clone(), 0o755), (state.join("lock"), 0o644), (state.join("journal.jsonl"), 0o644)]
    {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(open)).unwrap();
    }
    with_a_clean(&sandbox);
    assert_eq!(
        [&state, &state.join("lock"), &state.join("journal.jsonl")].map(|p| mode(p)),
        [0o700, 0o600, 0o600]
    );
    let new = Sandbox::new();
    with_a_clean(&new);
    let state = new.state();
    assert_eq!(
        [&state, &state.join("lock"), &state.join("journal.jsonl")].map(|p| mode(p)),
        [0o700, 0o600, 0o600]
    );
}

#[test]
fn history_shows_what_was_run() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let table = sandbox.opsctl(&["history"]).ends(0).stdout;
    let rows: Vec<_> = table.lines().collect();
    assert_eq!(rows.len(), 2, "{table}");
    assert!(rows[0].starts_with("RUN  WHEN") && rows[1].contains("opsctl redis clean"), "{table}");
    assert!(rows[1].contains("ok"), "{table}");
    assert_eq!(sandbox.opsctl(&["history", "-o", "name"]).ends(0).stdout, "1\n");
}

#[test]
fn a_damaged_journal_is_a_conflict_until_it_is_repaired() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let file = sandbox.state().join("journal.jsonl");
    let sound = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{sound}{{\"v\":2,\"t\":\"now\"\n")).unwrap();
    let line = sound.lines().count() + 1;
    for args in [&["history"][..], &["undo"], &["undo", "--all"], &["uninstall", "--yes"]] {
        let ran = sandbox.opsctl(args).ends(5).guides("opsctl history --repair");
        assert!(ran.stderr.contains(&format!("journal.jsonl:{line}")), "{}", ran.stderr);
    }
    let ran = sandbox.opsctl(&["history", "--repair"]).ends(0);
    assert!(ran.stderr.contains("kept as"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), sound, "sound lines were lost");
    let kept = std::fs::read_dir(sandbox.state()).unwrap().flatten();
    let kept = kept.filter(|e| e.file_name().to_string_lossy().starts_with("journal.damaged-")).count();
    assert_eq!(kept, 1);
    assert!(sandbox.opsctl(&["history"]).ends(0).stdout.contains("opsctl redis clean"));
    let again = sandbox.opsctl(&["history", "--repair"]).ends(0);
    assert!(again.stderr.contains("intact"), "{}", again.stderr);
}

#[test]
fn a_journal_of_a_newer_opsctl_is_left_alone() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let file = sandbox.state().join("journal.jsonl");
    let newer = std::fs::read_to_string(&file).unwrap().replace("\"v\":2", "\"v\":99");
    std::fs::write(&file, &newer).unwrap();
    for args in [&["undo"][..], &["down", "--yes"], &["minikube", "down", "--yes"], &["history", "--repair"]]
    {
        let ran = sandbox.opsctl(args).ends(5).guides("the newer opsctl");
        assert!(ran.stderr.contains("Nothing was touched"), "{}", ran.stderr);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), newer, "{args:?}");
    }
}

#[test]
fn down_goes_by_a_damaged_journals_sound_lines_and_leaves_it_until_it_is_carried_out() {
    let sandbox = Sandbox::new();
    with_a_cluster(&sandbox, "gone");
    let file = sandbox.state().join("journal.jsonl");
    let damaged = format!("{}{{}}\n", std::fs::read_to_string(&file).unwrap());
    std::fs::write(&file, &damaged).unwrap();
    let aside = || {
        let files = std::fs::read_dir(sandbox.state()).unwrap().flatten().map(|e| e.path());
        files.filter(|p| p.to_string_lossy().contains("journal.damaged-")).collect::<Vec<_>>()
    };
    let shown = sandbox.opsctl(&["down", "--dry-run"]).ends(0);
    assert_eq!(shown.stdout, "- minikube    minikube profile minikube\n");
    for said in ["journal.jsonl:5", "Nothing was touched"] {
        assert!(shown.stderr.contains(said), "{}", shown.stderr);
    }
    let _ = sandbox.opsctl(&["down"]).ends(2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    assert_eq!(aside(), Vec::<PathBuf>::new());
    let _ = sandbox.opsctl(&["down", "--yes"]).ends(0);
    let kept: Vec<_> = aside().iter().map(|p| std::fs::read_to_string(p).unwrap()).collect();
    assert_eq!(kept, [damaged]);
    let history = sandbox.opsctl(&["history"]).ends(0).stdout;
    assert!(history.contains("opsctl minikube up") && history.contains("opsctl down --yes"), "{history}");
}

#[test]
fn a_held_lock_names_its_holder() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let held = Journal::open(&sandbox.state(), "opsctl up --nodes 3", None).unwrap();
    let ran = sandbox.opsctl(&["undo", "--yes"]).ends(5).guides("opsctl up --nodes 3");
    assert!(ran.stderr.contains(&std::process::id().to_string()), "{}", ran.stderr);
    // Reports need no lock.
    let _ = sandbox.opsctl(&["history"]).ends(0);
    drop(held);
    let free = sandbox.opsctl(&["undo", "--dry-run"]).ends(0);
    assert!(free.stderr.contains("Restores"), "{}", free.stderr);
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named() {
    let sandbox = Sandbox::new().file(".local/state", "a file where the folder should be");
    let ran = sandbox.opsctl(&["undo"]).ends(1).guides(".local/state/opsctl");
    assert!(ran.stderr.contains("Nothing was touched"), "{}", ran.stderr);
}

#[test]
fn a_full_disk_is_told_before_anything_is_touched() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    // A limit of 0 on the size of files: each write fails, as on a disk without room.
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {} undo --yes", env!("CARGO_BIN_EXE_opsctl"));
    let before = std::fs::read(sandbox.state().join("journal.jsonl")).unwrap();
    let ran = sandbox.run("/bin/bash", &["-c", &script]).ends(1).guides("next: df -h");
    assert!(ran.stderr.contains("Nothing was touched"), "{}", ran.stderr);
    assert_eq!(std::fs::read(sandbox.state().join("journal.jsonl")).unwrap(), before);
}

#[test]
fn an_undo_of_a_clean_brings_data_back() {
    let sandbox = Sandbox::new();
    with_a_clean(&sandbox);
    let ran = sandbox.opsctl(&["undo", "--dry-run"]).ends(0);
    assert!(ran.stderr.contains("Run 1: opsctl redis clean"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("Removes"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "+ data        all redis data\n");
}

#[test]
fn what_was_cut_short_with_data_in_it_is_told_by_status_with_the_command_that_goes_on() {
    let sandbox = Sandbox::new().profile("minikube", &["192.0.2.2"]);
    let running = with_an_undo_cut_short(&sandbox, "/a.txt");
    let told = |sandbox: &Sandbox| {
        let table = sandbox.opsctl(&["status"]).ends(1);
        let json = sandbox.opsctl(&["status", "-o", "json"]).ends(1).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        (table, json["cut_short"].clone())
    };
    let (table, json) = told(&sandbox);
    assert!(
        !table.stdout.contains("cut short") && json == serde_json::json!([]),
        "it is under way: {table:?}"
    );
    drop(running);
    // As a kill leaves it: the lock's file still names who held it.
    std::fs::write(
        sandbox.state().join("lock"),
        r#"{"pid":4000000,"command":"opsctl undo","since":"2026-11-26T10:00:00Z"}"#,
    )
    .unwrap();
    let (table, json) = told(&sandbox);
    assert!(table.stdout.contains("undo of the import of /a.txt was cut short"), "{table:?}");
    assert!(table.stderr.contains("Next: opsctl undo"), "{table:?}");
    assert_eq!(
        json,
        serde_json::json!([{"part": "data", "what": "undo of the import of /a.txt", "next": "opsctl undo"}])
    );
}
