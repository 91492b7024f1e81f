//! One fault after another: wait until all is well, break the master, watch, mend, judge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Plan;
use super::fault::{Effect, Electorate, Fault};
use super::inject;
use super::ledger::{self, Ledger};
use super::listen::Witness;
use super::preference;
use super::report::{ReadBack, Round};
use super::world::{Member, World};
use super::writer::{self, Insistent, Target, Writers};
use crate::context::Context;
use crate::election::protocol::Time;
use crate::error::{kubectl, opsctl, problem};
use crate::serve::election::clock;

/// How often what was seen is looked at; the times come from the events themselves.
const LOOK: Duration = Duration::from_millis(25);
/// After so long the nodes have caught up with what happened last.
const SETTLE: Duration = Duration::from_secs(2);
/// A kubelet renews its Lease every 10 s: one not heard of for longer has trouble doing so.
const HEARD: Duration = Duration::from_secs(12);
/// So long a former master is listened to once all agree again, longer than the witness waits for an answer:
/// what it says now must be a follower's.
const LAST_WORDS: Duration = Duration::from_millis(400);
/// A fault after which they have not agreed for so long has not been survived.
const PATIENCE: Duration = Duration::from_mins(1);

/// A drill under way.
pub struct Rounds<'a> {
    cx: &'a Context,
    plan: &'a Plan,
    world: World,
    witness: Witness,
    target: Target,
    ledger: Arc<Ledger>,
    writers: Writers,
    /// Insistent writers have hashes of their own.
    insistent: usize,
    calm: Calm,
}

/// Since when every look found the same pods and the same master, in whatever epoch: what leads to them stays.
#[derive(Default)]
struct Calm {
    seen: Option<(Vec<String>, String)>,
    since: Option<Instant>,
}

impl Calm {
    /// Notes what a look found; none where all was not well.
    fn note(&mut self, found: Option<&Whole>) {
        let found = found
            .map(|whole| (whole.members.iter().map(|m| m.uid.clone()).collect(), whole.master.uid.clone()));
        if found.is_none() || found != self.seen {
            self.since = found.is_some().then(Instant::now);
            self.seen = found;
        }
    }

    /// How long it still has to last.
    fn missing(&self) -> Duration {
        self.since.map_or(SETTLE, |since| SETTLE.saturating_sub(since.elapsed()))
    }
}

/// The master when all is well, and all pods.
struct Whole {
    master: Member,
    epoch: u64,
    members: Vec<Member>,
}

/// What is asked of pods on their way out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// That they are gone.
    Gone,
    /// Nothing: one that hands over takes its time, and is no part of what comes.
    Allowed,
}

/// What was seen between a fault and its end.
#[derive(Default)]
struct Seen {
    lease: Option<Time>,
    agreed: Option<Time>,
    write: Option<Time>,
    reads_failed: usize,
    reads: usize,
    promoted: usize,
}

impl<'a> Rounds<'a> {
    /// Begins to watch and to write.
    pub async fn begin(cx: &'a Context, plan: &'a Plan) -> Result<Self> {
        let world = World::new(cx).await?;
        let witness = Witness::start(cx, &world).await?;
        let target = Target::of(&world.settings, format!("{}{}", writer::KEYS, clock::now()));
        if let Err(error) = writer::sweep(&target.at).await {
            cx.ui.detail(format!("   could not look for keys of an earlier drill: {error:#}"));
        }
        let ledger = Arc::new(Ledger::default());
        let writers = Writers::start(plan.writers, &target, &ledger);
        let insistent = plan.writers;
        let calm = Calm::default();
        Ok(Self { cx, plan, world, witness, target, ledger, writers, insistent, calm })
    }

    /// One round of one fault.
    pub async fn one(&mut self, fault: Fault, number: u32) -> Result<Round> {
        let row = self.cx.ui.row("drill", "waiting until all pods are ready and agree");
        let (whole, began) = self.at_work(fault, &row).await?;
        row.doing(format!("breaking {} on {}", whole.master.name, whole.master.node));
        let epoch = whole.epoch;
        let insistent = Insistent::start(self.insistent, &self.target, &self.ledger).await?;
        self.insistent += 1;
        let electorate = electorate(fault, &whole);
        let mut armed = inject::arm(self.cx, &self.world, fault, &whole.master).await?;
        let at = armed.fire().await?;
        insistent.sleeps(clock::now());
        let hold = self
            .plan
            .hold
            .map_or(fault.hold(), |hold| if fault.hold().is_zero() { fault.hold() } else { hold });
        let mut seen = match fault.effect() {
            Effect::Change => self.change(at, epoch, &electorate).await?,
            Effect::Steady | Effect::Any => Seen::default(),
            Effect::Headless => self.headless(at, epoch, hold, &row).await?,
        };
        if fault.effect() != Effect::Headless {
            self.last(at, hold).await;
        }
        let deposed = self.witness.timeline().deposed(&whole.master.name, at);
        let mended = clock::now();
        insistent.wakes(mended);
        armed.undo(self.cx).await?;
        // Without an API server there is nothing to hope for: what counts begins with its return.
        let from =
            if fault.effect() == Effect::Headless { self.headed(&mut seen, &whole).await? } else { at };
        insistent.silence();
        row.doing("waiting until all agree again");
        let again = self.agreed_again(&survivors(fault, &whole), epoch).await?;
        if fault.leaves_it_alive() {
            tokio::time::sleep(LAST_WORDS).await;
        }
        row.drop_quietly();
        let entries = self.ledger.since(began);
        let timeline = self.witness.timeline();
        let relative = |time: Option<Time>| time.map(|time| time.saturating_sub(from));
        Ok(Round {
            fault,
            number,
            master: whole.master.name,
            node: whole.master.node,
            epoch,
            lease_ms: relative(seen.lease),
            agreed_ms: relative(seen.agreed),
            write_ms: relative(seen.write),
            deposed_ms: deposed.map(|time| time.saturating_sub(at)),
            mended_ms: mended - at,
            again_ms: again.saturating_sub(mended),
            silent_ms: ledger::longest_gap(&entries, at, again.max(at)),
            changes: timeline.led().iter().filter(|e| **e > epoch).count(),
            promoted: seen.promoted,
            reads: seen.reads,
            reads_failed: seen.reads_failed,
            acknowledged: entries.iter().filter(|e| e.acknowledged).count(),
            plain: ledger::merely_answered(&entries),
            overlaps: timeline.rights_at_once() + ledger::acknowledged_at_once(&entries),
        })
    }

    /// Ends the writing, and reads all of it back from who is master.
    pub async fn end(mut self) -> Result<ReadBack> {
        let row = self.cx.ui.row("drill", "waiting until all pods agree");
        let whole = self.whole(&row, Ending::Gone).await;
        drop(self.writers);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut entries = self.ledger.acknowledged();
        entries.sort_by_key(|e| (e.writer, e.number));
        row.doing(format!("{} acknowledged writes", entries.len()));
        whole?;
        let lost = writer::missing(&self.target, &entries).await?;
        writer::clean(&self.target, self.insistent).await?;
        let overlaps = ledger::acknowledged_at_once(&self.ledger.since(0));
        row.drop_quietly();
        Ok(ReadBack { acknowledged: entries.len(), lost, overlaps })
    }

    /// Waits until there are as many pods as there should be, ready, of one life, and agreed.
    async fn whole(&mut self, row: &crate::ui::Row, ending: Ending) -> Result<Whole> {
        let began = Instant::now();
        let mut replaced: Vec<String> = Vec::new();
        loop {
            tokio::time::sleep(LOOK * 4).await;
            let looked = self.look(&mut replaced, ending).await;
            self.calm.note(looked.as_ref().ok().and_then(|whole| whole.as_ref().ok()));
            let why = match looked {
                Ok(Ok(whole)) => return Ok(whole),
                Ok(Err(why)) => why,
                Err(error) => format!("{error:#}"),
            };
            row.doing(format!("waiting: {why}"));
            if !self.witness.alive() {
                self.witness = Witness::start(self.cx, &self.world).await?;
            }
            if began.elapsed() > self.cx.timeout {
                return Err(problem!(
                    NotReady,
                    "the pods were not ready and agreed within {} s",
                    self.cx.timeout.as_secs()
                )
                .found(why)
                .next(opsctl("election status"))
                .into());
            }
        }
    }

    /// One look; the inner error says what is still missing.
    async fn look(&mut self, replaced: &mut Vec<String>, wanted: Ending) -> Result<Result<Whole, String>> {
        let (members, ending) = self.world.members().await?;
        let addresses: Vec<_> = members.iter().map(|m| (m.name.clone(), m.ip.clone())).collect();
        self.witness.ask(&addresses);
        // The next kill of a container that was restarted would be answered by a back-off.
        for member in members.iter().filter(|m| m.restarted) {
            if !replaced.contains(&member.name) {
                self.world.delete(&member.name).await?;
                replaced.push(member.name.clone());
            }
        }
        if ending > 0 && wanted == Ending::Gone {
            return Ok(Err(format!("{ending} pods are still ending")));
        }
        let ready = members.iter().filter(|m| m.ready && !m.restarted).count();
        if ready != self.world.settings.pods || members.len() != ready {
            return Ok(Err(format!("{ready} of {} pods are ready", self.world.settings.pods)));
        }
        let names: Vec<_> = members.iter().map(|m| m.name.clone()).collect();
        let timeline = self.witness.timeline();
        let Some((master, epoch)) = timeline.master(&names) else {
            return Ok(Err(timeline.divided(&names).join("; ")));
        };
        let Some(master) = members.iter().find(|m| m.name == master).cloned() else {
            return Ok(Err("the master's pod does not exist".into()));
        };
        Ok(Ok(Whole { master, epoch, members }))
    }

    /// Waits until all pods that were there, and still are, agree again; since when.
    async fn agreed_again(&self, pods: &[String], epoch: u64) -> Result<Time> {
        let began = Instant::now();
        loop {
            let agreed = self.witness.timeline().agreed(pods, epoch.saturating_sub(1));
            if let Some((since, _)) = agreed {
                return Ok(since);
            }
            if began.elapsed() > PATIENCE {
                let reasons = self.witness.timeline().divided(pods);
                return Err(disagreement("the fault was undone", &reasons));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets a pod on a worker inherit, and deletes the master; until it is on a worker, with no more pods than
    /// may be silent: where more are, nobody is promoted without them.
    async fn master_on_worker(&mut self, mut whole: Whole, row: &crate::ui::Row) -> Result<Whole> {
        for _ in 0..10 {
            let on_worker = |m: &Member| self.world.settings.workers.contains(&m.node);
            if on_worker(&whole.master) {
                let beside = |m: &&Member| m.node == whole.master.node && m.name != whole.master.name;
                let others: Vec<_> = whole.members.iter().filter(beside).map(|m| m.name.clone()).collect();
                let Some(one) = others.first().filter(|_| others.len() >= self.world.settings.confirmations)
                else {
                    return Ok(whole);
                };
                row.doing(format!("too many pods run on {}: one must move", whole.master.node));
                self.world.delete(one).await?;
                whole = self.whole(row, Ending::Allowed).await?;
                continue;
            }
            let Some(there) = whole.members.iter().find(|m| on_worker(m)).map(|m| m.name.clone()) else {
                break;
            };
            row.doing(format!("the master runs on {}: another pod must take over", whole.master.node));
            let pods = self.world.pods();
            preference::prefer(&pods, &there).await?;
            self.world.delete(&whole.master.name).await?;
            let inherited = self.whole(row, Ending::Allowed).await;
            preference::take_back(&pods).await?;
            whole = inherited?;
        }
        Err(problem!(Failure, "could not move the master to a worker node with few enough other pods")
            .next(kubectl("-n election get pods -o wide"))
            .into())
    }

    /// Waits until all is well and writers are at work, where the fault needs it; since when they are watched.
    async fn at_work(&mut self, fault: Fault, row: &crate::ui::Row) -> Result<(Whole, Time)> {
        loop {
            let mut whole = self.whole(row, Ending::Gone).await?;
            if fault.needs_worker() {
                whole = self.master_on_worker(whole, row).await?;
            }
            if fault.needs_calm() {
                tokio::time::sleep(self.calm.missing()).await;
            }
            if fault.effect() == Effect::Headless {
                self.kubelets_heard(row).await;
            }
            self.witness.timeline().forget();
            let since = clock::now();
            if self.acknowledges(whole.epoch, since, Instant::now() + PATIENCE).await? {
                return Ok((whole, since));
            }
        }
    }

    /// Waits until every kubelet was heard of lately: else the API server's next absence is one too many, and
    /// what is measured is how Kubernetes gives up a node. No longer than they need, as clocks may differ.
    async fn kubelets_heard(&self, row: &crate::ui::Row) {
        let began = Instant::now();
        while began.elapsed() < HEARD {
            match self.world.least_heard_of().await {
                Ok(Some((node, age))) if age > HEARD => {
                    row.doing(format!("waiting: no recent sign of the kubelet of {node}"));
                }
                Ok(_) => return,
                Err(error) => row.doing(format!("waiting: {error:#}")),
            }
            tokio::time::sleep(LOOK * 4).await;
        }
    }

    /// Whether that epoch acknowledges, before anything is broken; or a newer one does by now.
    async fn acknowledges(&self, epoch: u64, since: Time, until: Instant) -> Result<bool> {
        loop {
            match ledger::newest(&self.ledger.since(since)) {
                Some(newest) if newest >= epoch => return Ok(newest == epoch),
                _ if Instant::now() > until => break,
                _ => tokio::time::sleep(LOOK).await,
            }
        }
        let (host, port) = &self.target.at;
        let mut problem = problem!(
            NotAcknowledged,
            "no write of epoch {epoch} was acknowledged at {host}:{port} within {} s",
            PATIENCE.as_secs()
        );
        for line in self.ledger.met() {
            problem = problem.found(line);
        }
        Err(problem.found(self.world.leads_to().await).next(opsctl("election status")).into())
    }

    /// Waits for another epoch: its lease, all agreed, its first acknowledged write.
    async fn change(&self, at: Time, epoch: u64, electorate: &[String]) -> Result<Seen> {
        let began = Instant::now();
        loop {
            let seen = {
                let timeline = self.witness.timeline();
                Seen {
                    lease: timeline.elected(epoch),
                    agreed: timeline.agreed(electorate, epoch).map(|(time, _)| time),
                    write: ledger::first_after(&self.ledger.since(at), epoch),
                    ..Seen::default()
                }
            };
            if seen.lease.is_some() && seen.agreed.is_some() && seen.write.is_some() {
                return Ok(seen);
            }
            if began.elapsed() > PATIENCE {
                let mut reasons = self.witness.timeline().divided(electorate);
                if seen.write.is_none() {
                    reasons.push("no write was acknowledged".into());
                }
                return Err(disagreement("the fault", &reasons));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn last(&self, at: Time, hold: Duration) {
        let passed = Duration::from_millis(clock::now().saturating_sub(at));
        tokio::time::sleep(hold.saturating_sub(passed)).await;
    }

    /// No API server: all that is known must still be readable, and nobody may promote himself.
    async fn headless(&self, at: Time, epoch: u64, hold: Duration, row: &crate::ui::Row) -> Result<Seen> {
        let mut seen = Seen::default();
        row.doing("no API server: reading, and checking that no pod is promoted");
        let passed = || Duration::from_millis(clock::now().saturating_sub(at));
        let promoted = || self.witness.timeline().led().iter().filter(|e| **e > epoch).count();
        loop {
            for port in [&self.world.settings.master, &self.world.settings.replicas] {
                seen.reads += 1;
                seen.reads_failed += usize::from(!writer::readable(port).await);
            }
            let next = Instant::now() + Duration::from_millis(250);
            if hold.is_zero() {
                // One that comes back by itself: as long as it is away. What leads after that is in the right.
                if self.is_back_by(next).await || passed() > self.cx.timeout {
                    return Ok(seen);
                }
            } else {
                tokio::time::sleep_until(next.into()).await;
            }
            seen.promoted = promoted();
            if !hold.is_zero() && passed() >= hold {
                return Ok(seen);
            }
        }
    }

    /// Whether the API server answers before that moment, looked for often: what is timed begins with it.
    async fn is_back_by(&self, limit: Instant) -> bool {
        while Instant::now() < limit {
            if self.world.members().await.is_ok() {
                return true;
            }
            tokio::time::sleep(LOOK).await;
        }
        false
    }

    /// With the API server back: how long until all agree, and a write is acknowledged. When it was back.
    async fn headed(&self, seen: &mut Seen, whole: &Whole) -> Result<Time> {
        let began = Instant::now();
        let back = loop {
            if self.world.members().await.is_ok() {
                break clock::now();
            }
            if began.elapsed() > self.cx.timeout {
                return Err(problem!(Timeout, "the API server did not come back")
                    .next(opsctl("election drill --restore"))
                    .next(opsctl("minikube status"))
                    .into());
            }
            tokio::time::sleep(LOOK).await;
        };
        let all: Vec<String> = whole.members.iter().map(|m| m.name.clone()).collect();
        loop {
            let agreed = self.witness.timeline().agreed(&all, whole.epoch.saturating_sub(1));
            if let Some((since, epoch)) = agreed {
                // What they agreed on may be of yesterday: it is true when it also acknowledges.
                let newer = |e: &ledger::Entry| e.acknowledged && e.epoch == epoch && e.answered >= back;
                if let Some(entry) = self.ledger.since(back).into_iter().find(newer) {
                    seen.agreed = Some(since.max(back));
                    seen.write = Some(entry.answered);
                    return Ok(back);
                }
            }
            if began.elapsed() > PATIENCE + self.cx.timeout {
                let reasons = self.witness.timeline().divided(&all);
                return Err(disagreement("the API server's return", &reasons));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn disagreement(after: &str, reasons: &[String]) -> anyhow::Error {
    problem!(Promise, "no agreement {} s after {after}", PATIENCE.as_secs())
        .found(reasons.join("\n"))
        .next(opsctl("election status"))
        .into()
}

/// All pods that a fault leaves.
fn survivors(fault: Fault, whole: &Whole) -> Vec<String> {
    let gone = |member: &Member| fault == Fault::Delete && member.name == whole.master.name;
    whole.members.iter().filter(|m| !gone(m)).map(|m| m.name.clone()).collect()
}

fn electorate(fault: Fault, whole: &Whole) -> Vec<String> {
    let counts = |member: &&Member| match fault.electorate() {
        Electorate::All => true,
        Electorate::Others => member.name != whole.master.name,
        Electorate::OtherNodes => member.node != whole.master.node,
    };
    whole.members.iter().filter(counts).map(|m| m.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(uids: &[&str], master: usize) -> Whole {
        let member = |uid: &&str| Member {
            name: format!("redis-{uid}"),
            uid: (*uid).to_owned(),
            ip: String::new(),
            node: String::new(),
            ready: true,
            restarted: false,
        };
        let members: Vec<_> = uids.iter().map(member).collect();
        Whole { master: members[master].clone(), epoch: 1, members }
    }

    #[tokio::test]
    async fn calm_is_what_lasted_and_begins_anew_with_another_pod_master_or_trouble() {
        let mut calm = Calm::default();
        assert_eq!(calm.missing(), SETTLE);
        let disturbances = [Some(whole(&["a", "c"], 0)), Some(whole(&["a", "c"], 1)), None];
        calm.note(Some(&whole(&["a", "b"], 0)));
        for disturbance in disturbances {
            let last = disturbance.as_ref();
            for found in [last, last] {
                calm.note(found);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let lasted = SETTLE.saturating_sub(calm.missing());
            assert_eq!(lasted >= Duration::from_millis(40), last.is_some(), "{lasted:?}");
        }
        assert_eq!(calm.missing(), SETTLE);
    }
}
