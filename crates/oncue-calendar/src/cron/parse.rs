//! Parses cron's five fields, including names, and the words for whole expressions.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cron::Cron;
use crate::cron::set::{Item, Set, last};
use crate::error::{CalendarError, Mistake};
use crate::field::Field;
use crate::reader::{Place, Reader};
use crate::zone::{self, Zone};

/// No field needs more items, because none has that many numbers.
const MOST: usize = 64;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The words, each with minute, hour, day, month and weekday; `None` is `*`.
const WORDS: [(&str, [Option<u32>; 5]); 7] = [
    ("@hourly", [Some(0), None, None, None, None]),
    ("@daily", [Some(0), Some(0), None, None, None]),
    ("@midnight", [Some(0), Some(0), None, None, None]),
    ("@weekly", [Some(0), Some(0), None, None, Some(0)]),
    ("@monthly", [Some(0), Some(0), Some(1), None, None]),
    ("@yearly", YEARLY),
    ("@annually", YEARLY),
];
const YEARLY: [Option<u32>; 5] = [Some(0), Some(0), Some(1), Some(1), None];

/// Whether the text is one of cron's words, which need no prefix.
pub(crate) fn is_word(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or(text);
    word.eq_ignore_ascii_case(REBOOT) || WORDS.iter().any(|(known, _)| word.eq_ignore_ascii_case(known))
}

const REBOOT: &str = "@reboot";

/// Parses the expression at a byte of the text.
pub(super) fn expression(text: &str, at: usize) -> Result<Cron, CalendarError> {
    let mut reader = Reader::new(text, at);
    skip_spaces(&mut reader);
    if reader.is_at_end() {
        return Err(reader.error(reader.place(), Mistake::Empty));
    }
    let fields = if reader.sees('@') { word(&mut reader)? } else { five(&mut reader)? };
    let zone = zone(&mut reader)?;
    let [minute, hour, day, month, weekday] = fields;
    Ok(Cron { minute, hour, day, month, weekday, zone })
}

const FIELDS: [Field; 5] = [Field::Minute, Field::Hour, Field::Day, Field::Month, Field::Weekday];

fn word(reader: &mut Reader<'_>) -> Result<[Set; 5], CalendarError> {
    let start = *reader;
    let word = reader.take_while(|c| !is_blank(c));
    if word.eq_ignore_ascii_case(REBOOT) {
        return Err(start.error(reader.since(start.place()), Mistake::Reboot));
    }
    let known = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    let Some((_, numbers)) = known else {
        return Err(start.expected("@hourly, @daily, @weekly, @monthly or @yearly"));
    };
    let field = |at: usize| {
        let item = numbers[at].map_or(Item::All { step: 1 }, Item::One);
        Set::of(FIELDS[at], alloc::vec![item])
    };
    Ok([field(0), field(1), field(2), field(3), field(4)])
}

fn five(reader: &mut Reader<'_>) -> Result<[Set; 5], CalendarError> {
    let mut field = |field: Field, expected: &'static str| {
        skip_spaces(reader);
        if reader.is_at_end() { Err(reader.expected(expected)) } else { set(reader, field) }
    };
    Ok([
        field(Field::Minute, "the minute")?,
        field(Field::Hour, "the hour, the second of five fields")?,
        field(Field::Day, "the day of the month, the third of five fields")?,
        field(Field::Month, "the month, the fourth of five fields")?,
        field(Field::Weekday, "the day of the week, the last of five fields")?,
    ])
}

/// Parses the zone after the fields, if there is one.
fn zone(reader: &mut Reader<'_>) -> Result<Zone, CalendarError> {
    const AFTER: &str = "the end, or a time zone: UTC, Europe/Berlin";
    skip_spaces(reader);
    if reader.is_at_end() {
        return Ok(Zone::Local);
    }
    let start = *reader;
    let zone = zone::read(reader.take_while(|c| !is_blank(c)));
    skip_spaces(reader);
    zone.filter(|_| reader.is_at_end()).ok_or_else(|| start.expected(AFTER))
}

/// Parses one field: items separated by commas.
fn set(reader: &mut Reader<'_>, field: Field) -> Result<Set, CalendarError> {
    let mut items = Vec::new();
    loop {
        let from = reader.place();
        items.push(item(reader, field)?);
        if items.len() > MOST {
            return Err(reader.error(reader.since(from), Mistake::TooManyParts { limit: MOST }));
        }
        if !reader.take(",") {
            break;
        }
    }
    if reader.is_at_end() || reader.rest().starts_with(is_blank) {
        return Ok(Set::of(field, items));
    }
    let one = matches!(items.last(), Some(Item::One(_)));
    Err(reader.expected(match one {
        true if reader.sees('/') => "`,`, `-` or a space; a step follows `*` or a range, as in 5-59/15",
        true => "`,`, `-` or a space",
        false => "`,`, `/` or a space",
    }))
}

fn item(reader: &mut Reader<'_>, field: Field) -> Result<Item, CalendarError> {
    if reader.take("*") {
        return Ok(Item::All { step: step(reader, field)?.unwrap_or(1) });
    }
    let (from, from_place) = number(reader, field)?;
    if !reader.take("-") {
        return Ok(Item::One(from));
    }
    let (mut to, to_place) = number(reader, field)?;
    if field == Field::Weekday && to == 0 && from > 0 {
        // At the end of a range, Sunday is the last day.
        to = 7;
    }
    if to < from {
        let (from, to) = (reader.text(from_place), reader.text(to_place));
        let mistake = Mistake::Backwards { field, from, to };
        return Err(reader.error(from_place.until(to_place), mistake));
    }
    Ok(Item::Range { from, to, step: step(reader, field)?.unwrap_or(1) })
}

fn step(reader: &mut Reader<'_>, field: Field) -> Result<Option<u32>, CalendarError> {
    if !reader.take("/") {
        return Ok(None);
    }
    let from = reader.place();
    let digits = reader.take_while(|c| c.is_ascii_digit());
    let place = reader.since(from);
    match digits.parse() {
        _ if digits.is_empty() => Err(reader.expected("the number of the step")),
        Ok(0) => Err(reader.error(place, Mistake::StepOfZero)),
        Ok(step) if step <= last(field) - field.least() => Ok(Some(step)),
        _ => Err(reader.error(place, Mistake::StepTooLong { field, step: digits.into() })),
    }
}

/// Parses a number, or a name if the field has names.
fn number(reader: &mut Reader<'_>, field: Field) -> Result<(u32, Place), CalendarError> {
    let start = *reader;
    let digits = reader.take_while(|c| c.is_ascii_digit());
    let number = if digits.is_empty() { name(reader, field) } else { digits.parse().ok() };
    let place = reader.since(start.place());
    let range = field.least()..=field.greatest();
    match number {
        Some(number) if range.contains(&number) => Ok((number, place)),
        None if digits.is_empty() => Err(start.expected(match field {
            Field::Month => "a month, 1 to 12 or jan to dec, or `*`",
            Field::Weekday => "a day of the week, 0 to 7 or sun to sat, or `*`",
            Field::Year | Field::Day | Field::DayFromEnd | Field::Hour | Field::Minute | Field::Second => {
                "a number or `*`"
            }
        })),
        _ => Err(reader.error(place, Mistake::OutOfRange { field, value: String::from(digits) })),
    }
}

fn name(reader: &mut Reader<'_>, field: Field) -> Option<u32> {
    let (names, first): (&[&str], u32) = match field {
        Field::Month => (&MONTHS, 1),
        Field::Weekday => (&WEEKDAYS, 0),
        Field::Year | Field::Day | Field::DayFromEnd | Field::Hour | Field::Minute | Field::Second => {
            return None;
        }
    };
    let word = reader.take_while(|c| c.is_ascii_alphabetic());
    let at = names.iter().position(|name| word.eq_ignore_ascii_case(name))?;
    Some(u32::try_from(at).ok()? + first)
}

fn skip_spaces(reader: &mut Reader<'_>) {
    reader.take_while(is_blank);
}

/// The separators between the fields of a crontab.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
