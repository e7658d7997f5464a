//! When something happens to the machine or its session.

/// Wakes a task when something happens to the machine, its session or its network.
///
/// Microsoft: *SystemTrigger Class (Windows.ApplicationModel.Background)*. Windows does not give it
/// to tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTrigger {
    trigger_type: SystemTriggerType,
    one_shot: bool,
}

/// What happens, with WinRT's numbers.
///
/// Microsoft: *SystemTriggerType Enum (Windows.ApplicationModel.Background)*. Those without a
/// counterpart on Linux are refused by name at
/// [`register`](crate::BackgroundTaskBuilder::register).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum SystemTriggerType {
    /// A text message arrives; refused on Linux.
    SmsReceived = 1,
    /// The user is there again.
    UserPresent = 2,
    /// The user is away: the session is idle or locked.
    UserAway = 3,
    /// The network changes its reach or its cost.
    NetworkStateChange = 4,
    /// A control channel is reset; refused on Linux.
    ControlChannelReset = 5,
    /// The internet comes within reach.
    InternetAvailable = 6,
    /// The user's session comes to the foreground.
    SessionConnected = 7,
    /// The package has been updated.
    ServicingComplete = 8,
    /// A tile is put on the lock screen; refused on Linux.
    LockScreenApplicationAdded = 9,
    /// A tile is taken from the lock screen; refused on Linux.
    LockScreenApplicationRemoved = 10,
    /// The time zone changes, or somebody sets the clock.
    TimeZoneChange = 11,
    /// The Microsoft account is connected or disconnected; refused on Linux.
    OnlineIdConnectedStateChange = 12,
    /// Background work becomes more or less costly.
    BackgroundWorkCostChange = 13,
    /// The machine goes to battery or back, or its battery gets low or recovers.
    PowerStateChange = 14,
    /// The user's default account changes; refused on Linux.
    DefaultSignInAccountChange = 15,
}

impl SystemTrigger {
    /// Makes a trigger that fires when that happens: the next time only if `one_shot`, else always.
    #[must_use]
    pub fn new(trigger_type: SystemTriggerType, one_shot: bool) -> Self {
        Self { trigger_type, one_shot }
    }

    /// Returns what it waits for.
    #[must_use]
    pub fn trigger_type(&self) -> SystemTriggerType {
        self.trigger_type
    }

    /// Returns whether it fires once only.
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
