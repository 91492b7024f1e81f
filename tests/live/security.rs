//! The restricted Pod Security Standard, without a warning.

use std::path::Path;

use crate::rig::Rig;

/// The namespace refuses what is not restricted, and the manifests of its stacks warn of nothing.
fn is_restricted(rig: &Rig, namespace: &str, stacks: &[&str], facts: &mut Vec<String>) {
    let label = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
    assert_eq!(rig.asked(&["get", "namespace", namespace, "-o", label]), "restricted");
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
    let mut files = 0;
    for stack in stacks {
        let folder = rig.root.join("manifests").join(stack);
        std::fs::create_dir_all(&folder).expect("a folder");
        for entry in std::fs::read_dir(manifests.join(stack)).expect("manifests") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a manifest");
            // The volume's node is this profile's.
            let text = text.replace("values: [minikube]", &format!("values: [{}]", rig.profile));
            std::fs::write(folder.join(path.file_name().expect("a name")), text).expect("a copy");
            files += 1;
        }
        let folder = folder.display().to_string();
        let dry = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", &folder];
        let ran = rig.kubectl(&dry).ok();
        assert!(!ran.err.to_lowercase().contains("warning"), "{stack}: {}", ran.err);
    }
    // And that it is enforced: a pod that may become root is refused.
    let intruder = ["run", "intruder", "--image=opsctl/redis:8.0", "--dry-run=server", "--privileged"];
    let refused = rig.kubectl(&[&["-n", namespace], &intruder[..]].concat());
    assert_ne!(refused.code, Some(0));
    assert!(refused.err.contains("restricted"), "{}", refused.err);
    facts.push(format!("{namespace}: {files} files, 0 warnings, a privileged pod refused"));
}

pub fn redis_is_restricted_and_its_manifests_warn_of_nothing(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    is_restricted(rig, "redis", &["redis", "info-cron"], facts);
}

pub fn so_is_the_single_redis(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["redis-single", "up"]).ok();
    is_restricted(rig, "redis-single", &["redis-single"], facts);
}

pub fn so_is_the_timestamp_api(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["timestamps", "up"]).ok();
    is_restricted(rig, "timestamps", &["timestamps"], facts);
}

pub fn so_is_the_election(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["election", "up", "--replicas", "5"]).ok();
    is_restricted(rig, "election", &["election"], facts);
}

pub fn so_is_the_peering(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["peering", "up"]).ok();
    is_restricted(rig, "peering", &["peering"], facts);
}

pub fn so_is_the_fleet(rig: &Rig, facts: &mut Vec<String>) {
    rig.opsctl(&["web", "up"]).ok();
    is_restricted(rig, "web", &["web"], facts);
}
