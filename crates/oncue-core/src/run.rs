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
use core::fmt;
use core::time::Duration;

use crate::guid::Guid;
use crate::id::{InstanceId, ServerId, TaskId};
use crate::last_lines::LastLines;
use crate::moment::Wall;
use crate::package::FamilyName;
use crate::task::Firing;

/// How a firing ended; every firing ends as exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// `run` returned without error and every deferral was completed.
    Completed,
    /// `run` returned an error or panicked.
    Failed,
    /// It was cancelled and ended within its grace.
    Cancelled,
    /// It was cancelled, did not end, and its process tree was killed.
    Killed,
    /// Its server ended while it ran.
    Crashed,
    /// No server took it: it did not start, ended early or never registered the class.
    NotActivated,
    /// The broker ended before it did, so that nobody knows.
    Lost,
    /// It was missed, and its task skips what it missed.
    Skipped,
    /// It was held and given up.
    Dropped,
    /// It joined a firing that waited already: the run of that one answers it too.
    Coalesced,
}

/// Why a run is cancelled: WinRT's `BackgroundTaskCancellationReason`, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum CancellationReason {
    /// The user or the app asked for it, or the task was unregistered.
    Abort = 0,
    /// The system shuts down, or the broker ends.
    Terminating = 1,
    /// The user logs off.
    LoggingOff = 2,
    /// The package is being updated.
    ServicingUpdate = 3,
    /// The run used neither processor nor network for long.
    IdleTask = 4,
    /// The package is being removed.
    Uninstall = 5,
    /// A condition stopped holding.
    ConditionLoss = 6,
    /// The policy of the system forbids it.
    SystemPolicy = 7,
    /// Quiet hours began; Windows no longer gives it.
    QuietHoursEntered = 8,
    /// It took longer than it may.
    ExecutionTimeExceeded = 9,
    /// The system needs its resources.
    ResourceRevocation = 10,
    /// The energy saver was switched on.
    EnergySaver = 11,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// A run that is alive.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) instance: InstanceId,
    pub(crate) task: TaskId,
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
    /// Returns the task, its name and its package, as the ledger tells them.
    pub(crate) fn whose(&self) -> (TaskId, Arc<str>, FamilyName) {
        (self.task, self.name.clone(), self.package.clone())
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

impl RunState {
    /// Returns whether the run's firing is used up: a broker that starts again does not fire anew.
    pub(crate) const fn has_used_up(self) -> bool {
        match self {
            Self::Waiting | Self::Delivered => false,
            Self::Running | Self::Cancelling { .. } | Self::Killing { .. } => true,
        }
    }
}

impl Outcome {
    /// Every outcome there is.
    pub const ALL: [Self; 10] = [
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Killed,
        Self::Crashed,
        Self::NotActivated,
        Self::Lost,
        Self::Skipped,
        Self::Dropped,
        Self::Coalesced,
    ];

    /// Returns its name in the ledger, on the wire and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Killed => "killed",
            Self::Crashed => "crashed",
            Self::NotActivated => "not_activated",
            Self::Lost => "lost",
            Self::Skipped => "skipped",
            Self::Dropped => "dropped",
            Self::Coalesced => "coalesced",
        }
    }

    /// Returns whether a task that ended so last is said to have; what joined another firing is told
    /// with that one.
    #[must_use]
    pub const fn is_last(self) -> bool {
        !matches!(self, Self::Coalesced)
    }

    /// Returns the outcome of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

impl CancellationReason {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Abort,
        Self::Terminating,
        Self::LoggingOff,
        Self::ServicingUpdate,
        Self::IdleTask,
        Self::Uninstall,
        Self::ConditionLoss,
        Self::SystemPolicy,
        Self::QuietHoursEntered,
        Self::ExecutionTimeExceeded,
        Self::ResourceRevocation,
        Self::EnergySaver,
    ];

    /// Returns the reason's name, as WinRT spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abort => "Abort",
            Self::Terminating => "Terminating",
            Self::LoggingOff => "LoggingOff",
            Self::ServicingUpdate => "ServicingUpdate",
            Self::IdleTask => "IdleTask",
            Self::Uninstall => "Uninstall",
            Self::ConditionLoss => "ConditionLoss",
            Self::SystemPolicy => "SystemPolicy",
            Self::QuietHoursEntered => "QuietHoursEntered",
            Self::ExecutionTimeExceeded => "ExecutionTimeExceeded",
            Self::ResourceRevocation => "ResourceRevocation",
            Self::EnergySaver => "EnergySaver",
        }
    }

    /// Returns the reason with that number.
    #[must_use]
    pub fn numbered(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
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

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(status) => write!(f, "exit {status}"),
            Self::Signal(number) => match signal_name(*number) {
                Some(name) => f.write_str(name),
                None => write!(f, "signal {number}"),
            },
        }
    }
}

impl Exit {
    /// Reads what `Display` shows.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Some(status) = text.strip_prefix("exit ") {
            return status.parse().ok().map(Self::Code);
        }
        if let Some(number) = text.strip_prefix("signal ") {
            return number.parse().ok().map(Self::Signal);
        }
        (1..32).find(|number| signal_name(*number) == Some(text)).map(Self::Signal)
    }
}

/// The signals of signal(7) that end a process, as Linux numbers them on most machines.
fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

/// What a server that ended leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    pub(crate) exit: Option<Exit>,
    pub(crate) last_lines: LastLines,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_numbers_are_those_of_winrt() {
        for (number, reason) in CancellationReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, number);
        }
    }

    #[test]
    fn an_exit_reads_back() {
        for exit in [Exit::Code(0), Exit::Code(3), Exit::Signal(9), Exit::Signal(6), Exit::Signal(40)] {
            assert_eq!(Exit::read(&exit.to_string()), Some(exit));
        }
    }
}
