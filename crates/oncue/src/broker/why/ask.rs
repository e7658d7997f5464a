//! Asks why: an app about its own tasks, a tool about any.

use std::time::SystemTime;

use oncue_types::TaskId;
use oncue_wire::ask;

use super::{FIRINGS, Why, WhyAt};
use crate::broker::client::Client;
use crate::broker::host::{PAGE, history, look_up};
use crate::broker::tools::{Broker, Of};
use crate::error::Error;
use crate::registration::BackgroundTaskRegistration;

/// Besides its own entry, a run has at most one entry for the firings that joined it.
const LOOKED_THROUGH: u32 = 2 * FIRINGS;

impl BackgroundTaskRegistration {
    /// Returns why the task runs or does not run: what it is waiting for, since when, what prevents
    /// it, when it fires next, and its last firings. WinRT has no counterpart.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered, or if the broker cannot be reached.
    pub fn why(&self) -> Result<Why, Error> {
        let connection = &Client::get().connection;
        let task = look_up(TaskId(self.task_id()))?;
        let entries = connection.ask(&history(task.task_id, LOOKED_THROUGH))?;
        Ok(Why::new(task, connection.ask(&ask::Facts)?, entries))
    }

    /// Returns what the task was doing at an instant, as far back as the ledger goes. WinRT has no
    /// counterpart.
    ///
    /// # Errors
    /// Returns the same errors as [`why`](Self::why).
    pub fn why_at(&self, at: SystemTime) -> Result<WhyAt, Error> {
        let task = look_up(TaskId(self.task_id()))?;
        let entries = Client::get().connection.ask(&history(task.task_id, PAGE))?;
        Ok(WhyAt::new(task, entries, at))
    }
}

impl Broker {
    /// Returns why a task runs or does not run.
    ///
    /// # Errors
    /// Returns an error if the task does not exist.
    pub fn why(&self, task: TaskId) -> Result<Why, Error> {
        let task = self.task(task)?;
        let entries = self.history(Of::Task(task.task_id), LOOKED_THROUGH)?;
        Ok(Why::new(task, self.facts()?, entries))
    }

    /// Returns what a task was doing at an instant, as far back as the ledger goes.
    ///
    /// # Errors
    /// Returns an error if the task does not exist.
    pub fn why_at(&self, task: TaskId, at: SystemTime) -> Result<WhyAt, Error> {
        let task = self.task(task)?;
        let entries = self.history(Of::Task(task.task_id), PAGE)?;
        Ok(WhyAt::new(task, entries, at))
    }
}
