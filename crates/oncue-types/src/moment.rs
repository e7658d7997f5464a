//! Instants on both clocks; handed in with every event, never read here.

use core::time::Duration;

/// An instant of the wall clock: microseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wall(pub i64);

/// An instant of the boot clock: microseconds since boot, time asleep included (`CLOCK_BOOTTIME`);
/// negative before boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Boot(pub i64);

/// An instant of the steady clock: microseconds of real time as far as the broker knows, over restarts
/// and reboots. Nobody can set it; it began with the wall clock's time when the store was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Steady(pub i64);

/// An instant as a store keeps it: what the wall clock would show if nobody set it, and the steady clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stamp {
    /// What the wall clock would show.
    pub wall: Wall,
    /// What the steady clock shows.
    pub steady: Steady,
}

/// One instant as both clocks show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// What the wall clock shows.
    pub wall: Wall,
    /// What the boot clock shows.
    pub boot: Boot,
}

impl Wall {
    /// Returns the instant `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// Returns how long `self` lies after `earlier`; zero when it does not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Boot {
    /// Returns the instant `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// Returns the instant `span` earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span)))
    }

    /// Returns how long `self` lies after `earlier`; zero when it does not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Moment {
    /// Returns what the wall clock will show at `boot`, if nobody sets it before.
    #[must_use]
    pub fn wall_at(self, boot: Boot) -> Wall {
        Wall(self.wall.0.saturating_add(boot.0.saturating_sub(self.boot.0)))
    }

    /// Returns when on the boot clock the wall clock shows `wall`.
    #[must_use]
    pub fn boot_at(self, wall: Wall) -> Boot {
        Boot(self.boot.0.saturating_add(wall.0.saturating_sub(self.wall.0)))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
