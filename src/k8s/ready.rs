//! Waiting until what was applied is ready.

use std::time::{Duration, Instant};

use anyhow::Result;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::kind::{self, Ready};
use super::{apply, diagnose, manifest, watch};
use crate::error::{Problem, kubectl, problem, said};
use crate::journal::Recorded;
use crate::ui::Row;

/// How long the controller of volumes is waited for; it takes milliseconds.
const VOLUME: Duration = Duration::from_secs(3);
/// A claim that is not bound for so long is shown to the controller again.
const NUDGE: Duration = Duration::from_millis(700);
/// How long the API server may take to answer each half of that.
const ANSWER: Duration = Duration::from_secs(10);
/// How long an operator that runs may take until it first writes the status of a new resource.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// What a claim bears for a moment, so that the controller sees it changed.
const NUDGED: &str = "opsctl.dev/nudged";

/// How far an applied object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is ready.
    Ready,
    /// It is not yet ready, for this reason.
    Waits(String),
    /// It will not become ready by itself, for this reason.
    Failed(String),
}

/// How far a live object is, by the rules that kstatus set.
pub fn state(object: &Value) -> State {
    if object["metadata"]["deletionTimestamp"].is_string() {
        return State::Waits("it is being deleted".into());
    }
    match kind::of(object).ready {
        Ready::Applied => State::Ready,
        Ready::Established => established(object),
        _ if is_behind(object) => State::Waits("its controller has not seen the change yet".into()),
        Ready::Deployment => deployment(object),
        Ready::StatefulSet => stateful_set(object),
        Ready::DaemonSet => daemon_set(object),
        Ready::Job => job(object),
        Ready::Conditions => conditions(object),
    }
}

/// The fact to tell of an object that is ready.
pub fn fact(object: &Value) -> &'static str {
    match kind::of(object).ready {
        Ready::Applied => "applied",
        Ready::Established => "established",
        Ready::Deployment | Ready::StatefulSet | Ready::DaemonSet => "rolled out",
        Ready::Job if object["spec"]["suspend"] == true => "suspended",
        Ready::Job => "completed",
        Ready::Conditions => "ready",
    }
}

/// Whether the status is of an older generation than the object.
fn is_behind(object: &Value) -> bool {
    let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
    object["status"]["observedGeneration"].as_i64().is_some_and(|seen| seen < generation)
}

/// The status of a condition, and its words.
fn condition<'a>(object: &'a Value, name: &str) -> Option<(&'a str, String)> {
    let all = object["status"]["conditions"].as_array()?;
    let found = all.iter().find(|c| c["type"] == name)?;
    let words = [&found["reason"], &found["message"]];
    let words: Vec<_> = words.iter().filter_map(|w| w.as_str()).filter(|w| !w.is_empty()).collect();
    Some((found["status"].as_str().unwrap_or_default(), words.join(": ")))
}

fn established(object: &Value) -> State {
    if let Some(("False", why)) = condition(object, "NamesAccepted") {
        return State::Failed(why);
    }
    match condition(object, "Established") {
        Some(("True", _)) => State::Ready,
        Some((_, why)) => State::Waits(why),
        None => State::Waits("not established yet".into()),
    }
}

/// A number of the status; 0 where it is not there, as the API leaves it out.
fn counted(object: &Value, field: &str) -> i64 {
    object["status"][field].as_i64().unwrap_or(0)
}

fn wanted(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// The first of these numbers that is not as wanted, in words.
fn short_of(object: &Value, wanted: i64, fields: &[(&str, &str)]) -> Option<State> {
    fields.iter().find_map(|(field, what)| {
        let is = counted(object, field);
        (is != wanted).then(|| State::Waits(format!("{is} of {wanted} {what}")))
    })
}

/// A status that no controller wrote yet says nothing: the pods of an older generation would count.
fn unseen(object: &Value) -> Option<State> {
    object["status"]["observedGeneration"].is_null().then(|| State::Waits("not rolled out yet".into()))
}

fn deployment(object: &Value) -> State {
    if let Some(("False", why)) = condition(object, "Progressing")
        && why.starts_with("ProgressDeadlineExceeded")
    {
        return State::Failed(why);
    }
    let fields = [
        ("updatedReplicas", "pods updated"),
        ("replicas", "pods left"),
        ("availableReplicas", "pods available"),
    ];
    unseen(object).or_else(|| short_of(object, wanted(object), &fields)).unwrap_or(State::Ready)
}

fn stateful_set(object: &Value) -> State {
    let wanted = wanted(object);
    if let Some(waits) =
        unseen(object).or_else(|| short_of(object, wanted, &[("readyReplicas", "pods ready")]))
    {
        return waits;
    }
    // Updated by hand, pod by pod: its pods are its owner's to delete.
    let strategy = &object["spec"]["updateStrategy"];
    if strategy["type"] == "OnDelete" {
        return State::Ready;
    }
    let kept = strategy["rollingUpdate"]["partition"].as_i64().unwrap_or(0);
    let updated = counted(object, "updatedReplicas");
    let due = (wanted - kept).max(0);
    // Where all pods are of one revision the API leaves `updatedReplicas` to the controller of that revision.
    let one = object["status"]["updateRevision"] == object["status"]["currentRevision"];
    if updated < due && !one {
        return State::Waits(format!("{updated} of {due} pods updated"));
    }
    State::Ready
}

fn daemon_set(object: &Value) -> State {
    let wanted = counted(object, "desiredNumberScheduled");
    let mut fields = vec![("numberAvailable", "pods available"), ("numberReady", "pods ready")];
    if object["spec"]["updateStrategy"]["type"] != "OnDelete" {
        fields.insert(0, ("updatedNumberScheduled", "pods updated"));
    }
    unseen(object).or_else(|| short_of(object, wanted, &fields)).unwrap_or(State::Ready)
}

fn job(object: &Value) -> State {
    if object["spec"]["suspend"] == true {
        return State::Ready;
    }
    match (condition(object, "Complete"), condition(object, "Failed")) {
        (Some(("True", _)), _) => State::Ready,
        (_, Some(("True", why))) => State::Failed(why),
        _ => State::Waits(format!(
            "{} completed, {} failed",
            counted(object, "succeeded"),
            counted(object, "failed")
        )),
    }
}

/// An object without conditions is ready as it is: kstatus knows no better either.
fn conditions(object: &Value) -> State {
    if let Some(("True", why)) = condition(object, "Stalled") {
        return State::Failed(why);
    }
    if let Some(("True", why)) = condition(object, "Reconciling") {
        return State::Waits(why);
    }
    match condition(object, "Ready") {
        Some(("True", _)) | None => State::Ready,
        Some((_, why)) => State::Waits(why),
    }
}

/// Waits until an object is ready; on the way the row shows why it is not yet.
pub async fn object(client: &Client, object: &Value, limit: Duration, row: &Row) -> Result<()> {
    if kind::of(object).ready == Ready::Applied {
        return Ok(());
    }
    let title = named(object);
    let Some(api) = apply::api_of(client, object).await? else {
        return Err(problem!(Unready, "{title} is gone, and so is its kind").into());
    };
    let latest = std::cell::RefCell::new(None);
    let ready = watch::until(&api, manifest::name(object), |live| {
        let Some(mut live) = live.and_then(|o| serde_json::to_value(o).ok()) else { return false };
        // The items of a list do not name their kind.
        for field in ["apiVersion", "kind"] {
            live[field] = object[field].clone();
        }
        let state = state(&live);
        let ends = !matches!(state, State::Waits(_));
        *latest.borrow_mut() = Some((state, live));
        ends
    });
    let reasons = async {
        let mut said = String::new();
        loop {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let why = why(client, &latest).await;
            if let Some(first) = why.first()
                && *first != said
            {
                first.clone_into(&mut said);
                row.doing(format!("{}: {first}", manifest::name(object)));
            }
        }
    };
    let waited: Result<(), ()> = tokio::select! {
        () = ready => Ok(()),
        () = reasons => Ok(()),
        () = tokio::time::sleep(limit) => Err(()),
    };
    let failed = match &*latest.borrow() {
        Some((State::Failed(why), _)) => Some(why.clone()),
        _ => None,
    };
    let problem = match (waited, failed) {
        (Ok(()), None) => return Ok(()),
        (_, Some(why)) => problem!(Unready, "{title} will not become ready").found(why),
        (Err(()), None) => {
            problem!(NotReady, "{title} was not ready within {} s", limit.as_secs())
        }
    };
    let mut found = why(client, &latest).await;
    if let Err(e) = apply::get(client, object).await {
        found.push(format!("the API server is away: {}", said(&e)));
    }
    Err(with_next(problem.found(found.join("\n")), object).into())
}

/// Waits, for seconds at most, until the operator of a custom resource has written a status.
///
/// Without one a resource counts as ready, since there are kinds whose operator never says anything; but most
/// often it only has not come to it yet.
pub async fn first_word(client: &Client, object: &Value) -> Result<()> {
    let Some(api) = apply::api_of(client, object).await? else { return Ok(()) };
    if kind::of(object).ready != Ready::Conditions || !kind::has_status(client, object).await? {
        return Ok(());
    }
    let written = |live: Option<&DynamicObject>| live.is_none_or(|live| live.data["status"].is_object());
    let written = watch::until(&api, manifest::name(object), written);
    let _ = tokio::time::timeout(FIRST_WORD, written).await;
    Ok(())
}

/// `deployment redis/redis`: an object with its namespace.
fn named(object: &Value) -> String {
    let place = manifest::namespace(object).map(|ns| format!("{ns}/")).unwrap_or_default();
    format!("{} {place}{}", manifest::kind(object).to_lowercase(), manifest::name(object))
}

/// Why an object is not ready: its pods' own words where it has pods, else its state.
async fn why(client: &Client, latest: &std::cell::RefCell<Option<(State, Value)>>) -> Vec<String> {
    let latest = latest.borrow().clone();
    let Some((State::Waits(state) | State::Failed(state), live)) = latest else { return Vec::new() };
    let mut reasons = diagnose::waiting(client, &live).await.unwrap_or_default();
    if reasons.is_empty() {
        reasons.push(state);
    }
    reasons
}

/// The commands that show more of an object that is not ready.
fn with_next(problem: Problem, object: &Value) -> Problem {
    let place = manifest::namespace(object).map(|ns| format!("-n {ns} ")).unwrap_or_default();
    let title = manifest::title(object);
    let problem = problem.next(kubectl(format!("{place}describe {title}")));
    if diagnose::has_pods(object) {
        problem.next(kubectl(format!("{place}logs {title} --all-containers")))
    } else {
        problem
    }
}

/// Waits, for seconds at most, until a volume can be claimed and until a claim that only takes a volume made
/// for it is bound.
///
/// A claim that the controller sees before its volume is looked at again only after up to 15 s, unless it
/// changes; and a pod that the scheduler sees before its claim is bound after a second or more. Where nobody
/// binds, there is nothing to wait for: the pods tell what is wrong.
pub async fn volume(client: &Client, object: &Value, token: &Recorded) -> Result<()> {
    let wanted: &[&str] = match manifest::kind(object) {
        "PersistentVolume" => &["Available", "Bound"],
        "PersistentVolumeClaim" if object["spec"]["storageClassName"] == "" => &["Bound"],
        _ => return Ok(()),
    };
    let is_so = |live: Option<&DynamicObject>| {
        live.and_then(|o| o.data["status"]["phase"].as_str()).is_some_and(|phase| wanted.contains(&phase))
    };
    let Some(api) = apply::api_of(client, object).await? else { return Ok(()) };
    let mut wait = std::pin::pin!(watch::until(&api, manifest::name(object), is_so));
    let began = Instant::now();
    loop {
        if tokio::time::timeout(NUDGE, &mut wait).await.is_ok() {
            return Ok(());
        }
        if began.elapsed() >= VOLUME {
            return Ok(());
        }
        if manifest::kind(object) == "PersistentVolumeClaim" {
            nudge(&api, manifest::name(object), token).await;
        }
    }
}

/// Changes an object, and changes it back. Where that is refused, nothing is lost but time.
///
/// Each of the two has its own time: a slow answer to the first must not leave the mark.
async fn nudge(api: &Api<DynamicObject>, name: &str, _: &Recorded) {
    for value in [json!("yes"), Value::Null] {
        let patch = Patch::Merge(json!({"metadata": {"annotations": {NUDGED: value}}}));
        // An API server that is away does not bind it either.
        let _ = tokio::time::timeout(ANSWER, api.patch(name, &PatchParams::default(), &patch)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(object: &Value) -> bool {
        matches!(state(object), State::Waits(_))
    }

    fn deployment(observed: i64, updated: i32, all: i32, available: i32) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "d", "generation": 2},
            "spec": {"replicas": 1, "selector": {}, "template": {}},
            "status": {"observedGeneration": observed, "updatedReplicas": updated, "replicas": all, "availableReplicas": available},
        })
    }

    #[test]
    fn a_rollout_of_an_older_generation_does_not_count() {
        assert_eq!(state(&deployment(2, 1, 1, 1)), State::Ready);
        assert!(waits(&deployment(1, 1, 1, 1)));
        let mut unseen = deployment(2, 0, 0, 0);
        (unseen["status"], unseen["spec"]["replicas"]) = (json!({}), json!(0));
        assert!(waits(&unseen), "no controller has seen it");
    }

    #[test]
    fn neither_a_surplus_nor_an_unavailable_pod_counts() {
        assert!(waits(&deployment(2, 1, 2, 1)));
        assert!(waits(&deployment(2, 1, 1, 0)));
    }

    #[test]
    fn a_deployment_past_its_deadline_has_failed() {
        let mut late = deployment(2, 1, 1, 0);
        late["status"]["conditions"] = json!([{"type": "Progressing", "status": "False",
            "reason": "ProgressDeadlineExceeded", "message": "too slow"}]);
        assert_eq!(state(&late), State::Failed("ProgressDeadlineExceeded: too slow".into()));
    }

    #[test]
    fn a_definition_is_ready_once_it_is_established() {
        let with = |conditions: Value| {
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": "d"}, "status": {"conditions": conditions}})
        };
        assert!(waits(&with(json!([]))));
        assert_eq!(state(&with(json!([{"type": "Established", "status": "True"}]))), State::Ready);
        let refused = json!([{"type": "NamesAccepted", "status": "False", "reason": "PluralConflict"}]);
        assert_eq!(state(&with(refused)), State::Failed("PluralConflict".into()));
    }

    #[test]
    fn a_job_is_ready_when_it_has_completed_and_never_when_it_failed() {
        let with = |suspend: bool, conditions: Value| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
                "spec": {"suspend": suspend}, "status": {"conditions": conditions}})
        };
        assert!(waits(&with(false, json!([]))));
        assert_eq!(state(&with(true, json!([]))), State::Ready);
        assert_eq!(state(&with(false, json!([{"type": "Complete", "status": "True"}]))), State::Ready);
        let failed = json!([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]);
        assert_eq!(state(&with(false, failed)), State::Failed("BackoffLimitExceeded".into()));
    }

    #[test]
    fn a_stateful_set_waits_for_each_pod_and_for_its_newest_revision() {
        let with = |ready: i64, updated: i64, current: &str, partition: i64| {
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "s", "generation": 1},
                "spec": {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": partition}}},
                "status": {"observedGeneration": 1, "readyReplicas": ready, "updatedReplicas": updated,
                    "currentRevision": current, "updateRevision": "new"}})
        };
        assert!(waits(&with(2, 3, "new", 0)));
        assert!(waits(&with(3, 1, "old", 0)));
        assert_eq!(state(&with(3, 1, "old", 2)), State::Ready);
        assert_eq!(state(&with(3, 3, "new", 0)), State::Ready);
    }

    #[test]
    fn a_daemon_set_waits_for_every_node_that_it_selects() {
        let with = |available: i64| {
            json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d", "generation": 1},
                "status": {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2,
                    "numberReady": 2, "numberAvailable": available}})
        };
        assert!(waits(&with(1)));
        assert_eq!(state(&with(2)), State::Ready);
    }

    #[test]
    fn a_custom_resource_is_ready_by_its_conditions_or_without_any() {
        let with = |status: Value| {
            json!({"apiVersion": "example.dev/v1", "kind": "Thing", "metadata": {"name": "t", "generation": 3},
                "status": status})
        };
        let ready = |is: &str| json!([{"type": "Ready", "status": is, "reason": "Starting"}]);
        assert_eq!(state(&with(Value::Null)), State::Ready);
        assert!(waits(&with(json!({"observedGeneration": 2}))));
        assert_eq!(state(&with(json!({"conditions": ready("False")}))), State::Waits("Starting".into()));
        assert_eq!(state(&with(json!({"observedGeneration": 3, "conditions": ready("True")}))), State::Ready);
        let stalled = json!({"conditions": [{"type": "Stalled", "status": "True", "reason": "NoSuchImage"}]});
        assert_eq!(state(&with(stalled)), State::Failed("NoSuchImage".into()));
    }
}
