//! What the sources decide about time: which events belong together, when something is tried again, and when
//! something is checked.
//!
//! This is how an interface of the machine is read, and not the state of any task. The core would have to see
//! every changed file to decide which changes belong together; here they cost memory for one burst only.

use std::time::Duration;

use tokio::time::Instant;

/// How long events belong to one burst, which is reported once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settle {
    /// How long nothing further must happen before a burst is reported.
    quiet: Duration,
    /// The maximum delay of its first event.
    longest: Duration,
}

impl Settle {
    /// For what tasks watch: one action of a user or a program causes several signals, device events or
    /// changed files within milliseconds. A build that changes files for minutes is still reported.
    pub(super) const WATCHED: Self =
        Self { quiet: Duration::from_millis(200), longest: Duration::from_secs(2) };

    /// For the rules of time zones: an update replaces hundreds of files. No task waits for it.
    pub(super) const ZONES: Self =
        Self { quiet: Duration::from_millis(150), longest: Duration::from_secs(10) };

    /// Returns when a burst is over if nothing further happens.
    pub(super) fn over(self, first: Instant, last: Instant) -> Instant {
        (last + self.quiet).min(first + self.longest)
    }
}

/// How often to retry something that fails, or whose success no event announces: less and less often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// For a message bus that is not available: it may be restarting, or may never have been started.
    pub(super) const BUS: Self = Self { first: Duration::from_secs(1), longest: Duration::from_secs(5 * 60) };

    /// For watches that cannot be set: other programs may use up all that a user may have.
    pub(super) const ROOM: Self = Self { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

    /// For a folder that changes faster than it can be read.
    pub(super) const RESTLESS: Self =
        Self { first: Duration::from_millis(100), longest: Duration::from_secs(2) };

    /// Returns how long to wait after this many retries.
    pub(super) fn pause(self, retries: u32) -> Duration {
        // More doublings than any `longest` needs.
        const MOST: u32 = 16;
        (self.first * (1 << retries.min(MOST))).min(self.longest)
    }
}

/// How often to check something that the machine does not report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checks {
    /// The minimum time between two checks, however busy the loop is.
    pub(super) least: Duration,
    /// How often to check while tasks are held because of it.
    pub(super) while_held: Duration,
}

impl Checks {
    /// For free space: a disk fills up over minutes, and a check costs a system call on another thread.
    pub(super) const STORAGE: Self =
        Self { least: Duration::from_secs(10), while_held: Duration::from_secs(60) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_over_when_it_rests_or_has_lasted_long_enough() {
        let (first, settling) = (Instant::now(), Settle::WATCHED);
        assert_eq!(settling.over(first, first), first + settling.quiet);
        let late = first + settling.longest - settling.quiet / 2;
        assert_eq!(settling.over(first, late), first + settling.longest);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<u64> = (0..8).map(|retries| Backoff::ROOM.pause(retries).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(Backoff::BUS.pause(u32::MAX), Backoff::BUS.longest);
    }
}
