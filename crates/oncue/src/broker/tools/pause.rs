//! Pausing and resuming tasks.

use oncue_types::{PauseEnd, PauseScope, show_span};
use oncue_wire::{PauseSpec, Paused, Resumed, ask};

use super::{Broker, Cancel};
use crate::error::Error;

impl Broker {
    /// Pauses one task or all tasks: nothing starts, and what fires is held. Current runs are
    /// cancelled with [`Cancel::Yes`], and continue to their end with [`Cancel::No`]. If there is
    /// already such a pause, its end is replaced.
    ///
    /// # Errors
    /// Returns an error if the task does not exist, or if the end is not in the future.
    pub fn pause(&self, scope: PauseScope, end: PauseEnd, cancel: Cancel) -> Result<Paused, Error> {
        let (until, lasts) = match end {
            PauseEnd::WhenResumed => (None, String::new()),
            PauseEnd::After(span) => (None, show_span(span)),
            PauseEnd::At(wall) => (Some(wall), String::new()),
        };
        let pause = PauseSpec { until, lasts, cancel: cancel == Cancel::Yes };
        self.connection.ask(&ask::Pause { task_id: named(scope), pause })
    }

    /// Ends the pause of one task or that of all tasks, and lets what was held be judged again. If
    /// there is no such pause, nothing changes.
    ///
    /// # Errors
    /// Returns an error if the task does not exist.
    pub fn resume(&self, scope: PauseScope) -> Result<Resumed, Error> {
        self.connection.ask(&ask::Resume { task_id: named(scope) })
    }
}

/// Returns how the wire names what is paused.
fn named(scope: PauseScope) -> String {
    match scope {
        PauseScope::All => String::new(),
        PauseScope::Task(task) => task.to_string(),
    }
}
