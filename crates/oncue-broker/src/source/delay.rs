//! What makes the machine wait for the broker before it sleeps or shuts down.

use std::os::fd::OwnedFd;

/// A descriptor that the machine waits for while it is open; logind(8) calls it an inhibitor. `None` if
/// the machine does not wait, or no longer has to.
#[derive(Debug)]
pub(crate) enum Delay {
    /// Before it sleeps.
    Sleep(Option<OwnedFd>),
    /// Before it shuts down.
    Shutdown(Option<OwnedFd>),
}

/// The delays that are in effect.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    sleep: Option<OwnedFd>,
    shutdown: Option<OwnedFd>,
}

impl Delays {
    /// Replaces a delay. The previous one of the same kind ends.
    pub(crate) fn hold(&mut self, delay: Delay) {
        match delay {
            Delay::Sleep(descriptor) => self.sleep = descriptor,
            Delay::Shutdown(descriptor) => self.shutdown = descriptor,
        }
    }

    /// Lets the machine sleep.
    pub(crate) fn let_sleep(&mut self) {
        self.sleep = None;
    }

    /// Lets the machine shut down.
    pub(crate) fn let_shut_down(&mut self) {
        self.shutdown = None;
    }
}
