//! A task: what an app registered, and its state.
//!
//! ```text
//! Armed ──fires──► Held ──condition holds──► Active ──run ended──► Armed | gone
//!   └───fires, condition holds───────────────►┘  └─ fired meanwhile ─► judged again
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;

use oncue_types::{Boot, Condition, Firing, Guid, Last, Policy, TaskId, TaskSpec, Trigger, Watch};

use crate::arena::Identified;
use crate::due::{Due, When};
use crate::run::RunKey;
use crate::task::Health;

use super::families::FamilyKey;

/// A registered task.
#[derive(Debug)]
pub(crate) struct Task {
    id: TaskId,
    pub(super) family: FamilyKey,
    pub(super) spec: TaskSpec,
    pub(super) phase: Phase,
    /// When the trigger fires next.
    pub(crate) due: Due<When>,
    pub(crate) last: Option<Last>,
    /// Its health, unless that is the default.
    health: Option<Box<Health>>,
    /// Why a source cannot watch what it waits for.
    pub(crate) trouble: Option<Box<str>>,
    /// Whether it fires once in a session and has fired.
    pub(crate) spent: bool,
}

/// The state of a task.
#[derive(Debug)]
pub(crate) enum Phase {
    /// It waits for its trigger.
    Armed,
    /// It has fired and waits for its condition.
    Held(Box<Waiting>),
    /// It has a run; what fires in the meantime waits for the end of the run.
    Active { run: RunKey, next: Option<Box<Firing>> },
}

/// A firing that waits for the task's condition.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) firing: Firing,
    /// Since when it has waited.
    pub(crate) since: Boot,
}

/// What a firing was joined to.
#[derive(Debug)]
pub(crate) enum Joined {
    /// Nothing, because the task is armed.
    Alone(Firing),
    /// The firing that waits for the condition.
    Held,
    /// The firing that waits for the end of the run.
    Next,
}

impl Task {
    pub(super) fn new(id: TaskId, family: FamilyKey, spec: TaskSpec) -> Self {
        Self {
            id,
            family,
            spec,
            phase: Phase::Armed,
            due: Due::OnEvent,
            last: None,
            health: None,
            trouble: None,
            spent: false,
        }
    }

    pub(crate) fn id(&self) -> TaskId {
        self.id
    }

    pub(crate) fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    pub(crate) fn trigger(&self) -> &Trigger {
        &self.spec.trigger
    }

    pub(crate) fn policy(&self) -> Option<&Policy> {
        self.spec.policy.as_deref()
    }

    pub(crate) fn phase(&self) -> &Phase {
        &self.phase
    }

    pub(crate) fn is_armed(&self) -> bool {
        matches!(self.phase, Phase::Armed)
    }

    /// Returns what must hold for the task to run: the condition that its trigger implies, and its own.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.spec.trigger.implied().into_iter().chain(self.spec.condition.as_deref())
    }

    /// Returns what a source watches for this task.
    pub(crate) fn watch(&self) -> Option<&Arc<Watch>> {
        self.spec.live_trigger().and_then(Trigger::watch)
    }

    /// Returns the waiting firing, if there is one.
    pub(crate) fn waiting(&self) -> Option<&Firing> {
        match &self.phase {
            Phase::Armed => None,
            Phase::Held(waiting) => Some(&waiting.firing),
            Phase::Active { next, .. } => next.as_deref(),
        }
    }

    /// Returns the firing that waits for the condition, if there is one.
    pub(crate) fn held(&self) -> Option<&Waiting> {
        match &self.phase {
            Phase::Held(waiting) => Some(waiting),
            Phase::Armed | Phase::Active { .. } => None,
        }
    }

    /// Returns the run, if there is one.
    pub(crate) fn run(&self) -> Option<RunKey> {
        match self.phase {
            Phase::Active { run, .. } => Some(run),
            Phase::Armed | Phase::Held(_) => None,
        }
    }

    pub(crate) fn health(&self) -> Health {
        self.health.as_deref().copied().unwrap_or_default()
    }

    pub(crate) fn set_health(&mut self, health: Health) {
        self.health = (health != Health::default()).then(|| Box::new(health));
    }

    /// Notes that the trigger fires; returns whether it may. A trigger that fires once does not fire again
    /// while its firing waits or runs.
    pub(crate) fn trigger_fires(&mut self) -> bool {
        if self.spec.trigger.wake_once() {
            return core::mem::replace(&mut self.due, Due::Never) == Due::OnEvent;
        }
        true
    }

    pub(super) fn join(&mut self, firing: Firing) -> Joined {
        match &mut self.phase {
            Phase::Armed => Joined::Alone(firing),
            Phase::Held(waiting) => {
                let first = core::mem::replace(&mut waiting.firing, firing);
                waiting.firing = first.and(&waiting.firing);
                Joined::Held
            }
            Phase::Active { next, .. } => {
                let joined = match next.take() {
                    Some(first) => first.and(&firing),
                    None => firing,
                };
                *next = Some(Box::new(joined));
                Joined::Next
            }
        }
    }

    pub(super) fn take_next(&mut self) -> Option<Firing> {
        match &mut self.phase {
            Phase::Active { next, .. } => next.take().map(|next| *next),
            Phase::Armed | Phase::Held(_) => None,
        }
    }
}

impl Identified for Task {
    fn id(&self) -> Guid {
        self.id.0
    }
}
