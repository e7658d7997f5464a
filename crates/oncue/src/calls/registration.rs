//! What an app asks and requests about its tasks.

use std::sync::Arc;

use oncue_types::TaskState;
use oncue_wire::Word;

use crate::error::Error;
use crate::event::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, EventRegistrationToken, Handler,
};
use crate::group::BackgroundTaskRegistrationGroup;
use crate::here::Here;
use crate::host::Host;
use crate::listener::Listener;
use crate::past_run::PastRun;
use crate::registration::{BackgroundTaskRegistration, Cancel, Force, RequestResult};

/// How many firings to search for the last run: first a few, then all.
const LOOKED_AT: [u32; 2] = [8, 2_000];

impl BackgroundTaskRegistration {
    /// Returns the tasks of this process's package that are not in a group.
    /// Microsoft: *BackgroundTaskRegistration.AllTasks*.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn all_tasks() -> Result<Vec<Self>, Error> {
        let mut tasks = Here::all_tasks()?;
        tasks.retain(|task| task.task_group().is_none());
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

    /// Returns up to `most`, and at most 2,000, of the task's last firings that have ended, latest
    /// first. This also works after the task was unregistered. WinRT has no counterpart.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn recent_runs(&self, most: u32) -> Result<Vec<PastRun>, Error> {
        Here::recent_runs(self, most)
    }

    /// Returns how the task's last run ended, even if nothing was listening then; this is what
    /// [`on_completed`](Self::on_completed) would have received. Skipped and dropped firings are
    /// ignored. WinRT has no counterpart; there, an app never learns of runs that end while it is
    /// closed.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn last_result(&self) -> Result<Option<PastRun>, Error> {
        for most in LOOKED_AT {
            let runs = self.recent_runs(most)?;
            let is_all = runs.len() < most as usize;
            let last = runs.into_iter().find(PastRun::is_run);
            if last.is_some() || is_all {
                return Ok(last);
            }
        }
        Ok(None)
    }

    fn listen(&self, handler: Handler) -> Result<Listener, Error> {
        Here::attach(self, handler).map(|token| Listener::new(self.clone(), token))
    }
}

impl BackgroundTaskRegistrationGroup {
    /// Returns the group's tasks, whatever name they give it. Microsoft: *…Group.AllTasks*, which
    /// is null for a group without tasks.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn all_tasks(&self) -> Result<Vec<BackgroundTaskRegistration>, Error> {
        let mut tasks = Here::all_tasks()?;
        tasks.retain(|task| task.task_group().is_some_and(|group| group.id() == self.id()));
        Ok(tasks)
    }
}
