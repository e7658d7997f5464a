//! Compares oncue's answer with systemd's, and knows the few accepted differences.

use std::fmt;

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use oncue_calendar::{OnCalendar, Schedule};

use super::peer::{self, Answer, PeerError};

/// Where and when an expression is evaluated.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) local: &'a TimeZone,
    pub(super) base: Timestamp,
    pub(super) firings: usize,
}

/// The result of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Equal,
    BothRefuse,
    /// They differ in an accepted way.
    Declined(&'static str),
    Different {
        what: String,
    },
}

/// A difference, to be reproduced by hand.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) expression: String,
    pub(super) zone: String,
    pub(super) base: Timestamp,
    pub(super) what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expression, zone, base, what } = self;
        writeln!(f, "TZ={zone} systemd-analyze calendar --base-time='{base}' '{expression}'")?;
        write!(f, "  {what}")
    }
}

/// systemd reads such a word as "while daylight saving time is in effect", and then finds nothing
/// in the other half of the year.
const ABBREVIATION: &str = "an abbreviation of the local time zone is not a time zone";
/// systemd shows seconds as `*` if one part of the list is every second.
const STAR: &str = "the normalised form keeps fractions of a second beside every whole one";
/// systemd lets the first part of such a list reach back 28 days, the second 25, the third 22, …
const FROM_END: &str = "each day counted from the month's end may be one of the last 28";
/// systemd uses the second pass of a repeated hour only if asked from within it.
const REPEATED: &str =
    "a repeated time counts once, or twice when the schedule goes on all day, wherever one begins to look";
/// Its search leaves out a time that it returns when asked from just before it.
const LEFT_OUT: &str = "no time is left out that systemd itself gives when asked from just before it";

/// Compares oncue's answer with systemd's.
pub(super) fn compare(expression: &str, theirs: &Answer, place: &Place<'_>) -> Result<Verdict, PeerError> {
    if names_abbreviation(expression, place) {
        return Ok(Verdict::Declined(ABBREVIATION));
    }
    let ours = OnCalendar::parse(expression).map_err(|error| error.to_string()).and_then(|on| {
        let schedule = Schedule::OnCalendar(on);
        let zone = schedule.zone_from(place.local, |name| TimeZone::get(name).ok());
        Ok((schedule, zone.map_err(|error| error.to_string())?))
    });
    Ok(match (ours, theirs) {
        (Err(_), Answer::Refused) => Verdict::BothRefuse,
        (Err(error), theirs) => different(format!("we refuse it: {error}\n  they: {theirs:?}")),
        (Ok((schedule, _)), Answer::Refused) if reaches_far_back(&schedule) => Verdict::Declined(FROM_END),
        (Ok((schedule, _)), Answer::Refused) => different(format!("they refuse it; we: {schedule}")),
        (Ok((schedule, zone)), Answer::GaveUp) => {
            Pair { expression, schedule: &schedule, zone: &zone, place }.follow(&[])?
        }
        (Ok((schedule, zone)), Answer::Given { normal, firings }) => {
            let ours = schedule.to_string();
            let hides = hides_fractions(&ours, normal);
            if ours != *normal && !hides {
                return Ok(different(format!("normalised\n  theirs: {normal}\n  ours:   {ours}")));
            }
            let pair = Pair { expression, schedule: &schedule, zone: &zone, place };
            match pair.follow(firings)? {
                Verdict::Equal if hides => Verdict::Declined(STAR),
                verdict @ (Verdict::Equal
                | Verdict::BothRefuse
                | Verdict::Declined(_)
                | Verdict::Different { .. }) => verdict,
            }
        }
    })
}

fn different(what: String) -> Verdict {
    Verdict::Different { what }
}

/// Whether the last word is an abbreviation that the local zone uses at some time.
fn names_abbreviation(expression: &str, place: &Place<'_>) -> bool {
    let Some((_, word)) = expression.rsplit_once(' ') else { return false };
    let mut changes = place.local.preceding(Timestamp::MAX).take(600);
    changes.any(|change| change.abbreviation().eq_ignore_ascii_case(word))
        || place.local.to_offset_info(place.base).abbreviation().eq_ignore_ascii_case(word)
}

/// Whether a part of a list of days counted from the end is further back than systemd permits.
fn reaches_far_back(schedule: &Schedule) -> bool {
    let text = schedule.to_string();
    let days = text.split_once('~').and_then(|(_, rest)| rest.split(' ').next());
    let parts = days.into_iter().flat_map(|days| days.split(',')).enumerate();
    let mut numbers = parts.flat_map(|(at, part)| {
        let numbers = part.split(['.', '/']).filter_map(|number| number.parse::<usize>().ok());
        numbers.map(move |number| (at, number))
    });
    numbers.any(|(at, number)| at > 0 && number + 3 * at >= 28)
}

/// Whether their form differs only in a `*` for seconds that include every second and fractions.
fn hides_fractions(ours: &str, theirs: &str) -> bool {
    let Some((before, seconds)) = ours.rsplit_once(':') else { return false };
    let (seconds, zone) = seconds
        .split_once(' ')
        .map_or((seconds, String::new()), |(seconds, zone)| (seconds, format!(" {zone}")));
    let every = seconds.split(',').any(|part| part == "00/1");
    every && seconds.contains('.') && theirs == format!("{before}:*{zone}")
}

/// An expression that both accept, and where it is evaluated.
struct Pair<'a> {
    expression: &'a str,
    schedule: &'a Schedule,
    zone: &'a TimeZone,
    place: &'a Place<'a>,
}

impl Pair<'_> {
    /// Compares the firings one after the other; systemd only writes whole seconds.
    fn follow(&self, theirs: &[i64]) -> Result<Verdict, PeerError> {
        let Place { base, firings, .. } = *self.place;
        let ours: Vec<Timestamp> = self.schedule.firings(base, self.zone).take(firings).collect();
        let second = |at: usize| ours.get(at).map(|at| at.as_second());
        let Some(at) = (0..firings).find(|at| second(*at) != theirs.get(*at).copied()) else {
            return Ok(Verdict::Equal);
        };
        let (we, they) = (ours.get(at).copied(), theirs.get(at).copied());
        let they = they.and_then(|at| Timestamp::from_second(at).ok());
        let before = if at == 0 { base } else { ours[at - 1] };
        let repeats = |at: Option<Timestamp>| at.is_some_and(|at| is_repeated(at, self.zone));
        if repeats(Some(before)) || repeats(they) || (self.schedule.is_wild() && repeats(we)) {
            return Ok(Verdict::Declined(REPEATED));
        }
        if let Some(we) = we
            && they.is_none_or(|they| they > we)
            && self.is_confirmed(we)?
        {
            return Ok(Verdict::Declined(LEFT_OUT));
        }
        let show = |at: Option<Timestamp>| {
            at.map_or("none".to_owned(), |at| at.to_zoned(self.zone.clone()).to_string())
        };
        Ok(different(format!(
            "number {}, after {}\n  theirs: {}\n  ours:   {}",
            at + 1,
            show(Some(before)),
            show(they),
            show(we)
        )))
    }

    /// Whether systemd returns the time when asked from just before it.
    fn is_confirmed(&self, at: Timestamp) -> Result<bool, PeerError> {
        let before = at.checked_sub(SignedDuration::from_micros(1)).unwrap_or(at);
        let answer = peer::ask(self.place.name, self.place.local, before, 1, &[self.expression.to_owned()])?;
        let first = match answer.first() {
            Some(Answer::Given { firings, .. }) => firings.first().copied(),
            Some(Answer::Refused | Answer::GaveUp) | None => None,
        };
        Ok(first == Some(at.as_second()))
    }
}

/// Whether the zone's clock shows this time for the second time.
fn is_repeated(at: Timestamp, zone: &TimeZone) -> bool {
    let reading = zone.to_datetime(at);
    match zone.to_ambiguous_timestamp(reading).offset() {
        AmbiguousOffset::Fold { after, .. } => zone.to_offset(at) == after,
        AmbiguousOffset::Gap { .. } | AmbiguousOffset::Unambiguous { .. } => false,
    }
}
