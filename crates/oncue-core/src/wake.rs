//! The keys by which tasks are found when an event happens.

use alloc::sync::Arc;

use oncue_types::{SystemEvent, TaskSpec, Trigger};

/// The key by which tasks are found when an event happens that can wake many of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    System(SystemEvent),
    Signal(Arc<str>),
    Startup,
    After(Arc<str>),
    Calendar,
}

impl Wake {
    /// Returns the key of such a task, if there is one.
    pub(crate) fn of(spec: &TaskSpec) -> Option<Self> {
        Some(match spec.live_trigger()? {
            Trigger::System { event, .. } => Self::System(*event),
            Trigger::Signal { id, .. } => Self::Signal(id.clone()),
            Trigger::Startup => Self::Startup,
            Trigger::After { task, .. } => Self::After(task.clone()),
            Trigger::Calendar(_) => Self::Calendar,
            Trigger::Time { .. } | Trigger::Maintenance { .. } | Trigger::Application | Trigger::Watch(_) => {
                return None;
            }
        })
    }
}
