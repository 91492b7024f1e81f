//! What a drill found: each round, and each fault's median and maximum against its bar.

use std::fmt::Write as _;

use serde::Serialize;

use super::fault::{Effect, Fault};
use crate::ui::table;

/// One round. Times are milliseconds from the fault; from the API server's return where it was away.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    /// The fault.
    pub fault: Fault,
    /// From 1.
    pub number: u32,
    /// Who was master.
    pub master: String,
    /// Where.
    pub node: String,
    /// Of which epoch.
    pub epoch: u64,
    /// Until somebody held the lease in a newer epoch.
    pub lease_ms: Option<u64>,
    /// Until all pods that can be asked agreed on a newer epoch.
    pub agreed_ms: Option<u64>,
    /// Until the first write of a newer epoch was acknowledged through the `NodePort`.
    pub write_ms: Option<u64>,
    /// Until the former master said that it leads no more, or nothing.
    pub deposed_ms: Option<u64>,
    /// When the fault was taken back.
    pub mended_ms: u64,
    /// From then until all agreed, those that were cut off included.
    pub again_ms: u64,
    /// The longest time without an acknowledged write.
    pub silent_ms: u64,
    /// Newer epochs that were led.
    pub changes: usize,
    /// Of these, epochs that were led without an API server: there must be none.
    pub promoted: usize,
    /// Reads while nobody led.
    pub reads: usize,
    /// Of these, without an answer.
    pub reads_failed: usize,
    /// Writes acknowledged.
    pub acknowledged: usize,
    /// Writes that a former master executed too late, and answered: no acknowledgements.
    pub plain: usize,
    /// Proofs that two epochs acknowledged, or two pods had a right, at once: there must be none.
    pub overlaps: usize,
}

/// What became of the acknowledged writes of all rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReadBack {
    /// How many there were.
    pub acknowledged: usize,
    /// How many could not be read back: there must be none.
    pub lost: usize,
    /// Proofs of overlap between rounds.
    #[serde(skip)]
    pub overlaps: usize,
}

/// Median and maximum, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The middle one; of two, the longer.
    pub median: u64,
    /// The longest.
    pub max: u64,
}

impl Spread {
    /// Of any number of values; none of none.
    pub fn of(values: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<u64> = values.into_iter().collect();
        values.sort_unstable();
        let max = *values.last()?;
        Some(Self { median: values[values.len() / 2], max })
    }
}

/// All rounds of one fault.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The fault.
    pub fault: Fault,
    /// How many.
    pub rounds: usize,
    /// To the lease.
    pub lease: Option<Spread>,
    /// To all agreed.
    pub agreed: Option<Spread>,
    /// To the first acknowledged write.
    pub write: Option<Spread>,
    /// From the fault's end to all agreed.
    pub again: Option<Spread>,
    /// Changes of master, all rounds together.
    pub changes: usize,
    /// Answers of former masters that count for nothing.
    pub plain: usize,
    /// What was aimed at, for the longest time to all agreed.
    pub bar_ms: Option<u64>,
    /// Whether that was reached.
    pub met: Option<bool>,
}

/// The whole.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// A summary for each fault.
    pub faults: Vec<Summary>,
    /// Every round.
    pub rounds: Vec<Round>,
    /// What became of the writes.
    pub writes: ReadBack,
    /// Proofs of overlap, all together.
    pub overlaps: usize,
    /// Promotions without an API server.
    pub promoted: usize,
}

impl Report {
    /// Sums the rounds up.
    pub fn new(rounds: Vec<Round>, writes: ReadBack) -> Self {
        let mut order: Vec<Fault> = Vec::new();
        for round in &rounds {
            if !order.contains(&round.fault) {
                order.push(round.fault);
            }
        }
        let faults = order.into_iter().map(|fault| summary(fault, &rounds)).collect();
        let overlaps = writes.overlaps.max(rounds.iter().map(|r| r.overlaps).sum());
        let promoted = rounds.iter().map(|r| r.promoted).sum();
        Self { faults, rounds, writes, overlaps, promoted }
    }

    /// Whether every promise was kept. A bar that was missed is no broken promise.
    pub fn kept(&self) -> bool {
        self.overlaps == 0 && self.writes.lost == 0 && self.promoted == 0
    }

    /// For people.
    pub fn drawn(&self) -> String {
        let header = ["FAULT", "N", "LEASE", "AGREED", "WRITE", "AGAIN", "CHANGES", "PLAIN", "BAR"];
        let rows: Vec<Vec<String>> = self.faults.iter().map(row).collect();
        let mut text = table(&header, &rows);
        text.push_str(
            "\n\nSeconds, median: to the new holder of the lease, to all agreed (longest), to the\n\
             first acknowledged write; AGAIN: from the fault's end to all agreed.\n\
             CHANGES of master; PLAIN: answers of former masters, none of them acknowledged.\n",
        );
        let ReadBack { acknowledged, lost, .. } = self.writes;
        let _ = write!(
            text,
            "{acknowledged} writes acknowledged, {lost} lost; {} overlaps; {} promoted without an API server",
            self.overlaps, self.promoted
        );
        text
    }
}

fn summary(fault: Fault, all: &[Round]) -> Summary {
    let rounds: Vec<&Round> = all.iter().filter(|r| r.fault == fault).collect();
    let spread = |of: fn(&Round) -> Option<u64>| Spread::of(rounds.iter().filter_map(|r| of(r)));
    let agreed = spread(|r| r.agreed_ms);
    let changes = rounds.iter().map(|r| r.changes).sum();
    let met = match fault.effect() {
        Effect::Steady => Some(changes == 0),
        _ => fault.bar().zip(agreed).map(|(bar, agreed)| agreed.max <= bar),
    };
    Summary {
        fault,
        rounds: rounds.len(),
        lease: spread(|r| r.lease_ms),
        agreed,
        write: spread(|r| r.write_ms),
        again: if fault.hold().is_zero() { None } else { spread(|r| Some(r.again_ms)) },
        changes,
        plain: rounds.iter().map(|r| r.plain).sum(),
        bar_ms: fault.bar(),
        met,
    }
}

fn row(summary: &Summary) -> Vec<String> {
    let spread = |s: Option<Spread>| {
        s.map_or_else(|| "-".into(), |s| format!("{} ({})", seconds(s.median), seconds(s.max)))
    };
    let median = |s: Option<Spread>| s.map_or_else(|| "-".into(), |s| seconds(s.median));
    // Its figures are in the docs, and in the report as data: so the table fits 80 columns.
    let bar = match summary.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "-",
    };
    vec![
        summary.fault.to_string(),
        summary.rounds.to_string(),
        median(summary.lease),
        spread(summary.agreed),
        median(summary.write),
        median(summary.again),
        summary.changes.to_string(),
        summary.plain.to_string(),
        bar.to_owned(),
    ]
}

/// Milliseconds as seconds with two digits.
pub fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(fault: Fault, agreed_ms: u64, changes: usize) -> Round {
        Round {
            fault,
            number: 1,
            master: "a".into(),
            node: "n".into(),
            epoch: 1,
            lease_ms: Some(agreed_ms / 2),
            agreed_ms: Some(agreed_ms),
            write_ms: Some(agreed_ms),
            deposed_ms: None,
            mended_ms: 0,
            again_ms: 0,
            silent_ms: 0,
            changes,
            promoted: 0,
            reads: 0,
            reads_failed: 0,
            acknowledged: 1,
            plain: 0,
            overlaps: 0,
        }
    }

    const KEPT: ReadBack = ReadBack { acknowledged: 3, lost: 0, overlaps: 0 };

    #[test]
    fn a_bar_is_for_the_longest_time() {
        let report = Report::new(
            vec![round(Fault::Delete, 200, 1), round(Fault::Delete, 1001, 1), round(Fault::Delete, 300, 1)],
            KEPT,
        );
        let summary = &report.faults[0];
        assert_eq!(summary.agreed, Some(Spread { median: 300, max: 1001 }));
        assert_eq!(summary.met, Some(false));
        assert!(report.kept(), "a missed bar is no broken promise");
    }

    #[test]
    fn the_table_fits_80_columns() {
        let round = |fault| Round { write_ms: Some(12_345), plain: 99, ..round(fault, 12_345, 3) };
        let drawn = Report::new(Fault::all().into_iter().map(round).collect(), KEPT).drawn();
        assert!(drawn.contains("12.34 (12.34)") && drawn.contains("MISSED"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    }

    #[test]
    fn under_light_loss_no_change_is_what_is_aimed_at() {
        assert_eq!(Report::new(vec![round(Fault::LossLight, 0, 0)], KEPT).faults[0].met, Some(true));
        assert_eq!(Report::new(vec![round(Fault::LossLight, 0, 1)], KEPT).faults[0].met, Some(false));
    }

    #[test]
    fn a_lost_write_an_overlap_or_a_promotion_breaks_the_promise() {
        assert!(!Report::new(Vec::new(), ReadBack { lost: 1, ..KEPT }).kept());
        assert!(!Report::new(Vec::new(), ReadBack { overlaps: 1, ..KEPT }).kept());
        let promoted = Round { promoted: 1, ..round(Fault::ApiserverAway, 5, 0) };
        assert!(!Report::new(vec![promoted], KEPT).kept());
    }
}
