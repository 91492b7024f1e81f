//! minikube as a tool: which one, what state its profile is in, start, mend, delete.

mod choice;
mod join;
pub mod kubeconfig;
mod mend;
mod remake;
mod state;
mod wish;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bundle::{self, NODE_IMAGE};
use crate::context::{Context, Profile};
use crate::error::{Code, Problem, kubectl, opsctl, problem, said, shell};
use crate::exec::Run;
use crate::host;
use crate::ui::Row;
pub use choice::{Choice, Need, Source, choose};
pub use mend::mend;
pub use state::{ProfileState, state};
pub use wish::Wish;

/// What a cluster is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many nodes.
    pub nodes: usize,
    /// Processors of each.
    pub cpus: String,
    /// Memory of each, such as `4g`.
    pub memory: String,
    /// The driver.
    pub driver: String,
    /// What stands after `--` on the command line: minikube's own.
    pub extra: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nodes: 2,
            cpus: "2".to_owned(),
            memory: "4g".to_owned(),
            driver: "docker".to_owned(),
            extra: Vec::new(),
        }
    }
}

/// A size such as `3g`, `2200m`, or a number of MiB as minikube takes it; in bytes.
pub fn memory_size(text: &str) -> Option<u64> {
    let lower = text.to_lowercase();
    let lower = lower.trim_end_matches('b').trim_end_matches('i');
    let (number, shift) = match lower.chars().last()? {
        'g' => (&lower[..lower.len() - 1], 30),
        'm' => (&lower[..lower.len() - 1], 20),
        'k' => (&lower[..lower.len() - 1], 10),
        _ => (lower, 20),
    };
    number.parse::<u64>().ok().filter(|n| *n > 0 && *n < 1 << 20).map(|n| n << shift)
}

/// A run of the chosen minikube, with the folders that opsctl was told to use.
pub fn run(cx: &Context, choice: &Choice, args: &[&str]) -> Run {
    Run::new(&choice.path)
        .args(args)
        .env("MINIKUBE_HOME", &cx.paths.minikube)
        .env("KUBECONFIG", &cx.paths.kubeconfig)
        .env("MINIKUBE_IN_STYLE", "false")
        // A notice about a newer release costs a request and a line.
        .env("MINIKUBE_WANTUPDATENOTIFICATION", "false")
}

/// The command that [`start`] runs, for `-v` and `--dry-run`.
pub fn start_command(cx: &Context, choice: &Choice, settings: &Settings) -> Result<Run> {
    let profile = cx.profile_name()?;
    let old = Profile::read(&cx.paths, profile).ok().flatten().filter(|p| !p.nodes.is_empty());
    let mut run =
        run(cx, choice, &["start", "-p", profile, "--interactive=false", "--driver", &settings.driver]);
    if old.is_none() {
        // minikube takes these only when it makes the profile.
        run = run.args(["--nodes", &settings.nodes.to_string()]);
        run = run.args(["--cpus", &settings.cpus, "--memory", &settings.memory]);
    }
    // Of an existing profile the nodes hold the images of their own version, and perhaps of no other.
    let known = old.map(|p| p.kubernetes_config.kubernetes_version).filter(|v| !v.is_empty());
    if let Some(version) = known.or_else(|| choice.kubernetes.clone()) {
        run = run.args(["--kubernetes-version", &version]);
    }
    if let Some(bundle) = &choice.bundle {
        run = run
            .args(["--base-image", NODE_IMAGE, "--container-runtime", "containerd"])
            .arg("--cni")
            .arg(bundle.cni())
            // The provisioner is built against a newer client library than it works with, and every stack
            // brings its own volumes.
            .arg("--install-addons=false");
    }
    if forced(settings) {
        run = run.arg("--force");
    }
    Ok(run.args(&settings.extra))
}

/// minikube refuses to use Docker as root, for what root's containers could do to the machine.
pub fn forced(settings: &Settings) -> bool {
    settings.driver == "docker" && host::is_root()
}

/// Starts the profile, new or stopped, and waits until all of its nodes are ready.
pub async fn start(cx: &Context, choice: &Choice, settings: &Settings, row: &Row) -> Result<()> {
    let since = launch(cx, choice, settings, row).await?;
    wait_ready(cx, settings.nodes.min(nodes(cx)?), Some(since), row).await
}

/// The start alone; the moment at which it began.
async fn launch(cx: &Context, choice: &Choice, settings: &Settings, row: &Row) -> Result<Timestamp> {
    prepare(cx, choice)?;
    if forced(settings) {
        cx.ui.detail(
            "minikube refuses the docker driver when run as root; opsctl runs as root, so it adds --force",
        );
    }
    let command = start_command(cx, choice, settings)?;
    cx.ui.detail(format!("$ {}", command.line()));
    let since = Timestamp::now();
    let limit = cx.timeout.max(Duration::from_mins(10));
    let mut said = String::new();
    let ended = command
        .timeout(limit)
        .watched(|line| {
            hears(row, line);
            said.push_str(line);
            said.push('\n');
        })
        .await;
    if let Err(error) = ended {
        return Err(explained(&said, error, cx.profile_name()?));
    }
    Ok(since)
}

/// minikube's last words are a request to file an issue; the cause stands before them.
fn explained(said: &str, error: anyhow::Error, profile: &str) -> anyhow::Error {
    let cause: Vec<_> = said
        .lines()
        .skip_while(|line| !line.contains("Exiting due to"))
        .take_while(|line| !line.contains('╭'))
        .map(|line| line.trim_start_matches(['X', '*', '!', ' ']))
        .filter(|line| !line.is_empty() && !matches!(*line, "stdout:" | "stderr:"))
        .take(8)
        .collect();
    let Some(first) = cause.first() else { return error.context("starting minikube") };
    let what = first.trim_start_matches("Exiting due to ");
    // A tool that failed is minikube here; what ended it otherwise stays what it is.
    let code = match crate::error::code_of(&error) {
        Code::ToolFailed => Code::Minikube,
        other => other,
    };
    let mut problem = Problem::new(code, format!("minikube did not start: {what}"));
    for line in &cause[1..] {
        problem = problem.found(*line);
    }
    problem.next(opsctl("minikube up -v")).next(shell(format!("minikube logs -p {profile}"))).into()
}

/// What must be in place before minikube is called: else it begins to download, and fails minutes later.
fn prepare(cx: &Context, choice: &Choice) -> Result<()> {
    let lacking: Vec<_> = choice.needs.iter().filter(|n| !n.met).collect();
    if !lacking.is_empty() {
        let mut problem = problem!(Missing, "minikube cannot start: a required download is unavailable");
        for need in lacking {
            problem = problem.found(format!("{}: {}", need.what, need.how));
        }
        return Err(problem.next(opsctl("bundle build")).into());
    }
    if choice.bundle.is_some() {
        bundle::place(cx)?;
    }
    Ok(())
}

/// minikube's lines without its bullets; what is no news to anyone is left out.
fn hears(row: &Row, line: &str) {
    let text = line.trim_start_matches(['*', '!', '-', ' ']);
    if !text.is_empty() {
        row.hears(text);
    }
}

/// How many nodes the profile's file lists.
fn nodes(cx: &Context) -> Result<usize> {
    Ok(cx.profile()?.nodes.len())
}

/// Whether nothing is left of a profile whose file is not there: neither what minikube knows of its machine nor a
/// container. Where Docker is installed and does not answer, nobody can tell.
pub async fn is_gone(cx: &Context, profile: &str) -> bool {
    if cx.paths.minikube.join("machines").join(profile).exists() {
        return false;
    }
    host::program("docker").is_none() || state::machines(profile).await.is_ok_and(|left| left.is_empty())
}

/// A start that failed halfway can leave a network and volumes that minikube's delete passes over, or finds
/// still in use.
async fn remove_leftovers(profile: &str) -> Result<()> {
    for kind in ["network", "volume"] {
        let listed = host::docker::run([kind, "ls", "--filter", state::LABEL, "--format", "{{.Name}}"]);
        for name in listed.text().await?.lines().filter(|name| state::belongs(name, profile)) {
            // Refused, as it should be, where a machine is still there: that is reported by the caller.
            host::docker::run([kind, "rm", name]).any().await?;
        }
    }
    Ok(())
}

/// Waits until the cluster has that many nodes and all are ready, and have been heard of after `since`.
pub async fn wait_ready(cx: &Context, wanted: usize, since: Option<Timestamp>, row: &Row) -> Result<()> {
    let profile = cx.profile_name()?;
    let began = Instant::now();
    loop {
        let seen = state::ready_nodes(cx, profile, since).await;
        let (missing, said) = match &seen {
            Ok(nodes) => {
                let not: Vec<_> =
                    nodes.iter().filter(|(_, ready)| !**ready).map(|(n, _)| n.as_str()).collect();
                if nodes.len() >= wanted && not.is_empty() {
                    return Ok(());
                }
                (format!("{} of {wanted} nodes ready", nodes.len() - not.len()), not.join(", "))
            }
            Err(error) => ("the API server does not answer yet".to_owned(), said(error)),
        };
        row.doing(&missing);
        if began.elapsed() > cx.timeout {
            return Err(problem!(
                NotReady,
                "not all nodes of \"{profile}\" were ready within {} s: {missing}",
                cx.timeout.as_secs()
            )
            .found(said)
            .next(opsctl("minikube up"))
            .next(kubectl("describe nodes").of(profile))
            .into());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Deletes the profile with everything in it. A profile that is not there is no error.
pub async fn delete(cx: &Context, choice: &Choice, row: &Row) -> Result<()> {
    let profile = cx.profile_name()?;
    let command = run(cx, choice, &["delete", "-p", profile]).timeout(Duration::from_mins(5));
    cx.ui.detail(format!("$ {}", command.line()));
    let output = command.any().await?;
    for line in output.stdout.lines() {
        hears(row, line);
    }
    let answers = host::docker::answers().await;
    if answers {
        remove_leftovers(profile).await?;
    }
    let left = if answers { state::machines(profile).await? } else { BTreeMap::new() };
    let folder = cx.paths.profile(profile);
    if output.ok() && left.is_empty() && !folder.exists() {
        return Ok(());
    }
    if left.is_empty() && !folder.join("config.json").exists() {
        // minikube says that there is no such profile, which is what was wanted.
        return Ok(());
    }
    let names: Vec<_> = left.keys().cloned().collect();
    let mut problem = problem!(Minikube, "minikube could not delete the profile \"{profile}\"");
    if !names.is_empty() {
        problem = problem.found(format!("Docker still has {}", names.join(", ")));
    }
    Err(problem.found(output.last_words(5)).next(shell(format!("minikube delete -p {profile}"))).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Bundle;
    use crate::context::{Paths, Target};
    use crate::ui::{Options, Ui};
    use std::path::Path;

    fn context(dir: &Path) -> Context {
        let paths = Paths::below(dir);
        Context::new(
            Ui::new(Options::default()),
            paths,
            Target::Profile("dev".into()),
            Duration::from_secs(1),
        )
    }

    fn choice(bundle: Option<Bundle>) -> Choice {
        Choice {
            path: "/opt/minikube".into(),
            source: if bundle.is_some() { Source::Bundle } else { Source::Installed },
            version: "v1.38.1".into(),
            reason: String::new(),
            kubernetes: bundle.as_ref().map(|_| "v1.34.4".into()),
            needs: Vec::new(),
            bundle,
        }
    }

    fn bundle() -> Bundle {
        Bundle("/cache/bundle".into())
    }

    #[test]
    fn sizes_are_read_as_minikube_reads_them() {
        assert_eq!(memory_size("3g"), Some(3 << 30));
        assert_eq!(memory_size("2200m"), Some(2200 << 20));
        assert_eq!(memory_size("2200"), Some(2200 << 20));
        assert_eq!(memory_size("2Gi"), Some(2 << 30));
        for bad in ["", "g", "-1g", "many", "é"] {
            assert_eq!(memory_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_new_profile_gets_its_size_and_the_users_own_arguments_last() {
        let dir = tempfile::tempdir().unwrap();
        let cx = context(dir.path());
        let settings = Settings { extra: vec!["--wait=all".into()], ..Settings::default() };
        let line = start_command(&cx, &choice(Some(bundle())), &settings).unwrap().line();
        for part in [
            "start -p dev --interactive=false --driver docker --nodes 2 --cpus 2 --memory 4g",
            "--kubernetes-version v1.34.4 --base-image opsctl/node:1 --container-runtime containerd",
            "--cni /cache/bundle/podroutes.yaml --install-addons=false",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert!(line.ends_with(" --wait=all"), "{line}");
        let plain = start_command(&cx, &choice(None), &settings).unwrap().line();
        assert!(!plain.contains("--kubernetes-version") && !plain.contains("--base-image"), "{plain}");
    }

    #[test]
    fn an_existing_profile_keeps_its_size_and_its_version_of_kubernetes() {
        let dir = tempfile::tempdir().unwrap();
        let cx = context(dir.path());
        let folder = cx.paths.profile("dev");
        std::fs::create_dir_all(&folder).unwrap();
        let text = include_str!("../../tests/fixtures/minikube/two-nodes.json").replace("v1.34.4", "v1.33.0");
        std::fs::write(folder.join("config.json"), text).unwrap();
        let line = start_command(&cx, &choice(Some(bundle())), &Settings::default()).unwrap().line();
        assert!(line.contains("--kubernetes-version v1.33.0") && !line.contains("--nodes"), "{line}");
    }

    #[test]
    fn the_cause_of_a_failed_start_is_what_minikube_exits_for() {
        let said = "* Starting\n\nX Exiting due to GUEST_PROVISION: error provisioning guest\nstdout:\n\nstderr:\n\
            docker: no bridge\n\n* \n╭───╮\n│ please let us know │\n";
        let error = explained(said, anyhow::anyhow!("exit 80"), "dev");
        let problem = error.downcast_ref::<Problem>().unwrap();
        assert_eq!(problem.what, "minikube did not start: GUEST_PROVISION: error provisioning guest");
        assert_eq!(problem.found, ["docker: no bridge"]);
        assert_eq!(
            explained("* Starting\n", anyhow::anyhow!("exit 80"), "dev").to_string(),
            "starting minikube"
        );
    }

    #[test]
    fn nothing_is_started_while_a_need_is_not_met() {
        let dir = tempfile::tempdir().unwrap();
        let cx = context(dir.path());
        let mut choice = choice(None);
        choice.needs =
            vec![Need { what: "node image".into(), met: false, how: "no registry can be reached".into() }];
        let error = prepare(&cx, &choice).unwrap_err();
        let problem = error.downcast_ref::<Problem>().unwrap();
        assert_eq!(problem.found, ["node image: no registry can be reached"]);
    }
}
