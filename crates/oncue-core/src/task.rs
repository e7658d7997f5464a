//! A task: what an app registered, and where it stands.
//!
//! ```text
//! Armed ──fires──► Held ──condition holds──► Active ──run ended──► Armed | gone
//!   └───fires, condition holds───────────────►┘  └─ fired meanwhile ─► judged again
//! ```

use alloc::sync::Arc;

use crate::condition::Condition;
use crate::details::Details;
use crate::due::{Due, When};
use crate::id::{InstanceId, TaskId};
use crate::moment::{Boot, Wall};
use crate::package::FamilyName;
use crate::run::Outcome;

pub(crate) use oncue_types::TaskSpec;

/// One or more occurrences of a trigger that one run answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// When the first of them was due.
    pub at: Wall,
    /// How many there are.
    pub count: u32,
    /// What made them.
    pub cause: Cause,
    /// What the trigger tells of them, if it tells anything.
    pub details: Option<Arc<Details>>,
    /// The run that an earlier broker began for it and that no server entered.
    pub begun: Option<Begun>,
}

/// A run that a broker began and that no server entered before the broker died.
///
/// Somebody may have been told of it, so the run that answers the firing in the end gets its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub run: InstanceId,
    /// How many firings it answered: all but the first of them are in the ledger already.
    pub firings: u32,
}

/// What made a firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The task's trigger.
    Trigger,
    /// Somebody asked for it; conditions still decide.
    Asked,
    /// Somebody asked for it whatever the conditions say.
    Forced,
    /// The run before failed, and the task asks for another attempt.
    Retry,
}

/// How the last run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// Which run.
    pub instance: InstanceId,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: Wall,
}

/// How well a task's runs went lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Health {
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// How many attempts after the first have been made or are planned.
    pub attempt: u32,
    /// When the next attempt is due.
    pub retry_at: Option<Boot>,
}

/// A registration as it stood before it was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// What was registered.
    pub spec: TaskSpec,
    /// When its trigger would have fired next.
    pub due: Due<When>,
    /// How many activations in a row had crashed or never registered.
    pub strikes: u32,
}

/// A registered task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) package: FamilyName,
    pub(crate) spec: TaskSpec,
    pub(crate) phase: Phase,
    /// When the trigger fires next.
    pub(crate) due: Due<When>,
    pub(crate) last: Option<Last>,
    pub(crate) health: Health,
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for its trigger.
    Armed,
    /// It has fired and waits for its condition.
    Held { firing: Firing, since: Boot },
    /// A run is alive; what fired meanwhile waits for its end.
    Active { instance: InstanceId, next: Option<Firing> },
}

impl Firing {
    /// Joins a later firing into this one, so that one run answers both.
    #[must_use]
    pub fn and(self, later: &Self) -> Self {
        let cause = match (self.cause, later.cause) {
            (Cause::Forced, _) | (_, Cause::Forced) => Cause::Forced,
            (Cause::Trigger, _) | (_, Cause::Trigger) => Cause::Trigger,
            (Cause::Asked, _) | (_, Cause::Asked) => Cause::Asked,
            (Cause::Retry, Cause::Retry) => Cause::Retry,
        };
        let details = match (self.details, &later.details) {
            (Some(first), Some(second)) => Some(Arc::new(Arc::unwrap_or_clone(first).and(second))),
            (first, second) => first.or_else(|| second.clone()),
        };
        let count = self.count.saturating_add(later.count);
        Self { at: self.at, count, cause, details, begun: self.begun.or(later.begun) }
    }

    /// Returns how many of the firings are not in the ledger yet; there is always one.
    pub(crate) fn untold(&self) -> u32 {
        let told = self.begun.map_or(0, |begun| begun.firings.saturating_sub(1));
        self.count.saturating_sub(told).max(1)
    }

    /// Returns one firing that tells nothing further.
    #[must_use]
    pub const fn once(at: Wall, cause: Cause) -> Self {
        Self { at, count: 1, cause, details: None, begun: None }
    }
}

impl Task {
    /// Returns what must hold for the task to run: what its trigger brings along, and its own.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.spec.trigger.implied().into_iter().chain(self.spec.condition.as_deref())
    }

    /// Returns the firing that waits, if one does.
    pub(crate) fn waiting(&self) -> Option<&Firing> {
        match &self.phase {
            Phase::Armed => None,
            Phase::Held { firing, .. } => Some(firing),
            Phase::Active { next, .. } => next.as_ref(),
        }
    }

    /// Returns since when that firing waits for the condition, if it does.
    pub(crate) fn held_since(&self) -> Option<Boot> {
        match self.phase {
            Phase::Held { since, .. } => Some(since),
            Phase::Armed | Phase::Active { .. } => None,
        }
    }

    /// Returns the instance that is alive, if one is.
    pub(crate) fn instance(&self) -> Option<InstanceId> {
        match self.phase {
            Phase::Active { instance, .. } => Some(instance),
            Phase::Armed | Phase::Held { .. } => None,
        }
    }
}
