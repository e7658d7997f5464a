//! The events of WinRT's `SystemTriggerType`, and why some of them are not available.

use alloc::string::ToString;
use core::fmt;

use super::TriggerError;

/// An event of the machine or its session.
///
/// Microsoft: *SystemTriggerType Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemEvent {
    /// The user is present again.
    UserPresent,
    /// The user is away: the session is idle or locked.
    UserAway,
    /// The connectivity or the cost of the network changes.
    NetworkStateChange,
    /// The internet becomes reachable.
    InternetAvailable,
    /// The user's session comes to the foreground.
    SessionConnected,
    /// The package has been updated.
    ServicingComplete,
    /// The time zone changes, or the clock is set.
    TimeZoneChange,
    /// Background work becomes more or less costly.
    BackgroundWorkCostChange,
    /// The machine switches between external power and battery, or its battery becomes low or
    /// recovers.
    PowerStateChange,
}

/// Events of Windows without a counterpart, and the reason.
const UNSUPPORTED: [(&str, &str); 7] = [
    ("sms-received", "a Linux desktop has no service that receives text messages for all apps"),
    ("control-channel-reset", "control channels exist only on Windows"),
    ("lock-screen-application-added", "Linux desktops do not show apps on the lock screen"),
    ("lock-screen-application-removed", "Linux desktops do not show apps on the lock screen"),
    ("online-id-connected-state-change", "there is no Microsoft account"),
    ("default-sign-in-account-change", "there is no Microsoft account"),
    ("invalid", "it is not an event"),
];

impl SystemEvent {
    /// All available events.
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

    /// Returns the name used in text forms.
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

    /// Returns the event with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Returns the error for a name that is not in [`ALL`](Self::ALL), with the reason if Windows has
    /// such an event.
    #[must_use]
    pub fn unsupported(name: &str) -> TriggerError {
        let known = UNSUPPORTED.into_iter().find(|(known, _)| *known == name);
        match known {
            Some((_, why)) => TriggerError::Unsupported { name: name.to_string(), why },
            None => TriggerError::NoEvent { name: name.to_string() },
        }
    }
}

impl fmt::Display for SystemEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
