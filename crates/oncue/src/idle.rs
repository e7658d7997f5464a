//! When an idle task server leaves.

use std::time::{Duration, Instant};

/// When a task server leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdlePolicy {
    /// After at least one run, when no run is in progress; the first option in Microsoft's article.
    /// A server that receives no run for 30 seconds leaves too, because its run was cancelled while
    /// the server was starting.
    AfterFirstCompletion,
    /// When it has had no run for this long, counted from the registration of its first class.
    Idle(Duration),
    /// Never; the second option in Microsoft's article.
    Never,
}

/// How long a server that leaves after its first completion waits for one. The run that it was
/// started for may have been cancelled before the server was ready.
const UNUSED: Duration = Duration::from_secs(30);

/// When an idle server may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    Never,
    At(Instant),
    Now,
}

impl IdlePolicy {
    /// Returns when a server that is now idle may leave. `ended` is the number of its runs that
    /// have ended, and `idle_since` is on the same clock as `now`.
    pub(crate) fn leave(self, ended: u64, idle_since: Option<Instant>, now: Instant) -> Leave {
        let span = match self {
            Self::AfterFirstCompletion if ended > 0 => return Leave::Now,
            Self::AfterFirstCompletion => UNUSED,
            Self::Idle(span) => span,
            Self::Never => return Leave::Never,
        };
        match idle_since.map(|since| since.checked_add(span)) {
            Some(Some(due)) if due > now => Leave::At(due),
            // The time is out of range.
            Some(None) => Leave::Never,
            Some(Some(_)) | None => Leave::Now,
        }
    }
}
