//! The service: the child process, and what a role means to it.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;
use tokio::sync::watch;

use super::action::{Action, Told};
use super::redis::{Redis, Replication};
use super::{Holder, clock};
use crate::election::protocol::{Role, Time};
use crate::election::survey::Standing;
use crate::serve::children::{Own, kill_with_all};
use crate::serve::log;

/// What an HTTP action may take; one that promotes has its own limit.
const CALL: Duration = Duration::from_secs(2);

/// The service of this pod, as the elector sees it.
pub struct Service {
    redis: Option<Redis>,
    actions: [Vec<Action>; 3],
    /// What promoting may take.
    promote: Duration,
    pid: Arc<AtomicU32>,
    applied: watch::Sender<Option<Role<Holder>>>,
    /// The newest role asked for: an older one must not be applied any more.
    wanted: watch::Sender<Role<Holder>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
}

impl Service {
    /// A service that is a redis on this port of the pod, or what these actions (on idle, following, leading)
    /// make of it; nothing is started.
    pub fn new(redis: Option<u16>, actions: [Vec<Action>; 3], promote: Duration) -> Result<Self> {
        Ok(Self {
            redis: redis.map(Redis::new).transpose()?,
            actions,
            promote,
            pid: Arc::default(),
            applied: watch::Sender::new(None),
            wanted: watch::Sender::new(Role::Idle),
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// Starts the child, if there is a command.
    pub fn start(&self, command: &[OsString]) -> Result<Option<Own>> {
        let Some((program, args)) = command.split_first() else { return Ok(None) };
        let child = Own::start(Command::new(program).args(args), true)
            .with_context(|| format!("could not start {}", program.display()))?;
        self.pid.store(child.pid(), Ordering::Relaxed);
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
        self.wanted.send_replace(role.clone());
    }

    /// Whether this role is the one wanted.
    pub fn wants(&self, role: &Role<Holder>) -> bool {
        *self.wanted.borrow() == *role
    }

    /// Waits until another role is wanted.
    pub async fn wants_another(&self, role: &Role<Holder>) {
        let _ = self.wanted.subscribe().wait_for(|wanted| wanted != role).await;
    }

    /// Whether it leads, or may: what was begun to make it lead may have taken effect, however it ended.
    pub fn may_lead(&self) -> bool {
        let leads = |role: &Role<Holder>| matches!(role, Role::Lead { .. });
        leads(&self.wanted.borrow()) || self.applied.borrow().as_ref().is_some_and(leads)
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
            // Should it fail or be given up half-way, nobody knows what the service is.
            self.applied.send_replace(None);
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
            let limit = if matches!(role, Role::Lead { .. }) { self.promote } else { CALL };
            for action in actions {
                action.run(&told, self.pid(), limit).await?;
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

    /// Whom it follows leads by now: it need not wait for its next try. False: it does not follow it.
    pub async fn hurry(&self, leader: &Holder, epoch: u64) -> Result<bool> {
        let role = Role::Follow { holder: leader.clone(), epoch };
        let _one = self.changing.lock().await;
        if self.applied() != Some(role.clone()) || !self.wants(&role) {
            return Ok(false);
        }
        if let Some(redis) = &self.redis {
            redis.hurry(leader).await?;
        }
        Ok(true)
    }

    /// Sees whether it answers; and where it leads that epoch, that it still does, by a right that lasts until then.
    /// False: somebody else gave it other data, so it must not lead.
    pub async fn keep_leading(&self, epoch: u64, until: Time) -> Result<bool> {
        let Some(redis) = &self.redis else { return Ok(true) };
        let (standing, replication) = redis.look().await?;
        if replication.master && standing.epoch == epoch {
            return Ok(true);
        }
        // A change that is on its way comes first.
        let Ok(_one) = self.changing.try_lock() else { return Ok(true) };
        let role = Role::Lead { epoch };
        if self.applied() != Some(role.clone()) || !self.wants(&role) {
            return Ok(true);
        }
        if replication.master {
            // FLUSHALL: without the note, its data would count as none.
            log(&format!("the note of epoch {epoch} is gone from redis: written again"));
            if let Err(error) = redis.note(epoch).await {
                log(&format!("note: {error:#}"));
            }
            return Ok(true);
        }
        // Who was frozen may have lost the right, and not know it yet.
        if clock::now() >= until {
            return Ok(true);
        }
        log("somebody else made the leading redis a replica: it leads again");
        // Without an answer nobody knows with what it would lead.
        Ok(redis.lead_again(epoch).await.unwrap_or(false))
    }

    /// Sees whether it still is what a role without the lead made it, and makes it that again: what somebody else
    /// made a master takes writes that nobody has.
    pub async fn keep_in_place(&self, role: &Role<Holder>) -> Result<()> {
        let leader = match role {
            Role::Idle | Role::Hold { .. } => None,
            Role::Follow { holder, .. } => Some(&holder.address),
            Role::Lead { .. } => return Ok(()),
        };
        let Some(redis) = &self.redis else { return Ok(()) };
        let Some(replication) = redis.replication().await else { return Ok(()) };
        if !replication.master && replication.follows.as_ref() == leader {
            return Ok(());
        }
        // A change that is on its way comes first.
        let Ok(_one) = self.changing.try_lock() else { return Ok(()) };
        if self.applied().as_ref() != Some(role) || !self.wants(role) {
            return Ok(());
        }
        log(&match leader {
            Some(leader) => format!("somebody else changed whom redis follows: it follows {leader} again"),
            None => "somebody else changed whom redis follows: it follows nobody again".to_owned(),
        });
        redis.apply(role).await
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
            Some(redis) => redis.replication().await,
            None => None,
        }
    }

    /// Before the lease is given back: what followers lack still reaches them.
    pub async fn drain(&self) {
        if let Some(redis) = &self.redis
            && let Some(Role::Lead { epoch }) = self.applied()
        {
            match redis.drain(epoch, Duration::from_millis(150)).await {
                Ok((caught_up, of)) if caught_up < of => {
                    log(&format!("drain: {caught_up} of {of} replicas have all"));
                }
                Ok(_) => {}
                Err(error) => log(&format!("drain: {error:#}")),
            }
        }
    }

    /// Ends it at once, with all that it started: what cannot be demoted must not go on. False: there is no process
    /// to end.
    pub fn kill(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        if let Err(error) = kill_with_all(pid) {
            log(&format!("kill: {error:#}"));
        }
        true
    }
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
    use crate::redis::testing::RedisServer;
    use std::path::Path;

    const PROMOTE: Duration = Duration::from_secs(10);

    fn redis_at(server: &RedisServer) -> Service {
        let port = server.addr().rsplit_once(':').unwrap().1.parse().unwrap();
        Service::new(Some(port), [const { Vec::new() }; 3], PROMOTE).unwrap()
    }

    #[tokio::test]
    async fn what_was_begun_to_make_it_lead_is_taken_back_though_it_failed() {
        let dir = tempfile::tempdir().unwrap();
        let leads = dir.path().join("leads");
        let (up, down) = (dir.path().join("up"), dir.path().join("down"));
        std::fs::write(&up, format!("touch {}; exit 1", leads.display())).unwrap();
        std::fs::write(&down, format!("rm -f {}", leads.display())).unwrap();
        let script = |file: &Path| vec![format!("exec:sh {}", file.display()).parse().unwrap()];
        let service = Service::new(None, [script(&down), Vec::new(), script(&up)], PROMOTE).unwrap();
        let me: Holder = "p/127.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let (lead, hold) = (Role::Lead { epoch: 1 }, Role::Hold { epoch: 1 });
        service.want(&hold);
        service.apply(&hold, &me).await.unwrap();
        assert!(!service.may_lead());
        service.want(&lead);
        service.apply(&lead, &me).await.unwrap_err();
        assert!(leads.exists() && service.may_lead());
        service.want(&Role::Idle);
        service.apply(&Role::Idle, &me).await.unwrap();
        assert!(!leads.exists() && !service.may_lead());
        assert!(!service.kill(), "there is no process");
    }

    #[tokio::test]
    async fn a_leading_redis_that_somebody_else_made_a_replica_leads_again() {
        let server = RedisServer::start(&[]);
        let service = redis_at(&server);
        let me: Holder = "p/127.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let lead = Role::Lead { epoch: 7 };
        service.want(&lead);
        service.apply(&lead, &me).await.unwrap();
        server.cli(b"SET a 1\nREPLICAOF 127.0.0.1 1\n");
        let is_master = || server.cli(b"INFO replication\n").contains("role:master");
        // Not without the right, nor when another role is wanted.
        assert!(service.keep_leading(7, 0).await.unwrap() && !is_master());
        service.want(&Role::Idle);
        assert!(service.keep_leading(7, Time::MAX).await.unwrap() && !is_master());
        service.want(&lead);
        let busy = service.changing.lock().await;
        assert!(service.keep_leading(7, Time::MAX).await.unwrap() && !is_master());
        drop(busy);
        assert!(service.keep_leading(7, Time::MAX).await.unwrap() && is_master());
        assert_eq!(server.ask::<String>(&["GET", "a"]), "1");
        assert_eq!(service.standing().await.unwrap().epoch, 7);
    }

    #[tokio::test]
    async fn a_redis_without_the_lead_that_somebody_else_made_a_master_takes_its_role_again() {
        let server = RedisServer::start(&[]);
        let service = redis_at(&server);
        let me: Holder = "p/127.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let other: Holder = "q/127.0.0.2/v/1".parse().unwrap_or_else(|e| match e {});
        let follows = || async { service.replication().await.map(|r| (r.master, r.follows)) };
        let follow = Role::Follow { holder: other, epoch: 7 };
        for (role, of) in [(Role::Idle, None), (follow.clone(), Some("127.0.0.2".to_owned()))] {
            service.want(&role);
            service.apply(&role, &me).await.unwrap();
            for by_hand in ["NO ONE", "127.0.0.3 1"] {
                server.cli(format!("REPLICAOF {by_hand}\n").as_bytes());
                // An answer may be shared for some milliseconds.
                let began = std::time::Instant::now();
                while follows().await == Some((false, of.clone())) {
                    assert!(began.elapsed() < Duration::from_secs(30), "{by_hand} has no effect");
                }
                // Not when another role is wanted.
                service.want(&Role::Lead { epoch: 8 });
                service.keep_in_place(&role).await.unwrap();
                assert_ne!(follows().await, Some((false, of.clone())));
                service.want(&role);
                service.keep_in_place(&role).await.unwrap();
                assert_eq!(follows().await, Some((false, of.clone())), "{by_hand}");
            }
        }
        let busy = service.changing.lock().await;
        server.cli(b"REPLICAOF NO ONE\n");
        service.keep_in_place(&follow).await.unwrap();
        drop(busy);
        assert!(server.cli(b"INFO replication\n").contains("role:master"));
    }

    #[tokio::test]
    async fn a_leading_redis_that_somebody_else_gave_other_data_must_not_lead() {
        let (server, other) = (RedisServer::start(&[]), RedisServer::start(&[]));
        let service = redis_at(&server);
        let me: Holder = "p/127.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let lead = Role::Lead { epoch: 7 };
        service.want(&lead);
        service.apply(&lead, &me).await.unwrap();
        let of = other.addr().replace(':', " ");
        server.cli(format!("REPLICAOF {of}\n").as_bytes());
        let began = std::time::Instant::now();
        while !server.cli(b"INFO replication\n").contains("master_link_status:up") {
            assert!(began.elapsed() < Duration::from_secs(30), "it never has the other's data");
        }
        assert!(!service.keep_leading(7, Time::MAX).await.unwrap());
    }

    #[tokio::test]
    async fn a_note_that_was_flushed_from_a_leading_redis_is_written_again() {
        let server = RedisServer::start(&[]);
        let service = redis_at(&server);
        let me: Holder = "p/127.0.0.1/u/1".parse().unwrap_or_else(|e| match e {});
        let lead = Role::Lead { epoch: 7 };
        service.want(&lead);
        service.apply(&lead, &me).await.unwrap();
        server.cli(b"FLUSHALL\n");
        assert!(service.keep_leading(7, Time::MAX).await.unwrap());
        assert_eq!(service.standing().await.unwrap().epoch, 7);
    }
}
