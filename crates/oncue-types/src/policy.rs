//! A task's choices beyond trigger and conditions; text form `missed=skip slack=30s`.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use crate::notify::Notify;
use crate::priority::Priority;
use crate::refusal::Refusal;
use crate::retry::{LONGEST, Retry, RetryError};
use crate::span::{SpanError, parse_span, show_span};

/// A task's choices. `None` means the broker's default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether its trigger is ignored. It can still run on request.
    pub disabled: bool,
    /// What happens to firings that are missed while the machine is off or no broker is running.
    pub missed: Missed,
    /// How long the broker may delay a firing so that wake-ups coincide.
    pub slack: Option<Duration>,
    /// Whether a run is cancelled when its condition stops holding.
    pub cancel_on_condition_loss: bool,
    /// How long the task may be held, and what happens then.
    pub hold_limit: Option<HoldLimit>,
    /// How long a run may take before it is cancelled with `ExecutionTimeExceeded`.
    pub time_limit: Option<Duration>,
    /// How much time a cancelled run has before its process tree is killed.
    pub grace: Option<Duration>,
    /// The priority of its processes.
    pub priority: Priority,
    /// When the user is notified about its runs.
    pub notify: Option<Notify>,
    /// The queue that it is in: of the tasks in it, one runs at a time.
    pub queue: Option<Arc<str>>,
    /// Whether and when a failed run is retried before the next firing.
    pub retry: Option<Retry>,
}

/// What happens to missed firings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Missed {
    /// They run once, at the next chance.
    #[default]
    Once,
    /// They are skipped, and recorded in the ledger.
    Skip,
}

/// The limit of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLimit {
    /// How long the task may be held.
    pub after: Duration,
    /// What happens then.
    pub then: HoldEnd,
}

/// What happens to a held firing at its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEnd {
    /// It is dropped, and recorded in the ledger.
    Drop,
    /// It runs although its conditions fail.
    Run,
}

/// The text is not a valid policy.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A word is not a known `key=value`.
    #[error(
        "unknown policy `{word}`: the policies are disabled, missed=once|skip, slack=SPAN, cancel-on-loss, drop-after=SPAN, run-after=SPAN, time-limit=SPAN, grace=SPAN, priority=background|normal, queue=NAME, notify=never|failure|always and retry=linear|exponential:SPAN:ATTEMPTS"
    )]
    Unknown {
        /// The word.
        word: String,
    },
    /// The value is not a valid length of time.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// The value is not a valid retry policy.
    #[error(transparent)]
    Retry(#[from] RetryError),
}

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

impl Policy {
    /// Checks that every value is within its range.
    ///
    /// This is checked when a task is registered, not when the text is parsed, so that a store with
    /// such a policy can still be loaded.
    ///
    /// # Errors
    /// Returns an error if a value is out of range.
    pub fn check(&self) -> Result<(), Refusal> {
        let hold = self.hold_limit.map(|limit| (limit.key(), limit.after));
        let (hold_key, hold) = hold.unzip();
        check_span("slack", self.slack, Duration::ZERO, DAY)?;
        check_span(hold_key.unwrap_or_default(), hold, Duration::ZERO, 366 * DAY)?;
        check_span("time-limit", self.time_limit, MILLISECOND, 30 * DAY)?;
        check_span("grace", self.grace, Duration::ZERO, HOUR)?;
        let Some(retry) = self.retry else { return Ok(()) };
        check_span("the retry delay", Some(retry.base), SECOND, LONGEST)?;
        check("the number of retry attempts", retry.attempts, 1, 1_000, |number| number.to_string())
    }
}

impl HoldLimit {
    fn key(self) -> &'static str {
        match self.then {
            HoldEnd::Drop => "drop-after",
            HoldEnd::Run => "run-after",
        }
    }
}

/// Returns whether a text can be the name of a queue: letters, digits and `._-`.
fn is_queue(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._-".contains(c))
}

fn check_span(
    field: &'static str,
    span: Option<Duration>,
    least: Duration,
    most: Duration,
) -> Result<(), Refusal> {
    span.map_or(Ok(()), |span| check(field, span, least, most, show_span))
}

fn check<T: Copy + PartialOrd>(
    field: &'static str,
    value: T,
    least: T,
    most: T,
    show: impl Fn(T) -> String,
) -> Result<(), Refusal> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let [value, least, most] = [value, least, most].map(show);
    Err(Refusal::PolicyOutOfRange { field, value, least, most })
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Words { f, first: true };
        if self.disabled {
            words.word("disabled", None)?;
        }
        if self.missed == Missed::Skip {
            words.word("missed=skip", None)?;
        }
        if self.cancel_on_condition_loss {
            words.word("cancel-on-loss", None)?;
        }
        if let Some(limit) = self.hold_limit {
            words.word(&alloc::format!("{}=", limit.key()), Some(limit.after))?;
        }
        for (key, span) in [("slack=", self.slack), ("time-limit=", self.time_limit), ("grace=", self.grace)]
        {
            if span.is_some() {
                words.word(key, span)?;
            }
        }
        if self.priority != Priority::default() {
            words.word(&alloc::format!("priority={}", self.priority), None)?;
        }
        if let Some(notify) = self.notify {
            words.word(&alloc::format!("notify={notify}"), None)?;
        }
        if let Some(queue) = &self.queue {
            words.word(&alloc::format!("queue={queue}"), None)?;
        }
        if let Some(retry) = self.retry {
            words.word(&alloc::format!("retry={retry}"), None)?;
        }
        Ok(())
    }
}

struct Words<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    first: bool,
}

impl Words<'_, '_> {
    fn word(&mut self, key: &str, span: Option<Duration>) -> fmt::Result {
        let gap = if self.first { "" } else { " " };
        self.first = false;
        write!(self.f, "{gap}{key}{}", span.map(show_span).unwrap_or_default())
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        for word in text.split_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            match (key, value) {
                ("disabled", "") => policy.disabled = true,
                ("missed", "once") => policy.missed = Missed::Once,
                ("missed", "skip") => policy.missed = Missed::Skip,
                ("cancel-on-loss", "") => policy.cancel_on_condition_loss = true,
                ("slack", _) => policy.slack = Some(parse_span(value)?),
                ("time-limit", _) => policy.time_limit = Some(parse_span(value)?),
                ("grace", _) => policy.grace = Some(parse_span(value)?),
                ("priority", _) if let Ok(priority) = value.parse() => policy.priority = priority,
                ("notify", _) if let Ok(notify) = value.parse() => policy.notify = Some(notify),
                ("queue", _) if is_queue(value) => policy.queue = Some(value.into()),
                ("retry", _) => policy.retry = Some(value.parse()?),
                ("drop-after", _) => {
                    policy.hold_limit = Some(HoldLimit { after: parse_span(value)?, then: HoldEnd::Drop })
                }
                ("run-after", _) => {
                    policy.hold_limit = Some(HoldLimit { after: parse_span(value)?, then: HoldEnd::Run })
                }
                _ => {
                    return Err(PolicyError::Unknown { word: word.to_string() });
                }
            }
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_it_reads() {
        for text in [
            "",
            "missed=skip",
            "disabled missed=skip",
            "missed=skip cancel-on-loss run-after=1h slack=30s time-limit=10m grace=500ms priority=normal notify=failure queue=disk retry=linear:30s:3",
        ] {
            assert_eq!(text.parse::<Policy>().unwrap().to_string(), text);
        }
        assert!(matches!("missed=never".parse::<Policy>(), Err(PolicyError::Unknown { .. })));
        assert!(matches!("slack=soon".parse::<Policy>(), Err(PolicyError::Span(_))));
    }
}
