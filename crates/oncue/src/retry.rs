//! When a run that failed is tried again.

use std::fmt;
use std::time::Duration;

use oncue_types::show_span;

/// When a run that failed is tried again, before the next firing of its trigger.
///
/// A run that returned an error, crashed or was not activated is tried again; one that was
/// cancelled is not. The wait begins with the end of the run, lasts at most 5 hours and a tenth
/// more, and the next firing takes the place of all attempts that are left. WinRT has no
/// counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    growth: &'static str,
    base: Duration,
    attempts: u32,
}

impl Retry {
    /// Waits `base` before the first attempt, twice that before the second, three times that before
    /// the third, for so many attempts after the first run.
    #[must_use]
    pub fn linear(base: Duration, attempts: u32) -> Self {
        Self { growth: "linear", base, attempts }
    }

    /// Waits `base` before the first attempt and double the time before each further one, for so many
    /// attempts after the first run.
    #[must_use]
    pub fn exponential(base: Duration, attempts: u32) -> Self {
        Self { growth: "exponential", base, attempts }
    }
}

/// As the broker reads it: `linear:30s:5`.
impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.growth, show_span(self.base), self.attempts)
    }
}
