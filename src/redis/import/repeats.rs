//! Which keys a file touches more than once, in bounded memory.

use std::hash::{DefaultHasher, Hasher as _};

/// Words of 64 bits of each of the two filters: 16 MiB, of which only what is used is there.
const WORDS: usize = 1 << 21;

/// Knows of each key that came twice that it did. Of a few others it says so, too: the more, the more keys there are.
pub(super) struct Repeats {
    seen: Vec<u64>,
    again: Vec<u64>,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Self { seen: vec![0; WORDS], again: vec![0; WORDS] }
    }

    /// Takes note of a key; whether it may have come before.
    pub(super) fn add(&mut self, key: &[u8]) -> bool {
        let (word, bits) = place(key);
        let before = self.seen[word] & bits == bits;
        if before {
            self.again[word] |= bits;
        } else {
            self.seen[word] |= bits;
        }
        before
    }

    /// What is known when all have come.
    pub(super) fn end(self) -> Self {
        Self { seen: Vec::new(), ..self }
    }

    /// Whether it came more than once.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        let (word, bits) = place(key);
        self.again[word] & bits == bits
    }
}

/// A word, and four bits of it.
fn place(key: &[u8]) -> (usize, u64) {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    let hash = hasher.finish();
    let bit = |from: u32| 1 << (hash >> from & 63);
    let word = ((hash >> 24) % WORDS as u64) as usize;
    (word, bit(0) | bit(6) | bit(12) | bit(18))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_that_came_twice_is_missed_and_few_others_are_taken_for_one() {
        let mut repeats = Repeats::new();
        let key = |n: u32| format!("key:{n}").into_bytes();
        for n in (0..200_000).chain((0..200_000).step_by(10)) {
            repeats.add(&key(n));
        }
        let repeats = repeats.end();
        assert!((0..200_000).step_by(10).all(|n| repeats.has(&key(n))));
        let wrong = (0..200_000).filter(|n| n % 10 != 0 && repeats.has(&key(*n))).count();
        assert!(wrong < 200, "{wrong} of 180,000");
    }
}
