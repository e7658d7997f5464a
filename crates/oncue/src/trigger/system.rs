//! A trigger that fires on an event of the machine, its session or its network.

/// Wakes a task on an event of the machine, its session or its network.
///
/// Microsoft: *SystemTrigger Class (Windows.ApplicationModel.Background)*. Not available on Windows
/// for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTrigger {
    trigger_type: SystemTriggerType,
    one_shot: bool,
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
    /// Creates a trigger for an event; with `one_shot`, it fires only the next time.
    #[must_use]
    pub fn new(trigger_type: SystemTriggerType, one_shot: bool) -> Self {
        Self { trigger_type, one_shot }
    }

    /// Returns the event.
    #[must_use]
    pub fn trigger_type(&self) -> SystemTriggerType {
        self.trigger_type
    }

    /// Returns whether it fires only once.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.one_shot
    }
}

impl SystemTriggerType {
    const fn name(self) -> &'static str {
        match self {
            Self::SmsReceived => "sms-received",
            Self::UserPresent => "user-present",
            Self::UserAway => "user-away",
            Self::NetworkStateChange => "network-state-change",
            Self::ControlChannelReset => "control-channel-reset",
            Self::InternetAvailable => "internet-available",
            Self::SessionConnected => "session-connected",
            Self::ServicingComplete => "servicing-complete",
            Self::LockScreenApplicationAdded => "lock-screen-application-added",
            Self::LockScreenApplicationRemoved => "lock-screen-application-removed",
            Self::TimeZoneChange => "time-zone-change",
            Self::OnlineIdConnectedStateChange => "online-id-connected-state-change",
            Self::BackgroundWorkCostChange => "work-cost-change",
            Self::PowerStateChange => "power-state-change",
            Self::DefaultSignInAccountChange => "default-sign-in-account-change",
        }
    }
}

super::trigger!(SystemTrigger, trigger => {
    super::once(format!("on {}", trigger.trigger_type.name()), trigger.one_shot)
});
