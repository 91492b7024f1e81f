//! Tools in process groups of their own, which end together with all that they have started.

use std::io;
use std::process::{ExitStatus, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpid};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// How long tools have to end by themselves before they are killed.
const GRACE: Duration = Duration::from_secs(2);

/// The groups of the tools that run.
struct Groups {
    running: Vec<Pid>,
    /// Everything is being ended: nothing is begun any more.
    closed: bool,
}

static GROUPS: Mutex<Groups> = Mutex::new(Groups { running: Vec::new(), closed: false });

fn groups() -> MutexGuard<'static, Groups> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tool that runs. Dropped before its end, it is killed with all that it has started.
#[derive(Debug)]
pub struct Tool {
    pub(super) child: Child,
    /// Until it was waited for: afterwards the number may be another's.
    group: Option<Pid>,
}

impl Tool {
    /// Starts it.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        // A process group of its own: Ctrl-C in the terminal reaches opsctl, which decides.
        command.process_group(0).kill_on_drop(true);
        // Under the lock: what begins while everything is being ended would be missed.
        let mut groups = groups();
        if groups.closed {
            return Err(io::Error::other("opsctl is about to end"));
        }
        let child = command.spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        groups.running.extend(group);
        Ok(Self { child, group })
    }

    /// Waits for its end. What it has left running goes on.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.forget();
        Ok(status)
    }

    /// Reads what it says, and waits for its end.
    pub async fn wait_with_output(mut self) -> io::Result<Output> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (out, err) = (self.child.stdout.take(), self.child.stderr.take());
        tokio::try_join!(read(out, &mut stdout), read(err, &mut stderr))?;
        let status = self.wait().await?;
        Ok(Output { status, stdout, stderr })
    }

    fn forget(&mut self) -> Option<Pid> {
        let group = self.group.take()?;
        groups().running.retain(|g| *g != group);
        Some(group)
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // `kill_on_drop` reaches the tool alone, not its children.
        if let Some(group) = self.forget() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn read(pipe: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> io::Result<()> {
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(into).await?;
    }
    Ok(())
}

/// Ends every tool that runs: asks it to, and kills what is left of it after 2 s. None is begun any more.
pub async fn end_all() {
    let mut left = {
        let mut groups = groups();
        groups.closed = true;
        groups.running.clone()
    };
    for group in &left {
        let _ = kill_process_group(*group, Signal::TERM);
    }
    let began = Instant::now();
    loop {
        left.retain(|group| lives(*group));
        if left.is_empty() || began.elapsed() >= GRACE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for group in left {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn lives(group: Pid) -> bool {
    // A dead process counts until it was waited for, and nobody else will.
    let _ = waitpid(Some(group), WaitOptions::NOHANG);
    test_kill_process_group(group).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::Run;
    use super::*;

    fn runs(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // Where nobody waits for orphans, a dead one stays as a zombie.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    }

    async fn ends(pid: &str) {
        let began = Instant::now();
        while runs(pid) {
            assert!(began.elapsed() < Duration::from_mins(1), "process {pid} goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn a_conversation_that_is_dropped_takes_along_what_the_tool_has_started() {
        let mut talk = Run::new("sh").args(["-c", "sleep 120 & echo $!; wait"]).talk().unwrap();
        let pid = talk.hear().await.unwrap();
        assert!(runs(&pid));
        drop(talk);
        ends(&pid).await;
    }

    #[tokio::test]
    async fn a_run_that_is_given_up_takes_along_what_the_tool_has_started() {
        let (tell, told) = tokio::sync::oneshot::channel();
        let (mut tell, run) = (Some(tell), Run::new("sh").args(["-c", "sleep 120 & echo $!; wait"]));
        let pid = tokio::select! {
            ended = run.watched(|line| drop(tell.take().map(|t| t.send(line.to_owned())))) => {
                panic!("it ended: {ended:?}")
            }
            pid = told => pid.unwrap(),
        };
        ends(&pid).await;
    }

    #[tokio::test]
    async fn what_a_tool_leaves_running_at_its_end_goes_on() {
        let pid = Run::new("sh").args(["-c", "sleep 120 >/dev/null 2>&1 & echo $!"]).text().await.unwrap();
        assert!(runs(&pid));
        let left = Pid::from_raw(pid.parse().unwrap()).unwrap();
        rustix::process::kill_process(left, Signal::KILL).unwrap();
        ends(&pid).await;
    }
}
