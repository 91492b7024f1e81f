//! What was asked for, a test each.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::rig::{MASTER_PORT, OPSCTL, PATIENCE, REPLICA_PORT, Rig, ask, connect, run, secs, until};

fn steps(events: &[Value], state: &str) -> Vec<String> {
    events
        .iter()
        .filter(|e| e["event"] == "step" && e["state"] == state)
        .filter_map(|e| e["step"].as_str().map(str::to_owned))
        .collect()
}

fn position(steps: &[String], what: &str) -> usize {
    steps.iter().position(|s| s.contains(what)).unwrap_or_else(|| panic!("no step {what} in {steps:#?}"))
}

pub fn every_command_is_verbose_and_guides_when_something_is_missing(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    // Each failure names the command to type next, and puts nothing evaluable on stdout.
    let guides: &[(&[&str], &[&str])] = &[
        (&["redis", "status"], &["next:", "opsctl redis up"]),
        (&["redis", "verify"], &["next:", "opsctl redis up"]),
        (&["redis", "import"], &["next:"]),
        (&["redis", "clean", "--yes"], &["next:"]),
        (&["info-cron", "logs"], &["next:", "opsctl info-cron up"]),
        (&["info-cron", "run"], &["next:", "opsctl info-cron up"]),
        (&["info-cron", "up"], &["next:", "opsctl redis up"]),
        (&["dev-vars"], &["next:", "opsctl"]),
        (&["-p", "no-such-profile", "redis", "up"], &["next:", "opsctl -p no-such-profile minikube up"]),
        (&["redis", "down"], &["Nothing to do"]),
    ];
    let mut count = 0;
    for (args, words) in guides {
        let mut command = rig.command(&[]);
        // The profile may stand once only; a later one replaces it.
        if args[0] == "-p" {
            command = Command::new(OPSCTL);
            command.env("KUBECONFIG", &rig.kubeconfig).env("XDG_STATE_HOME", rig.own_state());
        }
        command.args(["--timeout", "20s"]).args(*args);
        let ran = run(&mut command).says(words);
        assert_eq!(ran.out, "", "{args:?}");
        assert_eq!(ran.code == Some(0), words.contains(&"Nothing to do"), "{args:?}: {}", ran.err);
        count += 1;
    }
    let mut bare = rig.command(&["check", "minikube"]);
    let ran = run(bare.env("PATH", "/nonexistent")).code(3);
    assert!(format!("{}{}", ran.out, ran.err).contains("docker"), "{}{}", ran.out, ran.err);

    let ran = rig.opsctl(&["redis", "up", "-v"]).ok();
    let lines = ran.err.lines().count();
    ran.says(&[
        "Target: minikube profile",
        "deployment.apps/redis",
        "deployment.apps/redis-replica",
        "service/redis",
        "$ kubectl apply",
        "Ready in",
        &format!("{}:{MASTER_PORT}", rig.address()),
        "Next:",
        "Back: opsctl undo",
    ]);
    facts.push(format!("{count} commands guide, `redis up -v` says {lines} lines"));
}

pub fn no_helm(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let mut looked = 0;
    for kinds in ["secrets,configmaps", "all,networkpolicies,persistentvolumeclaims", "namespaces,pv"] {
        let list = rig.get(&["-A", kinds]);
        for object in list["items"].as_array().into_iter().flatten() {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let labels = &object["metadata"]["labels"];
            assert!(!name.starts_with("sh.helm.release"), "{name}");
            assert_ne!(labels["app.kubernetes.io/managed-by"], "Helm", "{name}");
            assert_ne!(labels["owner"], "helm", "{name}");
            looked += 1;
        }
    }
    facts.push(format!("{looked} objects, none of Helm"));
}

pub fn every_up_has_its_down_and_what_was_made_last_goes_first(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    let up = rig.opsctl(&["redis", "up", "-o", "json"]).ok();
    let made = steps(&up.events(), "done");
    let cron = rig.opsctl(&["info-cron-up", "-o", "json"]).ok();
    let cron_made = steps(&cron.events(), "done");
    assert!(cron_made.iter().any(|s| s == "redis/cronjob.batch/redis-info"), "{cron_made:?}");
    // A claim that is seen before its volume, or a pod before its claim is bound, waits for up to 15 s.
    // On a machine where everything is late, the controllers are too. These are gone with their namespace.
    let events = rig.get(&["-n", "redis", "events"]);
    let events = events["items"].as_array().cloned().unwrap_or_default();
    assert!(!events.is_empty(), "nothing is told of what was put up");
    for event in events {
        let (reason, says) = (&event["reason"], event["message"].as_str().unwrap_or_default());
        let waited = reason == "FailedBinding" || says.contains("unbound immediate");
        assert!(!waited || up.took > Duration::from_secs(15), "{reason}: {says}");
    }
    // The inverse of what was made first, while what leans on it stands.
    let down = rig.opsctl(&["redis-down", "--yes", "-o", "json"]).ok();
    let undone = steps(&down.events(), "undone");
    // What is in a namespace goes side by side, and a cron job's pod may be at work: it ends when it ends.
    for (first, then) in [
        ("cronjob.batch/redis-info", "namespace/redis"),
        ("deployment.apps/redis", "persistentvolumeclaim/redis"),
        ("persistentvolumeclaim/redis", "namespace/redis"),
    ] {
        let (at, later) = (position(&undone, first), position(&undone, then));
        assert!(at < later, "{first} goes before {then}: {undone:#?}");
    }
    assert!(position(&made, "namespace/redis") < position(&made, "deployment.apps/redis"), "{made:#?}");
    for step in made.iter().chain(&cron_made).filter(|s| !s.starts_with("image")) {
        assert!(undone.contains(step), "{step} was made and not taken back: {undone:#?}");
    }
    let objects = rig.is_as_before();
    facts.push(format!(
        "{} steps up in {}, {} back in {}, {objects} objects as before",
        made.len() + cron_made.len(),
        secs(up.took + cron.took),
        undone.len(),
        secs(down.took)
    ));
}

pub fn everything_in_kubernetes_is_reachable_from_the_host(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    // Early, so that a run of its schedule has been by the time that one is asked for.
    rig.opsctl(&["info-cron"]).ok();
    let services = rig.get(&["-n", "redis", "services"]);
    let mut reached = Vec::new();
    for service in services["items"].as_array().into_iter().flatten() {
        let port = service["spec"]["ports"][0]["nodePort"].as_u64().expect("a NodePort");
        let port = u16::try_from(port).expect("a port");
        assert_eq!(ask::<String>(&mut rig.redis(port), "PING"), "PONG");
        reached.push(format!("{}:{port}", rig.address()));
    }
    assert_eq!(reached.len(), 2);
    facts.push(format!("PONG from {}", reached.join(" and ")));
}

pub fn minikube_has_two_ready_nodes(rig: &Rig, facts: &mut Vec<String>) {
    let nodes = rig.opsctl(&["minikube", "status", "-o", "json"]).ok().json();
    let nodes = nodes.as_array().expect("a list");
    assert_eq!(nodes.len(), 2);
    assert!(nodes.iter().all(|n| n["ready"] == true), "{nodes:?}");
    let mut list = rig.minikube_command();
    let list = run(list.args(["node", "list", "-p", &rig.profile])).ok();
    assert_eq!(list.out.trim().lines().count(), 2, "{}", list.out);
    let took = rig.took.map_or_else(|| "kept cluster".into(), secs);
    facts.push(format!("2 ready, {}; made in: {took}", nodes[0]["version"].as_str().unwrap_or("?")));
}

pub fn the_masters_data_survives_restart_and_deletion_of_its_pod(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let claim = rig.get(&["-n", "redis", "pvc/redis"]);
    assert_eq!(claim["status"]["phase"], "Bound");
    let () = ask(&mut rig.redis(MASTER_PORT), "SET live:survives kept");
    let pod = rig.pod("master");
    // A restart of the container …
    let count = "jsonpath={.status.containerStatuses[0].restartCount}";
    let restarts = || rig.asked(&["-n", "redis", "get", "pod", &pod, "-o", count]);
    let before = restarts();
    rig.kubectl(&["-n", "redis", "exec", &pod, "--", "/usr/local/bin/redis-cli", "shutdown"]);
    until("the container is restarted", || {
        let ready = "jsonpath={.status.containerStatuses[0].ready}";
        (restarts() != before && rig.asked(&["-n", "redis", "get", "pod", &pod, "-o", ready]) == "true")
            .then_some(())
    });
    assert_eq!(ask::<String>(&mut rig.redis(MASTER_PORT), "GET live:survives"), "kept");
    // … and the end of the pod.
    let began = Instant::now();
    rig.kubectl(&["-n", "redis", "delete", "pod", &pod, "--wait=false"]).ok();
    until("a new master pod", || rig.pods("master").first().filter(|p| p.0 != pod).cloned());
    rig.redis_is_well();
    assert_eq!(ask::<String>(&mut rig.redis(MASTER_PORT), "GET live:survives"), "kept");
    facts.push(format!("after a restart, and {} after the pod's deletion", secs(began.elapsed())));
}

pub fn the_replica_keeps_nothing_and_follows_on_every_start(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET live:follows followed");
    let pod = rig.pod("replica");
    let spec = rig.get(&["-n", "redis", "pod", &pod])["spec"].clone();
    let volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
    assert!(volumes.iter().all(|v| v["persistentVolumeClaim"].is_null()), "{volumes:?}");
    let began = Instant::now();
    rig.kubectl(&["-n", "redis", "delete", "pod", &pod, "--wait=false"]).ok();
    until("a new replica pod", || rig.pods("replica").first().filter(|p| p.0 != pod).cloned());
    rig.redis_is_well();
    let mut link = rig.redis(REPLICA_PORT);
    assert_eq!(ask::<String>(&mut link, "GET live:follows"), "followed");
    let refused: redis::RedisResult<()> = redis::cmd("SET").arg("live:follows").arg("x").query(&mut link);
    assert!(refused.is_err(), "a replica takes no writes");
    let role: Vec<redis::Value> = ask(&mut link, "ROLE");
    assert_eq!(role.first(), Some(&redis::Value::BulkString(b"slave".to_vec())));
    facts.push(format!("no claim; follows again {} after its pod's deletion", secs(began.elapsed())));
}

pub fn master_and_replica_are_never_on_the_same_node(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let node = rig.pods("master")[0].1.clone().expect("the master runs");
    // More replicas than other nodes: none goes beside the master.
    rig.asked(&["-n", "redis", "scale", "deploy/redis-replica", "--replicas=3"]);
    rig.asked(&["-n", "redis", "rollout", "status", "deploy/redis-replica", "--timeout=240s"]);
    let replicas = rig.pods("replica");
    assert_eq!(replicas.len(), 3);
    assert!(replicas.iter().all(|p| p.1.as_deref() != Some(node.as_str())), "{replicas:?}");
    rig.asked(&["-n", "redis", "scale", "deploy/redis-replica", "--replicas=1"]);
    rig.redis_is_well();
    facts.push(format!("3 replicas, none on {node}"));
}

pub fn a_master_whose_node_takes_no_pods_waits_and_goes_nowhere_else(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let node = rig.pods("master")[0].1.clone().expect("the master runs");
    let () = ask(&mut rig.redis(MASTER_PORT), "SET live:cordoned kept");
    assert_eq!(ask::<u64>(&mut rig.redis(MASTER_PORT), "WAIT 1 3000"), 1);
    rig.asked(&["cordon", &node]);
    let former = rig.pod("master");
    rig.asked(&["-n", "redis", "delete", "pod", &former]);
    let waiting = until("a master pod that cannot be placed", || {
        let pods = rig.pods("master");
        let (name, node) = pods.first()?.clone();
        let why = "jsonpath={.status.conditions[?(@.type==\"PodScheduled\")].reason}";
        let why = rig.kubectl(&["-n", "redis", "get", "pod", &name, "-o", why]).out;
        (node.is_none() && why.trim() == "Unschedulable").then_some(name)
    });
    let ran = rig.opsctl(&["redis", "status"]).code(1);
    let uncordon = format!("kubectl uncordon {node}");
    for words in [waiting.as_str(), "unschedulable", &uncordon] {
        assert!(ran.out.contains(words), "status does not say {words:?}:\n{}", ran.out);
    }
    // What it has, the replica still serves.
    let mut link = rig.redis(REPLICA_PORT);
    assert_eq!(ask::<String>(&mut link, "GET live:cordoned"), "kept");
    let began = Instant::now();
    let (tool, words) = uncordon.split_once(' ').expect("a command");
    assert_eq!(tool, "kubectl");
    rig.asked(&words.split(' ').collect::<Vec<_>>());
    rig.redis_is_well();
    assert_eq!(rig.pods("master")[0].1.as_deref(), Some(node.as_str()));
    facts.push(format!("pending, `{uncordon}` named, well {} after it", secs(began.elapsed())));
}

pub fn two_plain_deployments_and_nothing_advanced(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let workloads = rig.asked(&[
        "-n",
        "redis",
        "get",
        "deployments,statefulsets,daemonsets,replicationcontrollers",
        "-o",
        "name",
    ]);
    assert_eq!(workloads, "deployment.apps/redis\ndeployment.apps/redis-replica");
    let pods = rig.get(&["-n", "redis", "pods"]).to_string().to_lowercase();
    assert!(!pods.contains("sentinel"), "no sentinel");
    assert!(!pods.contains("cluster-enabled") && !pods.contains("cluster_enabled"));
    for component in ["master", "replica"] {
        let pod = rig.pod(component);
        let containers = "jsonpath={.spec.containers[*].name}";
        assert_eq!(rig.asked(&["-n", "redis", "get", "pod", &pod, "-o", containers]), "redis");
    }
    facts.push("two Deployments, one container each".into());
}

/// Keys by type, by redis-cli in the master's pod.
fn types(rig: &Rig) -> BTreeMap<String, usize> {
    let script = "redis-cli --scan | grep -v '^opsctl:' | sed 's/^/type /' | redis-cli";
    let out = rig.asked(&["-n", "redis", "exec", "deploy/redis", "--", "sh", "-c", script]);
    let mut count = BTreeMap::new();
    for line in out.lines() {
        *count.entry(line.trim().to_owned()).or_default() += 1;
    }
    count
}

pub fn import_loads_the_sample_and_clean_deletes_all_with_a_way_back(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let mut link = rig.redis(MASTER_PORT);
    let () = ask(&mut link, "FLUSHALL");
    let sample = include_str!("../../import/redis/data.txt");
    let commands = sample.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')).count();
    assert!(commands >= 1000, "{commands}");

    // A wrong line is named, and nothing of that file is written.
    let bad = rig.root.join("bad.txt");
    std::fs::write(&bad, "SET live:bad 1\nSET live:worse \"no end\nSET live:bad 2\n").expect("a file");
    let name = bad.display().to_string();
    rig.opsctl(&["redis", "import", &name]).code(2).says(&[&format!("{name}:2")]);
    assert_eq!(ask::<u64>(&mut link, "DBSIZE"), 0);

    let import = rig.opsctl(&["redis", "import"]).ok();
    let first = types(rig);
    let keys: usize = first.values().sum();
    for kind in ["string", "hash", "list", "set", "zset", "stream"] {
        assert!(first.contains_key(kind), "no {kind}: {first:?}");
    }
    let vat = "HGET shop:info motto";
    assert_eq!(ask::<String>(&mut link, vat), "Heiß, schwarz, täglich frisch");
    assert_eq!(ask::<String>(&mut link, "GET setting:vat:other"), "0.19");
    // The replica has acknowledged it when import ends.
    let mut replica = rig.redis(REPLICA_PORT);
    assert_eq!(ask::<u64>(&mut replica, "DBSIZE"), ask::<u64>(&mut link, "DBSIZE"));

    rig.opsctl(&["redis", "import"]).ok().says(&["not repeated"]);
    assert_eq!(types(rig), first);

    // Not without an answer; then all of it; then back again.
    rig.opsctl(&["redis", "clean"]).code(2).says(&["--yes"]);
    assert_eq!(types(rig), first);
    rig.opsctl(&["redis", "clean", "--yes"]).ok().says(&[&format!("{keys} keys"), "napshot"]);
    assert_eq!(ask::<u64>(&mut link, "DBSIZE"), 0);
    rig.opsctl(&["undo", "--yes"]).ok();
    assert_eq!(types(rig), first);
    assert_eq!(ask::<String>(&mut link, vat), "Heiß, schwarz, täglich frisch");
    let kinds: Vec<_> = first.iter().map(|(k, n)| format!("{n} {k}")).collect();
    facts.push(format!(
        "{commands} commands in {}: {keys} keys ({}); clean to zero, undo brings all back",
        secs(import.took),
        kinds.join(", ")
    ));
}

pub fn a_recurring_task_prints_info_replication_every_minute(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["info-cron", "up"]).ok();
    let schedule =
        rig.asked(&["-n", "redis", "get", "cronjob/redis-info", "-o", "jsonpath={.spec.schedule}"]);
    assert_eq!(schedule, "* * * * *");
    let now = rig.opsctl(&["info-cron", "run"]).ok();
    assert!(now.out.contains("role:master") && now.out.contains("slave0:"), "{}", now.out);
    rig.opsctl(&["info-cron", "down", "--yes"]).ok();
    let left = rig.asked(&["-n", "redis", "get", "cronjobs,jobs", "-o", "name"]);
    assert_eq!(left, "");
    rig.opsctl(&["info-cron"]).ok();
    facts.push(format!(
        "`run` in {}; gone after `down`; what came by itself is told by another test",
        secs(now.took)
    ));
}

pub fn dev_vars_give_a_terminal_the_addresses(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let ran = rig.bash("eval \"$(opsctl dev-vars)\" && printenv | grep REDIS_ | sort").ok();
    let address = rig.address();
    let wanted = format!(
        "REDIS_MASTER_HOST_PORT={address}:{MASTER_PORT}\nREDIS_SLAVE_HOST_PORT={address}:{REPLICA_PORT}"
    );
    assert_eq!(ran.out.trim(), wanted);
    for line in ran.out.lines() {
        let (_, value) = line.split_once('=').expect("NAME=VALUE");
        let url = format!("redis://{value}/");
        let mut link = until("an answer", || connect(&url, PATIENCE).ok());
        assert_eq!(ask::<String>(&mut link, "PING"), "PONG");
    }
    let ran = rig
        .bash("source <(opsctl dev-vars); eval \"$(opsctl dev-vars --unset)\"; printenv | grep -c ^REDIS_")
        .code(1);
    assert_eq!(ran.out.trim(), "0");
    let raw = rig.opsctl(&["dev-vars"]).ok();
    facts.push(format!("{} (in {:.0} ms)", wanted.replace('\n', " "), raw.took.as_secs_f64() * 1000.0));
}

/// Waits for a text as a terminal does: whoever asks for the cursor's place is told.
fn see(session: &mut rexpect::session::PtySession, text: &str) -> Result<(), rexpect::error::Error> {
    loop {
        let asked = rexpect::ReadUntil::String("\u{1b}[6n".into());
        let (_, found) = session.exp_any(vec![asked, rexpect::ReadUntil::String(text.into())])?;
        if found == text {
            return Ok(());
        }
        session.send("\u{1b}[24;80R")?;
        session.flush()?;
    }
}

/// Types a line. The Enter key sends a carriage return.
fn enter(session: &mut rexpect::session::PtySession, line: &str) {
    session.send(&format!("{line}\r")).expect("typed");
    session.flush().expect("typed");
}

pub fn the_commands_of_the_requirements_work_as_written(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    let () = ask(&mut rig.redis(MASTER_PORT), "SET live:typed typed");
    let limit = Some(u64::try_from(PATIENCE.as_millis()).expect("a limit"));
    // A person's terminal: -it. A terminal has a size, and says where its cursor is.
    let typed = "stty rows 24 cols 80; kubectl -n redis exec -it deploy/redis -- /usr/local/bin/redis-cli";
    let mut session = rexpect::session::spawn_command(rig.bash_command(typed), limit).expect("a terminal");
    see(&mut session, "6379>").expect("redis-cli's prompt");
    enter(&mut session, "get live:typed");
    see(&mut session, "\"typed\"").expect("its answer");
    enter(&mut session, "role");
    see(&mut session, "master").expect("deploy/redis is the master");
    enter(&mut session, "exit");
    session.exp_eof().expect("its end");

    let keys = "kubectl -n redis exec -it deploy/redis -- /usr/local/bin/redis-cli keys \\*";
    let mut session = rexpect::session::spawn_command(rig.bash_command(keys), limit).expect("a terminal");
    let said = session.exp_eof().expect("its end");
    assert!(said.contains("live:typed"), "{said}");

    let pods = rig.bash("kubectl -n redis get pods").ok().out;
    let pod = rig.pod("master");
    assert!(pods.contains(&pod) && pods.contains("redis-replica-"), "{pods}");
    let logs = rig.bash(&format!("kubectl -n redis logs {pod}")).ok().out;
    assert!(logs.contains("Ready to accept connections"), "{logs}");
    facts.push("exec -it with and without keys \\*, get pods, logs".into());
}
