//! A handler that is removed when its guard is dropped.

use std::fmt;

use crate::event::EventRegistrationToken;
use crate::here::{Here, Scope};
use crate::host::Host;
use crate::registration::BackgroundTaskRegistration;

/// Listens to the runs of a task until it is dropped.
///
/// Created by [`on_progress`](BackgroundTaskRegistration::on_progress) and
/// [`on_completed`](BackgroundTaskRegistration::on_completed). After the drop, the handler receives no
/// further event; one that is being delivered at this moment may still arrive. It can be dropped on any
/// thread, also inside the handler.
///
/// ```no_run
/// use std::sync::mpsc::channel;
///
/// use oncue::{BackgroundTaskRegistration, Force};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let task = BackgroundTaskRegistration::all_tasks()?.remove(0);
/// let (sender, ended) = channel();
/// let listener = task.on_completed(move |_, args| drop(sender.send(args.run().clone())))?;
/// task.request(Force::Yes)?;
/// println!("{:?}", ended.recv()?.outcome);
/// drop(listener);
/// # Ok(()) }
/// ```
#[must_use = "dropping a listener removes its handler; `keep` it to listen until the program ends"]
pub struct Listener {
    task: BackgroundTaskRegistration,
    token: EventRegistrationToken,
    is_kept: bool,
    /// The program that listens. The listener may be dropped on a thread that acts for another one.
    scope: Scope,
}

impl Listener {
    pub(crate) fn new(task: BackgroundTaskRegistration, token: EventRegistrationToken) -> Self {
        Self { task, token, is_kept: false, scope: Scope::here() }
    }

    /// Returns the task whose runs are listened to.
    #[must_use]
    pub fn task(&self) -> &BackgroundTaskRegistration {
        &self.task
    }

    /// Listens until the program ends, as a handler of WinRT does, or until
    /// [`remove_handler`](BackgroundTaskRegistration::remove_handler) is called with the token.
    pub fn keep(mut self) -> EventRegistrationToken {
        self.is_kept = true;
        self.token
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if !self.is_kept {
            self.scope.within(|| Here::detach(&self.task, self.token));
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("task", &self.task)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
