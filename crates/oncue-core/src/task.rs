//! A task: what an app registered, and where it stands.
//!
//! ```text
//! Armed ──fires──► Held ──condition holds──► Active ──run ended──► Armed | gone
//!   └───fires, condition holds───────────────►┘  └─ fired meanwhile ─► judged again
//! ```

use crate::condition::Condition;
use crate::due::{Due, When};
use crate::id::{InstanceId, TaskId};
use crate::moment::Boot;
use crate::package::FamilyName;

pub(crate) use oncue_types::{Begun, Cause, Firing, Last, TaskSpec};

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
