//! A journal lost or damaged, a lock held or stale, a disk that is full.

use std::process::Command;

use opsctl::engine::{self, Reach};
use opsctl::error::{Class, class_of};
use opsctl::journal;

use crate::child;
use crate::world::{World, assert_same};

fn damage(w: &World) -> Vec<u8> {
    let file = journal::path(&w.state);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    bytes
}

#[tokio::test]
async fn down_works_with_the_journal_lost() {
    let w = World::new("lost", 30141);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    std::fs::remove_file(journal::path(&w.state)).unwrap();
    assert_eq!(w.undo().await.unwrap().changed, 0, "undo knows of nothing");
    assert_eq!(w.down().await.unwrap().changed, 6);
    assert_same(&before, &w.dump().await, "after down");
    w.undo().await.unwrap();
    assert_eq!(
        w.up(2).await.unwrap().changed,
        0,
        "undo of that down brings all back, as the plan has it today"
    );
    w.down().await.unwrap();
}

#[tokio::test]
async fn down_removes_what_was_only_changed_since_the_journal_was_lost() {
    let w = World::new("since", 30142);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    std::fs::remove_file(journal::path(&w.state)).unwrap();
    assert_eq!(w.up(2).await.unwrap().changed, 1);
    let (cx, plans) = (w.cx(), w.plan(2));
    let reverse = engine::reverse(&cx, &Reach::Parts(vec!["test".into()]), &plans).await.unwrap();
    let keys: Vec<_> = reverse.list.iter().map(|r| r.step.key()).collect();
    assert_eq!(keys.last(), Some(&format!("namespace/{}", w.ns)), "{keys:?}");
    // Were the namespace to stay, the object must be gone all the same.
    drop(reverse);
    w.foreign(w.scratch()).await;
    w.down().await.unwrap_err();
    assert!(!w.dump().await.contains_key(&format!("ConfigMap {}/settings", w.ns)));
    w.api("v1", "ConfigMap").await.delete("scratch", &kube::api::DeleteParams::default()).await.unwrap();
    w.down().await.unwrap();
    assert_same(&before, &w.dump().await, "after down");
}

#[tokio::test]
async fn undo_refuses_a_damaged_journal_and_down_goes_by_its_sound_lines() {
    let w = World::new("damaged", 30143);
    let before = w.dump().await;
    w.up(1).await.unwrap();
    let up = w.dump().await;
    let bytes = damage(&w);
    for result in [w.undo().await, w.undo_all().await, w.up(2).await] {
        let error = result.unwrap_err();
        assert_eq!(class_of(&error), Class::Conflict);
        assert!(error.to_string().starts_with("the journal is damaged"), "{error:#}");
    }
    assert_same(&up, &w.dump().await, "after the refusals");
    assert_eq!(w.journal(), bytes, "it is left as it was");
    let (cx, plans) = (w.cx(), w.plan(2));
    let looked = engine::reverse(&cx, &Reach::Parts(vec!["test".into()]), &plans).await.unwrap();
    drop(looked);
    assert_eq!(w.journal(), bytes, "a look leaves it as it was, too");
    w.down().await.unwrap();
    assert_same(&before, &w.dump().await, "after down");
    let history = journal::read(&w.state).unwrap();
    assert_eq!(history.runs().map(|r| r.run).collect::<Vec<_>>(), [1, 2], "what was sound is kept");
    let aside = std::fs::read_dir(&w.state).unwrap().flatten();
    let kept = aside.filter(|f| f.file_name().to_string_lossy().starts_with("journal.damaged-"));
    assert_eq!(kept.map(|f| std::fs::read(f.path()).unwrap()).collect::<Vec<_>>(), [bytes]);
}

#[tokio::test]
async fn a_second_engine_is_refused_with_the_holders_pid_and_a_killed_holder_leaves_no_lock() {
    let w = World::new("lock", 30144);
    let before = w.dump().await;
    let mut holder = child::holder(&w).await;
    let error = w.up(1).await.unwrap_err();
    assert_eq!(class_of(&error), Class::Conflict);
    assert!(error.to_string().contains(&format!("process {}", holder.id().unwrap())), "{error:#}");
    assert_same(&before, &w.dump().await, "after the refusal");
    holder.kill().await.unwrap();
    assert_eq!(w.up(1).await.unwrap().changed, 6);
    w.undo().await.unwrap();
}

/// A file system of a few pages, gone with the test.
struct Tiny(std::path::PathBuf);

impl Tiny {
    fn mount(at: &std::path::Path) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(at).status().unwrap();
        assert!(status.success(), "this test mounts a tmpfs: run it as root, or in `unshare -rm`");
        Self(at.to_owned())
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn fill(folder: &std::path::Path, leave: usize) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(folder.join("filler")).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    let size = file.metadata().unwrap().len();
    file.set_len(size.saturating_sub(leave as u64)).unwrap();
}

#[tokio::test]
async fn a_full_state_folder_is_refused_and_nothing_is_touched() {
    let w = World::new("full", 30145);
    let _tiny = Tiny::mount(&w.state);
    fill(&w.state, 0);
    let before = w.dump().await;
    let error = w.up(1).await.unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error:#}");
    assert_same(&before, &w.dump().await, "after the refusal");
}

#[tokio::test]
async fn a_state_folder_that_fills_up_stops_the_run_before_the_step_and_with_room_all_is_taken_back() {
    let w = World::new("fills", 30146);
    let _tiny = Tiny::mount(&w.state);
    // Room for the lock and the first records only.
    fill(&w.state, 8192);
    let error = w.up(1).await.unwrap_err();
    assert!(format!("{error:#}").contains("No space left"), "{error:#}");
    // A service's address is the API server's own doing.
    let ours = |name: &&String| name.contains(&w.ns) && !name.starts_with("IPAddress ");
    let made = w.dump().await.keys().filter(ours).count();
    assert!(made < 6, "the run was stopped");
    let recorded = journal::read(&w.state).unwrap().entries().count();
    assert!(made <= recorded, "{made} made, {recorded} recorded");
    std::fs::remove_file(w.state.join("filler")).unwrap();
    w.down().await.unwrap();
    assert!(w.dump().await.keys().all(|k| !k.contains(&w.ns)));
}
