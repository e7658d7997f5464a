//! A trigger that fires according to a calendar expression.

/// Wakes a task according to a calendar expression. WinRT has no counterpart; refused on Windows.
///
/// The expression is checked by [`register`](crate::BackgroundTaskBuilder::register); `oncue
/// calendar EXPRESSION` shows what it means. Firings that are missed while the machine is off run
/// once at the next chance, unless the task skips them
/// ([`set_missed_firings`](crate::BackgroundTaskBuilder::set_missed_firings)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarTrigger {
    schedule: String,
}

impl CalendarTrigger {
    /// Creates a trigger from an expression of systemd: `Mon..Fri 9:00`, `*-*-1 04:30
    /// Europe/Berlin`, `weekly`. See *systemd.time(7)*, *Calendar Events*. Without a time zone, it
    /// uses the local one.
    #[must_use]
    pub fn on_calendar(expression: &str) -> Self {
        Self { schedule: format!("calendar {expression}") }
    }

    /// Creates a trigger from an expression of cron: `30 4 * * mon-fri`, `@daily`. See
    /// *crontab(5)*. It uses the local time zone.
    #[must_use]
    pub fn cron(expression: &str) -> Self {
        Self { schedule: format!("cron {expression}") }
    }
}

super::trigger!(CalendarTrigger, trigger => oncue_types::Trigger::Calendar(trigger.schedule.as_str().into()));
