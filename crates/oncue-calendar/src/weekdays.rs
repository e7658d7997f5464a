//! Days of the week: a set, and systemd's notation.

use core::fmt;

use jiff::civil::Weekday;

/// The names, Monday first: in full, and the sufficient three letters.
pub(crate) const NAMES: [(&str, &str); 7] = [
    ("Monday", "Mon"),
    ("Tuesday", "Tue"),
    ("Wednesday", "Wed"),
    ("Thursday", "Thu"),
    ("Friday", "Fri"),
    ("Saturday", "Sat"),
    ("Sunday", "Sun"),
];

/// A set of days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub(crate) const ALL: Self = Self(0b111_1111);
    pub(crate) const NONE: Self = Self(0);

    /// Adds the days from one to another, both counted from Monday.
    pub(crate) fn with(self, from: usize, to: usize) -> Self {
        Self((from..=to).fold(self.0, |set, day| set | 1 << day))
    }

    pub(crate) fn has(self, weekday: Weekday) -> bool {
        self.holds(weekday.to_monday_zero_offset().unsigned_abs().into())
    }

    /// Returns a bit for each day, beginning with Sunday.
    pub(crate) fn bits_from_sunday(self) -> u64 {
        (0..NAMES.len()).filter(|day| self.holds((day + 6) % 7)).fold(0, |bits, day| bits | 1 << day)
    }

    fn holds(self, day: usize) -> bool {
        self.0 & 1 << day != 0
    }
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut day = 0;
        let mut comma = "";
        while day < NAMES.len() {
            if !self.holds(day) {
                day += 1;
                continue;
            }
            let last = (day..NAMES.len()).take_while(|day| self.holds(*day)).last().unwrap_or(day);
            f.write_str(comma)?;
            f.write_str(NAMES[day].1)?;
            match last - day {
                0 => {}
                1 => write!(f, ",{}", NAMES[last].1)?,
                _ => write!(f, "..{}", NAMES[last].1)?,
            }
            comma = ",";
            day = last + 1;
        }
        Ok(())
    }
}
