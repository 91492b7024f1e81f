//! The processes that the elector starts. As a container's first process it also gets the ends of others, which
//! it reaps; those of its own are waited for where they were started.

use std::collections::BTreeSet;
use std::io;
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use tokio::process::{Child, Command};

/// Those that are waited for.
static OWN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn own() -> MutexGuard<'static, BTreeSet<u32>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that is waited for here, and by nobody else; killed when this is dropped before its end.
pub struct Own {
    child: Child,
    pid: u32,
    /// It leads a group of its own: what it has started is killed with it.
    group: bool,
    ended: bool,
}

impl Own {
    /// Starts it. With `group` it is killed with all that it started.
    pub fn start(command: &mut Command, group: bool) -> io::Result<Self> {
        if group {
            command.process_group(0);
        }
        // Nobody reaps before its number is noted.
        let mut own = own();
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child.id().unwrap_or(0);
        own.insert(pid);
        Ok(Self { child, pid, group, ended: false })
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.start_kill();
            if self.group
                && let Some(group) = i32::try_from(self.pid).ok().and_then(Pid::from_raw)
            {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
        own().remove(&self.pid);
    }
}

/// Takes the ends of processes that lost their parent.
pub fn reap() {
    // Held meanwhile: what is started just now must not be taken for somebody else's.
    let own = own();
    for pid in orphans(&own) {
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

/// The processes that ended, and that nobody but this one can wait for, but those.
fn orphans(own: &BTreeSet<u32>) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|pid| !own.contains(pid))
        .filter_map(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            orphan(&stat, std::process::id()).and_then(Pid::from_raw)
        })
        .collect()
}

/// The process that a line of `/proc/N/stat` tells of, if it ended and that parent must take its end.
fn orphan(stat: &str, parent: u32) -> Option<i32> {
    // The name is in parentheses, and may hold anything.
    let (pid, rest) = (stat.split_once(' ')?.0, stat.rsplit_once(") ")?.1);
    let mut fields = rest.split(' ');
    let (state, of) = (fields.next()?, fields.next()?);
    (state == "Z" && of.parse() == Ok(parent)).then(|| pid.parse().ok())?
}

/// Kills a process with all that it started, and that these started: also what has left its group. What lost its
/// parent is this one's own by now, if this is a container's first process.
pub fn kill_with_all(pid: u32) -> Result<()> {
    let group = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no such process")?;
    // What is started while the others are looked for is found in the next round.
    for _ in 0..20 {
        let all = started_by(pid, &parents());
        let mut killed = false;
        for one in all.into_iter().filter_map(|pid| i32::try_from(pid).ok().and_then(Pid::from_raw)) {
            killed |= kill_process(one, Signal::KILL).is_ok();
        }
        killed |= kill_process_group(group, Signal::KILL).is_ok();
        if !killed {
            break;
        }
    }
    Ok(())
}

/// Each process that runs, with its parent.
fn parents() -> Vec<(u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter_map(|pid| Some((pid, parent(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect()
}

/// The parent that a line of `/proc/N/stat` names, of a process that has not ended.
fn parent(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let (state, parent) = (fields.next()?, fields.next()?);
    (!matches!(state, "Z" | "X")).then(|| parent.parse().ok())?
}

/// A process, and all that stem from it; with a first process, also what came to that when its parent ended.
fn started_by(pid: u32, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    let mut all = BTreeSet::from([pid]);
    if std::process::id() == 1 {
        let own = own();
        all.extend(parents.iter().filter(|(one, of)| *of == 1 && !own.contains(one)).map(|(one, _)| *one));
    }
    loop {
        let more: Vec<u32> = parents
            .iter()
            .filter(|(one, of)| all.contains(of) && !all.contains(one))
            .map(|(one, _)| *one)
            .collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Sends a signal to a process.
pub fn send(pid: u32, number: i32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no such process")?;
    let signal = Signal::from_named_raw(number).context("no such signal")?;
    kill_process(pid, signal).context("could not send the signal")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn only_ended_children_are_reaped() {
        assert_eq!(orphan("17 (a) b) Z 1 17 17", 1), Some(17));
        assert_eq!(orphan("17 (a) S 1 17 17", 1), None);
        assert_eq!(orphan("17 (a) Z 9 17 17", 1), None);
        assert_eq!(orphan("", 1), None);
    }

    fn state(pid: u32) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }

    fn until(what: &str, done: impl Fn() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[tokio::test]
    async fn whose_end_is_waited_for_is_not_reaped() {
        let mut child = Own::start(Command::new("sh").args(["-c", "exit 3"]), true).unwrap();
        let pid = child.pid();
        until("it ends", || state(pid) == Some('Z'));
        let listed = |own: &BTreeSet<u32>| orphans(own).iter().any(|p| p.as_raw_pid().unsigned_abs() == pid);
        assert!(!listed(&own()), "it would be taken away");
        assert!(listed(&BTreeSet::new()), "and nothing but the list spares it");
        assert_eq!(child.wait().await.unwrap().code(), Some(3));
        drop(child);
        assert!(!own().contains(&pid), "its number may be another's later");
    }

    #[tokio::test]
    async fn who_is_killed_takes_along_all_that_it_started_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pids");
        // A wrapper in front of a pipe, and something that left its group.
        let script = format!(
            "setsid sleep 600 & one=$!; sh -c 'sleep 601 | cat' & sleep 602 & echo $one $! > {0}.new; mv {0}.new {0}; wait",
            file.display()
        );
        let mut neighbour = Own::start(Command::new("sleep").arg("603"), true).unwrap();
        let mut child = Own::start(Command::new("sh").args(["-c", &script]), true).unwrap();
        until("it has started", || file.exists());
        let tree = || started_by(child.pid(), &parents());
        until("all of it runs", || tree().len() >= 6);
        let all = tree();
        kill_with_all(child.pid()).unwrap();
        assert_eq!(child.wait().await.unwrap().code(), None, "a signal ended it");
        for pid in all {
            until("it runs on", || matches!(state(pid), None | Some('Z')));
        }
        assert!(matches!(state(neighbour.pid()), Some('S' | 'R')));
        kill_with_all(neighbour.pid()).unwrap();
        assert_eq!(neighbour.wait().await.unwrap().code(), None);
    }

    #[tokio::test]
    async fn what_is_given_up_is_killed_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
        let child = Own::start(Command::new("sh").args(["-c", &script]), true).unwrap();
        until("it has started", || file.exists());
        let started: u32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        assert!(matches!(state(started), Some('S' | 'R')));
        drop(child);
        until("it runs on", || matches!(state(started), None | Some('Z')));
    }
}
