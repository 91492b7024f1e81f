//! Death at every journal record: the next `up` converges, and taking all back leaves what was there before.

use std::os::unix::process::ExitStatusExt as _;

use futures::StreamExt as _;
use opsctl::engine::{self, Reach};
use opsctl::error::problems;

use crate::child::{self, Act};
use crate::world::{Dump, World, assert_same, without_identity};

/// Children at a time: what takes long is waiting for namespaces to go.
const AT_ONCE: usize = 10;

/// What stands before the death, by this process: so many runs.
async fn prepare(w: &World, runs: u32) {
    if runs >= 1 {
        w.up(1).await.unwrap();
    }
    if runs >= 2 {
        w.up(2).await.unwrap();
    }
    if runs >= 3 {
        w.scale(3).await;
        w.up(2).await.unwrap();
    }
}

/// What a whole `up` of version 2 looks like in this world.
fn renamed(dump: &Dump, from: &World, to: &World) -> Dump {
    let text = serde_json::to_string(&without_identity(dump)).unwrap();
    let text = text.replace(&from.ns, &to.ns).replace(&from.port.to_string(), &to.port.to_string());
    serde_json::from_str(&text).unwrap()
}

/// An error with all that its problems found.
fn words(error: &anyhow::Error) -> String {
    let found: Vec<_> = problems(error).flat_map(|p| p.found.clone()).collect();
    format!("{error:#}: {}", found.join("; "))
}

/// One death after `n` records; false when the run came to its end before.
async fn die(act: Act, runs: u32, label: &str, n: u16, port: u16, reference: (&World, &Dump)) -> bool {
    let w = World::new(&format!("{label}{n}"), port);
    let before = w.dump().await;
    prepare(&w, runs).await;
    let (status, said) = child::run(&w, act, Some(n.into())).await;
    let died = status.signal().is_some();
    assert!(died || status.success(), "{label} {n}: {status}: {said}");
    let when = format!("{label}, killed at record {n}");
    let again = w.up(2).await;
    assert!(again.is_ok(), "{when}: the next up: {}", words(&again.unwrap_err()));
    let up = without_identity(&w.dump().await);
    assert_same(&renamed(reference.1, reference.0, &w), &up, &format!("{when}, then up"));
    assert_eq!(w.up(2).await.unwrap().changed, 0, "{when}: up after up");
    let all = w.undo_all().await;
    assert!(all.is_ok(), "{when}: undo --all: {}", words(&all.unwrap_err()));
    assert_same(&before, &w.dump().await, &format!("{when}, then up, then undo --all"));
    let cx = w.cx();
    let left = engine::reverse(&cx, &Reach::All, &w.plan(2)).await.unwrap();
    assert!(left.list.is_empty(), "{when}: the journal has something standing");
    died
}

/// Deaths at all of a run's records, some side by side. The run after the last record comes to its end.
async fn at_every_record(act: Act, runs: u32, label: &str, first_port: u16, records: u16) {
    let model = World::new(&format!("{label}model"), first_port);
    model.up(2).await.unwrap();
    let wanted = model.dump().await;
    let reference = (&model, &wanted);
    let deaths: Vec<bool> = futures::stream::iter(1..=records + 1)
        .map(|n| die(act, runs, label, n, first_port + n, reference))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let count = deaths.iter().take_while(|died| **died).count();
    assert_eq!(
        (count, deaths.last()),
        (usize::from(records), Some(&false)),
        "{label}: the journal has another length"
    );
    model.undo_all().await.unwrap();
    println!("{label}: killed at each of {count} journal records");
}

#[tokio::test]
async fn killed_at_every_record_of_up() {
    // A run, six intentions, six results, an end.
    at_every_record(Act::Up(1), 0, "killup", 30400, 14).await;
}

#[tokio::test]
async fn killed_at_every_record_of_an_up_that_changes_something() {
    at_every_record(Act::Up(2), 1, "killchange", 30240, 4).await;
}

#[tokio::test]
async fn killed_at_every_record_of_down() {
    // Eight entries: two objects were changed once more each.
    at_every_record(Act::Down, 3, "killdown", 30280, 18).await;
}

#[tokio::test]
async fn killed_at_every_record_of_undo() {
    at_every_record(Act::Undo, 1, "killundo", 30320, 14).await;
}

#[tokio::test]
async fn killed_at_every_record_of_an_undo_that_restores_something() {
    at_every_record(Act::Undo, 3, "killrestore", 30360, 4).await;
}
