//! What happens to a change that the store could not record.
//!
//! A registration is taken back, and the previous state is restored. Any other change may already have
//! cancelled runs or dropped firings, which cannot be undone: it stands, and is recorded later.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;

use oncue_types::{Answer, Moment, Refusal, TaskId, TaskSpec};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::record::Record;
use crate::task::{Former, Health};
use crate::tasks::TaskKey;

/// Whether an answer is still true if the records of its request could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// The change was taken back.
    TakenBack,
    /// The change stands, but is lost if the broker ends before it can be recorded.
    Stands,
    /// The answer is still true: it did not depend on a record.
    Unaffected,
}

/// What is known about the store.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// Why nothing can be recorded, if nothing can.
    unwritable: Option<String>,
    /// What is stored for tasks that have later registrations on their way to the store.
    former: BTreeMap<TaskId, Option<Box<Former>>>,
}

impl Store {
    pub(super) fn unwritable(&self) -> Option<&str> {
        self.unwritable.as_deref()
    }

    /// Returns an error while nothing can be recorded. Requests that have to be recorded are then refused
    /// before anything is done.
    pub(super) fn can_record(&self) -> Result<(), Refusal> {
        let refused = |why: &str| Err(Refusal::StoreUnwritable { why: why.into() });
        self.unwritable().map_or(Ok(()), refused)
    }

    /// Notes that records were written.
    pub(super) fn works(&mut self) {
        *self = Self::default();
    }
}

impl Unrecorded {
    /// Returns whether an answer is still true if the records of its request could not be written.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Registered { .. } => Self::TakenBack,
            Answer::Done
            | Answer::Fired(_)
            | Answer::Requested(_)
            | Answer::Signalled(_)
            | Answer::Paused { .. }
            | Answer::Resumed { .. }
            | Answer::PackageAdded(_) => Self::Stands,
            Answer::ClassRegistered(_) | Answer::MayLeave(_) => Self::Unaffected,
        }
    }
}

impl Broker {
    /// Handles a failure of the store: nothing new is promised until it works again, and lost registrations
    /// are taken back.
    pub(super) fn record_failed(
        &mut self,
        now: Moment,
        lost: Option<Box<Record>>,
        why: String,
        out: &mut Effects,
    ) {
        self.store.unwritable = Some(why);
        match lost.map(|record| *record) {
            Some(Record::TaskRegistered { task, spec, .. }) => self.take_back(now, task, &spec, None, out),
            Some(Record::TaskReplaced { task, spec, former, .. }) => {
                self.take_back(now, task, &spec, Some(former), out);
            }
            Some(_) | None => {}
        }
    }

    /// Takes a registration back, unless a later one of the task is on its way to the store. If the later one
    /// fails too, the stored state is the one before this registration.
    fn take_back(
        &mut self,
        now: Moment,
        id: TaskId,
        lost: &TaskSpec,
        former: Option<Box<Former>>,
        out: &mut Effects,
    ) {
        let stored = self.store.former.remove(&id).unwrap_or(former);
        let Some(key) = self.tasks.key(id) else { return };
        if self.tasks[key].spec() != lost {
            self.store.former.insert(id, stored);
            return;
        }
        match stored {
            Some(former) => self.stand_again(now, key, *former, out),
            None => self.forget_task(key, out),
        }
    }

    /// Restores a task's previous registration. A run that has begun since continues.
    fn stand_again(&mut self, now: Moment, key: TaskKey, former: Former, out: &mut Effects) {
        let task = &self.tasks[key];
        // The outcome of a run that began after the replacement decides about the task's health.
        let strikes = if task.run().is_none() { former.strikes } else { task.health().strikes };
        let health = Health { strikes, ..task.health() };
        self.respecify(now, key, former.spec, former.due, out);
        self.set_health(now, key, health, out);
        self.limit_hold(key);
        self.run_or_wait(now, key, out);
    }
}
