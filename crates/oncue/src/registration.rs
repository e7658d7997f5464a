//! A registered task, as its app sees and controls it.

use std::sync::Arc;

use crate::event::Handler;
use crate::host::{Here, Host};
use crate::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, BackgroundTaskRegistrationGroup,
    Error, EventRegistrationToken, Guid, Listener, TaskState, Trigger, Word,
};

/// A registered task. A clone refers to the same task.
///
/// Microsoft: *BackgroundTaskRegistration Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundTaskRegistration {
    task_id: Guid,
    name: String,
    trigger: Trigger,
    group: Option<BackgroundTaskRegistrationGroup>,
}

/// Whether [`unregister`](BackgroundTaskRegistration::unregister) cancels the task's current run.
///
/// It takes the place of WinRT's boolean parameter `cancelTask`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cancel {
    /// The run is cancelled with [`Abort`](crate::BackgroundTaskCancellationReason::Abort).
    Yes,
    /// The run continues to its end.
    No,
}

/// Whether [`request`](BackgroundTaskRegistration::request) runs a task whose conditions do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Force {
    /// The task runs even if its conditions do not hold.
    Yes,
    /// The task is held until its conditions hold.
    No,
}

/// The result of a request to run a task now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestResult {
    /// A run began.
    Started,
    /// The task is held: by its conditions, by quarantine, or because the user denied its package.
    Held,
    /// Another run is in progress; the task runs again afterwards.
    AfterThis,
    /// The task was fired, and a newer broker reported a result that this version does not know.
    Other,
}

impl Cancel {
    pub(crate) const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl BackgroundTaskRegistration {
    pub(crate) fn new(
        task_id: Guid,
        name: String,
        trigger: Trigger,
        group: Option<BackgroundTaskRegistrationGroup>,
    ) -> Self {
        Self { task_id, name, trigger, group }
    }

    /// Returns the tasks of this process's package that are not in a group.
    /// Microsoft: *BackgroundTaskRegistration.AllTasks*.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn all_tasks() -> Result<Vec<Self>, Error> {
        let mut tasks = Here::all_tasks()?;
        tasks.retain(|task| task.group.is_none());
        Ok(tasks)
    }

    /// Returns the groups in which this process's package has tasks, ordered by id.
    /// Microsoft: *BackgroundTaskRegistration.AllTaskGroups*.
    ///
    /// If the tasks of a group give it several names, the group has the name given by the first of
    /// them, in the order of task ids.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn all_task_groups() -> Result<Vec<BackgroundTaskRegistrationGroup>, Error> {
        Here::all_tasks().map(|tasks| BackgroundTaskRegistrationGroup::of(&tasks))
    }

    /// Returns the group with this id, if this process's package has tasks in it.
    /// Microsoft: *BackgroundTaskRegistration.GetTaskGroup*.
    ///
    /// # Errors
    /// Returns the same errors as [`all_task_groups`](Self::all_task_groups).
    pub fn get_task_group(id: &str) -> Result<Option<BackgroundTaskRegistrationGroup>, Error> {
        Ok(Self::all_task_groups()?.into_iter().find(|group| group.id() == id))
    }

    /// Returns the task's id, which is never reused. Microsoft: *…TaskId*.
    #[must_use]
    pub fn task_id(&self) -> Guid {
        self.task_id
    }

    /// Returns the task's name; several tasks can have the same name. Microsoft: *…Name*.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the task's trigger. Microsoft: *…Trigger*.
    #[must_use]
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// Returns the group in which the task was registered, with the name that it was given then.
    /// Microsoft: *…TaskGroup*.
    #[must_use]
    pub fn task_group(&self) -> Option<&BackgroundTaskRegistrationGroup> {
        self.group.as_ref()
    }

    /// Returns the current state of the task. Windows does not report it, so there this is refused.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered, or if the broker cannot be reached.
    pub fn state(&self) -> Result<Word<TaskState>, Error> {
        Here::state(self)
    }

    /// Ends the registration, so that the task never fires again. A current run is cancelled with
    /// [`Cancel::Yes`], and continues to its end with [`Cancel::No`]. Microsoft: *…Unregister*.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered, or if the broker cannot be reached.
    pub fn unregister(&self, cancel_task: Cancel) -> Result<(), Error> {
        Here::unregister(self, cancel_task)
    }

    /// Fires the task now. Its conditions still apply with [`Force::No`], and are ignored with
    /// [`Force::Yes`]. The next firing of its trigger does not change.
    ///
    /// WinRT only supports this for an `ApplicationTrigger`, which tasks with a class id cannot have,
    /// so on Windows this is refused.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered, or if the broker cannot be reached.
    pub fn request(&self, force: Force) -> Result<RequestResult, Error> {
        Here::request(self, force)
    }

    /// Calls a handler on a separate thread with the progress of the task's runs, until the
    /// [`Listener`] is dropped. The handler receives the latest value, not every one.
    /// Microsoft: *…Progress Event*.
    ///
    /// A handler belongs to this process, so the program listens again after each start.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached, or if this process does not belong to a
    /// package.
    pub fn on_progress<H>(&self, handler: H) -> Result<Listener, Error>
    where
        H: Fn(&BackgroundTaskRegistration, &BackgroundTaskProgressEventArgs) + Send + Sync + 'static,
    {
        self.listen(Handler::Progress(Arc::new(handler)))
    }

    /// Calls a handler on a separate thread when a run of the task ends, until the [`Listener`] is
    /// dropped. Microsoft: *…Completed Event*.
    ///
    /// As on Windows, the handler does not receive runs that end while this program or its connection
    /// is down; query these with [`last_result`](Self::last_result) or
    /// [`recent_runs`](Self::recent_runs). A program that listens first and queries afterwards misses
    /// no run; a run that it receives twice has the same
    /// [`instance_id`](crate::PastRun::instance_id). Windows only reports completed and failed.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), oncue::Error> {
    /// # let show = |run: &oncue::PastRun| println!("{run:?}");
    /// for task in oncue::BackgroundTaskRegistration::all_tasks()? {
    ///     task.on_completed(move |_, args| show(args.run()))?.keep();
    ///     task.last_result()?.iter().for_each(show);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached, or if this process does not belong to a
    /// package.
    pub fn on_completed<H>(&self, handler: H) -> Result<Listener, Error>
    where
        H: Fn(&BackgroundTaskRegistration, &BackgroundTaskCompletedEventArgs) + Send + Sync + 'static,
    {
        self.listen(Handler::Completed(Arc::new(handler)))
    }

    /// Removes a handler that was [kept](Listener::keep), and returns whether it existed. It may still
    /// receive an event that is being delivered at this moment. Microsoft: the *remove* accessor of
    /// *…Progress* and *…Completed*.
    pub fn remove_handler(&self, token: EventRegistrationToken) -> bool {
        Here::detach(self, token)
    }

    fn listen(&self, handler: Handler) -> Result<Listener, Error> {
        Here::attach(self, handler).map(|token| Listener::new(self.clone(), token))
    }
}
