//! The sentence that describes the state of a task in plain words.

use anstyle::Style;
use oncue::tools::{Blocker, RetryInfo, TaskInfo, Word};
use oncue::why::WaitsFor;
use oncue::{Outcome, TaskState};

use super::Now;
use crate::render::needs;
use crate::render::pause;
use crate::render::style::{self, BAD, GOOD, HELD};
use crate::render::time::Clock;
use crate::render::words;

impl Now<'_> {
    pub(super) fn sentence(&self, clock: &Clock) -> (String, Style) {
        let style = style::of_state(&self.why.task().state);
        let state = match self.why.state() {
            Word::Known(state) => state,
            Word::Other(word) => return (format!("is {word}."), style),
        };
        match state {
            TaskState::Armed => self.armed(clock),
            TaskState::Held => (format!("has fired but is not running yet: {}.", self.keeps(clock)), style),
            TaskState::Quarantined => {
                ("is quarantined: it crashed too often and is no longer started.".to_owned(), style)
            }
            TaskState::Activating => {
                ("is being started: its program has not begun the run yet.".to_owned(), style)
            }
            TaskState::Running => (self.runs(clock), style),
            TaskState::Cancelling => {
                ("was told to stop and has not ended yet; it is killed if it takes too long.".into(), style)
            }
        }
    }

    fn runs(&self, clock: &Clock) -> String {
        let task = self.why.task();
        let runs = match task.started_at {
            Some(at) => format!("has been running since {}", clock.brief(at)),
            None => "is running".into(),
        };
        match task.waiting {
            Some(_) => format!("{runs}; it has fired again and will run once more after that."),
            None => format!("{runs}."),
        }
    }

    /// A task that has not fired: whether it would run, and when.
    fn armed(&self, clock: &Clock) -> (String, Style) {
        let task = self.why.task();
        let trigger = words::trigger_of(task);
        if words::is_disabled(task) {
            return ("is disabled: its trigger is ignored, and it only runs on request.".to_owned(), HELD);
        }
        if !task.blocked.is_empty() {
            return (format!("would not run now: {}.", self.keeps(clock)), HELD);
        }
        let last = self.last_outcome().filter(|_| self.went_wrong()).map(ended);
        if let (Some(RetryInfo { at, .. }), WaitsFor::Retry) = (task.retry, self.why.waits_for()) {
            let last = last.unwrap_or_else(|| "failed the last time".to_owned());
            return (format!("{last}; it will be retried {}.", clock.distance(at)), HELD);
        }
        if self.why.trouble().is_some() {
            return (format!("has a trigger that is not available now; it runs {trigger}."), BAD);
        }
        match last {
            Some(last) => (format!("{last}; it runs {trigger}."), BAD),
            None => (format!("is fine: it runs {trigger}."), GOOD),
        }
    }

    /// What prevents it from running, in a few words.
    fn keeps(&self, clock: &Clock) -> String {
        let task = self.why.task();
        let stops = self.why.blocked().iter().map(|by| match by {
            Word::Known(blocker) => stops(blocker, task, clock),
            Word::Other(word) => format!("it is {}", word.replace('_', " ")),
        });
        let mut keeps: Vec<String> = stops.collect();
        if !task.failing.is_empty() && task.waiting.is_some() {
            let needed: Vec<String> = task.failing.iter().map(needs::needs).collect();
            keeps.push(format!("it waits for {}", needed.join(", and for ")));
        }
        if keeps.is_empty() {
            keeps.push("it is about to run".to_owned());
        }
        keeps.join(", and ")
    }
}

/// Returns what keeps it from running, in a few words.
fn stops(blocker: &Blocker, task: &TaskInfo, clock: &Clock) -> String {
    let stops = match blocker {
        Blocker::Paused => return format!("you have paused it{}", pause::brief(task.paused, clock)),
        Blocker::AllPaused => {
            return format!("you have paused all tasks{}", pause::brief(task.all_paused, clock));
        }
        Blocker::Queue(name) => return format!("it waits for its turn behind {name}"),
        Blocker::Quarantined => "it is quarantined",
        Blocker::Denied => "its package is not allowed to run in the background",
        Blocker::EnergySaver => "the machine is saving energy",
        Blocker::MemoryShort => "memory is short",
        Blocker::Shortage(_) => "oncue itself is short of open files, processes or memory",
        Blocker::OutOfReach(_) => "the file system that holds its program does not answer",
        Blocker::Circling => "its last runs fired it again",
        Blocker::Asleep => "the machine is going to sleep",
        Blocker::SessionEnding => "the session is about to end",
        Blocker::Stopping => "the broker is about to end",
    };
    stops.to_owned()
}

/// Returns how its last run ended.
fn ended(outcome: &Word<Outcome>) -> String {
    if *outcome == Outcome::Lost {
        return "was interrupted the last time, because the broker ended".to_owned();
    }
    format!("{} the last time", words::happened(outcome))
}
