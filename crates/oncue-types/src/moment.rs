//! Instants on several clocks, passed in with every event and never read here.

use core::time::Duration;

/// An instant of the wall clock: microseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wall(pub i64);

/// An instant of the boot clock: microseconds since boot, including sleep (`CLOCK_BOOTTIME`);
/// negative before boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Boot(pub i64);

/// An instant of the steady clock: microseconds of real time across restarts and reboots, as far as the
/// broker knows. It cannot be set; it began with the wall clock's time when the store was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Steady(pub i64);

/// An instant as stored: the steady clock's time, and the wall clock's, provided that it is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stamp {
    /// The wall clock's time.
    pub wall: Wall,
    /// The steady clock's time.
    pub steady: Steady,
}

/// The same instant on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// The wall clock's time.
    pub wall: Wall,
    /// The boot clock's time.
    pub boot: Boot,
}

impl Wall {
    /// Returns the instant `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// Returns the time since `earlier`, or zero if it is not earlier.
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

    /// Returns the time since `earlier`, or zero if it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Moment {
    /// Returns the wall clock's time at `boot`, provided that it is not set before.
    #[must_use]
    pub fn wall_at(self, boot: Boot) -> Wall {
        Wall(self.wall.0.saturating_add(boot.0.saturating_sub(self.boot.0)))
    }

    /// Returns the boot clock's time when the wall clock shows `wall`.
    #[must_use]
    pub fn boot_at(self, wall: Wall) -> Boot {
        Boot(self.boot.0.saturating_add(wall.0.saturating_sub(self.wall.0)))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
