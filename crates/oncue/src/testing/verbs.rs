//! What a test does with its tasks: firings, cancellations, facts, crashes.

use oncue_core::{Answer, Details, Event, FactKind, FireResult, Observation, Reading, Request};
use oncue_types::{Access, CancellationReason as BackgroundTaskCancellationReason, Exit};
use oncue_wire::Refused;

use super::broker::id_of;
use super::world::World;
use super::{TestBroker, TestError};
use crate::error::Error;
use crate::registration::{BackgroundTaskRegistration, RequestResult};

impl TestBroker {
    /// Fires a task, as `oncue run` does. Its conditions still apply.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered, or if something does not settle.
    pub fn fire(&self, task: &BackgroundTaskRegistration) -> Result<RequestResult, TestError> {
        let task = id_of(task);
        self.act(|world| match ask(world, Request::Fire { task, force: false })? {
            Answer::Fired(FireResult::Held { .. }) => Ok(RequestResult::Held),
            Answer::Fired(FireResult::AfterThis(_)) => Ok(RequestResult::AfterThis),
            Answer::Fired(FireResult::Started(_))
            | Answer::Done
            | Answer::Registered { .. }
            | Answer::Requested(_)
            | Answer::Signalled(_)
            | Answer::Paused { .. }
            | Answer::Resumed { .. }
            | Answer::PackageAdded(_)
            | Answer::ClassRegistered(_)
            | Answer::MayLeave(_) => Ok(RequestResult::Started),
        })
    }

    /// Cancels a task's run, or drops its held firing. When this returns, the run's own handlers
    /// have been called. A run that [takes time](Self::takes_time) may still be about to end; see
    /// [`run_to_completion`](Self::run_to_completion).
    ///
    /// # Errors
    /// Returns an error if the task is neither running nor held, or if something does not settle.
    pub fn cancel(
        &self,
        task: &BackgroundTaskRegistration,
        reason: BackgroundTaskCancellationReason,
    ) -> Result<(), TestError> {
        let task = id_of(task);
        self.act(|world| ask(world, Request::Cancel { task, reason }).map(|_| ()))
    }

    /// Releases a quarantined task, as `oncue release` does.
    ///
    /// # Errors
    /// Returns an error if the task is not quarantined, or if something does not settle.
    pub fn release(&self, task: &BackgroundTaskRegistration) -> Result<(), TestError> {
        let task = id_of(task);
        self.act(|world| ask(world, Request::Release { task }).map(|_| ()))
    }

    /// Sets what the test's package may do, as `oncue access set` does.
    ///
    /// # Errors
    /// Returns an error if something does not settle.
    pub fn set_access(&self, access: Access) -> Result<(), TestError> {
        let app = self.app.get();
        self.act(|world| {
            let package = world.processes.get(&app).map(|process| process.package.clone());
            package.map_or(Ok(()), |package| ask(world, Request::SetAccess { package, access }).map(|_| ()))
        })
    }

    /// Sets the observed value of a fact from now on, across sleep and reboot: `true`, `false`, or
    /// a percentage of the battery. Initially no fact is known: the internet counts as unreachable,
    /// and otherwise the machine counts as a desktop with a user present.
    ///
    /// # Errors
    /// Returns [`TestError::Value`] if the fact cannot have this value, or an error if something
    /// does not settle.
    pub fn pin(&self, fact: FactKind, value: impl Into<Reading>) -> Result<(), TestError> {
        let value = value.into();
        if !fact.can_be(value) {
            return Err(TestError::Value { fact, value });
        }
        if self.hub.world().asleep {
            self.hub.world().pinned.insert(fact, value);
            return Ok(());
        }
        self.act(|world| {
            world.pinned.insert(fact, value);
            observe(world, fact, value);
            Ok(())
        })
    }

    /// Makes the source of a task's trigger notice something: a changed file, a device, a message.
    /// `details` are the items that the run receives.
    ///
    /// # Errors
    /// Returns [`TestError::NotWatched`] if the task has no such trigger, or an error if something
    /// does not settle.
    pub fn notice(&self, task: &BackgroundTaskRegistration, details: &[&str]) -> Result<(), TestError> {
        let id = id_of(task);
        self.act(|world| {
            if !world.watched.contains(&id) {
                return Err(TestError::NotWatched { task: task.name().to_owned() });
            }
            let details = Details::of(details.iter().map(|text| (*text).to_owned()));
            world.handle(Event::Noticed { task: id, count: 1, during: None, details });
            Ok(())
        })
    }

    /// Raises an event by name, as `oncue signal` does.
    ///
    /// # Errors
    /// Returns an error if it is refused, or if something does not settle.
    pub fn signal(&self, id: &str, arguments: &[&str]) -> Result<(), TestError> {
        let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        self.act(|world| ask(world, Request::Signal { id: id.into(), package: None, arguments }).map(|_| ()))
    }

    /// Ends the task server for a task's class, as if it had ended by its own fault: with an exit
    /// status, or by a signal. Its thread cannot be killed; see the [module](super).
    ///
    /// # Errors
    /// Returns [`TestError::NoServer`] if no server is running, or an error if something does not
    /// settle.
    pub fn crash_server(&self, task: &BackgroundTaskRegistration, exit: Exit) -> Result<(), TestError> {
        self.settle()?;
        let server = self.hub.world().server_of_task(id_of(task));
        let server = server.ok_or_else(|| TestError::NoServer { task: task.name().to_owned() })?;
        self.hub.crash(server, exit);
        self.settle()
    }
}

pub(super) fn ask(world: &mut World, what: Request) -> Result<Answer, TestError> {
    world.ask(what).map_err(|refusal| Error::from(Refused::from(refusal)).into())
}

pub(super) fn observe(world: &mut World, kind: FactKind, value: Reading) {
    let seen = Observation {
        value: Some(value),
        source: "the test".into(),
        why: String::new(),
        since: world.now.wall,
    };
    world.handle(Event::FactObserved { kind, seen });
}
