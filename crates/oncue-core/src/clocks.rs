//! The relation between the clocks, and how they changed while unobserved.
//!
//! The wall clock may be wrong and may be set at any time. The boot clock is never set, but
//! restarts with every boot. Deadlines are therefore also kept on a third clock, the *steady*
//! clock. Within a boot, it runs with the boot clock. From one boot to the next, it advances by the
//! time that has passed on the wall clock, but at least by the time since boot.

use core::time::Duration;

use oncue_types::{Boot, Guid, Moment, Stamp, Steady, Wall};

/// The clocks when the broker last looked; a store contains one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Clocks {
    /// The boot's id, if the system has one.
    pub boot: Option<Guid>,
    /// When the broker looked.
    pub seen: Boot,
    /// How far the wall clock was ahead of the boot clock, in microseconds.
    pub wall_ahead: i64,
    /// How far the steady clock is ahead of the boot clock in this boot, in microseconds.
    pub steady_ahead: i64,
    /// By at least how many microseconds the wall clock is behind, if it lost time in a reboot and
    /// has not been corrected.
    pub behind: Option<i64>,
}

/// The clocks of a broker that starts, and what has happened since the previous one looked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed {
    pub(crate) clocks: Clocks,
    /// What happened to the wall clock.
    pub(crate) step: Step,
    /// How long the machine was off, as far as the wall clock shows.
    pub(crate) off: Duration,
    /// The clocks when the previous broker last looked.
    pub(crate) before: Option<Clocks>,
}

/// What a change of the wall clock means for schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It advanced or was set forward: occurrences in between were missed.
    Forward,
    /// It was set back by less than a second: nothing fires twice.
    Nudged,
    /// It was set back by less than three hours: fixed times do not fire twice, as in cron(8).
    Back,
    /// It was wrong before, so plans based on it are meaningless.
    Corrected,
    /// The zone or its rules changed: future occurrences are planned again.
    Rezoned,
}

/// A smaller step only corrects the clock.
const NUDGE: i64 = 1_000_000;
/// A clock that is set back by this much was wrong before, as in cron(8).
pub(crate) const FAR_BACK: i64 = 3 * 3_600_000_000;
/// A clock that is set forward by this much was wrong before. A smaller step may also mean that a
/// virtual machine was paused, which is like being off.
const FAR_FORWARD: i64 = 7 * 24 * 3_600_000_000;
/// 2023-01-01. oncue is newer than this, so a clock that shows an earlier time was never set.
const UNSET_BEFORE: Wall = Wall(1_672_531_200_000_000);

impl Step {
    /// Returns the meaning of a step by this many microseconds, after which the wall clock shows
    /// `now`.
    pub(crate) fn of(by: i64, now: Wall) -> Self {
        match by {
            _ if was_unset(Wall(now.0.saturating_sub(by)), now) => Self::Corrected,
            _ if by >= FAR_FORWARD || by <= -FAR_BACK => Self::Corrected,
            0.. => Self::Forward,
            _ if by > -NUDGE => Self::Nudged,
            _ => Self::Back,
        }
    }

    /// Returns whether a step by this many microseconds means that the clock was set.
    pub(crate) fn is_set(by: i64) -> bool {
        by.unsigned_abs() >= NUDGE.unsigned_abs()
    }
}

fn was_unset(before: Wall, now: Wall) -> bool {
    before < UNSET_BEFORE && now >= UNSET_BEFORE
}

impl Clocks {
    /// Returns the clocks of a new store: the steady clock begins with the wall clock's time.
    pub(crate) fn first(now: Moment, boot: Option<Guid>) -> Self {
        let ahead = now.wall.0.saturating_sub(now.boot.0);
        Self { boot, seen: now.boot, wall_ahead: ahead, steady_ahead: ahead, behind: None }
    }

    /// Returns the clocks later in the same boot.
    pub(crate) fn at(self, now: Moment) -> Self {
        let wall_ahead = now.wall.0.saturating_sub(now.boot.0);
        let by = wall_ahead.saturating_sub(self.wall_ahead);
        let behind = self.behind.map(|behind| behind.saturating_sub(by)).filter(|behind| *behind >= 0);
        Self { seen: now.boot, wall_ahead, behind, ..self }
    }

    /// Returns whether a schedule's occurrence was planned with a wall clock that was hours ahead
    /// of the current one.
    pub(crate) fn planned_ahead(self, planned: Stamp) -> bool {
        let ahead = self.wall_ahead.saturating_sub(self.steady_ahead);
        let lag = planned.wall.0.saturating_sub(planned.steady.0).saturating_sub(ahead);
        self.behind.is_some() && lag >= FAR_BACK
    }

    /// Continues from the last observation, in this boot or in an earlier one.
    pub(crate) fn resume(self, now: Moment, boot: Option<Guid>) -> Resumed {
        if boot.is_some() && boot == self.boot && now.boot >= self.seen {
            let clocks = self.at(now);
            let step = Step::of(clocks.wall_ahead.saturating_sub(self.wall_ahead), now.wall);
            return Resumed { clocks, step, off: Duration::ZERO, before: Some(self) };
        }
        let seen = Wall(self.seen.0.saturating_add(self.wall_ahead));
        let by_wall = now.wall.0.saturating_sub(seen.0);
        // Without the ids of the boots, the broker may have restarted within one boot.
        let rebooted = boot.is_some() && self.boot.is_some() || now.boot < self.seen;
        let up = if rebooted { now.boot.0 } else { 0 };
        let unset = was_unset(seen, now.wall);
        let passed = if unset { up } else { by_wall.max(up) };
        let steady = self.steady(self.seen).0.saturating_add(passed);
        let behind = (rebooted && by_wall <= up).then(|| up.saturating_sub(by_wall));
        let steady_ahead = steady.saturating_sub(now.boot.0);
        Resumed {
            clocks: Self { boot, steady_ahead, behind, ..self.at(now) },
            step: match unset {
                true => Step::Corrected,
                false => Step::of(by_wall.saturating_sub(up).min(0), now.wall),
            },
            off: Duration::from_micros(u64::try_from(passed.saturating_sub(up)).unwrap_or(0)),
            before: Some(self),
        }
    }

    /// Returns the steady clock's time at `at`.
    pub(crate) fn steady(self, at: Boot) -> Steady {
        Steady(at.0.saturating_add(self.steady_ahead))
    }

    /// Returns the time on this boot's clock when the steady clock shows `steady`.
    pub(crate) fn boot_of(self, steady: Steady) -> Boot {
        Boot(steady.0.saturating_sub(self.steady_ahead))
    }

    /// Returns the time on this boot's clock when the wall clock shows `wall`.
    pub(crate) fn boot_at(self, wall: Wall) -> Boot {
        Boot(wall.0.saturating_sub(self.wall_ahead))
    }

    /// Returns an instant in stored form.
    pub(crate) fn stamp(self, now: Moment, at: Boot) -> Stamp {
        Stamp { wall: now.wall_at(at), steady: self.steady(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const HOUR: i64 = 3_600 * SECOND;
    const BEGIN: Moment = Moment { wall: Wall(1_790_000_000 * SECOND), boot: Boot(HOUR) };

    fn boot(number: u128) -> Option<Guid> {
        Some(Guid::from_u128(number))
    }

    fn moment(wall: i64, up: i64) -> Moment {
        Moment { wall: Wall(BEGIN.wall.0 + wall), boot: Boot(up) }
    }

    fn passed(resumed: &Resumed, now: Moment) -> i64 {
        resumed.clocks.steady(now.boot).0 - BEGIN.wall.0
    }

    #[test]
    fn within_a_boot_the_wall_clock_says_nothing_about_time() {
        for by in [0, -400 * 24 * HOUR, 400 * 24 * HOUR] {
            let now = moment(by + HOUR, 2 * HOUR);
            let resumed = Clocks::first(BEGIN, boot(1)).resume(now, boot(1));
            assert_eq!(passed(&resumed, now), HOUR, "{by}");
            assert_eq!((resumed.off, resumed.clocks.behind), (Duration::ZERO, None));
        }
    }

    #[test]
    fn over_a_reboot_at_least_the_time_since_boot_has_passed() {
        for (wall, up, expected, behind) in [
            (5 * HOUR, HOUR, 5 * HOUR, None),
            (HOUR, 2 * HOUR, 2 * HOUR, Some(HOUR)),
            (0, 0, 0, Some(0)),
            (-900 * HOUR, HOUR, HOUR, Some(901 * HOUR)),
        ] {
            let now = moment(wall, up);
            let resumed = Clocks::first(BEGIN, boot(1)).resume(now, boot(2));
            assert_eq!((passed(&resumed, now), resumed.clocks.behind), (expected, behind), "{wall}");
        }
    }

    #[test]
    fn a_clock_that_was_never_set_tells_nothing_about_the_time_off() {
        let unset = Moment { wall: Wall(0), boot: BEGIN.boot };
        let now = moment(0, HOUR);
        let resumed = Clocks::first(unset, boot(1)).resume(now, boot(2));
        assert_eq!(resumed.clocks.steady(now.boot), Steady(HOUR));
        assert_eq!((resumed.step, resumed.off), (Step::Corrected, Duration::ZERO));
    }

    #[test]
    fn where_boots_have_no_names_the_wall_clock_is_believed_forward_only() {
        for (wall, up, expected) in [(HOUR, 2 * HOUR, HOUR), (-HOUR, 2 * HOUR, 0), (-HOUR, 60, 60)] {
            let now = moment(wall, up);
            assert_eq!(passed(&Clocks::first(BEGIN, None).resume(now, None), now), expected, "{wall}");
        }
    }

    #[test]
    fn steps_differ_by_how_far_they_go() {
        for (by, step) in [
            (0, Step::Forward),
            (6 * 24 * HOUR, Step::Forward),
            (7 * 24 * HOUR, Step::Corrected),
            (-1, Step::Nudged),
            (-SECOND, Step::Back),
            (-3 * HOUR + 1, Step::Back),
            (-3 * HOUR, Step::Corrected),
        ] {
            assert_eq!(Step::of(by, BEGIN.wall), step, "{by}");
        }
        assert_eq!(Step::of(HOUR, Wall(UNSET_BEFORE.0 + 1)), Step::Corrected);
    }
}
