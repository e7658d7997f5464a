//! One run: an attempt to perform a task once.
//!
//! A run is born when its task has fired and the condition holds; it dies with exactly one
//! [`Outcome`]. This module never decides whether to run.
//!
//! ```text
//! Waiting ──class object──► Delivered ──entered──► Running ──completed──► Completed | Failed
//!    └───────────┬──────────────┴─────────────────────┴──cancel──► Cancelling ──► Cancelled
//!                ▼ too late, exit, no server                           └─grace over─► Killed
//!          NotActivated                      exit while Running ─► Crashed
//! ```
//!
//! # Who wins
//! A run is told of its cancellation once, with the first decider's reason. What the ledger says is
//! the reason of the highest decider until the end; their order is that of [`Decider`].

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};
use core::time::Duration;

use crate::arena::{Arena, Identified, Key};
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::{InstanceId, ServerId, TaskId};
use crate::last_lines::LastLines;
use crate::moment::Wall;
use crate::package::FamilyName;
use crate::record::{Record, UsedUp};
use crate::task::Firing;
use crate::tasks::TaskKey;

pub(crate) use oncue_types::{CancellationReason, Exit, Outcome};

/// Where a run is in [`Runs`].
pub(crate) type RunKey = Key<Run>;

/// The runs that are alive.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    all: Arena<Run>,
}

/// A run that is alive.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) instance: InstanceId,
    pub(crate) task: TaskId,
    /// Its task, until that is unregistered.
    pub(crate) of: Option<TaskKey>,
    pub(crate) name: Arc<str>,
    pub(crate) package: FamilyName,
    pub(crate) class: Guid,
    pub(crate) firing: Firing,
    pub(crate) server: Option<ServerId>,
    pub(crate) started_at: Option<Wall>,
    pub(crate) progress: Option<u32>,
    /// What was simulated when it was let run.
    pub(crate) simulated: Option<String>,
    /// How long it may take; its own, for it may outlive its task.
    pub(crate) time_limit: Option<Duration>,
    /// How long it has to end once it was told to.
    pub(crate) grace: Duration,
    pub(crate) state: RunState,
}

impl Run {
    /// Records that the run is cancelled, if no server has entered it: it is not fired again, and is not
    /// lost either should the broker end first.
    pub(crate) fn used_up_by_cancel(&self, by: Decider, out: &mut Effects) {
        if self.started_at.is_none() {
            let by = UsedUp::Cancelled(by.reason());
            out.records.push(Record::UsedUp { instance: self.instance, by });
        }
    }
}

impl Identified for Run {
    fn id(&self) -> Guid {
        self.instance.0
    }
}

impl Runs {
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn key(&self, instance: InstanceId) -> Option<RunKey> {
        self.all.key(instance.0)
    }

    pub(crate) fn insert(&mut self, run: Run) -> RunKey {
        self.all.insert(run)
    }

    pub(crate) fn remove(&mut self, key: RunKey) -> Run {
        self.all.remove(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.all.iter().map(|(_, run)| run)
    }

    /// Returns the ids of the runs that `are` so. Ending one of them may end or begin others, so each
    /// has to be looked up again.
    pub(crate) fn ids(&self, are: impl Fn(&Run) -> bool) -> Vec<InstanceId> {
        self.iter().filter(|run| are(run)).map(|run| run.instance).collect()
    }

    /// Returns a run that was handed to that server; messages about any other are ignored.
    pub(crate) fn handed_to(&self, server: ServerId, instance: InstanceId) -> Option<RunKey> {
        let key = self.key(instance)?;
        let run = &self[key];
        (run.server == Some(server) && run.state != RunState::Waiting).then_some(key)
    }
}

impl Index<RunKey> for Runs {
    type Output = Run;

    fn index(&self, key: RunKey) -> &Run {
        &self.all[key]
    }
}

impl IndexMut<RunKey> for Runs {
    fn index_mut(&mut self, key: RunKey) -> &mut Run {
        &mut self.all[key]
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Its server does not have the class object yet.
    Waiting,
    /// It was handed over; the server has not said that it entered `run`.
    Delivered,
    /// The server runs it.
    Running,
    /// It was told to stop.
    Cancelling { by: Decider },
    /// It did not stop; its process tree is being killed.
    Killing { by: Decider },
}

/// Who wants a run to end, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Decider {
    /// The user or the app, for a reason of their choice.
    User(CancellationReason),
    /// A condition that no longer holds.
    ConditionLoss,
    /// External power that a maintenance task lost.
    Maintenance,
    /// The energy saver.
    EnergySaver,
    /// The run's own time limit.
    TimeLimit,
    /// The end of the registration.
    Unregister,
    /// The system, which needs the memory.
    Resources,
    /// The user's no to the package.
    Access,
    /// An update of the package.
    Servicing,
    /// The removal of the package.
    Uninstall,
    /// The end of the session.
    LogOff,
    /// The end of the broker or of the system.
    Shutdown,
}

impl Decider {
    /// Returns the stronger of two; among the user's reasons the first, for that one was told.
    pub(crate) fn or(self, later: Self) -> Self {
        match (self, later) {
            (Self::User(_), Self::User(_)) => self,
            _ => self.max(later),
        }
    }

    /// Returns the reason that the run is told.
    pub(crate) const fn reason(self) -> CancellationReason {
        match self {
            Self::User(reason) => reason,
            Self::ConditionLoss => CancellationReason::ConditionLoss,
            Self::Maintenance => CancellationReason::Abort,
            Self::EnergySaver => CancellationReason::EnergySaver,
            Self::Resources => CancellationReason::ResourceRevocation,
            Self::TimeLimit => CancellationReason::ExecutionTimeExceeded,
            Self::Unregister => CancellationReason::Abort,
            Self::Access => CancellationReason::SystemPolicy,
            Self::Servicing => CancellationReason::ServicingUpdate,
            Self::Uninstall => CancellationReason::Uninstall,
            Self::LogOff => CancellationReason::LoggingOff,
            Self::Shutdown => CancellationReason::Terminating,
        }
    }
}

/// What a server that ended leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    pub(crate) exit: Option<Exit>,
    pub(crate) last_lines: LastLines,
}
