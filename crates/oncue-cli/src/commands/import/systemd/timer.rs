//! Translates what a timer says.

use std::time::Duration;

use oncue_calendar::Schedule;
use oncue_types::{parse_span, show_span};

use super::super::draft::Draft;
use super::unit::{Setting, Unit};
use crate::declared::{Part, text::text};

/// When a task runs.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// One for each task.
    pub(super) triggers: Vec<Part>,
    /// The settings that all of the tasks share.
    pub(super) others: Vec<Part>,
}

/// Translates a timer.
pub(super) fn translate(timer: &Unit, draft: &mut Draft) -> Timing {
    let mut timing = Timing::default();
    let (mut after_start, mut accuracy) = (None, None);
    for setting in timer.settings() {
        match (&*setting.section, &*setting.key) {
            ("Timer", "OnCalendar" | "OnUnitActiveSec" | "OnUnitInactiveSec") if setting.value.is_empty() => {
                timing.triggers.clear();
            }
            ("Timer", "OnCalendar") => timing.triggers.extend(calendar(timer, setting, draft)),
            ("Timer", "OnUnitActiveSec" | "OnUnitInactiveSec") => {
                timing.triggers.extend(every(timer, setting, draft));
            }
            ("Timer", "OnBootSec" | "OnStartupSec" | "OnActiveSec") => after_start = Some(setting),
            ("Timer", "AccuracySec") => accuracy = Some(setting),
            ("Timer", "RandomizedDelaySec") => {
                note(timer, setting, "nothing is random; the task runs when it is due", draft);
            }
            ("Timer", "Persistent" | "Unit") | ("Unit", "Description" | "Documentation") | ("Install", _) => {
            }
            _ => unknown(timer, setting, draft),
        }
    }
    if let Some(setting) = after_start {
        begin(timer, setting, &mut timing, draft);
    }
    if let Some(setting) = accuracy {
        timing.others.extend(slack(timer, setting, &timing.triggers, draft));
    }
    let is_persistent = timer.last("Timer", "Persistent").is_some_and(Setting::is_yes);
    if !is_persistent && timing.triggers.iter().any(|part| part.key == "at") {
        timing.others.push(Part::new("missed", text("skip")));
    }
    timing
}

fn calendar(timer: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Part> {
    match Schedule::parse(&setting.value) {
        Ok(_) => Some(Part::new("at", text(&setting.value))),
        Err(error) => {
            let what = format!("OnCalendar={}: {}", setting.value, error.mistake);
            draft.loss(timer.file(), setting.line, what);
            None
        }
    }
}

fn every(timer: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Part> {
    let Some(span) = setting.span().filter(|span| !span.is_zero()) else {
        unread(timer, setting, draft);
        return None;
    };
    let minutes = span.as_secs().div_ceil(60).max(1);
    let whole = Duration::from_secs(minutes * 60);
    if whole != span {
        note(timer, setting, &format!("rounded up to {}", show_span(whole)), draft);
    }
    if setting.key == "OnUnitInactiveSec" {
        note(timer, setting, "the time counts from firing to firing, not from the end of a run", draft);
    }
    Some(Part::new("every", text(&show_span(whole))))
}

/// Translates how much a firing may be delayed, unless a task with such a trigger has that slack anyway.
fn slack(timer: &Unit, setting: &Setting, triggers: &[Part], draft: &mut Draft) -> Option<Part> {
    let Some(span) = setting.span() else {
        unread(timer, setting, draft);
        return None;
    };
    let is_usual = |trigger: &Part| match interval(trigger) {
        Some(every) => span == USUAL_SLACK.min(every / SHARE),
        None => span <= Duration::from_secs(1),
    };
    (!triggers.iter().all(is_usual)).then(|| Part::new("slack", text(&show_span(span))))
}

/// Returns the interval of a trigger, if it has one.
fn interval(trigger: &Part) -> Option<Duration> {
    (trigger.key == "every").then(|| parse_span(trigger.value.trim_matches('"')).ok()).flatten()
}

/// The slack of a task with an interval: so much, and at most this part of the interval.
const USUAL_SLACK: Duration = Duration::from_secs(60);
const SHARE: u32 = 10;

/// Translates a start after boot or log-in: as a trigger of its own, if there is no other one.
fn begin(timer: &Unit, setting: &Setting, timing: &mut Timing, draft: &mut Draft) {
    let is_first = |trigger: &Part| interval(trigger).is_some() && interval(trigger) == setting.span();
    if timing.triggers.iter().all(is_first) && !timing.triggers.is_empty() {
        // A task with an interval fires for the first time when that has passed.
    } else if timing.triggers.is_empty() {
        note(timer, setting, "the task runs when a session begins, without a delay", draft);
        timing.triggers.push(Part::new("at-login", "true"));
    } else {
        note(timer, setting, "ignored: the first run is when the trigger fires first", draft);
    }
}

fn unread(unit: &Unit, setting: &Setting, draft: &mut Draft) {
    note(unit, setting, "this length of time is not understood", draft);
}

/// Notes that a setting has no counterpart.
pub(super) fn unknown(unit: &Unit, setting: &Setting, draft: &mut Draft) {
    note(unit, setting, "ignored: a task has no counterpart", draft);
}

/// Notes what a setting becomes.
pub(super) fn note(unit: &Unit, setting: &Setting, what: &str, draft: &mut Draft) {
    draft.note(unit.file(), setting.line, format!("{}={}: {what}", setting.key, setting.value));
}
