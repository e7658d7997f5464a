//! The numbers that a field accepts: a list of single numbers, ranges and repetitions.

use alloc::vec::Vec;
use core::fmt;

use crate::field::Field;

/// A sorted list of parts without duplicates. An empty list is `*`: any number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain(Vec<Part>);

/// A number, and what follows it. Seconds are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) start: u32,
    /// The last possible number. Without a stop, a repetition continues to the end of the field.
    pub(crate) stop: Option<u32>,
    /// 0 if there is only the start.
    pub(crate) step: u32,
}

const EVERY_SECOND: Part = Part { start: 0, stop: None, step: Field::Second.unit() };

impl Part {
    /// A single number.
    pub(crate) const fn single(start: u32) -> Self {
        Self { start, stop: None, step: 0 }
    }

    fn next(self, from: u32) -> Option<u32> {
        if from <= self.start {
            return Some(self.start);
        }
        let steps = (from - self.start).checked_next_multiple_of(self.step)?;
        let next = self.start.checked_add(steps)?;
        self.stop.is_none_or(|stop| next <= stop).then_some(next)
    }

    fn previous(self, until: u32) -> Option<u32> {
        let until = self.stop.map_or(until, |stop| until.min(stop));
        let beyond = until.checked_sub(self.start)?;
        Some(self.start + beyond.checked_div(self.step).unwrap_or(0) * self.step)
    }

    /// Converts a part to days of a month of this length, counted from its beginning.
    fn counted_from_end(self, days: u32) -> Self {
        let flipped = |day| (days + 1).saturating_sub(day);
        match self.stop {
            Some(stop) => Self { start: flipped(stop), stop: Some(flipped(self.start)), ..self },
            None => Self { start: flipped(self.start), ..self },
        }
    }
}

impl Chain {
    /// Any number.
    pub(crate) const ANY: Self = Self(Vec::new());

    /// Sorts valid parts.
    pub(crate) fn of(mut parts: Vec<Part>) -> Self {
        parts.sort_unstable();
        parts.dedup();
        Self(parts)
    }

    /// Every whole second, the meaning of `*` for seconds.
    pub(crate) fn every_second() -> Self {
        Self(alloc::vec![EVERY_SECOND])
    }

    /// Seconds: `*` means every whole second, and includes parts that are whole seconds.
    pub(crate) fn of_seconds(parts: Vec<Part>) -> Self {
        let unit = Field::Second.unit();
        let whole = |part: &Part| part.start.is_multiple_of(unit) && part.step.is_multiple_of(unit);
        if parts.contains(&EVERY_SECOND) && parts.iter().all(whole) {
            return Self::every_second();
        }
        Self::of(parts)
    }

    pub(crate) fn is_any(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it begins with a wildcard or a repetition.
    pub(crate) fn is_wild(&self) -> bool {
        self.0.first().is_none_or(|part| part.step > 0 && part.stop.is_none())
    }

    /// The smallest number of the field that is at least `from`.
    pub(crate) fn next(&self, from: u32, field: Field) -> Option<u32> {
        let next = match self.is_any() {
            true => Some(from),
            false => self.0.iter().filter_map(|part| part.next(from)).min(),
        };
        next.filter(|number| *number <= field.last())
    }

    /// The largest number of the field that is at most `until`.
    pub(crate) fn previous(&self, until: u32, field: Field) -> Option<u32> {
        let until = until.min(field.last());
        match self.is_any() {
            true => Some(until).filter(|number| *number >= field.least()),
            false => self.0.iter().filter_map(|part| part.previous(until)).max(),
        }
    }

    /// Whether the number is accepted.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.is_any() || self.0.iter().any(|part| part.next(number) == Some(number))
    }

    /// Returns a bit for each number of the field that is accepted.
    pub(crate) fn bits(&self, field: Field) -> u64 {
        (field.least()..=field.greatest())
            .filter(|number| self.has(*number))
            .fold(0, |bits, number| bits | 1 << number)
    }

    /// Whether the day is accepted, if parts count from the end of a month of this length.
    pub(crate) fn has_from_end(&self, day: u32, days: u32) -> bool {
        self.is_any() || self.0.iter().any(|part| part.counted_from_end(days).next(day) == Some(day))
    }

    /// Writes the list like systemd.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, field: Field) -> fmt::Result {
        if self.is_any() || (field == Field::Second && self.0 == [EVERY_SECOND]) {
            return f.write_str("*");
        }
        for (at, part) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { "," } else { "" })?;
            part.write(f, field)?;
        }
        Ok(())
    }
}

impl Part {
    fn write(self, f: &mut fmt::Formatter<'_>, field: Field) -> fmt::Result {
        let width = if field == Field::Year { 4 } else { 2 };
        number(f, self.start, width, field)?;
        if let Some(stop) = self.stop {
            f.write_str("..")?;
            number(f, stop, width, field)?;
        }
        // The step of a range is 1, unless another one is given.
        if self.step == 0 || (self.stop.is_some() && self.step == field.unit()) {
            return Ok(());
        }
        f.write_str("/")?;
        number(f, self.step, 1, field)
    }
}

fn number(f: &mut fmt::Formatter<'_>, number: u32, width: usize, field: Field) -> fmt::Result {
    let (whole, fraction) = (number / field.unit(), number % field.unit());
    write!(f, "{whole:0width$}")?;
    if fraction > 0 { write!(f, ".{fraction:06}") } else { Ok(()) }
}
