//! The minimum of many numbers, any of which can change at any time.

use alloc::vec::Vec;

/// Numbers by index, and above every eight of them their minimum, up to the minimum of all. Changing a number
/// touches one short row on each level.
#[derive(Debug, Default)]
pub(crate) struct Minima {
    /// The levels, lowest first; each consists of whole rows.
    levels: Vec<Vec<i64>>,
}

/// The number of numbers in a row: a cache line.
const ROW: usize = 8;

/// Marks an index without a number.
const NONE: i64 = i64::MAX;

impl Minima {
    pub(crate) fn get(&self, place: usize) -> Option<i64> {
        let number = *self.levels.first()?.get(place)?;
        (number != NONE).then_some(number)
    }

    /// Sets the number at an index; the largest possible number counts as one less.
    pub(crate) fn set(&mut self, place: usize, number: i64) {
        self.reach(place);
        self.put(place, number.min(NONE - 1));
    }

    pub(crate) fn clear(&mut self, place: usize) {
        if self.get(place).is_some() {
            self.put(place, NONE);
        }
    }

    /// Returns the numbers with their indexes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, i64)> {
        let all = self.levels.first().into_iter().flatten().copied();
        all.enumerate().filter(|(_, number)| *number != NONE)
    }

    /// Returns the minimum.
    pub(crate) fn least(&self) -> Option<i64> {
        let least = self.levels.last()?.iter().copied().min()?;
        (least != NONE).then_some(least)
    }

    /// Returns the minimum and its index, the first one if there are several.
    pub(crate) fn first(&self) -> Option<(i64, usize)> {
        let least = self.least()?;
        let down = self.levels.iter().rev().try_fold(0, |row, level| {
            let numbers = &level[row * ROW..][..ROW];
            numbers.iter().position(|number| *number == least).map(|at| row * ROW + at)
        });
        down.map(|place| (least, place))
    }

    fn put(&mut self, place: usize, number: i64) {
        let (mut place, mut number) = (place, number);
        for level in &mut self.levels {
            if level[place] == number {
                return;
            }
            level[place] = number;
            place /= ROW;
            number = level[place * ROW..][..ROW].iter().copied().fold(NONE, i64::min);
        }
    }

    /// Makes room for a number at an index.
    fn reach(&mut self, place: usize) {
        let mut rows = place / ROW + 1;
        if self.levels.first().is_some_and(|level| level.len() >= rows * ROW) {
            return;
        }
        for at in 0.. {
            if at == self.levels.len() {
                let below = self.levels.last().map_or(&[][..], |level| &level[..]);
                let least = below.chunks(ROW).map(|row| row.iter().copied().fold(NONE, i64::min));
                let level = least.collect();
                self.levels.push(level);
            }
            let level = &mut self.levels[at];
            let length = (rows * ROW).max(level.len().next_multiple_of(ROW));
            if level.capacity() < length {
                // Doubling would leave up to half of the memory unused.
                level.reserve_exact(length - level.len() + level.len() / 8);
            }
            level.resize(length, NONE);
            rows = (level.len() / ROW).div_ceil(ROW);
            if level.len() <= ROW {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_least_is_found_whatever_changes() {
        let mut minima = Minima::default();
        let mut plain = [NONE; 700];
        let mut die = 1_u64;
        for _ in 0..20_000 {
            die = die.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (place, number) = ((die >> 33) as usize % plain.len(), (die >> 50) as i64 % 40);
            if number < 15 {
                minima.clear(place);
                plain[place] = NONE;
            } else {
                minima.set(place, number);
                plain[place] = number;
            }
            let least = plain.iter().copied().min().filter(|least| *least != NONE);
            let place = plain.iter().position(|number| Some(*number) == least);
            assert_eq!(minima.first(), least.zip(place));
            assert_eq!(minima.least(), least);
        }
    }

    #[test]
    fn no_number_is_too_large_to_be_one() {
        let mut minima = Minima::default();
        minima.set(3, i64::MAX);
        assert!(minima.get(3).is_some());
        minima.clear(3);
        assert_eq!((minima.get(3), minima.get(99), minima.first()), (None, None, None));
    }
}
