//! Asking why: an app of its own task, a tool of any.

use std::time::SystemTime;

use super::{FIRINGS, Why, WhyAt};
use crate::broker::client::Client;
use crate::broker::question;
use crate::broker::registry::{PAGE, look_up};
use crate::broker::tools::Broker;
use crate::{BackgroundTaskRegistration, Error};

/// A run has at most one entry of firings that joined it beside its own.
const LOOKED_THROUGH: u32 = 2 * FIRINGS;

impl BackgroundTaskRegistration {
    /// Asks why the task runs, or why it does not: what it waits for, since when, what keeps it,
    /// when it fires next, and what it did last. WinRT has no counterpart.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn why(&self) -> Result<Why, Error> {
        let client = Client::get();
        let task = look_up(&self.task_id().to_string())?;
        let entries = client.ask(question::history(&task.task_id, "", LOOKED_THROUGH))?;
        Ok(Why::new(task, client.ask(question::facts())?, entries))
    }

    /// Asks what the task did at an instant, as far as the ledger reaches back. WinRT has no
    /// counterpart.
    ///
    /// # Errors
    /// Those of [`why`](Self::why).
    pub fn why_at(&self, at: SystemTime) -> Result<WhyAt, Error> {
        let task = look_up(&self.task_id().to_string())?;
        let entries = Client::get().ask(question::history(&task.task_id, "", PAGE))?;
        Ok(WhyAt::new(task, entries, at))
    }
}

impl Broker {
    /// Says why a task runs, or why it does not.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn why(&self, task_id: &str) -> Result<Why, Error> {
        let task = self.task(task_id)?;
        let entries = self.history(Some(task_id), None, LOOKED_THROUGH)?;
        Ok(Why::new(task, self.facts()?, entries))
    }

    /// Says what a task did at an instant, as far as the ledger reaches back.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn why_at(&self, task_id: &str, at: SystemTime) -> Result<WhyAt, Error> {
        let task = self.task(task_id)?;
        let entries = self.history(Some(task_id), None, PAGE)?;
        Ok(WhyAt::new(task, entries, at))
    }
}
