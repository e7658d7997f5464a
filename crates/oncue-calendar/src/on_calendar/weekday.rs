//! The weekdays before the date: `Mon`, `Mon..Fri`, `Sat,Sunday`.

use crate::error::{CalendarError, Mistake};
use crate::reader::Reader;
use crate::weekdays::{NAMES, Weekdays};

/// Parses weekdays and the spaces after them; none means every day.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Weekdays, CalendarError> {
    if name_length(reader).is_none() {
        return Ok(Weekdays::ALL);
    }
    let mut days = Weekdays::NONE;
    loop {
        let place = reader.place();
        let first = name(reader)?;
        // The older notation: Mon-Fri.
        let last = if reader.take("..") || reader.take("-") { name(reader)? } else { first };
        if last < first {
            let (first, last) = (NAMES[first].1, NAMES[last].1);
            return Err(reader.error(reader.since(place), Mistake::WeekdaysBackwards { first, last }));
        }
        days = days.with(first, last);
        // The list may end with a comma.
        let more = reader.take(",");
        if reader.is_at_end() || reader.sees(' ') {
            reader.take_while(|c| c == ' ');
            return Ok(days);
        }
        if !more {
            return Err(reader.expected("`,`, `..` or a space after the weekday"));
        }
    }
}

/// Parses a name; returns the day counted from Monday.
fn name(reader: &mut Reader<'_>) -> Result<usize, CalendarError> {
    let Some((day, length)) = name_length(reader) else {
        return Err(reader.expected("a weekday, Mon to Sun"));
    };
    reader.skip(length);
    Ok(day)
}

/// The day at the beginning of the text, counted from Monday, and the length of its name.
fn name_length(reader: &Reader<'_>) -> Option<(usize, usize)> {
    let begins = |name: &str| {
        let start = reader.rest().get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let mut names = NAMES.iter().enumerate().flat_map(|(day, (full, short))| [(day, *full), (day, *short)]);
    names.find(|(_, name)| begins(name)).map(|(day, name)| (day, name.len()))
}
