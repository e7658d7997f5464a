//! Why a measurement could not be taken.

use std::io;
use std::process::ExitStatus;

/// The reason, which the report shows instead of results.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unmeasured {
    /// The system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// The error.
        source: io::Error,
    },
    /// The other process failed.
    #[error("{what} ended with {status}")]
    Ended {
        /// The process.
        what: &'static str,
        /// How it ended.
        status: ExitStatus,
    },
    /// SQLite refused something.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// SQLite uses another journal or syncs less often than the measurement needs.
    #[error("SQLite keeps {pragma} at {value} where {wanted} was asked for")]
    Pragma {
        /// The setting.
        pragma: &'static str,
        /// The actual value.
        value: String,
        /// The expected value.
        wanted: &'static str,
    },
    /// The bus or its server refused something.
    #[error("D-Bus: {0}")]
    Bus(#[from] zbus::Error),
    /// The program is missing and cannot be installed.
    #[error("it is not installed and only root can do so; install the package `dbus`")]
    NotRoot,
    /// dbus-daemon ended before it was listening.
    #[error("it ended before it told its address: {said}")]
    NoAddress {
        /// Its standard error.
        said: String,
    },
    /// The server of the bus kept its name after it was told to leave.
    #[error("the server still had its name {seconds} s after it was told to leave")]
    Stays {
        /// How long the bench waited.
        seconds: u64,
    },
    /// The SDK or the broker refused something.
    #[error(transparent)]
    Oncue(oncue::Error),
    /// The bench's own package is invalid.
    #[error("the package: {problem}")]
    Package {
        /// What is wrong with it.
        problem: String,
    },
    /// What must run on another CPU cannot.
    #[error("this process may use only one CPU")]
    OneCpu,
    /// Nothing was counted.
    #[error("no round was counted")]
    NoRounds,
}

impl Unmeasured {
    /// For `map_err`: adds what was attempted.
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
