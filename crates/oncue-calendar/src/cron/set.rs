//! One field of a cron expression: its numbers, and how it was written.

use alloc::vec::Vec;
use core::fmt;

use crate::field::Field;

/// The numbers of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    items: Vec<Item>,
    /// A bit for each number.
    bits: u64,
}

/// An item of a field's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// `*`, or `*/step`.
    All {
        step: u32,
    },
    One(u32),
    /// `from-to`, or `from-to/step`.
    Range {
        from: u32,
        to: u32,
        step: u32,
    },
}

impl Set {
    pub(super) fn of(field: Field, items: Vec<Item>) -> Self {
        let bits = items.iter().flat_map(|item| item.numbers(field)).fold(0, |bits, number| {
            // Sunday is 0 and 7.
            bits | 1 << if field == Field::Weekday { number % 7 } else { number }
        });
        Self { items, bits }
    }

    pub(super) fn has(&self, number: i8) -> bool {
        self.bits & 1 << (number.unsigned_abs() & 63) != 0
    }

    /// Returns a bit for each number.
    pub(super) fn bits(&self) -> u64 {
        self.bits
    }

    /// Whether it begins with `*`.
    pub(super) fn is_wild(&self) -> bool {
        matches!(self.items.first(), Some(Item::All { .. }))
    }
}

impl Item {
    fn numbers(self, field: Field) -> impl Iterator<Item = u32> {
        let (from, to, step) = match self {
            Self::All { step } => (field.least(), last(field), step),
            Self::One(number) => (number, number, 1),
            Self::Range { from, to, step } => (from, to, step),
        };
        (from..=to).step_by(usize::try_from(step).unwrap_or(usize::MAX).max(1))
    }
}

/// The last number of `*`; Sunday counts only once.
pub(super) fn last(field: Field) -> u32 {
    if field == Field::Weekday { 6 } else { field.greatest() }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.items.iter().enumerate() {
            f.write_str(if at > 0 { "," } else { "" })?;
            let step = match item {
                Item::One(number) => {
                    write!(f, "{number}")?;
                    continue;
                }
                Item::All { step } => {
                    f.write_str("*")?;
                    step
                }
                Item::Range { from, to, step } => {
                    write!(f, "{from}-{to}")?;
                    step
                }
            };
            if *step != 1 {
                write!(f, "/{step}")?;
            }
        }
        Ok(())
    }
}
