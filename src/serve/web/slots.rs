//! Which server stands in which slot of the balancer, as a pure plan: nothing here talks to anything.
//!
//! haproxy before 2.4 can neither add nor remove a server while it runs. So it gets more slots than servers, and
//! a slot gets an address, is drained, and is free again once nobody uses it. When the slots run out, a new process
//! with twice as many takes over.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

/// How long servers wait for a slot that is being drained before a new process brings more slots.
const LACK: Duration = Duration::from_millis(400);
/// How long three of four slots must have been free before a new process brings fewer.
const IDLE: Duration = Duration::from_mins(1);

/// A slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nobody is sent there.
    Free,
    /// It has that address, and requests are sent there.
    Serves(SocketAddr),
    /// Requests that are under way end there, and no others are sent.
    Drains(SocketAddr),
}

/// A change of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// A free slot gets an address, and requests.
    Fill(usize, SocketAddr),
    /// A slot that is drained is wanted again, at the same address.
    Resume(usize),
    /// No more requests are sent there.
    Drain(usize),
    /// Its last request has ended.
    Free(usize),
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// These changes, in this order; none of them: all is as wanted.
    Orders(Vec<Order>),
    /// A new process with so many slots.
    Resize(usize),
}

/// The slots of the process that runs.
#[derive(Clone, Debug)]
pub struct Slots {
    all: Vec<Slot>,
    /// It never has fewer.
    least: usize,
    /// Since when a server has had no slot.
    lacking: Option<Duration>,
    /// Since when three of four slots have been free.
    idle: Option<Duration>,
}

impl Slots {
    /// So many free slots, which is also the least number.
    pub fn new(least: usize) -> Self {
        let least = least.max(1);
        Self { all: vec![Slot::Free; least], least, lacking: None, idle: None }
    }

    /// The slots, in haproxy's order.
    pub fn all(&self) -> &[Slot] {
        &self.all
    }

    /// The slot that serves an address.
    pub fn serving(&self, address: SocketAddr) -> Option<usize> {
        self.all.iter().position(|slot| *slot == Slot::Serves(address))
    }

    /// Whether an address is being drained.
    pub fn drains(&self, address: SocketAddr) -> bool {
        self.all.contains(&Slot::Drains(address))
    }

    /// What brings the slots to the wanted addresses. `sessions` are the requests under way in each slot, as haproxy
    /// said after the last orders; unknown ones count as some. `now` is a time that only grows.
    pub fn plan(&mut self, wanted: &BTreeSet<SocketAddr>, sessions: &[Option<u64>], now: Duration) -> Plan {
        if wanted.len() > self.all.len() {
            return Plan::Resize(self.size_for(wanted.len()));
        }
        let mut orders = Vec::new();
        let mut missing = wanted.clone();
        let mut free = Vec::new();
        for (i, slot) in self.all.iter().enumerate() {
            match slot {
                Slot::Serves(at) if wanted.contains(at) => drop(missing.remove(at)),
                Slot::Serves(_) => orders.push(Order::Drain(i)),
                Slot::Drains(at) if wanted.contains(at) => {
                    missing.remove(at);
                    orders.push(Order::Resume(i));
                }
                Slot::Drains(_) if sessions.get(i) == Some(&Some(0)) => orders.push(Order::Free(i)),
                Slot::Drains(_) => {}
                Slot::Free => free.push(i),
            }
        }
        let lacks = missing.len() > free.len();
        orders.extend(free.into_iter().zip(missing).map(|(slot, address)| Order::Fill(slot, address)));
        let few = self.all.len() > self.least && wanted.len() * 4 <= self.all.len();
        self.lacking = lacks.then(|| self.lacking.unwrap_or(now));
        self.idle = few.then(|| self.idle.unwrap_or(now));
        let since = |mark: Option<Duration>| mark.map_or(Duration::ZERO, |mark| now.saturating_sub(mark));
        if orders.is_empty() && since(self.lacking) >= LACK {
            return Plan::Resize(self.all.len() * 2);
        }
        if orders.is_empty() && since(self.idle) >= IDLE {
            return Plan::Resize((self.all.len() / 2).max(self.least));
        }
        Plan::Orders(orders)
    }

    /// haproxy carried an order out.
    pub fn done(&mut self, order: Order) {
        let (Order::Fill(i, _) | Order::Resume(i) | Order::Drain(i) | Order::Free(i)) = order;
        let Some(slot) = self.all.get_mut(i) else { return };
        *slot = match (order, *slot) {
            (Order::Fill(_, address), _) | (Order::Resume(_), Slot::Drains(address)) => Slot::Serves(address),
            (Order::Drain(_), Slot::Serves(address)) => Slot::Drains(address),
            (Order::Free(_), _) => Slot::Free,
            (_, same) => same,
        };
    }

    /// The slots of a new process. What is being drained ends in the former one.
    #[must_use]
    pub fn resized(&self, size: usize, wanted: &BTreeSet<SocketAddr>) -> Self {
        let size = size.max(wanted.len()).max(self.least);
        let mut all: Vec<Slot> = wanted.iter().copied().map(Slot::Serves).collect();
        all.resize(size, Slot::Free);
        Self { all, least: self.least, lacking: None, idle: None }
    }

    /// The number of slots for so many servers: doubled until they fit.
    fn size_for(&self, servers: usize) -> usize {
        let mut size = self.all.len();
        while size < servers {
            size *= 2;
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(n: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, n], 8080))
    }

    fn set(numbers: &[u8]) -> BTreeSet<SocketAddr> {
        numbers.iter().copied().map(at).collect()
    }

    /// Follows plans until nothing is left to do; fails where that takes for ever.
    fn settle(slots: &mut Slots, wanted: &BTreeSet<SocketAddr>, now: &mut Duration) {
        for _ in 0..20 {
            let idle = vec![Some(0); slots.all().len()];
            match slots.plan(wanted, &idle, *now) {
                Plan::Orders(orders) if orders.is_empty() => return,
                Plan::Orders(orders) => orders.into_iter().for_each(|order| slots.done(order)),
                Plan::Resize(size) => *slots = slots.resized(size, wanted),
            }
            *now += Duration::from_millis(50);
        }
        panic!("never done: {slots:?}");
    }

    fn serving(slots: &Slots) -> Vec<SocketAddr> {
        slots.all().iter().filter_map(|s| if let Slot::Serves(at) = s { Some(*at) } else { None }).collect()
    }

    #[test]
    fn a_slot_gets_a_new_address_only_once_it_is_empty() {
        let mut slots = Slots::new(1);
        let mut now = Duration::ZERO;
        settle(&mut slots, &set(&[1]), &mut now);
        let wanted = set(&[2]);
        let Plan::Orders(orders) = slots.plan(&wanted, &[Some(3)], now) else { panic!("no orders") };
        assert_eq!(orders, [Order::Drain(0)]);
        slots.done(orders[0]);
        for sessions in [Some(1), None] {
            assert_eq!(slots.plan(&wanted, &[sessions], now), Plan::Orders(Vec::new()));
        }
        assert_eq!(slots.plan(&wanted, &[Some(0)], now), Plan::Orders(vec![Order::Free(0)]));
        // One that does not become empty is not waited for without end.
        assert_eq!(slots.plan(&wanted, &[Some(1)], now + LACK), Plan::Resize(2));
    }

    #[test]
    fn who_comes_back_while_it_is_drained_keeps_its_slot() {
        let mut slots = Slots::new(2);
        settle(&mut slots, &set(&[1]), &mut Duration::ZERO.clone());
        slots.done(Order::Drain(0));
        assert!(slots.drains(at(1)));
        let plan = slots.plan(&set(&[1]), &[Some(1), Some(0)], Duration::ZERO);
        assert_eq!(plan, Plan::Orders(vec![Order::Resume(0)]));
        slots.done(Order::Resume(0));
        assert_eq!(slots.serving(at(1)), Some(0));
    }

    #[test]
    fn slots_double_until_all_fit_and_halve_after_a_minute_of_idleness() {
        let mut slots = Slots::new(4);
        let mut now = Duration::ZERO;
        let twenty: Vec<u8> = (1..=20).collect();
        settle(&mut slots, &set(&twenty), &mut now);
        assert_eq!(slots.all().len(), 32);
        settle(&mut slots, &set(&[1, 2]), &mut now);
        assert_eq!(slots.all().len(), 32, "not at once");
        for size in [16, 8, 8] {
            now += IDLE;
            let idle = vec![Some(0); slots.all().len()];
            if let Plan::Resize(fewer) = slots.plan(&set(&[1, 2]), &idle, now) {
                slots = slots.resized(fewer, &set(&[1, 2]));
            }
            // The next minute begins with the new process.
            settle(&mut slots, &set(&[1, 2]), &mut now);
            assert_eq!(slots.all().len(), size.max(4), "{size}");
            if size == 8 {
                break;
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_and_goes_no_address_is_twice_and_all_are_served_in_the_end(
            steps in prop::collection::vec((prop::collection::btree_set(0_u8..30, 0..25), 0_u64..3), 1..25)
        ) {
            let mut slots = Slots::new(4);
            let mut now = Duration::ZERO;
            for (wanted, busy) in &steps {
                let wanted: BTreeSet<_> = wanted.iter().copied().map(at).collect();
                let sessions: Vec<_> = slots.all().iter().map(|_| Some(*busy)).collect();
                match slots.plan(&wanted, &sessions, now) {
                    Plan::Resize(size) => {
                        prop_assert!(size >= wanted.len());
                        slots = slots.resized(size, &wanted);
                    }
                    Plan::Orders(orders) => for order in orders {
                        let before = match order {
                            Order::Fill(i, _) | Order::Resume(i) | Order::Drain(i) | Order::Free(i) => slots.all()[i],
                        };
                        match order {
                            Order::Fill(..) => prop_assert_eq!(before, Slot::Free),
                            Order::Free(_) => prop_assert!(*busy == 0 && matches!(before, Slot::Drains(_))),
                            Order::Drain(_) => prop_assert!(matches!(before, Slot::Serves(_))),
                            Order::Resume(_) => prop_assert!(matches!(before, Slot::Drains(_))),
                        }
                        slots.done(order);
                    }
                }
                let mut held: Vec<_> = slots.all().iter().filter_map(|slot| match slot {
                    Slot::Free => None,
                    Slot::Serves(at) | Slot::Drains(at) => Some(*at),
                }).collect();
                let all = held.len();
                held.sort();
                held.dedup();
                prop_assert_eq!(held.len(), all, "an address in two slots");
                now += Duration::from_millis(50);
            }
            let last: BTreeSet<_> = steps.last().into_iter().flat_map(|(w, _)| w.iter().copied().map(at)).collect();
            settle(&mut slots, &last, &mut now);
            let served: BTreeSet<_> = serving(&slots).into_iter().collect();
            prop_assert_eq!(served, last);
        }
    }
}
