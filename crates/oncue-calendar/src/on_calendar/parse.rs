//! Parses `[WEEKDAYS] [DATE] [TIME] [ZONE]`, like systemd.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::chain::{Chain, Part};
use crate::error::{CalendarError, Mistake};
use crate::field::Field;
use crate::on_calendar::list::{self, List};
use crate::on_calendar::{OnCalendar, shorthand, weekday};
use crate::reader::{Place, Reader};
use crate::weekdays::Weekdays;
use crate::zone::{self, Zone};

const BEGINNING: &str = "a weekday, a date, a time, `@` and seconds since 1970, or a word as hourly, daily, \
                         weekly, monthly, quarterly, yearly";

/// Parses a whole expression.
pub(super) fn expression(text: &str) -> Result<OnCalendar, CalendarError> {
    let (expression, zone) = zone::split(text);
    let mut reader = Reader::new(expression, 0);
    if expression.is_empty() {
        return Err(reader.error(reader.place(), Mistake::Empty));
    }
    if let Some((_, meant)) = shorthand::find(expression) {
        return Ok(OnCalendar { zone, ..meant });
    }
    let weekdays = weekday::read(&mut reader)?;
    if reader.take("@") {
        if zone != Zone::Local && zone != Zone::Utc {
            return Err(Reader::new(text, 0)
                .error(Place { from: expression.len() + 1, to: text.len() }, Mistake::InstantWithZone));
        }
        return Ok(OnCalendar { weekdays, ..instant(&mut reader)? });
    }
    if reader.rest().starts_with(|c: char| !c.is_ascii_digit() && c != '*') {
        return Err(strange(&reader, weekdays));
    }
    let date = date(&mut reader)?;
    let time = time(&mut reader)?;
    Ok(OnCalendar { weekdays, hour: time.hour, minute: time.minute, second: time.second, zone, ..date })
}

/// The error for a text that no expression begins with.
fn strange(reader: &Reader<'_>, weekdays: Weekdays) -> CalendarError {
    let word = reader.rest().split(' ').next().unwrap_or_default();
    if let Some((shorthand, _)) = shorthand::find(word) {
        let end = reader.place().from + word.len();
        let place = Place { to: end, ..reader.place() };
        return reader.error(place, Mistake::NotAlone { shorthand });
    }
    reader.expected(if weekdays == Weekdays::ALL { BEGINNING } else { "a date or a time after the weekdays" })
}

/// Parses the seconds after `@`: one instant, always in UTC.
fn instant(reader: &mut Reader<'_>) -> Result<OnCalendar, CalendarError> {
    let from = reader.place();
    let digits = reader.take_while(|c| c.is_ascii_digit());
    if digits.is_empty() || !reader.is_at_end() {
        return Err(reader.expected("whole seconds since 1970, and nothing after them"));
    }
    let reading = digits.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let reading = reading.map(|at| Offset::UTC.to_datetime(at));
    let beyond = || Mistake::OutOfRange { field: Field::Year, value: alloc::format!("that of @{digits}") };
    let reading = reading.filter(|reading| crate::field::YEARS.contains(&reading.year()));
    let reading = reading.ok_or_else(|| reader.error(reader.since(from), beyond()))?;
    let single = |number: u32| Chain::of(alloc::vec![Part::single(number)]);
    let small = |number: i8| single(number.unsigned_abs().into());
    Ok(OnCalendar {
        year: single(reading.year().unsigned_abs().into()),
        month: small(reading.month()),
        day: small(reading.day()),
        hour: small(reading.hour()),
        minute: small(reading.minute()),
        second: single(u32::from(reading.second().unsigned_abs()) * Field::Second.unit()),
        zone: Zone::Utc,
        ..OnCalendar::always()
    })
}

/// Parses `YEAR-MONTH-DAY`, `MONTH-DAY` or nothing, with an optional `~` before the day, and the
/// spaces after it.
fn date(reader: &mut Reader<'_>) -> Result<OnCalendar, CalendarError> {
    let every = OnCalendar::always();
    let mut ahead = *reader;
    if ahead.is_at_end() {
        return Ok(every);
    }
    let first = list::read(&mut ahead, false)?;
    if ahead.is_at_end() || ahead.sees(':') {
        // It was the hour of a time.
        return Ok(every);
    }
    *reader = ahead;
    let from_end = separator(reader)?;
    let second = list::read(reader, false)?;
    if from_end || reader.is_at_end() || reader.sees(' ') {
        end_of_date(reader)?;
        return finished(&List::Any, &first, &second, from_end, reader);
    }
    let from_end = separator(reader)?;
    let third = list::read(reader, false)?;
    end_of_date(reader)?;
    finished(&first, &second, &third, from_end, reader)
}

/// Parses the sign before a month or day; returns whether it is `~`.
fn separator(reader: &mut Reader<'_>) -> Result<bool, CalendarError> {
    let from_end = reader.take("~");
    if from_end || reader.take("-") {
        Ok(from_end)
    } else {
        Err(reader.expected("`-` or `~` in a date, `:` in a time"))
    }
}

fn end_of_date(reader: &mut Reader<'_>) -> Result<(), CalendarError> {
    let spaces = reader.take_while(|c| c == ' ');
    if reader.is_at_end() || !spaces.is_empty() {
        Ok(())
    } else {
        Err(reader.expected("a space after the date"))
    }
}

fn finished(
    year: &List,
    month: &List,
    day: &List,
    from_end: bool,
    reader: &Reader<'_>,
) -> Result<OnCalendar, CalendarError> {
    let field = if from_end { Field::DayFromEnd } else { Field::Day };
    let day = day.chain(field, reader)?;
    Ok(OnCalendar {
        year: year.chain(Field::Year, reader)?,
        month: month.chain(Field::Month, reader)?,
        // Every day is the same from either end.
        from_end: from_end && !day.is_any(),
        day,
        ..OnCalendar::always()
    })
}

struct Time {
    hour: Chain,
    minute: Chain,
    second: Chain,
}

/// Parses `HOUR:MINUTE[:SECOND]`; an empty text is midnight.
fn time(reader: &mut Reader<'_>) -> Result<Time, CalendarError> {
    let zero = || Chain::of(alloc::vec![Part::single(0)]);
    if reader.is_at_end() {
        return Ok(Time { hour: zero(), minute: zero(), second: zero() });
    }
    let hour = list::read(reader, false)?;
    if !reader.take(":") {
        return Err(reader.expected("`:` and the minute"));
    }
    let minute = list::read(reader, false)?;
    let second = if reader.take(":") { Some(list::read(reader, true)?) } else { None };
    if !reader.is_at_end() {
        return Err(reader.expected(if second.is_some() { AFTER } else { "`:` and the second, or the end" }));
    }
    Ok(Time {
        hour: hour.chain(Field::Hour, reader)?,
        minute: minute.chain(Field::Minute, reader)?,
        second: second.map_or_else(|| Ok(zero()), |second| second.chain(Field::Second, reader))?,
    })
}

const AFTER: &str = "the end, or a space and a time zone: UTC, Europe/Berlin";
