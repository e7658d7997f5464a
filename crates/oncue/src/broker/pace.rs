//! Limits the rate of progress values: the first is sent immediately, then only the latest.

use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::run::Run;

/// The minimum time between two values of a link's runs; people cannot see shorter ones.
const SHORTEST: Duration = Duration::from_millis(10);

/// The runs whose progress is waiting to be sent, and until when.
#[derive(Debug)]
pub(crate) struct Pace {
    waiting: Vec<Arc<Run>>,
    opens_at: Instant,
}

/// Whether the progress that was offered can be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    Due,
    Waits,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { waiting: Vec::new(), opens_at: Instant::now() }
    }

    /// Adds a run whose progress is to be sent.
    pub(crate) fn offer(&mut self, run: Arc<Run>) -> Offered {
        self.waiting.push(run);
        if Instant::now() >= self.opens_at { Offered::Due } else { Offered::Waits }
    }

    /// Returns when [`take_due`](Self::take_due) returns the waiting runs.
    pub(crate) fn due(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then_some(self.opens_at)
    }

    /// Takes the runs whose progress may be sent now. A run that has completed in the meantime has
    /// already sent its last value.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<Arc<Run>> {
        if self.waiting.is_empty() || now < self.opens_at {
            return Vec::new();
        }
        self.opens_at = now + SHORTEST;
        take(&mut self.waiting)
    }
}
