//! The answers as JSON.

use oncue::HoldEnd;
use oncue::TaskState;
use oncue::tools::{Condition, Entry, FactInfo, InstanceId, TaskId, Word};
use oncue::why::behind;
use serde::Serialize;

use crate::commands::why::now::Now;
use crate::commands::why::then::Then;
use crate::render::blocked;
use crate::render::json::{Fact, Live, Pause, Retry, Run, Text, Waiting};
use crate::render::time::Clock;

/// What a task is waiting for now.
#[derive(Debug, Serialize)]
pub(super) struct Why<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    state: Text<&'a Word<TaskState>>,
    fine: bool,
    waits_for: &'static str,
    needs_a_person: bool,
    failing: Vec<Part<'a>>,
    blocked: Vec<Blocker<'a>>,
    paused: Option<Pause>,
    all_paused: Option<Pause>,
    held_since: Option<String>,
    hold_limit: Option<Limit>,
    waiting: Option<Waiting>,
    trouble: Option<&'a str>,
    strikes: u32,
    retry: Option<Retry>,
    next_due: Option<String>,
    next_by: Option<String>,
    instance_id: Option<Text<InstanceId>>,
    progress: Option<u32>,
    live: Option<Live>,
    runs: Vec<Run<'a>>,
}

/// A failing part of a condition, and the facts behind it.
#[derive(Debug, Serialize)]
struct Part<'a> {
    part: Text<&'a Word<Condition>>,
    facts: Vec<Fact<'a>>,
}

/// What else prevents the task from running.
#[derive(Debug, Serialize)]
struct Blocker<'a> {
    by: &'a str,
    what: String,
    way_out: String,
}

/// The limit of the hold.
#[derive(Debug, Serialize)]
struct Limit {
    at: String,
    then: &'static str,
}

/// What a task was doing at an instant.
#[derive(Debug, Serialize)]
pub(super) struct Instant<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    at: String,
    reached: bool,
    alive: Option<Run<'a>>,
    fired: Option<Run<'a>>,
    before: Option<Run<'a>>,
    after: Option<Run<'a>>,
    waiting: Option<Waiting>,
    instance_id: Option<Text<InstanceId>>,
    live: Option<Live>,
}

impl<'a> Why<'a> {
    /// Returns the shape.
    pub(super) fn of(now: &'a Now<'a>, clock: &Clock) -> Self {
        let (task, facts) = (now.why.task(), now.why.facts());
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            package: &task.package,
            state: Text(&task.state),
            fine: now.why.is_fine(),
            waits_for: now.why.waits_for().name(),
            needs_a_person: now.why.needs_a_person(),
            failing: task.failing.iter().map(|part| part_of(part, facts, clock)).collect(),
            blocked: (now.blocked(clock).into_iter())
                .map(|blocked| Blocker {
                    by: blocked::name(blocked.by),
                    what: blocked.what,
                    way_out: blocked.way_out,
                })
                .collect(),
            paused: task.paused.map(|pause| Pause::of(pause, clock)),
            all_paused: task.all_paused.map(|pause| Pause::of(pause, clock)),
            held_since: task.held_since.map(|at| clock.rfc3339(at)),
            hold_limit: now.hold_limit().map(|(at, then)| Limit {
                at: clock.rfc3339(at),
                then: match then {
                    HoldEnd::Drop => "drop",
                    HoldEnd::Run => "run",
                },
            }),
            waiting: task.waiting.map(|waiting| Waiting::of(waiting, clock)),
            trouble: now.why.trouble(),
            strikes: task.strikes,
            retry: task.retry.map(|retry| Retry::of(retry, clock)),
            next_due: task.next_due.map(|at| clock.rfc3339(at)),
            next_by: task.next_by.map(|at| clock.rfc3339(at)),
            instance_id: task.instance_id.map(Text),
            progress: task.progress,
            live: Live::of(task, clock),
            runs: now.why.entries().iter().map(|entry| Run::of(entry, clock, now.kept)).collect(),
        }
    }
}

fn part_of<'a>(part: &'a Word<Condition>, facts: &'a [FactInfo], clock: &Clock) -> Part<'a> {
    Part {
        part: Text(part),
        facts: behind(part, facts).into_iter().map(|fact| Fact::of(fact, clock)).collect(),
    }
}

impl<'a> Instant<'a> {
    /// Returns the shape.
    pub(super) fn of(then: &Then<'a>, clock: &Clock) -> Self {
        let task = then.why.task();
        let run = |entry: Option<&'a Entry>| entry.map(|entry| Run::of(entry, clock, then.kept));
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            package: &task.package,
            at: clock.rfc3339(then.at),
            reached: then.why.is_reached(),
            alive: run(then.why.alive_entry()),
            fired: run(then.why.fired_entry()),
            before: run(then.why.entry_before()),
            after: run(then.why.entry_after()),
            waiting: task.waiting.map(|waiting| Waiting::of(waiting, clock)),
            instance_id: task.instance_id.map(Text),
            live: Live::of(task, clock),
        }
    }
}

#[cfg(test)]
mod tests;
