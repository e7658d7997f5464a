//! Describes conditions and facts in plain words.

use oncue::tools::{FactInfo, Word};
use oncue::why::behind;
use oncue_types::{Condition, FactKind, Predicate, Reading};

use crate::render::time::Clock;

/// Describes what a part of a condition requires: `the internet`. A part that this version does not
/// know is shown as it was sent.
pub(crate) fn needs(part: &Word<Condition>) -> String {
    match part {
        Word::Known(condition) => of(condition, false),
        Word::Other(text) => text.clone(),
    }
}

fn of(condition: &Condition, inside: bool) -> String {
    let (parts, word) = match condition {
        Condition::Is(predicate) => return is(*predicate),
        Condition::Not(inner) => match &**inner {
            Condition::Is(predicate) => return is_not(*predicate),
            inner @ (Condition::Not(_) | Condition::All(_) | Condition::Any(_)) => {
                return format!("none of this: {}", of(inner, true));
            }
        },
        Condition::All(parts) => (parts, " and "),
        Condition::Any(parts) => (parts, " or "),
    };
    let parts: Vec<String> = parts.iter().map(|part| of(part, true)).collect();
    let text = parts.join(word);
    if inside { format!("({text})") } else { text }
}

fn is(predicate: Predicate) -> String {
    match predicate {
        Predicate::Internet => "the internet",
        Predicate::NoInternet => "the internet to be unreachable",
        Predicate::FreeNetwork => "a network that is not metered",
        Predicate::UserPresent => "someone at the machine",
        Predicate::UserNotPresent => "nobody at the machine",
        Predicate::SessionConnected => "your session in the foreground",
        Predicate::SessionDisconnected => "your session in the background",
        Predicate::WorkCostNotHigh => "mains power, or someone at the machine",
        Predicate::Ac => "mains power",
        Predicate::BatteryNotLow => "a battery that is not low",
        Predicate::BatteryAbove(percent) => return format!("a battery above {percent}%"),
        Predicate::StorageNotLow => "free disk space",
    }
    .to_owned()
}

fn is_not(predicate: Predicate) -> String {
    match predicate {
        Predicate::Internet => is(Predicate::NoInternet),
        Predicate::NoInternet => is(Predicate::Internet),
        Predicate::FreeNetwork => "a metered network, or none".to_owned(),
        Predicate::UserPresent => is(Predicate::UserNotPresent),
        Predicate::UserNotPresent => is(Predicate::UserPresent),
        Predicate::SessionConnected => is(Predicate::SessionDisconnected),
        Predicate::SessionDisconnected => is(Predicate::SessionConnected),
        Predicate::WorkCostNotHigh => "battery power, and nobody at the machine".to_owned(),
        Predicate::Ac => "battery power".to_owned(),
        Predicate::BatteryNotLow => "a low battery".to_owned(),
        Predicate::BatteryAbove(percent) => format!("a battery at {percent}% or below"),
        Predicate::StorageNotLow => "a disk that is nearly full".to_owned(),
    }
}

/// Describes the facts behind each failing part of a condition.
pub(crate) fn failing(parts: &[Word<Condition>], facts: &[FactInfo], clock: &Clock) -> Vec<String> {
    let line = |part: &Word<Condition>| {
        let behind: Vec<String> = behind(part, facts).into_iter().map(|seen| fact(seen, clock)).collect();
        if behind.is_empty() { part.to_string() } else { format!("{part}: {}", behind.join("; ")) }
    };
    parts.iter().map(line).collect()
}

/// Describes a fact in a sentence, with its source and since when, or why it is unknown.
pub(crate) fn fact(fact: &FactInfo, clock: &Clock) -> String {
    let Some(value) = &fact.value else {
        let (counts, why) = (state(&fact.name, &fact.counts_as), some_reason(&fact.why));
        return format!("{} is unknown ({why}); until it is known, oncue assumes that {counts}", fact.name);
    };
    let since = fact.since.map(|since| format!(", since {}", clock.brief(since))).unwrap_or_default();
    let says = if fact.pinned {
        "simulated, see `oncue simulate list`".to_owned()
    } else {
        format!("reported by {}", fact.source)
    };
    format!("{} ({says}{since})", state(&fact.name, value))
}

fn some_reason(why: &str) -> &str {
    if why.is_empty() { "no reason given" } else { why }
}

/// Describes what a fact's value means: `the internet is not reachable`.
fn state(name: &Word<FactKind>, value: &Word<Reading>) -> String {
    let (Word::Known(kind), Word::Known(value)) = (name, value) else {
        return format!("{name} is {value}");
    };
    let (yes, no) = match kind {
        FactKind::Internet => ("the internet is reachable", "the internet is not reachable"),
        FactKind::FreeNetwork => ("the network is not metered", "the network is metered"),
        FactKind::UserPresent => ("someone is at the machine", "nobody is at the machine"),
        FactKind::SessionConnected => {
            ("your session is in the foreground", "your session is in the background")
        }
        FactKind::OnAc => ("the machine is on mains power", "the machine is on battery power"),
        FactKind::Battery => ("there is a battery", "there is no battery"),
        FactKind::StorageNotLow => ("the disk has free space", "the disk is nearly full"),
        FactKind::EnergySaver => ("the energy saver is on", "the energy saver is off"),
    };
    match value {
        Reading::Is(true) => yes.to_owned(),
        Reading::Is(false) => no.to_owned(),
        Reading::Percent(percent) => format!("the battery is at {percent}%"),
    }
}

/// Returns what a person has to do so that parts of a condition are judged by real values again.
pub(crate) fn ways_out(parts: &[Word<Condition>], facts: &[FactInfo]) -> Vec<String> {
    let mut ways = Vec::new();
    for fact in parts.iter().flat_map(|part| behind(part, facts)) {
        let way = if fact.pinned {
            format!("stop simulating it: `oncue simulate clear {}`", fact.name)
        } else if fact.value.is_none() {
            "start the service named above, or remove that condition from the task".to_owned()
        } else {
            continue;
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::no_internet;
    use jiff::tz::TimeZone;
    use oncue_types::Wall;

    #[test]
    fn every_predicate_and_its_opposite_read_as_something_one_can_have() {
        for predicate in Predicate::PLAIN {
            let opposite = Condition::Not(Condition::Is(predicate).into());
            let said = [Condition::Is(predicate), opposite].map(|condition| needs(&condition.into()));
            assert!(!said[0].contains('-') && !said[1].contains('-'), "{said:?}");
            assert_ne!(said[0], said[1]);
        }
        for (part, words) in [
            ("battery-above-50 or ac", "a battery above 50% or mains power"),
            ("not (internet and ac)", "none of this: (the internet and mains power)"),
            ("moon is full", "moon is full"),
        ] {
            assert_eq!(needs(&Word::read(part)), words);
        }
    }

    #[test]
    fn what_fails_is_said_with_its_facts_and_who_says_so() {
        let clock = Clock::at(Wall(0), TimeZone::UTC);
        let internet =
            FactInfo { source: "rtnetlink".into(), since: Some(Wall(60_000_000)), ..no_internet() };
        let free = FactInfo {
            name: FactKind::FreeNetwork.into(),
            value: None,
            source: String::new(),
            since: None,
            why: "no source has reported yet".into(),
            ..internet.clone()
        };
        let facts = [internet, free];
        let said = |part: &str| failing(&[Word::read(part)], &facts, &clock).remove(0);
        let offline = "the internet is not reachable (reported by rtnetlink, since 00:01:00)";
        assert_eq!(said("internet"), format!("internet: {offline}"));
        assert_eq!(
            said("free-network"),
            format!(
                "free-network: {offline}; free-network is unknown (no source has reported yet); until it is \
                 known, oncue assumes that the network is metered"
            )
        );
        assert_eq!(said("moon is full"), "moon is full");
    }
}
