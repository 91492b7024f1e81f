//! Death at every journal record of `up`, `down` and both kinds of `undo`: the next `up` converges, and taking all back leaves
//! what was there before, the definition's own kind included.

use std::time::Instant;

use futures::StreamExt as _;
use serde_json::Value;

use super::world::World;
use crate::world::{Dump, assert_same, without_identity};

/// Deaths at a time. Most of their time they wait for the server's collector, which learns of a new kind, and so of
/// what holds its resources, every half minute.
const AT_ONCE: usize = 70;

/// A run, seven intentions, seven results, an end.
const RECORDS: u16 = 16;

/// What two makings of the stack in two worlds have in common.
pub fn shape(dump: &Dump, of: &World) -> Dump {
    let text = serde_json::to_string(&without_identity(dump)).unwrap();
    let mut dump: Dump = serde_json::from_str(&text.replace(of.name(), "world")).unwrap();
    dump.values_mut().for_each(without_selection);
    dump
}

/// A Job selects its pods by its UID.
fn without_selection(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !key.ends_with("controller-uid"));
            map.values_mut().for_each(without_selection);
        }
        Value::Array(list) => list.iter_mut().for_each(without_selection),
        _ => {}
    }
}

/// What is killed: its label, what runs before it, and its words.
type Killed = (&'static str, &'static [&'static str], &'static str);

const COMMANDS: [Killed; 4] = [
    ("up", &[], "sample up"),
    ("down", &["sample up"], "sample down --yes"),
    ("undo", &["sample up"], "undo --yes"),
    ("back", &["sample up", "sample down --yes"], "undo --yes"),
];

/// One death after `n` records; false when the command came to its end before.
async fn die((label, earlier, words): Killed, n: u16, [before, wanted]: [&Dump; 2]) -> bool {
    let w = World::new(format!("{label}{n:02}"));
    for words in earlier {
        let _ = w.opsctl(words).await.ends(0);
    }
    let ran = w.killed(words, n).await;
    let when = format!("{label}: `{words}` killed at record {n}");
    assert!(ran.code.is_none_or(|code| code == 0), "{when}: {ran:?}");
    let again = w.opsctl("sample up").await;
    assert_eq!(again.code, Some(0), "{when}, then up: {}", again.stderr);
    assert_same(wanted, &shape(&w.inside().await, &w), &format!("{when}, then up"));
    let all = w.opsctl("undo --all --yes").await;
    assert_eq!(all.code, Some(0), "{when}, then up, then undo --all: {}", all.stderr);
    assert_same(before, &w.dump().await, &format!("{when}, then up, then undo --all"));
    assert_eq!(w.standing(), Vec::<String>::new(), "{when}");
    ran.code.is_none()
}

#[tokio::test]
async fn killed_at_every_record_of_up_down_and_undo() {
    let began = Instant::now();
    let model = World::new("model");
    // Without what is another world's, it is the same to all.
    let before = model.dump().await;
    let _ = model.opsctl("sample up").await.ends(0);
    let wanted = shape(&model.inside().await, &model);
    assert!(wanted.len() >= 5, "{wanted:?}");
    let all = COMMANDS.iter().flat_map(|killed| (1..=RECORDS + 1).map(move |n| (*killed, n)));
    let deaths: Vec<bool> = futures::stream::iter(all.map(|(killed, n)| die(killed, n, [&before, &wanted])))
        .buffered(AT_ONCE)
        .collect()
        .await;
    for ((label, ..), deaths) in COMMANDS.iter().zip(deaths.chunks(usize::from(RECORDS) + 1)) {
        let count = deaths.iter().take_while(|died| **died).count();
        assert_eq!((count, deaths.last()), (RECORDS.into(), Some(&false)), "{label}: another length");
    }
    let _ = model.opsctl("undo --all --yes").await.ends(0);
    println!(
        "sample: killed at each of {} records, in {} s",
        COMMANDS.len() * usize::from(RECORDS),
        began.elapsed().as_secs()
    );
}
