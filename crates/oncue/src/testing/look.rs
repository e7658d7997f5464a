//! What a test can inspect: the ledger, and the state of tasks.

use std::time::SystemTime;

use oncue_core::LedgerEntry;
use oncue_types::TaskState;
use oncue_wire::{TaskInfo, convert};

use super::TestBroker;
use super::broker::{id_of, time};
use super::process::ProcessId;
use super::world::World;
use crate::broker::answers;
use crate::past_run::PastRun;
use crate::registration::BackgroundTaskRegistration;

impl TestBroker {
    /// Returns how all firings have ended, oldest first. Entries that were read here are not undone
    /// by a [loss of power](Self::lose_power).
    #[must_use]
    pub fn ledger(&self) -> Vec<PastRun> {
        self.hub.world().journal.ledger().iter().map(past_run).collect()
    }

    /// Returns how the firings of one task have ended, oldest first.
    #[must_use]
    pub fn ledger_of(&self, task: &BackgroundTaskRegistration) -> Vec<PastRun> {
        let task = id_of(task);
        let mut world = self.hub.world();
        world.journal.ledger().iter().filter(|entry| entry.task == task).map(past_run).collect()
    }

    /// Returns the state of a task, or `None` if it is no longer registered.
    #[must_use]
    pub fn state(&self, task: &BackgroundTaskRegistration) -> Option<TaskState> {
        self.info(task).and_then(|info| info.state.known().copied())
    }

    /// Returns what would prevent a task from running if it fired: the failing parts of its
    /// condition (`internet`), `quarantined`, `denied`. Empty if nothing does.
    #[must_use]
    pub fn why(&self, task: &BackgroundTaskRegistration) -> Vec<String> {
        let Some(info) = self.info(task) else { return Vec::new() };
        let failing = info.failing.iter().map(ToString::to_string);
        failing.chain(info.blocked.iter().map(ToString::to_string)).collect()
    }

    /// Returns the progress of the task's current run, if it has reported any.
    #[must_use]
    pub fn progress(&self, task: &BackgroundTaskRegistration) -> Option<u32> {
        self.info(task).and_then(|info| info.progress)
    }

    /// Returns when a task's trigger fires next.
    #[must_use]
    pub fn next_firing(&self, task: &BackgroundTaskRegistration) -> Option<SystemTime> {
        self.info(task).and_then(|info| info.next_due).map(time)
    }

    /// Returns everything that the broker knows about a task, as in `oncue show`, or `None` if it
    /// is no longer registered.
    #[must_use]
    pub fn info(&self, task: &BackgroundTaskRegistration) -> Option<TaskInfo> {
        self.hub.world().info(id_of(task))
    }
}

/// Converts an entry of the ledger, as it would be sent.
fn past_run(entry: &LedgerEntry) -> PastRun {
    answers::past_run(convert::entry(entry))
}

impl World {
    /// Returns the process of the server that runs a task or has registered its class.
    pub(super) fn server_of_task(&self, task: oncue_core::TaskId) -> Option<ProcessId> {
        let run = self.runs.values().find(|run| run.task == task).and_then(|run| run.server);
        if let Some(process) = run.and_then(|server| self.process_of(server)) {
            return Some(process);
        }
        let view = self.core.view(self.now, task)?;
        let exe = self.core.package(&view.package)?.server_of(view.action.class()?)?;
        let mut up = self.processes.iter().filter(|(_, process)| {
            process.package == view.package && process.started.is_some_and(|(_, started)| started == exe)
        });
        up.next_back().map(|(id, _)| *id)
    }
}
