//! What must hold for a fired task to run.

mod expression;

pub use expression::Condition;

/// What must hold for a fired task to run; while it does not, the task is held.
///
/// Microsoft: *IBackgroundCondition Interface (Windows.ApplicationModel.Background)*.
/// Only this crate's conditions implement it.
pub trait BackgroundCondition: sealed::Text {}

/// A condition that the system judges.
///
/// Microsoft: *SystemCondition Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemCondition {
    condition_type: SystemConditionType,
}

/// Which condition it is, with WinRT's numbers.
///
/// Microsoft: *SystemConditionType Enum (Windows.ApplicationModel.Background)*. A condition that
/// the host cannot judge is refused by name at
/// [`register`](crate::BackgroundTaskBuilder::register).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum SystemConditionType {
    /// The user is at the machine.
    UserPresent = 1,
    /// The user is not at the machine.
    UserNotPresent = 2,
    /// The internet can be reached.
    InternetAvailable = 3,
    /// The internet cannot be reached.
    InternetNotAvailable = 4,
    /// The user's session is in front.
    SessionConnected = 5,
    /// The user's session is not in front.
    SessionDisconnected = 6,
    /// A network is there that does not cost by use.
    FreeNetworkAvailable = 7,
    /// Background work is cheap: on mains power, or on battery with the user present.
    BackgroundWorkCostNotHigh = 8,
}

impl SystemCondition {
    /// Makes a condition.
    #[must_use]
    pub fn new(condition_type: SystemConditionType) -> Self {
        Self { condition_type }
    }

    /// Returns which condition it is.
    #[must_use]
    pub fn condition_type(&self) -> SystemConditionType {
        self.condition_type
    }
}

impl BackgroundCondition for SystemCondition {}

impl sealed::Text for SystemCondition {
    fn text(&self) -> String {
        let text = match self.condition_type {
            SystemConditionType::UserPresent => "user-present",
            SystemConditionType::UserNotPresent => "user-not-present",
            SystemConditionType::InternetAvailable => "internet",
            SystemConditionType::InternetNotAvailable => "no-internet",
            SystemConditionType::SessionConnected => "session-connected",
            SystemConditionType::SessionDisconnected => "session-disconnected",
            SystemConditionType::FreeNetworkAvailable => "free-network",
            SystemConditionType::BackgroundWorkCostNotHigh => "work-cost-not-high",
        };
        text.to_owned()
    }
}

pub(crate) mod sealed {
    //! What only this crate can say of a condition.

    /// The condition as the broker reads it.
    pub trait Text {
        /// Returns that text.
        fn text(&self) -> String;
    }
}
