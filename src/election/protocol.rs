//! The elector as a state machine: inputs with the local time in, calls and changes of role out.
//!
//! The rules, in short:
//! - One record (a Lease) names the holder and the epoch. Every write carries the version that was
//!   read; after a conflict the record is read again: my own means that my write landed.
//! - A holder's right runs from *before* its write was sent, by its own clock, and ends early enough
//!   for its service to be demoted before anybody else may write. Others count a whole lease, on
//!   their own clocks, from when they last saw the record change.
//! - A holder leads only after it asked all pods: each one that answers stops following anybody
//!   else. More than `confirmations` silent ones, or one with more data, and it does not lead.
//!   A service without data has nothing to lose: its holder leaves silent pods a moment, and leads.

use super::survey::{Standing, Survey};

/// Milliseconds of a local clock that never jumps and counts suspend.
pub type Time = u64;

/// Names an elector's incarnation: a restarted one is another.
pub trait Name: Clone + Eq {
    /// Whether `self` can only be running because `other` is dead: a later container of the same pod.
    fn outlived(&self, other: &Self) -> bool;

    /// Whether `self` is whom a holder meant that gave the lease away to `heir`.
    fn inherits(&self, heir: &Self) -> bool {
        self == heir
    }
}

/// What the elections' one record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<I> {
    /// Who holds the lease; none when it was released.
    pub holder: Option<I>,
    /// Grows with each change of holder.
    pub epoch: u64,
    /// How long a write holds, in milliseconds.
    pub lease: Time,
    /// Counts the holder's writes: two of them are never equal.
    pub renewal: u64,
    /// Who should take a released lease first.
    pub heir: Option<I>,
    /// Whether everybody who led before this record was there is known to have stopped. A record that
    /// was just created is not settled: another one may have been deleted, and its leader still lead.
    pub settled: bool,
}

/// The record and its version, or that there is none.
pub type Snapshot<I, V> = Option<(Record<I>, V)>;

/// A call to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call<I, V> {
    /// Read the newest record, never a cached one.
    Read,
    /// Create the record.
    Create(Record<I>),
    /// Replace exactly this version.
    Update(Record<I>, V),
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<I, V> {
    /// The write landed as this version.
    Written(V),
    /// Another version is there (or, for a creation, any; for an update, none).
    Conflict,
    /// The newest record, and the newest epoch that is written anywhere else, where the record is gone.
    Read(Snapshot<I, V>, u64),
    /// An error or no answer in time: it may have landed.
    Failed,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<I, V> {
    /// Time passed.
    Tick,
    /// The watch showed this; it may be old.
    Seen(Snapshot<I, V>),
    /// The watch broke: whether the API is still there, only a read can tell.
    Blind,
    /// The answer to the call of that number.
    Answer(u64, Answer<I, V>),
    /// How much data the own service has.
    Standing(Standing),
    /// A holder asks to be followed, alone.
    Fence {
        /// Its epoch.
        epoch: u64,
        /// Its name.
        holder: I,
    },
    /// The other pods' answers so far.
    Survey(Survey<I>),
    /// The end was asked for.
    Shutdown {
        /// Who should take the lease, of those who have all data.
        heir: Option<I>,
    },
}

/// What the service is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role<I> {
    /// Nobody's: takes no writes, follows nobody.
    Idle,
    /// Follows the holder.
    Follow {
        /// Whom.
        holder: I,
        /// Of which epoch.
        epoch: u64,
    },
    /// Holds the lease and does not lead yet: takes no writes, follows nobody.
    Hold {
        /// The epoch.
        epoch: u64,
    },
    /// Leads.
    Lead {
        /// The epoch.
        epoch: u64,
    },
}

/// What to do. In the order given: a change of role must hold before the next output is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<I, V> {
    /// Send this; past the limit the answer is [`Answer::Failed`].
    Call {
        /// To be told with the answer.
        number: u64,
        /// What to send.
        call: Call<I, V>,
        /// Local time.
        limit: Time,
    },
    /// The role changed.
    Role(Role<I>),
    /// Ask those pods that have not answered to follow us in this epoch.
    Ask {
        /// The epoch.
        epoch: u64,
    },
    /// Nothing more to do: released, or there was nothing to release.
    Done,
}

/// Whether an epoch can be: the Lease holds one in 32 bits, and there must be a next one. Nobody comes to the end by
/// electing, but anybody can write such a number.
pub fn can_hold(epoch: u64) -> bool {
    epoch < u64::from(i32::MAX.unsigned_abs())
}

/// Less is not kept: a service that hangs is killed only after that.
const SHORTEST_DEMOTE: Time = 100;
/// The longest lease that a Lease can say, in whole seconds of 32 bits.
const LONGEST_LEASE: Time = i32::MAX as Time * 1000;

/// Times and counts of an election, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a write of the record holds.
    pub lease: Time,
    /// From one renewal to the next.
    pub renew: Time,
    /// Limit of each call.
    pub call: Time,
    /// From a failed call to the next.
    pub retry: Time,
    /// What demoting the service may take.
    pub demote: Time,
    /// Greatest difference of a clock's rate from true, in thousandths.
    pub drift: Time,
    /// How long silent pods are waited for before leading without them.
    pub patience: Time,
    /// How long others leave a released lease to its heir.
    pub courtesy: Time,
    /// Replicas that confirm a write before it counts: so many pods may be silent.
    pub confirmations: usize,
    /// Whether the other pods can be asked at all.
    pub peers: bool,
    /// Whether the service has data. Without, nothing is lost by whoever leads: a pod that is silent is left a
    /// moment, and no more.
    pub data: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: 3000,
            renew: 700,
            call: 800,
            retry: 150,
            demote: 300,
            drift: 10,
            patience: 600,
            courtesy: 250,
            confirmations: 1,
            peers: true,
            data: true,
        }
    }
}

impl Settings {
    /// How long a holder's own right lasts from before it sent its write.
    pub fn right(&self) -> Time {
        (self.lease - self.lease * self.drift / 1000).saturating_sub(self.demote)
    }

    /// How long others wait from when they saw a record of this lease change.
    pub fn expiry(&self, lease: Time) -> Time {
        lease + (lease * self.drift).div_ceil(1000)
    }

    /// Says what is wrong, in one sentence: two whole tries of a renewal must fit into the right.
    pub fn check(&self) -> Result<(), String> {
        if [self.lease, self.renew, self.call, self.retry].contains(&0) {
            return Err("the times of an election cannot be zero".into());
        }
        if self.demote < SHORTEST_DEMOTE {
            return Err(format!(
                "demote = {} ms must not be shorter than {SHORTEST_DEMOTE} ms: nothing is demoted sooner",
                self.demote
            ));
        }
        if self.lease > LONGEST_LEASE {
            return Err(format!("a lease of {} s cannot be written into a Lease", self.lease / 1000));
        }
        if self.drift >= 500 {
            return Err(format!("a drift of {} thousandths is not plausible for a clock", self.drift));
        }
        let needed = self.renew + 2 * self.call + self.retry;
        if needed > self.right() {
            return Err(format!(
                "renew + 2 x call + retry = {needed} ms must fit into lease - drift - demote = {} ms",
                self.right()
            ));
        }
        if self.patience + self.courtesy > self.lease {
            return Err(format!(
                "patience + courtesy = {} ms must fit into the lease of {} ms",
                self.patience + self.courtesy,
                self.lease
            ));
        }
        Ok(())
    }
}

/// Rules that can be broken on purpose, to show that the simulation notices.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Counts expiry from the holder's timestamp, read on the own clock.
    TrustRemoteClock,
    /// Counts the right from the answer, not from the sending.
    RightFromAnswer,
    /// Goes on leading until the write fails.
    DemoteLate,
    /// Takes the epoch from the record alone, and does not mend it.
    EpochFromRecordAlone,
    /// Leads although another pod has more data.
    IgnoreStanding,
    /// Takes any conflict for its own write that landed.
    SkipReread,
    /// Leads although too many pods are silent.
    IgnoreSilence,
    /// Leads at once on a record it created.
    CreateAndLead,
    /// Writes without a version (the simulation's API then replaces anything).
    NoVersion,
    /// Pods pledge themselves without leaving their old leader (done by the simulation).
    HollowPledge,
}

/// The lease, held.
#[derive(Clone, Debug)]
struct Held<V> {
    epoch: u64,
    renewal: u64,
    version: V,
    /// Local time at which the right ends.
    until: Time,
    /// When the write that began the current right was sent.
    sent: Time,
    leading: bool,
    /// The first moment at which leading is allowed while a pod is silent.
    not_before: Time,
    /// When the pods were first asked in this epoch.
    asked: Time,
    /// And last.
    asked_last: Time,
    /// A pod has seen this epoch or a newer one, of a record that was since deleted: take a newer one.
    raise: bool,
}

/// A call on its way.
#[derive(Clone, Debug)]
struct Pending<I> {
    number: u64,
    sent: Time,
    limit: Time,
    /// What was written; none for a read.
    wrote: Option<Record<I>>,
}

/// Own writes that may have landed: nobody answered. They all carried one version, so at most one did.
#[derive(Clone, Debug)]
struct Doubt {
    /// When the earliest was sent.
    sent: Time,
    /// One of them was to give the lease away.
    release: bool,
}

/// How far an elector's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    /// Its end was asked for.
    Stopping,
    /// The lease is being given back for good.
    Releasing,
    Done,
}

/// One pod's part of an election.
#[derive(Clone, Debug)]
pub struct Elector<I, V> {
    me: I,
    settings: Settings,
    role: Role<I>,
    /// The record as last seen, and when it was last seen to change. None until the first read.
    seen: Option<(Snapshot<I, V>, Time)>,
    /// The newest epoch seen anywhere.
    newest: u64,
    standing: Standing,
    held: Option<Held<V>>,
    pending: Option<Pending<I>>,
    doubt: Option<Doubt>,
    numbers: u64,
    /// No write before this time.
    rest: Time,
    /// A read is due.
    look: bool,
    /// Calls have failed, and none has been answered since.
    cut_off: bool,
    /// When the first answer came after calls that had failed.
    back: Option<Time>,
    /// To whom the lease is left at the end.
    heir: Option<I>,
    stage: Stage,
    #[cfg(test)]
    flaw: Option<Flaw>,
}

impl<I: Name, V: Clone + Eq> Elector<I, V> {
    /// An elector that has seen nothing. The settings must have been checked.
    pub fn new(me: I, settings: Settings) -> Self {
        Self {
            me,
            settings,
            role: Role::Idle,
            seen: None,
            newest: 0,
            standing: Standing::default(),
            held: None,
            pending: None,
            doubt: None,
            numbers: 0,
            rest: 0,
            look: true,
            cut_off: false,
            back: None,
            heir: None,
            stage: Stage::Running,
            #[cfg(test)]
            flaw: None,
        }
    }

    /// The same, with a rule broken.
    #[cfg(test)]
    #[must_use]
    pub fn flawed(mut self, flaw: Option<Flaw>) -> Self {
        self.flaw = flaw;
        self
    }

    #[cfg(test)]
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// The current role.
    pub fn role(&self) -> &Role<I> {
        &self.role
    }

    /// The newest epoch seen anywhere.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The local time at which the right to lead ends; none without one.
    pub fn right_until(&self) -> Option<Time> {
        self.held.as_ref().filter(|h| h.leading).map(|h| h.until)
    }

    /// When the record was last seen to change.
    pub fn seen_at(&self) -> Option<Time> {
        self.seen.as_ref().map(|(_, at)| *at)
    }

    /// The next local time at which [`Input::Tick`] is needed, were nothing else to happen.
    pub fn wake(&self) -> Time {
        if self.stage == Stage::Done {
            return Time::MAX;
        }
        let mut at = Time::MAX;
        if let Some(pending) = &self.pending {
            at = at.min(pending.limit);
        } else if self.look || self.seen.is_none() {
            at = at.min(self.rest);
        } else if let Some(held) = &self.held {
            at = at.min((held.sent + self.settings.renew).max(self.rest));
        } else {
            at = at.min(self.may_take().max(self.rest));
        }
        if let Some(held) = &self.held {
            at = at.min(held.until);
            if !held.leading {
                let ask = held.asked_last + self.settings.patience / 3;
                at = at.min(if self.settings.peers { ask } else { held.not_before });
            }
        }
        at
    }

    /// One input, and what follows from it.
    pub fn handle(&mut self, now: Time, input: Input<I, V>, out: &mut Vec<Output<I, V>>) {
        if self.stage == Stage::Done {
            return;
        }
        self.expire(now, out);
        match input {
            Input::Tick => {}
            Input::Seen(snapshot) => self.saw(now, snapshot, out),
            Input::Blind => self.look |= self.held.is_none(),
            Input::Answer(number, answer) => self.answered(now, number, answer, out),
            Input::Standing(standing) => {
                self.standing = standing;
                self.newest = self.newest.max(standing.epoch);
            }
            Input::Fence { epoch, holder } => self.fence(now, epoch, &holder, out),
            Input::Survey(survey) => self.surveyed(now, survey, out),
            Input::Shutdown { heir } => {
                self.stage = self.stage.max(Stage::Stopping);
                self.heir = heir;
                self.look |= self.doubt.is_some();
                self.rest = now;
            }
        }
        self.act(now, out);
    }

    /// Ends what ran out: the right, and the call on its way.
    fn expire(&mut self, now: Time, out: &mut Vec<Output<I, V>>) {
        if self.held.as_ref().is_some_and(|h| now >= h.until) {
            self.lose(Role::Idle, out);
            self.look = true;
        }
        if let Some(number) = self.pending.as_ref().filter(|p| now >= p.limit).map(|p| p.number) {
            self.answered(now, number, Answer::Failed, out);
        }
    }

    fn stopping(&self) -> bool {
        self.stage >= Stage::Stopping
    }

    fn turn(&mut self, role: Role<I>, out: &mut Vec<Output<I, V>>) {
        if self.role != role {
            self.role = role.clone();
            out.push(Output::Role(role));
        }
    }

    /// The lease is no longer ours, or can no longer be trusted to be.
    fn lose(&mut self, role: Role<I>, out: &mut Vec<Output<I, V>>) {
        self.held = None;
        self.turn(role, out);
    }

    /// A snapshot from the watch. Old ones are no reason to do anything but look.
    fn saw(&mut self, now: Time, snapshot: Snapshot<I, V>, out: &mut Vec<Output<I, V>>) {
        let known = self.seen.as_ref().and_then(|(s, _)| s.as_ref());
        match (&snapshot, known) {
            (Some((_, version)), Some((_, known))) if version == known => {}
            (Some((record, _)), Some((known, _)))
                if (record.epoch, record.renewal) > (known.epoch, known.renewal)
                    && record.epoch >= self.newest
                    && (self.held.is_none() || record.holder.as_ref() != Some(&self.me)) =>
            {
                self.learn(now, snapshot, out);
            }
            // Older than what is known, or gone, or ours: only a read can tell.
            (None, Some(_)) | (Some(_), _) if self.held.is_none() => self.look = true,
            _ => {}
        }
    }

    /// A record that is newer than what was known, or read just now.
    fn learn(&mut self, now: Time, snapshot: Snapshot<I, V>, out: &mut Vec<Output<I, V>>) {
        let version = |s: &Snapshot<I, V>| s.as_ref().map(|(_, v)| v.clone());
        let changed = self.seen.as_ref().is_none_or(|(known, _)| version(known) != version(&snapshot));
        if changed {
            self.seen = Some((snapshot.clone(), now));
        }
        let Some((record, _)) = snapshot else {
            if self.held.is_some() {
                self.lose(Role::Idle, out);
            }
            return;
        };
        if changed && record.holder.as_ref() != Some(&self.me) {
            // Writes of ours that were on their way carry a version that is gone.
            self.doubt = None;
        }
        let newer = record.epoch >= self.newest;
        self.newest = self.newest.max(record.epoch);
        match record.holder {
            Some(holder) if holder != self.me => {
                if newer && !self.me.outlived(&holder) {
                    self.lose(Role::Follow { holder, epoch: record.epoch }, out);
                } else if self.held.is_some() {
                    self.lose(Role::Idle, out);
                }
            }
            None if self.held.is_some() => self.lose(Role::Idle, out),
            _ => {}
        }
    }

    fn answered(&mut self, now: Time, number: u64, answer: Answer<I, V>, out: &mut Vec<Output<I, V>>) {
        let Some(pending) = self.pending.take_if(|p| p.number == number) else { return };
        #[cfg(test)]
        if self.has(Flaw::SkipReread)
            && answer == Answer::Conflict
            && let Some(record) = pending.wrote.clone()
            && record.holder.as_ref() == Some(&self.me)
            && let Some((Some((_, version)), _)) = self.seen.clone()
        {
            self.hold(now, pending.sent, record, version, out);
            return;
        }
        let cut_off = answer == Answer::Failed;
        if self.cut_off && !cut_off {
            self.back = Some(now);
        }
        self.cut_off = cut_off;
        match (answer, pending.wrote) {
            (Answer::Written(version), Some(record)) => {
                self.doubt = None;
                self.newest = self.newest.max(record.epoch);
                if record.holder.as_ref() == Some(&self.me) {
                    self.hold(now, pending.sent, record, version, out);
                } else {
                    self.seen = Some((Some((record, version)), now));
                    if self.stopping() {
                        self.stage = Stage::Done;
                        out.push(Output::Done);
                    }
                }
            }
            (Answer::Read(snapshot, floor), None) => {
                self.look = false;
                self.newest = self.newest.max(floor);
                self.read(now, snapshot, out);
            }
            (Answer::Conflict, Some(_)) => {
                self.look = true;
                self.rest = now;
            }
            (_, wrote) => {
                if let Some(record) = wrote {
                    let release = record.holder.as_ref() != Some(&self.me);
                    let doubt = self.doubt.get_or_insert(Doubt { sent: pending.sent, release });
                    doubt.release |= release;
                }
                // Whoever does not hold it sees first whether the API is back, and leaves the holder a moment.
                self.look |= self.stopping() || self.held.is_none();
                self.rest = now + self.settings.retry;
            }
        }
    }

    /// The newest record, read after a conflict, or because the watch was no help.
    fn read(&mut self, now: Time, snapshot: Snapshot<I, V>, out: &mut Vec<Output<I, V>>) {
        if let Some((record, version)) = &snapshot
            && record.holder.as_ref() == Some(&self.me)
        {
            if self.stopping() {
                // A renewal that was on its way came first: others would wait a lease for its end.
                self.doubt = None;
                let heir = self.heir.clone();
                return self.release(now, record, version.clone(), heir, out);
            }
            let seen = self.seen.as_ref().and_then(|(snapshot, _)| snapshot.as_ref());
            // While the version is the one that they carry, writes in doubt may still land.
            let same = seen.is_some_and(|(_, known)| known == version);
            let doubt = if same { None } else { self.doubt.take() };
            // Another version of what was known already is no write of ours: somebody has put a label onto it.
            let touched = seen.is_some_and(|(k, _)| (k.epoch, k.renewal) == (record.epoch, record.renewal));
            if let Some(doubt) = doubt.filter(|d| !touched && !d.release) {
                // My own record, of a version that I was never told: the write in doubt landed.
                // Whichever of them it was, the earliest sending is the safe one.
                let (record, version) = (record.clone(), version.clone());
                self.hold(now, doubt.sent, record, version, out);
                return;
            }
            // Still ours, and its right as long as it was: the next renewal names the version that is there.
            if let Some(held) = self.held.as_mut().filter(|held| held.epoch == record.epoch) {
                held.version = version.clone();
            }
        }
        self.learn(now, snapshot, out);
    }

    /// A write of ours landed; it was sent then.
    fn hold(&mut self, now: Time, sent: Time, record: Record<I>, version: V, out: &mut Vec<Output<I, V>>) {
        let until = sent + self.settings.right();
        #[cfg(test)]
        let until = match self.flaw {
            Some(Flaw::RightFromAnswer) => now + self.settings.lease,
            Some(Flaw::DemoteLate) => sent + self.settings.lease * 2,
            _ => until,
        };
        let (epoch, renewal, settled) = (record.epoch, record.renewal, record.settled);
        if epoch < self.newest && self.held.as_ref().is_none_or(|held| held.epoch != epoch) {
            // Deposed meanwhile: the record was deleted after this write, and another's has a newer epoch.
            self.look = true;
            return;
        }
        self.seen = Some((Some((record, version.clone())), now));
        self.look = false;
        if now >= until {
            // Too late to be worth anything. Nobody else can have it yet without a conflict.
            if self.held.is_some() {
                self.lose(Role::Idle, out);
            }
            return;
        }
        match &mut self.held {
            Some(held) if held.epoch == epoch => {
                held.version = version;
                held.renewal = renewal;
                held.until = until.max(held.until);
                held.sent = sent;
            }
            _ => {
                // On a record that was not there, nobody knows who led before: wait a lease, or ask all.
                let mut not_before =
                    if settled { 0 } else { now + self.settings.expiry(self.settings.lease) };
                if let Some(held) = &self.held {
                    not_before = not_before.max(held.not_before);
                }
                #[cfg(test)]
                if self.has(Flaw::CreateAndLead) {
                    not_before = 0;
                }
                self.held = Some(Held {
                    epoch,
                    renewal,
                    version,
                    until,
                    sent,
                    leading: false,
                    not_before,
                    asked: now,
                    asked_last: now,
                    raise: false,
                });
                self.turn(Role::Hold { epoch }, out);
                if self.settings.peers {
                    out.push(Output::Ask { epoch });
                } else {
                    self.alone(now, out);
                }
            }
        }
    }

    /// A holder asks to be followed.
    fn fence(&mut self, now: Time, epoch: u64, holder: &I, out: &mut Vec<Output<I, V>>) {
        #[cfg(test)]
        if self.has(Flaw::EpochFromRecordAlone) {
            self.newest = epoch;
        }
        // Who has not read the record yet may have forgotten a newer epoch.
        if epoch < self.newest || *holder == self.me || self.seen.is_none() {
            return;
        }
        // Of one epoch there is one holder; were there two, the first keeps what it was told.
        if epoch == self.newest && self.held.as_ref().is_some_and(|h| h.epoch == epoch) {
            return;
        }
        if let Role::Follow { holder: other, epoch: same } = &self.role
            && *same == epoch
            && other != holder
        {
            return;
        }
        self.newest = epoch;
        let had = self.held.is_some();
        self.lose(Role::Follow { holder: holder.clone(), epoch }, out);
        if had {
            self.look = true;
            self.rest = self.rest.min(now);
        }
    }

    /// Whether a fence of this epoch and holder was accepted and still holds.
    pub fn pledged(&self, epoch: u64, holder: &I) -> bool {
        matches!(&self.role, Role::Follow { holder: h, epoch: e } if *e == epoch && h == holder)
    }

    fn give_up(&self, held: &Held<V>) -> Time {
        held.not_before.max(held.asked) + 4 * self.settings.patience
    }

    fn surveyed(&mut self, now: Time, survey: Survey<I>, out: &mut Vec<Output<I, V>>) {
        let Some(held) = &self.held else { return };
        if survey.epoch != held.epoch || held.leading {
            return;
        }
        // Nobody has ever led, as far as anybody who answered knows: nobody has data.
        let virgin = self.newest.max(survey.newest) <= 1 && held.epoch == 1;
        self.newest = self.newest.max(survey.newest);
        let (epoch, not_before, asked) = (held.epoch, held.not_before, held.asked);
        #[cfg(test)]
        let (ignore_silence, ignore_standing, own_epoch) = (
            self.has(Flaw::IgnoreSilence),
            self.has(Flaw::IgnoreStanding),
            self.has(Flaw::EpochFromRecordAlone),
        );
        #[cfg(not(test))]
        let (ignore_silence, ignore_standing, own_epoch) = (false, false, false);
        if survey.newest >= epoch && !own_epoch {
            if let Some(held) = &mut self.held {
                held.raise = true;
            }
            return;
        }
        if survey.silent > 0 {
            let waiting = now < not_before || (now < asked + self.settings.patience && !ignore_silence);
            let many = survey.silent > self.settings.confirmations && !virgin && !ignore_silence;
            let blind = self.standing.epoch == 0 && !virgin && !ignore_standing;
            if waiting || (self.settings.peers && self.settings.data && (many || blind)) {
                return;
            }
        }
        if let Some((better, standing)) = survey.best
            && standing > self.standing
            && !ignore_standing
        {
            self.give_away(now, Some(better), out);
            return;
        }
        if let Some(held) = &mut self.held {
            held.leading = true;
        }
        self.turn(Role::Lead { epoch }, out);
    }

    /// Releases the lease, to an heir if one is known. The service is demoted first.
    fn give_away(&mut self, now: Time, heir: Option<I>, out: &mut Vec<Output<I, V>>) {
        let Some(held) = self.held.take() else { return };
        self.turn(Role::Idle, out);
        // Whoever gives it away because it may not lead lets others try first.
        if !self.stopping() {
            self.rest = now + self.settings.patience;
        }
        // A renewal on its way carries the same version: one of the two lands.
        if let Some(pending) = self.pending.take()
            && pending.wrote.is_some()
        {
            self.doubt.get_or_insert(Doubt { sent: pending.sent, release: false });
        }
        let settled = held.leading || now >= held.not_before;
        let record = self.record(now, held.epoch, settled);
        self.release(now, &Record { renewal: held.renewal, ..record }, held.version, heir, out);
    }

    /// Writes that nobody holds the lease, over that version of our own record.
    fn release(
        &mut self,
        now: Time,
        own: &Record<I>,
        version: V,
        heir: Option<I>,
        out: &mut Vec<Output<I, V>>,
    ) {
        if self.stopping() {
            self.stage = Stage::Releasing;
        }
        let record = Record {
            holder: None,
            heir,
            renewal: own.renewal + 1,
            lease: self.settings.lease,
            ..own.clone()
        };
        self.send(now, Call::Update(record, version), now + self.settings.call, out);
    }

    fn send(&mut self, now: Time, call: Call<I, V>, limit: Time, out: &mut Vec<Output<I, V>>) {
        self.numbers += 1;
        let wrote = match &call {
            Call::Read => None,
            Call::Create(record) | Call::Update(record, _) => Some(record.clone()),
        };
        self.pending = Some(Pending { number: self.numbers, sent: now, limit, wrote });
        out.push(Output::Call { number: self.numbers, call, limit });
    }

    /// The first local time at which the record may be taken, as far as is known.
    fn may_take(&self) -> Time {
        let Some((snapshot, since)) = &self.seen else { return 0 };
        let Some((record, _)) = snapshot else { return 0 };
        let heir = record.heir.as_ref().map(|heir| self.me.inherits(heir));
        let polite = if heir == Some(false) { self.settings.courtesy } else { 0 };
        // The heir was seen to have data; others know of their own only once they were asked.
        let unknown = self.settings.peers && self.settings.data && self.standing.epoch == 0;
        let empty = if self.newest > 0 && unknown && heir != Some(true) { self.settings.courtesy } else { 0 };
        match &record.holder {
            // Ours, from before the right ran out. The version proves that nobody had it in between.
            Some(holder) if *holder == self.me => 0,
            None => since + polite + empty,
            Some(holder) if self.me.outlived(holder) => 0,
            Some(_) => {
                #[cfg(test)]
                if self.has(Flaw::TrustRemoteClock) {
                    // The simulation puts the holder's clock into the renewal number.
                    return record.renewal + record.lease + empty;
                }
                // After an outage the former leader goes first: its address is the one that all the world
                // knows, and a new one may take kube-proxy a minute to learn.
                let back = self.back.map_or(0, |back| back + self.settings.patience);
                (since + self.settings.expiry(record.lease) + empty).max(back)
            }
        }
    }

    /// Without a way to ask the others: leads as soon as nobody from before the record can.
    fn alone(&mut self, now: Time, out: &mut Vec<Output<I, V>>) {
        if let Some(held) = &self.held {
            let silent = usize::from(now < held.not_before);
            self.surveyed(now, Survey { epoch: held.epoch, silent, newest: 0, best: None }, out);
        }
    }

    /// What is due.
    fn act(&mut self, now: Time, out: &mut Vec<Output<I, V>>) {
        if self.stage == Stage::Done {
            return;
        }
        if self.stopping() && self.held.is_some() {
            let heir = self.heir.clone();
            return self.give_away(now, heir, out);
        }
        if let Some(held) = self.held.as_mut().filter(|h| !h.leading) {
            if !self.settings.peers {
                self.alone(now, out);
            } else if now >= held.asked_last + self.settings.patience / 3 {
                held.asked_last = now;
                out.push(Output::Ask { epoch: held.epoch });
            }
        }
        if self.pending.is_some() {
            return;
        }
        if self.stopping() {
            if self.look && (self.stage == Stage::Releasing || self.doubt.is_some()) {
                // Something of ours may still stand there in our name.
                if now >= self.rest {
                    self.send(now, Call::Read, now + self.settings.call, out);
                }
                return;
            }
            self.turn(Role::Idle, out);
            self.stage = Stage::Done;
            return out.push(Output::Done);
        }
        if now < self.rest {
            return;
        }
        if self.look || self.seen.is_none() {
            let limit = self.held.as_ref().map_or(Time::MAX, |h| h.until).min(now + self.settings.call);
            return self.send(now, Call::Read, limit, out);
        }
        let Some(held) = &self.held else {
            if now >= self.may_take() {
                self.take(now, out);
            }
            return;
        };
        if !held.leading && (held.raise || self.newest > held.epoch) {
            return self.take(now, out);
        }
        if !held.leading && now >= self.give_up(held) {
            return self.give_away(now, None, out);
        }
        if now >= held.sent + self.settings.renew {
            let (epoch, version) = (held.epoch, held.version.clone());
            let limit = held.until.min(now + self.settings.call);
            let settled = held.leading || now >= held.not_before;
            let record = self.record(now, epoch, settled);
            self.send(now, Call::Update(record, version), limit, out);
        }
    }

    /// The next record with us as its holder.
    fn record(&mut self, now: Time, epoch: u64, settled: bool) -> Record<I> {
        let known = self.seen.as_ref().and_then(|(s, _)| s.as_ref()).map_or(0, |(r, _)| r.renewal);
        let renewal = known + 1;
        #[cfg(test)]
        let renewal = if self.has(Flaw::TrustRemoteClock) { now } else { renewal };
        #[cfg(not(test))]
        let _ = now;
        Record {
            holder: Some(self.me.clone()),
            epoch,
            lease: self.settings.lease,
            renewal,
            heir: None,
            settled,
        }
    }

    /// Tries to become the holder, or to take a newer epoch as the holder.
    fn take(&mut self, now: Time, out: &mut Vec<Output<I, V>>) {
        let Some((snapshot, _)) = self.seen.clone() else { return };
        #[cfg(test)]
        if self.has(Flaw::EpochFromRecordAlone) {
            self.newest = snapshot.as_ref().map_or(0, |(r, _)| r.epoch);
        }
        let epoch = self.newest + 1;
        let limit = self.held.as_ref().map_or(Time::MAX, |h| h.until).min(now + self.settings.call);
        let settled = match &self.held {
            Some(held) => now >= held.not_before,
            None => snapshot.as_ref().is_some_and(|(record, _)| record.settled),
        };
        let record = self.record(now, epoch, settled);
        let call = match snapshot {
            None => Call::Create(record),
            Some((_, version)) => Call::Update(record, version),
        };
        self.send(now, call, limit, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Name for u8 {
        fn outlived(&self, _: &Self) -> bool {
            false
        }
    }

    /// The only call among the outputs, with its number.
    fn call(out: &mut Vec<Output<u8, u8>>) -> (u64, Call<u8, u8>) {
        let calls = out.drain(..).filter_map(|output| match output {
            Output::Call { number, call, .. } => Some((number, call)),
            _ => None,
        });
        let calls: Vec<_> = calls.collect();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }

    #[test]
    fn a_release_that_a_renewal_overtook_is_repeated() {
        let settings = Settings { peers: false, ..Settings::default() };
        let mut elector: Elector<u8, u8> = Elector::new(1, settings);
        let mut out = Vec::new();
        elector.handle(0, Input::Tick, &mut out);
        let (read, _) = call(&mut out);
        elector.handle(1, Input::Answer(read, Answer::Read(None, 0)), &mut out);
        let (create, _) = call(&mut out);
        elector.handle(2, Input::Answer(create, Answer::Written(1)), &mut out);
        // It holds the lease, and does not lead yet: it is to be given back all the same.
        out.clear();
        elector.handle(800, Input::Tick, &mut out);
        let (_, Call::Update(renewal, 1)) = call(&mut out) else { panic!("no renewal") };
        // Asked to end while the renewal is on its way: it lands first.
        elector.handle(810, Input::Shutdown { heir: None }, &mut out);
        let (release, Call::Update(_, 1)) = call(&mut out) else { panic!("no release") };
        elector.handle(820, Input::Answer(release, Answer::Conflict), &mut out);
        let (again, Call::Read) = call(&mut out) else { panic!("not read again") };
        elector.handle(830, Input::Answer(again, Answer::Read(Some((renewal, 2)), 0)), &mut out);
        let (last, Call::Update(released, 2)) = call(&mut out) else { panic!("not released again") };
        assert_eq!(released.holder, None);
        elector.handle(840, Input::Answer(last, Answer::Written(3)), &mut out);
        assert_eq!(out, [Output::Done]);
    }

    /// A record of epoch 3.
    fn record(holder: Option<u8>, settings: Settings) -> Record<u8> {
        Record { holder, epoch: 3, lease: settings.lease, renewal: 9, heir: None, settled: true }
    }

    /// An elector that leads since 2, with the lease's version 1.
    fn leader(settings: Settings) -> Elector<u8, u8> {
        let mut elector: Elector<u8, u8> = Elector::new(1, settings);
        let mut out = Vec::new();
        let record = record(None, settings);
        elector.handle(0, Input::Tick, &mut out);
        let (read, _) = call(&mut out);
        elector.handle(1, Input::Answer(read, Answer::Read(Some((record, 0)), 0)), &mut out);
        let (take, _) = call(&mut out);
        elector.handle(2, Input::Answer(take, Answer::Written(1)), &mut out);
        assert_eq!(*elector.role(), Role::Lead { epoch: 4 });
        elector
    }

    #[test]
    fn a_label_that_somebody_puts_onto_the_lease_deposes_nobody_and_lengthens_no_right() {
        let mut elector = leader(Settings { peers: false, ..Settings::default() });
        let (record, _) = elector.seen.clone().unwrap().0.unwrap();
        let right = elector.right_until();
        let mut out = Vec::new();
        // The answer to a renewal is lost; then the next finds another version.
        elector.handle(800, Input::Tick, &mut out);
        let (lost, Call::Update(_, 1)) = call(&mut out) else { panic!("no renewal") };
        elector.handle(900, Input::Answer(lost, Answer::Failed), &mut out);
        elector.handle(1100, Input::Tick, &mut out);
        let (refused, Call::Update(_, 1)) = call(&mut out) else { panic!("no second try") };
        elector.handle(1110, Input::Answer(refused, Answer::Conflict), &mut out);
        let (read, Call::Read) = call(&mut out) else { panic!("not read again") };
        elector.handle(1120, Input::Answer(read, Answer::Read(Some((record, 7)), 0)), &mut out);
        assert_eq!(elector.right_until(), right, "nothing of ours has landed");
        let (renewal, Call::Update(_, 7)) = call(&mut out) else { panic!("not by its version") };
        elector.handle(1130, Input::Answer(renewal, Answer::Written(8)), &mut out);
        assert_eq!(*elector.role(), Role::Lead { epoch: 4 });
        assert!(elector.right_until() > right);
        assert_eq!(out, []);
    }

    #[test]
    fn a_write_that_lands_after_it_was_given_up_is_still_ours() {
        let mut elector = leader(Settings { peers: false, ..Settings::default() });
        let (former, _) = elector.seen.clone().unwrap().0.unwrap();
        let mut out = Vec::new();
        elector.handle(800, Input::Tick, &mut out);
        let (lost, Call::Update(written, 1)) = call(&mut out) else { panic!("no renewal") };
        elector.handle(900, Input::Answer(lost, Answer::Failed), &mut out);
        elector.look = true;
        elector.handle(1100, Input::Tick, &mut out);
        let (read, Call::Read) = call(&mut out) else { panic!("not read") };
        elector.handle(1110, Input::Answer(read, Answer::Read(Some((former, 1)), 0)), &mut out);
        let (refused, Call::Update(_, 1)) = call(&mut out) else { panic!("no second try") };
        // Only now it lands: the second is refused.
        elector.handle(1200, Input::Answer(refused, Answer::Conflict), &mut out);
        let (read, Call::Read) = call(&mut out) else { panic!("not read again") };
        elector.handle(1210, Input::Answer(read, Answer::Read(Some((written, 2)), 0)), &mut out);
        assert_eq!(elector.right_until(), Some(800 + Settings::default().right()), "since it was sent");
        assert_eq!(*elector.role(), Role::Lead { epoch: 4 });
    }

    #[test]
    fn a_service_without_data_leads_though_pods_are_silent() {
        for (data, leads) in [(false, true), (true, false)] {
            let settings = Settings { data, ..Settings::default() };
            let mut elector: Elector<u8, u8> = Elector::new(1, settings);
            let mut out = Vec::new();
            let record = record(Some(2), settings);
            elector.handle(0, Input::Tick, &mut out);
            let (read, _) = call(&mut out);
            elector.handle(1, Input::Answer(read, Answer::Read(Some((record, 0)), 0)), &mut out);
            let now = elector.wake();
            elector.handle(now, Input::Tick, &mut out);
            out.retain(|o| matches!(o, Output::Call { .. }));
            let (take, Call::Update(..)) = call(&mut out) else { panic!("not taken") };
            elector.handle(now + 1, Input::Answer(take, Answer::Written(1)), &mut out);
            let survey = Survey { epoch: 4, silent: 2, newest: 3, best: None };
            elector.handle(now + 2, Input::Survey(survey.clone()), &mut out);
            assert_eq!(*elector.role(), Role::Hold { epoch: 4 }, "at first they are waited for");
            elector.handle(now + 2 + settings.patience, Input::Survey(survey), &mut out);
            assert_eq!(matches!(elector.role(), Role::Lead { .. }), leads);
        }
    }

    #[test]
    fn after_an_outage_as_short_as_a_lease_the_former_leader_goes_first_too() {
        let settings = Settings { peers: false, ..Settings::default() };
        let record = record(Some(1), settings);
        let mut elector: Elector<u8, u8> = Elector::new(2, settings);
        let mut out = Vec::new();
        elector.handle(0, Input::Tick, &mut out);
        let (read, _) = call(&mut out);
        let seen = Answer::Read(Some((record, 7)), 0);
        elector.handle(1, Input::Answer(read, seen.clone()), &mut out);
        // It would call nobody before the lease has run out, and then nothing would have failed.
        let mut now = 100;
        elector.handle(now, Input::Blind, &mut out);
        let back = loop {
            let (read, Call::Read) = call(&mut out) else { panic!("not looked") };
            if now + 200 > settings.expiry(settings.lease) {
                elector.handle(now, Input::Answer(read, seen), &mut out);
                break now;
            }
            elector.handle(now + 1, Input::Answer(read, Answer::Failed), &mut out);
            now = elector.wake();
            elector.handle(now, Input::Tick, &mut out);
        };
        assert_eq!((out.len(), elector.wake()), (0, back + settings.patience));
    }

    #[test]
    fn after_an_outage_the_former_leader_goes_first() {
        let settings = Settings { peers: false, ..Settings::default() };
        let record = record(Some(1), settings);
        let wait = settings.expiry(settings.lease);
        for (me, patience) in [(1, 0), (2, settings.patience)] {
            let mut elector: Elector<u8, u8> = Elector::new(me, settings);
            let mut out = Vec::new();
            elector.handle(0, Input::Tick, &mut out);
            let (read, _) = call(&mut out);
            let seen = Answer::Read(Some((record.clone(), 7)), 0);
            elector.handle(1, Input::Answer(read, seen.clone()), &mut out);
            // The lease runs out while no call is answered in time.
            let mut now = 1;
            while now < 2 * wait || out.is_empty() {
                out.clear();
                now = elector.wake();
                elector.handle(now, Input::Tick, &mut out);
            }
            let (read, Call::Read) = call(&mut out) else { panic!("{me} writes blindly") };
            elector.handle(now, Input::Answer(read, seen), &mut out);
            if patience > 0 {
                assert_eq!(out, [], "{me} does not leave it a moment");
                assert_eq!(elector.wake(), now + patience);
                elector.handle(now + patience, Input::Tick, &mut out);
            }
            let (_, Call::Update(taken, 7)) = call(&mut out) else { panic!("{me} does not take it") };
            assert_eq!((taken.holder, taken.epoch), (Some(me), 4));
        }
    }
}
