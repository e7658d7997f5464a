//! When a calendar expression fires: systemd's `OnCalendar` language and five-field cron.
//!
//! The crate is pure: it has no clock and no I/O. Time zones are passed in as values; the caller
//! looks up named zones. Sources: systemd.time(7), section *Calendar Events*; crontab(5); cron(8),
//! for what happens when clocks change.
//!
//! ```
//! use jiff::{Timestamp, tz::TimeZone};
//! use oncue_calendar::Schedule;
//!
//! let schedule = Schedule::parse("Mon..Fri 9:00")?;
//! assert_eq!(schedule.to_string(), "Mon..Fri *-*-* 09:00:00");
//! let sunday: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
//! let monday: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
//! assert_eq!(schedule.next(sunday, &TimeZone::UTC), Some(monday));
//! # Ok::<(), oncue_calendar::CalendarError>(())
//! ```
#![no_std]
#![warn(clippy::wildcard_enum_match_arm)]

extern crate alloc;

mod chain;
mod counterpart;
mod cron;
mod error;
mod field;
mod never;
mod on_calendar;
mod pattern;
mod reader;
mod schedule;
mod timeline;
mod weekdays;
mod zone;

pub use counterpart::{NotCron, cron_every};
pub use cron::Cron;
pub use error::{CalendarError, Mistake, UnknownZone};
pub use field::Field;
pub use on_calendar::OnCalendar;
pub use schedule::{Firings, Schedule};
