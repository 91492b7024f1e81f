//! The service: the child process, and what a role means to it.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::Holder;
use super::action::{Action, Told};
use super::redis::{Redis, Replication};
use crate::election::protocol::Role;
use crate::election::survey::Standing;
use crate::serve::cli;
use crate::serve::log;

/// Sends a signal to a process.
pub fn send(pid: u32, number: i32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no such process")?;
    let signal = Signal::from_named_raw(number).context("no such signal")?;
    kill_process(pid, signal).context("could not send the signal")
}

/// The service of this pod, as the elector sees it.
pub struct Service {
    redis: Option<Redis>,
    actions: [Vec<Action>; 3],
    pid: Arc<AtomicU32>,
    applied: watch::Sender<Option<Role<Holder>>>,
    /// The newest role asked for: an older one must not be applied any more.
    wanted: std::sync::Mutex<Role<Holder>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
}

impl Service {
    /// The service that the options describe; nothing is started.
    pub fn new(options: &cli::Election) -> Result<Self> {
        Ok(Self {
            redis: options.redis.map(Redis::new).transpose()?,
            actions: [options.on_idle.clone(), options.on_following.clone(), options.on_leading.clone()],
            pid: Arc::default(),
            applied: watch::Sender::new(None),
            wanted: std::sync::Mutex::new(Role::Idle),
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// Starts the child, if there is a command.
    pub fn start(&self, options: &cli::Election) -> Result<Option<Child>> {
        let Some((program, args)) = options.command.split_first() else { return Ok(None) };
        let child = Command::new(program)
            .args(args)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        self.pid.store(child.id().unwrap_or(0), Ordering::Relaxed);
        Ok(Some(child))
    }

    /// The child's process, if there is one.
    pub fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|pid| *pid != 0)
    }

    /// Whether there is data whose amount can be told.
    pub fn has_data(&self) -> bool {
        self.redis.is_some()
    }

    /// From now on this role is wanted.
    pub fn want(&self, role: &Role<Holder>) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone_from(role);
    }

    /// Whether this role is the one wanted.
    pub fn wants(&self, role: &Role<Holder>) -> bool {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) == *role
    }

    /// Makes the service what the role says; returns once it is.
    pub async fn apply(&self, role: &Role<Holder>, me: &Holder) -> Result<()> {
        let _one = self.changing.lock().await;
        if !self.wants(role) {
            bail!("another role is wanted by now");
        }
        let same = |a: &Role<Holder>| {
            matches!((a, role), (Role::Idle | Role::Hold { .. }, Role::Idle | Role::Hold { .. }))
        };
        let before = self.applied.borrow().clone();
        if !before.as_ref().is_some_and(same) {
            if let Some(redis) = &self.redis {
                redis.apply(role).await?;
            }
            let (actions, told) = match role {
                Role::Idle | Role::Hold { .. } => {
                    (&self.actions[0], Told { role: "idle", ..Told::default() })
                }
                Role::Follow { holder, epoch } => {
                    let (leader, address) = (holder.pod.clone(), holder.address.clone());
                    (&self.actions[1], Told { role: "following", epoch: *epoch, leader, address })
                }
                Role::Lead { epoch } => {
                    let (leader, address) = (me.pod.clone(), me.address.clone());
                    (&self.actions[2], Told { role: "leading", epoch: *epoch, leader, address })
                }
            };
            for action in actions {
                action.run(&told, self.pid()).await?;
            }
        }
        self.applied.send_replace(Some(role.clone()));
        Ok(())
    }

    /// Waits until that role holds.
    pub async fn is(&self, role: &Role<Holder>, limit: Duration) -> bool {
        let mut applied = self.applied.subscribe();
        tokio::time::timeout(limit, applied.wait_for(|a| a.as_ref() == Some(role)))
            .await
            .is_ok_and(|r| r.is_ok())
    }

    /// What is currently applied.
    pub fn applied(&self) -> Option<Role<Holder>> {
        self.applied.borrow().clone()
    }

    /// Whom it follows leads by now: it need not wait for its next try.
    pub async fn hurry(&self, leader: &Holder) -> Result<()> {
        match &self.redis {
            Some(redis) => redis.hurry(leader).await,
            None => Ok(()),
        }
    }

    /// How much data it has; a service without data is always even.
    pub async fn standing(&self) -> Result<Standing> {
        match &self.redis {
            Some(redis) => Ok(redis.look().await?.0),
            None => Ok(Standing::default()),
        }
    }

    /// Its replication, for a redis.
    pub async fn replication(&self) -> Option<Replication> {
        match &self.redis {
            Some(redis) => redis.look().await.ok().map(|(_, replication)| replication),
            None => None,
        }
    }

    /// Before the lease is given back: what followers lack still reaches them.
    pub async fn drain(&self) {
        if let Some(redis) = &self.redis
            && let Err(error) = redis.drain(Duration::from_millis(150)).await
        {
            log(&format!("drain: {error:#}"));
        }
    }

    /// Ends it at once: what cannot be demoted must not go on.
    pub fn kill(&self) {
        if let Some(pid) = self.pid()
            && let Err(error) = send(pid, 9)
        {
            log(&format!("kill: {error:#}"));
        }
    }

    /// As process 1: takes the ends of processes that lost their parent. The child's own is left alone.
    pub fn reap(&self) {
        let own = self.pid();
        let Ok(entries) = std::fs::read_dir("/proc") else { return };
        let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        for number in numbers.filter(|pid| Some(*pid) != own) {
            let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            if let Some(pid) = orphan(&stat, std::process::id()).and_then(Pid::from_raw) {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
    }
}

/// The process that a line of `/proc/N/stat` tells of, if it ended and that parent must take its end.
fn orphan(stat: &str, parent: u32) -> Option<i32> {
    // The name is in parentheses, and may hold anything.
    let (pid, rest) = (stat.split_once(' ')?.0, stat.rsplit_once(") ")?.1);
    let mut fields = rest.split(' ');
    let (state, of) = (fields.next()?, fields.next()?);
    (state == "Z" && of.parse() == Ok(parent)).then(|| pid.parse().ok())?
}

/// The exit code that a child's end means.
pub fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|s| 128 + s)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ended_children_are_reaped() {
        assert_eq!(orphan("17 (a) b) Z 1 17 17", 1), Some(17));
        assert_eq!(orphan("17 (a) S 1 17 17", 1), None);
        assert_eq!(orphan("17 (a) Z 9 17 17", 1), None);
        assert_eq!(orphan("", 1), None);
    }
}
