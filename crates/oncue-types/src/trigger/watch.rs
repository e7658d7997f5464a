//! What a source watches on behalf of one task.

use alloc::string::String;
use core::fmt;

/// What a source watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// A file or folder changes; if `deep`, WinRT's `StorageLibraryContentChangedTrigger`.
    Path {
        /// An absolute path, which does not have to exist yet, and may disappear and reappear.
        path: String,
        /// Whether everything below it counts, too.
        deep: bool,
    },
    /// A device is added, removed or changed; WinRT's `DeviceWatcherTrigger`.
    Device {
        /// The kernel's name for its kind: `usb`, `block`, `net`.
        subsystem: String,
        /// What happens to it; `None` for anything.
        action: Option<DeviceAction>,
    },
    /// A D-Bus signal that matches a rule.
    Bus {
        /// The bus.
        bus: Bus,
        /// The match rule, as in the D-Bus specification.
        rule: String,
    },
    /// A push message arrives; WinRT's `PushNotificationTrigger`.
    Push,
}

/// What happens to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviceAction {
    /// It is plugged in.
    Added,
    /// It is pulled out.
    Removed,
    /// It reports a change, such as a new disc in a drive.
    Changed,
}

/// A message bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bus {
    /// The bus of the user's session.
    Session,
    /// The bus of the machine.
    System,
}

impl DeviceAction {
    pub(super) const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    /// Returns the name used in text forms.
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
