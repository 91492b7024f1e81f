//! The end: nothing of the cluster is left.

use serde_json::Value;

use crate::rig::{ENVIRONMENT, Rig, secs};

/// A kubeconfig's entries by name, whatever their order.
fn meaning(config: &Value) -> Value {
    let mut config = config.clone();
    for list in ["clusters", "users", "contexts"] {
        if config[list].is_null() {
            config[list] = Value::Array(Vec::new());
        }
        if let Some(entries) = config[list].as_array_mut() {
            entries.sort_by_key(|e| e["name"].as_str().unwrap_or_default().to_owned());
        }
    }
    if config["preferences"].as_object().is_some_and(serde_json::Map::is_empty)
        && let Some(map) = config.as_object_mut()
    {
        map.remove("preferences");
    }
    config
}

pub fn undo_all_takes_the_cluster_back_and_leaves_nothing(rig: &Rig, facts: &mut Vec<String>) {
    if rig.keep {
        rig.redis_is_down();
        rig.nothing_is_left();
        facts.push("the kept cluster is as it was".into());
        return;
    }
    let ran = rig.opsctl_in(ENVIRONMENT, &["undo", "--all", "--yes"]).ok();
    assert!(!rig.profile_folder().exists(), "{} is left", rig.profile_folder().display());
    assert_eq!(rig.containers(), Vec::<String>::new(), "Docker holds something of the profile");
    assert_eq!(meaning(&rig.kubeconfig_now()), meaning(&rig.kubeconfig_before));
    rig.opsctl_in(ENVIRONMENT, &["undo", "--all", "--yes"]).ok().says(&["Nothing to do"]);
    facts.push(format!(
        "profile, containers, volumes gone; kubeconfig means what it meant ({})",
        secs(ran.took)
    ));
}
