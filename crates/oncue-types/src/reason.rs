//! Why a run is cancelled.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_winrt() {
        for (number, reason) in CancellationReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, number);
        }
    }
}
