//! The keys by which tasks are found when an event happens.

use alloc::sync::Arc;

use oncue_types::{SystemEvent, Trigger};

/// The key by which tasks are found when an event happens that can wake many of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    System(SystemEvent),
    Signal(Arc<str>),
    Startup,
    Calendar,
}

impl Wake {
    /// Returns the key of a task with this trigger, if there is one.
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
