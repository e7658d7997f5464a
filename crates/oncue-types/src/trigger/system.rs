//! The events of WinRT's `SystemTriggerType`, and why some of them cannot be had.

use core::fmt;

/// Something that happens to the machine or its session.
///
/// Microsoft: *SystemTriggerType Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemEvent {
    /// The user is there again.
    UserPresent,
    /// The user is away: the session is idle or locked.
    UserAway,
    /// The network changes: its reach or its cost.
    NetworkStateChange,
    /// The internet comes within reach.
    InternetAvailable,
    /// The user's session comes to the foreground.
    SessionConnected,
    /// The package has been updated.
    ServicingComplete,
    /// The time zone changes, or somebody sets the clock.
    TimeZoneChange,
    /// Background work becomes more or less costly.
    BackgroundWorkCostChange,
    /// The machine goes from external power to battery or back, or its battery gets low or recovers.
    PowerStateChange,
}

/// Events of Windows without a counterpart, and why.
const UNSUPPORTED: [(&str, &str); 7] = [
    ("sms-received", "no part of a Linux desktop receives text messages for all apps"),
    ("control-channel-reset", "control channels exist on Windows only"),
    ("lock-screen-application-added", "no Linux desktop lets apps onto its lock screen"),
    ("lock-screen-application-removed", "no Linux desktop lets apps onto its lock screen"),
    ("online-id-connected-state-change", "there is no Microsoft account to be connected with"),
    ("default-sign-in-account-change", "there is no Microsoft account to sign in with"),
    ("invalid", "it names no event"),
];

impl SystemEvent {
    /// Every event that can be had.
    pub const ALL: [Self; 9] = [
        Self::UserPresent,
        Self::UserAway,
        Self::NetworkStateChange,
        Self::InternetAvailable,
        Self::SessionConnected,
        Self::ServicingComplete,
        Self::TimeZoneChange,
        Self::BackgroundWorkCostChange,
        Self::PowerStateChange,
    ];

    /// Returns its name in text forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserPresent => "user-present",
            Self::UserAway => "user-away",
            Self::NetworkStateChange => "network-state-change",
            Self::InternetAvailable => "internet-available",
            Self::SessionConnected => "session-connected",
            Self::ServicingComplete => "servicing-complete",
            Self::TimeZoneChange => "time-zone-change",
            Self::BackgroundWorkCostChange => "work-cost-change",
            Self::PowerStateChange => "power-state-change",
        }
    }

    /// Returns the event of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Returns why an event that Windows has cannot be had here.
    pub(super) fn why_not(name: &str) -> Option<&'static str> {
        UNSUPPORTED.into_iter().find(|(known, _)| *known == name).map(|(_, why)| why)
    }
}

impl fmt::Display for SystemEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
