//! The status of a resource, from what was seen.

use crate::peering::definition::{Condition, PeeringStatus};

/// Why a pod does not start, in words of the API.
const STUCK: [&str; 8] = [
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];
/// The most characters of a message.
const MESSAGE: usize = 600;

/// A pod of the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// Its ordinal.
    pub ordinal: i32,
    /// It is ready, and not ending.
    pub ready: bool,
    /// The generation of the configuration that it uses, where it was asked.
    pub generation: Option<i64>,
    /// Why it does not start: reason and message.
    pub stuck: Option<(String, String)>,
}

/// What was seen of a resource.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The resource's generation.
    pub generation: i64,
    /// How many peers are wanted.
    pub wanted: i32,
    /// All pods that exist.
    pub pods: Vec<Pod>,
    /// The `StatefulSet` has the number and the template that are wanted, and its pods follow it.
    pub rolled_out: bool,
    /// What the operator could not do: a reason in one word, and a sentence.
    pub fault: Option<(String, String)>,
}

/// Whether a container that waits for this reason will not start by itself.
pub fn is_stuck(reason: &str) -> bool {
    STUCK.contains(&reason)
}

impl Seen {
    fn staying(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| pod.ordinal < self.wanted)
    }

    fn count(&self, is: impl Fn(&Pod) -> bool) -> i32 {
        i32::try_from(self.staying().filter(|pod| is(pod)).count()).unwrap_or(i32::MAX)
    }

    /// Peers that are ready.
    pub fn ready(&self) -> i32 {
        self.count(|pod| pod.ready)
    }

    /// Peers that are ready and use the newest configuration.
    pub fn converged(&self) -> i32 {
        self.count(|pod| pod.ready && pod.generation == Some(self.generation))
    }

    /// Whether all is as the resource says.
    pub fn is_done(&self) -> bool {
        let all = i32::try_from(self.pods.len()).unwrap_or(i32::MAX);
        self.fault.is_none() && self.rolled_out && all == self.wanted && self.converged() == self.wanted
    }

    /// The status, where `before` is the one that stands: a condition that stays keeps its time.
    pub fn status(&self, selector: String, before: Option<&PeeringStatus>, now: &str) -> PeeringStatus {
        let (ready, converged, wanted) = (self.ready(), self.converged(), self.wanted);
        let conditions = self.conditions().map(|(kind, is, reason, message)| {
            let status = if is { "True" } else { "False" };
            let was = before.and_then(|s| s.conditions.iter().find(|c| c.kind == kind && c.status == status));
            Condition {
                kind: kind.into(),
                status: status.into(),
                reason,
                message: message.chars().take(MESSAGE).collect(),
                observed_generation: self.generation,
                last_transition_time: was.map_or(now, |c| &c.last_transition_time).to_owned(),
            }
        });
        let replicas = i32::try_from(self.pods.len()).unwrap_or(i32::MAX);
        debug_assert!(ready <= wanted && converged <= ready);
        PeeringStatus {
            observed_generation: self.generation,
            replicas,
            ready_replicas: ready,
            converged_replicas: converged,
            selector,
            conditions: conditions.into(),
        }
    }

    fn conditions(&self) -> [(&'static str, bool, String, String); 4] {
        let (ready, converged, wanted) = (self.ready(), self.converged(), self.wanted);
        let most = wanted - 1;
        let available = ready >= most.max(wanted.min(1));
        let done = self.is_done();
        let state = self.state();
        let stuck = self.staying().find_map(|pod| Some((pod, pod.stuck.as_ref()?)));
        let (degraded, why, words) = match (&self.fault, stuck) {
            (Some((reason, words)), _) => (true, reason.clone(), words.clone()),
            (None, Some((pod, (reason, words)))) => (true, reason.clone(), format!("{}: {words}", pod.name)),
            (None, None) => (false, "AsExpected".into(), "nothing keeps the peers from running".into()),
        };
        let count = format!("{ready} of {wanted} peers are ready, {converged} use the newest configuration");
        let summary = if degraded { words.clone() } else { count.clone() };
        let sufficient = if available { "EnoughReady" } else { "TooFewReady" };
        [
            ("Ready", done, if degraded { why.clone() } else { state.into() }, summary),
            ("Available", available, sufficient.into(), format!("{ready} of {wanted} peers are ready")),
            ("Progressing", !done, state.into(), count),
            ("Degraded", degraded, why, words),
        ]
    }

    /// How far it is, in one word.
    fn state(&self) -> &'static str {
        let all = i32::try_from(self.pods.len()).unwrap_or(i32::MAX);
        match () {
            () if self.is_done() => "Converged",
            () if all > self.wanted => "ScalingDown",
            () if all < self.wanted => "ScalingUp",
            () if self.ready() < self.wanted => "Starting",
            () if !self.rolled_out => "RollingOut",
            () => "Converging",
        }
    }
}

/// Whether two statuses say the same: times apart.
pub fn same(one: &PeeringStatus, other: &PeeringStatus) -> bool {
    let timeless = |status: &PeeringStatus| {
        let mut status = status.clone();
        status.conditions.iter_mut().for_each(|c| c.last_transition_time.clear());
        status
    };
    timeless(one) == timeless(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(wanted: i32, pods: &[(bool, Option<i64>)]) -> Seen {
        let pods = pods.iter().zip(0..).map(|((ready, generation), ordinal)| Pod {
            name: format!("ring-{ordinal}"),
            ordinal,
            ready: *ready,
            generation: *generation,
            stuck: None,
        });
        Seen { generation: 3, wanted, pods: pods.collect(), rolled_out: true, fault: None }
    }

    fn is(status: &PeeringStatus, kind: &str) -> (String, String) {
        let found = status.conditions.iter().find(|c| c.kind == kind).unwrap();
        (found.status.clone(), found.reason.clone())
    }

    fn status(seen: &Seen) -> PeeringStatus {
        seen.status("s=t".into(), None, "2026-01-01T00:00:00Z")
    }

    fn words(status: &str, reason: &str) -> (String, String) {
        (status.into(), reason.into())
    }

    #[test]
    fn it_is_ready_once_each_peer_uses_this_very_generation() {
        let mut all = seen(2, &[(true, Some(3)), (true, Some(2))]);
        let before = status(&all);
        assert_eq!((before.ready_replicas, before.converged_replicas), (2, 1));
        assert_eq!(is(&before, "Ready"), words("False", "Converging"));
        assert_eq!(is(&before, "Available"), words("True", "EnoughReady"));
        all.pods[1].generation = Some(3);
        let after = status(&all);
        assert_eq!(is(&after, "Ready"), words("True", "Converged"));
        assert_eq!(is(&after, "Progressing"), words("False", "Converged"));
        all.rolled_out = false;
        assert_eq!(is(&status(&all), "Ready"), words("False", "RollingOut"));
        let none = status(&seen(0, &[]));
        assert_eq!(
            (is(&none, "Ready"), is(&none, "Available")),
            (words("True", "Converged"), words("True", "EnoughReady"))
        );
    }

    #[test]
    fn pods_that_have_to_go_do_not_count_as_ready_and_keep_it_from_being_done() {
        let more = seen(1, &[(true, Some(3)), (true, Some(3))]);
        let status = status(&more);
        assert_eq!((status.replicas, status.ready_replicas), (2, 1));
        assert_eq!(is(&status, "Ready"), words("False", "ScalingDown"));
    }

    #[test]
    fn one_peer_that_is_away_leaves_the_others_available_and_two_do_not() {
        assert_eq!(
            is(&status(&seen(3, &[(true, None), (true, None), (false, None)])), "Available").0,
            "True"
        );
        assert_eq!(
            is(&status(&seen(3, &[(true, None), (false, None), (false, None)])), "Available").0,
            "False"
        );
        assert_eq!(is(&status(&seen(1, &[(false, None)])), "Available").0, "False");
    }

    #[test]
    fn what_keeps_a_pod_from_starting_is_told_and_so_is_what_the_operator_cannot_do() {
        let mut broken = seen(1, &[(false, None)]);
        broken.pods[0].stuck = Some(("ImagePullBackOff".into(), "no such image".into()));
        let status_of_it = status(&broken);
        assert_eq!(is(&status_of_it, "Degraded"), words("True", "ImagePullBackOff"));
        assert_eq!(is(&status_of_it, "Ready").1, "ImagePullBackOff");
        broken.fault = Some(("Foreign".into(), "service ring belongs to somebody else".into()));
        assert_eq!(is(&status(&broken), "Degraded").1, "Foreign");
    }

    #[test]
    fn a_condition_that_stays_keeps_its_time_and_two_statuses_differ_by_more_than_times() {
        let all = seen(1, &[(true, Some(3))]);
        let first = status(&all);
        let later = all.status("s=t".into(), Some(&first), "2026-02-02T00:00:00Z");
        assert_eq!(later, first);
        let anew = all.status("s=t".into(), None, "2026-02-02T00:00:00Z");
        assert!(anew != first && same(&anew, &first));
        assert!(!same(&status(&seen(1, &[(true, Some(2))])), &first));
    }
}
