//! A process of a test: an SDK client, and what the world knows about it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use oncue_core::{FamilyName, ServerId};

use super::hub::Hub;
use super::time::{Played, Time};
use crate::broker::client::Client;
use crate::broker::clock::Clock;
use crate::broker::unreachable::Unreachable;

/// Identifies a process; never reused within a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ProcessId(pub(super) u64);

/// A process of a test.
pub(super) struct Process {
    pub(super) client: Arc<Client>,
    pub(super) played: Arc<Played>,
    pub(super) package: FamilyName,
    /// The task server that it was started as, and its index in the package.
    pub(super) started: Option<(ServerId, usize)>,
    /// Whether it is a task server whose code runs on a thread.
    pub(super) runs_code: bool,
}

/// Whether this process has ever run a test.
static PLAYS: AtomicBool = AtomicBool::new(false);

impl Process {
    pub(super) fn new(
        id: ProcessId,
        package: FamilyName,
        started: Option<(ServerId, usize)>,
        hub: &Weak<Hub>,
        time: &Arc<Time>,
    ) -> Self {
        PLAYS.store(true, Ordering::Release);
        let played = Arc::new(Played::new(Arc::clone(time)));
        let hub = Weak::clone(hub);
        let dial = move |by, _| hub.upgrade().ok_or(Unreachable::Over)?.dial(id, by);
        let client = Client::new(None, Clock::played(Arc::clone(&played)), Box::new(dial));
        Self { client: Arc::new(client), played, package, started, runs_code: false }
    }

    /// Returns when its server asks to leave if no further run arrives.
    pub(super) fn leaves_at(&self) -> Option<Instant> {
        self.started.and_then(|_| self.client.serving().leaves_at())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.client.listening().end();
    }
}

/// Returns the client of a thread that acts for nobody: none, once there are tests.
pub(crate) fn stranger() -> Option<Arc<Client>> {
    static STRANGER: OnceLock<Arc<Client>> = OnceLock::new();
    let refuse = || Box::new(|_, _| Err(Unreachable::Stranger));
    let make = || Arc::new(Client::new(None, Clock::default(), refuse()));
    PLAYS.load(Ordering::Acquire).then(|| Arc::clone(STRANGER.get_or_init(make)))
}
