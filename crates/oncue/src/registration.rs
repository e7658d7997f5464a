//! A registered task, as its app sees and steers it.

use std::sync::Arc;

use oncue_wire::{RunState, TaskInfo, Watched};

use crate::client::Client;
use crate::listening::Handler;
use crate::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, Error, EventRegistrationToken, Guid,
    question,
};

/// The tasks that are asked for at once.
pub(crate) const PAGE: u32 = 2_000;

/// A registered task; a clone is the same task.
///
/// Microsoft: *BackgroundTaskRegistration Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundTaskRegistration {
    task_id: Guid,
    name: String,
    trigger: String,
}

/// Where a task stands. WinRT has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// It waits for its trigger.
    Armed,
    /// Its trigger has fired; it waits for its conditions, or for the user to allow its package.
    Held,
    /// Its task server is being started.
    Activating,
    /// It runs.
    Running,
    /// It runs and was told to stop.
    Cancelling,
    /// It kept crashing; what fires is held until the user releases it, a registration changes it, or
    /// its package is updated.
    Quarantined,
}

/// What became of a request to run a task now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestResult {
    /// A run began.
    Started,
    /// The task waits for its conditions, for its release, or for the user to allow its package.
    Held,
    /// A run is alive; another one follows it.
    AfterThis,
}

impl BackgroundTaskRegistration {
    pub(crate) fn new(task_id: &str, name: String, trigger: String) -> Result<Self, Error> {
        Ok(Self { task_id: same_id(task_id)?, name, trigger })
    }

    /// Returns the task as it is registered.
    pub(crate) fn find(task_id: &str) -> Result<Self, Error> {
        let TaskInfo { task_id, name, trigger, .. } = look_up(task_id)?;
        Self::new(&task_id, name, trigger)
    }

    /// Lists the tasks of this process's package.
    /// Microsoft: *BackgroundTaskRegistration.AllTasks*.
    ///
    /// # Errors
    /// When this process belongs to no package ([`is_no_identity`](Error::is_no_identity)), or when
    /// no broker can be reached.
    pub fn all_tasks() -> Result<Vec<Self>, Error> {
        let mut tasks = Vec::new();
        let mut after = String::new();
        loop {
            let page = Client::get().ask(question::tasks(Watched::Own, &after, PAGE))?;
            let full = page.len() >= PAGE as usize;
            after = page.last().map(|task| task.task_id.clone()).unwrap_or_default();
            for task in page {
                tasks.push(Self::new(&task.task_id, task.name, task.trigger)?);
            }
            if !full {
                return Ok(tasks);
            }
        }
    }

    /// Returns the task's id; no other task ever gets it. Microsoft: *…TaskId*.
    #[must_use]
    pub fn task_id(&self) -> Guid {
        self.task_id
    }

    /// Returns the task's name; several tasks may have it. Microsoft: *…Name*.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the task's trigger, as `every 15m`. Microsoft: *…Trigger*.
    #[must_use]
    pub fn trigger(&self) -> &str {
        &self.trigger
    }

    /// Asks where the task stands now.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn state(&self) -> Result<TaskState, Error> {
        look_up(&self.task_id.to_string()).map(|task| state(&task))
    }

    /// Ends the registration: the task never fires again. A run that is alive is cancelled with
    /// `Abort` if `cancel_task`, else it ends by itself. Microsoft: *…Unregister*.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn unregister(&self, cancel_task: bool) -> Result<(), Error> {
        Client::get().ask(question::unregister(&self.task_id.to_string(), cancel_task))
    }

    /// Fires the task now; its conditions still decide, unless `force`. The next firing of its
    /// trigger stays as it is. WinRT has this for an `ApplicationTrigger` only.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn request(&self, force: bool) -> Result<RequestResult, Error> {
        let fired = Client::get().ask(question::fire(&self.task_id.to_string(), force))?;
        Ok(match fired.state {
            RunState::Started => RequestResult::Started,
            RunState::Held => RequestResult::Held,
            RunState::AfterThis => RequestResult::AfterThis,
        })
    }

    /// Attaches a handler that is told of the progress of the task's runs, on a thread of its own:
    /// the latest value, not every one. Attach it again after each start of the program.
    /// Microsoft: *…Progress Event*.
    ///
    /// # Errors
    /// When no broker can be reached, or when this process belongs to no package.
    pub fn on_progress<H>(&self, handler: H) -> Result<EventRegistrationToken, Error>
    where
        H: Fn(&BackgroundTaskRegistration, &BackgroundTaskProgressEventArgs) + Send + Sync + 'static,
    {
        self.attach(Handler::Progress(Arc::new(handler)))
    }

    /// Attaches a handler that is told of the end of the task's runs, on a thread of its own. What
    /// ends while this program or its connection is down is not told; the ledger has it. Attach it
    /// again after each start of the program. Microsoft: *…Completed Event*.
    ///
    /// # Errors
    /// When no broker can be reached, or when this process belongs to no package.
    pub fn on_completed<H>(&self, handler: H) -> Result<EventRegistrationToken, Error>
    where
        H: Fn(&BackgroundTaskRegistration, &BackgroundTaskCompletedEventArgs) + Send + Sync + 'static,
    {
        self.attach(Handler::Completed(Arc::new(handler)))
    }

    /// Takes a handler away; returns whether it was there. It may still be told of what is being
    /// told at this moment.
    pub fn remove_handler(&self, token: EventRegistrationToken) -> bool {
        Client::get().listening().detach(token)
    }

    fn attach(&self, handler: Handler) -> Result<EventRegistrationToken, Error> {
        let client = Client::get();
        // First the handler: what the broker signals from then on finds it.
        let token = client.listening().attach(self.clone(), handler)?;
        client.listen().inspect_err(|_| {
            client.listening().detach(token);
        })?;
        Ok(token)
    }
}

/// Reads an id that the broker gave.
pub(crate) fn same_id(text: &str) -> Result<Guid, Error> {
    text.parse().map_err(|_| Error::no_guid(text))
}

fn look_up(task_id: &str) -> Result<TaskInfo, Error> {
    let found = Client::get().ask(question::find(task_id))?;
    let same = found.into_iter().find(|task| task.task_id == task_id);
    same.ok_or_else(|| Error::unknown_task(task_id))
}

fn state(task: &TaskInfo) -> TaskState {
    match task.state.as_str() {
        "held" => TaskState::Held,
        "activating" => TaskState::Activating,
        "running" => TaskState::Running,
        "cancelling" => TaskState::Cancelling,
        "quarantined" => TaskState::Quarantined,
        _ => TaskState::Armed,
    }
}
