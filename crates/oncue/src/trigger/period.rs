//! A span of time after which a trigger fires, once or repeatedly.

use std::time::Duration;

use oncue_types::{TriggerError, show_span};

/// Whether a trigger fires once or every time.
///
/// It takes the place of the boolean parameter `oneShot` of WinRT's constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OneShot {
    /// It fires once. The registration ends with that run.
    Yes,
    /// It fires every time, until the task is unregistered.
    No,
}

/// A span of time after which a trigger fires, once or repeatedly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    span: Duration,
    one_shot: OneShot,
}

impl OneShot {
    pub(crate) const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl Period {
    pub(super) const fn of(span: Duration, one_shot: OneShot) -> Self {
        Self { span, one_shot }
    }

    pub(super) fn of_minutes(minutes: u32, one_shot: OneShot) -> Self {
        Self::of(Duration::from_secs(60 * u64::from(minutes)), one_shot)
    }

    /// Returns the minutes, rounded down.
    pub(super) fn minutes(self) -> u32 {
        u32::try_from(self.span.as_secs() / 60).unwrap_or(u32::MAX)
    }

    pub(super) const fn is_one_shot(self) -> bool {
        self.one_shot.is_yes()
    }

    /// Returns the minutes, or an error if the span is not a whole number of them.
    pub(super) fn whole_minutes(self) -> Result<u32, TriggerError> {
        let minutes = self.minutes();
        if Duration::from_secs(60 * u64::from(minutes)) == self.span {
            Ok(minutes)
        } else {
            Err(TriggerError::NotMinutes { text: show_span(self.span) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_must_be_a_whole_number_of_minutes() {
        let minutes = |span| Period::of(span, OneShot::No).whole_minutes();
        assert_eq!(minutes(Duration::from_secs(3_600)), Ok(60));
        for (span, text) in [(Duration::from_secs(15 * 60 + 30), "15m30s"), (Duration::from_millis(1), "1ms")]
        {
            assert_eq!(minutes(span), Err(TriggerError::NotMinutes { text: text.to_owned() }));
        }
        assert!(minutes(Duration::MAX).is_err());
    }
}
