//! Everything the broker can ask of the world, in the order in which it must happen.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::broker::Blocker;
use crate::changes::Changes;
use crate::group::Group;
use crate::guid::Guid;
use crate::id::{InstanceId, RequestId, ServerId, TaskId};
use crate::package::FamilyName;
use crate::record::{LedgerEntry, Record};
use crate::refusal::Refusal;
use crate::run::CancellationReason;
use crate::server::Cookie;
use crate::task::Firing;
use crate::trigger::{Trigger, Watch};

/// What one event leads to.
///
/// `at_once` promises nothing to anybody and need not wait for the disk: a firing is used up only
/// by its record, so that a broker that dies in between runs it again instead of losing it.
/// `after` tells somebody something and waits until `records` are durable.
#[derive(Debug, Default)]
#[must_use = "effects do nothing until they are performed"]
pub struct Effects {
    /// To do now, in order.
    pub at_once: Vec<Effect>,
    /// To make durable together, in order.
    pub records: Vec<Record>,
    /// To do once the records are durable, in order.
    pub after: Vec<Effect>,
}

/// One thing to do.
#[derive(Debug)]
pub enum Effect {
    /// Start a server of a package.
    Launch {
        /// The new server.
        server: ServerId,
        /// Of which package.
        package: FamilyName,
        /// Which of its servers, counted as in the manifest.
        exe: usize,
    },
    /// Hand a run to a server.
    Deliver {
        /// Which server.
        server: ServerId,
        /// The run.
        activation: Activation,
    },
    /// Tell a server that a run is cancelled.
    TellCancel {
        /// Which server.
        server: ServerId,
        /// Which run.
        instance: InstanceId,
        /// Why.
        reason: CancellationReason,
    },
    /// Kill a server's process tree, or what is left of it once the server itself has ended.
    Kill {
        /// Which server.
        server: ServerId,
    },
    /// Look out for what a task waits for; in the place of what was looked out for before.
    Watch {
        /// Which task.
        task: TaskId,
        /// What for.
        watch: Arc<Watch>,
    },
    /// Look out no more for what a task waited for.
    Unwatch {
        /// Which task.
        task: TaskId,
    },
    /// Answer a client.
    Reply {
        /// Its question.
        request: RequestId,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// Tell everybody who watches that package.
    Announce {
        /// Whose task or run it is about. A task that was removed can no longer be looked up.
        package: FamilyName,
        /// What to tell.
        notice: Notice,
    },
    /// Let the machine sleep: no run is on its way to its server.
    LetSleep,
    /// Let the session end: nothing runs any more.
    LetSessionEnd,
    /// End the broker: nothing runs any more.
    Leave,
}

/// A run as its server gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The run.
    pub instance: InstanceId,
    /// Its task.
    pub task: TaskId,
    /// The task's name.
    pub name: Arc<str>,
    /// The group of its task; nothing when the task was unregistered meanwhile.
    pub group: Option<Group>,
    /// The class whose object is to run it.
    pub class: Guid,
    /// The task's trigger; nothing when the task was unregistered meanwhile.
    pub trigger: Option<Trigger>,
    /// What it answers.
    pub firing: Firing,
}

/// A good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The task is registered.
    Registered {
        /// Its id.
        task: TaskId,
        /// What was done for it.
        how: RegisterResult,
    },
    /// The task was fired.
    Fired(FireResult),
    /// What became of asking for a run.
    Requested(ApplicationResult),
    /// So many tasks have fired.
    Signalled(usize),
    /// The package is known.
    PackageAdded(FamilyName),
    /// The class object serves.
    ClassRegistered(Cookie),
    /// Whether the server may go: if not, there is work on its way.
    MayLeave(bool),
}

/// What registering did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterResult {
    /// There is a new registration.
    New,
    /// The one of that name was kept.
    Kept,
    /// The one of that name was replaced, its id kept; this is what differs now.
    Replaced(Changes),
}

/// What firing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FireResult {
    /// A run began.
    Started(InstanceId),
    /// The task waits, for these reasons.
    Held(Vec<Blocker>),
    /// A run is alive; the firing waits for its end.
    AfterThis(InstanceId),
}

/// What became of asking for a run, as WinRT's `ApplicationTriggerResult` has it.
///
/// Its fourth value, `UnknownError`, is a refusal here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ApplicationResult {
    /// The task has fired.
    Allowed = 0,
    /// It runs, or waits for its condition, because of an earlier firing.
    CurrentlyRunning = 1,
    /// The user denies its package to run in the background, or the energy saver does.
    DisabledByPolicy = 2,
}

/// What watchers learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A task was registered, replaced, armed again or held.
    TaskChanged(TaskId),
    /// A task is no longer registered.
    TaskRemoved(TaskId),
    /// A run has been entered.
    RunEntered {
        /// Its task.
        task: TaskId,
        /// The run.
        instance: InstanceId,
    },
    /// A run has a new progress value.
    RunProgressed {
        /// Its task.
        task: TaskId,
        /// The run.
        instance: InstanceId,
        /// The value.
        value: u32,
    },
    /// A firing has ended, with or without a run.
    Ended(LedgerEntry),
}

impl Effects {
    pub(crate) fn reply(&mut self, request: RequestId, answer: Result<Answer, Refusal>) {
        self.after.push(Effect::Reply { request, answer });
    }

    pub(crate) fn announce(&mut self, package: &FamilyName, notice: Notice) {
        self.after.push(Effect::Announce { package: package.clone(), notice });
    }
}
