//! Limits the work that a process may cause outside its turns, and makes it wait if it causes more.
//!
//! Connections, handshakes and data that does not lead to a call have no turns. They are counted in
//! steps. Each process has an allowance of steps, which refills steadily. Once it is used up, the broker
//! does not serve the process until the next step is covered. Nothing is refused, and other processes do
//! not wait.

use std::time::Duration;

use oncue_wire::limits;
use tokio::time::Instant;

/// The steps of a connection: accepting it, identifying its process, and closing it.
pub(super) const CONNECTION: u32 = 20;

/// The steps of a further read.
pub(super) const READ: u32 = 1;

/// How long the refill of one step takes.
const STEP: Duration = Duration::from_micros(1_000_000 / limits::STEPS_PER_SECOND as u64);

/// The steps of one process.
#[derive(Debug)]
pub(super) struct Pace {
    /// When the refill will have covered all steps so far.
    covered: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { covered: now }
    }

    /// Takes steps; returns how long the process has to wait before it may continue.
    pub(super) fn take(&mut self, now: Instant, steps: u32) -> Duration {
        self.covered = self.covered.max(now) + STEP * steps;
        (self.covered - now).saturating_sub(STEP * limits::STEPS)
    }

    /// Takes steps, unless the process would have to wait longer than `most`; returns how long it has to
    /// wait.
    pub(super) fn take_within(&mut self, now: Instant, steps: u32, most: Duration) -> Option<Duration> {
        let before = self.covered;
        let wait = self.take(now, steps);
        if wait > most {
            self.covered = before;
            return None;
        }
        Some(wait)
    }

    /// Whether the allowance is full, so that there is nothing to remember.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.covered <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_delayed_once_its_allowance_is_used_up_and_gets_it_back() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        for _ in 0..limits::STEPS {
            assert_eq!(pace.take(begin, 1), Duration::ZERO);
        }
        assert_eq!(pace.take_within(begin, 1, Duration::ZERO), None);
        assert_eq!(pace.take(begin, 1), STEP, "the first step too many waits for one refill");
        assert_eq!(pace.take(begin, 10), STEP * 11, "further ones queue up behind it");
        let later = begin + STEP * (limits::STEPS + 11);
        assert!(pace.is_full(later) && !pace.is_full(later - STEP));
        assert_eq!(pace.take(later, limits::STEPS), Duration::ZERO);
    }

    #[test]
    fn time_without_work_does_not_add_up() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        let later = begin + Duration::from_secs(3_600);
        assert_eq!(pace.take_within(later, limits::STEPS, Duration::ZERO), Some(Duration::ZERO));
        assert_eq!(pace.take(later, 1), STEP);
    }
}
