//! What is in the way is named, and nothing is touched.

use std::io::Write as _;
use std::process::Stdio;

use crate::dump::Dump;
use crate::rig::{Rig, ended, run, until};

pub fn a_foreign_namespace_is_refused(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    rig.asked(&["create", "namespace", "redis"]);
    // The cluster's own additions to a new namespace come a moment later.
    until("the namespace's own objects", || {
        let own = rig.kubectl(&["-n", "redis", "get", "sa/default", "cm/kube-root-ca.crt"]);
        (own.code == Some(0)).then_some(())
    });
    let before = Dump::take(rig);
    rig.opsctl(&["redis", "up"]).code(5).says(&["namespace/redis", "did not make it", "Nothing was touched"]);
    rig.opsctl(&["redis", "down", "--yes"]).ok().says(&["Nothing to do"]);
    let differences = rig.differences(&before);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    rig.asked(&["delete", "namespace", "redis"]);
    facts.push("exit 5, nothing touched".into());
}

/// A service in the namespace `default`; it is removed even if the test fails.
pub struct Service<'a>(pub &'a Rig<'a>, pub &'static str);

impl Drop for Service<'_> {
    fn drop(&mut self) {
        self.0.kubectl(&["delete", "service", self.1, "--ignore-not-found"]);
    }
}

pub fn a_taken_node_port_is_refused_with_its_owner(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    let name = "opsctl-test-port";
    // As a run that was killed leaves it.
    drop(Service(rig, name));
    let _service = Service(rig, name);
    rig.asked(&["create", "service", "nodeport", name, "--tcp=80", "--node-port=32400"]);
    // The cluster's own additions to a service come a moment later.
    until("the service's own objects", || {
        let slices = rig.kubectl(&[
            "get",
            "endpointslices",
            "-l",
            &format!("kubernetes.io/service-name={name}"),
            "-o",
            "name",
        ]);
        let endpoints = rig.kubectl(&["get", "endpoints", name, "-o", "name"]);
        (endpoints.code == Some(0) && !slices.out.trim().is_empty()).then_some(())
    });
    let before = Dump::take(rig);
    rig.opsctl(&["redis", "up"]).code(5).says(&["32400", &format!("default/{name}")]);
    let differences = rig.differences(&before);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    facts.push("exit 5, the owner named, nothing touched".into());
}

pub fn a_second_opsctl_at_once_is_refused_with_the_first_ones_pid(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_is_down();
    let mut first = rig.command(&["redis", "up"]);
    let first = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("opsctl");
    let pid = first.id().to_string();
    let lock = rig.own_state().join("opsctl/lock");
    until("the first one has the lock", || {
        std::fs::read_to_string(&lock).ok().filter(|text| text.contains(&pid))
    });
    rig.opsctl(&["redis", "up"]).code(5).says(&[&pid, "redis up"]);
    let output = first.wait_with_output().expect("its end");
    ended("the first", &output, std::time::Duration::ZERO).ok();
    rig.redis_is_well();
    facts.push(format!("exit 5, process {pid} named; the first one ended well"));
}

pub fn a_damaged_journal_is_refused_and_down_goes_by_the_labels(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    // A copy: the other tests need theirs.
    let (own, copy) = (rig.own_state().join("opsctl"), rig.state("damaged").join("opsctl"));
    std::fs::create_dir_all(&copy).expect("a folder");
    let journal = std::fs::read_dir(&own)
        .expect("the state folder")
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .expect("a journal");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let mut file = std::fs::File::create(copy.join(journal.file_name().expect("a name"))).expect("a copy");
    for (i, line) in text.lines().enumerate() {
        let line = if i == 2 { line.replacen(':', ";", 1) } else { line.to_owned() };
        writeln!(file, "{line}").expect("written");
    }
    drop(file);
    for args in [["redis", "up"].as_slice(), &["undo", "--yes"], &["undo", "--all", "--yes"]] {
        rig.opsctl_in("damaged", args).code(5).says(&["damaged", "journal.jsonl:3"]);
    }
    run(&mut rig.opsctl_command("damaged", &["redis", "down", "--yes"])).ok();
    rig.is_as_before();
    facts.push("exit 5 with the line; `redis down` by the labels leaves nothing".into());
}
