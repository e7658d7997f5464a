//! Limits the rate of progress values: the first is sent immediately, then only the latest.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use zbus::message::Message;

use crate::broker::report;
use crate::run::Run;

/// The minimum time between two values of a link's runs; people cannot see shorter ones.
const SHORTEST: Duration = Duration::from_millis(10);

/// The runs whose progress is waiting to be sent, and until when.
#[derive(Debug)]
pub(crate) struct Pace {
    waiting: Vec<Arc<Run>>,
    opens_at: Instant,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { waiting: Vec::new(), opens_at: Instant::now() }
    }

    /// Adds a run whose progress is to be sent, now or when it is due.
    pub(crate) fn offer(&mut self, run: Arc<Run>, out: &mut Vec<Message>) {
        self.waiting.push(run);
        if Instant::now() >= self.opens_at {
            self.flush(out);
        }
    }

    /// Returns when [`flush`](Self::flush) is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then_some(self.opens_at)
    }

    /// Sends the waiting values. A run that has completed in the meantime has already sent its last
    /// value.
    pub(crate) fn flush(&mut self, out: &mut Vec<Message>) {
        out.extend(self.waiting.drain(..).filter_map(|run| report::unsent_progress(&run)));
        self.opens_at = Instant::now() + SHORTEST;
    }
}
