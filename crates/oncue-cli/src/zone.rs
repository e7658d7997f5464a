//! Checks that `TZ` names a time zone. An unknown name would otherwise silently count as UTC.

use std::env;

use jiff::tz::TimeZone;

/// What to do about it.
pub(crate) const WAY_OUT: &str = "set TZ to a name from /usr/share/zoneinfo, such as Europe/Berlin, \
                                  or unset it to use the machine's own time zone";

/// Describes the problem if `TZ` is set to an unknown time zone.
pub(crate) fn trouble() -> Option<String> {
    let named = env::var_os("TZ")?;
    TimeZone::try_system().is_err().then(|| {
        let named = named.to_string_lossy();
        format!("TZ is `{named}`, which is not a known time zone; times are shown in UTC")
    })
}
