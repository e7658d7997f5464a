//! A registered task, as its app sees and steers it.

use std::sync::Arc;

use crate::event::Handler;
use crate::host::{Here, Host};
use crate::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, BackgroundTaskRegistrationGroup,
    Error, EventRegistrationToken, Guid,
};

/// A registered task; a clone is the same task.
///
/// Microsoft: *BackgroundTaskRegistration Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundTaskRegistration {
    task_id: Guid,
    name: String,
    trigger: String,
    group: Option<BackgroundTaskRegistrationGroup>,
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
    pub(crate) fn new(
        task_id: Guid,
        name: String,
        trigger: String,
        group: Option<BackgroundTaskRegistrationGroup>,
    ) -> Self {
        Self { task_id, name, trigger, group }
    }

    /// Lists the tasks of this process's package that are in no group.
    /// Microsoft: *BackgroundTaskRegistration.AllTasks*.
    ///
    /// # Errors
    /// When this process belongs to no package ([`is_no_identity`](Error::is_no_identity)), or when
    /// no broker can be reached.
    pub fn all_tasks() -> Result<Vec<Self>, Error> {
        let mut tasks = Here::all_tasks()?;
        tasks.retain(|task| task.group.is_none());
        Ok(tasks)
    }

    /// Lists the groups that this process's package has tasks in, by their ids.
    /// Microsoft: *BackgroundTaskRegistration.AllTaskGroups*.
    ///
    /// Should a group's tasks give it several names, it has that of the first task that names it, in
    /// the order of task ids.
    ///
    /// # Errors
    /// When this process belongs to no package ([`is_no_identity`](Error::is_no_identity)), or when
    /// no broker can be reached.
    pub fn all_task_groups() -> Result<Vec<BackgroundTaskRegistrationGroup>, Error> {
        Here::all_tasks().map(|tasks| BackgroundTaskRegistrationGroup::of(&tasks))
    }

    /// Returns the group of that id, if this process's package has tasks in it.
    /// Microsoft: *BackgroundTaskRegistration.GetTaskGroup*.
    ///
    /// # Errors
    /// Those of [`all_task_groups`](Self::all_task_groups).
    pub fn get_task_group(id: &str) -> Result<Option<BackgroundTaskRegistrationGroup>, Error> {
        Ok(Self::all_task_groups()?.into_iter().find(|group| group.id() == id))
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

    /// Returns the group that the task was registered in, as it was named then.
    /// Microsoft: *…TaskGroup*.
    #[must_use]
    pub fn task_group(&self) -> Option<&BackgroundTaskRegistrationGroup> {
        self.group.as_ref()
    }

    /// Asks where the task stands now. Windows does not tell it: there it is refused.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn state(&self) -> Result<TaskState, Error> {
        Here::state(self)
    }

    /// Ends the registration: the task never fires again. A run that is alive is cancelled with
    /// `Abort` if `cancel_task`, else it ends by itself. Microsoft: *…Unregister*.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn unregister(&self, cancel_task: bool) -> Result<(), Error> {
        Here::unregister(self, cancel_task)
    }

    /// Fires the task now; its conditions still decide, unless `force`. The next firing of its
    /// trigger stays as it is. WinRT has this for an `ApplicationTrigger` only, and that not for tasks
    /// with a class id: on Windows it is refused.
    ///
    /// # Errors
    /// When the task is no longer registered, or when no broker can be reached.
    pub fn request(&self, force: bool) -> Result<RequestResult, Error> {
        Here::request(self, force)
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
        Here::attach(self, Handler::Progress(Arc::new(handler)))
    }

    /// Attaches a handler that is told of the end of the task's runs, on a thread of its own. What
    /// ends while this program or its connection is down is not told, as on Windows; ask for it with
    /// [`last_result`](Self::last_result) or [`recent_runs`](Self::recent_runs). Attach the handler
    /// again after each start of the program, first attach and then ask: so nothing falls between,
    /// and what is told twice has one [`instance_id`](crate::PastRun::instance_id).
    /// Windows tells completed and failed only. Microsoft: *…Completed Event*.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), oncue::Error> {
    /// # let show = |run: &oncue::PastRun| println!("{run:?}");
    /// for task in oncue::BackgroundTaskRegistration::all_tasks()? {
    ///     task.on_completed(move |_, args| show(args.run()))?;
    ///     task.last_result()?.iter().for_each(show);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    ///
    /// # Errors
    /// When no broker can be reached, or when this process belongs to no package.
    pub fn on_completed<H>(&self, handler: H) -> Result<EventRegistrationToken, Error>
    where
        H: Fn(&BackgroundTaskRegistration, &BackgroundTaskCompletedEventArgs) + Send + Sync + 'static,
    {
        Here::attach(self, Handler::Completed(Arc::new(handler)))
    }

    /// Takes a handler away; returns whether it was there. It may still be told of what is being
    /// told at this moment.
    pub fn remove_handler(&self, token: EventRegistrationToken) -> bool {
        Here::detach(self, token)
    }
}
