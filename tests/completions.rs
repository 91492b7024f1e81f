//! Completion: the committed scripts are what the binary prints, and bash, zsh and fish offer what they should.
//!
//! zsh and fish are needed for theirs; where one is missing, `make test` says so and skips them.
#![allow(clippy::unwrap_used)]

#[path = "support/sandbox.rs"]
#[allow(dead_code, reason = "not every test uses all of it")]
mod sandbox;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sandbox::Sandbox;

#[test]
fn the_committed_scripts_are_what_the_binary_prints() {
    let sandbox = Sandbox::new();
    for (shell, file) in
        [("bash", "opsctl.bash"), ("zsh", "_opsctl"), ("fish", "opsctl.fish"), ("powershell", "_opsctl.ps1")]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let printed = sandbox.opsctl(&["completions", shell]).ends(0).stdout;
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == printed, "renew it: opsctl completions {shell} > completions/{file}");
    }
}

/// The folder of the program.
fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_opsctl")).parent().unwrap()
}

/// What bash offers for a line, by the function that the line `load` defines; `|` marks the cursor's end.
fn offered(sandbox: &Sandbox, load: &str, words: &[&str]) -> Vec<String> {
    let bin = bin();
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

/// What a shell offers for a line, by the completion that the line `load` defines.
type Offers = fn(&Sandbox, &str, &str) -> Vec<String>;

fn in_zsh(sandbox: &Sandbox, load: &str, line: &str) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/offered.zsh");
    let path = format!("PATH={}:/usr/bin:/bin", bin().display());
    let file = sandbox.home().join("offered").display().to_string();
    let ran = sandbox.run("/usr/bin/env", &[&path, "TERM=dumb", "zsh", "-f", script, &file, load, line]);
    offers(&ran, "zsh")
}

fn in_fish(sandbox: &Sandbox, load: &str, line: &str) -> Vec<String> {
    let script = format!("{load}; complete -C '{line}'");
    let path = format!("PATH={}:/usr/bin:/bin", bin().display());
    let ran = sandbox.run("/usr/bin/env", &[&path, "fish", "--no-config", "-c", &script]);
    offers(&ran, "fish")
}

fn offers(ran: &sandbox::Ran, shell: &str) -> Vec<String> {
    assert_eq!(ran.code, Some(0), "{shell} is needed: apt-get install {shell}\n{}{}", ran.stdout, ran.stderr);
    // fish has a description behind a tab.
    let word = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    let mut words: Vec<_> = ran.stdout.lines().map(word).filter(|word| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    words
}

/// What bash is tried with above, in another shell: `dynamic` and `fixed` define the completion.
fn offers_the_same(offered: Offers, dynamic: &str, fixed: &str) {
    let sandbox = Sandbox::new().profile("minikube", &["192.0.2.2"]).profile("staging", &[]);
    let sandbox = sandbox.tool("minikube", "exit 1").tool("docker", "exit 1");
    assert_eq!(offered(&sandbox, dynamic, "opsctl re"), ["redis", "redis-single"]);
    for load in [dynamic, fixed] {
        let found = offered(&sandbox, load, "opsctl re");
        assert!(found.iter().any(|word| word == "redis"), "{load}: {found:?}");
        assert_eq!(offered(&sandbox, load, "opsctl redis ver"), ["verify"], "{load}");
        assert_eq!(offered(&sandbox, load, "opsctl redis verify --dis"), ["--disruptive"], "{load}");
        assert_eq!(offered(&sandbox, load, "opsctl dev-vars --shell f"), ["fish"], "{load}");
        assert_eq!(offered(&sandbox, load, "opsctl status -o j"), ["json"], "{load}");
    }
    assert_eq!(offered(&sandbox, dynamic, "opsctl -p "), ["minikube", "staging"]);
    assert_eq!(offered(&sandbox, dynamic, "opsctl redis up --profile st"), ["staging"]);
    assert_eq!(sandbox.calls(), Vec::<String>::new());
}

#[test]
fn zsh_offers_the_same() {
    offers_the_same(in_zsh, "source <(COMPLETE=zsh opsctl)", "source <(opsctl completions zsh)");
    // As `make install` puts it, and the README has it.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    let load = format!("fpath=({folder} $fpath); compinit -u -D");
    assert_eq!(in_zsh(&Sandbox::new(), &load, "opsctl redis ver"), ["verify"]);
}

#[test]
fn fish_offers_the_same() {
    offers_the_same(in_fish, "COMPLETE=fish opsctl | source", "opsctl completions fish | source");
}

/// Runs of each: the medians are compared.
const RUNS: usize = 50;

/// What a person does not notice.
const NOTICED: Duration = Duration::from_millis(10);

/// What a command's first thread used of the processor: unlike its time, that does not grow while others have it.
#[cfg(target_os = "linux")]
fn processor_time(command: &mut Command) -> Duration {
    use std::io::Read as _;
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut said, proc) = (String::new(), format!("/proc/{}", child.id()));
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    // What it used is known until it is waited for.
    while !std::fs::read_to_string(format!("{proc}/stat")).unwrap().contains(") Z ") {
        std::thread::sleep(Duration::from_micros(200));
    }
    let used = std::fs::read_to_string(format!("{proc}/schedstat")).unwrap();
    assert!(child.wait().unwrap().success() && !said.is_empty(), "{command:?}: {said}");
    Duration::from_nanos(used.split(' ').next().unwrap().parse().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn an_offer_takes_no_time_beyond_the_start_of_the_program() {
    let sandbox = Sandbox::new().profile("minikube", &["192.0.2.2"]);
    // As the script of each shell calls it.
    let call = |shell: &str, line: &[&str]| {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_opsctl"));
        command.env("COMPLETE", shell).env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_COMP_TYPE", "9");
        command.env("_CLAP_COMPLETE_INDEX", (line.len() - 1).to_string()).arg("--").args(line);
        command
    };
    let lines: [&[&str]; 3] =
        [&["opsctl", "re"], &["opsctl", "-p", ""], &["opsctl", "snapshots", "restore", ""]];
    let mut calls: Vec<(String, Command)> = Vec::new();
    for shell in ["bash", "zsh", "fish"] {
        for line in lines {
            calls.push((format!("{shell}: {}", line.join(" ")), call(shell, line)));
        }
    }
    let mut start = sandbox.command(env!("CARGO_BIN_EXE_opsctl"));
    start.arg("--version");
    calls.insert(0, ("the start".into(), start));
    let mut times = vec![Vec::new(); calls.len()];
    // In turn: what disturbs one disturbs all.
    for _ in 0..RUNS {
        for ((_, command), times) in calls.iter_mut().zip(&mut times) {
            times.push(processor_time(command));
        }
    }
    let medians: Vec<Duration> = times
        .into_iter()
        .map(|mut times| {
            times.sort();
            times[RUNS / 2]
        })
        .collect();
    let beyond: Vec<_> = medians.iter().map(|median| median.saturating_sub(medians[0])).collect();
    for ((name, _), beyond) in calls.iter().zip(&beyond) {
        assert!(*beyond <= NOTICED, "{name}: {beyond:?} beyond the start's {:?}", medians[0]);
    }
}
