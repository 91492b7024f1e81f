//! What the holder of the lease learns from the other pods before it leads.

/// How much of the service's data a pod has. Ordered: the greater one must lead.
///
/// As in Raft: whoever has data of a newer epoch has everything that older epochs confirmed;
/// within an epoch, whoever is further along has more. No data at all is the least.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Standing {
    /// The newest epoch whose leader this data came from; 0 for no data.
    pub epoch: u64,
    /// The position in that leader's stream of changes.
    pub offset: u64,
}

/// What is known of one pod that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// It may be running, and has not answered.
    Silent,
    /// Its container has never run: it has no data, and follows nobody.
    Unborn,
    /// It follows the asker and nobody else.
    Pledged(Standing),
    /// It has seen a newer epoch than the asker's.
    Refused {
        /// That epoch.
        newest: u64,
    },
}

/// The answers of all pods but the asker, so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey<I> {
    /// The epoch they were asked for.
    pub epoch: u64,
    /// Pods that may be running and have not pledged themselves.
    pub silent: usize,
    /// The newest epoch that any of them has seen.
    pub newest: u64,
    /// The pod with the most data, of those that pledged themselves.
    pub best: Option<(I, Standing)>,
}

impl<I: Clone> Survey<I> {
    /// Sums the answers up; of equals the first stays the best.
    pub fn of<'a>(epoch: u64, peers: impl IntoIterator<Item = (&'a I, Peer)>) -> Self
    where
        I: 'a,
    {
        let mut survey = Self { epoch, silent: 0, newest: 0, best: None };
        for (name, peer) in peers {
            match peer {
                Peer::Unborn => {}
                Peer::Silent => survey.silent += 1,
                Peer::Refused { newest } => {
                    survey.silent += 1;
                    survey.newest = survey.newest.max(newest);
                }
                Peer::Pledged(standing) => {
                    survey.newest = survey.newest.max(standing.epoch);
                    if survey.best.as_ref().is_none_or(|(_, best)| *best < standing) {
                        survey.best = Some((name.clone(), standing));
                    }
                }
            }
        }
        survey
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_a_newer_epoch_beats_a_greater_offset() {
        let behind = Standing { epoch: 3, offset: 1 };
        assert!(behind > Standing { epoch: 2, offset: 900 });
        assert!(behind > Standing::default());
    }

    #[test]
    fn a_refusal_counts_as_silence_and_tells_the_epoch() {
        let survey = Survey::of(
            4,
            [
                (&'a', Peer::Refused { newest: 9 }),
                (&'b', Peer::Unborn),
                (&'c', Peer::Silent),
                (&'d', Peer::Pledged(Standing { epoch: 3, offset: 7 })),
                (&'e', Peer::Pledged(Standing { epoch: 3, offset: 7 })),
            ],
        );
        assert_eq!((survey.silent, survey.newest), (2, 9));
        assert_eq!(survey.best, Some(('d', Standing { epoch: 3, offset: 7 })));
    }
}
