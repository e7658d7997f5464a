//! What an expression means, and when it fires next.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;
use oncue_types::Wall;

use crate::commands::calendar::CalendarFailure;
use crate::render::card::Card;
use crate::render::style::HELD;
use crate::render::table::{Column, Table};
use crate::render::time::Clock;

/// When an expression fires.
#[derive(Debug)]
pub(super) struct Outlook {
    pub(super) expression: String,
    pub(super) schedule: Schedule,
    /// The time zone of this machine.
    pub(super) here: TimeZone,
    /// The time zone of the expression.
    pub(super) there: TimeZone,
    pub(super) from: Timestamp,
    pub(super) firings: Vec<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// The word before an expression in a trigger.
const PREFIX: &str = "calendar ";

const COLUMNS: [Column; 4] = [
    Column::new("WHEN", 28, 0),
    Column::new("HERE", 23, 2),
    Column::new("UTC", 19, 1),
    Column::new("IN", 8, 0),
];

impl Outlook {
    /// Evaluates an expression, also as written in a trigger.
    pub(super) fn of(
        text: &str,
        here: TimeZone,
        from: Timestamp,
        count: usize,
    ) -> Result<Self, CalendarFailure> {
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        let schedule =
            Schedule::parse(text).map_err(|error| CalendarFailure::Text { text: text.to_owned(), error })?;
        let there = schedule.zone_from(&here, |name| TimeZone::get(name).ok());
        let there = there.map_err(|error| CalendarFailure::Zone { text: text.to_owned(), error })?;
        let firings = schedule.firings(from, &there).take(count).collect();
        let last = schedule.previous(from, &there);
        Ok(Self { expression: text.to_owned(), schedule, here, there, from, firings, last })
    }

    /// Draws it.
    pub(super) fn draw(&self, width: Option<usize>) -> String {
        let mut card = Card::default();
        card.row("expression", &self.expression);
        card.row("normalised", self.schedule.to_string());
        card.row(
            "time zone",
            match self.schedule.zone() {
                Some(zone) => zone.to_owned(),
                None if self.here.is_unknown() => "UTC, because the local time zone is unknown".to_owned(),
                None => format!("{}, the local one", self.here.iana_name().unwrap_or("unnamed")),
            },
        );
        if self.firings.is_empty() {
            let last = self.last.map(|at| format!("; the last time was {}", reading(at, &self.there)));
            card.styled("next", &format!("never again{}", last.unwrap_or_default()), HELD);
            return card.draw(width);
        }
        format!("{}\n{}", card.draw(width), self.table().draw(width))
    }

    fn table(&self) -> Table {
        let clock = Clock::at(Wall(self.from.as_microsecond()), self.here.clone());
        let elsewhere = self.there != self.here;
        let mut table = Table::new(&COLUMNS);
        for at in &self.firings {
            table.row(vec![
                reading(*at, &self.there).into(),
                if elsewhere { reading(*at, &self.here) } else { String::new() }.into(),
                if self.there == TimeZone::UTC { String::new() } else { utc(*at) }.into(),
                clock.distance(Wall(at.as_microsecond())).into(),
            ]);
        }
        table
    }
}

/// Weekday, date, time and the zone's abbreviation for its offset.
fn reading(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M:%S%.f %Z").to_string()
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(text: &str, here: &str) -> String {
        let from = "2026-11-22T12:00:00Z".parse().unwrap();
        let outlook = Outlook::of(text, TimeZone::get(here).unwrap(), from, 2).unwrap();
        anstream::adapter::strip_str(&outlook.draw(None)).to_string()
    }

    #[test]
    fn what_is_meant_here_has_local_time_and_utc() {
        assert_eq!(
            outlook("Mon..Fri 9:00", "Europe/Berlin"),
            "  expression  Mon..Fri 9:00\n  \
               normalised  Mon..Fri *-*-* 09:00:00\n  \
               time zone   Europe/Berlin, the local one\n\n\
             WHEN                         UTC                  IN\n\
             Mon 2026-11-23 09:00:00 CET  2026-11-23 08:00:00  in 20 h\n\
             Tue 2026-11-24 09:00:00 CET  2026-11-24 08:00:00  in 1 d 20 h\n"
        );
    }

    #[test]
    fn what_is_meant_elsewhere_has_the_time_there_too() {
        let drawn = outlook("calendar 9:00:00.5 Asia/Tokyo", "Europe/Berlin");
        assert!(
            drawn.contains(
                "Mon 2026-11-23 09:00:00.5 JST  Mon 2026-11-23 01:00:00.5 CET  2026-11-23 00:00:00.5"
            ),
            "{drawn}"
        );
        let drawn = outlook("cron 0 9 * * * UTC", "UTC");
        assert!(drawn.contains("normalised  cron 0 9 * * * UTC\n"), "{drawn}");
        assert!(drawn.contains("WHEN                         IN\n"), "{drawn}");
    }

    #[test]
    fn what_is_over_says_when_it_was() {
        let drawn = outlook("2020-02-29", "UTC");
        assert!(
            drawn.ends_with("next        never again; the last time was Sat 2020-02-29 00:00:00 UTC\n"),
            "{drawn}"
        );
    }
}
