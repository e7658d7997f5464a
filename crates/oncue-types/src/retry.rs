//! When to retry a failed run: with linear or exponential delays, a limited number of times.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use crate::id::TaskId;
use crate::span::{parse_span, show_span};

/// The maximum delay, however many attempts have failed; the same as WorkManager's.
pub const LONGEST: Duration = Duration::from_secs(5 * 3_600);
/// The maximum delay, including the share that is added to it.
pub const LATEST_RETRY: Duration = Duration::from_secs(5 * 3_600 + 5 * 360);

/// When a run that failed is retried, before the next firing of its trigger; text form `exponential:30s:5`.
///
/// A run that returned an error, crashed or was not activated is retried; a cancelled run is not. The delay
/// begins with the end of the run and is at most 5 hours and a tenth. The next firing replaces all remaining
/// attempts. WinRT has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How delays grow.
    pub growth: Growth,
    /// The first delay.
    pub base: Duration,
    /// The number of attempts after the first run.
    pub attempts: u32,
}

/// How delays grow from attempt to attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// By the first delay each time.
    Linear,
    /// By a factor of two each time.
    Exponential,
}

/// The text is not a valid retry policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a retry policy: write linear:SPAN:ATTEMPTS or exponential:SPAN:ATTEMPTS, as in exponential:30s:5"
)]
pub struct RetryError {
    /// The text.
    pub text: String,
}

impl Retry {
    /// Waits `base` before the first attempt, twice that before the second, three times that before
    /// the third, for up to `attempts` attempts after the first run.
    #[must_use]
    pub const fn linear(base: Duration, attempts: u32) -> Self {
        Self { growth: Growth::Linear, base, attempts }
    }

    /// Waits `base` before the first attempt and twice the previous time before each further one, for
    /// up to `attempts` attempts after the first run.
    #[must_use]
    pub const fn exponential(base: Duration, attempts: u32) -> Self {
        Self { growth: Growth::Exponential, base, attempts }
    }

    /// Returns how long to wait before the given attempt, counted from 1, or `None` if there are no
    /// more attempts. Up to a tenth is added, depending on the task's id, so that tasks that failed
    /// together are not retried together.
    #[doc(hidden)]
    #[must_use]
    pub fn wait(self, task: TaskId, attempt: u32) -> Option<Duration> {
        if attempt == 0 || attempt > self.attempts {
            return None;
        }
        let times = match self.growth {
            Growth::Linear => attempt,
            Growth::Exponential => 1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX),
        };
        let wait = self.base.saturating_mul(times).min(LONGEST);
        let share =
            u32::try_from((task.0.to_u128() >> 64).wrapping_add(u128::from(attempt)) % 101).unwrap_or(0);
        Some(wait + wait / 1_000 * share)
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let growth = match self.growth {
            Growth::Linear => "linear",
            Growth::Exponential => "exponential",
        };
        write!(f, "{growth}:{}:{}", show_span(self.base), self.attempts)
    }
}

impl FromStr for Retry {
    type Err = RetryError;

    fn from_str(text: &str) -> Result<Self, RetryError> {
        let error = || RetryError { text: text.to_string() };
        let mut parts = text.split(':');
        let (Some(growth), Some(base), Some(attempts), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(error());
        };
        let growth = match growth {
            "linear" => Growth::Linear,
            "exponential" => Growth::Exponential,
            _ => return Err(error()),
        };
        let base = parse_span(base).map_err(|_| error())?;
        let attempts = attempts.parse().map_err(|_| error())?;
        Ok(Self { growth, base, attempts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guid;

    #[test]
    fn waits_grow_and_end() {
        let task = TaskId(Guid::from_u128(0));
        let seconds = |text: &str, attempt| {
            text.parse::<Retry>().unwrap().wait(task, attempt).map(|wait| wait.as_secs())
        };
        assert_eq!([1, 2, 3].map(|n| seconds("linear:100s:2", n)), [Some(100), Some(200), None]);
        assert_eq!([1, 2, 3].map(|n| seconds("exponential:100s:9", n)), [Some(100), Some(200), Some(401)]);
        assert_eq!(seconds("exponential:100s:90", 80).map(|wait| wait / 3_600), Some(5));
    }

    #[test]
    fn shows_what_it_reads() {
        for text in ["linear:30s:3", "exponential:1m30s:10"] {
            assert_eq!(text.parse::<Retry>().unwrap().to_string(), text);
        }
        for text in
            ["", "linear", "linear:30s", "cubic:30s:3", "linear:30s:3:4", "linear:soon:3", "linear:30s:-1"]
        {
            assert!(text.parse::<Retry>().is_err(), "{text}");
        }
    }
}
