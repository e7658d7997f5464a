//! A process of a test: an SDK client, and what the world knows about it.

use std::sync::{Arc, Weak};
use std::time::Instant;

use oncue_core::{FamilyName, ServerId};
use oncue_wire::starting::Failed;

use super::hub::Hub;
use super::runtime;
use super::time::{Played, Time};
use crate::broker::client::Client;
use crate::broker::clock::{self, Clock};
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

impl Process {
    pub(super) fn new(
        id: ProcessId,
        package: FamilyName,
        started: Option<(ServerId, usize)>,
        hub: &Weak<Hub>,
        time: &Arc<Time>,
    ) -> Self {
        runtime::play();
        let played = Arc::new(Played::new(Arc::clone(time)));
        let hub = Weak::clone(hub);
        let dial = move |by, _| hub.upgrade().ok_or_else(over)?.dial(id, by);
        let client = Client::new(None, Clock(Arc::clone(&played) as Arc<dyn clock::Time>), Arc::new(dial));
        Self { client: Arc::new(client), played, package, started, runs_code: false }
    }

    /// Returns when its server asks to leave if no further run arrives.
    pub(super) fn leaves_at(&self) -> Option<Instant> {
        self.started.and_then(|_| {
            let serving = self.client.serving();
            serving.state().leaves_at(serving.clock().now())
        })
    }

    /// Whether its server has come to wait for runs.
    pub(super) fn waits(&self) -> bool {
        self.client.serving().state().waits.is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.client.listening().detach(|_| true);
    }
}

/// The error of a thread whose process has ended.
pub(super) fn over() -> Unreachable {
    Unreachable::Failed(Failed {
        what: "the test has ended the program that this thread belongs to".into(),
        way_out: "let the thread end, as the end of its process would have made it".into(),
    })
}
