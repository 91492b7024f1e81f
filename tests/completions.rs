//! Completion: the committed scripts are what the binary prints, and bash offers what it should.
#![allow(clippy::unwrap_used)]

#[path = "support/sandbox.rs"]
#[allow(dead_code, reason = "not every test uses all of it")]
mod sandbox;

use sandbox::Sandbox;

#[test]
fn the_committed_scripts_are_what_the_binary_prints() {
    let sandbox = Sandbox::new();
    for (shell, file) in [("bash", "opsctl.bash"), ("zsh", "_opsctl"), ("fish", "opsctl.fish")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let printed = sandbox.opsctl(&["completions", shell]).ends(0).stdout;
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == printed, "renew it: opsctl completions {shell} > completions/{file}");
    }
}

/// What bash offers for a line, by the function that the line `load` defines; `|` marks the cursor's end.
fn offered(sandbox: &Sandbox, load: &str, words: &[&str]) -> Vec<String> {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_opsctl")).parent().unwrap();
    let list = words.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(" ");
    let script = format!(
        r#"PATH={bin}:/usr/bin:/bin
        {load}
        spec=$(complete -p opsctl) || exit 9
        [[ $spec =~ -F\ ([^ ]+) ]] || exit 8
        COMP_WORDS=({list}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE=9
        COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
        "${{BASH_REMATCH[1]}}" opsctl "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}" 2>/dev/null
        printf '%s\n' "${{COMPREPLY[@]}}""#,
        bin = bin.display(),
    );
    let ran = sandbox.run("/bin/bash", &["--norc", "-ic", &script]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
}

const DYNAMIC: &str = "source <(COMPLETE=bash opsctl)";
const FIXED: &str = "source <(opsctl completions bash)";

#[test]
fn bash_offers_the_commands_that_begin_so() {
    let sandbox = Sandbox::new();
    let stacks = opsctl::stack::all();
    let begin_so: Vec<_> = stacks.iter().map(|s| &*s.name).filter(|name| name.starts_with("re")).collect();
    assert!(begin_so.len() > 1);
    assert_eq!(offered(&sandbox, DYNAMIC, &["opsctl", "re"]), begin_so);
    let fixed = offered(&sandbox, FIXED, &["opsctl", "re"]);
    for word in begin_so {
        assert!(fixed.iter().any(|w| w == word), "{fixed:?}");
    }
    for load in [DYNAMIC, FIXED] {
        assert_eq!(offered(&sandbox, load, &["opsctl", "redis", "ver"]), ["verify"], "{load}");
        assert_eq!(
            offered(&sandbox, load, &["opsctl", "redis", "verify", "--dis"]),
            ["--disruptive"],
            "{load}"
        );
    }
}

#[test]
fn bash_offers_the_values_of_an_option() {
    let sandbox = Sandbox::new();
    for load in [DYNAMIC, FIXED] {
        let shells = offered(&sandbox, load, &["opsctl", "dev-vars", "--shell", "f"]);
        assert_eq!(shells, ["fish"], "{load}");
        let forms = offered(&sandbox, load, &["opsctl", "status", "-o", "j"]);
        assert_eq!(forms, ["json"], "{load}");
    }
}

#[test]
fn the_dynamic_one_offers_the_profiles_on_this_machine_and_asks_no_tool() {
    let sandbox = Sandbox::new()
        .profile("minikube", &["192.0.2.2"])
        .profile("staging", &[])
        .file(".minikube/profiles/half-deleted/id_rsa", "")
        .tool("minikube", "exit 1")
        .tool("docker", "exit 1");
    let mut profiles = offered(&sandbox, DYNAMIC, &["opsctl", "-p", ""]);
    profiles.sort();
    assert_eq!(profiles, ["minikube", "staging"]);
    assert_eq!(offered(&sandbox, DYNAMIC, &["opsctl", "redis", "up", "--profile", "st"]), ["staging"]);
    assert_eq!(sandbox.calls(), Vec::<String>::new());
}

#[test]
fn the_dynamic_one_offers_the_snapshots_that_can_be_put_back() {
    let description = |at: &str, keys: u8| {
        serde_json::json!({"schema": 1, "at": at, "addr": "127.0.0.1:32400", "sha256": "",
            "origin": {"cluster": null, "source": "redis/redis", "reason": "clean"},
            "holds": {"rdb_version": 12, "redis_version": "8.0.2", "keys": keys, "expiring": 0, "databases": {},
                "types": {}, "functions": 0, "largest": 1, "bytes": 4, "checksum": true}})
        .to_string()
    };
    let folder = ".local/state/opsctl/snapshots";
    let sandbox = Sandbox::new()
        .file(&format!("{folder}/redis-a.json"), &description("2026-11-20T10:00:00Z", 1))
        .file(&format!("{folder}/redis-a.rdb"), "data")
        .file(&format!("{folder}/redis-torn.json"), "{")
        .file(&format!("{folder}/redis-torn.rdb"), "data");
    let files = offered(&sandbox, DYNAMIC, &["opsctl", "snapshots", "restore", "redis"]);
    assert_eq!(files, ["redis-a.rdb"]);
}

#[test]
fn without_any_profile_nothing_is_offered_and_nothing_is_said() {
    assert_eq!(offered(&Sandbox::new(), DYNAMIC, &["opsctl", "-p", ""]), Vec::<String>::new());
}
