//! What was seen, in order of time, and what follows from it. No I/O.

use std::collections::BTreeMap;

use crate::election::protocol::Time;
use crate::election::status::{Asked, Verdict, judge};
use crate::election::wire::Heard;

/// The Lease at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// When it was seen.
    pub at: Time,
    /// Who holds it; none when it is released or gone.
    pub holder: Option<String>,
    /// Of which epoch.
    pub epoch: u64,
}

/// What all pods said, and the Lease.
#[derive(Debug, Default)]
pub struct Timeline {
    heard: Vec<Heard>,
    leased: Vec<Leased>,
}

impl Timeline {
    /// A pod said something.
    pub fn hear(&mut self, heard: Heard) {
        self.heard.push(heard);
    }

    /// The Lease was seen.
    pub fn lease(&mut self, leased: Leased) {
        self.leased.push(leased);
    }

    /// Forgets all but what was said last.
    pub fn forget(&mut self) {
        let mut last: BTreeMap<String, Heard> = BTreeMap::new();
        for heard in self.heard.drain(..) {
            last.insert(heard.pod.clone(), heard);
        }
        self.heard = last.into_values().collect();
        self.heard.sort_by_key(|h| h.answered);
        self.leased.drain(..self.leased.len().saturating_sub(1));
    }

    /// When somebody was first seen to hold the Lease in a newer epoch.
    pub fn elected(&self, after: u64) -> Option<Time> {
        self.leased.iter().find(|l| l.epoch > after && l.holder.is_some()).map(|l| l.at)
    }

    /// Epochs of which somebody said that it leads.
    pub fn led(&self) -> Vec<u64> {
        let mut epochs: Vec<u64> = self.leading().map(|(_, epoch)| epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        epochs
    }

    fn leading(&self) -> impl Iterator<Item = (&Heard, u64)> {
        self.heard.iter().filter_map(|h| h.says.as_ref().filter(|m| m.leading).map(|m| (h, m.epoch)))
    }

    /// When a pod that led was first heard to say otherwise, or nothing.
    pub fn deposed(&self, pod: &str, since: Time) -> Option<Time> {
        let other =
            |h: &&Heard| h.pod == pod && h.asked >= since && !h.says.as_ref().is_some_and(|m| m.leading);
        self.heard.iter().find(other).map(|h| h.answered)
    }

    /// The first moment from which these pods agreed on a master of a newer epoch, if they still do.
    pub fn agreed(&self, pods: &[String], after: u64) -> Option<(Time, u64)> {
        let mut last: BTreeMap<&str, &Heard> = BTreeMap::new();
        let mut since: Option<(Time, u64)> = None;
        let mut events: Vec<&Heard> = self.heard.iter().collect();
        events.sort_by_key(|h| h.answered);
        for heard in events {
            last.insert(&heard.pod, heard);
            let asked: Vec<Asked> =
                pods.iter().map(|pod| asked(pod, last.get(pod.as_str()).copied())).collect();
            since = match judge(&asked) {
                Verdict::Agreed { epoch, .. } if epoch > after => {
                    Some(since.filter(|(_, e)| *e == epoch).unwrap_or((heard.answered, epoch)))
                }
                _ => None,
            };
        }
        since
    }

    /// Why these pods do not agree now.
    pub fn divided(&self, pods: &[String]) -> Vec<String> {
        let last = |pod: &String| self.heard.iter().rev().find(|h| h.pod == *pod);
        match judge(&pods.iter().map(|pod| asked(pod, last(pod))).collect::<Vec<_>>()) {
            Verdict::Agreed { .. } => Vec::new(),
            Verdict::Divided(reasons) => reasons,
        }
    }

    /// Who leads now, of these pods: its name and its epoch.
    pub fn master(&self, pods: &[String]) -> Option<(String, u64)> {
        let last = |pod: &String| self.heard.iter().rev().find(|h| h.pod == *pod);
        match judge(&pods.iter().map(|pod| asked(pod, last(pod))).collect::<Vec<_>>()) {
            Verdict::Agreed { pod, epoch, .. } => Some((pod, epoch)),
            Verdict::Divided(_) => None,
        }
    }

    /// Proofs that two pods had a right at once: somebody led an epoch after a newer one was led.
    pub fn rights_at_once(&self) -> usize {
        let spans = self.leading().map(|(h, epoch)| Span { epoch, begin: h.asked, end: h.answered });
        overlaps(&spans.collect::<Vec<_>>())
    }
}

fn asked(pod: &str, heard: Option<&Heard>) -> Asked {
    let answer = heard.and_then(|h| h.says.clone()).ok_or_else(|| "no answer".to_owned());
    Asked { pod: pod.to_owned(), answer }
}

/// Something of an epoch that was true at some moment of a span of time.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The epoch.
    pub epoch: u64,
    /// The span's begin.
    pub begin: Time,
    /// And its end.
    pub end: Time,
}

/// How many began when something of a newer epoch had already ended: the two cannot be told apart in time
/// by any order of their moments.
pub fn overlaps(spans: &[Span]) -> usize {
    let mut first: BTreeMap<u64, Time> = BTreeMap::new();
    for span in spans {
        let end = first.entry(span.epoch).or_insert(span.end);
        *end = (*end).min(span.end);
    }
    let late = |span: &&Span| first.range(span.epoch + 1..).any(|(_, end)| *end <= span.begin);
    spans.iter().filter(late).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::election::status::Master;

    fn says(at: Time, pod: &str, master: &str, epoch: u64) -> Heard {
        let says = Master {
            pod: master.into(),
            epoch,
            leading: pod == master,
            agreed: true,
            me: pod.into(),
            ..Master::default()
        };
        Heard { pod: pod.into(), asked: at - 2, answered: at, says: Some(says) }
    }

    fn of(heard: &[Heard]) -> Timeline {
        Timeline { heard: heard.to_vec(), leased: Vec::new() }
    }

    #[test]
    fn all_agree_from_when_the_last_one_does_and_only_while_they_do() {
        let pods = ["a".to_owned(), "b".to_owned()];
        let mut line = of(&[says(10, "a", "b", 3), says(10, "b", "b", 3), says(20, "a", "a", 4)]);
        assert_eq!(line.agreed(&pods, 3), None);
        line.hear(says(35, "b", "a", 4));
        line.hear(says(50, "a", "a", 4));
        assert_eq!(line.agreed(&pods, 3), Some((35, 4)));
        line.hear(Heard { pod: "b".into(), asked: 60, answered: 90, says: None });
        assert_eq!(line.agreed(&pods, 3), None);
        assert_eq!(line.divided(&pods), ["b did not answer: no answer"]);
    }

    #[test]
    fn two_rights_at_once_are_proven_only_by_a_question_asked_after_a_newer_answer() {
        // Asked before the newer answer came: its moment may have been before it.
        let fair = [says(20, "b", "b", 4), says(21, "a", "a", 3)];
        assert_eq!(of(&fair).rights_at_once(), 0);
        let foul = [says(20, "b", "b", 4), says(22, "a", "a", 3)];
        assert_eq!(of(&foul).rights_at_once(), 1);
    }

    #[test]
    fn what_was_forgotten_is_no_more_than_the_past() {
        let mut line = of(&[says(10, "a", "a", 3), says(20, "a", "a", 3), says(20, "b", "a", 3)]);
        line.forget();
        assert_eq!(line.master(&["a".into(), "b".into()]), Some(("a".into(), 3)));
        assert_eq!(line.led(), [3]);
        assert_eq!(line.heard.len(), 2);
    }
}
