//! A trigger that fires on an event of the machine, its session or its network.

use oncue_types::{SystemEvent, Trigger, TriggerError};

use super::OneShot;

/// Wakes a task on an event of the machine, its session or its network.
///
/// Microsoft: *SystemTrigger Class (Windows.ApplicationModel.Background)*. Not available on Windows
/// for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTrigger {
    trigger_type: SystemTriggerType,
    one_shot: OneShot,
}

/// The events, with WinRT's numbers.
///
/// Microsoft: *SystemTriggerType Enum (Windows.ApplicationModel.Background)*. Events without a
/// counterpart on Linux are refused by name at
/// [`register`](crate::BackgroundTaskBuilder::register).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum SystemTriggerType {
    /// A text message arrives; refused on Linux.
    SmsReceived = 1,
    /// The user is present again.
    UserPresent = 2,
    /// The user is away: the session is idle or locked.
    UserAway = 3,
    /// The connectivity or the cost of the network changes.
    NetworkStateChange = 4,
    /// A control channel is reset; refused on Linux.
    ControlChannelReset = 5,
    /// The internet becomes reachable.
    InternetAvailable = 6,
    /// The user's session comes to the foreground.
    SessionConnected = 7,
    /// The package has been updated.
    ServicingComplete = 8,
    /// A tile is added to the lock screen; refused on Linux.
    LockScreenApplicationAdded = 9,
    /// A tile is removed from the lock screen; refused on Linux.
    LockScreenApplicationRemoved = 10,
    /// The time zone changes, or the clock is set.
    TimeZoneChange = 11,
    /// The Microsoft account is connected or disconnected; refused on Linux.
    OnlineIdConnectedStateChange = 12,
    /// Background work becomes more or less costly.
    BackgroundWorkCostChange = 13,
    /// The machine switches between battery and external power, or its battery becomes low or
    /// recovers.
    PowerStateChange = 14,
    /// The user's default account changes; refused on Linux.
    DefaultSignInAccountChange = 15,
}

impl SystemTrigger {
    /// Creates a trigger that fires the next time that the event occurs, or every time.
    /// Microsoft: *SystemTrigger(SystemTriggerType, Boolean) Constructor*.
    #[must_use]
    pub fn new(trigger_type: SystemTriggerType, one_shot: OneShot) -> Self {
        Self { trigger_type, one_shot }
    }

    /// Returns the event. Microsoft: *SystemTrigger.TriggerType*.
    #[must_use]
    pub fn trigger_type(&self) -> SystemTriggerType {
        self.trigger_type
    }

    /// Returns whether it fires only once. Microsoft: *SystemTrigger.OneShot*.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.one_shot.is_yes()
    }
}

impl SystemTriggerType {
    fn event(self) -> Result<SystemEvent, TriggerError> {
        Ok(match self {
            Self::UserPresent => SystemEvent::UserPresent,
            Self::UserAway => SystemEvent::UserAway,
            Self::NetworkStateChange => SystemEvent::NetworkStateChange,
            Self::InternetAvailable => SystemEvent::InternetAvailable,
            Self::SessionConnected => SystemEvent::SessionConnected,
            Self::ServicingComplete => SystemEvent::ServicingComplete,
            Self::TimeZoneChange => SystemEvent::TimeZoneChange,
            Self::BackgroundWorkCostChange => SystemEvent::BackgroundWorkCostChange,
            Self::PowerStateChange => SystemEvent::PowerStateChange,
            Self::SmsReceived => return Err(SystemEvent::unsupported("sms-received")),
            Self::ControlChannelReset => return Err(SystemEvent::unsupported("control-channel-reset")),
            Self::LockScreenApplicationAdded => {
                return Err(SystemEvent::unsupported("lock-screen-application-added"));
            }
            Self::LockScreenApplicationRemoved => {
                return Err(SystemEvent::unsupported("lock-screen-application-removed"));
            }
            Self::OnlineIdConnectedStateChange => {
                return Err(SystemEvent::unsupported("online-id-connected-state-change"));
            }
            Self::DefaultSignInAccountChange => {
                return Err(SystemEvent::unsupported("default-sign-in-account-change"));
            }
        })
    }
}

impl super::BackgroundTrigger for SystemTrigger {}

impl super::sealed::Meaning for SystemTrigger {
    fn meaning(&self) -> Result<Trigger, TriggerError> {
        Ok(Trigger::System { event: self.trigger_type.event()?, one_shot: self.one_shot() })
    }
}
