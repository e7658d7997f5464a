//! The axis of time: where an instant lies, and where the ticks are.

use std::time::Duration;

use oncue::tools::Wall;

use crate::render::time::Clock;

/// A span of time that is divided evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) since: Wall,
    pub(super) until: Wall,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The possible distances of ticks, in seconds.
const STEPS: [u64; 12] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
];

impl Axis {
    /// Returns where an instant lies: 0 at the beginning, 1 at the end.
    pub(super) fn place(&self, at: Wall) -> f64 {
        let whole = self.until.since(self.since).as_secs_f64();
        let part = at.since(self.since).as_secs_f64();
        if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
    }

    /// Returns in which of so many slots an instant lies.
    pub(super) fn slot(&self, at: Wall, slots: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "it is between 0 and the number of slots, which fits on a screen"
        )]
        let slot = (self.place(at) * slots as f64) as usize;
        slot.min(slots.saturating_sub(1))
    }

    /// Returns at most this many ticks, with their labels.
    pub(super) fn ticks(&self, most: u64, clock: &Clock) -> Vec<(Wall, String)> {
        let whole = self.until.since(self.since).as_secs();
        let step = STEPS.into_iter().find(|step| whole / step <= most).unwrap_or(whole.max(1));
        let (begin, step) = (clock.start_of_day(self.since), Duration::from_secs(step));
        let mut at = begin;
        let mut ticks = Vec::new();
        while at < self.until && ticks.len() as u64 <= most {
            if at >= self.since {
                ticks.push((at, clock.tick(at)));
            }
            at = at.after(step);
        }
        ticks
    }
}
