//! Lingering: whether the user's services run while the user is not logged in; see loginctl(1).

use std::path::Path;

/// Whether the user's services run without a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linger {
    /// They start when the machine starts.
    On,
    /// They run only while the user is logged in.
    Off,
    /// There is no logind here.
    Unknown,
}

/// The folder in which logind has a file for each lingering user.
const NOTES: &str = "/var/lib/systemd/linger";

impl Linger {
    /// Looks up the user of this process.
    #[must_use]
    pub fn look() -> Self {
        if !Path::new("/run/systemd/seats").exists() {
            return Self::Unknown;
        }
        match crate::variables::own_name() {
            Some(name) if Path::new(NOTES).join(&name).exists() => Self::On,
            Some(_) => Self::Off,
            None => Self::Unknown,
        }
    }
}
