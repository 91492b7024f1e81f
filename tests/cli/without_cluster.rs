//! Where no cluster is, every command says what to type instead.

use opsctl::stack;

use crate::sandbox::Sandbox;
use crate::world::{DOCKER_RUNS, with_snapshots};

#[test]
fn what_needs_a_cluster_names_the_command_that_makes_one() {
    let sandbox = Sandbox::new();
    for (args, code) in [
        (&["redis", "status"][..], 1),
        (&["redis", "verify"], 1),
        (&["redis", "clean", "--yes"], 1),
        (&["redis", "cli", "--", "ping"], 1),
        (&["info-cron"], 3),
        (&["info-cron", "logs"], 1),
        (&["info-cron", "logs", "-f"], 1),
        (&["info-cron", "run"], 1),
        (&["minikube", "status"], 1),
        (&["dev-vars"], 1),
        (&["dev-vars", "--", "printenv"], 1),
    ] {
        let ran = sandbox.opsctl(args).ends(code);
        let next = if args[0] == "dev-vars" { "next: opsctl up" } else { ": opsctl minikube up" };
        let _ = ran.guides(next);
    }
    for stack in stack::all() {
        let _ = sandbox.opsctl(&[&*stack.name, "up"]).ends(3).guides(": opsctl minikube up");
    }
    assert_eq!(sandbox.calls(), Vec::<String>::new());
}

#[test]
fn an_import_without_a_cluster_names_the_command_that_makes_one() {
    let sandbox = Sandbox::new().file("data.txt", "SET a 1\n");
    let _ = sandbox.opsctl(&["redis", "import", "data.txt"]).ends(1).guides("next: opsctl minikube up");
    let _ = sandbox.opsctl(&["redis", "import"]).ends(1).guides("next: opsctl minikube up");
}

#[test]
fn a_restore_tells_a_wrong_file_before_it_asks_for_a_cluster() {
    let sandbox = Sandbox::new();
    with_snapshots(&sandbox, 1);
    let restore = |file: &str| sandbox.opsctl(&["snapshots", "restore", file, "--yes"]);
    let _ = restore("none.rdb").ends(2).guides("next: opsctl snapshots list");
    // Of the right size, but no RDB file: by its name and by its path.
    let path = sandbox.state().join("snapshots/redis-1.rdb");
    for file in ["redis-1.rdb", path.to_str().unwrap()] {
        let _ = restore(file).ends(2).guides("not a snapshot that can be restored").guides("redis-1.rdb");
    }
    assert!(!sandbox.state().join("journal.jsonl").exists());
}

#[test]
fn taking_down_what_is_not_there_is_done_already() {
    let sandbox = Sandbox::new();
    let stacks = stack::all();
    let downs = stacks.iter().map(|stack| vec![&*stack.name, "down"]);
    for args in downs.chain([vec!["undo"], vec!["undo", "--all"], vec!["down"], vec!["minikube", "down"]]) {
        let args = &args[..];
        let ran = sandbox.opsctl(args).ends(0);
        assert_eq!(ran.stdout, "", "{args:?}");
        assert!(ran.stderr.contains("Nothing to do"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn reports_of_nothing_say_that_there_is_nothing() {
    let sandbox = Sandbox::new();
    let history = sandbox.opsctl(&["history"]).ends(0).guides("Next: opsctl up");
    assert!(history.stderr.contains("No runs yet"), "{}", history.stderr);
    let _ = sandbox.opsctl(&["snapshots", "list"]).ends(0).guides("No snapshots in");
    assert_eq!(sandbox.opsctl(&["history", "-o", "json"]).ends(0).stdout, "[]\n");
    let status = sandbox.opsctl(&["status"]).ends(1);
    assert!(status.stdout.contains("not there") && status.stderr.contains("Next: opsctl up"), "{status:?}");
    assert!(!sandbox.state().exists(), "a report wrote something");
}

#[test]
fn a_profile_that_does_not_answer_is_not_said_to_be_missing() {
    let sandbox = Sandbox::new().profile("minikube", &["127.0.0.1"]);
    let status = sandbox.opsctl(&["status"]).ends(1);
    assert!(status.stdout.contains("does not answer"), "{status:?}");
    assert!(!status.stdout.contains("not there") && status.stderr.contains("Next: opsctl up"), "{status:?}");
    let told: serde_json::Value =
        serde_json::from_str(&sandbox.opsctl(&["status", "-o", "json"]).ends(1).stdout).expect("JSON");
    assert_eq!((&told["there"], &told["cluster"]), (&true.into(), &serde_json::Value::Null));
}

#[test]
fn both_spellings_of_a_script_do_the_same() {
    // With a profile, or the size of this machine would be told, which changes between the two.
    let sandbox = Sandbox::new().profile("minikube", &["192.0.2.2"]).file("bad.txt", "FLUSHALL\n");
    for (one, other) in [
        (&["minikube-up"][..], &["minikube", "up"][..]),
        (&["minikube-down"], &["minikube", "down"]),
        (&["redis-up"], &["redis", "up"]),
        (&["redis-down"], &["redis", "down"]),
        (&["redis-clean"], &["redis", "clean"]),
        (&["redis-import", "bad.txt"], &["redis", "import", "bad.txt"]),
        (&["info-cron"], &["info-cron", "up"]),
        (&["info-cron-up"], &["info-cron", "up"]),
        (&["info-cron-down"], &["info-cron", "down"]),
    ] {
        let (mut a, b) = (sandbox.opsctl(one), sandbox.opsctl(other));
        // What was typed is repeated as the command to type next.
        a.stderr = a.stderr.replace("opsctl redis-import", "opsctl redis import");
        assert_eq!((a.code, a.stdout, a.stderr), (b.code, b.stdout, b.stderr), "{one:?} and {other:?}");
    }
}

#[test]
fn a_torn_minikube_profile_is_named_and_nothing_is_printed_that_a_shell_would_run() {
    // minikube writes the file in place: a reader can find any beginning of it.
    let whole = include_str!("../fixtures/minikube/two-nodes.json");
    let sandbox = Sandbox::new().file(".minikube/profiles/minikube/config.json", &whole[..whole.len() / 2]);
    for args in [&["dev-vars"][..], &["redis", "status"], &["minikube", "status"], &["redis", "verify"]] {
        let ran = sandbox.opsctl(args).ends(1).guides("is damaged");
        assert!(ran.stderr.contains("profiles/minikube/config.json"), "{}", ran.stderr);
        assert!(ran.stderr.contains("next: minikube start -p minikube"), "{}", ran.stderr);
    }
}

#[test]
fn a_profile_that_was_never_started_to_the_end_is_no_address() {
    let sandbox = Sandbox::new().profile("minikube", &[]);
    let _ = sandbox.opsctl(&["dev-vars"]).ends(1).guides("next: opsctl minikube up");
}

#[test]
fn a_kubeconfig_that_leads_elsewhere_is_not_followed() {
    let sandbox = Sandbox::new().profile("minikube", &["192.0.2.2"]).kubeconfig(
        "apiVersion: v1\nkind: Config\ncurrent-context: minikube\n\
         contexts: [{name: minikube, context: {cluster: minikube, user: minikube}}]\n\
         clusters: [{name: minikube, cluster: {server: 'https://prod.example:6443'}}]\n\
         users: [{name: minikube, user: {}}]\n",
    );
    let ran =
        sandbox.opsctl(&["redis", "status"]).ends(5).guides("next: minikube update-context -p minikube");
    assert!(ran.stderr.contains("prod.example"), "{}", ran.stderr);
}

#[test]
fn redis_cli_does_not_follow_it_either() {
    let sandbox = Sandbox::new()
        .tool("kubectl", "echo it ran")
        .profile("minikube", &["192.0.2.2"])
        .kubeconfig(&leading_to("https://prod.example:6443"));
    let ran = sandbox.opsctl(&["redis", "cli", "FLUSHALL"]).ends(5);
    assert!(ran.stderr.contains("prod.example"), "{}", ran.stderr);
    assert_eq!(sandbox.calls(), Vec::<String>::new());
}

#[test]
fn a_port_of_this_machine_that_is_not_the_nodes_is_not_followed() {
    for (published, code) in
        [("echo 127.0.0.1:9", 5), ("echo 127.0.0.1:1", 1), ("echo No such container >&2; exit 1", 1)]
    {
        let sandbox = Sandbox::new()
            .tool("docker", published)
            .tool("kubectl", "echo it ran")
            .profile("minikube", &["192.0.2.2"])
            .kubeconfig(&leading_to("https://127.0.0.1:1"));
        let ran = sandbox.opsctl(&["redis", "status"]).ends(code);
        let elsewhere = ran.stderr.contains("which is not a node") && ran.stderr.contains("127.0.0.1:1");
        assert_eq!(elsewhere, code == 5, "{published}: {}", ran.stderr);
        assert!(
            sandbox.calls().contains(&"docker port minikube 8443/tcp".to_owned()),
            "{:?}",
            sandbox.calls()
        );
        let cli = sandbox.opsctl(&["redis", "cli", "PING"]);
        assert_eq!(cli.code == Some(0), published == "echo 127.0.0.1:1", "{published}: {cli:?}");
    }
}

fn leading_to(server: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: minikube\n\
         contexts: [{{name: minikube, context: {{cluster: minikube, user: minikube}}}}]\n\
         clusters: [{{name: minikube, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: minikube, user: {{}}}}]\n"
    )
}

#[test]
fn a_dry_run_calls_nothing_that_changes_anything() {
    let sandbox = Sandbox::new().tool("docker", DOCKER_RUNS).tool("minikube", "echo v1.38.1");
    let ran = sandbox.opsctl(&["minikube", "up", "--dry-run", "--memory", "1m"]).ends(0);
    assert!(ran.stdout.contains("+ ") && ran.stdout.contains("minikube start -p minikube"), "{ran:?}");
    assert!(ran.stderr.contains("Nothing was touched"), "{}", ran.stderr);
    let looks = ["docker info", "docker image", "docker ps", "docker version", "minikube version"];
    for call in sandbox.calls() {
        assert!(looks.iter().any(|l| call.starts_with(l)), "{call}");
    }
    assert!(!sandbox.state().join("journal.jsonl").exists());
    assert!(!sandbox.home().join(".kube").exists());
}

#[test]
fn what_has_no_dry_run_refuses_it() {
    // Each would act, or start what acts.
    let kubectl = "touch \"$HERE/ran\"";
    let sandbox =
        Sandbox::new().tool("kubectl", kubectl).tool("ran", kubectl).profile("minikube", &["192.0.2.2"]);
    for args in [
        &["redis", "cli", "--dry-run", "--", "flushall"][..],
        &["dev-vars", "--dry-run", "--", "ran"],
        &["redis", "verify", "--dry-run"],
        &["redis", "verify", "--disruptive", "--yes", "--dry-run"],
        &["info-cron", "run", "--dry-run"],
        &["bundle", "build", "--dry-run"],
        &["bundle", "remove", "--yes", "--dry-run"],
        &["snapshots", "prune", "--dry-run"],
        &["history", "--repair", "--dry-run"],
        &["election", "drill", "--restore", "--dry-run"],
        &["web", "build", "--dry-run"],
    ] {
        let ran = sandbox.opsctl(args).ends(2);
        assert!(ran.stderr.contains("no dry run; nothing was touched"), "{ran:?}");
    }
    assert!(!sandbox.home().join("../ran").exists());
}
