//! The calendar, which is passed in, so that the core needs neither time zones nor their files.

use alloc::string::String;
use core::fmt::Debug;

use oncue_types::Wall;

/// Knows when schedules such as `calendar Mon..Fri 9:00` and `cron */5 * * * *` fire.
///
/// Two answers to the same question may differ only if the time zone was changed, which
/// [`crate::Event::ClockSet`] reports.
pub trait Calendar: Debug + Send {
    /// Checks a schedule: its syntax, its zone, and that it fires at all.
    ///
    /// # Errors
    /// Returns what is wrong, as text for people.
    fn check(&self, schedule: &str) -> Result<(), String>;

    /// Returns when the schedule next fires after `after`.
    fn next(&self, schedule: &str, after: Wall) -> Option<Wall>;

    /// Returns whether the schedule runs all day, such as `*:0/30`, rather than at fixed times of
    /// day.
    ///
    /// If the clock is set back a little, the former follows the clock, and the latter does not
    /// fire twice.
    fn is_wild(&self, schedule: &str) -> bool;
}

/// Knows no schedules, for hosts without time zones.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCalendar;

impl Calendar for NoCalendar {
    fn check(&self, _: &str) -> Result<(), String> {
        Err("this broker has no calendar".into())
    }

    fn next(&self, _: &str, _: Wall) -> Option<Wall> {
        None
    }

    fn is_wild(&self, _: &str) -> bool {
        false
    }
}
