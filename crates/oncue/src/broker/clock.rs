//! What time it is for those who wait, and what is under way: of interest to a test only.

use std::sync::{Condvar, MutexGuard, PoisonError};
use std::time::Instant;

/// The clock that idle task servers go by: the system's, or that of a test.
#[derive(Clone, Default)]
pub(crate) struct Clock {
    #[cfg(feature = "testing")]
    played: Option<std::sync::Arc<crate::testing::Played>>,
}

/// Something under way; a test waits until it is ended, or dropped.
pub(crate) struct Activity {
    #[cfg(feature = "testing")]
    played: Option<std::sync::Arc<crate::testing::Played>>,
}

impl Activity {
    pub(crate) fn end(self) {}
}

#[cfg(not(feature = "testing"))]
impl Clock {
    pub(crate) fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits for a change, at most until then.
    pub(crate) fn wait<'a, T>(
        &self,
        changed: &Condvar,
        state: MutexGuard<'a, T>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, T> {
        wait(changed, state, until)
    }

    pub(crate) fn activity(&self) -> Activity {
        Activity {}
    }
}

#[cfg(feature = "testing")]
impl Clock {
    /// The clock of a process that a test plays.
    pub(crate) fn played(played: std::sync::Arc<crate::testing::Played>) -> Self {
        Self { played: Some(played) }
    }

    pub(crate) fn now(&self) -> Instant {
        self.played.as_ref().map_or_else(Instant::now, |played| played.time.now())
    }

    /// Waits for a change, at most until then; a test that moves its clock makes it a change.
    pub(crate) fn wait<'a, T>(
        &self,
        changed: &Condvar,
        state: MutexGuard<'a, T>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, T> {
        wait(changed, state, until.filter(|_| self.played.is_none()))
    }

    pub(crate) fn activity(&self) -> Activity {
        if let Some(played) = &self.played {
            played.begins();
        }
        Activity { played: self.played.clone() }
    }
}

#[cfg(feature = "testing")]
impl Clock {
    /// Returns whether one test has both in its hand.
    pub(crate) fn is_of_the_test_of(&self, other: &Self) -> bool {
        match (&self.played, &other.played) {
            (Some(own), Some(others)) => std::sync::Arc::ptr_eq(&own.time, &others.time),
            (None, _) | (_, None) => false,
        }
    }

    /// Has a test look again at what it waits for.
    pub(crate) fn moved(&self) {
        if let Some(played) = &self.played {
            played.time.moved();
        }
    }
}

#[cfg(feature = "testing")]
impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(played) = &self.played {
            played.ends();
        }
    }
}

fn wait<'a, T>(changed: &Condvar, state: MutexGuard<'a, T>, until: Option<Instant>) -> MutexGuard<'a, T> {
    match until {
        Some(until) => {
            let left = until.saturating_duration_since(Instant::now());
            changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
        }
        None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
    }
}
