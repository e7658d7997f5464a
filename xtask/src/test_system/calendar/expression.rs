//! Random expressions of systemd's language; some of them are invalid.

use super::moment::Zones;
use super::random::Random;

const WORDS: [&str; 13] = [
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "semiannually",
    "semi-annually",
    "biannually",
    "bi-annually",
    "yearly",
    "annually",
    "anually",
];
const WEEKDAYS: [&str; 14] = [
    "Mon",
    "Tue",
    "Wed",
    "Thu",
    "Fri",
    "Sat",
    "Sun",
    "monday",
    "Tuesday",
    "WEDNESDAY",
    "Thursday",
    "friday",
    "Saturday",
    "SUNDAY",
];
const SIGNS: &[u8] = b"0123456789*-~:,./ @MonUT";

/// Returns an expression.
pub(super) fn random(random: &mut Random, zones: &Zones) -> String {
    let mut text = match random.number(0..=99) {
        0..=2 => (*random.one(&WORDS)).to_owned(),
        3 => format!("@{}", random.number(0..=7_400_000_000)),
        _ => fields(random),
    };
    if random.percent(3) {
        text = if random.percent(50) { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() };
    }
    match random.number(0..=99) {
        0..=9 => text.push_str(" UTC"),
        10 => text.push_str(" utc"),
        11..=24 if !text.starts_with('@') => {
            text.push(' ');
            text.push_str(&zones.name(random));
        }
        25 => text.push(' '),
        _ => {}
    }
    if random.percent(6) { spoilt(&text, random) } else { text }
}

/// Adds, removes or changes one character.
fn spoilt(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = usize::try_from(random.number(0..=bytes.len().saturating_sub(1) as u64)).unwrap_or(0);
    let sign = *random.one(SIGNS);
    match random.number(0..=2) {
        0 => bytes.insert(at, sign),
        1 => bytes[at] = sign,
        _ => drop(bytes.remove(at)),
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn fields(random: &mut Random) -> String {
    let weekdays = random.percent(25).then(|| weekdays(random));
    let date = random.percent(65).then(|| date(random));
    let time = (random.percent(85) || (weekdays.is_none() && date.is_none())).then(|| time(random));
    let parts: Vec<String> = [weekdays, date, time].into_iter().flatten().collect();
    parts.join(if random.percent(3) { "  " } else { " " })
}

fn weekdays(random: &mut Random) -> String {
    let mut text = String::new();
    for at in 0..random.number(1..=3) {
        if at > 0 {
            text.push(',');
        }
        let day = random.number(0..=6);
        text.push_str(weekday(day, random));
        if random.percent(35) {
            text.push_str(if random.percent(80) { ".." } else { "-" });
            let last = if random.percent(95) { random.number(day..=6) } else { random.number(0..=6) };
            text.push_str(weekday(last, random));
        }
    }
    if random.percent(3) {
        text.push(',');
    }
    text
}

fn weekday(day: u64, random: &mut Random) -> &'static str {
    let day = usize::try_from(day).unwrap_or(0);
    WEEKDAYS[if random.percent(85) { day } else { day + 7 }]
}

fn date(random: &mut Random) -> String {
    let month = list(random, &MONTH);
    let from_end = random.percent(20);
    let day = list(random, if from_end { &DAY_FROM_END } else { &DAY });
    let month_and_day = format!("{month}{}{day}", if from_end { '~' } else { '-' });
    match random.number(0..=9) {
        0..=3 => month_and_day,
        4..=7 => format!("*-{month_and_day}"),
        _ => format!("{}-{month_and_day}", list(random, &YEAR)),
    }
}

fn time(random: &mut Random) -> String {
    let (hour, minute) = (list(random, &HOUR), list(random, &MINUTE));
    if random.percent(50) {
        return format!("{hour}:{minute}");
    }
    format!("{hour}:{minute}:{}", list(random, &SECOND))
}

/// How the parts of a field are chosen.
struct Field {
    least: u64,
    greatest: u64,
    /// How often it is `*`.
    star: u64,
    /// How often a number has a fraction.
    fraction: u64,
}

const YEAR: Field = Field { least: 2020, greatest: 2060, star: 10, fraction: 0 };
const MONTH: Field = Field { least: 1, greatest: 12, star: 60, fraction: 0 };
const DAY: Field = Field { least: 1, greatest: 31, star: 45, fraction: 0 };
const DAY_FROM_END: Field = Field { least: 1, greatest: 28, star: 10, fraction: 0 };
const HOUR: Field = Field { least: 0, greatest: 23, star: 35, fraction: 0 };
const MINUTE: Field = Field { least: 0, greatest: 59, star: 15, fraction: 0 };
const SECOND: Field = Field { least: 0, greatest: 59, star: 20, fraction: 25 };

fn list(random: &mut Random, field: &Field) -> String {
    if random.percent(field.star) {
        return "*".to_owned();
    }
    let count = if random.percent(75) { 1 } else { random.number(2..=4) };
    let parts: Vec<String> = (0..count).map(|_| part(random, field)).collect();
    parts.join(",")
}

fn part(random: &mut Random, field: &Field) -> String {
    let Field { least, greatest, .. } = *field;
    let start = match random.number(0..=9) {
        0..=3 => least,
        _ => random.number(least..=greatest),
    };
    let mut text = number(start, random, field);
    if random.percent(30) {
        let stop = if random.percent(97) {
            random.number(start..=greatest)
        } else {
            random.number(least..=greatest + 3)
        };
        text = format!("{text}..{}", number(stop, random, field));
    }
    if random.percent(30) {
        let room = (greatest - least).max(1);
        let most = if random.percent(90) { (greatest - start).max(1) } else { room + 2 };
        let least = if random.percent(99) { 1 } else { 0 };
        let step = random.number(least..=most);
        text = format!("{text}/{}", number_plain(step, random, field));
    }
    text
}

fn number(number: u64, random: &mut Random, field: &Field) -> String {
    let number = match field.least {
        // Two digits may stand for a year, and a few are out of range.
        2020 if random.percent(10) => number % 100,
        2020 if random.percent(5) => number + random.number(0..=160) - 60,
        _ if random.percent(1) => number + 30,
        _ => number,
    };
    let padded = if random.percent(50) { format!("{number:02}") } else { number.to_string() };
    with_fraction(padded, random, field)
}

fn number_plain(number: u64, random: &mut Random, field: &Field) -> String {
    with_fraction(number.to_string(), random, field)
}

fn with_fraction(text: String, random: &mut Random, field: &Field) -> String {
    if !random.percent(field.fraction) {
        return text;
    }
    let digits = random.number(1..=8);
    let digits: String = (0..digits).map(|_| char::from(*random.one(b"0123456789"))).collect();
    format!("{text}.{digits}")
}
