//! The protocol in a world that misbehaves, from a seed: one API server, a few pods with a
//! replicated service, writers, and every fault of `docs/election.md`. What must never happen is
//! checked at every step against true time, which no pod can see.
//!
//! Also a model of redis as far as it matters: histories that fork, replicas that follow a history
//! or are wiped, and commands that a frozen master executes before anything can stop it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::protocol::{
    Answer, Call, Elector, Flaw, Input, Name, Output, Record, Role, Settings, Snapshot, Time,
};
use super::survey::{Peer, Standing, Survey};

const MAX_PODS: usize = 7;
/// The last moment of faults, and of the run: in between everything must mend.
const FAULTS_END: Time = 40_000;
const END: Time = 60_000;

/// splitmix64: small, fast, the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True that many times out of a thousand.
    fn chance(&mut self, thousandths: u64) -> bool {
        self.below(1000) < thousandths
    }

    fn pod(&mut self, pods: usize) -> usize {
        usize::try_from(self.below(pods as u64)).unwrap_or(0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id {
    pod: u8,
    life: u8,
}

impl Name for Id {
    fn outlived(&self, other: &Self) -> bool {
        self.pod == other.pod && self.life != other.life
    }
}

type Snap = Snapshot<Id, u64>;

#[derive(Clone, Debug)]
enum Event {
    Tick(usize),
    Request {
        pod: usize,
        life: u8,
        number: u64,
        call: Call<Id, u64>,
    },
    Response {
        pod: usize,
        life: u8,
        number: u64,
        answer: Answer<Id, u64>,
    },
    Watch {
        pod: usize,
        snapshot: Snap,
    },
    /// The pod's watch breaks; of some nobody ever hears it.
    Broken {
        pod: usize,
    },
    Relist,
    Note {
        pod: usize,
        life: u8,
        epoch: u64,
    },
    Fence {
        from: Id,
        to: usize,
        epoch: u64,
    },
    /// The pod's elector took the fence; its service now acts on it and says how far it is.
    Pledge {
        asker: Id,
        pod: usize,
        life: u8,
        epoch: u64,
    },
    Pledged {
        asker: Id,
        from: usize,
        epoch: u64,
        peer: Peer,
    },
    Apply {
        pod: usize,
        life: u8,
        role: Role<Id>,
    },
    Attach {
        pod: usize,
        link: u32,
    },
    Stream {
        pod: usize,
        from: usize,
        link: u32,
        history: u32,
        offset: u32,
    },
    Write,
    WriteAt {
        pod: usize,
    },
    Fault,
    Start {
        pod: usize,
    },
    Mend,
}

/// A replication id: a stream of changes that one master made, on top of another's.
#[derive(Clone, Debug, Default)]
struct History {
    parent: u32,
    fork: u32,
    epoch: u64,
    /// Global numbers of its writes; the first is at offset `fork + 2`, behind the epoch's own.
    writes: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Written {
    history: u32,
    offset: u32,
    epoch: u64,
    /// Pods that have it and did not lose their data since.
    holders: u8,
    confirmed: bool,
    gone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Idle,
    Follow(usize),
    Master,
}

#[derive(Clone, Copy, Debug)]
struct Service {
    mode: Mode,
    history: u32,
    offset: u32,
    /// Counts changes of what it follows: a message of an older link is worth nothing.
    link: u32,
    /// As a master: the links that are attached.
    attached: [u32; MAX_PODS],
}

struct Pod {
    elector: Elector<Id, u64>,
    life: u8,
    alive: bool,
    born: bool,
    base: Time,
    /// Parts per million too fast (or slow).
    rate: i64,
    elector_paused: Time,
    service_paused: Time,
    api_cut: bool,
    side: u8,
    service: Service,
    /// True time at which its right ends; 0 without one.
    right: Time,
    tick: Time,
    answers: [Peer; MAX_PODS],
    answers_epoch: u64,
}

impl Pod {
    fn local(&self, now: Time) -> Time {
        let drift = i64::try_from(now).unwrap_or(0) * self.rate / 1_000_000;
        (self.base + now).saturating_add_signed(drift)
    }

    /// The first true time at which the local clock shows at least this.
    fn when(&self, local: Time) -> Time {
        if local == Time::MAX {
            return Time::MAX;
        }
        let span = i64::try_from(local.saturating_sub(self.base)).unwrap_or(i64::MAX / 2_000_000);
        let mut at = Time::try_from(span.saturating_mul(1_000_000) / (1_000_000 + self.rate)).unwrap_or(0);
        while self.local(at) < local {
            at += 1;
        }
        at
    }
}

/// What a run was like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Events.
    pub steps: u64,
    /// Times that a pod began to lead.
    pub leaders: u64,
    /// Writes that replicas confirmed.
    pub confirmed: u64,
    /// Confirmed ones that more pods lost than the promise covers.
    pub beyond: u64,
    /// Faults injected.
    pub faults: u64,
}

struct World {
    now: Time,
    dice: Dice,
    heap: BinaryHeap<Reverse<(Time, u64, usize)>>,
    events: Vec<Option<Event>>,
    free: Vec<usize>,
    order: u64,
    settings: Settings,
    flaw: Option<Flaw>,
    pods: Vec<Pod>,
    record: Snap,
    revision: u64,
    /// The newest epoch that a leader noted beside the record, with the endpoints.
    noted: u64,
    outage: Time,
    loss: u64,
    errors: u64,
    slow: Time,
    histories: Vec<History>,
    writes: Vec<Written>,
    /// The first pod that led each epoch.
    leaders: Vec<Option<Id>>,
    newest_confirmed: u64,
    tally: Tally,
    scratch: Vec<Output<Id, u64>>,
}

type Verdict = Result<(), String>;

/// Which kind of promise was broken.
#[derive(Debug)]
enum Broken {
    /// Something happened that must never happen.
    Safety(String),
    /// Nothing good happened although all faults were mended.
    Liveness(String),
}

impl World {
    fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5eed);
        let count = 3 + dice.pod(5).min(MAX_PODS - 3);
        let settings = Settings {
            demote: dice.within(100, 300),
            confirmations: count / 2,
            // A service without data promises who leads, and nothing of what was written.
            data: flaw.is_some() || !dice.chance(200),
            ..Settings::default()
        };
        settings.check().expect("settings of the simulation");
        let pods = (0..count)
            .map(|index| Pod {
                elector: Elector::new(Id { pod: u8::try_from(index).unwrap_or(0), life: 0 }, settings),
                life: 0,
                alive: false,
                born: false,
                base: dice.within(0, 1_000_000_000),
                rate: i64::try_from(dice.within(0, 20_000)).unwrap_or(0) - 10_000,
                elector_paused: 0,
                service_paused: 0,
                api_cut: false,
                side: 0,
                service: Service {
                    mode: Mode::Idle,
                    history: 0,
                    offset: 0,
                    link: 0,
                    attached: [0; MAX_PODS],
                },
                right: 0,
                tick: Time::MAX,
                answers: [Peer::Silent; MAX_PODS],
                answers_epoch: 0,
            })
            .collect();
        let (loss, errors, slow) = (dice.below(80), dice.below(100), dice.within(2, 60));
        let mut world = Self {
            now: 0,
            dice,
            heap: BinaryHeap::new(),
            events: Vec::new(),
            free: Vec::new(),
            order: 0,
            settings,
            flaw,
            pods,
            record: None,
            revision: 0,
            noted: 0,
            outage: 0,
            loss,
            errors,
            slow,
            histories: vec![History::default()],
            writes: Vec::new(),
            leaders: Vec::new(),
            newest_confirmed: 0,
            tally: Tally::default(),
            scratch: Vec::new(),
        };
        let spread = if world.dice.chance(500) { 5 } else { 3000 };
        for pod in 0..count {
            let after = world.dice.within(0, spread);
            world.after(after, Event::Start { pod });
        }
        world.after(100, Event::Write);
        world.after(500, Event::Relist);
        world.after(600, Event::Fault);
        world.after(FAULTS_END, Event::Mend);
        world
    }

    fn after(&mut self, delay: Time, event: Event) {
        self.order += 1;
        let slot = if let Some(slot) = self.free.pop() {
            self.events[slot] = Some(event);
            slot
        } else {
            self.events.push(Some(event));
            self.events.len() - 1
        };
        self.heap.push(Reverse((self.now + delay, self.order, slot)));
    }

    fn run(mut self) -> Result<Tally, Broken> {
        while let Some(Reverse((at, _, slot))) = self.heap.pop() {
            if at > END {
                break;
            }
            self.now = at;
            self.free.push(slot);
            if let Some(event) = self.events[slot].take() {
                self.tally.steps += 1;
                if let Err(what) = self.step(event) {
                    return Err(Broken::Safety(format!("at {} ms: {what}", self.now)));
                }
            }
        }
        self.settled().map_err(Broken::Liveness)?;
        self.kept().map_err(Broken::Safety)?;
        Ok(self.tally)
    }

    /// What a message takes; now and then very long, so that messages overtake one another.
    fn delay(&mut self) -> Time {
        let usual = self.dice.within(1, self.slow);
        if self.dice.chance(15) && self.now < FAULTS_END {
            usual + self.dice.within(100, 5000)
        } else {
            usual
        }
    }

    fn lost(&mut self) -> bool {
        let loss = self.loss;
        self.dice.chance(loss)
    }

    fn step(&mut self, event: Event) -> Verdict {
        // A paused process acts on what reached it when it wakes, in the order of arrival.
        let paused = match &event {
            Event::Tick(pod)
            | Event::Response { pod, .. }
            | Event::Watch { pod, .. }
            | Event::Broken { pod }
            | Event::Fence { to: pod, .. } => self.pods[*pod].elector_paused,
            Event::Pledged { asker, .. } => self.pods[usize::from(asker.pod)].elector_paused,
            Event::Pledge { pod, .. }
            | Event::Apply { pod, .. }
            | Event::Attach { pod, .. }
            | Event::Stream { pod, .. }
            | Event::WriteAt { pod } => self.pods[*pod].service_paused,
            _ => 0,
        };
        if paused > self.now {
            if let Event::Tick(pod) = event {
                self.pods[pod].tick = paused;
            }
            let delay = paused - self.now;
            self.after(delay, event);
            return Ok(());
        }
        match event {
            Event::Tick(pod) => {
                if self.pods[pod].tick == self.now && self.pods[pod].alive {
                    self.pods[pod].tick = Time::MAX;
                    if self.pods[pod].service_paused <= self.now {
                        let standing = self.standing(pod);
                        self.feed(pod, Input::Standing(standing))?;
                    }
                    self.feed(pod, Input::Tick)?;
                }
            }
            Event::Request { pod, life, number, call } => self.serve(pod, life, number, call),
            Event::Response { pod, life, number, answer } => {
                if self.pods[pod].alive && self.pods[pod].life == life {
                    self.feed(pod, Input::Answer(number, answer))?;
                }
            }
            Event::Watch { pod, snapshot } => {
                if self.pods[pod].alive && !self.pods[pod].api_cut && self.outage <= self.now {
                    self.feed(pod, Input::Seen(snapshot))?;
                }
            }
            Event::Broken { pod } => {
                if self.pods[pod].alive {
                    self.feed(pod, Input::Blind)?;
                }
            }
            Event::Relist => {
                for pod in 0..self.pods.len() {
                    let delay = self.delay();
                    self.after(delay, Event::Watch { pod, snapshot: self.record.clone() });
                }
                self.after(700, Event::Relist);
            }
            Event::Note { pod, life, epoch } => {
                let current = *self.pods[pod].elector.role() == Role::Lead { epoch };
                if self.pods[pod].alive && self.pods[pod].life == life && current {
                    if self.pods[pod].api_cut
                        || self.outage > self.now
                        || self.pods[pod].elector_paused > self.now
                    {
                        self.after(100, Event::Note { pod, life, epoch });
                    } else {
                        self.noted = self.noted.max(epoch);
                    }
                }
            }
            Event::Fence { from, to, epoch } => {
                if self.pods[to].alive && self.reach(usize::from(from.pod), to) {
                    self.feed(to, Input::Fence { epoch, holder: from })?;
                    let life = self.pods[to].life;
                    if self.pods[to].alive {
                        self.after(0, Event::Pledge { asker: from, pod: to, life, epoch });
                    }
                }
            }
            Event::Pledge { asker, pod, life, epoch } => self.pledge(asker, pod, life, epoch),
            Event::Pledged { asker, from, epoch, peer } => {
                let pod = usize::from(asker.pod);
                if self.pods[pod].alive
                    && self.pods[pod].life == asker.life
                    && self.pods[pod].answers_epoch == epoch
                {
                    self.pods[pod].answers[from] = peer;
                    self.survey(pod)?;
                }
            }
            Event::Apply { pod, life, role } => {
                // Of roles that queued up behind a pause, the last one counts.
                if self.pods[pod].alive
                    && self.pods[pod].life == life
                    && *self.pods[pod].elector.role() == role
                {
                    self.apply(pod, &role)?;
                }
            }
            Event::Attach { pod, link } => self.attach(pod, link),
            Event::Stream { pod, from, link, history, offset } => {
                self.stream(pod, from, link, history, offset)?;
            }
            Event::Write => {
                let pod = self.dice.pod(self.pods.len());
                // Most writers know the master; some write to whoever they last knew.
                let master = (0..self.pods.len()).rev().find(|p| self.pods[*p].service.mode == Mode::Master);
                let target = if self.dice.chance(700) { master.unwrap_or(pod) } else { pod };
                let delay = self.dice.within(0, 20);
                self.after(delay, Event::WriteAt { pod: target });
                let next = self.dice.within(20, 300);
                self.after(next, Event::Write);
            }
            Event::WriteAt { pod } => self.write(pod),
            Event::Fault => {
                if self.now < FAULTS_END {
                    self.fault()?;
                    let next = self.dice.within(100, 2500);
                    self.after(next, Event::Fault);
                }
            }
            Event::Start { pod } => self.start(pod)?,
            Event::Mend => self.mend(),
        }
        Ok(())
    }

    fn reach(&self, a: usize, b: usize) -> bool {
        self.pods[a].side == self.pods[b].side
    }

    /// Gives the elector an input, and acts on what comes out.
    fn feed(&mut self, pod: usize, input: Input<Id, u64>) -> Verdict {
        if !self.pods[pod].alive {
            return Ok(());
        }
        let mut out = std::mem::take(&mut self.scratch);
        out.clear();
        let local = self.pods[pod].local(self.now);
        self.pods[pod].elector.handle(local, input, &mut out);
        let right = self.pods[pod].elector.right_until();
        self.pods[pod].right = right.map_or(0, |until| self.pods[pod].when(until));
        let mut verdict = self.check_rights(pod);
        let life = self.pods[pod].life;
        for output in out.drain(..) {
            if verdict.is_err() || !self.pods[pod].alive || self.pods[pod].life != life {
                break;
            }
            verdict = self.act(pod, output);
        }
        self.scratch = out;
        if self.pods[pod].alive {
            let at = self.pods[pod].when(self.pods[pod].elector.wake());
            if at != Time::MAX && self.pods[pod].tick != at.max(self.now + 1) {
                let at = at.max(self.now + 1);
                self.pods[pod].tick = at;
                self.after(at - self.now, Event::Tick(pod));
            }
        }
        verdict
    }

    fn check_rights(&self, pod: usize) -> Verdict {
        let mine = self.pods[pod].right;
        if mine <= self.now {
            return Ok(());
        }
        for (index, other) in self.pods.iter().enumerate() {
            if index != pod && other.alive && other.right > self.now {
                return Err(format!("pods {index} and {pod} both have a right to lead"));
            }
            let awake = other.elector_paused.max(other.service_paused) + 5 < self.now;
            if index != pod && other.alive && awake && other.service.mode == Mode::Master && other.right != 0
            {
                return Err(format!("pod {index} is awake, and its service takes writes beside pod {pod}'s"));
            }
        }
        Ok(())
    }

    fn act(&mut self, pod: usize, output: Output<Id, u64>) -> Verdict {
        let life = self.pods[pod].life;
        match output {
            Output::Call { number, call, .. } => {
                if self.lost() {
                    return Ok(());
                }
                let delay = self.delay();
                self.after(delay, Event::Request { pod, life, number, call });
            }
            Output::Role(role) => {
                if let Role::Lead { epoch } = role {
                    self.tally.leaders += 1;
                    let delay = self.delay();
                    self.after(delay, Event::Note { pod, life, epoch });
                    let me = Id { pod: u8::try_from(pod).unwrap_or(0), life };
                    let slot = usize::try_from(epoch).unwrap_or(0);
                    if self.leaders.len() <= slot {
                        self.leaders.resize(slot + 1, None);
                    }
                    if let Some(other) = self.leaders[slot].replace(me)
                        && other != me
                    {
                        return Err(format!("epoch {epoch} was led by {other:?} and by {me:?}"));
                    }
                }
                if self.pods[pod].service_paused > self.now {
                    // The runtime does not wait for a service that cannot be demoted: it kills it.
                    if self.pods[pod].service.mode == Mode::Master && !matches!(role, Role::Lead { .. }) {
                        self.crash(pod, true);
                        return Ok(());
                    }
                    self.after(0, Event::Apply { pod, life, role });
                } else {
                    self.apply(pod, &role)?;
                }
            }
            Output::Ask { epoch } => self.ask(pod, epoch),
            Output::Done => self.stop(pod),
        }
        Ok(())
    }

    /// The elector ended by itself: the service ends with it, and comes back as another life.
    fn stop(&mut self, pod: usize) {
        self.crash(pod, false);
    }

    fn ask(&mut self, pod: usize, epoch: u64) {
        if self.pods[pod].answers_epoch != epoch {
            self.pods[pod].answers_epoch = epoch;
            self.pods[pod].answers = [Peer::Silent; MAX_PODS];
        }
        // Its own service must have left its old leader, and say how much it has.
        if self.pods[pod].service_paused > self.now || self.pods[pod].service.mode == Mode::Master {
            return;
        }
        let from = Id { pod: u8::try_from(pod).unwrap_or(0), life: self.pods[pod].life };
        for to in 0..self.pods.len() {
            if to != pod && !matches!(self.pods[pod].answers[to], Peer::Pledged(_)) && !self.lost() {
                let delay = self.delay();
                self.after(delay, Event::Fence { from, to, epoch });
            }
        }
        // Not from within the elector's own outputs: as the runtime does, when the answers are in.
        self.after(1, Event::Pledged { asker: from, from: pod, epoch, peer: Peer::Unborn });
    }

    fn survey(&mut self, pod: usize) -> Verdict {
        if self.pods[pod].service_paused > self.now || self.pods[pod].service.mode == Mode::Master {
            return Ok(());
        }
        let listed = !self.pods[pod].api_cut && self.outage <= self.now;
        let names: [Id; MAX_PODS] = std::array::from_fn(|p| Id {
            pod: u8::try_from(p).unwrap_or(0),
            life: self.pods.get(p).map_or(0, |p| p.life),
        });
        let peers: [Peer; MAX_PODS] = std::array::from_fn(|p| match self.pods.get(p) {
            Some(other) if p != pod && listed && !other.born => Peer::Unborn,
            Some(_) if p != pod => self.pods[pod].answers[p],
            _ => Peer::Unborn,
        });
        let survey = Survey::of(self.pods[pod].answers_epoch, names.iter().zip(peers));
        let standing = self.standing(pod);
        self.feed(pod, Input::Standing(standing))?;
        self.feed(pod, Input::Survey(survey))
    }

    fn pledge(&mut self, asker: Id, pod: usize, life: u8, epoch: u64) {
        if !self.pods[pod].alive || self.pods[pod].life != life {
            return;
        }
        let holder = usize::from(asker.pod);
        let follows = self.pods[pod].service.mode == Mode::Follow(holder);
        let peer = if self.pods[pod].elector.pledged(epoch, &asker)
            && (follows || self.flaw == Some(Flaw::HollowPledge))
        {
            Peer::Pledged(self.standing(pod))
        } else {
            Peer::Refused { newest: self.pods[pod].elector.newest() }
        };
        if self.reach(pod, holder) && !self.lost() {
            let delay = self.delay();
            self.after(delay, Event::Pledged { asker, from: pod, epoch, peer });
        }
    }

    /// The API server: one record, optimistic concurrency.
    fn serve(&mut self, pod: usize, life: u8, number: u64, call: Call<Id, u64>) {
        if self.pods[pod].api_cut {
            return;
        }
        if self.outage > self.now {
            if self.dice.chance(500) {
                self.after(1, Event::Response { pod, life, number, answer: Answer::Failed });
            }
            return;
        }
        let errors = self.errors;
        if self.dice.chance(errors) {
            let delay = self.delay();
            self.after(delay, Event::Response { pod, life, number, answer: Answer::Failed });
            return;
        }
        let flawed = self.flaw == Some(Flaw::EpochFromRecordAlone);
        let versionless = self.flaw == Some(Flaw::NoVersion);
        let answer = match (call, &self.record) {
            (Call::Read, record) => Answer::Read(record.clone(), if flawed { 0 } else { self.noted }),
            (Call::Create(record), None) => self.land(record),
            (Call::Update(record, version), Some((_, current))) if version == *current || versionless => {
                self.land(record)
            }
            _ => Answer::Conflict,
        };
        // An answer that is lost after the write landed.
        if !self.lost() {
            let delay = self.delay();
            self.after(delay, Event::Response { pod, life, number, answer });
        }
    }

    fn land(&mut self, record: Record<Id>) -> Answer<Id, u64> {
        self.revision += 1;
        self.record = Some((record, self.revision));
        self.publish();
        Answer::Written(self.revision)
    }

    fn publish(&mut self) {
        for pod in 0..self.pods.len() {
            if !self.lost() {
                let delay = self.delay();
                self.after(delay, Event::Watch { pod, snapshot: self.record.clone() });
            }
        }
    }

    /// The epoch and offset of a pod's data.
    fn standing(&self, pod: usize) -> Standing {
        if !self.settings.data {
            return Standing::default();
        }
        let service = &self.pods[pod].service;
        let mut history = service.history;
        while history != 0 && service.offset <= self.histories[history as usize].fork {
            history = self.histories[history as usize].parent;
        }
        Standing { epoch: self.histories[history as usize].epoch, offset: u64::from(service.offset) }
    }

    fn contains(&self, mut history: u32, mut offset: u32, written: &Written) -> bool {
        while history != 0 {
            if history == written.history {
                return written.offset <= offset;
            }
            let h = &self.histories[history as usize];
            offset = offset.min(h.fork);
            history = h.parent;
        }
        false
    }

    fn apply(&mut self, pod: usize, role: &Role<Id>) -> Verdict {
        let current = self.pods[pod].service.mode;
        let mode = match role {
            Role::Idle | Role::Hold { .. } => Mode::Idle,
            Role::Follow { .. }
                if self.flaw == Some(Flaw::HollowPledge) && matches!(current, Mode::Follow(_)) =>
            {
                // Follows only once the new one leads.
                let Role::Follow { holder, .. } = role else { return Ok(()) };
                if self.pods[usize::from(holder.pod)].service.mode != Mode::Master {
                    let (life, role) = (self.pods[pod].life, role.clone());
                    self.after(50, Event::Apply { pod, life, role });
                    return Ok(());
                }
                Mode::Follow(usize::from(holder.pod))
            }
            Role::Follow { holder, .. } => Mode::Follow(usize::from(holder.pod)),
            Role::Lead { .. } => Mode::Master,
        };
        if mode == current {
            return Ok(());
        }
        let service = &mut self.pods[pod].service;
        service.mode = mode;
        service.link += 1;
        service.attached = [0; MAX_PODS];
        let link = service.link;
        self.detach(pod);
        if let Mode::Follow(_) = mode {
            let delay = self.delay();
            self.after(delay, Event::Attach { pod, link });
        }
        if let Role::Lead { epoch } = role {
            self.lead(pod, *epoch)?;
        }
        Ok(())
    }

    /// A service becomes master: a history of its own, begun with the epoch.
    fn lead(&mut self, pod: usize, epoch: u64) -> Verdict {
        let (parent, fork) = (self.pods[pod].service.history, self.pods[pod].service.offset);
        let mut reached = 1u8 << pod;
        for (index, peer) in self.pods[pod].answers.iter().enumerate() {
            if matches!(peer, Peer::Pledged(_)) {
                reached |= 1 << index;
            }
        }
        let confirmations = self.settings.confirmations;
        for index in 0..self.writes.len() {
            let written = self.writes[index];
            if written.confirmed && !written.gone && !self.contains(parent, fork, &written) {
                let holders = written.holders.count_ones() as usize;
                if written.holders & reached != 0 || holders > confirmations {
                    return Err(format!(
                        "pod {pod} leads epoch {epoch} without a confirmed write of epoch {}",
                        written.epoch
                    ));
                }
                self.writes[index].gone = true;
                self.tally.beyond += 1;
            }
        }
        self.histories.push(History { parent, fork, epoch, writes: Vec::new() });
        let history = u32::try_from(self.histories.len() - 1).unwrap_or(u32::MAX);
        self.pods[pod].service.history = history;
        self.pods[pod].service.offset = fork + 1;
        Ok(())
    }

    /// A replica asks its master to go on, or for everything.
    fn attach(&mut self, pod: usize, link: u32) {
        let Mode::Follow(master) = self.pods[pod].service.mode else { return };
        if self.pods[pod].service.link != link || !self.pods[pod].alive {
            return;
        }
        let (m, paused) = (self.pods[master].service, self.pods[master].service_paused > self.now);
        if m.mode != Mode::Master || paused || !self.pods[master].alive || !self.reach(pod, master) {
            self.after(100, Event::Attach { pod, link });
            return;
        }
        let r = self.pods[pod].service;
        let h = &self.histories[m.history as usize];
        let partial = (r.history == m.history && r.offset <= m.offset)
            || (r.history == h.parent && r.offset <= h.fork && r.history != 0);
        if !partial {
            self.wipe(pod);
        }
        let link = link + 1;
        self.pods[pod].service.link = link;
        self.pods[master].service.attached[pod] = link;
        let delay = self.delay();
        self.after(delay, Event::Stream { pod, from: master, link, history: m.history, offset: m.offset });
    }

    /// Its replicas lose their connection, and try again; what is on its way still reaches them.
    fn detach(&mut self, master: usize) {
        for pod in 0..self.pods.len() {
            if self.pods[pod].service.mode == Mode::Follow(master) {
                let link = self.pods[pod].service.link;
                self.after(100, Event::Attach { pod, link });
            }
        }
    }

    fn wipe(&mut self, pod: usize) {
        self.pods[pod].service.history = 0;
        self.pods[pod].service.offset = 0;
        for written in &mut self.writes {
            written.holders &= !(1 << pod);
        }
    }

    /// Changes reach a replica; a broken network only delays them.
    fn stream(&mut self, pod: usize, from: usize, link: u32, history: u32, offset: u32) -> Verdict {
        if !self.pods[pod].alive
            || self.pods[pod].service.link != link
            || self.pods[pod].service.mode != Mode::Follow(from)
        {
            return Ok(());
        }
        if !self.reach(pod, from) {
            self.after(100, Event::Stream { pod, from, link, history, offset });
            return Ok(());
        }
        let service = self.pods[pod].service;
        if service.history == history {
            if offset > service.offset {
                self.pods[pod].service.offset = offset;
                let h = &self.histories[history as usize];
                let first = (service.offset.max(h.fork + 1) - h.fork - 1) as usize;
                let last = (offset.max(h.fork + 1) - h.fork - 1) as usize;
                for at in first..last {
                    let number = self.histories[history as usize].writes[at] as usize;
                    self.confirm(number, pod, history)?;
                }
            }
        } else {
            self.pods[pod].service.history = history;
            self.pods[pod].service.offset = offset;
            for number in 0..self.writes.len() {
                let written = self.writes[number];
                if self.contains(history, offset, &written) {
                    self.confirm(number, pod, history)?;
                } else {
                    self.writes[number].holders &= !(1 << pod);
                }
            }
        }
        Ok(())
    }

    /// A replica has a write. Its writer is told of that only by the master he wrote to, while that is one,
    /// and of those that follow it: nobody tells him of copies that came with a later master's history.
    fn confirm(&mut self, number: usize, pod: usize, history: u32) -> Verdict {
        self.writes[number].holders |= 1 << pod;
        if !self.settings.data {
            return Ok(());
        }
        let Mode::Follow(master) = self.pods[pod].service.mode else { return Ok(()) };
        let of = self.writes[number];
        let has = |p: &Pod| p.service.history == of.history && p.service.offset >= of.offset;
        let told = &self.pods[master];
        let told = told.alive && told.service.mode == Mode::Master && history == of.history && has(told);
        let follows = |p: &&Pod| p.service.mode == Mode::Follow(master) && has(p);
        let replicas = self.pods.iter().filter(follows).count();
        let written = &mut self.writes[number];
        if !written.confirmed && told && replicas >= self.settings.confirmations {
            written.confirmed = true;
            self.tally.confirmed += 1;
            if written.epoch < self.newest_confirmed {
                return Err(format!(
                    "epoch {} confirms a write after epoch {}",
                    written.epoch, self.newest_confirmed
                ));
            }
            self.newest_confirmed = written.epoch;
        }
        Ok(())
    }

    fn write(&mut self, pod: usize) {
        if !self.pods[pod].alive || self.pods[pod].service.mode != Mode::Master {
            return;
        }
        let service = &mut self.pods[pod].service;
        service.offset += 1;
        let (history, offset, attached) = (service.history, service.offset, service.attached);
        let number = u32::try_from(self.writes.len()).unwrap_or(u32::MAX);
        let h = &mut self.histories[history as usize];
        h.writes.push(number);
        let epoch = h.epoch;
        self.writes.push(Written {
            history,
            offset,
            epoch,
            holders: 1 << pod,
            confirmed: false,
            gone: false,
        });
        for (to, link) in attached.iter().enumerate() {
            if *link != 0 && to < self.pods.len() {
                let delay = self.delay();
                self.after(delay, Event::Stream { pod: to, from: pod, link: *link, history, offset });
            }
        }
    }

    fn crash(&mut self, pod: usize, lose_data: bool) {
        if !self.pods[pod].alive {
            return;
        }
        if lose_data {
            self.wipe(pod);
        }
        let p = &mut self.pods[pod];
        p.alive = false;
        p.right = 0;
        p.service.mode = Mode::Idle;
        p.service.link += 1;
        p.service.attached = [0; MAX_PODS];
        p.elector_paused = 0;
        p.service_paused = 0;
        p.tick = Time::MAX;
        self.detach(pod);
        let delay = self.dice.within(50, 3000);
        self.after(delay, Event::Start { pod });
    }

    fn start(&mut self, pod: usize) -> Verdict {
        let settings = self.settings;
        let rate = i64::try_from(self.dice.within(0, 20_000)).unwrap_or(0) - 10_000;
        let base = self.dice.within(0, 1_000_000_000);
        let p = &mut self.pods[pod];
        if p.alive {
            return Ok(());
        }
        p.life = p.life.wrapping_add(1);
        p.alive = true;
        p.born = true;
        p.rate = rate;
        p.base = base;
        p.answers_epoch = 0;
        p.elector = Elector::new(Id { pod: u8::try_from(pod).unwrap_or(0), life: p.life }, settings)
            .flawed(self.flaw);
        let standing = self.standing(pod);
        self.feed(pod, Input::Standing(standing))
    }

    fn fault(&mut self) -> Verdict {
        self.tally.faults += 1;
        let leader = (0..self.pods.len()).find(|p| self.pods[*p].right > self.now);
        let any = self.dice.pod(self.pods.len());
        let pod = if self.dice.chance(600) { leader.unwrap_or(any) } else { any };
        let short = self.dice.within(100, 6000);
        match self.dice.below(17) {
            0 => self.pods[pod].elector_paused = self.pods[pod].elector_paused.max(self.now + short),
            1 => self.pods[pod].service_paused = self.pods[pod].service_paused.max(self.now + short),
            2 | 3 => {
                self.pods[pod].elector_paused = self.pods[pod].elector_paused.max(self.now + short);
                self.pods[pod].service_paused = self.pods[pod].service_paused.max(self.now + short);
            }
            // A frozen node: half of the pods at once.
            4 => {
                for p in (0..self.pods.len()).filter(|p| p % 2 == pod % 2) {
                    self.pods[p].elector_paused = self.pods[p].elector_paused.max(self.now + short);
                    self.pods[p].service_paused = self.pods[p].service_paused.max(self.now + short);
                }
            }
            5 => self.crash(pod, false),
            6 | 7 => self.crash(pod, true),
            8 => {
                // An heir that may be dead, or without data, or the one that ends.
                let heir = Some(Id { pod: u8::try_from(any).unwrap_or(0), life: self.pods[any].life });
                return self.feed(pod, Input::Shutdown { heir });
            }
            9 | 10 => {
                self.pods[pod].api_cut = !self.pods[pod].api_cut;
                self.watch_breaks(pod);
            }
            11 => self.pods[pod].side ^= 1,
            12 => {
                for p in &mut self.pods {
                    p.side = 0;
                    p.api_cut = false;
                }
            }
            13 => {
                self.outage = self.now + short;
                (0..self.pods.len()).for_each(|p| self.watch_breaks(p));
            }
            14 => {
                self.loss = self.dice.below(350);
                self.errors = self.dice.below(300);
                self.slow = self.dice.within(2, 300);
            }
            15 => {
                // Somebody puts a label onto the record: another version of the same.
                if let Some((_, version)) = &mut self.record {
                    self.revision += 1;
                    *version = self.revision;
                    self.publish();
                }
            }
            _ => {
                // Somebody deletes the record.
                if self.record.as_ref().is_some_and(|(record, _)| record.epoch == self.noted) {
                    self.record = None;
                    self.revision += 1;
                    self.publish();
                }
            }
        }
        Ok(())
    }

    fn watch_breaks(&mut self, pod: usize) {
        if self.dice.chance(700) {
            let delay = self.delay();
            self.after(delay, Event::Broken { pod });
        }
    }

    fn mend(&mut self) {
        for p in &mut self.pods {
            p.side = 0;
            p.api_cut = false;
        }
        self.loss = 0;
        self.errors = 0;
        self.slow = 10;
        self.outage = 0;
    }

    /// After all faults: one leads, all follow it, and what was confirmed is there.
    fn settled(&self) -> Verdict {
        let leading = |p: &&Pod| p.alive && p.right > self.now;
        let Some(leader) = self.pods.iter().find(leading) else {
            return Err("nobody leads long after the last fault".into());
        };
        let Role::Lead { epoch } = *leader.elector.role() else {
            return Err("a right without a role".into());
        };
        for (index, pod) in self.pods.iter().enumerate() {
            let agrees = match pod.elector.role() {
                Role::Lead { epoch: e } => *e == epoch && pod.right > self.now,
                Role::Follow { epoch: e, .. } => *e == epoch && pod.service.history == leader.service.history,
                _ => false,
            };
            if !agrees {
                return Err(format!("pod {index} is {:?} while epoch {epoch} is led", pod.elector.role()));
            }
        }
        Ok(())
    }

    /// What was confirmed is where the leader is.
    fn kept(&self) -> Verdict {
        let Some(leader) = self.pods.iter().find(|p| p.right > self.now) else { return Ok(()) };
        for written in self.writes.iter().filter(|w| w.confirmed && !w.gone) {
            if !self.contains(leader.service.history, leader.service.offset, written) {
                return Err(format!("a confirmed write of epoch {} is lost", written.epoch));
            }
        }
        Ok(())
    }
}

/// Runs seeds until the first that breaks a promise.
fn search(seeds: std::ops::RangeInclusive<u64>, flaw: Option<Flaw>) -> Result<Tally, (u64, String)> {
    let mut all = Tally::default();
    for seed in seeds {
        let tally = match World::new(seed, flaw).run() {
            Ok(tally) => tally,
            Err(Broken::Safety(what)) => return Err((seed, what)),
            Err(Broken::Liveness(what)) if flaw.is_none() => return Err((seed, what)),
            // A flawed variant may well be stuck; only what it does counts.
            Err(Broken::Liveness(_)) => continue,
        };
        all.steps += tally.steps;
        all.leaders += tally.leaders;
        all.confirmed += tally.confirmed;
        all.beyond += tally.beyond;
        all.faults += tally.faults;
    }
    Ok(all)
}

/// The number of seeds, from `OPSCTL_SEEDS` where more or fewer are wanted.
fn seeds(usual: u64) -> u64 {
    std::env::var("OPSCTL_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
#[expect(clippy::print_stderr, reason = "a run says how far it went")]
fn under_every_fault_the_promises_hold() {
    // Six thousand are some thirty million steps: seconds when optimised, a minute when not.
    let count = seeds(if cfg!(debug_assertions) { 300 } else { 6000 });
    let began = std::time::Instant::now();
    match search(1..=count, None) {
        Ok(tally) => {
            eprintln!("{count} seeds in {:?}: {tally:?}", began.elapsed());
            assert!(tally.leaders > count, "nearly nobody ever led: {tally:?}");
            assert!(tally.confirmed > 10 * count, "nearly nothing was confirmed: {tally:?}");
        }
        Err((seed, what)) => panic!("seed {seed}: {what}"),
    }
}

#[expect(clippy::print_stderr, reason = "a run says where it was caught")]
fn caught(flaw: Flaw) {
    match search(1..=1000, Some(flaw)) {
        Ok(tally) => panic!("{flaw:?} went unnoticed: {tally:?}"),
        Err((seed, what)) => eprintln!("{flaw:?}: seed {seed}: {what}"),
    }
}

macro_rules! caught {
    ($($name:ident: $flaw:ident,)*) => {$(
        #[test]
        fn $name() {
            caught(Flaw::$flaw);
        }
    )*};
}

caught! {
    caught_writing_without_a_version: NoVersion,
    caught_trusting_the_holders_clock: TrustRemoteClock,
    caught_counting_the_right_from_the_answer: RightFromAnswer,
    caught_demoting_late: DemoteLate,
    caught_taking_the_epoch_from_the_record_alone: EpochFromRecordAlone,
    caught_leading_with_less_data: IgnoreStanding,
    caught_taking_a_conflict_for_success: SkipReread,
    caught_leading_while_too_many_are_silent: IgnoreSilence,
    caught_leading_at_once_on_a_created_record: CreateAndLead,
    caught_pledging_before_leaving_the_old_leader: HollowPledge,
}

#[test]
fn two_of_five_do_not_wear_out_epochs_while_nobody_can_lead() {
    // Two replicas confirm: without three pods nobody may lead, and trying over and over helps nobody.
    let five = |w: &World| w.pods.len() == 5 && w.settings.data;
    let mut world = (1..100).map(|seed| World::new(seed, None)).find(five).expect("five pods");
    world.mend();
    let calm = |world: &mut World, until: Time| {
        while let Some(Reverse((at, _, slot))) = world.heap.pop() {
            if at > until {
                break;
            }
            world.now = at;
            world.free.push(slot);
            match world.events[slot].take() {
                Some(Event::Fault | Event::Mend) | None => {}
                Some(event) => world.step(event).expect("a promise"),
            }
        }
    };
    calm(&mut world, 10_000);
    let leader = world.pods.iter().position(|p| p.right > world.now).expect("a leader");
    for pod in [leader, (leader + 1) % 5, (leader + 2) % 5] {
        world.pods[pod].alive = false;
        world.pods[pod].right = 0;
        world.pods[pod].service.mode = Mode::Idle;
    }
    let before = world.record.as_ref().map_or(0, |(record, _)| record.epoch);
    calm(&mut world, 40_000);
    let after = world.record.as_ref().map_or(0, |(record, _)| record.epoch);
    assert!(world.pods.iter().all(|p| p.right <= world.now), "nobody may lead");
    assert!(after - before <= 15, "{} epochs in half a minute", after - before);
}
