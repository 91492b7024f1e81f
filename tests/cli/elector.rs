//! `opsctl serve election` before it elects: its settings, and the example that people copy.

use clap::Parser as _;
use opsctl::cli::{Cli, Command};
use opsctl::k8s::manifest;
use opsctl::serve::cli::{Election, Serve};
use serde_json::Value;

use crate::sandbox::Sandbox;

const DOC: &str = include_str!("../../docs/election.md");
const EXAMPLE: &str = include_str!("../../docs/examples/elected-app.yaml");

/// What a pod's environment tells its elector.
const POD: [(&str, &str); 3] = [("POD_NAME", "a"), ("POD_UID", "u"), ("POD_IP", "127.0.0.1")];

#[test]
fn settings_that_cannot_hold_are_refused_with_what_must_hold() {
    let sandbox = POD.into_iter().fold(Sandbox::new(), |sandbox, (name, value)| sandbox.env(name, value));
    for (args, sentence) in [
        (
            &["--lease", "1s"][..],
            "renew + 2 x call + retry = 2450 ms must fit into lease - drift - demote = 690 ms",
        ),
        (&["--renew", "0ms"], "the times of an election cannot be zero"),
        (&["--patience", "3s"], "patience + courtesy = 3250 ms must fit into the lease of 3000 ms"),
        (&["--unresponsive", "600ms"], "unresponsive = 600 ms must not be shorter than renew = 700 ms"),
        (&["--demote", "10ms"], "demote = 10 ms must not be shorter than 100 ms"),
        (&["--lease", "4000000000s"], "a lease of 4000000000 s cannot be written into a Lease"),
        (&["--peer-key", "/dev/null"], "--peer-key is for electors that ask one another"),
        (&["--promote", "0s"], "the time limit for promoting (--promote) cannot be zero"),
    ] {
        let line = [&["serve", "election", "--name", "app"], args].concat();
        let ran = sandbox.opsctl(&line).ends(2).guides("opsctl serve election --help");
        assert!(ran.stderr.contains(sentence), "{args:?}: {}", ran.stderr);
    }
}

fn of_kind(kind: &str) -> Value {
    let objects = manifest::documents(EXAMPLE).expect("YAML");
    let mut found: Vec<_> = objects.into_iter().filter(|o| manifest::kind(o) == kind).collect();
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

fn named(kind: &str, name: &str) -> Value {
    let objects = manifest::documents(EXAMPLE).expect("YAML");
    let mut of = objects.into_iter().filter(|o| manifest::kind(o) == kind && manifest::name(o) == name);
    of.next().unwrap_or_else(|| panic!("no {kind} {name}"))
}

#[test]
fn the_examples_electors_share_a_secret_that_kubernetes_fills_for_an_account_without_rights() {
    let deployment = of_kind("Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    let line = words(&pod["containers"][0]["command"]);
    let key = line.iter().find_map(|word| word.strip_prefix("--peer-key=")).expect("a key");
    let (folder, name) = key.rsplit_once('/').unwrap();
    assert_eq!(name, "token");
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["mountPath"] == folder).expect("a mount");
    let volume = pod["volumes"].as_array().unwrap().iter().find(|v| v["name"] == mount["name"]).unwrap();
    let secret = of_kind("Secret");
    assert_eq!(volume["secret"]["secretName"], secret["metadata"]["name"]);
    assert_eq!(secret["type"], "kubernetes.io/service-account-token");
    assert!(secret.get("data").is_none() && secret.get("stringData").is_none(), "a value in a file");
    let account = secret["metadata"]["annotations"]["kubernetes.io/service-account.name"].as_str().unwrap();
    let account = named("ServiceAccount", account);
    assert_ne!(of_kind("RoleBinding")["subjects"][0]["name"], account["metadata"]["name"]);
    assert_ne!(pod["serviceAccountName"], account["metadata"]["name"]);
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn the_example_says_what_the_elector_understands_and_may_do_what_it_needs() {
    let deployment = of_kind("Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let mut line = words(&container["command"]);
    assert_eq!(line[0], "/elector/opsctl");
    line[0] = "opsctl";
    line.extend(words(&container["args"]));
    // The variables are the pod's; here they are options.
    drop(line.splice(3..3, ["--pod=a", "--pod-uid=u", "--pod-ip=127.0.0.1"]));
    let env: Vec<_> =
        container["env"].as_array().unwrap().iter().filter_map(|e| e["name"].as_str()).collect();
    assert_eq!(env, POD.map(|(name, _)| name));
    let cli = Cli::try_parse_from(&line).unwrap_or_else(|error| panic!("{error}"));
    let Command::Serve(Serve::Election(options)) = cli.command else { panic!("{line:?}") };
    let Election { name, peers, command, endpoints, on_leading, on_following, on_idle, .. } = *options;
    assert_eq!((on_leading.len(), on_following.len(), on_idle.len(), command.len()), (1, 1, 1, 1));
    // The pods find one another.
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    let peers = peers.expect("peers");
    let (key, value) = peers.split_once('=').unwrap();
    assert_eq!(labels[key], value);
    // And their account may keep the Lease of that name.
    let role = of_kind("Role");
    let rules = role["rules"].as_array().unwrap();
    let may = |resource: &str, name: Option<&str>, verb: &str| {
        rules.iter().any(|rule| {
            let names = words(&rule["resourceNames"]);
            words(&rule["resources"]).contains(&resource)
                && words(&rule["verbs"]).contains(&verb)
                && names.iter().copied().eq(name)
        })
    };
    for verb in ["get", "list", "watch", "update"] {
        assert!(may("leases", Some(&name), verb), "{verb}");
    }
    assert!(may("leases", None, "create") && may("pods", None, "list"));
    assert!(endpoints.is_empty(), "the Role grants no EndpointSlices");
    let account = named("ServiceAccount", "elector");
    assert_eq!(pod["serviceAccountName"], account["metadata"]["name"]);
    assert_eq!(pod["automountServiceAccountToken"], true);
    let binding = of_kind("RoleBinding");
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    assert_eq!(binding["subjects"][0]["name"], account["metadata"]["name"]);
    let namespace = of_kind("Namespace");
    for object in [&deployment, &role, &account, &binding, &binding["subjects"][0].clone()] {
        let object = if object.get("metadata").is_some() { &object["metadata"] } else { object };
        assert_eq!(object["namespace"], namespace["metadata"]["name"]);
    }
}

#[test]
fn the_document_shows_lines_of_the_example() {
    let (_, rest) = DOC.split_once("```yaml\n").expect("a block");
    let (block, _) = rest.split_once("```").expect("its end");
    let lines = |text: &'static str| text.lines().map(str::trim).collect::<Vec<_>>();
    let (shown, whole) = (lines(block), lines(EXAMPLE));
    assert!(whole.windows(shown.len()).any(|part| part == shown), "not in the example:\n{block}");
}
