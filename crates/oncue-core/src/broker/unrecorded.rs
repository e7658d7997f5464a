//! What becomes of a change that the store could not take.
//!
//! A registration did not happen: what stood before stands again. Any other change may have cancelled
//! runs or dropped firings already, which cannot be undone: it stands, and is recorded later.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::broker::Broker;
use crate::effect::{Answer, Effects};
use crate::id::TaskId;
use crate::moment::Moment;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::task::{Former, Health, TaskSpec};
use crate::tasks::TaskKey;

/// What is true of an answer if the records of its request could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// The change was taken back.
    TakenBack,
    /// The change stands, but is lost if the broker ends before it can be recorded.
    Stands,
    /// The answer is as true as before: nothing had to be recorded for it.
    Unaffected,
}

/// What is known of the store.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// Why nothing can be recorded, while that is so.
    unwritable: Option<String>,
    /// What it has of tasks of which it still has to take, or refuse, a later registration.
    former: BTreeMap<TaskId, Option<Box<Former>>>,
}

impl Store {
    pub(super) fn unwritable(&self) -> Option<&str> {
        self.unwritable.as_deref()
    }

    /// Returns an error while nothing can be recorded. Whatever has to be recorded is refused then before
    /// anything is done about it.
    pub(super) fn can_record(&self) -> Result<(), Refusal> {
        let refused = |why: &str| Err(Refusal::StoreUnwritable { why: why.into() });
        self.unwritable().map_or(Ok(()), refused)
    }

    /// What was to be recorded has been.
    pub(super) fn works(&mut self) {
        *self = Self::default();
    }
}

impl Unrecorded {
    /// Returns what is true of an answer if the records of its request could not be written.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Registered { .. } => Self::TakenBack,
            Answer::Done
            | Answer::Fired(_)
            | Answer::Requested(_)
            | Answer::Signalled(_)
            | Answer::PackageAdded(_) => Self::Stands,
            Answer::ClassRegistered(_) | Answer::MayLeave(_) => Self::Unaffected,
        }
    }
}

impl Broker {
    /// Nothing new is promised until the store works again; what was lost is taken back.
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

    /// Takes a registration back, unless a later one of the task is on its way to the store: if that
    /// one fails too, what is stored is not what it replaced but what this one did.
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

    /// Registers a task as it was before; a run that began since goes on.
    fn stand_again(&mut self, now: Moment, key: TaskKey, former: Former, out: &mut Effects) {
        let task = &self.tasks[key];
        // A run that the replacement let begin decides by itself what is to be thought of the task.
        let strikes = if task.run().is_none() { former.strikes } else { task.health().strikes };
        let health = Health { strikes, ..task.health() };
        self.respecify(now, key, former.spec, former.due, out);
        self.set_health(now, key, health, out);
        self.limit_hold(key);
        self.run_or_wait(now, key, out);
    }
}
