//! The elector's main loop: what happened goes to the protocol, and what that wants is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};

use super::endpoints::Slices;
use super::http::{Belief, Counts};
use super::lease::Store;
use super::peers::{Peers, Pledge};
use super::service::Service;
use super::tend::{insist, keep_in_place, settle, watch_over, while_right};
use super::{Event, Holder, clock, service};
use crate::election::protocol::{Answer, Call, Elector, Input, Output, Role, Settings, Time};
use crate::election::status::Master;
use crate::election::survey::Standing;
use crate::serve::children::{self, Own};
use crate::serve::log;

/// What is told of a processor that came late, in milliseconds: a lease is renewed within seconds.
const LATE: Time = 300;

/// The signals that matter to a container's first process.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    child: Signal,
    hangup: Signal,
    user1: Signal,
    user2: Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self> {
        let of = |kind| signal(kind).context("could not listen for signals");
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
            child: of(SignalKind::child())?,
            hangup: of(SignalKind::hangup())?,
            user1: of(SignalKind::user_defined1())?,
            user2: of(SignalKind::user_defined2())?,
        })
    }
}

/// An elector at work.
pub(super) struct Runtime {
    pub(super) elector: Elector<Holder, String>,
    pub(super) me: Holder,
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) peers: Option<Peers>,
    pub(super) slices: Slices,
    pub(super) service: Arc<Service>,
    pub(super) counts: Arc<Counts>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) belief: watch::Sender<Belief>,
    /// What promoting the service may take.
    pub(super) promote: Duration,
    /// The epoch that the service was last made to lead. Until it is, nobody is told that this pod leads.
    pub(super) promoted: Option<u64>,
    /// When the right to lead ends; 0 without one. For what makes the service lead beside the main loop.
    pub(super) right: Arc<AtomicU64>,
    /// A leading service that does not answer for so many milliseconds is killed.
    pub(super) unresponsive: Time,
    /// Nothing begins before the time that this file holds.
    pub(super) barrier: Option<std::path::PathBuf>,
    /// Ends the leader's work when it is dropped.
    pub(super) leading: Option<oneshot::Sender<()>>,
}

impl Runtime {
    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Event>,
        mut child: Option<Own>,
        mut signals: Signals,
    ) -> Result<u8> {
        tokio::spawn(settle(self.service.clone(), self.me.clone(), self.events.clone(), self.barrier.take()));
        tokio::spawn(keep_in_place(self.service.clone(), Duration::from_millis(self.settings.renew)));
        let mut ready = false;
        loop {
            let now = clock::now();
            self.counts.alive.store(now, Ordering::Relaxed);
            let rest = self.elector.wake().saturating_sub(now).min(1000);
            let input = tokio::select! {
                event = inbox.recv() => match event {
                    Some(Event::Seen(snapshot)) => Input::Seen(snapshot),
                    Some(Event::Blind) => Input::Blind,
                    Some(Event::Answer(number, answer)) => {
                        let failed = answer == Answer::Failed;
                        self.counts.failed.fetch_add(u64::from(failed), Ordering::Relaxed);
                        if failed && self.elector.right_until().is_some() {
                            log(&format!("a renewal failed, or took longer than {} ms", self.settings.call));
                        }
                        Input::Answer(number, answer)
                    }
                    Some(Event::Ready) => {
                        ready = true;
                        Input::Tick
                    }
                    Some(Event::Standing(standing)) => Input::Standing(standing),
                    Some(Event::Survey(survey)) => Input::Survey(survey),
                    Some(Event::Promoted { epoch, done }) => {
                        if *self.elector.role() != (Role::Lead { epoch }) {
                            continue;
                        }
                        if !done {
                            log("the service cannot lead: ending, so that another pod may");
                            return self.stop(&mut inbox, child).await.map(|code| code.max(1));
                        }
                        self.promoted = Some(epoch);
                        self.counts.led.fetch_add(1, Ordering::Relaxed);
                        self.publish();
                        continue;
                    }
                    Some(Event::Fence { epoch, holder, reply }) => {
                        self.fenced(epoch, holder, reply).await;
                        continue;
                    }
                    None => return Ok(1),
                },
                () = tokio::time::sleep(Duration::from_millis(rest)) => {
                    let late = clock::now().saturating_sub(now + rest);
                    if late >= LATE {
                        log(&format!("{late} ms late: this process was frozen, or other work took the processor"));
                    }
                    Input::Tick
                }
                status = ended(&mut child) => {
                    log(&format!("the service ended: {status}"));
                    self.finish(&mut inbox, None).await;
                    return Ok(service::code(status));
                }
                _ = signals.terminate.recv() => return self.stop(&mut inbox, child).await,
                _ = signals.interrupt.recv() => return self.stop(&mut inbox, child).await,
                _ = signals.child.recv() => {
                    children::reap();
                    continue;
                }
                _ = signals.hangup.recv() => { self.pass(1); continue; }
                _ = signals.user1.recv() => { self.pass(10); continue; }
                _ = signals.user2.recv() => { self.pass(12); continue; }
            };
            // Who stands for election before its service does could only fail.
            if ready {
                self.feed(input).await;
            }
        }
    }

    fn pass(&self, number: i32) {
        if let Some(pid) = self.service.pid()
            && let Err(error) = children::send(pid, number)
        {
            log(&format!("signal {number}: {error:#}"));
        }
    }

    /// One input to the protocol; true when it is done.
    async fn feed(&mut self, input: Input<Holder, String>) -> bool {
        let mut outputs = Vec::new();
        self.elector.handle(clock::now(), input, &mut outputs);
        let mut done = false;
        for output in outputs {
            match output {
                Output::Call { number, call, limit } => self.call(number, call, limit),
                Output::Role(role) => self.turn(role).await,
                Output::Ask { epoch } => self.ask(epoch),
                Output::Done => done = true,
            }
        }
        self.publish();
        done
    }

    fn call(&self, number: u64, call: Call<Holder, String>, limit: Time) {
        self.counts.calls.fetch_add(1, Ordering::Relaxed);
        let (store, events, slices) = (self.store.clone(), self.events.clone(), self.slices.clone());
        let left = Duration::from_millis(limit.saturating_sub(clock::now()));
        tokio::spawn(async move {
            let answer =
                tokio::time::timeout(left, store.call(call, slices.newest())).await.unwrap_or(Answer::Failed);
            drop(events.send(Event::Answer(number, answer)).await);
        });
    }

    /// Makes the service what the role says. What cannot be demoted in time is killed.
    async fn turn(&mut self, role: Role<Holder>) {
        log(&match &role {
            Role::Idle => "role: idle".to_owned(),
            Role::Follow { holder, epoch } => {
                format!("role: follows {} ({}), epoch {epoch}", holder.pod, holder.address)
            }
            Role::Hold { epoch } => format!("role: elected, epoch {epoch}; asking the others"),
            Role::Lead { epoch } => format!("role: leads, epoch {epoch}"),
        });
        let led = self.service.may_lead();
        self.leading = None;
        self.promoted = None;
        self.service.want(&role);
        if let Role::Lead { epoch } = role {
            // Promoting may take its time, and the lease is renewed meanwhile.
            return self.lead(epoch);
        }
        let limit = Duration::from_millis(self.settings.demote);
        match tokio::time::timeout(limit, self.service.apply(&role, &self.me)).await {
            Ok(Ok(())) => {}
            failed => {
                let why = match failed {
                    Ok(Err(error)) => format!("{error:#}"),
                    _ => format!("no answer within {} ms", limit.as_millis()),
                };
                log(&format!("the service did not take its role: {why}"));
                if led && self.service.kill() {
                    log("it led, and cannot be demoted: killed");
                } else {
                    self.again(role);
                }
            }
        }
    }

    /// Goes on trying to apply a role that the service did not take, while it is the one wanted.
    fn again(&self, role: Role<Holder>) {
        let (service, me) = (self.service.clone(), self.me.clone());
        tokio::spawn(async move { insist(&service, &role, &me, None).await });
    }

    /// The leader's work: promote the service; then tell the followers, keep the slices.
    fn lead(&mut self, epoch: u64) {
        let (stop, mut stopped) = oneshot::channel();
        self.leading = Some(stop);
        let (slices, peers, me, every) =
            (self.slices.clone(), self.peers.clone(), self.me.clone(), self.settings.renew);
        let limit = Duration::from_millis(self.settings.call);
        let every = Duration::from_millis(every);
        let (service, unresponsive, promote) = (self.service.clone(), self.unresponsive, self.promote);
        self.right.store(self.elector.right_until().unwrap_or(0), Ordering::Relaxed);
        let (events, right) = (self.events.clone(), self.right.clone());
        tokio::spawn(async move {
            let role = Role::Lead { epoch };
            let watch = watch_over(&service, epoch, every, unresponsive, &right);
            let work = async {
                let promoting = insist(&service, &role, &me, Some(&right));
                let done = tokio::time::timeout(promote, promoting).await.unwrap_or(false);
                drop(events.send(Event::Promoted { epoch, done }).await);
                if !done {
                    return;
                }
                slices.lead(epoch, &me).await;
                let telling = async {
                    if let Some(peers) = &peers {
                        peers.tell_leading(epoch).await;
                    }
                };
                let keeping = async {
                    // Without peers there are none; with them, the former ones stay until they are known.
                    let mut others = peers.is_none().then(Vec::new);
                    loop {
                        if let Some(peers) = &peers
                            && let Ok(Ok(listed)) = tokio::time::timeout(limit, peers.list()).await
                        {
                            others = Some(listed);
                        }
                        if let Some(others) = &others {
                            slices.write(epoch, &me, others).await;
                        }
                        tokio::time::sleep(every).await;
                    }
                };
                let ((), ()) = tokio::join!(telling, keeping);
            };
            tokio::select! {
                () = work => {}
                // Where there was no process to kill, the elector ends all the same.
                () = watch => drop(events.send(Event::Promoted { epoch, done: false }).await),
                _ = &mut stopped => {}
            }
        });
    }

    fn ask(&self, epoch: u64) {
        let Some(peers) = self.peers.clone() else { return };
        let (events, service) = (self.events.clone(), self.service.clone());
        let limit = Duration::from_millis(self.settings.patience);
        tokio::spawn(async move {
            // Its own service must have left its old leader first, and say how much it has.
            if !service.is(&Role::Hold { epoch }, limit).await {
                return;
            }
            let Ok(standing) = service.standing().await else { return };
            drop(events.send(Event::Standing(standing)).await);
            let (sums, mut summed) = mpsc::unbounded_channel();
            let asking = async {
                peers.ask(epoch, limit, |survey| drop(sums.send(survey))).await;
                drop(sums);
            };
            let telling = async {
                while let Some(survey) = summed.recv().await {
                    drop(events.send(Event::Survey(survey)).await);
                }
            };
            tokio::join!(asking, telling);
        });
    }

    async fn fenced(&mut self, epoch: u64, holder: Holder, reply: oneshot::Sender<Pledge>) {
        self.feed(Input::Fence { epoch, holder: holder.clone() }).await;
        if !self.elector.pledged(epoch, &holder) {
            let _ = reply.send(Pledge::Newest(self.elector.newest()));
            return;
        }
        let service = self.service.clone();
        let limit = Duration::from_millis(self.settings.patience);
        tokio::spawn(async move {
            // Silence is the honest answer of a service that does not answer.
            if service.is(&Role::Follow { holder, epoch }, limit).await
                && let Ok(standing) = service.standing().await
            {
                let _ = reply.send(Pledge::Pledged(standing));
            }
        });
    }

    fn publish(&self) {
        let role = self.elector.role();
        self.right.store(self.elector.right_until().unwrap_or(0), Ordering::Relaxed);
        let known = match role {
            Role::Follow { holder, epoch } => Some((holder, *epoch)),
            Role::Hold { epoch } | Role::Lead { epoch } => Some((&self.me, *epoch)),
            Role::Idle => None,
        };
        let seen = self.elector.seen_at().unwrap_or(0);
        let until = self.elector.right_until().filter(|_| self.promoted.is_some()).unwrap_or(0);
        let leading = clock::now() < until;
        // Elected, until the service does lead.
        let role = if let Role::Lead { epoch } = role
            && self.promoted != Some(*epoch)
        {
            "elected"
        } else {
            word(role)
        };
        self.belief.send_if_modified(|belief| {
            let master = &mut belief.master;
            let mut next = Master {
                pod: known.map(|(holder, _)| holder.pod.clone()).unwrap_or_default(),
                ip: known.map(|(holder, _)| holder.address.clone()).unwrap_or_default(),
                epoch: known.map_or(self.elector.newest(), |(_, epoch)| epoch),
                leading,
                me: self.me.pod.clone(),
                role: role.to_owned(),
                ..Master::default()
            };
            next.since.clone_from(&master.since);
            let changed = next != *master;
            if (&next.pod, next.epoch) != (&master.pod, master.epoch) {
                next.since = format!("{:.3}", jiff::Timestamp::now());
                self.counts.changes.fetch_add(1, Ordering::Relaxed);
            }
            *master = next;
            belief.seen = seen;
            belief.until = until;
            changed
        });
    }

    /// SIGTERM: followers catch up, the lease goes back, then the service ends.
    async fn stop(mut self, inbox: &mut mpsc::Receiver<Event>, mut child: Option<Own>) -> Result<u8> {
        log("asked to stop");
        let led = self.elector.right_until().is_some();
        let mut heir = None;
        if led {
            let limit = Duration::from_millis(self.settings.demote);
            let drained = async {
                tokio::join!(
                    tokio::time::timeout(limit, self.service.drain()),
                    tokio::time::timeout(limit, self.heir())
                )
            };
            // Nothing renews the right meanwhile. If it ends, what follows demotes the service at once.
            let right = self.elector.right_until().unwrap_or(0);
            heir = while_right(right, drained).await.and_then(|(_, found)| found.ok().flatten());
        }
        self.finish(inbox, heir).await;
        if led {
            // The successor asks everybody. An answer spares it the wait for a pod that is no longer there.
            self.answer_successor(inbox).await;
        }
        self.pass(15);
        if child.is_none() {
            return Ok(0);
        }
        let until = tokio::time::Instant::now() + Duration::from_secs(5);
        loop {
            tokio::select! {
                status = ended(&mut child) => return Ok(service::code(status)),
                // Who is elected meanwhile need not wait for this one.
                Some(event) = inbox.recv() => if let Event::Fence { reply, .. } = event {
                    self.let_go(reply);
                },
                () = tokio::time::sleep_until(until) => {
                    self.service.kill();
                    return Ok(137);
                }
            }
        }
    }

    async fn heir(&self) -> Option<Holder> {
        self.peers.as_ref()?.heir().await.ok().flatten()
    }

    /// Pledges without data to whoever asks: the service is nobody's, and about to end.
    async fn answer_successor(&self, inbox: &mut mpsc::Receiver<Event>) {
        let mut until = tokio::time::Instant::now() + Duration::from_millis(self.settings.lease / 2);
        while let Ok(Some(event)) = tokio::time::timeout_at(until, inbox.recv()).await {
            if let Event::Fence { reply, .. } = event
                && self.let_go(reply)
            {
                // Another may ask, should this one give the lease away again.
                until =
                    until.min(tokio::time::Instant::now() + Duration::from_millis(self.settings.patience));
            }
        }
    }

    /// Gives the lease back. After a lease nobody needs that any more.
    async fn finish(&mut self, inbox: &mut mpsc::Receiver<Event>, heir: Option<Holder>) {
        let deadline = tokio::time::Instant::now() + Duration::from_millis(self.settings.lease);
        let mut done = self.feed(Input::Shutdown { heir }).await;
        while !done {
            let wait = self.elector.wake().saturating_sub(clock::now()).clamp(1, 1000);
            let input = tokio::select! {
                event = inbox.recv() => match event {
                    Some(Event::Answer(number, answer)) => Input::Answer(number, answer),
                    Some(Event::Fence { reply, .. }) => {
                        self.let_go(reply);
                        continue;
                    }
                    Some(_) => continue,
                    None => return,
                },
                () = tokio::time::sleep(Duration::from_millis(wait)) => Input::Tick,
                () = tokio::time::sleep_until(deadline) => return,
            };
            done = self.feed(input).await;
        }
    }

    /// Pledges without data, once the service is nobody's: it is about to end.
    fn let_go(&self, reply: oneshot::Sender<Pledge>) -> bool {
        let idle = self.service.applied() == Some(Role::Idle);
        if idle {
            let _ = reply.send(Pledge::Pledged(Standing::default()));
        }
        idle
    }
}

fn word(role: &Role<Holder>) -> &'static str {
    match role {
        Role::Idle => "idle",
        Role::Follow { .. } => "following",
        Role::Hold { .. } => "elected",
        Role::Lead { .. } => "leading",
    }
}

/// Waits for the child's end; for ever where there is none.
async fn ended(child: &mut Option<Own>) -> std::process::ExitStatus {
    if let Some(child) = child {
        match child.wait().await {
            Ok(status) => return status,
            Err(error) => log(&format!("waiting for the service: {error}")),
        }
    }
    std::future::pending().await
}
