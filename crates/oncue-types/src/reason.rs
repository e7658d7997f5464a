//! Why a run is cancelled.

use crate::unknown::named;

/// Why a run is cancelled, with WinRT's numbers.
///
/// Microsoft: *BackgroundTaskCancellationReason Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum CancellationReason {
    /// The user or the app requested it, or the task was unregistered.
    Abort = 0,
    /// The system shuts down, or the broker ends.
    Terminating = 1,
    /// The user logs off.
    LoggingOff = 2,
    /// The package is being updated.
    ServicingUpdate = 3,
    /// The run has used neither processor nor network for a long time.
    IdleTask = 4,
    /// The package is being removed.
    Uninstall = 5,
    /// A condition stopped holding.
    ConditionLoss = 6,
    /// The system's policy forbids it.
    SystemPolicy = 7,
    /// Quiet hours began; Windows no longer uses this.
    QuietHoursEntered = 8,
    /// The run exceeded its time limit.
    ExecutionTimeExceeded = 9,
    /// The system needs its resources.
    ResourceRevocation = 10,
    /// The energy saver was switched on.
    EnergySaver = 11,
}

impl CancellationReason {
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

    /// Returns the reason for the number that a run was given. An unknown number counts as
    /// [`SystemPolicy`](Self::SystemPolicy), because the run has to end in any case.
    #[must_use]
    pub fn given(number: u32) -> Self {
        Self::numbered(number).unwrap_or(Self::SystemPolicy)
    }

    /// Returns the reason with this number.
    #[must_use]
    pub fn numbered(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
}

named!(CancellationReason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_number_still_cancels() {
        assert_eq!(CancellationReason::given(99), CancellationReason::SystemPolicy);
        assert_eq!(CancellationReason::given(2), CancellationReason::LoggingOff);
    }

    #[test]
    fn the_numbers_are_those_of_winrt() {
        for (number, reason) in CancellationReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, number);
            assert_eq!(reason.name().parse(), Ok(reason));
            assert_eq!(CancellationReason::numbered(reason as u32), Some(reason));
        }
    }
}
