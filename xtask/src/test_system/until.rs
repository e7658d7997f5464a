//! Waits for events without a notification.

use std::time::{Duration, Instant};

use super::failure::Failure;

/// How long to wait for something that happens by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// Checks repeatedly until something is true.
pub(super) fn until(what: &str, is_so: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    until_within(what, PATIENCE.as_secs(), is_so)
}

/// The same for something that takes longer.
pub(super) fn until_within(
    what: &str,
    seconds: u64,
    mut is_so: impl FnMut() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so()? {
        if Instant::now() > deadline {
            return Err(Failure::TooLate { what: what.to_owned(), seconds });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
