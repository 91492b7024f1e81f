//! Digests of pieces, and sums of digests.

use sha2::{Digest as _, Sha256};

/// A SHA-256 over pieces, each with its length, so that no two lists of pieces look alike.
pub(super) struct Pieces(Sha256);

impl Pieces {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn piece(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(super) fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    /// The first eight bytes: enough to tell the keys of one database apart.
    pub(super) fn short(self) -> u64 {
        self.end().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// A sum of digests modulo 2²⁵⁶: it does not tell in which order they were added.
#[derive(Default)]
pub(super) struct Sum([u64; 4]);

impl Sum {
    pub(super) fn add(&mut self, digest: &[u8; 32]) {
        let mut carry = false;
        for (limb, bytes) in self.0.iter_mut().zip(digest.chunks_exact(8)) {
            let number = bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
            (*limb, carry) = limb.carrying(number, carry);
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|limb| limb.to_le_bytes()).collect()
    }

    pub(super) fn hex(&self) -> String {
        use std::fmt::Write as _;
        self.bytes().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

trait Carrying: Sized {
    /// The sum with the carry that came in, and the one that goes out.
    fn carrying(self, other: Self, carry: bool) -> (Self, bool);
}

impl Carrying for u64 {
    fn carrying(self, other: Self, carry: bool) -> (Self, bool) {
        let (sum, first) = self.overflowing_add(other);
        let (sum, second) = sum.overflowing_add(Self::from(carry));
        (sum, first || second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_carries_into_the_next_limb_and_wraps_at_the_end() {
        let mut sum = Sum::default();
        sum.add(&[0xff; 32]);
        let mut one = [0; 32];
        one[0] = 1;
        sum.add(&one);
        assert_eq!(sum.hex(), "0".repeat(64));
        let mut low = [0; 32];
        low[..8].fill(0xff);
        sum.add(&low);
        sum.add(&one);
        assert_eq!(sum.0, [0, 1, 0, 0]);
    }

    #[test]
    fn pieces_that_join_to_the_same_bytes_differ() {
        let digest = |pieces: &[&[u8]]| pieces.iter().fold(Pieces::new(), |p, piece| p.piece(piece)).end();
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b"abc"]), digest(&[b"abc", b""]));
    }
}
