//! The clock that waiting goes by, and what is in progress: the system's, or a test's.

use std::any::Any;
use std::sync::{Arc, Condvar, MutexGuard, PoisonError};
use std::time::Instant;

/// A source of time, which is also told of what is in progress.
pub(crate) trait Time: Any + Send + Sync {
    fn now(&self) -> Instant;

    /// Whether deadlines come by themselves. If not, the code that moves the clock wakes the waiting threads.
    fn passes(&self) -> bool;

    /// Something began that ends by itself.
    fn begins(&self);

    /// Something that began has ended.
    fn ends(&self);

    /// A thread is about to wait.
    fn waits(&self);
}

/// The system's time. Nobody needs to know what is in progress.
struct System;

impl Time for System {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn passes(&self) -> bool {
        true
    }

    fn begins(&self) {}

    fn ends(&self) {}

    fn waits(&self) {}
}

/// The clock of one process. A clone is the same clock.
#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Arc<dyn Time>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(System))
    }
}

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        self.0.now()
    }

    /// Waits for a change, until the deadline if there is one.
    pub(crate) fn wait<'a, T>(
        &self,
        changed: &Condvar,
        state: MutexGuard<'a, T>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, T> {
        match until.filter(|_| self.0.passes()) {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
            }
            None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Begins something, which ends when the activity is dropped.
    pub(crate) fn activity(&self) -> Activity {
        self.0.begins();
        Activity(Arc::clone(&self.0))
    }
}

/// Something in progress.
pub(crate) struct Activity(Arc<dyn Time>);

impl Activity {
    pub(crate) fn end(self) {}
}

impl Drop for Activity {
    fn drop(&mut self) {
        self.0.ends();
    }
}
