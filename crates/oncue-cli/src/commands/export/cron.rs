//! Triggers as lines of cron, for schedulers that have nothing else.

use jiff::tz::TimeZone;
use oncue_calendar::{Schedule, cron_every};
use oncue_types::{Trigger, show_span};

use super::subject::Subject;
use super::translation::Notes;

/// The lines by which a task fires.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) lines: Vec<String>,
    /// The name of the time zone.
    pub(super) zone: String,
}

const UTC: &str = "UTC";

impl Lines {
    /// Returns the lines of a task, at most so many; `None` if there are none, which is noted.
    pub(super) fn of(subject: &Subject, most: usize, notes: &mut Notes) -> Option<Self> {
        let trigger = &subject.trigger;
        let lines = match trigger {
            Trigger::Time { minutes, one_shot: false }
            | Trigger::Maintenance { minutes, one_shot: false } => interval(*minutes, subject, notes),
            Trigger::Calendar(expression) => calendar(expression, notes),
            Trigger::Time { one_shot: true, .. }
            | Trigger::Maintenance { one_shot: true, .. }
            | Trigger::System { .. }
            | Trigger::Application
            | Trigger::Signal { .. }
            | Trigger::After { .. }
            | Trigger::Startup
            | Trigger::Watch(_) => {
                notes.lost(format!("trigger `{trigger}`: nothing fires there but a schedule"));
                None
            }
        }?;
        if lines.lines.len() > most {
            let count = lines.lines.len();
            notes.lost(format!("trigger `{trigger}`: it would take {count} schedules (limit: {most})"));
            return None;
        }
        Some(lines)
    }
}

fn interval(minutes: u32, subject: &Subject, notes: &mut Notes) -> Option<Lines> {
    let span = subject.trigger.period().map(show_span).unwrap_or_default();
    let Some(lines) = cron_every(minutes) else {
        notes.lost(format!(
            "every {span}: cron cannot express this interval, because it does not divide a day evenly"
        ));
        return None;
    };
    notes.differs(format!("every {span}: it counts from midnight in UTC, not from when the task was added"));
    // There, no clock is set forward or back, so all intervals are equally long.
    Some(Lines { lines, zone: UTC.to_owned() })
}

fn calendar(expression: &str, notes: &mut Notes) -> Option<Lines> {
    let text = expression.strip_prefix("calendar ").unwrap_or(expression);
    let lines = match Schedule::parse(text) {
        Ok(schedule) => schedule.to_cron().map(|lines| (lines, schedule.zone().map(str::to_owned))),
        Err(error) => {
            notes.lost(format!("at `{text}`: {error}"));
            return None;
        }
    };
    match lines {
        Ok((lines, zone)) => Some(Lines { lines, zone: zone.unwrap_or_else(|| here(notes)) }),
        Err(why) => {
            notes.lost(format!("at `{text}`: {why}"));
            None
        }
    }
}

/// Returns the time zone of this machine.
fn here(notes: &mut Notes) -> String {
    let zone = TimeZone::system();
    zone.iana_name().map_or_else(
        || {
            if zone != TimeZone::UTC {
                notes.differs("the time zone of this machine has no name; it runs by UTC there");
            }
            UTC.to_owned()
        },
        str::to_owned,
    )
}
