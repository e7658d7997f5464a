//! The conditions of a task.

mod expression;

use oncue_types::Predicate;

pub use expression::Condition;

/// A condition that must hold for a fired task to run. While it does not hold, the task is held.
///
/// Microsoft: *IBackgroundCondition Interface (Windows.ApplicationModel.Background)*.
/// Only the conditions of this crate implement it.
pub trait BackgroundCondition: sealed::Meaning {}

/// One of WinRT's conditions.
///
/// Microsoft: *SystemCondition Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemCondition {
    condition_type: SystemConditionType,
}

/// The kinds of conditions, with WinRT's numbers.
///
/// Microsoft: *SystemConditionType Enum (Windows.ApplicationModel.Background)*. A condition that
/// the host does not support is refused by name at
/// [`register`](crate::BackgroundTaskBuilder::register).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum SystemConditionType {
    /// The user is at the machine.
    UserPresent = 1,
    /// The user is not at the machine.
    UserNotPresent = 2,
    /// The internet is reachable.
    InternetAvailable = 3,
    /// The internet is not reachable.
    InternetNotAvailable = 4,
    /// The user's session is in the foreground.
    SessionConnected = 5,
    /// The user's session is not in the foreground.
    SessionDisconnected = 6,
    /// The internet is reachable over a network that is not metered.
    FreeNetworkAvailable = 7,
    /// Background work is cheap: the machine is on external power, or the user is present.
    BackgroundWorkCostNotHigh = 8,
}

impl SystemCondition {
    /// Creates a condition.
    #[must_use]
    pub fn new(condition_type: SystemConditionType) -> Self {
        Self { condition_type }
    }

    /// Returns the kind of the condition.
    #[must_use]
    pub fn condition_type(&self) -> SystemConditionType {
        self.condition_type
    }
}

impl BackgroundCondition for SystemCondition {}

impl sealed::Meaning for SystemCondition {
    fn meaning(&self) -> oncue_types::Condition {
        self.condition_type.meaning()
    }
}

/// A condition is named by its type as well.
impl BackgroundCondition for SystemConditionType {}

impl sealed::Meaning for SystemConditionType {
    fn meaning(&self) -> oncue_types::Condition {
        oncue_types::Condition::Is(self.predicate())
    }
}

impl SystemConditionType {
    /// Every condition of WinRT.
    #[cfg(any(windows, test))]
    pub(crate) const ALL: [Self; 8] = [
        Self::UserPresent,
        Self::UserNotPresent,
        Self::InternetAvailable,
        Self::InternetNotAvailable,
        Self::SessionConnected,
        Self::SessionDisconnected,
        Self::FreeNetworkAvailable,
        Self::BackgroundWorkCostNotHigh,
    ];

    pub(crate) const fn predicate(self) -> Predicate {
        match self {
            Self::UserPresent => Predicate::UserPresent,
            Self::UserNotPresent => Predicate::UserNotPresent,
            Self::InternetAvailable => Predicate::Internet,
            Self::InternetNotAvailable => Predicate::NoInternet,
            Self::SessionConnected => Predicate::SessionConnected,
            Self::SessionDisconnected => Predicate::SessionDisconnected,
            Self::FreeNetworkAvailable => Predicate::FreeNetwork,
            Self::BackgroundWorkCostNotHigh => Predicate::WorkCostNotHigh,
        }
    }
}

pub(crate) mod sealed {
    //! What only this crate can know about a condition.

    /// Converts to a condition of the vocabulary.
    pub trait Meaning {
        /// Returns the condition.
        fn meaning(&self) -> oncue_types::Condition;
    }
}
