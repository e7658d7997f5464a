//! A list of numbers, ranges and steps as written; its meaning depends on the field.

use alloc::string::String;
use alloc::vec::Vec;

use crate::chain::{Chain, Part};
use crate::error::{CalendarError, Mistake};
use crate::field::Field;
use crate::reader::{Place, Reader};

/// The maximum number of parts of a field, as in systemd.
const MOST: usize = 241;

/// `*`, or parts separated by commas.
#[derive(Debug)]
pub(super) enum List {
    Any,
    Parts(Vec<Written>),
}

/// `start`, `start..stop`, either with `/step`.
#[derive(Debug)]
pub(super) struct Written {
    start: Number,
    stop: Option<Number>,
    step: Option<Number>,
}

#[derive(Clone, Copy, Debug)]
struct Number {
    value: u64,
    place: Place,
}

/// Parses a list. `seconds` are in microseconds and may have a fraction.
pub(super) fn read(reader: &mut Reader<'_>, seconds: bool) -> Result<List, CalendarError> {
    if reader.take("*") {
        if reader.sees('/') {
            return Err(reader.expected("the field's end; a step follows a number, as in 0/5"));
        }
        return Ok(List::Any);
    }
    let mut parts = Vec::new();
    loop {
        let from = reader.place();
        parts.push(part(reader, seconds)?);
        if parts.len() > MOST {
            return Err(reader.error(reader.since(from), Mistake::TooManyParts { limit: MOST }));
        }
        if !reader.take(",") {
            break;
        }
    }
    let ends = reader.is_at_end() || [' ', '-', '~', ':'].iter().any(|sign| reader.sees(*sign));
    if ends { Ok(List::Parts(parts)) } else { Err(reader.expected("`,`, `..`, `/` or the field's end")) }
}

fn part(reader: &mut Reader<'_>, seconds: bool) -> Result<Written, CalendarError> {
    let start = number(reader, seconds)?;
    let stop = if reader.take("..") { Some(number(reader, seconds)?) } else { None };
    let step = if reader.take("/") { Some(number(reader, seconds)?) } else { None };
    if let Some(step) = step.filter(|step| step.value == 0) {
        return Err(reader.error(step.place, Mistake::StepOfZero));
    }
    Ok(Written { start, stop, step })
}

/// systemd has no larger number, in the smallest unit of a field.
const GREATEST: u64 = i32::MAX as u64;

fn number(reader: &mut Reader<'_>, seconds: bool) -> Result<Number, CalendarError> {
    let from = reader.place();
    let digits = reader.take_while(|c| c.is_ascii_digit());
    if digits.is_empty() {
        return Err(reader.expected(if reader.sees('*') {
            "a number, or `*` alone"
        } else {
            "a number or `*`"
        }));
    }
    let mut value = digits.parse().unwrap_or(u64::MAX).min(GREATEST + 1);
    if seconds {
        value *= Field::Second.unit() as u64;
        if reader.sees('.') && !reader.sees_range() {
            reader.skip(1);
            value += fraction(reader)?;
        }
    }
    Ok(Number { value, place: reader.since(from) })
}

/// Parses the digits after the decimal point, in microseconds, rounded.
fn fraction(reader: &mut Reader<'_>) -> Result<u64, CalendarError> {
    let digits = reader.take_while(|c| c.is_ascii_digit());
    if digits.is_empty() {
        return Err(reader.expected("the digits of a fraction"));
    }
    let digit = |at: usize| digits.as_bytes().get(at).map_or(0, |digit| u64::from(digit - b'0'));
    let micros = (0..6).fold(0, |micros, at| micros * 10 + digit(at));
    Ok(micros + u64::from(digit(6) >= 5))
}

impl List {
    /// Returns the meaning of the list in a field.
    pub(super) fn chain(&self, field: Field, reader: &Reader<'_>) -> Result<Chain, CalendarError> {
        let Self::Parts(written) = self else {
            return Ok(if field == Field::Second { Chain::every_second() } else { Chain::ANY });
        };
        let parts: Result<Vec<_>, _> = written.iter().map(|part| part.meant(field, reader)).collect();
        Ok(if field == Field::Second { Chain::of_seconds(parts?) } else { Chain::of(parts?) })
    }
}

impl Written {
    /// Returns the meaning of the part in a field, checked in the same order as by systemd.
    fn meant(&self, field: Field, reader: &Reader<'_>) -> Result<Part, CalendarError> {
        let full = |number: Number| {
            let value = if field == Field::Year { full_year(number.value) } else { number.value };
            Number { value, ..number }
        };
        for number in [Some(self.start), self.stop, self.step].into_iter().flatten() {
            if number.value > GREATEST {
                return Err(out_of_range(number, field, reader));
            }
        }
        let unit = u64::from(field.unit());
        let (start, stop) = (full(self.start), self.stop.map(full));
        in_range(start, field, reader)?;
        let Some(stop) = stop else { return self.open_ended(start, field, reader) };
        if stop.value < start.value {
            return Err(self.backwards(stop, field, reader));
        }
        if self.step.is_none() && field == Field::Second && stop.value < start.value + unit {
            let (from, to) = (reader.text(start.place), reader.text(stop.place));
            return Err(reader.error(start.place.until(stop.place), Mistake::UnderASecond { from, to }));
        }
        let step = self.step.map_or(unit, |step| step.value);
        // Only whole steps: numbers after the last of them do not count.
        let last = Number { value: stop.value - (stop.value - start.value) % step, ..stop };
        let start = in_range(start, field, reader)?;
        if last.value == u64::from(start) {
            return Ok(Part::single(start));
        }
        let last = in_range(last, field, reader)?;
        Ok(Part { start, stop: Some(last), step: u32::try_from(step).unwrap_or(0) })
    }

    fn open_ended(&self, start: Number, field: Field, reader: &Reader<'_>) -> Result<Part, CalendarError> {
        let start = in_range(start, field, reader)?;
        let Some(step) = self.step else { return Ok(Part::single(start)) };
        let room = if field == Field::DayFromEnd {
            // The days up to the end of the month.
            start - field.least()
        } else {
            field.last() - start
        };
        match u32::try_from(step.value) {
            Ok(value) if value <= room => Ok(Part { start, stop: None, step: value }),
            _ => {
                let step_text = reader.text(step.place);
                Err(reader.error(step.place, Mistake::StepTooLong { field, step: step_text }))
            }
        }
    }

    fn backwards(&self, stop: Number, field: Field, reader: &Reader<'_>) -> CalendarError {
        let (from, to): (String, String) = (reader.text(self.start.place), reader.text(stop.place));
        reader.error(self.start.place.until(stop.place), Mistake::Backwards { field, from, to })
    }
}

/// Two digits are a year of this century or the last: 69 is 2069, 70 is 1970.
fn full_year(year: u64) -> u64 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        year => year,
    }
}

fn in_range(number: Number, field: Field, reader: &Reader<'_>) -> Result<u32, CalendarError> {
    let value = u32::try_from(number.value).ok();
    let range = field.least()..=field.last();
    value.filter(|value| range.contains(value)).ok_or_else(|| out_of_range(number, field, reader))
}

fn out_of_range(number: Number, field: Field, reader: &Reader<'_>) -> CalendarError {
    let value = reader.text(number.place);
    reader.error(number.place, Mistake::OutOfRange { field, value })
}
