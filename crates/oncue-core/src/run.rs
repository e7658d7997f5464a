//! A run: an attempt to perform a task once.
//!
//! A run begins when its task has fired and its condition holds, and ends with exactly one outcome. This
//! module never decides whether to run.
//!
//! ```text
//! Waiting ──class object──► Delivered ──entered──► Running ──completed──► Completed | Failed
//!    └───────────┬──────────────┴─────────────────────┴──cancel──► Cancelling ──► Cancelled
//!                ▼ too late, exit, no server                           └─grace over─► Killed
//!          NotActivated                      exit while Running ─► Crashed
//! ```
//!
//! # Which reason wins
//! A run is told about its cancellation once, with the reason of the first decider. The ledger gets the
//! reason of the strongest decider before the end, in the order of [`Decider`].

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};
use core::time::Duration;

use oncue_types::{
    Action, CancellationReason, Exit, FamilyName, Firing, Guid, InstanceId, ServerId, TaskId, Wall,
};

use crate::arena::{Arena, Identified, Key};
use crate::effect::Effects;
use crate::last_lines::LastLines;
use crate::record::{Record, UsedUp};
use crate::tasks::TaskKey;

/// The key of a run in [`Runs`].
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
    /// Its task, until the task is unregistered.
    pub(crate) of: Option<TaskKey>,
    pub(crate) name: Arc<str>,
    pub(crate) package: FamilyName,
    pub(crate) action: Action,
    pub(crate) firing: Firing,
    pub(crate) server: Option<ServerId>,
    pub(crate) started_at: Option<Wall>,
    pub(crate) progress: Option<u32>,
    /// What a command says about its run.
    pub(crate) note: Option<Arc<str>>,
    /// Which facts were simulated when it was allowed to run.
    pub(crate) simulated: Option<String>,
    /// How long it may take. The run may outlive its task, so it has a copy.
    pub(crate) time_limit: Option<Duration>,
    /// How long it has to end after it was told to.
    pub(crate) grace: Duration,
    pub(crate) state: RunState,
}

impl Run {
    /// Records that the run is cancelled, if no server has entered it, so that it is neither fired again nor
    /// reported as lost if the broker ends first.
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

    /// Returns the ids of the runs for which `are` returns true. Ending one of them may end or begin others,
    /// so each has to be looked up again.
    pub(crate) fn ids(&self, are: impl Fn(&Run) -> bool) -> Vec<InstanceId> {
        self.iter().filter(|run| are(run)).map(|run| run.instance).collect()
    }

    /// Returns a run that was delivered to this server; messages about any other are ignored.
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

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Its server has not registered the class object yet.
    Waiting,
    /// It was delivered; the server has not reported that it entered `run`.
    Delivered,
    /// The server is running it.
    Running,
    /// It was told to stop.
    Cancelling { by: Decider },
    /// It did not stop; its process tree is being killed.
    Killing { by: Decider },
}

/// What wants a run to end, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Decider {
    /// The user or the app, for a reason of their choice.
    User(CancellationReason),
    /// The loss of the task's condition.
    ConditionLoss,
    /// The loss of external power during a maintenance task.
    Maintenance,
    /// The energy saver.
    EnergySaver,
    /// The run's own time limit.
    TimeLimit,
    /// The end of the registration.
    Unregister,
    /// A shortage of memory.
    Resources,
    /// The user, who denied the package to run.
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
    /// Returns the stronger of two. Among the user's reasons it is the first, because the run was told that
    /// one.
    pub(crate) fn or(self, later: Self) -> Self {
        match (self, later) {
            (Self::User(_), Self::User(_)) => self,
            _ => self.max(later),
        }
    }

    /// Returns the reason that the run is given.
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

/// What a server leaves when it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    pub(crate) exit: Option<Exit>,
    pub(crate) last_lines: LastLines,
}
