//! When a failed run is retried.

use std::fmt;
use std::time::Duration;

use oncue_types::show_span;

/// When a failed run is retried, before the next firing of its trigger.
///
/// A run that returned an error, crashed or was not activated is retried; a cancelled run is not.
/// The delay begins with the end of the run, and is at most 5 hours plus a tenth. The next firing
/// replaces all remaining attempts. WinRT has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    growth: &'static str,
    base: Duration,
    attempts: u32,
}

impl Retry {
    /// Waits for `base` before the first attempt, twice `base` before the second, three times
    /// `base` before the third, and so on, for up to `attempts` retries.
    #[must_use]
    pub fn linear(base: Duration, attempts: u32) -> Self {
        Self { growth: "linear", base, attempts }
    }

    /// Waits for `base` before the first attempt, and doubles the delay before each further one,
    /// for up to `attempts` retries.
    #[must_use]
    pub fn exponential(base: Duration, attempts: u32) -> Self {
        Self { growth: "exponential", base, attempts }
    }
}

/// The text form that the broker parses: `linear:30s:5`.
impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.growth, show_span(self.base), self.attempts)
    }
}
