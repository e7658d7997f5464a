//! What calendars say: handed in, so that the core needs neither time zones nor their files.

use alloc::string::String;
use core::fmt::Debug;

use crate::moment::Wall;

/// Knows when schedules such as `calendar Mon..Fri 9:00` and `cron */5 * * * *` come.
///
/// Two answers to one question may differ only because the time zone was changed, of which
/// [`crate::Event::ClockSet`] tells.
pub trait Calendar: Debug + Send {
    /// Says what is wrong with a schedule: its words, its zone, or that it never comes.
    ///
    /// # Errors
    /// What is wrong, for a person.
    fn check(&self, schedule: &str) -> Result<(), String>;

    /// Returns when the schedule comes next, later than `after`.
    fn next(&self, schedule: &str, after: Wall) -> Option<Wall>;

    /// Returns whether the schedule goes on all day long, `*:0/30`, rather than at fixed times of day.
    ///
    /// When the clock is set back a little, the former goes on by what the clock shows, and the latter
    /// does not come twice.
    fn is_wild(&self, schedule: &str) -> bool;
}

/// Knows no schedule, for hosts without time zones.
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
