//! One or more occurrences of a trigger, and their cause.

use alloc::sync::Arc;

use crate::details::Details;
use crate::id::InstanceId;
use crate::moment::Wall;

/// One or more occurrences of a trigger that one run answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// When the first of them was due.
    pub at: Wall,
    /// How many there are.
    pub count: u32,
    /// Their cause.
    pub cause: Cause,
    /// The trigger's information about them, if any.
    pub details: Option<Arc<Details>>,
    /// The run that an earlier broker began for it, and that no server entered.
    pub begun: Option<Begun>,
}

/// A run that a broker began, and that no server entered before the broker died.
///
/// A client may know its id, so the run that finally answers the firing gets the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub run: InstanceId,
    /// How many firings it answered: all but the first of them are in the ledger already.
    pub firings: u32,
}

/// The cause of a firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The task's trigger.
    Trigger,
    /// A request; conditions still apply.
    Asked,
    /// A request that ignores the conditions.
    Forced,
    /// The previous run failed, and the task asks for another attempt.
    Retry,
}

impl Firing {
    /// Merges a later firing into this one, so that one run answers both.
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
    #[must_use]
    pub fn untold(&self) -> u32 {
        let told = self.begun.map_or(0, |begun| begun.firings.saturating_sub(1));
        self.count.saturating_sub(told).max(1)
    }

    /// Returns one firing without further information.
    #[must_use]
    pub const fn once(at: Wall, cause: Cause) -> Self {
        Self { at, count: 1, cause, details: None, begun: None }
    }
}
