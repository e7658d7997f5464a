//! Why a run is cancelled.

/// Why a run is cancelled, with WinRT's numbers.
///
/// Microsoft: *BackgroundTaskCancellationReason Enum (Windows.ApplicationModel.Background)*.
/// A number that a newer broker may send and this version does not know counts as
/// [`SystemPolicy`](Self::SystemPolicy): the run has to end all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum BackgroundTaskCancellationReason {
    /// The user or the app asked for it, or the task was unregistered with `cancel_task`.
    Abort = 0,
    /// The system shuts down, or the broker ended.
    Terminating = 1,
    /// The user logs off.
    LoggingOff = 2,
    /// The package is being updated.
    ServicingUpdate = 3,
    /// The run used neither processor nor network for long.
    IdleTask = 4,
    /// The package is being removed.
    Uninstall = 5,
    /// A condition stopped holding, and the task asked to be cancelled then.
    ConditionLoss = 6,
    /// The policy of the system forbids it.
    SystemPolicy = 7,
    /// Quiet hours began; no system gives it any more.
    QuietHoursEntered = 8,
    /// It took longer than it may.
    ExecutionTimeExceeded = 9,
    /// The system needs its resources.
    ResourceRevocation = 10,
    /// The energy saver was switched on.
    EnergySaver = 11,
}

impl BackgroundTaskCancellationReason {
    pub(crate) fn numbered(number: u32) -> Self {
        match number {
            0 => Self::Abort,
            1 => Self::Terminating,
            2 => Self::LoggingOff,
            3 => Self::ServicingUpdate,
            4 => Self::IdleTask,
            5 => Self::Uninstall,
            6 => Self::ConditionLoss,
            8 => Self::QuietHoursEntered,
            9 => Self::ExecutionTimeExceeded,
            10 => Self::ResourceRevocation,
            11 => Self::EnergySaver,
            _ => Self::SystemPolicy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_winrt() {
        for number in 0..12 {
            assert_eq!(BackgroundTaskCancellationReason::numbered(number) as u32, number);
        }
    }

    #[test]
    fn an_unknown_number_still_cancels() {
        let reason = BackgroundTaskCancellationReason::numbered(99);
        assert_eq!(reason, BackgroundTaskCancellationReason::SystemPolicy);
    }
}
