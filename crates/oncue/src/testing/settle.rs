//! When the world has settled: nothing is in progress that ends by itself.

use std::sync::Arc;
use std::time::Instant;

use super::broker::id_of;
use super::process::Process;
use super::world::World;
use super::{TestBroker, TestError};
use crate::broker::client::Client;
use crate::broker::link::Pending;
use crate::broker::question;
use crate::past_run::PastRun;
use crate::registration::BackgroundTaskRegistration;

impl TestBroker {
    /// Waits until nothing is running any more, not even runs that [take time](Self::takes_time).
    ///
    /// # Errors
    /// Returns [`TestError::Busy`] if something is still running after the test's patience.
    pub fn wait_until_idle(&self) -> Result<(), TestError> {
        self.settle_unless(|world| world.runs.values().next().map(|run| not_ended(&run.name)))
    }

    /// Waits until no run of the task is in progress, and returns how the last one ended.
    ///
    /// # Errors
    /// Returns [`TestError::Busy`] if a run is still in progress after the test's patience,
    /// [`TestError::NoRun`] if there was none.
    pub fn run_to_completion(&self, task: &BackgroundTaskRegistration) -> Result<PastRun, TestError> {
        let id = id_of(task);
        self.settle_unless(|world| {
            let run = world.runs.values().find(|run| run.task == id);
            run.map(|run| not_ended(&run.name))
        })?;
        let last = self.ledger_of(task).pop();
        last.ok_or_else(|| TestError::NoRun { task: task.name().to_owned() })
    }

    /// Waits until a condition holds that a run brings about on its own thread, such as a progress
    /// value. `what` describes it in the error if it never holds. It is checked again after every
    /// change.
    ///
    /// # Errors
    /// Returns [`TestError::Busy`] if it does not hold after the test's patience.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<(), TestError> {
        let until = Instant::now() + self.patience;
        loop {
            let seen = self.hub.time.pulse();
            if holds(self) {
                return Ok(());
            }
            if !self.hub.time.wait_past(seen, until) {
                return Err(self.busy(format!("it does not hold that {what}")));
            }
        }
    }

    /// Waits until everything has happened that can happen at this instant.
    pub(super) fn settle(&self) -> Result<(), TestError> {
        self.settle_unless(|_| None)
    }

    fn settle_unless(&self, also: impl Fn(&World) -> Option<String>) -> Result<(), TestError> {
        let until = Instant::now() + self.patience;
        loop {
            let seen = self.hub.time.pulse();
            let (busy, clients) = {
                let world = self.hub.world();
                let now = self.hub.time.now();
                let busy = if world.asleep { None } else { world.busy(now).or_else(|| also(&world)) };
                let clients = world.processes.values().map(|process| Arc::clone(&process.client));
                (busy, clients.collect::<Vec<_>>())
            };
            if let Some(what) = busy {
                if !self.hub.time.wait_past(seen, until) {
                    return Err(self.busy(what));
                }
                continue;
            }
            // The broker's messages are on their way; when they have arrived, something may have
            // changed.
            clients.iter().for_each(|client| catch_up(client));
            if self.hub.time.pulse() == seen && !self.is_active() {
                return Ok(());
            }
        }
    }

    fn is_active(&self) -> bool {
        self.hub.world().processes.values().any(|process| process.played.is_active())
    }

    fn busy(&self, what: String) -> TestError {
        TestError::Busy { what, patience: self.patience }
    }
}

impl World {
    /// Returns what is in progress and ends by itself.
    fn busy(&self, now: Instant) -> Option<String> {
        let run = self.runs.values().find_map(|run| match () {
            () if run.silent && run.server.is_none() => None,
            () if !self.lasting.contains(&run.task) => Some(not_ended(&run.name)),
            () if !run.entered => Some(format!("a run of `{}` was not entered", run.name)),
            () => None,
        });
        run.or_else(|| self.processes.values().find_map(|process| process.busy(now)))
    }
}

impl Process {
    fn busy(&self, now: Instant) -> Option<String> {
        let package = &self.package;
        if self.played.is_active() {
            return Some(format!("a handler of package {package} has not returned"));
        }
        if self.runs_code && !self.waits() {
            let what = "has neither come to `TaskServer::wait` nor ended";
            return Some(format!("a task server of package {package} {what}"));
        }
        let leaves = self.leaves_at().is_some_and(|at| at <= now);
        leaves.then(|| format!("a task server of package {package} that may leave has not ended"))
    }
}

/// Waits until everything that the broker has sent to a process has been handled.
pub(super) fn catch_up(client: &Client) {
    if let Some(link) = client.connection.current() {
        // If the link is lost in the meantime, nothing is left to handle.
        let _ = link.put(question::version()).and_then(Pending::wait);
    }
}

fn not_ended(task: &str) -> String {
    format!("a run of `{task}` has not ended")
}
