//! An import that dies: whatever comes next, its data ends as it should, and its undo leaves what was there before.
//!
//! The redis is one of this machine behind the stand-ins of `rescue`.

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;

use opsctl::engine::{Place, Plan};
use opsctl::journal;
use opsctl::redis::digest::digest;
use opsctl::redis::reader::Reading;
use opsctl::step::dataset::Dataset;
use opsctl::step::import::Import;

use crate::rescue::{Deed, Scene};
use crate::world::World;

/// The import of a file in the state folder, into the redis of the scene.
pub fn plan(w: &World) -> Plan {
    let data = Dataset::new(&w.ns, "redis", w.port);
    let import = Import::new(&[w.state.join("import.txt")], Reading::default(), data, false);
    Plan { part: "data".into(), place: Place::Cluster, waves: vec![vec![import.into()]], proof: None }
}

/// Some chunks: keys that are there and keys that are not, some of them in each chunk, and one that goes.
pub fn text() -> String {
    let filler = "x".repeat(300_000);
    (0..12).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "SET k:{n} imported\nINCR k:{}\nRPUSH list {n}\nSET new:{n} {n}", 100 + n % 3);
        let _ = writeln!(text, "INCR count\nDEL k:{}\nSET filler {filler}", 200 + n);
        text
    })
}

pub async fn data(scene: &Scene) -> String {
    digest(&scene.master(), |_, _| {}).await.unwrap().digest
}

/// Whether the import is cut short, and has come to the data.
fn waits(scene: &Scene) -> bool {
    let entries = journal::read(&scene.w.state).unwrap();
    entries.entries().any(|e| e.is.key.starts_with("redis/import") && e.pending() && e.is_noted())
}

/// What comes after a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Resume,
    Undo,
    /// It is taken down with its data, which comes back.
    Down,
}

async fn killed_at_every_record(name: &str, port: u16, then: Then) {
    let scene = Scene::new(name, port).await;
    std::fs::write(scene.w.state.join("import.txt"), text()).unwrap();
    let before = data(&scene).await;
    scene.well(Deed::Import).await;
    let imported = data(&scene).await;
    scene.well(Deed::Undo).await;
    assert_eq!(data(&scene).await, before);
    assert_ne!(imported, before);
    let mut waited = 0;
    for n in 1.. {
        let when = format!("killed at record {n}, then {then:?}");
        let (status, said) = scene.child(Deed::Import, Some(n)).await;
        let died = status.signal().is_some();
        assert!(died || status.success(), "{when}: {said}");
        let cut_short = waits(&scene);
        waited += u64::from(cut_short);
        if then == Then::Down && died {
            scene.well(Deed::Down).await;
            scene.is_served().await;
            scene.well(Deed::Undo).await;
            scene.wait_until_it_runs();
        }
        if died && (then != Then::Undo || !cut_short) {
            scene.well(Deed::Import).await;
        }
        if then != Then::Undo || !cut_short {
            assert_eq!(data(&scene).await, imported, "{when}");
        }
        scene.well(Deed::Undo).await;
        assert_eq!(data(&scene).await, before, "{when}");
        assert_eq!(scene.asked::<u64>(&["EXISTS", "opsctl:imports"]), 0, "{when}");
        if !died {
            // It was noted that it begins, what it keeps, and what of that is saved.
            assert!(waited >= 2, "{waited}");
            break;
        }
    }
    scene.end().await;
}

#[tokio::test]
async fn killed_at_every_record_an_import_is_resumed_and_undone() {
    killed_at_every_record("importresume", 30190, Then::Resume).await;
}

#[tokio::test]
async fn killed_at_every_record_an_import_is_undone() {
    killed_at_every_record("importundo", 30192, Then::Undo).await;
}

#[tokio::test]
async fn killed_at_every_record_an_import_goes_with_its_data_and_is_resumed_when_that_is_back() {
    killed_at_every_record("importdown", 30194, Then::Down).await;
}
