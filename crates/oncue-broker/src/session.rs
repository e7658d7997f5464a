//! The session in which the broker runs: each start of the machine and each log-in begins a new one.
//!
//! logind removes `XDG_RUNTIME_DIR` when the user's last session ends, so a file there lives as long as the
//! log-in, however often the broker starts. With lingering, the folder stays; then logind says when the user
//! logs in (`source/session.rs`).

use std::fs;
use std::io;

use oncue_core::Guid;
use oncue_wire::Place;

use crate::regular;

/// The name of the file, which holds the ids of the boot and of the session.
const FILE: &str = "session";

/// The largest file that is read.
const MOST: usize = 1_024;

/// Returns the id of this session; `None` if the id of the boot is unknown.
pub(crate) fn of(place: &Place, boot: Option<Guid>) -> Option<Guid> {
    let boot = boot?;
    // Otherwise, the folder says nothing about log-ins.
    if !place.goes_with_log_in() {
        return Some(boot);
    }
    let file = place.runtime.join(FILE);
    let known = regular::read(&file, MOST).ok().and_then(|text| session_in(&text, boot));
    if known.is_some() {
        return known;
    }
    let new = new_id().and_then(|session| {
        fs::write(&file, format!("{boot} {session}\n"))?;
        Ok(session)
    });
    let noted = new.inspect_err(|error| {
        tracing::warn!("{}: {error}; a log-in counts as part of the last session", file.display());
    });
    Some(noted.unwrap_or(boot))
}

/// Returns the session in a file, if it is of this boot.
fn session_in(text: &[u8], boot: Guid) -> Option<Guid> {
    let (of, session) = std::str::from_utf8(text).ok()?.trim().split_once(' ')?;
    (of.parse() == Ok(boot)).then(|| session.parse().ok())?
}

fn new_id() -> io::Result<Guid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(Guid::from_u128(u128::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_only_of_the_boot_in_which_it_began() {
        let [boot, other, session] = [1, 2, 3].map(Guid::from_u128);
        let text = format!("{boot} {session}\n");
        assert_eq!(session_in(text.as_bytes(), boot), Some(session));
        assert_eq!(session_in(text.as_bytes(), other), None);
        assert_eq!(session_in(b"nonsense", boot), None);
        assert_eq!(session_in(&[0xff, b' ', 1], boot), None);
    }
}
