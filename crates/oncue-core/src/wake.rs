//! What tasks are looked up by when something happens.

use alloc::sync::Arc;

use oncue_types::{SystemEvent, Trigger};

/// What tasks are looked up by when something happens that may concern many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    System(SystemEvent),
    Signal(Arc<str>),
    Startup,
    Calendar,
}

impl Wake {
    /// Returns what a task with this trigger is looked up by, if there is such a thing.
    pub(crate) fn of(trigger: &Trigger) -> Option<Self> {
        Some(match trigger {
            Trigger::System { event, .. } => Self::System(*event),
            Trigger::Signal { id, .. } => Self::Signal(id.clone()),
            Trigger::Startup => Self::Startup,
            Trigger::Calendar(_) => Self::Calendar,
            Trigger::Time { .. } | Trigger::Maintenance { .. } | Trigger::Application | Trigger::Watch(_) => {
                return None;
            }
        })
    }
}
