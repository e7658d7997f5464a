//! Waits for events without a notification.

use std::time::{Duration, Instant};

use super::failure::Failure;

/// How long to wait for something that happens by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// Checks repeatedly until something is true.
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > deadline {
            return Err(Failure::TooLate { what: what.to_owned(), seconds: PATIENCE.as_secs() });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
