//! `serve balancer`: haproxy under opsctl. Members come and go, haproxy's slots follow, and what haproxy's own checks
//! say decides who counts as connected.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;
use tokio::sync::watch;

use super::cli;
use super::haproxy::{self, Runtime, Settings, Stat};
use super::http;
use super::listing::{self, Listing, Server, State};
use super::members::{self, Member, Members};
use super::process::{Signals, end, version};
use super::slots::{Order, Plan, Slot, Slots};
use crate::serve::children::Own;
use crate::serve::election::service;
use crate::serve::log;

/// How often haproxy is asked how its servers are.
const LOOK: Duration = Duration::from_millis(50);
/// How long a new process may take to answer on its socket.
const START: Duration = Duration::from_secs(5);
/// From a failed try of a new process to the next one.
const AGAIN: Duration = Duration::from_secs(1);
/// Soft stop, which ends a process once its last request has ended.
const SOFT_STOP: i32 = 10;

/// The page without any server.
const PAGE_503: &str = include_str!("503.http");

/// Runs haproxy until either ends; the code is the process's.
pub async fn run(options: cli::Balancer) -> Result<u8> {
    let mut signals = Signals::new()?;
    std::fs::create_dir_all(&options.folder)
        .with_context(|| format!("could not make {}", options.folder.display()))?;
    let page503 = options.folder.join("503.http");
    // haproxy sends it as it is: each line of a header ends with two characters.
    std::fs::write(&page503, in_http(PAGE_503)).context("could not write the page without any server")?;
    let version = version("haproxy", "-v", "version").await?;
    let mut members = members::follow(options.members.clone(), options.folder.join("members.json"))?;
    let first = Listing {
        balancer: options.name.clone(),
        node: options.node.clone(),
        number: 0,
        changed: listing::now(),
        unheard_since: None,
        servers: Vec::new(),
        slots: usize::from(options.slots),
        reloads: 0,
        base: listing::base(),
        version,
    };
    let (tell, told) = watch::channel(http::Told { listing: first, known: false, looked: None });
    http::serve(options.list, told).await?;
    let settings = Settings {
        name: options.name.clone(),
        listen: options.listen,
        stats: options.stats,
        page503,
        threads: options.threads,
        connections: options.connections,
        hard_stop: options.hard_stop,
        every: options.every,
    };
    let mut balancer = Balancer {
        settings,
        folder: options.folder,
        slots: Slots::new(usize::from(options.slots)),
        process: None,
        started: 0,
        failed: None,
        seen: Vec::new(),
        passed: BTreeSet::new(),
        been: BTreeSet::new(),
        tell,
        began: Instant::now(),
    };
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = signals.asked_to_stop() => break,
            code = balancer.ended() => return Ok(code.max(1)),
            changed = members.changed() => changed.context("nobody tells who exists")?,
            _ = ticks.tick() => {}
        }
        let members = members.borrow_and_update().clone();
        if let Err(error) = balancer.round(&members).await {
            log(&format!("balancer: {error:#}"));
            tokio::time::sleep(LOOK).await;
        }
    }
    log(&format!("asked to stop: serving on for {} ms", options.linger.as_millis()));
    let until = tokio::time::Instant::now() + options.linger;
    // The fleet may change meanwhile.
    while tokio::time::Instant::now() < until {
        let known = members.borrow_and_update().clone();
        if let Err(error) = balancer.round(&known).await {
            log(&format!("balancer: {error:#}"));
        }
        tokio::time::sleep(LOOK).await;
    }
    let Balancer { process, tell, .. } = balancer;
    // Nobody looks any more: whoever went on hearing the last list would take it for today's.
    drop(tell);
    match process {
        Some(process) => Ok(end(process.child, SOFT_STOP, options.hard_stop * 2).await),
        None => Ok(0),
    }
}

/// A text with the line ends of HTTP in its header.
fn in_http(text: &str) -> String {
    let (header, body) = text.split_once("\n\n").unwrap_or((text, ""));
    format!("{}\r\n\r\n{body}", header.replace('\n', "\r\n"))
}

/// A process of haproxy.
struct Process {
    child: Own,
    runtime: Runtime,
}

struct Balancer {
    settings: Settings,
    folder: PathBuf,
    slots: Slots,
    process: Option<Process>,
    /// Processes started.
    started: u64,
    /// When a new process last could not be started.
    failed: Option<Instant>,
    /// How the slots were at the last look.
    seen: Vec<Stat>,
    /// Whose check has passed, and which has not gone down since.
    passed: BTreeSet<SocketAddr>,
    /// Who has been connected since it came: without its check, or not ready, it fails.
    been: BTreeSet<SocketAddr>,
    tell: watch::Sender<http::Told>,
    began: Instant,
}

impl Balancer {
    /// Waits for the end of the process that runs; the code is its own.
    async fn ended(&mut self) -> u8 {
        let Some(process) = &mut self.process else { return std::future::pending().await };
        match process.child.wait().await {
            Ok(status) => {
                log(&format!("haproxy ended: {status}"));
                service::code(status)
            }
            Err(_) => 1,
        }
    }

    /// Looks, and does what comes next.
    async fn round(&mut self, members: &Members) -> Result<()> {
        let known = members.all.clone().unwrap_or_default();
        let wanted: BTreeSet<_> =
            known.iter().filter(|(_, member)| member.ready).map(|(address, _)| *address).collect();
        let Some(process) = &self.process else {
            // The first one has the servers that are known by now.
            let slots =
                self.slots.resized(self.slots.all().len().max(wanted.len().next_power_of_two()), &wanted);
            self.start(slots).await?;
            self.publish(members, &known);
            return Ok(());
        };
        self.seen = process.runtime.stats().await?;
        self.settle_differences();
        let sessions: Vec<_> = self.seen.iter().map(|stat| stat.sessions).collect();
        match self.slots.plan(&wanted, &sessions, self.began.elapsed()) {
            Plan::Resize(_) if self.failed.is_some_and(|at| at.elapsed() < AGAIN) => {}
            Plan::Resize(size) => {
                let slots = self.slots.resized(size, &wanted);
                let before = self.slots.all().len();
                if let Err(error) = self.start(slots).await {
                    self.failed = Some(Instant::now());
                    self.publish(members, &known);
                    return Err(error.context("the former haproxy goes on: a new one could not be started"));
                }
                self.failed = None;
                log(&format!("slots: {before} to {}, by a new process", self.slots.all().len()));
            }
            Plan::Orders(orders) => self.carry_out(&orders).await?,
        }
        self.publish(members, &known);
        Ok(())
    }

    async fn carry_out(&mut self, orders: &[Order]) -> Result<()> {
        let Some(process) = &self.process else { return Ok(()) };
        if orders.is_empty() {
            return Ok(());
        }
        process.runtime.carry_out(orders).await?;
        for order in orders {
            if let Order::Fill(slot, address) = order {
                log(&format!("slot {}: {address}", slot + 1));
                // What its last holder's check said is over.
                self.passed.remove(address);
                if let Some(stat) = self.seen.get_mut(*slot) {
                    *stat = Stat::default();
                }
            }
            if let Order::Drain(slot) = order
                && let Some(Slot::Serves(address)) = self.slots.all().get(*slot)
            {
                log(&format!("slot {}: {address} drains", slot + 1));
                self.passed.remove(address);
            }
            self.slots.done(*order);
        }
        Ok(())
    }

    /// A slot that does not have the address that it was given is free for it again: what haproxy says counts.
    fn settle_differences(&mut self) {
        for (i, stat) in self.seen.iter().enumerate() {
            if let Some(Slot::Serves(address)) = self.slots.all().get(i)
                && stat.address != Some(*address)
            {
                log(&format!("slot {}: haproxy has {:?} there, not {address}", i + 1, stat.address));
                self.slots.done(Order::Free(i));
            }
        }
    }

    /// Starts a process with these slots, which takes the listening sockets of the one before.
    async fn start(&mut self, slots: Slots) -> Result<()> {
        let number = self.started + 1;
        let runtime = Runtime::at(self.folder.join(format!("{number}.sock")));
        let file = self.folder.join(format!("{number}.cfg"));
        let text = haproxy::config(&self.settings, runtime.path(), slots.all());
        std::fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file);
        if let Some(former) = &self.process {
            command.arg("-x").arg(former.runtime.path()).arg("-sf").arg(former.child.pid().to_string());
        }
        let mut child = Own::start(&mut command, false).context("could not start haproxy")?;
        self.started = number;
        let seen = tokio::time::timeout(START, answers(&runtime, &mut child)).await;
        let mut seen = seen.context("a new haproxy does not answer")??;
        let health = self.health(&slots);
        if !health.is_empty() {
            runtime.hand_on(&health).await?;
            seen = runtime.stats().await?;
        }
        let process = Process { child, runtime };
        if let Some(former) = self.process.replace(process) {
            forget(former, self.settings.hard_stop);
        }
        (self.slots, self.seen) = (slots, seen);
        let _ = std::fs::remove_file(&file);
        Ok(())
    }

    /// What is known of the servers in these slots; of one that has not been connected yet, nothing.
    fn health(&self, slots: &Slots) -> Vec<(usize, bool)> {
        let serving = slots.all().iter().enumerate().filter_map(|(i, slot)| match slot {
            Slot::Serves(address) => Some((i, address)),
            Slot::Free | Slot::Drains(_) => None,
        });
        let known = serving.filter(|(_, address)| self.been.contains(*address));
        known.map(|(i, address)| (i, self.passed.contains(address))).collect()
    }

    /// Tells who is connected.
    fn publish(&mut self, members: &Members, known: &BTreeMap<SocketAddr, Member>) {
        for (slot, stat) in self.slots.all().iter().zip(&self.seen) {
            if let Slot::Serves(address) = slot
                && stat.address == Some(*address)
            {
                if stat.passes() {
                    self.passed.insert(*address);
                } else if !stat.is_up() {
                    self.passed.remove(address);
                }
            }
        }
        self.been.extend(&self.passed);
        self.been.retain(|address| known.contains_key(address));
        let servers = known.iter().map(|(address, member)| Server {
            ip: address.ip(),
            name: member.name.clone(),
            node: member.node.clone(),
            state: self.state(*address, member),
        });
        let mut next = Listing {
            servers: servers.collect(),
            unheard_since: members.unheard_since,
            slots: self.slots.all().len(),
            reloads: self.started.saturating_sub(1),
            ..self.tell.borrow().listing.clone()
        };
        self.tell.send_if_modified(|told| {
            let differs = !told.listing.same_as(&next) || told.known != members.all.is_some();
            if differs {
                next.number = told.listing.number + 1;
                if next.connected() != told.listing.connected() {
                    next.changed = listing::now();
                }
                told.listing = next;
            }
            told.known = members.all.is_some();
            told.looked = Some(Instant::now());
            differs
        });
    }

    fn state(&self, address: SocketAddr, member: &Member) -> State {
        if member.ending || self.slots.drains(address) {
            return State::Leaving;
        }
        let stat = self.slots.serving(address).and_then(|slot| self.seen.get(slot));
        let Some(stat) = stat.filter(|stat| member.ready && stat.address == Some(address)) else {
            return if self.been.contains(&address) { State::Failing } else { State::Coming };
        };
        if self.passed.contains(&address) {
            State::Connected
        } else if stat.leaves() {
            State::Leaving
        } else if stat.is_up() && !self.been.contains(&address) {
            State::Coming
        } else {
            State::Failing
        }
    }
}

/// Waits until a new process answers.
async fn answers(runtime: &Runtime, child: &mut Own) -> Result<Vec<Stat>> {
    loop {
        if let Ok(seen) = runtime.stats().await {
            return Ok(seen);
        }
        tokio::select! {
            status = child.wait() => bail!("haproxy ended at its start: {}", status?),
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
    }
}

/// A process that was replaced ends by itself, soon; its socket goes with it.
fn forget(former: Process, hard_stop: Duration) {
    let Process { mut child, runtime } = former;
    tokio::spawn(async move {
        if tokio::time::timeout(hard_stop * 2, child.wait()).await.is_err() {
            log("a former haproxy did not end in time: killed");
        }
        let _ = std::fs::remove_file(runtime.path());
    });
}
