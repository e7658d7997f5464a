//! The shapes of `--json`, as published in `docs/interface/json.md`. Keys may be added, but not
//! removed or given another meaning.

mod command;

use std::fmt::Display;

use oncue_types::{
    Access, CancellationReason, Condition, Exit, FactKind, Guid, InstanceId, Outcome, Policy, TaskId,
    TaskState, Trigger,
};
use oncue_wire::{
    BrokerInfo, Entry, FactInfo, Origin, PackageInfo, PauseInfo, RetryInfo, RunState, StartedBy, TaskInfo,
    WaitingInfo, Word,
};
use serde::{Serialize, Serializer};

pub(crate) use command::Command;

use crate::kept::Kept;
use crate::render::blocked;
use crate::render::time::Clock;

/// A value that is written as its text.
#[derive(Debug)]
pub(crate) struct Text<T>(pub(crate) T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A task, as in `list`.
#[derive(Debug, Serialize)]
pub(crate) struct Task<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    group: Option<Group<'a>>,
    class_id: Option<Text<Guid>>,
    command: Option<Command<'a>>,
    trigger: Text<&'a Word<Trigger>>,
    conditions: Option<Text<&'a Word<Condition>>>,
    state: Text<&'a Word<TaskState>>,
    next_due: Option<String>,
    next_by: Option<String>,
    trouble: Option<&'a str>,
    last: Option<Last<'a>>,
    blocked: Vec<&'a str>,
    paused: Option<Pause>,
    all_paused: Option<Pause>,
    retry: Option<Retry>,
    live: Option<Live>,
}

/// A group of tasks.
#[derive(Debug, Serialize)]
struct Group<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

/// The current run of a task.
#[derive(Debug, Serialize)]
pub(crate) struct Live {
    instance_id: Text<InstanceId>,
    fired_at: Option<String>,
    started_at: Option<String>,
    progress: Option<u32>,
    note: Option<String>,
}

/// How a task's last run ended.
#[derive(Debug, Serialize)]
struct Last<'a> {
    instance_id: Text<InstanceId>,
    outcome: Text<&'a Word<Outcome>>,
    ended_at: String,
}

/// A task, as in `show`.
#[derive(Debug, Serialize)]
pub(crate) struct WholeTask<'a> {
    #[serde(flatten)]
    task: Task<'a>,
    policy: Option<Text<&'a Word<Policy>>>,
    failing: Vec<Text<&'a Word<Condition>>>,
    waiting: Option<Waiting>,
    held_since: Option<String>,
    strikes: u32,
    instance_id: Option<Text<InstanceId>>,
    progress: Option<u32>,
    runs: Vec<Run<'a>>,
}

/// Waiting firings.
#[derive(Debug, Serialize)]
pub(crate) struct Waiting {
    firings: u32,
    since: String,
}

/// A pause.
#[derive(Debug, Serialize)]
pub(crate) struct Pause {
    since: String,
    until: Option<String>,
}

/// The next attempt after a failure.
#[derive(Debug, Serialize)]
pub(crate) struct Retry {
    attempt: u32,
    at: String,
}

/// An entry of the ledger, as in `history`.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    instance_id: Text<InstanceId>,
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    fired_at: String,
    started_at: Option<String>,
    ended_at: String,
    outcome: Text<&'a Word<Outcome>>,
    reason: Option<Text<&'a Word<CancellationReason>>>,
    progress: Option<u32>,
    firings: u32,
    exit_status: Option<Text<&'a Word<Exit>>>,
    message: Option<&'a str>,
    output: Option<String>,
}

/// The result of `run`.
#[derive(Debug, Serialize)]
pub(crate) struct Fired<'a> {
    pub(crate) task_id: Text<TaskId>,
    pub(crate) state: Text<&'a Word<RunState>>,
    pub(crate) instance_id: Option<Text<InstanceId>>,
    pub(crate) failing: Vec<Text<&'a Word<Condition>>>,
    pub(crate) blocked: Vec<&'a str>,
    pub(crate) run: Option<Run<'a>>,
}

/// A package.
#[derive(Debug, Serialize)]
pub(crate) struct Package<'a> {
    family_name: &'a str,
    full_name: &'a str,
    display_name: &'a str,
    version: &'a str,
    location: &'a str,
    local_folder: &'a str,
    access: Text<&'a Word<Access>>,
    origin: Text<&'a Word<Origin>>,
    servers: Vec<Server<'a>>,
    tasks: u32,
    problem: Option<&'a str>,
}

/// What a package may do, as in `access list`.
#[derive(Debug, Serialize)]
pub(crate) struct Allowed<'a> {
    family_name: &'a str,
    display_name: &'a str,
    access: Text<&'a Word<Access>>,
}

/// A task server of a package.
#[derive(Debug, Serialize)]
struct Server<'a> {
    executable: &'a str,
    arguments: &'a str,
    classes: Vec<Class<'a>>,
}

/// A class of a task server.
#[derive(Debug, Serialize)]
struct Class<'a> {
    class_id: Text<Guid>,
    display_name: &'a str,
}

/// The broker, as in `doctor`.
#[derive(Debug, Serialize)]
pub(crate) struct Broker<'a> {
    version: &'a str,
    pid: u32,
    executable: &'a str,
    started_at: String,
    store: &'a str,
    store_problem: Option<&'a str>,
    started_by: Text<&'a Word<StartedBy>>,
    tasks: u32,
    packages: u32,
    all_paused: Option<Pause>,
}

/// A fact, as in `doctor`.
#[derive(Debug, Serialize)]
pub(crate) struct Fact<'a> {
    name: Text<&'a Word<FactKind>>,
    value: Option<Reading>,
    counts_as: Option<Reading>,
    pinned: bool,
    source: Option<&'a str>,
    since: Option<String>,
    why: Option<&'a str>,
}

/// A fact's value: a boolean, or a percentage.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reading {
    Is(bool),
    Percent(u8),
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl<'a> Task<'a> {
    /// Returns the shape of a task.
    pub(crate) fn of(task: &'a TaskInfo, clock: &Clock) -> Self {
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            package: &task.package,
            group: task.group.as_ref().map(|group| Group { id: &group.id, name: some(&group.name) }),
            class_id: task.command.is_none().then_some(Text(task.class_id)),
            command: task.command.as_ref().map(Command::of),
            trigger: Text(&task.trigger),
            conditions: task.condition.as_ref().map(Text),
            state: Text(&task.state),
            next_due: task.next_due.map(|at| clock.rfc3339(at)),
            next_by: task.next_by.map(|at| clock.rfc3339(at)),
            trouble: some(&task.trouble),
            last: task.last.as_ref().map(|last| Last {
                instance_id: Text(last.instance_id),
                outcome: Text(&last.outcome),
                ended_at: clock.rfc3339(last.ended_at),
            }),
            blocked: task.blocked.iter().map(blocked::name).collect(),
            paused: task.paused.map(|pause| Pause::of(pause, clock)),
            all_paused: task.all_paused.map(|pause| Pause::of(pause, clock)),
            retry: task.retry.map(|retry| Retry::of(retry, clock)),
            live: Live::of(task, clock),
        }
    }
}

impl Live {
    /// Returns the shape of the task's current run, if there is one.
    pub(crate) fn of(task: &TaskInfo, clock: &Clock) -> Option<Self> {
        Some(Self {
            instance_id: Text(task.instance_id?),
            fired_at: task.fired_at.map(|at| clock.rfc3339(at)),
            started_at: task.started_at.map(|at| clock.rfc3339(at)),
            progress: task.progress,
            note: some(&task.note).map(Into::into),
        })
    }
}

impl<'a> WholeTask<'a> {
    /// Returns the shape of a task and its last runs.
    pub(crate) fn of(task: &'a TaskInfo, runs: &'a [Entry], clock: &Clock, kept: &Kept) -> Self {
        Self {
            task: Task::of(task, clock),
            policy: task.policy.as_ref().map(Text),
            failing: task.failing.iter().map(Text).collect(),
            waiting: task.waiting.map(|waiting| Waiting::of(waiting, clock)),
            held_since: task.held_since.map(|at| clock.rfc3339(at)),
            strikes: task.strikes,
            instance_id: task.instance_id.map(Text),
            progress: task.progress,
            runs: runs.iter().map(|entry| Run::of(entry, clock, kept)).collect(),
        }
    }
}

impl Waiting {
    /// Returns the shape of waiting firings.
    pub(crate) fn of(waiting: WaitingInfo, clock: &Clock) -> Self {
        Self { firings: waiting.firings, since: clock.rfc3339(waiting.since) }
    }
}

impl Pause {
    /// Returns the shape of a pause.
    pub(crate) fn of(pause: PauseInfo, clock: &Clock) -> Self {
        Self { since: clock.rfc3339(pause.since), until: pause.until.map(|at| clock.rfc3339(at)) }
    }
}

impl Retry {
    /// Returns the shape of an attempt.
    pub(crate) fn of(retry: RetryInfo, clock: &Clock) -> Self {
        Self { attempt: retry.attempt, at: clock.rfc3339(retry.at) }
    }
}

impl<'a> Run<'a> {
    /// Returns the shape of an entry.
    pub(crate) fn of(entry: &'a Entry, clock: &Clock, kept: &Kept) -> Self {
        Self {
            instance_id: Text(entry.instance_id),
            task_id: Text(entry.task_id),
            name: &entry.name,
            package: &entry.package,
            fired_at: clock.rfc3339(entry.fired_at),
            started_at: entry.started_at.map(|at| clock.rfc3339(at)),
            ended_at: clock.rfc3339(entry.ended_at),
            outcome: Text(&entry.outcome),
            reason: entry.reason.as_ref().map(Text),
            progress: entry.progress,
            firings: entry.firings,
            exit_status: entry.exit_status.as_ref().map(Text),
            message: entry.message.as_deref(),
            output: kept.path(entry).map(|path| path.display().to_string()),
        }
    }
}

impl<'a> Package<'a> {
    /// Returns the shape of a package.
    pub(crate) fn of(package: &'a PackageInfo) -> Self {
        let servers = package.servers.iter().map(|server| Server {
            executable: &server.executable,
            arguments: &server.arguments,
            classes: (server.classes.iter())
                .map(|class| Class { class_id: Text(class.class_id), display_name: &class.display_name })
                .collect(),
        });
        Self {
            family_name: &package.family_name,
            full_name: &package.full_name,
            display_name: &package.display_name,
            version: &package.version,
            location: &package.location,
            local_folder: &package.local_folder,
            access: Text(&package.access),
            origin: Text(&package.origin),
            servers: servers.collect(),
            tasks: package.tasks,
            problem: some(&package.problem),
        }
    }
}

impl<'a> Allowed<'a> {
    /// Returns the shape of what a package may do.
    pub(crate) fn of(package: &'a PackageInfo) -> Self {
        let PackageInfo { family_name, display_name, access, .. } = package;
        Self { family_name, display_name, access: Text(access) }
    }
}

impl<'a> Broker<'a> {
    /// Returns the shape of a broker.
    pub(crate) fn of(broker: &'a BrokerInfo, clock: &Clock) -> Self {
        Self {
            version: &broker.version,
            pid: broker.pid,
            executable: &broker.executable,
            started_at: clock.rfc3339(broker.started_at),
            store: &broker.store,
            store_problem: some(&broker.store_problem),
            started_by: Text(&broker.started_by),
            tasks: broker.tasks,
            packages: broker.packages,
            all_paused: broker.all_paused.map(|pause| Pause::of(pause, clock)),
        }
    }
}

impl Reading {
    /// Returns the shape of a value, or `None` if this version does not know it.
    fn of(value: &Word<oncue_types::Reading>) -> Option<Self> {
        Some(match *value.known()? {
            oncue_types::Reading::Is(value) => Self::Is(value),
            oncue_types::Reading::Percent(percent) => Self::Percent(percent),
        })
    }
}

impl<'a> Fact<'a> {
    /// Returns the shape of a fact.
    pub(crate) fn of(fact: &'a FactInfo, clock: &Clock) -> Self {
        Self {
            name: Text(&fact.name),
            value: fact.value.as_ref().and_then(Reading::of),
            counts_as: Reading::of(&fact.counts_as),
            pinned: fact.pinned,
            source: some(&fact.source),
            since: fact.since.map(|at| clock.rfc3339(at)),
            why: some(&fact.why),
        }
    }
}

#[cfg(test)]
pub(crate) mod documented;
#[cfg(test)]
mod tests;
