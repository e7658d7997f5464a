//! Checks that `TZ` names a time zone. An unknown name would otherwise silently count as UTC.

use std::env;

use jiff::tz::TimeZone;

/// `TZ` does not name a time zone.
#[derive(Debug, thiserror::Error)]
#[error("TZ is `{named}`, which is not a known time zone; times are shown in UTC")]
pub(crate) struct UnknownTz {
    named: String,
}

impl UnknownTz {
    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> &'static str {
        "set TZ to a name from /usr/share/zoneinfo, such as Europe/Berlin, \
         or unset it to use the machine's own time zone"
    }
}

/// Checks the variable, if it is set.
pub(crate) fn check() -> Result<(), UnknownTz> {
    match env::var_os("TZ") {
        Some(named) if TimeZone::try_system().is_err() => {
            Err(UnknownTz { named: named.to_string_lossy().into_owned() })
        }
        Some(_) | None => Ok(()),
    }
}
