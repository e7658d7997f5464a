//! What a source is to look out for, for one task.

use alloc::string::String;
use core::fmt;

/// What a source is to look out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// A file or folder changes; WinRT's `StorageLibraryContentChangedTrigger` where it is deep.
    Path {
        /// Which one; absolute. It need not exist yet, and may go and come again.
        path: String,
        /// Whether everything below it counts too.
        deep: bool,
    },
    /// A device comes, goes or changes; WinRT's `DeviceWatcherTrigger`.
    Device {
        /// The kernel's name of its kind: `usb`, `block`, `net`.
        subsystem: String,
        /// What happens to it; nothing for whatever happens.
        action: Option<DeviceAction>,
    },
    /// A signal that a match rule selects comes over a message bus.
    Bus {
        /// Which bus.
        bus: Bus,
        /// The match rule, as the D-Bus specification has it.
        rule: String,
    },
    /// A push message arrives; WinRT's `PushNotificationTrigger`.
    Push,
}

/// What happens to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAction {
    /// It is plugged in.
    Added,
    /// It is pulled out.
    Removed,
    /// It says something new of itself, as a drive does whose disc is changed.
    Changed,
}

/// A message bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// That of the user's session.
    Session,
    /// That of the machine.
    System,
}

impl DeviceAction {
    pub(super) const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    /// Returns its name in text forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path, deep: false } => write!(f, "path {path}"),
            Self::Path { path, deep: true } => write!(f, "tree {path}"),
            Self::Device { subsystem, action: None } => write!(f, "device {subsystem}"),
            Self::Device { subsystem, action: Some(action) } => {
                write!(f, "device {subsystem} {}", action.name())
            }
            Self::Bus { bus: Bus::Session, rule } => write!(f, "bus session {rule}"),
            Self::Bus { bus: Bus::System, rule } => write!(f, "bus system {rule}"),
            Self::Push => f.write_str("push"),
        }
    }
}
