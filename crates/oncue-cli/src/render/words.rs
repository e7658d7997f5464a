//! Describes triggers, facts and outcomes in words.

use std::time::Duration;

use oncue_types::{AfterEnd, Bus, Condition, Exit, FamilyName, Outcome, TaskState, Trigger, Watch};
use oncue_wire::{CommandInfo, Entry, TaskInfo, Word};

use crate::render::time::length;

/// Omits firings that joined another one. Each run has at most one entry for them, and says itself
/// how many firings it answers.
pub(crate) fn own(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.retain(|entry| entry.outcome != Outcome::Coalesced);
    entries
}

/// The units of a period, longest first, in seconds.
const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];

/// Describes the trigger of a task in words. No app can request a command, but a person can.
pub(crate) fn trigger_of(task: &TaskInfo) -> String {
    if task.command.is_some() { trigger_of_command(&task.trigger) } else { trigger(&task.trigger) }
}

/// Returns a task's state. A disabled task waits for nothing.
pub(crate) fn state(task: &TaskInfo) -> String {
    if task.state == TaskState::Armed && is_disabled(task) {
        "disabled".to_owned()
    } else {
        task.state.to_string()
    }
}

/// Returns whether a task's trigger is ignored.
pub(crate) fn is_disabled(task: &TaskInfo) -> bool {
    task.policy.as_ref().and_then(Word::known).is_some_and(|policy| policy.disabled)
}

/// Describes the trigger of a command in words.
pub(crate) fn trigger_of_command(of_command: &Word<Trigger>) -> String {
    match of_command {
        Word::Known(Trigger::Application) => "only on request".to_owned(),
        Word::Known(_) | Word::Other(_) => trigger(of_command),
    }
}

/// Returns a command line as a shell reads it.
pub(crate) fn command(info: &CommandInfo) -> String {
    info.command().map_or_else(|_| info.program.clone(), |command| command.to_string())
}

/// Describes a trigger in words. A trigger that this version does not know is shown as it was sent.
pub(crate) fn trigger(trigger: &Word<Trigger>) -> String {
    let trigger = match trigger {
        Word::Known(trigger) => trigger,
        Word::Other(text) => return text.clone(),
    };
    let rhythm = || period(trigger.period().unwrap_or_default());
    match trigger {
        Trigger::Time { one_shot: true, .. } => format!("once, {} after registration", rhythm()),
        Trigger::Time { .. } => every(&rhythm()),
        Trigger::Maintenance { one_shot: true, .. } => {
            format!("once, {} after registration, on external power", rhythm())
        }
        Trigger::Maintenance { .. } => format!("{}, on external power", every(&rhythm())),
        Trigger::Calendar(schedule) => scheduled(schedule),
        Trigger::System { event, one_shot } => format!("when {}{}", event.when(), only_once(*one_shot)),
        Trigger::Application => "when its app requests it".to_owned(),
        Trigger::Signal { id, once } => {
            format!("on signal {id}{}", if *once { ", once in a session" } else { "" })
        }
        Trigger::Startup => "at log-in and when the machine starts".to_owned(),
        Trigger::After { task, end: AfterEnd::Completed } => format!("when {task} has completed"),
        Trigger::After { task, end: AfterEnd::Failed } => format!("when {task} has failed"),
        Trigger::After { task, end: AfterEnd::Any } => format!("when {task} has ended"),
        Trigger::Watch(watch) => watched(watch),
    }
}

/// The word before a schedule names its language.
fn scheduled(schedule: &str) -> String {
    match schedule.split_once(' ') {
        Some(("calendar", expression)) => format!("by the calendar: {expression}"),
        Some(("cron", fields)) => format!("by cron: {fields}"),
        _ => schedule.to_owned(),
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
            format!("when a {subsystem} device is added, removed or changed")
        }
        Watch::Device { subsystem, action: Some(action) } => {
            format!("when a {subsystem} device is {}", action.name())
        }
        Watch::Bus { bus: Bus::Session, rule } => format!("on a session bus signal that matches {rule}"),
        Watch::Bus { bus: Bus::System, rule } => format!("on a system bus signal that matches {rule}"),
        Watch::Push => "when a push message arrives".to_owned(),
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

/// Returns a task's condition as it is written.
pub(crate) fn condition(condition: Option<&Word<Condition>>) -> String {
    condition.map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// Returns a group's id, and its name if it has one.
pub(crate) fn group(id: &str, name: &str) -> String {
    if name.is_empty() { id.to_owned() } else { format!("{id} ({name})") }
}

/// Returns a number of firings in words.
pub(crate) fn firings(count: u32) -> String {
    if count == 1 { "1 firing".to_owned() } else { format!("{count} firings") }
}

/// Returns an outcome in words.
pub(crate) fn outcome(outcome: &Word<Outcome>) -> String {
    outcome.to_string().replace('_', " ")
}

/// Returns what happened to a run, to end a sentence: `crashed`.
pub(crate) fn happened(outcome: &Word<Outcome>) -> String {
    let outcome = match outcome {
        Word::Known(outcome) => outcome,
        Word::Other(word) => return format!("ended as {word}"),
    };
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "was cancelled",
        Outcome::Killed => "had to be killed",
        Outcome::Crashed => "crashed",
        Outcome::NotActivated => "could not be started",
        Outcome::Lost => "was interrupted when the broker ended",
        Outcome::Skipped => "was skipped",
        Outcome::Dropped => "was dropped",
        Outcome::Coalesced => "joined another one",
    }
    .to_owned()
}

/// Returns an outcome with its reason.
pub(crate) fn ending(entry: &Entry) -> String {
    let outcome = outcome(&entry.outcome);
    match &entry.reason {
        Some(reason) => format!("{outcome} ({reason})"),
        None => outcome,
    }
}

/// Returns what else the ledger knows about an ending: how long, how far, how the process ended.
pub(crate) fn particulars(entry: &Entry) -> String {
    let mut parts = Vec::new();
    if let Some(started_at) = entry.started_at {
        parts.push(format!("after {}", length(entry.ended_at.since(started_at))));
    }
    if let Some(progress) = entry.progress {
        parts.push(format!("progress {progress}"));
    }
    if entry.firings > 1 {
        parts.push(format!("for {} firings", entry.firings));
    }
    parts.extend(exit(entry));
    parts.join(", ")
}

/// Returns how the process ended, unless that follows from the outcome.
fn exit(entry: &Entry) -> Option<String> {
    let exit = entry.exit_status.as_ref()?;
    if entry.package != FamilyName::COMMANDS {
        return Some(format!("server ended with {exit}"));
    }
    let is_plain = entry.outcome == Outcome::Completed && *exit == Exit::Code(0);
    (!is_plain).then(|| exit.to_string())
}

/// Returns an ending with everything that the ledger knows about it.
pub(crate) fn whole_ending(entry: &Entry) -> String {
    let (ending, particulars) = (ending(entry), particulars(entry));
    // The duration belongs to the outcome; other details follow after a comma.
    let between = if entry.started_at.is_some() { " " } else { ", " };
    if particulars.is_empty() { ending } else { format!("{ending}{between}{particulars}") }
}

/// Returns at most this many of the last, most informative lines of a run's message, indented.
///
/// The message of a failed activation begins with the cause; this first line is always included.
pub(crate) fn last_words(entry: &Entry, most: usize) -> Vec<String> {
    let message = entry.message.as_deref().unwrap_or_default();
    let mut lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = usize::from(entry.outcome == Outcome::NotActivated);
    if lines.len() > most {
        lines.drain(first..first + lines.len() - most);
    }
    lines.iter().map(|line| format!("  {line}")).collect()
}

/// Returns the first part of a family name, which is what people use.
pub(crate) fn short_package(family: &str) -> &str {
    family.split_once('_').map_or(family, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_reads_as_a_sentence() {
        for (text, words) in [
            ("every 15m", "every 15 minutes"),
            ("every 1m", "every minute"),
            ("every 1h", "every hour"),
            ("every 1h30m", "every 1 hour 30 minutes"),
            ("once 15m", "once, 15 minutes after registration"),
            ("every 2d", "every 2 days"),
            ("on internet-available once", "when the internet becomes reachable, once"),
            ("signal x", "on signal x"),
            ("calendar Mon..Fri 9:00", "by the calendar: Mon..Fri 9:00"),
            ("cron 0 3 * * *", "by cron: 0 3 * * *"),
            ("of a newer version", "of a newer version"),
        ] {
            assert_eq!(trigger(&Word::read(text)), words);
        }
    }
}
