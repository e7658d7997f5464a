//! The weekdays before the date: `Mon`, `Mon..Fri`, `Sat,Sunday`.

use crate::error::{CalendarError, Mistake};
use crate::reader::Reader;
use crate::weekdays::{NAMES, Weekdays};

/// Reads weekdays and the blanks after them; none is every day.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Weekdays, CalendarError> {
    if name_length(reader).is_none() {
        return Ok(Weekdays::ALL);
    }
    let mut days = Weekdays::NONE;
    loop {
        let place = reader.place();
        let first = name(reader)?;
        // The sign of old: Mon-Fri.
        let last = if reader.take("..") || reader.take("-") { name(reader)? } else { first };
        if last < first {
            let (first, last) = (NAMES[first].1, NAMES[last].1);
            return Err(reader.error(reader.since(place), Mistake::WeekdaysBackwards { first, last }));
        }
        days = days.with(first, last);
        // A comma may stand at the end of the list.
        let more = reader.take(",");
        if reader.is_at_end() || reader.sees(' ') {
            reader.take_while(|c| c == ' ');
            return Ok(days);
        }
        if !more {
            return Err(reader.expected("`,`, `..` or a blank after the weekday"));
        }
    }
}

/// Reads a name; returns the day counted from Monday.
fn name(reader: &mut Reader<'_>) -> Result<usize, CalendarError> {
    let Some((day, length)) = name_length(reader) else {
        return Err(reader.expected("a weekday, Mon to Sun"));
    };
    reader.skip(length);
    Ok(day)
}

/// The day that the text begins with, counted from Monday, and the length of its name.
fn name_length(reader: &Reader<'_>) -> Option<(usize, usize)> {
    let begins = |name: &str| {
        let start = reader.rest().get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let mut names = NAMES.iter().enumerate().flat_map(|(day, (full, short))| [(day, *full), (day, *short)]);
    names.find(|(_, name)| begins(name)).map(|(day, name)| (day, name.len()))
}
