//! Handles Ctrl-C and termination requests, so that the guest is ended first.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;

/// Receives the signals from its creation on.
pub(super) struct Interrupt {
    heard: UnixStream,
}

/// What happened first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// A signal came.
    Interrupted,
    /// Something can be read.
    Readable,
    /// Neither happened in time.
    Neither,
}

impl Interrupt {
    /// Starts to listen for SIGINT, SIGTERM and SIGHUP, on a separate thread.
    pub(super) fn listen() -> Result<Self, Failure> {
        let system = Failure::system("listening for signals");
        Self::listen_on_thread().map_err(system)
    }

    fn listen_on_thread() -> std::io::Result<Self> {
        let (heard, said) = UnixStream::pair()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let mut signals = Vec::new();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            signals.push(signal(kind)?);
        }
        drop(entered);
        std::thread::spawn(move || {
            runtime.block_on(async {
                let any = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
                futures_util::future::select_all(any).await;
            });
            // The other end notices that it was closed.
            drop(said);
        });
        Ok(Self { heard })
    }

    /// Waits until `other` can be read or has ended, a signal arrives, or the time is over.
    pub(super) fn or_readable(
        &self,
        other: &impl std::os::fd::AsFd,
        patience: Option<Duration>,
    ) -> Result<First, Failure> {
        let mut both = [PollFd::new(&self.heard, PollFlags::IN), PollFd::new(other, PollFlags::IN)];
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let ready = rustix::io::retry_on_intr(|| poll(&mut both, patience.as_ref()));
        ready.map_err(|errno| Failure::system("waiting")(errno.into()))?;
        Ok(match both.map(|one| !one.revents().is_empty()) {
            [true, _] => First::Interrupted,
            [_, true] => First::Readable,
            _ => First::Neither,
        })
    }
}

/// Returns a descriptor that becomes readable when a process has ended.
pub(super) fn end_of(child: &std::process::Child) -> Result<OwnedFd, Failure> {
    let pid = rustix::process::Pid::from_child(child);
    let opened = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
    opened.map_err(|errno| Failure::system("watching a process")(errno.into()))
}
