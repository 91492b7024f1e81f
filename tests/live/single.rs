//! One redis behind a Service, with one pod and one volume.

use std::time::Duration;

use crate::rig::{Rig, SINGLE_PORT, ask, connect, on_node, secs, until};

const NS: &str = "redis-single";

pub fn a_service_redis_with_one_pod_on_a_hostpath_volume(rig: &Rig, facts: &mut Vec<String>) {
    let up = rig.opsctl(&["redis-single", "up"]).ok();
    let named = rig.asked(&["-n", NS, "get", "service/redis", "deployment/redis", "-o", "name"]);
    assert_eq!(named, "service/redis\ndeployment.apps/redis");
    let pods = rig.asked(&["-n", NS, "get", "pods", "-o", "name"]);
    assert_eq!(pods.lines().count(), 1, "{pods}");
    let volume = rig.asked(&["-n", NS, "get", "pvc/redis", "-o", "jsonpath={.spec.volumeName}"]);
    let path = rig.asked(&["get", "pv", &volume, "-o", "jsonpath={.spec.hostPath.path}"]);
    assert!(path.starts_with('/'), "{path}");

    let mut link = rig.redis(SINGLE_PORT);
    let () = ask(&mut link, "SET live:single kept");
    rig.asked(&["-n", NS, "delete", &pods]);
    until("the data at a new pod", || {
        let url = format!("redis://{}:{SINGLE_PORT}/", rig.address());
        let mut link = connect(&url, Duration::from_mins(1)).ok()?;
        let value: Option<String> = redis::cmd("GET").arg("live:single").query(&mut link).ok()?;
        (value.as_deref() == Some("kept")).then_some(())
    });
    assert_ne!(rig.asked(&["-n", NS, "get", "pods", "-o", "name"]), pods);
    facts.push(format!("up in {}, data kept over a deletion", secs(up.took)));
}

pub fn its_down_takes_the_folder_along(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["redis-single", "up"]).ok();
    let volume = rig.asked(&["-n", NS, "get", "pvc/redis", "-o", "jsonpath={.spec.volumeName}"]);
    let path = rig.asked(&["get", "pv", &volume, "-o", "jsonpath={.spec.hostPath.path}"]);
    assert_eq!(on_node(&rig.profile, &["test", "-e", &path]).code, Some(0), "{path}");
    let down = rig.opsctl(&["redis-single", "down", "--yes"]).ok();
    assert_ne!(rig.kubectl(&["get", "namespace", NS]).code, Some(0));
    let gone = on_node(&rig.profile, &["test", "-e", &path]);
    assert_eq!(gone.code, Some(1), "{path} is still on the node");
    facts.push(format!("down in {}", secs(down.took)));
}
