//! Time zones, and times at which calendar code is most likely to be wrong.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::random::Random;

/// The zones of this machine, and some with many changes.
#[derive(Debug)]
pub(super) struct Zones {
    all: Vec<String>,
}

/// Changes at midnight, by half an hour, by a whole day, by less than a minute's multiple, with a
/// summer shorter than a month, with a winter that counts as daylight saving time, and without
/// changes.
const WANTED: [&str; 22] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "America/Santiago",
    "America/Asuncion",
    "America/Nuuk",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Monrovia",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
];

impl Zones {
    pub(super) fn of(all: &[String]) -> Self {
        Self { all: all.to_vec() }
    }

    /// A name from the database; every second time, one of those with many changes.
    pub(super) fn name(&self, random: &mut Random) -> String {
        if self.all.is_empty() || random.percent(50) {
            (*random.one(&WANTED)).to_owned()
        } else {
            random.one(&self.all).clone()
        }
    }

    pub(super) fn pick(&self, random: &mut Random) -> (String, TimeZone) {
        loop {
            let name = self.name(random);
            if let Ok(zone) = TimeZone::get(&name) {
                return (name, zone);
            }
        }
    }
}

/// A time from 1971 to 2199, often close to a change of the zone's clock.
pub(super) fn pick(random: &mut Random, zone: &TimeZone) -> Timestamp {
    const YEAR: u64 = 31_556_952;
    let anywhere = match random.number(0..=9) {
        0 => random.number(YEAR..=229 * YEAR),
        // The end of 32 bits, of a leap year, and of all years.
        1 => random.number(2_147_483_648 - 90_000..=2_147_483_648 + 90_000),
        2 => random.number(1_835_400_000..=1_835_500_000),
        3 => random.number(7_258_000_000..=7_258_118_400),
        _ => random.number(40 * YEAR..=80 * YEAR),
    };
    let near = Timestamp::from_second(i64::try_from(anywhere).unwrap_or(0)).unwrap_or(Timestamp::UNIX_EPOCH);
    let change = zone.following(near).next().map(|change| change.timestamp());
    let at = match change.filter(|change| change.as_second() < 7_258_118_400) {
        Some(change) if random.percent(60) => shifted(change, random),
        _ => near,
    };
    let micros = if random.percent(30) { random.number(0..=999_999) } else { 0 };
    at.checked_add(SignedDuration::from_micros(i64::try_from(micros).unwrap_or(0))).unwrap_or(at)
}

/// Some minutes, hours or days before the change, or a little after it.
fn shifted(change: Timestamp, random: &mut Random) -> Timestamp {
    let back = match random.number(0..=3) {
        0 => random.number(0..=200 * 60),
        1 => random.number(0..=60) * 60,
        2 => random.number(0..=4 * 86_400),
        _ => random.number(0..=60 * 86_400),
    };
    let back = i64::try_from(back).unwrap_or(0) - i64::try_from(random.number(0..=2 * 3_600)).unwrap_or(0);
    change.checked_sub(SignedDuration::from_secs(back)).unwrap_or(change)
}
