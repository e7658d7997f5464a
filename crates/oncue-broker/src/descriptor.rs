//! Descriptors that the runtime waits for: timers, processes, netlink.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Lets the runtime wait until the descriptor is readable.
#[expect(deprecated, reason = "its successor is an unsafe function; an OwnedFd is what that one asks for")]
pub(crate) fn readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}

/// What [`urgent`] waits for.
pub(crate) const URGENT: Interest = Interest::PRIORITY.add(Interest::ERROR);

/// Lets the runtime wait for an exceptional condition on the descriptor: poll(2)'s `POLLPRI`.
#[expect(deprecated, reason = "its successor is an unsafe function; an OwnedFd is what that one asks for")]
pub(crate) fn urgent(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, URGENT)
}
