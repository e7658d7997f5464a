//! From readings of a clock to instants: what happens when the clock changes.
//!
//! A time zone is a sequence of stretches, each with one offset from UTC. Within a stretch, the
//! clock runs continuously. Between two stretches it is set forward, so that readings are
//! *skipped*, or back, so that readings are *repeated*.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::pattern::{self, Pattern};

/// How skipped and repeated readings are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Whether a skipped reading fires once, as soon as the clock has been set forward.
    pub(crate) makes_up: bool,
    /// Whether a repeated reading fires again.
    pub(crate) repeats: bool,
}

/// No clock is further from UTC than this.
const FURTHEST: SignedDuration = SignedDuration::from_hours(26);
/// No clock is set back by more than from one extreme to the other.
const REPEATED: SignedDuration = SignedDuration::from_hours(2 * 26);
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// The first firing after `after`.
pub(crate) fn next(
    pattern: &impl Pattern,
    habits: Habits,
    after: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let mut at = floor(after).checked_add(MICROSECOND).ok()?;
    loop {
        let stretch = Stretch::around(at, zone);
        if stretch.is_start(at) && habits.makes_up && stretch.skips(pattern) {
            return Some(at);
        }
        let from = stretch.reading(at).max(stretch.first_reading(habits));
        let reading = pattern::next(pattern, from)?;
        let found = stretch.offset.to_timestamp(reading).ok()?;
        match stretch.end {
            Some(end) if found < end => return Some(found),
            None => return Some(found),
            // Nothing fires before the reading, unless the clock is set back to before `from`.
            Some(end) if end.duration_since(at) > REPEATED => at = end.max(earliest(reading)?),
            Some(end) => at = end,
        }
    }
}

/// The last firing before `before`.
pub(crate) fn previous(
    pattern: &impl Pattern,
    habits: Habits,
    before: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    // The last microsecond before it, even if it is within a microsecond.
    let mut at = floor(before.checked_sub(SignedDuration::from_nanos(1)).ok()?);
    loop {
        let stretch = Stretch::around(at, zone);
        let reading = pattern::previous(pattern, stretch.reading(at));
        if let Some(reading) = reading.filter(|reading| *reading >= stretch.first_reading(habits)) {
            return stretch.offset.to_timestamp(reading).ok();
        }
        let start = stretch.start.as_ref()?;
        if habits.makes_up && stretch.skips(pattern) {
            return Some(start.at);
        }
        let end = start.at.checked_sub(MICROSECOND).ok()?;
        // Nothing fires after the reading, unless the clock was set back from a later one.
        at = if at.duration_since(end) > REPEATED { end.min(latest(reading?)?) } else { end };
    }
}

/// A period in which a zone keeps the same offset from UTC.
struct Stretch {
    offset: Offset,
    start: Option<Start>,
    end: Option<Timestamp>,
}

/// The beginning of a stretch.
struct Start {
    at: Timestamp,
    /// The offset before it.
    before: Offset,
}

impl Stretch {
    fn around(at: Timestamp, zone: &TimeZone) -> Self {
        let nanosecond = SignedDuration::from_nanos(1);
        let just_after = at.checked_add(nanosecond).unwrap_or(at);
        let start = zone.preceding(just_after).next().map(|change| change.timestamp());
        let start = start.map(|start| {
            let before = start.checked_sub(nanosecond).unwrap_or(start);
            Start { at: start, before: zone.to_offset(before) }
        });
        let end = zone.following(at).next().map(|change| change.timestamp());
        Self { offset: zone.to_offset(at), start, end }
    }

    fn is_start(&self, at: Timestamp) -> bool {
        self.start.as_ref().is_some_and(|start| start.at == at)
    }

    fn reading(&self, at: Timestamp) -> DateTime {
        self.offset.to_datetime(at)
    }

    /// The first reading that counts: not one that the previous stretch already had, unless
    /// repeated readings count.
    fn first_reading(&self, habits: Habits) -> DateTime {
        let Some(start) = &self.start else { return DateTime::MIN };
        let first = self.reading(start.at);
        let seen = start.before.to_datetime(start.at);
        if habits.repeats { first } else { first.max(seen) }
    }

    /// Whether the clock was set forward over an accepted reading.
    fn skips(&self, pattern: &impl Pattern) -> bool {
        let Some(start) = &self.start else { return false };
        let (seen, first) = (start.before.to_datetime(start.at), self.reading(start.at));
        seen < first && pattern::next(pattern, seen).is_some_and(|skipped| skipped < first)
    }
}

/// No clock anywhere shows the reading before this instant.
fn earliest(reading: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(reading).ok()?.checked_sub(FURTHEST).ok()
}

/// No clock anywhere shows the reading after this instant.
fn latest(reading: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(reading).ok()?.checked_add(FURTHEST).ok()
}

/// The whole microsecond at or before an instant.
fn floor(at: Timestamp) -> Timestamp {
    let part = at.as_nanosecond().rem_euclid(1_000);
    let part = SignedDuration::from_nanos(i64::try_from(part).unwrap_or(0));
    at.checked_sub(part).unwrap_or(at)
}
