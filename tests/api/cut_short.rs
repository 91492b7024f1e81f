//! Data whose change was cut short: nothing is built on it.

use std::path::PathBuf;

use opsctl::engine::{self, Place, Plan};
use opsctl::error::{Class, class_of, problems};
use opsctl::journal::{self, Journal, Scope, Verb};
use opsctl::redis::reader::Reading;
use opsctl::step::Step;
use opsctl::step::clean::Clean;
use opsctl::step::dataset::Dataset;
use opsctl::step::import::Import;
use serde_json::json;

use crate::world::World;

fn import(w: &World, file: &str) -> Step {
    Import::new(&[PathBuf::from(file)], Reading::default(), Dataset::new(&w.ns, "web", w.port), false).into()
}

fn data(steps: Vec<Step>) -> Plan {
    Plan { part: "data".into(), place: Place::Cluster, waves: vec![steps], proof: None }
}

/// What holds the data, and another import.
fn environment(w: &World) -> Vec<Plan> {
    w.plan(1).into_iter().chain([data(vec![import(w, "/b.txt")])]).collect()
}

/// A journal in which `/a.txt` was imported, and then something more was begun with that, which got no further;
/// `noted`: it had come to the data.
async fn cut_short(w: &World, verb: Verb, command: &str, noted: bool) {
    let _ = std::fs::remove_file(journal::path(&w.state));
    let cx = w.cx();
    let scope = Scope::Cluster(cx.cluster().await.unwrap().uid);
    let made = json!({"former": null, "commands": 1});
    w.record(&cx, scope, "data", &import(w, "/a.txt"), [json!(null), made]);
    let mut journal = Journal::open(&w.state, command, None).unwrap();
    let entry = journal.history().entries().next_back().unwrap().id;
    let reverses = (verb == Verb::Undo).then_some(1);
    journal.begin_run(verb, command, journal::Target::of(&cx), reverses).unwrap();
    let tokens = match verb {
        Verb::Up => journal.begin_again(&[entry]).unwrap(),
        Verb::Down | Verb::Undo => journal.begin_down(&[entry]).unwrap(),
    };
    if noted {
        journal.note(&tokens[0], json!({"former": ["/former.rdb"]})).unwrap();
    }
}

/// Whether the plans are refused because of that, before anything is touched; the error, and what it says to type.
async fn refused(w: &World, plans: &[Plan]) -> (bool, String, String) {
    let before = w.journal();
    let error = engine::up(&w.cx(), plans).await.unwrap_err();
    let refused = class_of(&error) == Class::Conflict;
    assert!(!refused || w.journal() == before);
    let next: Vec<_> = problems(&error).flat_map(|p| p.next.clone()).collect();
    (refused, format!("{error:#}"), format!("{next:?}"))
}

#[tokio::test]
async fn nothing_is_built_on_data_whose_undo_was_cut_short() {
    let w = World::new("cutshort", 30135);
    w.up(1).await.unwrap();
    let clean: Step = Clean::new(Dataset::new(&w.ns, "web", w.port), w.port).into();
    let plans = [vec![data(vec![import(&w, "/b.txt")])], vec![data(vec![clean])], environment(&w)];
    cut_short(&w, Verb::Undo, "opsctl undo --yes", true).await;
    for plans in &plans {
        let (is_refused, said, next) = refused(&w, plans).await;
        assert!(is_refused && said.contains("undo of the import of /a.txt was cut short"), "{said}");
        assert!(next.contains("\"undo\""), "{next}");
    }
    let previews = engine::dry_run(&w.cx(), &plans[2]).await.unwrap();
    assert_eq!(previews.iter().filter(|p| p.would == engine::Would::Refuse).count(), 1);
    assert_eq!(w.up(1).await.unwrap().same, 6, "what holds the data may be mended");
    cut_short(&w, Verb::Undo, "opsctl undo --yes", false).await;
    let (is_refused, said, _) = refused(&w, &plans[0]).await;
    assert!(!is_refused, "it had not come to the data, and no redis runs here: {said}");
    std::fs::remove_file(journal::path(&w.state)).unwrap();
    w.down().await.unwrap();
}

#[tokio::test]
async fn an_import_that_was_cut_short_goes_on_or_back_before_an_environment_is_built_on_it() {
    let w = World::new("halfway", 30136);
    w.up(1).await.unwrap();
    cut_short(&w, Verb::Up, "opsctl redis import /a.txt", true).await;
    let (is_refused, said, next) = refused(&w, &environment(&w)).await;
    assert!(is_refused && said.contains("the import of /a.txt was cut short"), "{said}");
    assert!(next.contains("redis import /a.txt") && next.contains("\"undo\""), "{next}");
    // Who asks for data alone may go over it: what is half there is kept as everything that gives way.
    for file in ["/a.txt", "/b.txt"] {
        let (is_refused, said, _) = refused(&w, &[data(vec![import(&w, file)])]).await;
        assert!(!is_refused, "no redis runs here: {said}");
    }
    std::fs::remove_file(journal::path(&w.state)).unwrap();
    w.down().await.unwrap();
}
