//! When the calendar says so.

/// Wakes a task by the calendar. WinRT has no counterpart; refused on Windows.
///
/// The words are checked by [`register`](crate::BackgroundTaskBuilder::register); `oncue calendar
/// EXPRESSION` shows what they mean. What was missed while the machine was off runs once at the next
/// chance, unless the task skips it
/// ([`set_missed_firings`](crate::BackgroundTaskBuilder::set_missed_firings)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarTrigger {
    schedule: String,
}

impl CalendarTrigger {
    /// Makes a trigger in systemd's words: `Mon..Fri 9:00`, `*-*-1 04:30 Europe/Berlin`, `weekly`. See
    /// *systemd.time(7)*, *Calendar Events*; without a zone it goes by the local one.
    #[must_use]
    pub fn on_calendar(expression: &str) -> Self {
        Self { schedule: format!("calendar {expression}") }
    }

    /// Makes a trigger in cron's words: `30 4 * * mon-fri`, `@daily`. See *crontab(5)*; it goes by the
    /// local zone.
    #[must_use]
    pub fn cron(expression: &str) -> Self {
        Self { schedule: format!("cron {expression}") }
    }
}

super::trigger!(CalendarTrigger, trigger => trigger.schedule.clone());
