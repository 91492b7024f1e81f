//! Keys that came lately, in bounded memory.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Names in one bucket, the latest first.
const BUCKET: usize = 4;

/// Remembers some keys, each by a bucket and 64 bits: where one has no place any more, the oldest of its bucket gives way.
///
/// What it says to know has come. What it does not know may have come, too, long ago.
pub(super) struct Recent {
    buckets: Vec<[u64; BUCKET]>,
    seeds: [RandomState; 2],
}

impl Recent {
    /// One of so many places, of 8 bytes.
    pub(super) fn new(places: usize) -> Self {
        let buckets = vec![[0; BUCKET]; (places / BUCKET).max(1)];
        Self { buckets, seeds: [RandomState::new(), RandomState::new()] }
    }

    /// Takes note of a key; whether it surely came before.
    pub(super) fn add(&mut self, key: &[u8]) -> bool {
        let [place, name] = self.seeds.each_ref().map(|seed| {
            let mut hasher = seed.build_hasher();
            hasher.write(key);
            hasher.finish()
        });
        // 0 is where none is.
        let name = name.max(1);
        let at = usize::try_from(place % self.buckets.len() as u64).unwrap_or(0);
        let bucket = &mut self.buckets[at];
        let known = bucket.iter().position(|one| *one == name);
        bucket[..=known.unwrap_or(BUCKET - 1)].rotate_right(1);
        bucket[0] = name;
        known.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_has_not_come_is_never_known_and_one_that_just_came_always_is() {
        let mut recent = Recent::new(64);
        for n in 0..10_000_u32 {
            let key = n.to_le_bytes();
            assert!(!recent.add(&key), "{n}");
            assert!(recent.add(&key), "{n}");
        }
        let known = (0..10_000_u32).filter(|n| recent.add(&n.to_le_bytes())).count();
        assert!(known <= 64, "{known} of 64 places");
        assert!(!recent.add(b""));
        assert!(recent.add(b""));
    }

    #[test]
    fn keys_that_come_in_turn_are_known_while_there_is_room() {
        let mut recent = Recent::new(1 << 16);
        let turn = |recent: &mut Recent| (0..20_000_u32).filter(|n| recent.add(&n.to_le_bytes())).count();
        assert_eq!(turn(&mut recent), 0);
        let known = turn(&mut recent);
        assert!(known > 18_000, "{known} of 20,000");
    }
}
