//! The parts of an answer to why.

use std::time::SystemTime;

use oncue_types::{Condition, Guid, HoldEnd};
use oncue_wire::{FactInfo, TaskInfo, Word};

use crate::broker::moment::system_time;

/// What a task is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitsFor {
    /// Its trigger.
    Trigger,
    /// The next attempt after a failure, which is due before its trigger.
    Retry,
    /// Its conditions: it has fired and is held.
    Conditions,
    /// The user's permission for its package: it has fired and is held.
    Access,
    /// Its release from quarantine.
    Release,
    /// The end of a pause of the task, or of the pause of all tasks.
    EndOfPause,
    /// The machine, which saves energy, is short of memory, sleeps, or ends the session.
    Machine,
    /// The next broker, because this one is about to end.
    NextBroker,
    /// Its task server, which is being started.
    TaskServer,
    /// The end of its run.
    EndOfRun,
}

/// A failing part of a condition, and the facts that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailingPart {
    /// The part, such as `internet`.
    pub part: Word<Condition>,
    /// The facts behind it.
    pub facts: Vec<FactInfo>,
}

/// The limit of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldLimit {
    /// When.
    pub at: SystemTime,
    /// What happens then.
    pub then: HoldEnd,
}

/// Waiting firings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingFirings {
    /// How many; one run answers them all.
    pub firings: u32,
    /// When the first of them was due.
    pub since: SystemTime,
}

/// The next attempt after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When. An earlier firing of the trigger replaces it.
    pub at: SystemTime,
}

/// A run in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveRun {
    /// Its id.
    pub instance_id: Guid,
    /// When its firing was due.
    pub fired_at: Option<SystemTime>,
    /// When `run` was entered; `None` while its server is being started.
    pub started_at: Option<SystemTime>,
    /// The last progress value.
    pub progress: Option<u32>,
}

/// Returns the facts that a part of a condition depends on; none if this version does not know the
/// condition.
#[must_use]
pub fn behind<'f>(part: &Word<Condition>, facts: &'f [FactInfo]) -> Vec<&'f FactInfo> {
    let Word::Known(condition) = part else { return Vec::new() };
    let kinds: Vec<_> =
        condition.predicates().into_iter().flat_map(|predicate| predicate.facts()).copied().collect();
    facts.iter().filter(|fact| fact.name.known().is_some_and(|name| kinds.contains(name))).collect()
}

impl WaitsFor {
    /// Returns its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Retry => "retry",
            Self::Conditions => "conditions",
            Self::Access => "access",
            Self::Release => "release",
            Self::EndOfPause => "end_of_pause",
            Self::Machine => "machine",
            Self::NextBroker => "next_broker",
            Self::TaskServer => "task_server",
            Self::EndOfRun => "end_of_run",
        }
    }
}

impl LiveRun {
    pub(super) fn of(task: &TaskInfo) -> Option<Self> {
        Some(Self {
            instance_id: task.instance_id?.0,
            fired_at: task.fired_at.map(system_time),
            started_at: task.started_at.map(system_time),
            progress: task.progress,
        })
    }
}
