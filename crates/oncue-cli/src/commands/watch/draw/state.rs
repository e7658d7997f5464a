//! The state of one task: how far its run has come, or what keeps it from running.

use oncue::TaskState;
use oncue::tools::{Blocker, TaskInfo, Word};

use super::bar::bar;
use crate::commands::watch::glance::Glance;
use crate::render::blocked;
use crate::render::clean::clean;
use crate::render::line::Line;
use crate::render::needs;
use crate::render::style::{self, BAD, FAINT};
use crate::render::words;

/// With fewer columns than this, the progress bar is shorter.
const ROOM_FOR_LONG_BAR: usize = 60;
const LONG_BAR: usize = 20;
const SHORT_BAR: usize = 8;

/// Draws the state of a task, which has so many columns.
pub(super) fn line(task: &TaskInfo, glance: &Glance<'_>, columns: usize) -> Line {
    let state = Line::default().styled(clean(&words::state(task)), style::of_state(&task.state));
    match &task.state {
        Word::Known(TaskState::Running | TaskState::Cancelling) => {
            state.followed_by(run(task, glance, columns))
        }
        Word::Known(TaskState::Activating) | Word::Other(_) => state,
        Word::Known(TaskState::Armed | TaskState::Held | TaskState::Quarantined) => {
            let reasons = reasons(task, glance);
            let state = if reasons.is_empty() { state } else { state.plain(": ") };
            let state = state.plain(clean(&reasons.join(", ")));
            match task.trouble.as_str() {
                "" => state,
                trouble => state.plain(": ").styled(clean(trouble), BAD),
            }
        }
    }
}

/// Describes the run of a task: how far it has come, how long it has taken, and what it says.
fn run(task: &TaskInfo, glance: &Glance<'_>, columns: usize) -> Line {
    let mut line = Line::default();
    if let Some(progress) = task.progress {
        let cells = if columns >= ROOM_FOR_LONG_BAR { LONG_BAR } else { SHORT_BAR };
        line = line.plain(" ").followed_by(bar(progress, cells));
    }
    if let Some(at) = task.started_at {
        line = line.styled(format!(" {}", glance.since(at)), FAINT);
    }
    if !task.note.is_empty() {
        line = line.plain(" ").plain(clean(&task.note));
    }
    line
}

/// Returns what keeps a task from running, or what it waits for.
fn reasons(task: &TaskInfo, glance: &Glance<'_>) -> Vec<String> {
    let said = |by: &Word<Blocker>| task.state == TaskState::Quarantined && *by == Blocker::Quarantined;
    let blocked = task.blocked.iter().filter(|by| !said(by));
    let mut reasons: Vec<String> = blocked.map(|by| blocked::brief(by, task, glance.clock())).collect();
    // A condition of a task that has not fired may hold when it fires.
    if task.waiting.is_some() || task.state == TaskState::Held {
        reasons.extend(task.failing.iter().map(needs::needs));
    }
    if let (true, Some(retry)) = (reasons.is_empty(), task.retry) {
        reasons.push(format!("retry {}", glance.distance(retry.at)));
    }
    reasons
}
