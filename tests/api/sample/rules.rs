//! What comes with a stack by itself, and what an operator's resources ask of the engine.

use std::time::{Duration, Instant};

use kube::api::DeleteParams;
use serde_json::{Value, json};

use super::kill::shape;
use super::world::World;
use crate::world::assert_same;

#[tokio::test]
async fn it_comes_up_waits_on_all_of_it_and_goes_without_a_trace() {
    let w = World::new("whole");
    let before = w.dump().await;
    let first = w.opsctl("sample up").await.ends(0);
    for fact in
        ["big  ready", "operator  rolled out", "shelf  rolled out", "firing  completed", "established"]
    {
        assert!(first.stderr.contains(fact), "{fact}: {}", first.stderr);
    }
    let (up, journal) = (w.dump().await, w.journal());
    let _ = w.opsctl("sample up").await.ends(0).says("Nothing to do");
    assert_eq!(w.journal(), journal);
    assert_same(&up, &w.dump().await, "after a second up");
    let _ = w.opsctl("sample down --yes").await.ends(0);
    assert_same(&before, &w.dump().await, "after down");
    let _ = w.opsctl("sample down --yes").await.ends(0).says("Nothing to do");
}

#[tokio::test]
async fn commands_check_status_and_history_know_it() {
    let w = World::new("known");
    let _ = w.opsctl("check sample").await.ends(0).says("opsctl --context api sample up");
    let _ = w.opsctl("sample status").await.ends(1).says("sample is not up");
    assert_eq!(status(&w, 0).await, Value::Null);
    let _ = w.opsctl("sample up").await.ends(0);
    assert_eq!(status(&w, 0).await["ready"], json!(true));
    let rows = w.opsctl("status").await.ends(0).stdout;
    assert!(rows.lines().any(|l| l.starts_with("sample") && l.contains("ready")), "{rows}");
    let _ = w.opsctl("sample status").await.ends(0);
    w.breaks(true).await;
    let faulty = status(&w, 1).await;
    assert_eq!(faulty["ready"], json!(false));
    let of = faulty["objects"].as_array().unwrap().iter().find(|o| o["ready"] == false).unwrap();
    assert_eq!(of["object"], "deployment.apps/operator", "{faulty}");
    let said = w.opsctl("sample status").await.ends(1);
    assert!(said.stdout.contains("0 of 1 pods available"), "{said:?}");
    w.breaks(false).await;
    assert!(w.opsctl("history").await.ends(0).stdout.contains("sample up"));
    let preview = w.opsctl("undo --all --dry-run").await.ends(0).stdout;
    assert_eq!(preview.lines().filter(|l| l.starts_with('-')).count(), 7, "{preview}");
    let _ = w.opsctl("undo --all --yes").await.ends(0);
    assert_eq!(w.standing(), Vec::<String>::new());
}

/// The stack's field in `opsctl status`.
async fn status(w: &World, code: i32) -> Value {
    let report: Value = serde_json::from_str(&w.opsctl("status -o json").await.ends(code).stdout).unwrap();
    report.as_object().unwrap().get("sample").cloned().unwrap()
}

#[tokio::test]
async fn what_down_took_comes_back_although_a_job_needs_what_comes_after_it() {
    let w = World::new("again");
    let before = w.dump().await;
    let _ = w.opsctl("sample up").await.ends(0);
    let up = w.dump().await;
    let _ = w.opsctl("sample down --yes").await.ends(0);
    let back = w.opsctl("undo --yes --timeout 60s").await.ends(0);
    assert!(
        back.stderr.contains("firing  completed") && back.stderr.contains("big  ready"),
        "{}",
        back.stderr
    );
    assert_same(&shape(&up, &w), &shape(&w.dump().await, &w), "after undo of down");
    let _ = w.opsctl("sample up").await.ends(0).says("Nothing to do");
    let _ = w.opsctl("undo --all --yes").await.ends(0);
    assert_same(&before, &w.dump().await, "after undo --all");
}

#[tokio::test]
async fn nothing_goes_while_somebody_else_has_a_resource_of_its_definition() {
    let w = World::new("theirs");
    let before = w.dump().await;
    let _ = w.opsctl("sample up").await.ends(0);
    let namespace = format!("{}-other", w.namespace());
    let there = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    w.make(&w.api("v1", "Namespace"), there).await;
    let kiln = json!({"apiVersion": format!("{}/v1", w.group()), "kind": "Kiln",
        "metadata": {"name": "small", "namespace": namespace}, "spec": {"degrees": 900}});
    let uid = w.make(&w.kilns(&namespace), kiln).await;
    // The stand-in for a controller has still to write its status.
    let began = Instant::now();
    while w.kilns(&namespace).get("small").await.unwrap().data["status"].is_null() {
        assert!(began.elapsed() < Duration::from_mins(1), "never a status");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (up, journal) = (w.dump().await, w.journal());
    for line in ["sample down --yes", "undo --yes", "undo --all --yes"] {
        let refused = w.opsctl(line).await.ends(5);
        for words in [
            "deleting it would delete all resources",
            &format!("{namespace}/small"),
            "delete kiln",
            "Nothing was touched",
        ] {
            assert!(refused.stderr.contains(words), "{line}: {words}: {}", refused.stderr);
        }
        assert_eq!(w.journal(), journal, "{line} is recorded");
    }
    assert_same(&up, &w.dump().await, "after refusals");
    let left = w.kilns(&namespace).get("small").await.unwrap();
    assert_eq!((&left.metadata.uid, &left.metadata.deletion_timestamp), (&Some(uid), &None));
    assert_eq!(w.standing().len(), 7, "all of it");
    w.kilns(&namespace).delete("small", &DeleteParams::default()).await.unwrap();
    let _ = w.opsctl("undo --all --yes").await.ends(0);
    w.api("v1", "Namespace").delete(&namespace, &DeleteParams::default()).await.unwrap();
    w.gone("v1", "Namespace", &namespace).await;
    assert_same(&before, &w.dump().await, "after all");
}

#[tokio::test]
async fn an_operator_stays_while_its_resource_does_not_end() {
    let w = World::new("stuck");
    let before = w.dump().await;
    let _ = w.opsctl("sample up").await.ends(0);
    w.breaks(true).await;
    let down = w.opsctl("sample down --yes --timeout 4s").await.ends(4);
    for words in ["big still exists", "sample.dev/cold", "operator stays"] {
        assert!(down.stderr.contains(words), "{words}: {}", down.stderr);
    }
    assert_eq!(w.standing().len(), 7, "nothing of it has gone");
    w.breaks(false).await;
    let _ = w.opsctl("sample down --yes").await.ends(0);
    assert_same(&before, &w.dump().await, "after the second down");
}
