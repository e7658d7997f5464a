//! The clock of a test, and the pulse by which its verbs notice changes.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::broker::clock;
use crate::lock::lock;

/// The clock of one test, which stands still until a verb advances it.
pub(super) struct Time {
    begin: Instant,
    /// Microseconds since then.
    elapsed: AtomicU64,
    /// Counts changes.
    pulse: Mutex<u64>,
    moved: Condvar,
}

/// What a test knows about one of its processes.
pub(super) struct Played {
    pub(super) time: Arc<Time>,
    /// How many things are in progress that end by themselves.
    activities: AtomicUsize,
}

impl Time {
    pub(super) fn new() -> Self {
        let elapsed = AtomicU64::new(0);
        Self { begin: Instant::now(), elapsed, pulse: Mutex::new(0), moved: Condvar::new() }
    }

    pub(super) fn now(&self) -> Instant {
        self.begin + Duration::from_micros(self.elapsed.load(Ordering::Acquire))
    }

    pub(super) fn pass(&self, span: Duration) {
        let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.elapsed.fetch_add(span, Ordering::AcqRel);
    }

    pub(super) fn pulse(&self) -> u64 {
        *lock(&self.pulse)
    }

    pub(super) fn moved(&self) {
        *lock(&self.pulse) += 1;
        self.moved.notify_all();
    }

    /// Waits, in real time, until the pulse has advanced; returns false if it has not by then.
    pub(super) fn wait_past(&self, seen: u64, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let still = |pulse: &mut u64| *pulse == seen;
        let waited = self.moved.wait_timeout_while(lock(&self.pulse), left, still);
        let (pulse, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *pulse != seen
    }
}

impl Played {
    pub(super) fn new(time: Arc<Time>) -> Self {
        Self { time, activities: AtomicUsize::new(0) }
    }

    pub(super) fn is_active(&self) -> bool {
        self.activities.load(Ordering::Acquire) > 0
    }
}

impl clock::Time for Played {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn passes(&self) -> bool {
        false
    }

    fn begins(&self) {
        self.activities.fetch_add(1, Ordering::AcqRel);
    }

    fn ends(&self) {
        self.activities.fetch_sub(1, Ordering::AcqRel);
        self.time.moved();
    }

    fn waits(&self) {
        self.time.moved();
    }
}
