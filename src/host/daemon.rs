//! The Docker daemon: started by the init system, or by hand where there is none; stopped again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::docker;
use crate::error::{Problem, problem, shell, sudo_opsctl};
use crate::exec::Run;
use crate::ui::Row;

/// Where containerd listens: the daemon of the distribution's packages looks there.
const CONTAINERD: &str = "/run/containerd/containerd.sock";
/// Left by a daemon that was killed; the next one would refuse to start.
const PID_FILES: &[&str] = &["/var/run/docker.pid", "/run/docker.pid"];

/// How a daemon was started, so that it can be stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Started {
    /// By systemd.
    Systemd,
    /// By hand.
    Processes(Vec<Process>),
}

impl std::fmt::Display for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Systemd => f.write_str("systemctl stop docker"),
            Self::Processes(list) => {
                let running = list.iter().filter(|p| p.runs());
                let names: Vec<_> = running.map(|p| format!("{} (process {})", p.program, p.pid)).collect();
                f.write_str(&if names.is_empty() {
                    "it has ended already".to_owned()
                } else {
                    names.join(", ")
                })
            }
        }
    }
}

/// A process of ours; its start time tells it from a later one with the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    pid: u32,
    program: String,
    started: String,
}

impl Process {
    fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything; fields are counted after it.
        let (head, tail) = stat.rsplit_once(')')?;
        let program = head.split_once('(')?.1.to_owned();
        let started = tail.split_whitespace().nth(19)?.to_owned();
        Some(Self { pid, program, started })
    }

    fn runs(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Whether it is this machine's, not a container's: each node of a cluster has a containerd of its own.
    fn is_here(&self) -> bool {
        let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        match (namespace(&self.pid.to_string()), namespace("self")) {
            (Some(its), Some(ours)) => its == ours,
            // Another user's process does not tell.
            _ => true,
        }
    }
}

/// Processes of that name, on this machine itself.
fn running(program: &str) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .filter_map(Process::of)
        .filter(|p| p.program == program && p.is_here())
        .collect()
}

/// Whether an init system starts services here.
pub fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Whether this machine's bounding set lacks a capability: then "all capabilities" cannot be granted.
pub fn lacks_capabilities() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let last: u32 = std::fs::read_to_string("/proc/sys/kernel/cap_last_cap")
        .ok()
        .and_then(|t| t.trim().parse().ok())
        .unwrap_or(40);
    let held = status
        .lines()
        .find_map(|l| l.strip_prefix("CapBnd:"))
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .unwrap_or(u64::MAX);
    let all = (1_u64 << (last + 1)) - 1;
    held & all != all
}

/// Starts the daemon and waits until it answers. `shim` stands in front of runc where capabilities lack.
pub async fn start(logs: &Path, shim: Option<&Path>, row: &Row) -> Result<Started> {
    if has_systemd() {
        Run::new("systemctl").args(["start", "docker"]).ok().await?;
        answers(logs, row).await?;
        return Ok(Started::Systemd);
    }
    if !super::is_root() {
        return Err(problem!(Missing, "without an init system, only root can start the Docker daemon")
            .next(sudo_opsctl("check --fix"))
            .into());
    }
    std::fs::create_dir_all(logs).with_context(|| format!("could not create {}", logs.display()))?;
    // minikube's nodes mount it, and it must exist even where the kernel has no modules.
    std::fs::create_dir_all("/lib/modules").context("could not create /lib/modules")?;
    remove_stale_pid_files()?;
    // What runs already is somebody else's, whether it answers yet or not.
    let theirs = [running("dockerd"), running("containerd")].concat();
    let ran = |program: &str| theirs.iter().any(|p| p.program == program);
    if !ran("containerd") {
        row.doing("starting containerd");
        let _ = std::fs::remove_file(CONTAINERD);
        Run::new(super::program("containerd").unwrap_or_else(|| PathBuf::from("containerd")))
            .detached(&logs.join("containerd.log"))?;
        wait(Duration::from_mins(1), || Path::new(CONTAINERD).exists())
            .await
            .then_some(())
            .ok_or_else(|| failed("containerd", &logs.join("containerd.log")))?;
    }
    if !ran("dockerd") {
        row.doing("starting dockerd");
        let mut command = Run::new(super::program("dockerd").unwrap_or_else(|| PathBuf::from("dockerd")))
            .args(["--containerd", CONTAINERD, "--default-cgroupns-mode", "private"]);
        if let Some(shim) = shim {
            let runtime = format!("capshim={}", shim.display());
            command = command.args(["--add-runtime", &runtime, "--default-runtime", "capshim"]);
        }
        command.detached(&logs.join("dockerd.log"))?;
    }
    answers(logs, row).await?;
    // setsid may have forked: what runs now is what counts.
    Ok(Started::Processes(ours(&theirs, [running("dockerd"), running("containerd")].concat())))
}

/// Of what runs now, that which was started here: of each program all, or none where one ran before.
fn ours(before: &[Process], now: Vec<Process>) -> Vec<Process> {
    now.into_iter().filter(|p| !before.iter().any(|b| b.program == p.program)).collect()
}

async fn answers(logs: &Path, row: &Row) -> Result<()> {
    row.doing("waiting for the Docker daemon");
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(2) {
        if docker::answers().await {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(failed("dockerd", &logs.join("dockerd.log")).into())
}

fn failed(program: &str, log: &Path) -> Problem {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    problem!(Docker, "{program} was started, but does not answer")
        .found(lines[lines.len().saturating_sub(5)..].join("\n"))
        .next(shell(format!("less {}", log.display())))
}

/// Removes pid files that name no running daemon. A living one's file stays.
pub fn remove_stale_pid_files() -> Result<()> {
    for file in PID_FILES {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let alive = text.trim().parse().ok().and_then(Process::of).is_some_and(|p| p.program == "dockerd");
        if !alive {
            std::fs::remove_file(file).with_context(|| format!("could not remove the stale {file}"))?;
        }
    }
    Ok(())
}

/// Stops what was started, the daemon before containerd.
pub async fn stop(started: &Started) -> Result<()> {
    match started {
        Started::Systemd => {
            Run::new("systemctl").args(["stop", "docker.socket", "docker"]).ok().await?;
        }
        Started::Processes(list) => {
            for process in list.iter().filter(|p| p.runs()) {
                Run::new("kill").arg(process.pid.to_string()).any().await?;
                if !wait(Duration::from_secs(30), || !process.runs()).await {
                    return Err(problem!(
                        ToolHangs,
                        "{} (process {}) does not stop",
                        process.program,
                        process.pid
                    )
                    .next(shell(format!("kill -9 {}", process.pid)))
                    .into());
                }
            }
        }
    }
    Ok(())
}

async fn wait(limit: Duration, mut until: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < limit {
        if until() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_start_time_too() {
        let me = Process::of(std::process::id()).unwrap();
        assert!(me.runs());
        assert!(!Process { started: "1".into(), ..me }.runs());
    }

    #[test]
    fn a_daemon_that_ran_before_is_not_ours_though_it_did_not_answer() {
        let process =
            |pid, program: &str| Process { pid, program: program.to_owned(), started: pid.to_string() };
        let (theirs, shim) = (process(7, "dockerd"), process(8, "containerd"));
        let now = vec![theirs.clone(), process(9, "containerd")];
        assert_eq!(ours(std::slice::from_ref(&theirs), now.clone()), [process(9, "containerd")]);
        assert_eq!(ours(&[theirs, shim], now.clone()), []);
        assert_eq!(ours(&[], now.clone()), now);
    }

    #[test]
    fn a_process_is_found_by_its_name() {
        let mut here = std::process::Command::new("sleep").arg("61").spawn().unwrap();
        assert!(running("sleep").iter().any(|p| p.pid == here.id()));
        here.kill().unwrap();
        here.wait().unwrap();
    }

    #[test]
    #[ignore = "only root can make a namespace of processes"]
    fn a_process_in_a_container_is_not_this_machines() {
        let mut maker = std::process::Command::new("unshare");
        let mut maker = maker.args(["--pid", "--fork", "--kill-child", "sleep", "62"]).spawn().unwrap();
        let sleeps = |pid: &u32| {
            std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == b"sleep\x0062\0")
        };
        let contained = loop {
            let entries = std::fs::read_dir("/proc").unwrap().flatten();
            let mut pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
            if let Some(pid) = pids.find(sleeps) {
                break pid;
            }
            assert_eq!(maker.try_wait().unwrap(), None, "unshare made no namespace");
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(Process::of(contained).unwrap().program, "sleep");
        assert!(!running("sleep").iter().any(|p| p.pid == contained), "it counts a container's process");
        maker.kill().unwrap();
        maker.wait().unwrap();
    }

    #[tokio::test]
    async fn stopping_leaves_a_later_process_with_the_same_id_alone() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let real = Process::of(child.id()).unwrap();
        let former = Process { started: "1".into(), ..real.clone() };
        stop(&Started::Processes(vec![former])).await.unwrap();
        assert!(real.runs());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
