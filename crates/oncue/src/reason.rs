//! Why a run is cancelled.

use std::fmt;

/// Why a run is cancelled, with WinRT's numbers.
///
/// Microsoft: *BackgroundTaskCancellationReason Enum (Windows.ApplicationModel.Background)*. A
/// number of a newer broker that this version does not know counts as
/// [`SystemPolicy`](Self::SystemPolicy), because the run has to end anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum BackgroundTaskCancellationReason {
    /// The user or the app requested it, or the task was unregistered with `cancel_task`.
    Abort = 0,
    /// The system shuts down, or the broker ended.
    Terminating = 1,
    /// The user logs off.
    LoggingOff = 2,
    /// The package is being updated.
    ServicingUpdate = 3,
    /// The run has used neither processor nor network for a long time.
    IdleTask = 4,
    /// The package is being removed.
    Uninstall = 5,
    /// A condition stopped holding, and the task asked to be cancelled then.
    ConditionLoss = 6,
    /// The system's policy forbids it.
    SystemPolicy = 7,
    /// Quiet hours began; no system uses this any more.
    QuietHoursEntered = 8,
    /// The run exceeded its time limit.
    ExecutionTimeExceeded = 9,
    /// The system needs its resources.
    ResourceRevocation = 10,
    /// The energy saver was switched on.
    EnergySaver = 11,
}

impl BackgroundTaskCancellationReason {
    /// All reasons, ordered by number.
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

    /// Returns the name, as WinRT spells it.
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

    #[cfg(not(windows))]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    pub(crate) fn numbered(number: u32) -> Self {
        Self::ALL.into_iter().find(|reason| *reason as u32 == number).unwrap_or(Self::SystemPolicy)
    }
}

impl fmt::Display for BackgroundTaskCancellationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_winrt() {
        for (number, reason) in (0..).zip(BackgroundTaskCancellationReason::ALL) {
            assert_eq!(reason as u32, number);
            assert_eq!(BackgroundTaskCancellationReason::numbered(number), reason);
            assert_eq!(reason.name(), format!("{reason:?}"));
        }
    }

    #[test]
    fn an_unknown_number_still_cancels() {
        let reason = BackgroundTaskCancellationReason::numbered(99);
        assert_eq!(reason, BackgroundTaskCancellationReason::SystemPolicy);
    }
}
