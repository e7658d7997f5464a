//! Pseudo-random numbers that are the same for a seed everywhere.

use std::ops::RangeInclusive;

/// Sebastiano Vigna's splitmix64.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number in the range.
    pub(super) fn number(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.bits() % (range.end() - range.start() + 1)
    }

    /// Returns true in this percentage of calls.
    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.bits() % 100 < chance
    }

    /// Returns one of the elements.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.bits() % u64::try_from(of.len()).unwrap_or(1);
        &of[usize::try_from(at).unwrap_or(0)]
    }
}
