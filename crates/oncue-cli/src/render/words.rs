//! Triggers, facts and outcomes in words.

use std::time::Duration;

use oncue::why::behind;
use oncue_core::{Bus, Trigger, Watch};
use oncue_wire::{Entry, FactInfo};

use crate::render::time::{Clock, length};

/// Leaves out the firings that joined another one: each run has at most one entry of such, and says
/// itself how many it answers.
pub(crate) fn own(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.retain(|entry| entry.outcome != "coalesced");
    entries
}

/// The units of a period, longest first, in seconds.
const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];

/// Returns a trigger's text as a sentence says it; one that this version does not know stays as it is.
pub(crate) fn trigger(text: &str) -> String {
    let Ok(trigger) = text.parse::<Trigger>() else { return text.to_owned() };
    let rhythm = || period(trigger.period().unwrap_or_default());
    match &trigger {
        Trigger::Time { one_shot: true, .. } => format!("once, {} after its registration", rhythm()),
        Trigger::Time { .. } => every(&rhythm()),
        Trigger::Maintenance { one_shot: true, .. } => {
            format!("once, {} after its registration, on external power", rhythm())
        }
        Trigger::Maintenance { .. } => format!("{}, on external power", every(&rhythm())),
        Trigger::Calendar(schedule) => schedule.to_string(),
        Trigger::System { event, one_shot } => format!("on {event}{}", only_once(*one_shot)),
        Trigger::Application => "when its app asks for it".to_owned(),
        Trigger::Signal { id, once } => {
            format!("on signal {id}{}", if *once { ", once in a session" } else { "" })
        }
        Trigger::Startup => "when a session begins".to_owned(),
        Trigger::Watch(watch) => watched(watch),
    }
}

fn only_once(once: bool) -> &'static str {
    if once { ", once" } else { "" }
}

fn watched(watch: &Watch) -> String {
    match watch {
        Watch::Path { path, deep: false } => format!("when {path} changes"),
        Watch::Path { path, deep: true } => format!("when anything below {path} changes"),
        Watch::Device { subsystem, action: None } => {
            format!("when a {subsystem} device comes, goes or changes")
        }
        Watch::Device { subsystem, action: Some(action) } => {
            format!("when a {subsystem} device is {}", action.name())
        }
        Watch::Bus { bus: Bus::Session, rule } => format!("on the session bus's signal {rule}"),
        Watch::Bus { bus: Bus::System, rule } => format!("on the system bus's signal {rule}"),
        Watch::Push => "when a push message comes".to_owned(),
    }
}

/// `every minute` rather than `every 1 minute`.
fn every(period: &str) -> String {
    match period.strip_prefix("1 ") {
        Some(unit) if !unit.contains(' ') => format!("every {unit}"),
        _ => format!("every {period}"),
    }
}

fn period(period: Duration) -> String {
    let mut left = period.as_secs();
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        let count = left / seconds;
        left %= seconds;
        match count {
            0 => {}
            1 => parts.push(format!("1 {unit}")),
            _ => parts.push(format!("{count} {unit}s")),
        }
    }
    if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(" ") }
}

/// Returns a group's id, and its name if it has one.
pub(crate) fn group(id: &str, name: &str) -> String {
    if name.is_empty() { id.to_owned() } else { format!("{id} ({name})") }
}

/// Returns for each part of a condition that fails the facts behind it.
pub(crate) fn failing(parts: &[String], facts: &[FactInfo], clock: &Clock) -> Vec<String> {
    let line = |part: &String| {
        let behind: Vec<String> = behind(part, facts).into_iter().map(|seen| fact(seen, clock)).collect();
        if behind.is_empty() { part.clone() } else { format!("{part}: {}", behind.join("; ")) }
    };
    parts.iter().map(line).collect()
}

/// Returns a fact, and who says so since when, or why it is not known.
fn fact(fact: &FactInfo, clock: &Clock) -> String {
    let name = &fact.name;
    match &fact.value {
        None => {
            let counts = value(&fact.counts_as);
            let why = if fact.why.is_empty() { "no reason given" } else { &fact.why };
            format!("{name} is unknown ({why}) and counts as {counts}")
        }
        Some(seen) => {
            let since = fact.since.map(|since| format!(", since {}", clock.brief(since))).unwrap_or_default();
            let says = if fact.pinned { "simulated" } else { &format!("{} says so", fact.source) };
            format!("{name} is {} ({says}{since})", value(seen))
        }
    }
}

/// Returns a fact's value as a person says it.
pub(crate) fn value(value: &str) -> &str {
    match value {
        "on" => "yes",
        "off" => "no",
        share => share,
    }
}

/// Returns so many firings.
pub(crate) fn firings(count: u32) -> String {
    if count == 1 { "1 firing".to_owned() } else { format!("{count} firings") }
}

/// Returns an outcome as a person says it.
pub(crate) fn outcome(outcome: &str) -> String {
    outcome.replace('_', " ")
}

/// Returns an outcome with the reason for it.
pub(crate) fn ending(entry: &Entry) -> String {
    let mut words = outcome(&entry.outcome);
    let reason = entry.reason.as_deref().filter(|reason| !reason.is_empty());
    // A run that completed in spite of a cancellation is not said to have completed by it.
    if let Some(reason) = reason {
        words = format!("{words} ({reason})");
    }
    words
}

/// Returns what more the ledger knows of an ending: how long, how far, how the process ended.
pub(crate) fn particulars(entry: &Entry) -> String {
    let mut parts = Vec::new();
    if let Some(started_at) = entry.started_at {
        parts.push(format!("after {}", length(entry.ended_at.saturating_sub(started_at))));
    }
    if let Some(progress) = entry.progress {
        parts.push(format!("progress {progress}"));
    }
    if entry.firings > 1 {
        parts.push(format!("for {} firings", entry.firings));
    }
    parts.extend(entry.exit_status.as_ref().map(|exit| format!("server ended with {exit}")));
    parts.join(", ")
}

/// Returns the last lines of what a run left, which say the most, at most so many, indented.
///
/// What is told of an activation that failed begins with the facts; that line is among them.
pub(crate) fn last_words(entry: &Entry, most: usize) -> Vec<String> {
    let message = entry.message.as_deref().unwrap_or_default();
    let mut lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = usize::from(entry.outcome == "not_activated");
    if lines.len() > most {
        lines.drain(first..first + lines.len() - most);
    }
    lines.iter().map(|line| format!("  {line}")).collect()
}

/// Returns the first part of a family name, which people know; the whole where that is ambiguous.
pub(crate) fn short_package(family: &str) -> &str {
    family.split_once('_').map_or(family, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn a_trigger_reads_as_a_sentence() {
        for (text, words) in [
            ("every 15m", "every 15 minutes"),
            ("every 1m", "every minute"),
            ("every 1h", "every hour"),
            ("every 1h30m", "every 1 hour 30 minutes"),
            ("once 15m", "once, 15 minutes after its registration"),
            ("every 2d", "every 2 days"),
            ("on signal x", "on signal x"),
        ] {
            assert_eq!(trigger(text), words);
        }
    }

    #[test]
    fn what_fails_is_said_with_its_facts() {
        let clock = Clock::at(0, TimeZone::UTC);
        let internet = FactInfo {
            name: "internet".into(),
            value: Some("off".into()),
            counts_as: "off".into(),
            pinned: false,
            source: "rtnetlink".into(),
            since: Some(60_000_000),
            why: String::new(),
        };
        let free = FactInfo {
            name: "free-network".into(),
            value: None,
            source: String::new(),
            since: None,
            why: "no source has spoken yet".into(),
            ..internet.clone()
        };
        let facts = [internet, free];
        let said = |part: &str| failing(&[part.to_owned()], &facts, &clock).remove(0);
        assert_eq!(said("internet"), "internet: internet is no (rtnetlink says so, since 00:01:00)");
        assert_eq!(
            said("free-network"),
            "free-network: internet is no (rtnetlink says so, since 00:01:00); \
             free-network is unknown (no source has spoken yet) and counts as no"
        );
        assert_eq!(said("moon is full"), "moon is full");
    }
}
