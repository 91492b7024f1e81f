//! The election's objects: taken back whole with what its pods made, the leader's endpoints left alone, and
//! what its service account may do.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::discovery::{Discovery, Scope};
use kube::{Api, Client};
use opsctl::context::Ports;
use opsctl::election::protocol::{Answer, Call, Record};
use opsctl::engine::{self, Plan, Reach, Summary};
use opsctl::k8s::manifest;
use opsctl::serve::election::Holder;
use opsctl::serve::election::endpoints::Slices;
use opsctl::serve::election::lease::Store;
use opsctl::stack;
use opsctl::stack::election::{Sample, Wish};
use opsctl::step::Step;
use opsctl::step::object::Object;
use serde_json::{Value, json};

use crate::api_server;
use crate::world::{World, assert_same};

const SLICES: [&str; 3] = ["redis-master", "redis-replicas", "page"];

/// The real plan without its images (there are no nodes), in a namespace of the test's own.
fn plan(w: &World) -> Vec<Plan> {
    let mut cx = w.cx();
    cx.ports = Ports::of(&cx.paths, &cx.target, stack::ports(&stack::all()).unwrap()).unwrap();
    for (service, port) in stack::election::SERVICES.into_iter().zip(w.port..) {
        cx.ports.set(service, port);
    }
    let wish = Wish { sample: Sample::Redis, replicas: 5, confirmations: 2 };
    let mut plan = stack::election::plan(&cx, &wish).unwrap();
    for wave in &mut plan.waves {
        wave.retain(|step| matches!(step, Step::Object(_)));
        for step in wave {
            let Step::Object(object) = &step else { unreachable!() };
            let mut manifest = object.manifest().clone();
            move_to(&mut manifest, &w.ns);
            *step = Object::new(stack::election::PART, manifest).into();
        }
    }
    plan.proof = None;
    vec![plan]
}

fn move_to(object: &mut Value, ns: &str) {
    if manifest::kind(object) == "Namespace" {
        object["metadata"]["name"] = json!(ns);
    } else {
        object["metadata"]["namespace"] = json!(ns);
    }
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        subject["namespace"] = json!(ns);
    }
}

async fn up(w: &World) -> Summary {
    engine::up(&w.cx(), &plan(w)).await.unwrap()
}

async fn reverse(w: &World, reach: &Reach) -> anyhow::Result<Summary> {
    let cx = w.cx();
    let plans = if *reach == Reach::LastRun { Vec::new() } else { plan(w) };
    let reverse = engine::reverse(&cx, reach, &plans).await?;
    engine::carry_out(&cx, reverse).await
}

/// A client that is the pods' service account, by a token of the kind that pods get.
async fn as_elector(w: &World) -> Client {
    let accounts: Api<ServiceAccount> = Api::namespaced(w.client().await, &w.ns);
    let request = TokenRequest { spec: TokenRequestSpec::default(), ..TokenRequest::default() };
    let request = accounts.create_token_request("elector", &PostParams::default(), &request).await.unwrap();
    let mut config = api_server::shared().config();
    config.auth_info.token = Some(request.status.unwrap().token.into());
    let client = Client::try_from(config).unwrap();
    // The API server learns of new rights a moment later.
    let leases: Api<Lease> = Api::namespaced(client.clone(), &w.ns);
    let began = Instant::now();
    while leases.get_opt("redis").await.is_err() {
        assert!(began.elapsed() < Duration::from_mins(1), "the account never gets its rights");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client
}

fn holder(name: &str, address: &str) -> Holder {
    format!("{name}/{address}/uid-{name}/1").parse().unwrap()
}

/// What a pod does that is elected, by the elector's own code: makes the Lease, writes the endpoints.
async fn elect(w: &World, name: &str, address: &str, epoch: u64) {
    let client = as_elector(w).await;
    let me = holder(name, address);
    if epoch == 1 {
        let record =
            Record { holder: Some(me.clone()), epoch, lease: 3000, renewal: 1, heir: None, settled: false };
        let store = Store::new(client.clone(), &w.ns, "redis");
        let answer = store.call(Call::Create(record), async { Some(0) }).await;
        assert!(matches!(answer, Answer::Written(_)), "{answer:?}");
    }
    let targets = ["redis-master=leader:6379", "redis-replicas=followers:6379", "page=all:8080"]
        .map(|t| t.parse().unwrap());
    let limit = Duration::from_secs(10);
    assert!(Slices::new(client, &w.ns, targets.into(), limit).write(epoch, &me, &[]).await);
}

async fn addresses(w: &World, slice: &str) -> Value {
    w.value("discovery.k8s.io/v1", "EndpointSlice", slice, "/endpoints/0/addresses").await
}

#[tokio::test]
async fn undo_leaves_nothing_though_a_pod_made_the_lease_and_filled_the_slices() {
    let w = World::new("elected", 30200);
    let before = w.dump().await;
    let made = up(&w).await.changed;
    elect(&w, "a", "10.244.0.1", 1).await;
    assert_eq!(addresses(&w, "redis-master").await, json!(["10.244.0.1"]));
    let lease = w.api("coordination.k8s.io/v1", "Lease").await.get("redis").await.unwrap();
    let owner = &lease.metadata.owner_references.unwrap()[0];
    assert_eq!((owner.kind.as_str(), owner.name.as_str()), ("ServiceAccount", "elector"));
    assert_eq!(reverse(&w, &Reach::LastRun).await.unwrap().changed, made);
    assert_same(&before, &w.dump().await, "after undo");
    let leases = w.api("coordination.k8s.io/v1", "Lease").await.list(&ListParams::default()).await.unwrap();
    assert_eq!(leases.items.len(), 0);
}

#[tokio::test]
async fn down_leaves_nothing_either_and_a_lease_of_somebody_elses_keeps_the_namespace() {
    let w = World::new("deposed", 30203);
    let before = w.dump().await;
    up(&w).await;
    elect(&w, "a", "10.244.0.1", 1).await;
    let theirs = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "theirs", "namespace": w.ns}, "spec": {"holderIdentity": "somebody"}});
    w.foreign(theirs).await;
    let parts = Reach::Parts(vec![stack::election::PART.into()]);
    let error = reverse(&w, &parts).await.unwrap_err();
    let words: Vec<_> = opsctl::error::problems(&error).flat_map(|p| p.found.clone()).collect();
    assert!(
        words.contains(&"lease/theirs".to_owned()) && !words.contains(&"lease/redis".to_owned()),
        "{words:?}"
    );
    w.api("coordination.k8s.io/v1", "Lease").await.delete("theirs", &DeleteParams::default()).await.unwrap();
    reverse(&w, &parts).await.unwrap();
    assert_same(&before, &w.dump().await, "after down");
}

#[tokio::test]
async fn the_lease_goes_with_the_account_that_made_it() {
    let w = World::new("account", 30206);
    up(&w).await;
    elect(&w, "a", "10.244.0.1", 1).await;
    let leases = w.api("coordination.k8s.io/v1", "Lease").await;
    let uid = leases.get("redis").await.unwrap().metadata.uid.unwrap();
    w.api("v1", "ServiceAccount").await.delete("elector", &DeleteParams::default()).await.unwrap();
    let gone = kube::runtime::conditions::is_deleted(&uid);
    let gone = kube::runtime::wait::await_condition(leases, "redis", gone);
    tokio::time::timeout(Duration::from_mins(1), gone).await.expect("collected").unwrap();
    reverse(&w, &Reach::All).await.unwrap();
}

#[tokio::test]
async fn a_renewal_of_a_lease_that_was_deleted_is_a_conflict_and_makes_no_new_one() {
    let w = World::new("deleted", 30220);
    up(&w).await;
    let store = Store::new(as_elector(&w).await, &w.ns, "redis");
    let record = |renewal| Record {
        holder: Some(holder("a", "10.244.0.1")),
        epoch: 1,
        lease: 3000,
        renewal,
        heir: None,
        settled: true,
    };
    let nowhere = || async { Some(0) };
    let Answer::Written(first) = store.call(Call::Create(record(1)), nowhere()).await else {
        panic!("create")
    };
    let Answer::Written(version) = store.call(Call::Update(record(2), first), nowhere()).await else {
        panic!("update")
    };
    let leases = w.api("coordination.k8s.io/v1", "Lease").await;
    leases.delete("redis", &DeleteParams::default()).await.unwrap();
    let late = store.call(Call::Update(record(3), version), nowhere()).await;
    assert!(matches!(late, Answer::Conflict), "{late:?}");
    assert!(leases.get_opt("redis").await.unwrap().is_none(), "it is there again");
    reverse(&w, &Reach::All).await.unwrap();
}

#[tokio::test]
async fn a_second_up_has_nothing_to_do_and_leaves_the_leaders_endpoints_alone() {
    let w = World::new("filled", 30209);
    up(&w).await;
    elect(&w, "a", "10.244.0.1", 1).await;
    let (dump, journal) = (w.dump().await, w.journal());
    assert_eq!(up(&w).await.changed, 0);
    assert_same(&dump, &w.dump().await, "after a second up");
    assert_eq!(w.journal(), journal);
    reverse(&w, &Reach::All).await.unwrap();
}

#[tokio::test]
async fn neither_a_changed_label_nor_its_undo_brings_back_an_address() {
    let w = World::new("labels", 30212);
    up(&w).await;
    elect(&w, "a", "10.244.0.1", 1).await;
    let former = Patch::Merge(json!({"metadata": {"labels": {"opsctl.dev/part": "former"}}}));
    let slices = w.api("discovery.k8s.io/v1", "EndpointSlice").await;
    for slice in SLICES {
        slices.patch(slice, &PatchParams::default(), &former).await.unwrap();
    }
    // An upgrade of opsctl corrects the label; then another pod leads, and the upgrade is undone.
    assert_eq!(up(&w).await.changed, SLICES.len());
    assert_eq!(addresses(&w, "redis-master").await, json!(["10.244.0.1"]));
    elect(&w, "b", "10.244.0.2", 2).await;
    reverse(&w, &Reach::LastRun).await.unwrap();
    assert_eq!(addresses(&w, "redis-master").await, json!(["10.244.0.2"]));
    let label =
        |slice| w.value("discovery.k8s.io/v1", "EndpointSlice", slice, "/metadata/labels/opsctl.dev~1part");
    assert_eq!(label("page").await, json!("former"));
    let epoch = "/metadata/annotations/election.opsctl.dev~1epoch";
    assert_eq!(w.value("discovery.k8s.io/v1", "EndpointSlice", "page", epoch).await, json!("2"));
    reverse(&w, &Reach::All).await.unwrap();
}

const VERBS: [&str; 11] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "bind",
    "escalate",
    "impersonate",
];

/// Whether the Role is meant to grant this. `name` is none for a request that names no object.
fn meant(resource: &str, verb: &str, name: Option<&str>) -> bool {
    match (resource, verb) {
        // The name of what is to be created stands in no request's address. And everybody may ask who they
        // are, and what they may do.
        ("pods", "list")
        | (
            "leases.coordination.k8s.io"
            | "selfsubjectreviews.authentication.k8s.io"
            | "selfsubjectaccessreviews.authorization.k8s.io"
            | "selfsubjectrulesreviews.authorization.k8s.io",
            "create",
        ) => true,
        ("leases.coordination.k8s.io", "get" | "list" | "watch" | "update") => {
            matches!(name, Some("redis" | "web"))
        }
        ("endpointslices.discovery.k8s.io", "get" | "update") => name.is_some_and(|n| SLICES.contains(&n)),
        _ => false,
    }
}

/// Every resource and subresource that the API server serves, as group and `resource[/subresource]`.
async fn resources(client: &Client) -> BTreeSet<(String, String, bool)> {
    let discovery = Discovery::new(client.clone()).run().await.unwrap();
    let mut all = BTreeSet::new();
    for group in discovery.groups() {
        for (kind, can) in group.recommended_resources() {
            let namespaced = can.scope == Scope::Namespaced;
            all.insert((kind.group.clone(), kind.plural.clone(), namespaced));
            for (sub, _) in can.subresources {
                let sub = sub.plural.rsplit('/').next().unwrap_or_default();
                all.insert((kind.group.clone(), format!("{}/{sub}", kind.plural), namespaced));
            }
        }
    }
    // Nothing guards that these are found: the table must not shrink unseen.
    for (group, resource) in [
        ("", "secrets"),
        ("", "configmaps"),
        ("", "services"),
        ("", "pods"),
        ("", "pods/exec"),
        ("", "serviceaccounts/token"),
        ("apps", "deployments"),
        ("apps", "deployments/scale"),
        ("rbac.authorization.k8s.io", "roles"),
        ("coordination.k8s.io", "leases"),
        ("discovery.k8s.io", "endpointslices"),
    ] {
        all.insert((group.into(), resource.into(), true));
    }
    all.insert((String::new(), "nodes".into(), false));
    all
}

/// Asks for each verb on each of the resources, by name and without, here and elsewhere: how many questions,
/// how many were allowed, and which answers are not what is meant.
async fn asked(w: &World, resources: BTreeSet<(String, String, bool)>) -> (usize, usize, Vec<String>) {
    let reviews: Api<SubjectAccessReview> = Api::all(w.client().await);
    let own = format!("system:serviceaccounts:{}", w.ns);
    let groups = ["system:serviceaccounts".into(), own, "system:authenticated".into()];
    let ask =
        |group: String, resource: String, verb: &'static str, name: Option<&'static str>, ns: String| {
            let spec = SubjectAccessReviewSpec {
                user: Some(format!("system:serviceaccount:{}:elector", w.ns)),
                groups: Some(groups.to_vec()),
                resource_attributes: Some(ResourceAttributes {
                    namespace: Some(ns.clone()),
                    verb: Some(verb.into()),
                    group: Some(group.clone()),
                    resource: Some(resource.split('/').next().unwrap_or_default().into()),
                    subresource: resource.split_once('/').map(|(_, sub)| sub.into()),
                    name: name.map(Into::into),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            };
            let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
            let reviews = &reviews;
            async move {
                let answer = reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap();
                let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
                let want = ns != ELSEWHERE && meant(&full, verb, name);
                (answer.allowed, want, format!("{verb} {full} {} in {ns:?}", name.unwrap_or("(any)")))
            }
        };
    let mut questions = Vec::new();
    for (group, resource, namespaced) in resources {
        for verb in VERBS {
            let named: &[&str] = match resource.as_str() {
                "leases" => &["redis", "web", "other"],
                "endpointslices" => &["redis-master", "redis-replicas", "page", "other"],
                _ => &["redis"],
            };
            for name in std::iter::once(None).chain(named.iter().copied().map(Some)) {
                let home = if namespaced { w.ns.clone() } else { String::new() };
                questions.push(ask(group.clone(), resource.clone(), verb, name, home));
                if namespaced {
                    questions.push(ask(group.clone(), resource.clone(), verb, name, ELSEWHERE.into()));
                }
            }
        }
    }
    let answers: Vec<_> = futures::stream::iter(questions).buffer_unordered(16).collect().await;
    let allowed = answers.iter().filter(|(allowed, ..)| *allowed).count();
    let wrong = answers
        .iter()
        .filter(|(allowed, want, _)| allowed != want)
        .map(|(allowed, _, what)| format!("{}: {what}", if *allowed { "allowed" } else { "denied" }));
    (answers.len(), allowed, wrong.collect())
}

const ELSEWHERE: &str = "kube-system";

#[tokio::test]
async fn the_electors_account_may_do_what_is_meant_and_nothing_else() {
    let w = World::new("rights", 30215);
    up(&w).await;
    drop(as_elector(&w).await);
    let (count, allowed, wrong) = asked(&w, resources(&w.client().await).await).await;
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} questions, {allowed} allowed");
    assert_eq!(allowed, 4 + 2 * 4 + 3 * 2 + 2 + 3 * 2, "the table must grant what the electors need");
    // And one verb more in the Role is noticed.
    let mut rules = w.value("rbac.authorization.k8s.io/v1", "Role", "elector", "/rules").await;
    let more = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]});
    rules.as_array_mut().unwrap().push(more);
    let patch = Patch::Merge(json!({"rules": rules}));
    let api = w.api("rbac.authorization.k8s.io/v1", "Role").await;
    api.patch("elector", &PatchParams::default(), &patch).await.unwrap();
    let noticed = async {
        loop {
            let (_, _, wrong) = asked(&w, [(String::new(), "pods".into(), true)].into()).await;
            if !wrong.is_empty() {
                return wrong;
            }
        }
    };
    let wrong = tokio::time::timeout(Duration::from_mins(1), noticed).await.expect("noticed");
    assert!(wrong.iter().all(|w| w.starts_with("allowed: patch pods ")), "{wrong:?}");
    reverse(&w, &Reach::All).await.unwrap();
}
