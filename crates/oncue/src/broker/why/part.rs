//! The parts of an answer to why.

use std::time::SystemTime;

use oncue_types::Condition;
use oncue_wire::{FactInfo, TaskInfo};

use crate::broker::moment::system_time;
use crate::{Guid, HoldEnd};

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
    /// The part in text form, such as `internet`.
    pub part: String,
    /// The facts behind it.
    pub facts: Vec<Fact>,
}

/// Something about the machine that a source observes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// Its name, as in conditions.
    pub name: String,
    /// Its value, if known.
    pub value: Option<FactValue>,
    /// The value that conditions use now, known or not.
    pub counts_as: FactValue,
    /// Whether it is simulated: pinned to this value, regardless of its source.
    pub pinned: bool,
    /// The source that reports it, such as `NetworkManager`; empty if none has yet.
    pub source: String,
    /// Since when it has that value.
    pub since: Option<SystemTime>,
    /// Why it is unknown; empty if it is known.
    pub why: String,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FactValue {
    /// Whether it holds.
    Holds(bool),
    /// A percentage.
    Percent(u32),
    /// A value of a newer broker, as text.
    Other(String),
}

/// What prevents a task from running, besides its condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blocker {
    /// It crashed too often in a row; the user can release it.
    Quarantined {
        /// How many activations in a row crashed or never registered their class.
        strikes: u32,
    },
    /// The user has denied its package.
    Denied,
    /// The energy saver is on, and its package is not always allowed.
    EnergySaver,
    /// Memory was short within the last half minute, and its package is not always allowed.
    MemoryShort,
    /// The broker itself is short of open files, processes or memory, so that no server can be started.
    Shortage,
    /// The file system of its package does not answer, so its program cannot be started.
    OutOfReach,
    /// Its last runs changed what it watches and fired it again, so the next run is delayed.
    Circling,
    /// The machine is going to sleep.
    Asleep,
    /// The session is about to end.
    SessionEnding,
    /// The broker is about to end; the next one continues with the task.
    Stopping,
    /// A word of a newer broker.
    Other(String),
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

/// Returns the facts that a part of a condition depends on; none if this version cannot parse the
/// part.
#[must_use]
pub fn behind<'f>(part: &str, facts: &'f [FactInfo]) -> Vec<&'f FactInfo> {
    let Ok(condition) = part.parse::<Condition>() else { return Vec::new() };
    let kinds = condition.predicates().into_iter().flat_map(|predicate| predicate.facts());
    let names: Vec<&str> = kinds.map(|kind| kind.name()).collect();
    facts.iter().filter(|fact| names.contains(&fact.name.as_str())).collect()
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
            Self::Machine => "machine",
            Self::NextBroker => "next_broker",
            Self::TaskServer => "task_server",
            Self::EndOfRun => "end_of_run",
        }
    }
}

impl Fact {
    pub(super) fn of(fact: &FactInfo) -> Self {
        let FactInfo { name, value, counts_as, pinned, source, since, why } = fact.clone();
        let value = value.as_deref().map(FactValue::read);
        let since = since.map(system_time);
        Self { name, value, counts_as: FactValue::read(&counts_as), pinned, source, since, why }
    }
}

impl FactValue {
    fn read(text: &str) -> Self {
        match (text, text.strip_suffix('%').and_then(|share| share.parse().ok())) {
            ("on", _) => Self::Holds(true),
            ("off", _) => Self::Holds(false),
            (_, Some(share)) => Self::Percent(share),
            _ => Self::Other(text.to_owned()),
        }
    }
}

impl Blocker {
    /// Whether it lasts until a person changes it; the others are temporary.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Quarantined { .. } | Self::Denied => true,
            Self::EnergySaver
            | Self::MemoryShort
            | Self::Shortage
            | Self::OutOfReach
            | Self::Circling
            | Self::Asleep
            | Self::SessionEnding
            | Self::Stopping
            | Self::Other(_) => false,
        }
    }

    pub(super) fn named(word: &str, strikes: u32) -> Self {
        match word {
            "quarantined" => Self::Quarantined { strikes },
            "denied" => Self::Denied,
            "energy_saver" => Self::EnergySaver,
            "memory_short" => Self::MemoryShort,
            "shortage" => Self::Shortage,
            "out_of_reach" => Self::OutOfReach,
            "circling" => Self::Circling,
            "asleep" => Self::Asleep,
            "session_ending" => Self::SessionEnding,
            "stopping" => Self::Stopping,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl LiveRun {
    pub(super) fn of(task: &TaskInfo) -> Option<Self> {
        Some(Self {
            instance_id: task.instance_id.as_deref()?.parse().ok()?,
            fired_at: task.fired_at.map(system_time),
            started_at: task.started_at.map(system_time),
            progress: task.progress,
        })
    }
}
