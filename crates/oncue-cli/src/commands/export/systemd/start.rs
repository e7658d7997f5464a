//! The unit that starts a task: a timer, or a path.

use std::time::Duration;

use oncue_calendar::Schedule;
use oncue_types::{Trigger, Watch, show_span};

use super::super::subject::Subject;
use super::super::translation::Notes;
use super::quote;

/// How long systemd delays a timer to share a wake-up with others, unless the timer says otherwise.
const ACCURACY: Duration = Duration::from_secs(60);
/// The part of an interval by which oncue delays a firing at most.
const SHARE: u32 = 10;

/// Returns the kind of the unit and its text; `None` if no unit starts the task.
pub(super) fn of(subject: &Subject, all: &[Subject], notes: &mut Notes) -> Option<(&'static str, String)> {
    let trigger = &subject.trigger;
    let span = trigger.period().map(show_span).unwrap_or_default();
    let (kind, settings) = match trigger {
        Trigger::Time { one_shot: false, .. } | Trigger::Maintenance { one_shot: false, .. } => {
            notes.differs(format!("every {span}: it counts anew each time you log in"));
            ("timer", format!("OnActiveSec={span}\nOnUnitActiveSec={span}\n{}", accuracy(subject)))
        }
        Trigger::Time { one_shot: true, .. } | Trigger::Maintenance { one_shot: true, .. } => {
            notes.differs(format!("in {span}: it counts from when the timer is started"));
            ("timer", format!("OnActiveSec={span}\nRemainAfterElapse=no\n"))
        }
        Trigger::Calendar(expression) => ("timer", calendar(expression, subject, notes)?),
        Trigger::Startup => ("timer", "OnStartupSec=0\n".to_owned()),
        Trigger::Watch(watch) => ("path", watched(watch, notes)?),
        Trigger::Application => {
            notes.differs("it has no trigger: `systemctl --user start` runs it");
            return None;
        }
        Trigger::After { task, .. } => {
            if !all.iter().any(|other| *other.name == **task) {
                notes.lost(format!("trigger `{trigger}`: export {task} as well, whose unit has to start it"));
            }
            return None;
        }
        Trigger::System { .. } | Trigger::Signal { .. } => {
            notes.lost(format!("trigger `{trigger}`: systemd has no counterpart"));
            return None;
        }
    };
    let section = if kind == "timer" { "Timer" } else { "Path" };
    let mut text = format!("[Unit]\nDescription={}\n\n", quote::description(&subject.name));
    text.push_str(&format!("[{section}]\n{settings}"));
    if subject.policy.disabled {
        notes.differs(format!("it is disabled: its {kind} has no [Install] and cannot be enabled"));
    } else {
        let target = if kind == "timer" { "timers.target" } else { "paths.target" };
        text.push_str(&format!("\n[Install]\nWantedBy={target}\n"));
    }
    Some((kind, text))
}

/// Returns the setting for how much a firing may be delayed, unless it is systemd's default.
fn accuracy(subject: &Subject) -> String {
    let of_interval = subject.trigger.period().map_or(ACCURACY, |period| ACCURACY.min(period / SHARE));
    let slack = subject.policy.slack.unwrap_or(of_interval);
    if slack == ACCURACY { String::new() } else { format!("AccuracySec={}\n", seconds(slack)) }
}

/// systemd takes 0 for its default.
fn seconds(slack: Duration) -> String {
    show_span(slack.max(Duration::from_micros(1)))
}

fn calendar(expression: &str, subject: &Subject, notes: &mut Notes) -> Option<String> {
    let text = expression.strip_prefix("calendar ").unwrap_or(expression);
    let expressions = match Schedule::parse(text) {
        Ok(Schedule::OnCalendar(_)) if !text.contains(char::is_control) => vec![text.to_owned()],
        Ok(schedule) => schedule.to_on_calendar(),
        Err(error) => {
            notes.lost(format!("at `{text}`: {error}"));
            return None;
        }
    };
    let mut settings: String = expressions.iter().map(|text| format!("OnCalendar={text}\n")).collect();
    // A task without slack fires to the second.
    let slack = subject.policy.slack.unwrap_or(Duration::from_secs(1));
    settings.push_str(&format!("AccuracySec={}\n", seconds(slack)));
    if subject.makes_up() {
        settings.push_str("Persistent=true\n");
    }
    Some(settings)
}

fn watched(watch: &Watch, notes: &mut Notes) -> Option<String> {
    let Watch::Path { path, deep } = watch else {
        notes.lost(format!("trigger `{watch}`: systemd has no counterpart"));
        return None;
    };
    let Some(quoted) = quote::path(path) else {
        notes.lost(format!("on-change {path:?}: a unit cannot name this path"));
        return None;
    };
    if *deep {
        notes.differs("recursive: no counterpart; only the folder itself and its entries are watched");
    }
    Some(format!("PathChanged={quoted}\n"))
}
