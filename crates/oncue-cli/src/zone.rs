//! Whether `TZ` names a time zone. A name that nobody knows would otherwise pass for UTC unseen.

use std::env;

use jiff::tz::TimeZone;

/// What to do about it.
pub(crate) const WAY_OUT: &str = "set TZ to a name as in /usr/share/zoneinfo, for example Europe/Berlin; \
                                  or unset it, so that the machine's own time zone counts";

/// Says what is wrong with `TZ`, when it is set and names no time zone.
pub(crate) fn trouble() -> Option<String> {
    let named = env::var_os("TZ")?;
    TimeZone::try_system().is_err().then(|| {
        let named = named.to_string_lossy();
        format!("TZ is `{named}`, which is not a time zone that this machine knows; times are shown in UTC")
    })
}
