//! The events of WinRT's `SystemTriggerType`, and why some of them are not available.

use alloc::string::ToString;
use core::fmt;

use super::TriggerError;

/// Defines the events, each with its name in text forms and a clause that says when it happens.
macro_rules! events {
    ($($event:ident, $name:literal, $when:literal;)*) => {
        /// An event of the machine or its session.
        ///
        /// Microsoft: *SystemTriggerType Enum (Windows.ApplicationModel.Background)*.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SystemEvent {
            $(#[doc = concat!("It happens when ", $when, ".")] $event,)*
        }

        impl SystemEvent {
            /// All available events.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$event),*];

            /// Returns the name used in text forms.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$event => $name,)*
                }
            }

            /// Returns when the event happens: a clause that follows the word "when".
            #[must_use]
            pub const fn when(self) -> &'static str {
                match self {
                    $(Self::$event => $when,)*
                }
            }
        }
    };
}

events! {
    UserPresent, "user-present", "the user is present again";
    UserAway, "user-away", "the session becomes idle or is locked";
    NetworkStateChange, "network-state-change", "the connectivity or the cost of the network changes";
    InternetAvailable, "internet-available", "the internet becomes reachable";
    SessionConnected, "session-connected", "the user's session comes to the foreground";
    ServicingComplete, "servicing-complete", "the task's own package has been updated";
    TimeZoneChange, "time-zone-change", "the time zone changes, or the clock is set";
    BackgroundWorkCostChange, "work-cost-change", "background work becomes more or less costly";
    PowerStateChange, "power-state-change",
        "the machine switches to or from battery power, or its battery becomes low or recovers";
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
