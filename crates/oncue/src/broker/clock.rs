//! The clock for waiting, and things in progress, which tests need to know about.

use std::sync::{Condvar, MutexGuard, PoisonError};
use std::time::Instant;

/// The clock for idle task servers: the system's, or that of a test.
#[derive(Clone, Default)]
pub(crate) struct Clock {
    #[cfg(feature = "testing")]
    played: Option<std::sync::Arc<crate::testing::Played>>,
}

/// Something in progress. A test waits until it is ended or dropped.
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

    /// Waits for a change, until the deadline if there is one.
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
    /// The clock of a process in a test.
    pub(crate) fn played(played: std::sync::Arc<crate::testing::Played>) -> Self {
        Self { played: Some(played) }
    }

    pub(crate) fn now(&self) -> Instant {
        self.played.as_ref().map_or_else(Instant::now, |played| played.time.now())
    }

    /// Waits for a change, until the deadline if there is one. Moving the test's clock counts as a
    /// change.
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
    /// Returns whether both belong to the same test.
    pub(crate) fn is_of_the_test_of(&self, other: &Self) -> bool {
        match (&self.played, &other.played) {
            (Some(own), Some(others)) => std::sync::Arc::ptr_eq(&own.time, &others.time),
            (None, _) | (_, None) => false,
        }
    }

    /// Makes a test check again what it is waiting for.
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
