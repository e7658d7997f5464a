//! The durations of one measurement, and their percentiles.

use std::time::{Duration, Instant};

/// How often to measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    /// Rounds before the first that counts.
    pub(super) warm_up: usize,
    /// Rounds that count.
    pub(super) counted: usize,
}

/// Durations on the monotonic clock, shortest first; at least one.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    sorted: Vec<Duration>,
}

impl Samples {
    /// `None` if there is no duration.
    pub(super) fn new(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort_unstable();
        (!durations.is_empty()).then_some(Self { sorted: durations })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The shortest duration that at least `percent` of 100 do not exceed (nearest rank).
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.count() * percent).div_ceil(100);
        self.sorted[rank.clamp(1, self.count()) - 1]
    }
}

/// Times `round` as often as specified; stops at the first error.
pub(super) fn time<E>(rounds: Rounds, mut round: impl FnMut() -> Result<(), E>) -> Result<Vec<Duration>, E> {
    for _ in 0..rounds.warm_up {
        round()?;
    }
    let mut durations = Vec::with_capacity(rounds.counted);
    for _ in 0..rounds.counted {
        let start = Instant::now();
        round()?;
        durations.push(start.elapsed());
    }
    Ok(durations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(micros: impl Iterator<Item = u64>) -> Samples {
        Samples::new(micros.map(Duration::from_micros).collect()).unwrap()
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred = samples((1..=100).rev());
        for percent in [1, 50, 90, 99, 100] {
            let expected = Duration::from_micros(percent as u64);
            assert_eq!(hundred.percentile(percent), expected);
        }
        assert_eq!(samples(1..=3).percentile(50), Duration::from_micros(2), "the middle of three");
    }

    #[test]
    fn one_sample_is_every_percentile() {
        let one = samples(std::iter::once(7));
        assert_eq!(one.percentile(0), one.percentile(99));
    }

    #[test]
    fn no_durations_are_no_samples() {
        assert!(Samples::new(Vec::new()).is_none());
    }

    #[test]
    fn warm_up_rounds_run_and_do_not_count() {
        let mut ran = 0;
        let rounds = Rounds { warm_up: 2, counted: 3 };
        let round = || {
            ran += 1;
            Ok::<_, ()>(())
        };
        assert_eq!(time(rounds, round).unwrap().len(), 3);
        assert_eq!(ran, 5);
    }

    #[test]
    fn the_first_error_ends_it() {
        let rounds = Rounds { warm_up: 0, counted: 3 };
        assert_eq!(time(rounds, || Err("gone")), Err("gone"));
    }
}
