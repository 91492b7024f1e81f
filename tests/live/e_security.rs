//! The restricted Pod Security Standard, without a warning.

use std::path::Path;

use super::harness::test;

#[test]
fn e01_namespaces_enforce_restricted_and_the_manifests_warn_of_nothing() {
    test("security: restricted, no warnings", |rig, facts| {
        rig.redis_stands();
        rig.opsctl(&["election", "up", "--replicas", "5"]).ok();
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
        // Its pods have a test of their own.
        let single = manifests.join("redis-single/0-namespace.yaml").display().to_string();
        rig.kubectl(&["create", "-f", &single]).ok();
        for namespace in ["redis", "redis-single", "election"] {
            let label = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
            assert_eq!(rig.asked(&["get", "namespace", namespace, "-o", label]), "restricted");
        }
        let mut files = 0;
        for stack in ["redis", "info-cron", "redis-single", "election"] {
            let folder = rig.root.join("manifests").join(stack);
            std::fs::create_dir_all(&folder).expect("a folder");
            for entry in std::fs::read_dir(manifests.join(stack)).expect("manifests") {
                let path = entry.expect("a file").path();
                let text = std::fs::read_to_string(&path).expect("a manifest");
                // The volume's node is this profile's.
                let text = text.replace("values: [minikube]", &format!("values: [{}]", rig.profile));
                std::fs::write(folder.join(path.file_name().expect("a name")), text).expect("a copy");
                files += 1;
            }
            let folder = folder.display().to_string();
            let ran = rig
                .kubectl(&["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", &folder])
                .ok();
            assert!(!ran.err.to_lowercase().contains("warning"), "{stack}: {}", ran.err);
        }
        // And that it is enforced: a pod that may become root is refused.
        let refused = rig.kubectl(&[
            "-n",
            "redis",
            "run",
            "intruder",
            "--image=opsctl/redis:8.0",
            "--dry-run=server",
            "--privileged",
        ]);
        assert_ne!(refused.code, Some(0));
        assert!(refused.err.contains("restricted"), "{}", refused.err);
        rig.kubectl(&["delete", "namespace/redis-single", "--wait=false"]).ok();
        rig.opsctl(&["election", "down", "--yes"]).ok();
        facts.push(format!("3 namespaces, {files} files, 0 warnings, a privileged pod refused"));
    });
}
