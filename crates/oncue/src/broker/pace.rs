//! The pace of progress: the first value at once, then the latest only, never a flood.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use zbus::message::Message;

use crate::broker::report;
use crate::run::Run;

/// The shortest span between two values of one link's runs; a person sees no shorter one.
const SHORTEST: Duration = Duration::from_millis(10);

/// The runs whose progress waits, and until when.
#[derive(Debug)]
pub(crate) struct Pace {
    waiting: Vec<Arc<Run>>,
    opens_at: Instant,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { waiting: Vec::new(), opens_at: Instant::now() }
    }

    /// Takes a run whose progress is to be sent, now or when it is time.
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

    /// Sends what waits; a run that has completed meanwhile has sent its last value already.
    pub(crate) fn flush(&mut self, out: &mut Vec<Message>) {
        out.extend(self.waiting.drain(..).filter_map(|run| report::unsent_progress(&run)));
        self.opens_at = Instant::now() + SHORTEST;
    }
}
