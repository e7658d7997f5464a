//! The same schedule in the other language, if it has one.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use crate::field::Field;
use crate::schedule::Schedule;
use crate::weekdays::Weekdays;

/// Why a schedule cannot be written in cron's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCron {
    /// It names seconds.
    #[error("a line of cron has no seconds")]
    Seconds,
    /// It names years.
    #[error("a line of cron has no years")]
    Years,
    /// It counts days from the end of the month.
    #[error("cron cannot count days from the end of a month")]
    FromEnd,
    /// It names a weekday and a day of the month, and requires both.
    #[error("cron cannot require both a day of the month and a day of the week")]
    BothDays,
}

/// Minutes, hours and dates, all of which must match. Each field has a bit for each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) minute: u64,
    pub(crate) hour: u64,
    pub(crate) day: u64,
    pub(crate) month: u64,
    /// From Sunday, which is 0, to Saturday.
    pub(crate) weekday: u64,
}

const MINUTES_OF_DAY: u32 = 24 * 60;

impl Schedule {
    /// Returns lines of five fields that together fire at the same times, in numbers and without a time zone,
    /// which [`zone`](Self::zone) returns. They mean the same to every cron: no line restricts both kinds
    /// of days.
    ///
    /// # Errors
    /// Returns an error if cron has no words for it.
    pub fn to_cron(&self) -> Result<Vec<String>, NotCron> {
        let lines = self.fields()?.iter().map(Fields::cron).collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| Self::parse_cron(line).is_ok()).collect())
    }

    /// Returns expressions of systemd's language that together fire at the same times, with the time zone.
    #[must_use]
    pub fn to_on_calendar(&self) -> Vec<String> {
        match self {
            Self::OnCalendar(on) => alloc::vec![format!("{on}")],
            Self::Cron(cron) => {
                let texts = cron.fields().into_iter().map(|fields| format!("{fields}{}", cron.zone()));
                texts.filter(|text| Self::parse(text).is_ok()).collect()
            }
        }
    }

    fn fields(&self) -> Result<Vec<Fields>, NotCron> {
        match self {
            Self::OnCalendar(on) => Ok(alloc::vec![on.fields()?]),
            Self::Cron(cron) => Ok(cron.fields()),
        }
    }
}

/// Returns lines of cron that fire every so many minutes, counted from midnight; `None` if the minutes do not
/// divide a day evenly.
#[must_use]
pub fn cron_every(minutes: u32) -> Option<Vec<String>> {
    if minutes == 0 || !MINUTES_OF_DAY.is_multiple_of(minutes) {
        return None;
    }
    let mut hours_of_minute = BTreeMap::<u32, u64>::new();
    for at in (0..MINUTES_OF_DAY).step_by(usize::try_from(minutes).ok()?) {
        *hours_of_minute.entry(at % 60).or_default() |= 1 << (at / 60);
    }
    let mut minutes_of_hours = BTreeMap::<u64, u64>::new();
    for (minute, hours) in hours_of_minute {
        *minutes_of_hours.entry(hours).or_default() |= 1 << minute;
    }
    let always = |minute, hour| Fields { minute, hour, ..Fields::ALWAYS };
    minutes_of_hours.into_iter().map(|(hour, minute)| always(minute, hour).cron().ok()).collect()
}

impl Fields {
    pub(crate) const ALWAYS: Self = Self {
        minute: all(Field::Minute),
        hour: all(Field::Hour),
        day: all(Field::Day),
        month: all(Field::Month),
        weekday: all(Field::Weekday),
    };

    fn cron(&self) -> Result<String, NotCron> {
        let Self { minute, hour, day, month, weekday } = *self;
        if day != all(Field::Day) && weekday != all(Field::Weekday) {
            return Err(NotCron::BothDays);
        }
        let fields = [
            (minute, Field::Minute),
            (hour, Field::Hour),
            (day, Field::Day),
            (month, Field::Month),
            (weekday, Field::Weekday),
        ];
        Ok(fields.map(|(bits, field)| written(bits, field, "*/", "-")).join(" "))
    }
}

/// Writes the fields as an expression of `OnCalendar`.
impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weekday != all(Field::Weekday) {
            // There, the week begins with Monday.
            let days = (0..7_usize).filter(|day| self.weekday & 1 << ((day + 1) % 7) != 0);
            write!(f, "{} ", days.fold(Weekdays::NONE, |days, day| days.with(day, day)))?;
        }
        let [month, day, hour, minute] = [
            (self.month, Field::Month, "1/"),
            (self.day, Field::Day, "1/"),
            (self.hour, Field::Hour, "0/"),
            (self.minute, Field::Minute, "0/"),
        ]
        .map(|(bits, field, step)| written(bits, field, step, ".."));
        write!(f, "*-{month}-{day} {hour}:{minute}:00")
    }
}

const fn numbers(field: Field) -> RangeInclusive<u32> {
    // Sunday counts only once.
    let last = if matches!(field, Field::Weekday) { 6 } else { field.greatest() };
    field.least()..=last
}

const fn all(field: Field) -> u64 {
    let numbers = numbers(field);
    let (first, last) = (*numbers.start(), *numbers.end());
    (u64::MAX >> (63 - last)) & (u64::MAX << first)
}

/// Writes the numbers of a field: `*`, a repetition from its beginning, or single numbers and ranges.
fn written(bits: u64, field: Field, repetition: &str, range: &str) -> String {
    if bits == all(field) {
        return "*".into();
    }
    let chosen: Vec<u32> = numbers(field).filter(|number| bits & 1 << number != 0).collect();
    if let [first, second, _, ..] = chosen[..] {
        let step = second - first;
        let repeated = numbers(field).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        if step > 1 && repeated.eq(chosen.iter().copied()) {
            return format!("{repetition}{step}");
        }
    }
    let runs = chosen.chunk_by(|one, next| one + 1 == *next);
    let runs: Vec<String> = runs
        .map(|run| match run {
            [first, _, .., last] => format!("{first}{range}{last}"),
            few => few.iter().map(|number| format!("{number}")).collect::<Vec<_>>().join(","),
        })
        .collect();
    runs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(text: &str) -> Result<Vec<String>, NotCron> {
        Schedule::parse(text).unwrap().to_cron()
    }

    #[test]
    fn a_schedule_is_written_in_the_other_language() {
        for (text, lines) in [
            ("Mon..Fri 9:00", &["0 9 * * 1-5"][..]),
            ("*:0/15", &["*/15 * * * *"]),
            ("Sat,Sun *-*-* 8..10,12:30", &["30 8-10,12 * * 0,6"]),
            ("*-02,05-01,03 00:00 Europe/Berlin", &["0 0 1,3 2,5 *"]),
            ("cron 0 0 13 * 5", &["0 0 13 * *", "0 0 * * 5"]),
            ("cron 0 0 31 2 5", &["0 0 * 2 5"]),
            ("@daily", &["0 0 * * *"]),
        ] {
            assert_eq!(cron(text).unwrap(), lines, "{text}");
        }
        for (text, why) in [
            ("*:*:30", NotCron::Seconds),
            ("*:*:*", NotCron::Seconds),
            ("2030-01-01", NotCron::Years),
            ("*-*~01", NotCron::FromEnd),
            ("Mon *-*-1..7", NotCron::BothDays),
            ("cron 0 0 */2 * 1", NotCron::BothDays),
        ] {
            assert_eq!(cron(text), Err(why), "{text}");
        }
        for (text, expressions) in [
            ("cron */5 8-10 * * 1-5", &["Mon..Fri *-*-* 8..10:0/5:00"][..]),
            (
                "cron 0 0 13 * 0 Europe/Berlin",
                &["*-*-13 0:0:00 Europe/Berlin", "Sun *-*-* 0:0:00 Europe/Berlin"],
            ),
            ("cron 0 0 */2 * 1", &["Mon *-*-1/2 0:0:00"]),
            ("daily", &["*-*-* 00:00:00"]),
        ] {
            assert_eq!(Schedule::parse(text).unwrap().to_on_calendar(), expressions, "{text}");
        }
    }

    #[test]
    fn an_interval_that_divides_a_day_is_a_few_lines() {
        for (minutes, lines) in [
            (15, &["*/15 * * * *"][..]),
            (1, &["* * * * *"]),
            (60, &["0 * * * *"]),
            (360, &["0 */6 * * *"]),
            (1_440, &["0 0 * * *"]),
            (90, &["0 */3 * * *", "30 1,4,7,10,13,16,19,22 * * *"]),
        ] {
            let mut written = cron_every(minutes).unwrap();
            written.sort();
            assert_eq!(written, lines, "{minutes}");
        }
        for minutes in [0, 7, 50, 2_880] {
            assert_eq!(cron_every(minutes), None, "{minutes}");
        }
    }
}
